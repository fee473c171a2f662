//! Authorization by headers. Each test, or each row of a table, has the number of the rule that it holds: H of the requirements. What only proxies
//! and clients of others show (H16 to H19, H22, H23) is in `tests/server/proxies.rs` and `tests/server/sockets.rs`.

use crate::service::{Answer, Service, signed_with};
use genome::mcp::ActionNames;
use genome_server::HeaderAuthorization;
use serde_json::{Value, json};

const VERSION: (&str, &str) = ("MCP-Protocol-Version", "2026-07-28");
const CALL: (&str, &str) = ("Mcp-Method", "tools/call");

fn service(names: ActionNames, allowed: &[&str]) -> Service {
    let capabilities = json!([
        {"cap_id": "CAP-MEMORY", "risk_class": "B", "allow_actions": allowed, "deny_actions": ["memory_erase"]},
    ]);
    let headers = HeaderAuthorization { mcp: true, action: true };
    let service = Service::of(&signed_with(&capabilities)).for_loopback();
    service.with_action_names(names).with_header_authorization(headers)
}

fn plain() -> Service {
    service(ActionNames::Plain, &["memory_search", "tools/list", "resources/read", "a,b", "é", "=?BASE64?YQ==?="])
}

impl Service {
    /// The answer to headers at the path for MCP, whose form is checked.
    async fn authorized(&self, headers: &[(&str, &str)]) -> Answer {
        let answer = self.ask("GET", "/authorize/mcp", headers, "").await;
        self.check(&answer, "mcp-headers");
        answer
    }

    /// H2 and H3: 200 or 403, and what every answer has.
    fn check(&self, answer: &Answer, projection: &str) {
        assert!([200, 403].contains(&answer.status), "{}: {}", answer.status, answer.text);
        let (decision, code, kind) = match answer.status {
            200 => ("allow", "", "application/json"),
            _ => ("deny", "GENOME_CAPABILITY_DENIED", "application/problem+json"),
        };
        let headers = ["x-genome-decision", "x-genome-code", "content-type", "x-genome-id", "x-genome-projection", "cache-control"];
        assert_eq!(headers.map(|name| answer.header(name)), [decision, code, kind, &self.id, projection, "no-store"]);
        assert!(answer.json().is_object());
    }
}

