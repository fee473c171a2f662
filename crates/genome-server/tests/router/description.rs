//! `openapi.json` is kept true: each route and each answer of the router is described, and nothing else is.

use crate::decisions::Pieces;
use crate::service::{DOCUMENT, Service};
use axum::body::Body;
use genome::mcp::ActionNames;
use genome_server::{AuthzenSettings, HeaderAuthorization, Projection};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Method, path, headers, and body.
type Question<'q> = (&'q str, &'q str, &'q [(&'q str, &'q str)], &'q str);

/// Of a page that has made a browser take our address for its own.
const FOREIGN: &[(&str, &str)] = &[("host", "example.com")];

/// Nobody knows which of them is meant.
const HOSTS: &[(&str, &str)] = &[("host", "localhost"), ("host", "localhost")];

/// Not a body: the server is told to end before.
const LEAVING: &str = "leaving";

/// Not a body: others hold all that there is room for.
const HELD: &str = "held";

/// The value at a reference within the description, or the value itself.
fn followed<'d>(description: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => description.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "most of it is the table of questions")]
async fn each_answer_is_as_it_is_described() {
    let headers = HeaderAuthorization { mcp: true, action: true };
    let service = Service::trusted().for_loopback().with_header_authorization(headers);
    let description = service.get("/openapi.json").await.json();
    let mut seen = BTreeSet::new();
    let large = "x".repeat(2 * 1024 * 1024);
    let many = json!([{"action": "memory_search"}, {"action": "memory_erase"}, {"action": "é"}]).to_string();
    let tag = service.get("/genome").await.header("etag").to_owned();
    let document_tag = service.get(DOCUMENT).await.header("etag").to_owned();
    let as_json = ("content-type", "application/json");
    let request_id = ("x-request-id", "q-1");
    let headers = [as_json, request_id];
    let of_authzen = bodies_of_authzen();
    let of_authzen = of_authzen.iter().flat_map(|(path, bodies)| {
        let bodies = bodies.iter().map(String::as_str).chain(["{}", "{", &large, HELD]);
        bodies.map(|body| ("POST", *path, &headers[..], body))
    });
    let mcp = ("mcp-protocol-version", "2026-07-28");
    let questions: [Question<'_>; 33] = [
        ("GET", "/authorize/mcp", &[request_id, mcp, ("mcp-method", "tools/call"), ("mcp-name", "memory_search")], ""),
        ("GET", "/authorize/mcp", &[request_id], ""),
        ("GET", "/authorize/action", &[request_id, ("x-genome-action", "memory_search")], ""),
        ("GET", "/authorize/action", &[request_id], ""),
        ("GET", "/", &[], ""),
        ("GET", "/?action=memory_search", &[], ""),
        ("GET", "/?action=%ff", &[], ""),
        ("GET", "/page.css", &[], ""),
        ("GET", "/page.js", &[], ""),
        ("GET", "/page.live", &[], ""),
        ("GET", "/genome", &[], ""),
        ("GET", "/genome", &[("if-none-match", &tag)], ""),
        ("GET", DOCUMENT, &[], ""),
        ("GET", DOCUMENT, &[("if-none-match", &document_tag)], ""),
        ("GET", "/decisions?action=memory_search", &[], ""),
        ("GET", "/decisions?action=memory_erase", &[], ""),
        ("GET", "/decisions?action=unknown", &[], ""),
        ("GET", "/decisions", &[], ""),
        ("POST", "/decisions", &[as_json], "{\"action\": \"memory_search\"}"),
        ("POST", "/decisions", &[as_json], "{\"action\": \"unknown\"}"),
        ("POST", "/decisions", &[as_json], &many),
        ("POST", "/decisions", &[as_json], "[]"),
        ("POST", "/decisions", &[as_json], "{\"action\": 1}"),
        ("POST", "/decisions", &[as_json], "{"),
        ("POST", "/decisions", &[], "{\"action\": \"memory_search\"}"),
        ("POST", "/decisions", &[as_json], &large),
        ("POST", "/decisions", &[as_json], HELD),
        ("GET", "/health", &[], ""),
        ("GET", "/ready", &[], ""),
        ("GET", "/metrics", &[], ""),
        ("GET", "/openapi.json", &[], ""),
        ("GET", "/.well-known/authzen-configuration", &[request_id], ""),
        ("GET", "/ready", &[], LEAVING),
    ];
    let paths = description["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().keys().map(|method| (if method == "get" { "GET" } else { "POST" }, path.as_str()))
    });
    let others = methods.flat_map(|(method, path)| [FOREIGN, HOSTS].map(|headers| (method, path, headers, "")));
    for (method, path, headers, body) in of_authzen.chain(questions).chain(others) {
        if body == LEAVING {
            service.point.leave();
        }
        let held = if body == HELD { Some(service.hold_bodies().await) } else { None };
        // As it is sent in pieces, it has to be held too.
        let sent = if body == HELD { Body::new(Pieces(vec!["x".repeat(1024).into()])) } else { Body::from(body.to_owned()) };
        let answer = service.ask(method, path, headers, sent).await;
        if let Some(held) = held {
            held.let_go().await;
        }
        let route = path.split('?').next().unwrap();
        let status = answer.status.to_string();
        let described = &description["paths"][route][method.to_lowercase()]["responses"][&status];
        let described = followed(&description, described);
        assert!(described.is_object(), "{method} {path} is not described with status {status}");
        for name in described["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
            assert!(!answer.header(name).is_empty(), "{method} {path}: there is no {name}");
        }
        match described["content"].as_object() {
            None => assert_eq!(answer.text, "", "{method} {path}: a body is not described"),
            Some(content) => {
                let kind = answer.header("content-type").split(';').next().unwrap();
                assert!(content.contains_key(kind), "{method} {path}: {kind} is not described");
                if let Some(schema) = content[kind].get("schema") {
                    assert_eq!(faults(&description, schema, &answer.json()), [""; 0], "{method} {path}");
                }
            }
        }
        seen.insert((route.to_owned(), method.to_lowercase(), status));
    }
    // Tests of their own have these: they make the clock go faster, and give the server a public address.
    for path in ["/decisions", "/access/v1/evaluation", "/access/v1/evaluations", "/access/v1/search/action"] {
        seen.insert((path.to_owned(), "post".to_owned(), "408".to_owned()));
    }
    seen.insert(("/.well-known/authzen-configuration".to_owned(), "get".to_owned(), "200".to_owned()));
    // And one has them off.
    for path in ["/authorize/mcp", "/authorize/action"] {
        seen.insert((path.to_owned(), "get".to_owned(), "404".to_owned()));
    }
    let mut described = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            described.extend(responses.keys().map(|status| (path.clone(), method.clone(), status.clone())));
        }
    }
    assert_eq!(described, seen);
}

