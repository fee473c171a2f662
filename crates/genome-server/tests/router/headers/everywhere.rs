//! What holds for every question by headers, whatever it asks: H1 to H3, H13 to H15, H21.

use super::{ALLOWED, CALL, DENIED, VERSION, plain};
use crate::decisions::Never;
use crate::service::{Service, signed_with};
use axum::body::Body;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "MCP"];

/// H1: neither method, path, query nor body are looked at, and no body is waited for.
#[tokio::test]
async fn h1_only_the_headers_are_looked_at() {
    let service = plain();
    for method in METHODS {
        for path in ["", "/", "/mcp/x?a=1&b=%2F", "/../x", "/%2e%2e/x", "//", "?a=memory_search", "/a//b/"] {
            for (headers, status) in [(ALLOWED, 200), (DENIED, 403)] {
                let path = format!("/authorize/mcp{path}");
                let answered = timeout(Duration::from_secs(20), service.ask(method, &path, &headers, Body::new(Never))).await;
                let answer = answered.unwrap_or_else(|_| panic!("{method} {path} waits for a body"));
                service.check(&answer, "mcp-headers");
                assert_eq!(answer.status, status, "{method} {path}");
            }
        }
    }
    for path in ["/authorize/mcpx", "/authorize/mcpx/mcp", "/authorize"] {
        assert_eq!(service.ask("GET", path, &ALLOWED, "").await.status, 404, "{path}");
    }
    // A length that never comes: nginx announces one.
    let announced = [ALLOWED[0], ALLOWED[1], ALLOWED[2], ("Content-Length", "99999999")];
    assert_eq!(service.authorized(&announced).await.status, 200);
}

/// H2: what is malformed is refused like what is denied, by every method.
#[tokio::test]
async fn h2_allowed_is_200_and_everything_else_403() {
    let service = plain();
    for method in METHODS {
        for (path, headers, status) in [
            ("/authorize/mcp", &ALLOWED[..], 200),
            ("/authorize/mcp", &DENIED, 403),
            ("/authorize/mcp", &[VERSION, CALL, ("Mcp-Name", "unheard_of")], 403),
            ("/authorize/mcp", &[VERSION, CALL, ("Mcp-Name", "=?base64?x?=")], 403),
            ("/authorize/mcp", &[VERSION, ("Mcp-Method", "no/method")], 403),
            ("/authorize/mcp", &[("Content-Type", "text/plain"), ("Accept", "image/png"), ("If-None-Match", "*")], 403),
            ("/authorize/action", &[("X-Genome-Action", "memory_search")], 200),
            ("/authorize/action", &[("X-Genome-Action", "memory_erase")], 403),
            ("/authorize/action", &[("X-Genome-Action", "")], 403),
            ("/authorize/action", &[], 403),
        ] {
            assert_eq!(service.ask(method, path, headers, "{").await.status, status, "{method} {path} {headers:?}");
        }
    }
}

