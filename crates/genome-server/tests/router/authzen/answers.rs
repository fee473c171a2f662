//! What an answer is: R15 to R23.

use super::{EVALUATION, EVALUATIONS, JSON, METADATA, SEARCH, action, resource, service, whole, with};
use crate::decisions::Pieces;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request};
use serde_json::{Value, json};

#[tokio::test]
async fn r15_r17_r18_an_answer_is_an_object_with_a_boolean_and_a_context() {
    let service = service();
    for name in ["memory_search", "web/fetch", "memory_erase", "nobody", "", "\u{202e}"] {
        let answer = service.asked(EVALUATION, &with(json!({"action": action(name)}))).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        let value = answer.json();
        assert!(value["decision"].is_boolean() && value["context"].is_object(), "{value}");
        assert!(!answer.text.contains("null") && !answer.text.contains('\u{202e}'), "{}", answer.text);
    }
}

#[tokio::test]
async fn each_answer_says_what_decided() {
    let service = service();
    let context = |name: &str, members: Value| {
        let mut context = json!({"scope": "ceiling", "projection": "action", "action": name, "genome_id": service.id});
        for (name, value) in members.as_object().unwrap() {
            context[name] = value.clone();
        }
        let reason = context["reason"].clone();
        context["reason_admin"] = json!({"en": reason});
        context
    };
    let denied = "GENOME_CAPABILITY_DENIED";
    for (name, decision, members) in [
        (
            "memory_search",
            true,
            json!({"cap_id": "CAP-MEMORY", "risk_class": "B", "reasons": ["CAP-MEMORY"], "reason": "`CAP-MEMORY` allows it, and no capability denies it"}),
        ),
        (
            "memory_erase",
            false,
            json!({"cap_id": "CAP-MEMORY", "risk_class": "B", "reasons": ["CAP-MEMORY"], "code": denied, "reason": "`CAP-MEMORY` denies it"}),
        ),
        ("nobody", false, json!({"code": denied, "reason": "no capability allows it"})),
    ] {
        let answer = service.evaluated(&with(json!({"action": action(name)}))).await;
        assert_eq!(answer, json!({"decision": decision, "context": context(name, members)}));
    }
}

#[tokio::test]
async fn r16_r19_only_200_decides() {
    let service = service();
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    let whole = whole().to_string();
    for (method, path, headers, body, status) in [
        ("POST", EVALUATION, &[JSON][..], "{", 400),
        ("POST", EVALUATION, &[][..], &whole, 400),
        ("POST", EVALUATION, &[JSON], &large, 413),
        ("GET", EVALUATION, &[], "", 405),
        ("PUT", EVALUATIONS, &[JSON], &whole, 405),
        ("HEAD", SEARCH, &[], "", 405),
        ("OPTIONS", SEARCH, &[], "", 405),
        ("POST", METADATA, &[JSON], &whole, 405),
        ("POST", "/access/v1/search/subject", &[JSON], &whole, 404),
        ("POST", "/access/v1/evaluation/", &[JSON], &whole, 404),
        ("POST", "/access/v2/evaluation", &[JSON], &whole, 404),
    ] {
        let answer = service.ask(method, path, headers, body.to_owned()).await;
        assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"), "{method} {path}");
        if method != "HEAD" {
            let problem = answer.json();
            assert!(problem.is_object() && problem.get("decision").is_none(), "{problem}");
            assert!(problem["detail"].is_string() && problem["hint"].is_string(), "{problem}");
        }
        let allow = if path == METADATA { "GET, HEAD" } else { "POST" };
        assert_eq!(answer.header("allow"), if status == 405 { allow } else { "" }, "{method} {path}");
    }
}