/// Bodies that the endpoints of AuthZEN answer.
fn bodies_of_authzen() -> [(&'static str, Vec<String>); 3] {
    let entities = json!({"subject": {"type": "a", "id": "b"}, "resource": {"type": "c", "id": "d"}});
    let with = |name: &str, value: Value| {
        let mut whole = entities.clone();
        whole[name] = value;
        whole
    };
    let [allowed, denied, unknown] = ["memory_search", "memory_erase", "é"].map(|action| with("action", json!({"name": action})));
    let several = with("evaluations", json!([allowed, denied, unknown, {}, 1]));
    let page = with("page", json!({"limit": 1}));
    let texts = |bodies: &[&Value]| bodies.iter().map(ToString::to_string).collect();
    [
        ("/access/v1/evaluation", texts(&[&allowed, &denied, &unknown])),
        ("/access/v1/evaluations", texts(&[&allowed, &several])),
        ("/access/v1/search/action", texts(&[&entities, &page])),
    ]
}

/// How a value differs from a schema of the description.
fn faults(description: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut schema = schema.clone();
    schema["components"] = description["components"].clone();
    jsonschema::validator_for(&schema).unwrap().iter_errors(value).map(|fault| fault.to_string()).collect()
}

#[tokio::test]
async fn a_genome_with_something_to_warn_of_is_described_too() {
    let service = Service::new().warning();
    let description = service.get("/openapi.json").await.json();
    let schema = json!({"$ref": "#/components/schemas/Genome"});
    let mut genome = service.get("/genome").await.json();
    assert_eq!(genome["warnings"].as_array().unwrap().len(), 2, "{genome}");
    assert_eq!(faults(&description, &schema, &genome), [""; 0]);
    genome["warnings"][0]["more"] = json!(1);
    assert_ne!(faults(&description, &schema, &genome), [""; 0]);
}

#[tokio::test]
async fn what_a_public_address_and_a_projection_add_is_described_too() {
    let settings = AuthzenSettings { projection: Projection::Coaz, public_url: Some("https://pdp.example".parse().unwrap()) };
    let names = ActionNames::OfServer("files".parse().unwrap());
    let service = Service::trusted().with_authzen(settings, false).with_action_names(names);
    let description = service.get("/openapi.json").await.json();
    let evaluation =
        json!({"subject": {"type": "", "id": ""}, "resource": {"type": "", "id": ""}, "action": {"name": "x"}}).to_string();
    let uncovered = service.ask("POST", "/access/v1/evaluation", &[("content-type", "application/json")], evaluation).await.json();
    for (name, answer) in [
        ("AuthzenConfiguration", service.get("/.well-known/authzen-configuration").await.json()),
        ("Genome", service.get("/genome").await.json()),
        ("Evaluation", uncovered),
    ] {
        assert_eq!(faults(&description, &json!({"$ref": format!("#/components/schemas/{name}")}), &answer), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn it_is_about_this_version_and_every_reference_leads_somewhere() {
    fn references<'d>(value: &'d Value, found: &mut Vec<&'d str>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            _ => {}
        }
    }
    let description = Service::new().get("/openapi.json").await.json();
    assert_eq!((&description["openapi"], &description["info"]["version"]), (&"3.1.0".into(), &env!("CARGO_PKG_VERSION").into()));
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        assert!(description.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}