/// H4 to H10: what names an action, and what names none.
#[tokio::test]
async fn h4_to_h10_each_header_has_one_meaning() {
    let service = plain();
    let name = |value| [VERSION, CALL, ("Mcp-Name", value)];
    for (rule, headers) in [
        ("H10", &name("memory_search")[..]),
        (
            "H5, names of headers have no case",
            &[("mcp-protocol-version", "2026-07-28"), ("MCP-METHOD", "tools/call"), ("mcp-name", "memory_search")],
        ),
        ("H6, not looked at", &[VERSION, ("Mcp-Method", "tools/list"), ("Mcp-Name", "a"), ("Mcp-Name", "b")]),
        ("H6", &[VERSION, ("Mcp-Method", "resources/read"), ("Mcp-Name", "file:///a")]),
        ("H7", &name("=?base64?bWVtb3J5X3NlYXJjaA==?=")),
        ("H7, no mark", &name("=?BASE64?YQ==?=")),
        ("H8, a comma", &name("=?base64?YSxi?=")),
        ("H8, not ASCII", &name("=?base64?w6k=?=")),
        (
            "H13",
            &[
                VERSION,
                CALL,
                ("Mcp-Name", "memory_search"),
                ("Authorization", "Bearer x"),
                ("Mcp-Param-A", "memory_erase"),
                ("X-Original-URL", "/x"),
            ],
        ),
    ] {
        assert_eq!(service.authorized(headers).await.status, 200, "{rule}: {headers:?}");
    }
    for (rule, headers) in [
        ("H4, none", &[CALL, ("Mcp-Name", "memory_search")][..]),
        ("H4, older", &[("MCP-Protocol-Version", "2025-11-25"), CALL, ("Mcp-Name", "memory_search")]),
        ("H4, newer", &[("MCP-Protocol-Version", "2027-01-01"), CALL, ("Mcp-Name", "memory_search")]),
        ("H4, doubled", &[VERSION, VERSION, CALL, ("Mcp-Name", "memory_search")]),
        ("H4, joined", &[("MCP-Protocol-Version", "2026-07-28,2026-07-28"), CALL, ("Mcp-Name", "memory_search")]),
        ("H5, none", &[VERSION, ("Mcp-Name", "memory_search")]),
        ("H5, case", &[VERSION, ("Mcp-Method", "Tools/call"), ("Mcp-Name", "memory_search")]),
        ("H5, doubled", &[VERSION, CALL, CALL, ("Mcp-Name", "memory_search")]),
        ("H5, a notification", &[VERSION, ("Mcp-Method", "notifications/cancelled")]),
        ("H5, initialize", &[VERSION, ("Mcp-Method", "initialize")]),
        ("H5, an extension", &[VERSION, ("Mcp-Method", "tasks/get")]),
        ("H6, none", &[VERSION, CALL]),
        ("H6, none for a resource", &[VERSION, ("Mcp-Method", "resources/read")]),
        ("H6, empty", &name("")),
        ("H6, empty after decoding", &name("=?base64??=")),
        ("H7", &name("=?base64?bWVtb3J5X3NlYXJjaA?=")),
        ("H8, a comma", &name("a,b")),
        ("H9", &name("=?base64?YQ==?=,=?base64?Yg==?=")),
        ("H10, a method", &name("tools/list")),
        ("H10, a method that is not asked about", &name("ping")),
        ("H10, not folded", &name("Memory_Search")),
        ("H12", &[VERSION, CALL, ("Mcp-Name", "memory_search"), ("Mcp-Name", "memory_search")]),
        ("H12, another header", &[VERSION, CALL, ("Mcp_Name", "memory_search")]),
        ("the ceiling, denied", &name("memory_erase")),
        ("the ceiling, unknown", &name("unheard_of")),
        ("the ceiling, a method", &[VERSION, ("Mcp-Method", "server/discover")]),
        ("H17", &[]),
    ] {
        assert_eq!(service.authorized(headers).await.status, 403, "{rule}: {headers:?}");
    }
    // H8: what is not ASCII, or has control characters, as the bytes that they are.
    for value in [&b"\xc3\xa9"[..], b"\xff", b"a\tb"] {
        let request = axum::http::Request::get("/authorize/mcp")
            .header("host", "localhost")
            .header(VERSION.0, VERSION.1)
            .header(CALL.0, CALL.1);
        let answer = service.send(request.header("mcp-name", value), "").await;
        service.check(&answer, "mcp-headers");
        assert_eq!(answer.status, 403);
    }
}

/// DESIGN section 11: under the name of a server no tool has the name of a method.
#[tokio::test]
async fn the_names_are_those_of_every_door() {
    let names = ActionNames::OfServer("files".parse().unwrap());
    let service = service(names, &["files/read", "files:tools/list", "files/tools/list", "read"]);
    for (method, name, status) in [
        ("tools/call", "read", 200),
        ("tools/call", "tools/list", 200),
        ("tools/call", "files/read", 403),
        ("tools/list", "", 200),
        ("server/discover", "", 403),
    ] {
        let mut headers = vec![VERSION, ("Mcp-Method", method)];
        if !name.is_empty() {
            headers.push(("Mcp-Name", name));
        }
        assert_eq!(service.authorized(&headers).await.status, status, "{method} {name}");
    }
    let allowed = service.authorized(&[VERSION, CALL, ("Mcp-Name", "read")]).await.json();
    assert_eq!((&allowed["action"], &allowed["decision"]), (&json!("files/read"), &json!("allow")));
}

