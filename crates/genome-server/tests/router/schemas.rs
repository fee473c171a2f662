//! Each answer that is JSON is as its schema in `schemas/` has it.

use crate::service::Service;
use genome::mcp::ActionNames;
use genome_server::{AuthzenSettings, Projection};
use genome_test_support::printed::Schema;
use serde_json::{Value, json};

#[tokio::test]
async fn real_answers_are_as_their_schemas_have_them() {
    let entities = json!({"subject": {"type": "a", "id": "b"}, "resource": {"type": "c", "id": "d"}});
    let evaluation = |action: &str| {
        let mut whole = entities.clone();
        whole["action"] = json!({"name": action});
        whole
    };
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
    let settings = AuthzenSettings { projection: Projection::Coaz, public_url: Some("https://pdp.example".parse().unwrap()) };
    let names = ActionNames::OfServer("files".parse().unwrap());
    let published = Service::trusted().with_authzen(settings, false).with_action_names(names);
    for (service, name) in [(&quiet, "memory_search"), (&quiet, "memory_erase"), (&quiet, "x"), (&published, "x")] {
        let asked = async |path: &str, body: &Value| {
            service.ask("POST", path, &[("content-type", "application/json")], body.to_string()).await.json()
        };
        answers.push(("evaluation", asked("/access/v1/evaluation", &evaluation(name)).await));
        answers.push(("evaluations", asked("/access/v1/evaluations", &json!({"evaluations": [evaluation(name), 1]})).await));
        let mut search = evaluation(name);
        answers.push(("action-search", asked("/access/v1/search/action", &search).await));
        search["page"] = json!({"limit": 1});
        answers.push(("action-search", asked("/access/v1/search/action", &search).await));
    }
    answers.push(("authzen-configuration", published.get("/.well-known/authzen-configuration").await.json()));
    answers.push(("genome", published.get("/genome").await.json()));
    answers.push(("genome", Service::pinning(&["read".to_owned()]).get("/genome").await.json()));
    watching.point.leave();
    answers.push(("problem", watching.get("/ready").await.json()));
    for (name, answer) in answers {
        let may_be_absent: &[&str] = match name {
            "problem" => &["pointer", "line", "column"],
            "genome" => &["mcp_server", "public_url"],
            "evaluation" | "evaluations" => &["covered", "action", "cap_id", "risk_class", "code", "reasons", "error"],
            "action-search" => &["page"],
            _ => &[],
        };
        Schema::of(&format!("server-{name}")).assert_holds(&answer, may_be_absent);
    }
}
