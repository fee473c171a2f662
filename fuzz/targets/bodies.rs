//! Bodies, queries and paths of requests to the server's router: each answer is JSON or a problem document, only what a strict reader
//! takes is decided, and the decision is that of a search through the capabilities.

#![no_main]

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Uri};
use genome_fuzz::point::point;
use genome_fuzz::strict;
use genome_server::limits::{MOST_ACTIONS, MOST_BODY_BYTES};
use genome_server::router;
use http_body_util::BodyExt as _;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

fuzz_target!(|bytes: &[u8]| ask(bytes));

/// What a query asks for is longer than most.
const MOST_QUERY_BYTES: usize = 200;

static CAPABILITIES: LazyLock<Value> = LazyLock::new(|| {
    json!([
        {"cap_id": "A", "risk_class": "A", "allow_actions": ["a", "b", "é", "\"\\<&>"], "deny_actions": ["x"]},
        {"cap_id": "B", "risk_class": "B", "allow_actions": ["b", "x", "c"], "deny_actions": ["a b"]},
        {"cap_id": "`C` allows it", "risk_class": "D", "allow_actions": ["memory_search"], "deny_actions": ["c", "\u{1f600}"]},
    ])
});

/// A server, without a listener.
struct Service {
    runtime: Runtime,
    router: Router,
    id: String,
}

impl Service {
    fn new() -> Self {
        let point = point(&CAPABILITIES);
        let id = point.active().genome().id().to_string();
        let runtime = Builder::new_current_thread().build().unwrap();
        Self { runtime, router: router(Arc::new(point)), id }
    }

    /// The status, the kind of text, and the text of an answer.
    fn answer(&self, request: Request<Body>) -> (u16, String, Bytes) {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let kind = parts.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
            (parts.status.as_u16(), kind, body.collect().await.unwrap().to_bytes())
        })
    }
}

thread_local! {
    static SERVICE: RefCell<Service> = RefCell::new(Service::new());
}

fn ask(bytes: &[u8]) {
    SERVICE.with_borrow(|service| {
        body(service, bytes);
        if bytes.len() <= MOST_QUERY_BYTES {
            query(service, bytes);
            path(service, bytes);
        }
    });
}

/// The bytes as a body that says that it is JSON.
fn body(service: &Service, bytes: &[u8]) {
    let request = Request::post("/decisions").header("host", "localhost").header("content-type", "application/json");
    let (status, kind, text) = service.answer(request.body(Body::from(bytes.to_vec())).unwrap());
    match asked(bytes) {
        Some(Asked::One(action)) => {
            assert_eq!((status, kind.as_str()), (200, "application/json"));
            assert_eq!(json(&text), decision(service, &action));
        }
        Some(Asked::Several(actions)) => {
            assert_eq!((status, kind.as_str()), (200, "application/json"));
            let expected: Vec<Value> = actions.iter().map(|action| decision(service, action)).collect();
            assert_eq!(json(&text), Value::from(expected));
        }
        None => assert_problem(if bytes.len() > MOST_BODY_BYTES { 413 } else { 400 }, status, &kind, &text),
    }
}

/// The bytes as the action of a query, in percent-encoding.
fn query(service: &Service, bytes: &[u8]) {
    let encoded = bytes.iter().map(|byte| format!("%{byte:02x}")).collect::<Vec<String>>().concat();
    let request = Request::get(format!("/decisions?action={encoded}")).header("host", "localhost");
    let (status, kind, text) = service.answer(request.body(Body::empty()).unwrap());
    match std::str::from_utf8(bytes) {
        Ok(action) => {
            assert_eq!((status, kind.as_str()), (200, "application/json"));
            assert_eq!(json(&text), decision(service, action));
        }
        Err(_) => assert_problem(400, status, &kind, &text),
    }
}

/// The bytes as a target, where they are one.
fn path(service: &Service, bytes: &[u8]) {
    let Ok(uri) = Uri::from_maybe_shared(Bytes::from([&b"/"[..], bytes].concat())) else { return };
    let is_page = uri.path() == "/";
    let (status, kind, text) = service.answer(Request::get(uri).header("host", "localhost").body(Body::empty()).unwrap());
    assert!([200, 400, 404].contains(&status), "{status}");
    if is_page {
        // A person reads there what is wrong with a question.
        assert_eq!(kind, "text/html; charset=utf-8");
    } else if status != 200 {
        assert_problem(status, status, &kind, &text);
    }
}

enum Asked {
    One(String),
    Several(Vec<String>),
}

/// What a body asks for, if it asks for anything.
fn asked(bytes: &[u8]) -> Option<Asked> {
    if bytes.len() > MOST_BODY_BYTES {
        return None;
    }
    let action = |value: &Value| match value {
        Value::Object(members) if members.len() == 1 => members.get("action")?.as_str().map(ToOwned::to_owned),
        _ => None,
    };
    match strict::read(bytes)? {
        Value::Array(items) if items.len() > MOST_ACTIONS => None,
        Value::Array(items) => Some(Asked::Several(items.iter().map(action).collect::<Option<_>>()?)),
        one => action(&one).map(Asked::One),
    }
}

/// The answer for an action, but for its words: deny wins, then the first capability in order.
fn decision(service: &Service, action: &str) -> Value {
    let capabilities = CAPABILITIES.as_array().unwrap();
    let by = |list: &str| {
        let names = |capability: &&Value| capability[list].as_array().unwrap().iter().any(|one| one == action);
        capabilities.iter().find(names)
    };
    let (decision, capability) = match (by("deny_actions"), by("allow_actions")) {
        (Some(capability), _) => ("deny", Some(capability)),
        (None, Some(capability)) => ("allow", Some(capability)),
        (None, None) => ("deny", None),
    };
    let of = |field: &str| capability.map_or(Value::Null, |capability| capability[field].clone());
    let code = if decision == "deny" { json!("GENOME_CAPABILITY_DENIED") } else { Value::Null };
    json!({
        "action": action, "decision": decision, "cap_id": of("cap_id"), "risk_class": of("risk_class"), "code": code,
        "genome_id": service.id,
    })
}

/// A decision, or several, without their words, which are not empty.
fn json(text: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(text).unwrap();
    let strip = |answer: &mut Value| {
        let reason = answer.as_object_mut().unwrap().remove("reason").unwrap();
        assert!(!reason.as_str().unwrap().is_empty());
    };
    match &mut value {
        Value::Array(answers) => answers.iter_mut().for_each(strip),
        one => strip(one),
    }
    value
}

/// RFC 9457, on one line and with nothing that does not show.
fn assert_problem(expected: u16, status: u16, kind: &str, text: &[u8]) {
    assert_eq!((status, kind), (expected, "application/problem+json"), "{}", text.escape_ascii());
    let problem: Value = serde_json::from_slice(text).unwrap();
    assert_eq!(problem["status"], status);
    for field in ["title", "detail", "hint"] {
        let shown = problem[field].as_str().unwrap();
        assert!(!shown.is_empty() && !shown.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{shown:?}");
    }
}