/// H1: neither method, path, query nor body are looked at.
#[tokio::test]
async fn h1_only_the_headers_are_looked_at() {
    let service = plain();
    let (yes, no) = ([VERSION, CALL, ("Mcp-Name", "memory_search")], [VERSION, CALL, ("Mcp-Name", "memory_erase")]);
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "MCP"] {
        for path in ["", "/", "/mcp/x?a=1&b=%2F", "/../x", "/%2e%2e/x", "//", "?a=memory_search", "/a//b/"] {
            for (headers, status) in [(yes, 200), (no, 403)] {
                let answer = service.ask(method, &format!("/authorize/mcp{path}"), &headers, "{").await;
                assert_eq!(answer.status, status, "{method} {path}");
            }
        }
    }
    assert_eq!(service.ask("GET", "/authorize/mcpx", &yes, "").await.status, 404);
    assert_eq!(service.ask("GET", "/authorize", &yes, "").await.status, 404);
    // A length that never comes: nginx announces one.
    let announced = [VERSION, CALL, ("Mcp-Name", "memory_search"), ("Content-Length", "99999999")];
    assert_eq!(service.authorized(&announced).await.status, 200);
}

/// The action that a proxy names.
#[tokio::test]
async fn an_action_is_named_by_one_header() {
    let service = plain();
    for (values, status) in [
        (&["memory_search"][..], 200),
        (&["=?base64?YSxi?="], 200),
        // It is no name of MCP.
        (&["tools/list"], 200),
        (&["memory_erase"], 403),
        (&["memory_search", "memory_search"], 403),
        (&["a,b"], 403),
        (&[""], 403),
        (&[], 403),
    ] {
        let headers: Vec<_> = values.iter().map(|value| ("X-Genome-Action", *value)).collect();
        for path in ["/authorize/action", "/authorize/action/below"] {
            let answer = service.ask("POST", path, &headers, "").await;
            service.check(&answer, "action-header");
            assert_eq!(answer.status, status, "{values:?}");
        }
    }
}

/// Off unless asked for, H13, H14, H15, H20, H21.
#[tokio::test]
async fn what_holds_for_every_endpoint_holds_here() {
    let yes = [VERSION, CALL, ("Mcp-Name", "memory_search")];
    let off = Service::of(&signed_with(&json!([]))).for_loopback();
    for (path, flag) in [("/authorize/mcp", "--authorize-mcp"), ("/authorize/action/x", "--authorize-action")] {
        let answer = off.ask("GET", path, &yes, "").await;
        assert_eq!(answer.status, 404);
        assert!(answer.json()["hint"].as_str().unwrap().contains(flag));
    }
    let service = plain();
    let foreign = [VERSION, CALL, ("Mcp-Name", "memory_search"), ("host", "evil.example")];
    assert_eq!(service.ask("GET", "/authorize/mcp", &foreign, "").await.status, 421);
    // R20, byte by byte, both lines.
    let ids = [VERSION, CALL, ("Mcp-Name", "memory_erase"), ("X-Request-ID", "q-1"), ("X-Request-ID", "q 2")];
    assert_eq!(service.authorized(&ids).await.all("x-request-id"), [&b"q-1"[..], b"q 2"]);
    service.authorized(&yes).await;
    service.authorized(&[VERSION, CALL]).await;
    let metrics = service.get("/metrics").await.text;
    let count = |labels: &str| metrics.lines().find_map(|line| line.strip_prefix(labels)).map(|rest| rest.trim().to_owned());
    for (labels, counted) in [
        ("genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"allow\"}", "1"),
        ("genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"deny\"}", "1"),
        ("genome_decisions_total{cap_id=\"\",outcome=\"deny\"}", "1"),
    ] {
        assert_eq!(count(labels).as_deref(), Some(counted), "{metrics}");
    }
    assert!(metrics.contains("/authorize/mcp"), "{metrics}");
    let page = service.get("/").await.text;
    assert!(page.contains("memory_erase"));
    service.point.leave();
    assert_eq!(service.authorized(&yes).await.status, 200);
    let described: Value = service.get("/openapi.json").await.json();
    assert!(described["paths"]["/authorize/mcp"].is_object());
}
