//! Authorization by headers. Each test, or each row of a table, has the number of the rule that it holds: H of the requirements. What only the
//! running server shows (H13, H15, H20 to H23) is in `tests/server/` too: `authorize.rs`, `sockets.rs` and `boot.rs`; what proxies show (H16, H17) in
//! `proxies.rs` there. H11 is a sentence of the book. H18 and H19 say what clients and proxies were seen to do, and no test holds that.

mod everywhere;

use crate::service::{Answer, Service, signed_with};
use genome::mcp::ActionNames;
use genome_server::HeaderAuthorization;
use serde_json::json;

const VERSION: (&str, &str) = ("MCP-Protocol-Version", "2026-07-28");
const CALL: (&str, &str) = ("Mcp-Method", "tools/call");
const ALLOWED: [(&str, &str); 3] = [VERSION, CALL, ("Mcp-Name", "memory_search")];
const DENIED: [(&str, &str); 3] = [VERSION, CALL, ("Mcp-Name", "memory_erase")];

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
        assert!(answer.json().is_object());
        answer
    }

    /// H2 and H3: 200 or 403, and the headers that every answer has.
    fn check(&self, answer: &Answer, projection: &str) {
        assert!([200, 403].contains(&answer.status), "{}: {}", answer.status, answer.text);
        let (decision, code, kind) = match answer.status {
            200 => ("allow", "", "application/json"),
            _ => ("deny", "GENOME_CAPABILITY_DENIED", "application/problem+json"),
        };
        let headers = ["x-genome-decision", "x-genome-code", "content-type", "x-genome-id", "x-genome-projection", "cache-control"];
        assert_eq!(headers.map(|name| answer.header(name)), [decision, code, kind, &self.id, projection, "no-store"]);
        assert!(answer.headers.values().all(|value| value.to_str().is_ok()), "{:?}", answer.headers);
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