/// H3: the headers are the same by every method, and HEAD has no body.
#[tokio::test]
async fn h3_every_answer_says_what_was_decided_by_which_genome() {
    let service = plain();
    let named = |name| [("X-Genome-Action", name)];
    let (allowed, denied) = (named("memory_search"), named("memory_erase"));
    for (path, projection, headers) in [
        ("/authorize/mcp", "mcp-headers", &ALLOWED[..]),
        ("/authorize/mcp/x", "mcp-headers", &DENIED),
        ("/authorize/mcp", "mcp-headers", &[]),
        ("/authorize/action", "action-header", &allowed),
        ("/authorize/action", "action-header", &denied),
        ("/authorize/action/x", "action-header", &[]),
    ] {
        for method in METHODS {
            let answer = service.ask(method, path, headers, "").await;
            service.check(&answer, projection);
            if method == "HEAD" {
                assert_eq!(answer.text, "", "{path} {headers:?}");
                continue;
            }
            let (body, decision) = (answer.json(), answer.header("x-genome-decision"));
            if answer.status == 200 {
                assert_eq!((body["decision"].as_str(), body["genome_id"].as_str()), (Some(decision), Some(&*service.id)));
            } else {
                assert_eq!(body["status"], 403, "{path} {headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn it_is_off_unless_it_is_asked_for() {
    let off = Service::of(&signed_with(&json!([]))).for_loopback();
    for (path, flag) in [("/authorize/mcp", "--authorize-mcp"), ("/authorize/action/x", "--authorize-action")] {
        let answer = off.ask("GET", path, &ALLOWED, "").await;
        assert_eq!(answer.status, 404);
        assert!(answer.json()["hint"].as_str().unwrap().contains(flag));
    }
    let described: Value = off.get("/openapi.json").await.json();
    assert!(described["paths"]["/authorize/mcp"].is_object());
}

/// H13: whatever else a client or a proxy says changes no answer, and is not repeated; but for `X-Request-ID`, as R20 has it.
#[tokio::test]
async fn h13_other_headers_are_not_looked_at() {
    let service = plain();
    let others = [
        ("Authorization", "Bearer s3cret"),
        ("Cookie", "session=s3cret"),
        ("Mcp-Param-Name", "s3cret"),
        ("Mcp-Session-Id", "s3cret"),
        ("X-Forwarded-For", "s3cret"),
        ("X-Forwarded-Host", "s3cret.example"),
        ("X-Forwarded-Method", "s3cret"),
        ("X-Forwarded-Uri", "/s3cret"),
        ("X-Original-Method", "s3cret"),
        ("X-Original-URL", "/s3cret"),
        ("X-Genome-Decision", "allow"),
        ("X-Genome-Action", "memory_search"),
    ];
    for headers in [ALLOWED, DENIED] {
        let (alone, beside) = (service.authorized(&headers).await, service.authorized(&[&headers[..], &others].concat()).await);
        assert_eq!((beside.status, &beside.headers, &beside.text), (alone.status, &alone.headers, &alone.text));
    }
    // What is denied stays denied, whatever such a header names.
    let forged = others.map(|(name, _)| (name, "memory_search"));
    assert_eq!(service.authorized(&[&DENIED[..], &forged].concat()).await.status, 403);
    for path in ["/", "/metrics", "/genome"] {
        assert!(!service.get(path).await.text.contains("s3cret"), "{path}");
    }
    // R20: byte by byte, both lines.
    let ids = [&DENIED[..], &[("X-Request-ID", "q-1"), ("X-Request-ID", "q 2")]].concat();
    assert_eq!(service.authorized(&ids).await.all("x-request-id"), [&b"q-1"[..], b"q 2"]);
}

/// H14: counted and shown like other decisions, without a capability where it is malformed.
#[tokio::test]
async fn h14_each_answer_is_counted() {
    let service = plain();
    for headers in [&ALLOWED[..], &DENIED, &DENIED, &[VERSION, CALL], &[VERSION, CALL], &[]] {
        service.authorized(headers).await;
    }
    service.ask("PUT", "/authorize/action/x", &[("X-Genome-Action", "memory_erase")], "").await;
    let metrics = service.get("/metrics").await.text;
    for (series, counted) in [
        ("genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"allow\"}", 1),
        ("genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"deny\"}", 3),
        ("genome_decisions_total{cap_id=\"\",outcome=\"deny\"}", 3),
        ("genome_http_request_duration_seconds_count{method=\"GET\",route=\"/authorize/mcp\",status=\"200\"}", 1),
        ("genome_http_request_duration_seconds_count{method=\"GET\",route=\"/authorize/mcp\",status=\"403\"}", 5),
        ("genome_http_request_duration_seconds_count{method=\"other\",route=\"/authorize/action\",status=\"403\"}", 1),
    ] {
        assert!(metrics.lines().any(|line| line == format!("{series} {counted}")), "{series} {counted}: {metrics}");
    }
    assert!(service.get("/").await.text.contains("memory_erase"), "a denial is shown to people");
}

/// H15: while the server ends.
#[tokio::test]
async fn h15_it_answers_to_the_end() {
    let service = plain();
    service.point.leave();
    assert_eq!(service.get("/ready").await.status, 503);
    for (headers, status) in [(ALLOWED, 200), (DENIED, 403)] {
        let answer = service.authorized(&headers).await;
        assert_eq!((answer.status, answer.header("connection")), (status, "close"));
    }
}

/// H21: the rule about hosts holds here too, and nothing is decided.
#[tokio::test]
async fn h21_a_page_of_another_name_gets_nothing() {
    let service = plain();
    for path in ["/authorize/mcp", "/authorize/mcp/x", "/authorize/action"] {
        let rebound = [&ALLOWED[..], &[("host", "evil.example"), ("X-Genome-Action", "memory_search")]].concat();
        let answer = service.ask("GET", path, &rebound, "").await;
        assert_eq!((answer.status, answer.header("x-genome-decision")), (421, ""), "{path}");
        assert!(!answer.text.contains(&service.id));
    }
    let metrics = service.get("/metrics").await.text;
    assert!(metrics.contains("genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"allow\"} 0\n"), "{metrics}");
}
