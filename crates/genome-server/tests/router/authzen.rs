//! The AuthZEN endpoints. Each test, or each row of a table, has the number of the rule that it holds: R, L and S of the requirements.

mod answers;
mod boxcar;
mod differential;
mod limits;
mod metadata;
mod naive;
mod names;
mod projections;
mod requests;
mod search;
mod structural;

use crate::service::{Answer, Service, signed_with};
use genome::mcp::ActionNames;
use genome_server::{AuthzenSettings, Projection};
use serde_json::{Value, json};

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const SEARCH: &str = "/access/v1/search/action";
const METADATA: &str = "/.well-known/authzen-configuration";

const JSON: (&str, &str) = ("content-type", "application/json");

/// A genome that allows `memory_search`, `web/fetch` and `tools/list`, denies `memory_erase`, and names nothing else.
fn capabilities() -> Value {
    json!([
        {"cap_id": "CAP-WEB", "risk_class": "C", "allow_actions": ["web/fetch", "tools/list"], "deny_actions": []},
        {"cap_id": "CAP-MEMORY", "risk_class": "B", "allow_actions": ["memory_search"], "deny_actions": ["memory_erase"]},
    ])
}

fn service() -> Service {
    Service::of(&signed_with(&capabilities()))
}

fn under(projection: Projection, names: ActionNames, capabilities: &Value) -> Service {
    let settings = AuthzenSettings { projection, public_url: None };
    Service::of(&signed_with(capabilities)).with_authzen(settings, false).with_action_names(names)
}

fn of_server(name: &str) -> ActionNames {
    ActionNames::OfServer(name.parse().unwrap())
}

impl Service {
    /// Posts this as it is meant.
    async fn asked(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &[JSON], body.to_string()).await
    }

    /// The answer to one evaluation.
    async fn evaluated(&self, body: &Value) -> Value {
        let answer = self.asked(EVALUATION, body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        answer.json()
    }

    /// The answers to several.
    async fn evaluated_all(&self, body: &Value) -> Vec<Value> {
        let answer = self.asked(EVALUATIONS, body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        let answer = answer.json();
        assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["evaluations"], "{body}");
        answer["evaluations"].as_array().unwrap().clone()
    }
}

fn decisions(answers: &[Value]) -> Vec<bool> {
    answers.iter().map(|answer| answer["decision"].as_bool().unwrap()).collect()
}

fn subject() -> Value {
    json!({"type": "person", "id": "mira"})
}

fn resource() -> Value {
    json!({"type": "shelf", "id": "s-9"})
}

fn action(name: &str) -> Value {
    json!({"name": name})
}

/// A whole question, about an allowed action.
fn whole() -> Value {
    json!({"subject": subject(), "resource": resource(), "action": action("memory_search")})
}

/// The same, with other members, and without those that are `null` here.
fn with(members: Value) -> Value {
    let mut whole = whole();
    let object = whole.as_object_mut().unwrap();
    let Value::Object(members) = members else { unreachable!() };
    for (name, value) in members {
        if value.is_null() {
            object.remove(&name);
        } else {
            object.insert(name, value);
        }
    }
    whole
}

/// The lines of the metrics that count decisions.
async fn counted(service: &Service) -> Vec<String> {
    let text = service.get("/metrics").await.text;
    text.lines().filter(|line| line.starts_with("genome_decisions_total")).map(str::to_owned).collect()
}

/// How many denials were counted that no capability has decided.
async fn unnamed(service: &Service) -> usize {
    let lines = counted(service).await;
    let line = lines.iter().find_map(|line| line.strip_prefix("genome_decisions_total{cap_id=\"\",outcome=\"deny\"} "));
    line.unwrap().parse().unwrap()
}