#[tokio::test]
async fn r20_r21_a_request_id_comes_back_as_it_was_sent() {
    let service = service().for_loopback();
    let large = "x".repeat(2 * 1024 * 1024);
    let cases = [
        ("POST", EVALUATION, "localhost", whole().to_string(), 200),
        ("POST", EVALUATIONS, "localhost", with(json!({"evaluations": [{}]})).to_string(), 200),
        ("POST", SEARCH, "localhost", whole().to_string(), 200),
        ("POST", EVALUATION, "localhost", "{".to_owned(), 400),
        ("POST", EVALUATIONS, "a b", String::new(), 400),
        ("GET", METADATA, "localhost", String::new(), 404),
        ("HEAD", METADATA, "localhost", String::new(), 404),
        ("POST", "/access/v1/search/resource", "localhost", String::new(), 404),
        ("GET", SEARCH, "localhost", String::new(), 405),
        ("POST", SEARCH, "localhost", large, 413),
        ("POST", EVALUATION, "example.com", whole().to_string(), 421),
    ];
    let sent: [&[&[u8]]; 5] = [&[], &[b"q-1"], &[b"two", b"one"], &[b"\xc3\xa9\xff \t\"x\""], &[b""]];
    for (method, path, host, body, status) in &cases {
        for ids in sent {
            let request = Request::builder().method(*method).uri(*path).header("host", *host).header(JSON.0, JSON.1);
            let request =
                ids.iter().fold(request, |request, id| request.header("X-Request-ID", HeaderValue::from_bytes(id).unwrap()));
            let answer = service.send(request, body.clone()).await;
            assert_eq!((answer.status, answer.all("x-request-id")), (*status, ids.to_vec()), "{method} {path} {host}");
        }
    }
    // It is a promise of these endpoints, and of no other.
    for path in ["/genome", "/nowhere"] {
        assert_eq!(service.ask("GET", path, &[("x-request-id", "q-1")], "").await.header("x-request-id"), "");
    }
}

#[tokio::test]
async fn r22_the_same_question_has_the_same_answer() {
    let service = service();
    let boxcar = with(json!({"evaluations": [{}, {"action": action("memory_erase")}, {"action": {}}, {"action": action("x")}]}));
    for (path, body) in [(EVALUATION, whole()), (EVALUATIONS, boxcar), (SEARCH, with(json!({"page": {"limit": 1}})))] {
        let first = service.asked(path, &body).await.text;
        for _ in 0..10 {
            assert_eq!(service.asked(path, &body).await.text, first);
        }
    }
}

#[tokio::test]
async fn r23_nothing_keeps_an_answer_or_takes_it_for_another_kind() {
    let service = service();
    for (path, body) in [(EVALUATION, whole()), (EVALUATIONS, whole()), (SEARCH, whole()), (EVALUATION, json!({}))] {
        let answer = service.asked(path, &body).await;
        assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), ("no-store", "nosniff"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

/// The name is repeated so that it can be read, and every character of it shows.
#[tokio::test]
async fn the_action_is_repeated_as_decisions_repeats_it() {
    let service = service();
    for name in ["a\u{202e}\u{0}é😀\"\\", "\u{200b}", "memory_se\u{200b}arch", "line\nfeed"] {
        let ours = service.asked(EVALUATION, &with(json!({"action": action(name)}))).await.text;
        let theirs = service.post(json!({"action": name}).to_string()).await.text;
        let quoted = theirs.strip_prefix("{\"action\":").unwrap().split(",\"decision\"").next().unwrap();
        assert!(ours.contains(&format!("\"action\":{quoted},")), "{ours} {quoted}");
    }
    let escaped = format!("{{\"subject\": {0}, \"resource\": {0}, \"action\": {{\"name\": \"memory\\u005fsearch\"}}}}", resource());
    assert_eq!(service.ask("POST", EVALUATION, &[JSON], escaped).await.json()["decision"], true);
}

#[tokio::test(start_paused = true)]
async fn r20_a_request_that_is_broken_off_has_its_id_too() {
    let body = Body::new(Pieces(vec![vec![b' '; 700_000].into(), vec![b' '; 700_000].into()]));
    let answer = service().ask("POST", EVALUATION, &[JSON, ("x-request-id", "q-1")], body).await;
    assert_eq!((answer.status, answer.header("x-request-id")), (413, "q-1"));
}

/// Where there is no room left for bodies, a client of AuthZEN is told when to ask again.
#[tokio::test]
async fn r16_r19_r20_a_server_without_room_for_the_body_does_not_decide() {
    let service = service();
    let held = service.hold_bodies().await;
    let in_pieces = |text: &str| Body::new(Pieces(text.as_bytes().rchunks(64).map(Bytes::copy_from_slice).collect()));
    for path in [EVALUATION, EVALUATIONS, SEARCH] {
        let answer = service.ask("POST", path, &[JSON, ("x-request-id", "q-1")], in_pieces(&whole().to_string())).await;
        assert_eq!((answer.status, answer.header("content-type")), (503, "application/problem+json"), "{path}");
        assert_eq!((answer.header("x-request-id"), answer.header("cache-control")), ("q-1", "no-store"), "{path}");
        let problem = answer.json();
        assert!(problem["detail"].is_string() && problem.get("decision").is_none(), "{problem}");
        assert_ne!(answer.header("retry-after"), "", "{path}");
    }
    held.let_go().await;
    assert_eq!(service.evaluated(&whole()).await["decision"], true);
}
