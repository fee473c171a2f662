//! The limits, L1 to L7. Those of heads (L5) belong to the listener, where they are tested.

use super::{
    EVALUATION, EVALUATIONS, JSON, SEARCH, action, counted, decisions, resource, service, subject, under, unnamed, whole, with,
};
use crate::decisions::Never;
use axum::body::Body;
use genome::mcp::ActionNames;
use genome_server::Projection;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ENDPOINTS: [&str; 3] = [EVALUATION, EVALUATIONS, SEARCH];

#[tokio::test]
async fn l1_a_body_has_a_largest_size() {
    let service = service();
    let filled = |length: usize| {
        let body = with(json!({"context": {"a": ""}})).to_string();
        body.replace("\"a\":\"\"", &format!("\"a\":\"{}\"", "x".repeat(length - body.len())))
    };
    for path in ENDPOINTS {
        assert_eq!(service.ask("POST", path, &[JSON], filled(1024 * 1024)).await.status, 200, "{path}");
        let answer = service.ask("POST", path, &[JSON], filled(1024 * 1024 + 1)).await;
        assert_eq!((answer.status, answer.header("connection")), (413, "close"), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn l2_a_body_that_does_not_come_is_not_waited_for() {
    for path in ENDPOINTS {
        let answer = service().ask("POST", path, &[JSON, ("x-request-id", "q-1")], Body::new(Never)).await;
        assert_eq!((answer.status, answer.header("x-request-id")), (408, "q-1"), "{path}");
    }
}

#[tokio::test]
async fn l3_a_body_has_a_largest_depth() {
    let service = service();
    // Two levels are those of the body and of the context.
    for (depth, status) in [(62, 200), (63, 400), (400_000, 400)] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let body = with(json!({"context": {"a": 0}})).to_string().replace("\"a\":0", &format!("\"a\":{deep}"));
        for path in ENDPOINTS {
            assert_eq!(service.ask("POST", path, &[JSON], body.clone()).await.status, status, "{path} {depth}");
        }
    }
}

#[tokio::test]
async fn l4_there_is_a_largest_number_of_items() {
    let service = service();
    let before = counted(&service).await;
    let answer = service.asked(EVALUATIONS, &with(json!({"evaluations": vec![json!({}); 10_001]}))).await;
    assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!("/evaluations")));
    assert_eq!(counted(&service).await, before, "none was decided");
    let answers = service.evaluated_all(&with(json!({"evaluations": vec![json!({}); 10_000]}))).await;
    assert!(answers.len() == 10_000 && decisions(&answers).iter().all(|decision| *decision));
}

/// A default of 900 kB, with 10,000 items that take it or a part of it.
#[tokio::test]
async fn l6_what_many_items_inherit_is_read_and_decided_once() {
    let long = "\u{1}".repeat(900_000 / 6);
    let bodies: Vec<(Value, Value)> = vec![
        (json!({"action": action(&long)}), json!({})),
        (json!({"action": action(&long[..100_000])}), json!({"resource": {"type": "", "id": ""}})),
        (json!({"resource": {"type": "tool", "id": &long[..60_000]}}), json!({"action": {"name": "tools/call"}})),
        (json!({"resource": {"type": "mcp_tool", "id": "/".repeat(500_000)}}), json!({"action": {"name": "tool_call.execute"}})),
        (
            json!({"action": {"name": "x".repeat(300_000), "properties": {"operation_ref_id": format!("op:tool:{}", "x".repeat(300_000))}}}),
            json!({"resource": {"type": "", "id": ""}}),
        ),
        (json!({"context": {"a": &long}}), json!({})),
        (
            json!({"action": {"name": "x", "properties": (0..40_000).map(|at| (at.to_string(), json!(0))).collect::<serde_json::Map<_, _>>()}}),
            json!({}),
        ),
        // It is missing for each of them.
        (json!({"action": null}), json!({})),
    ];
    for projection in Projection::ALL {
        let service = under(projection, ActionNames::Plain, &super::capabilities());
        for (members, item) in &bodies {
            let mut body = with(members.clone());
            body["evaluations"] = vec![item.clone(); 10_000].into();
            let text = body.to_string();
            assert!(text.len() <= 1024 * 1024, "{}", text.len());
            let start = Instant::now();
            let answer = service.ask("POST", EVALUATIONS, &[JSON], text).await;
            let took = start.elapsed();
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert!(answer.text.len() < 10 * 1024 * 1024, "{projection}: {} bytes", answer.text.len());
            // With room for a machine that does much else, and for code that is not optimised.
            assert!(took < Duration::from_secs(5), "{projection}: {took:?}");
        }
    }
}

