//! Each answer that is JSON is as its schema in `schemas/` has it.

use crate::service::Service;
use genome_test_support::printed::Schema;
use serde_json::{Value, json};

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
        let may_be_absent: &[&str] = if name == "problem" { &["pointer", "line", "column"] } else { &[] };
        Schema::of(&format!("server-{name}")).assert_holds(&answer, may_be_absent);
    }
}
