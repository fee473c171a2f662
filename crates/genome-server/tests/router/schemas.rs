//! Each answer that is JSON is as its schema in `schemas/` has it.

use crate::service::Service;
use serde_json::{Value, json};
use std::fs;

fn schema(name: &str) -> Value {
    let path = format!("{}/../../schemas/server-{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn faults(name: &str, answer: &Value) -> Vec<String> {
    jsonschema::validator_for(&schema(name)).unwrap().iter_errors(answer).map(|fault| fault.to_string()).collect()
}

#[tokio::test]
async fn real_answers_are_as_their_schemas_have_them() {
    let (quiet, warning) = (Service::trusted(), Service::new().warning());
    let directory = tempfile::tempdir().unwrap();
    let watching = Service::new().watching(directory.path().join("genome.json"));
    let many = json!([{"action": "memory_search"}, {"action": "memory_erase"}, {"action": "é"}]).to_string();
    let decisions = quiet.post(many).await.json();
    let mut answers: Vec<(&str, Value)> = decisions.as_array().unwrap().iter().map(|answer| ("decision", answer.clone())).collect();
    for service in [&quiet, &warning, &watching] {
        answers.push(("genome", service.get("/genome").await.json()));
        answers.push(("health", service.get("/health").await.json()));
        answers.push(("ready", service.get("/ready").await.json()));
        answers.push(("decision", service.get("/decisions?action=unknown").await.json()));
        answers.push(("problem", service.get("/nowhere").await.json()));
        answers.push(("problem", service.post("{").await.json()));
        answers.push(("problem", service.post("{\"action\": 1}").await.json()));
    }
    watching.point.leave();
    answers.push(("problem", watching.get("/ready").await.json()));
    for (name, answer) in answers {
        assert_eq!(faults(name, &answer), [""; 0], "{name}: {answer}");
        // A schema that takes anything holds nothing.
        for member in answer.as_object().unwrap().keys() {
            let mut other = answer.clone();
            other[member] = json!({"more": 1});
            assert_ne!(faults(name, &other), [""; 0], "{name}: {member}");
            let mut less = answer.clone();
            less.as_object_mut().unwrap().remove(member);
            let may_be_absent = name == "problem" && ["pointer", "line", "column"].contains(&member.as_str());
            assert_eq!(faults(name, &less).is_empty(), may_be_absent, "{name}: {member}");
        }
        let mut more = answer;
        more["more"] = json!(1);
        assert_ne!(faults(name, &more), [""; 0], "{name}");
    }
}