#[tokio::test]
async fn l6_a_long_name_is_not_repeated_and_a_message_is_short() {
    let service = service();
    for (name, is_repeated) in [
        ("x".repeat(256), true),
        ("x".repeat(257), false),
        ("é".repeat(128), true),
        ("é".repeat(129), false),
        // As they are written: `\u0001`.
        ("\u{1}".repeat(42), true),
        ("\u{1}".repeat(43), false),
        ("x".repeat(900_000), false),
    ] {
        let answer = service.asked(EVALUATION, &with(json!({"action": action(&name)}))).await;
        assert!(answer.status == 200 && answer.text.len() < 2000, "{} bytes", answer.text.len());
        let value = answer.json();
        assert_eq!(value["context"].get("action").is_some(), is_repeated, "{value}");
        assert_eq!(value["decision"], false);
    }
    let long = "\u{202e}".repeat(100_000);
    for body in [
        with(json!({"options": {"evaluations_semantic": long}, "evaluations": [{}]})),
        with(json!({"evaluations": [{"action": long}]})),
        with(json!({"evaluations": [long]})),
    ] {
        assert!(service.asked(EVALUATIONS, &body).await.text.len() < 2000);
    }
    assert!(service.get("/").await.text.len() < 40_000, "nor do recent denials repeat it");
}

#[tokio::test]
async fn l7_each_answer_is_counted_and_each_route_is_a_label() {
    let service = under(Projection::Coaz, ActionNames::Plain, &super::capabilities());
    let tool = |id: &str| json!({"type": "tool", "id": id});
    let call = json!({"name": "tools/call"});
    let items = json!([
        {"resource": tool("memory_search")},
        {"resource": tool("memory_search")},
        {"resource": tool("memory_erase")},
        // Named by nobody, not covered, and not to be read.
        {"resource": tool("strange")},
        {"resource": tool("")},
        {"resource": 1},
    ]);
    let body = json!({"subject": subject(), "action": call, "evaluations": items});
    assert_eq!(decisions(&service.evaluated_all(&body).await), [true, true, false, false, false, false]);
    let mut lines = counted(&service).await;
    lines.sort();
    let expected = [
        "genome_decisions_total{cap_id=\"\",outcome=\"deny\"} 3",
        "genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"allow\"} 2",
        "genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"deny\"} 1",
        "genome_decisions_total{cap_id=\"CAP-WEB\",outcome=\"allow\"} 0",
    ];
    assert_eq!(lines, expected);
    let page = service.get("/").await.text;
    for shown in ["memory_erase", "strange", "tools/call", "not covered", "question cannot be read"] {
        assert!(page.contains(shown), "recent denials: {shown}");
    }
    service.asked(EVALUATION, &json!({"subject": subject(), "action": call, "resource": tool("memory_search")})).await;
    service.asked(EVALUATION, &json!({})).await;
    service.asked(SEARCH, &whole()).await;
    service.asked("/access/v1/search/subject", &whole()).await;
    let text = service.get("/metrics").await.text;
    for (route, status) in [(EVALUATIONS, 200), (EVALUATION, 200), (EVALUATION, 400), (SEARCH, 200), ("", 404)] {
        let labels = format!("{{method=\"POST\",route=\"{route}\",status=\"{status}\"}} 1\n");
        assert!(text.contains(&format!("genome_http_request_duration_seconds_count{labels}")), "{labels}");
    }
    assert!(!text.contains("strange") && !text.contains("search/subject"));
    let before = unnamed(&service).await;
    service.asked(EVALUATION, &json!({"subject": subject(), "action": call, "resource": resource()})).await;
    assert_eq!(unnamed(&service).await, before + 1);
}
