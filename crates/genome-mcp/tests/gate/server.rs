//! The table of methods (2.2 of the facts on MCP), from the server to the client.

use super::sides::{Came, client, error, gate, modern, notification, request, result, server, shake_hands};
use genome_mcp::{Gate, Reason};
use serde_json::{Value, json};

/// The answer that a client gets to a request of its own.
pub(crate) fn answered(gate: &Gate, asked: impl AsRef<[u8]>, by: impl AsRef<[u8]>) -> Came {
    assert!(client(gate, asked).forward.is_some());
    server(gate, by)
}

pub(crate) fn call(id: i64) -> String {
    request(id, "tools/call", json!({"name": "ok"}))
}

pub(crate) fn modern_call(id: i64, capabilities: Value) -> String {
    modern(id, "tools/call", json!({"name": "ok"}), capabilities)
}

#[test]
fn capabilities_of_a_server_that_are_denied_are_taken_out() {
    let given = json!({
        "tools": {"listChanged": true}, "resources": {}, "prompts": {}, "completions": {}, "logging": {},
        "tasks": {"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}}, "extensions": {"x": {}}
    });
    for (allowed, left) in [
        (&[][..], json!({"logging": {}, "extensions": {"x": {}}})),
        (&["other/tool", "s:tools/list"], json!({"logging": {}, "extensions": {"x": {}}})),
        (
            &["s/ok"],
            json!({"tools": {"listChanged": true}, "logging": {}, "tasks": {"cancel": {}, "requests": {"tools": {"call": {}}}}, "extensions": {"x": {}}}),
        ),
        (&["s:resources/read", "s:prompts/get"], json!({"resources": {}, "prompts": {}, "logging": {}, "extensions": {"x": {}}})),
        (&["s/ok", "s:tasks/list", "s:resources/read", "s:prompts/get", "s:completion/complete"], given.clone()),
    ] {
        let answer =
            json!({"protocolVersion": "2025-06-18", "capabilities": given, "serverInfo": {"name": "n"}, "instructions": "i"});
        let forward = answered(&gate(allowed), request(1, "initialize", json!({})), result(1, answer)).forward.unwrap();
        assert_eq!(forward["result"]["capabilities"], left, "{allowed:?}");
        assert_eq!(forward["result"]["instructions"], "i");
        let answer = json!({"resultType": "complete", "supportedVersions": ["2026-07-28", "2030-01-01", "2025-11-25"], "capabilities": given});
        let forward =
            answered(&gate(allowed), modern(1, "server/discover", json!({}), json!({})), result(1, answer)).forward.unwrap();
        assert_eq!(forward["result"]["capabilities"], left, "{allowed:?}");
        assert_eq!(forward["result"]["supportedVersions"], json!(["2026-07-28", "2025-11-25"]));
    }
}

#[test]
fn what_was_taken_out_is_no_method() {
    let gate = gate(&["s/ok"]);
    let answer = json!({"protocolVersion": "2025-06-18", "capabilities": {"resources": {}, "prompts": {}}});
    assert!(answered(&gate, request(1, "initialize", json!({})), result(1, answer)).forward.is_some());
    assert_eq!(client(&gate, request(2, "resources/list", json!({}))).code(), Some(-32601));
    assert_eq!(client(&gate, request(2, "prompts/get", json!({"name": "p"}))).code(), Some(-32601));
    // The server never had it.
    assert_eq!(client(&gate, request(2, "completion/complete", json!({}))).code(), Some(-31001));
}

#[test]
fn a_server_of_an_unknown_revision_is_refused() {
    for version in [json!("2027-01-01"), json!(null), json!(["2025-06-18"])] {
        let came = answered(&gate(&["s/ok"]), request(1, "initialize", json!({})), result(1, json!({"protocolVersion": version})));
        assert_eq!(came.forward.unwrap()["error"]["code"], -32603);
    }
    let discovered = result(1, json!({"resultType": "complete", "supportedVersions": ["2027-01-01"]}));
    let came = answered(&gate(&["s/ok"]), modern(1, "server/discover", json!({}), json!({})), discovered);
    assert_eq!(came.forward.unwrap()["error"]["code"], -32603);
    // The error of a server that knows no discovery passes.
    assert!(answered(&gate(&[]), modern(1, "server/discover", json!({}), json!({})), error(1, -32601, json!({}))).is_passed());
}

#[test]
fn the_list_of_tools_is_filtered_page_by_page() {
    let tools = |names: &[&str]| {
        names.iter().map(|name| json!({"name": name, "description": "d", "inputSchema": {"n": 1}})).collect::<Vec<_>>()
    };
    let gate = gate(&["s/ok", "s/two"]);
    let page = |id: i64, list: Vec<Value>| result(id, json!({"tools": list, "nextCursor": "", "ttlMs": 5, "_meta": {"a": [1]}}));
    for (id, (given, left)) in (1..).zip([
        (&["ok", "no", "two"][..], &["ok", "two"][..]),
        (&["no", "OK", " ok", ""], &[]),
        (&["ok"], &["ok"]),
        (&[], &[]),
        (&["ok", "two", "ok"], &["two"]),
    ]) {
        let forward = answered(&gate, request(id, "tools/list", json!({})), page(id, tools(given))).forward.unwrap();
        assert_eq!(forward, serde_json::from_str::<Value>(&page(id, tools(left))).unwrap(), "{given:?}");
    }
    for list in [json!({}), json!({"tools": {}}), json!({"tools": null}), json!({"Tools": []})] {
        let came = answered(&gate, request(99, "tools/list", json!({})), result(99, list));
        assert_eq!(came.forward.unwrap()["error"]["code"], -32603);
    }
    for tool in [json!({}), json!({"name": null}), json!("ok"), json!(["ok"]), json!({"title": "ok"})] {
        let came = answered(&gate, request(99, "tools/list", json!({})), result(99, json!({"tools": [tool]})));
        assert_eq!(came.forward.unwrap()["result"]["tools"], json!([]));
    }
}

#[test]
fn a_definition_that_can_be_understood_in_two_ways_is_lost_alone() {
    let gate = gate(&["s/ok", "s/two", "s/three"]);
    let page = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"ok","inputSchema":{"a":1,"a":2}},{"name":"no","name":"two"},{"name":"two","description":"\ud800"},{"name":"three"}]}}"#;
    let forward = answered(&gate, request(1, "tools/list", json!({})), page).forward.unwrap();
    assert_eq!(forward["result"]["tools"], json!([{"name": "three"}]));
    // Elsewhere in the answer it is lost whole, also where another answer looks like a list.
    let page = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[],"_meta":{"a":1,"a":2}}}"#;
    assert_eq!(answered(&gate, request(1, "tools/list", json!({})), page).forward.unwrap()["error"]["code"], -32603);
    let other = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"tools":[{"a":1,"a":2}]}}"#;
    assert_eq!(answered(&gate, call(1), other).forward.unwrap()["error"]["code"], -32603);
}

#[test]
fn requests_of_a_server_are_decided() {
    for (method, params, action) in [
        ("sampling/createMessage", json!({"messages": []}), "s:sampling/createMessage"),
        ("elicitation/create", json!({"message": "m"}), "s:elicitation/create"),
        ("elicitation/create", json!({"mode": "form"}), "s:elicitation/create"),
        ("elicitation/create", json!({"mode": "url", "url": "u"}), "s:elicitation/create/url"),
        ("roots/list", json!({}), "s:roots/list"),
        ("tasks/list", json!({}), "s:tasks/list"),
        ("vendor/ask", json!({}), "s:vendor/ask"),
    ] {
        let open = gate(&[action]);
        shake_hands(&open);
        assert!(server(&open, request(1, method, params.clone())).is_passed(), "{method}");
        let closed = gate(&["s/ok"]);
        shake_hands(&closed);
        let came = server(&closed, request(1, method, params));
        assert_eq!((came.reason(), came.forward), (Some(Reason::NotAllowed), None), "{method}");
        let answer = came.answer.unwrap();
        match method {
            "sampling/createMessage" => {
                assert_eq!(answer["error"], json!({"code": -1, "message": "User rejected sampling request"}));
            }
            "elicitation/create" => assert_eq!(answer["result"], json!({"action": "decline"})),
            "tasks/list" => assert_eq!(answer["error"]["code"], -31001),
            _ => assert_eq!(answer["error"]["code"], -32601),
        }
    }
    let gate = gate(&["s:elicitation/create", "s:elicitation/create/url", "s:tools/call"]);
    shake_hands(&gate);
    assert!(server(&gate, request(1, "ping", json!({}))).is_passed());
    assert_eq!(server(&gate, request(2, "elicitation/create", json!({"mode": "URL"}))).code(), Some(-32602));
    assert_eq!(server(&gate, request(2, "tools/call", json!({"name": "ok"}))).code(), Some(-32601));
    assert_eq!(server(&gate, request(1, "ping", json!({}))).code(), Some(-32600));
}

#[test]
fn a_server_asks_nothing_in_the_modern_era() {
    let gate = gate(&["s/ok", "s:sampling/createMessage"]);
    assert!(client(&gate, modern_call(1, json!({}))).is_passed());
    for method in ["ping", "sampling/createMessage"] {
        let came = server(&gate, request(1, method, json!({})));
        assert_eq!((came.reason(), came.forward, came.answer), (Some(Reason::Unexpected), None, None));
    }
}

#[test]
fn notifications_of_a_server() {
    for (method, is_passed) in [
        ("notifications/cancelled", true),
        ("notifications/progress", true),
        ("notifications/message", true),
        ("notifications/tools/list_changed", true),
        ("notifications/prompts/list_changed", true),
        ("notifications/resources/list_changed", true),
        ("notifications/tasks/status", true),
        ("notifications/tasks", true),
        ("notifications/elicitation/complete", true),
        ("notifications/subscriptions/acknowledged", true),
        ("notifications/resources/updated", false),
        ("notifications/initialized", false),
        ("notifications/roots/list_changed", false),
        ("notifications/vendor", false),
        ("tools/call", false),
    ] {
        assert_eq!(server(&gate(&["s/ok"]), notification(method, json!({}))).is_passed(), is_passed, "{method}");
    }
    assert!(server(&gate(&["s:resources/read"]), notification("notifications/resources/updated", json!({"uri": "a"}))).is_passed());
}

#[test]
fn an_answer_that_nobody_waits_for_is_dropped() {
    let gate = gate(&["s/ok"]);
    assert_eq!(server(&gate, result(1, json!({}))).reason(), Some(Reason::Unexpected));
    assert!(answered(&gate, call(1), result(1, json!({"content": []}))).is_passed());
    assert_eq!(server(&gate, result(1, json!({}))).reason(), Some(Reason::Unexpected));
    assert!(client(&gate, call(1)).is_passed());
    assert_eq!(server(&gate, result("2", json!({}))).reason(), Some(Reason::Unexpected));
}

/// SDKs take the text for the number, and would wait for ever.
#[test]
fn an_answer_under_the_number_as_text_is_that_of_the_number() {
    let gate = gate(&["s/ok"]);
    for (asked, answered) in [(json!(7), json!("7")), (json!(-7), json!("-7")), (json!("7"), json!("7"))] {
        assert!(client(&gate, request(asked.clone(), "tools/list", json!({}))).is_passed());
        let came = server(&gate, result(answered, json!({"tools": [{"name": "ok"}, {"name": "no"}]})));
        assert_eq!(came.forward, Some(json!({"jsonrpc": "2.0", "id": asked, "result": {"tools": [{"name": "ok"}]}})));
    }
    // The one that is meant comes first.
    for id in [json!(7), json!("7")] {
        assert!(client(&gate, request(id, "ping", json!({}))).is_passed());
    }
    assert_eq!(server(&gate, result("7", json!({}))).forward, Some(json!({"jsonrpc": "2.0", "id": "7", "result": {}})));
    assert_eq!(server(&gate, result("07", json!({}))).reason(), Some(Reason::Unexpected));
}

#[test]
fn a_server_denies_nothing_in_the_name_of_the_gate() {
    let gate = gate(&["s:resources/read"]);
    assert!(client(&gate, request(1, "resources/read", json!({"uri": "a:b"}))).is_passed());
    let came = server(&gate, error(1, -31001, json!({"code": "GENOME_CAPABILITY_DENIED"})));
    assert_eq!(came.forward.unwrap()["error"]["code"], -32603);
}
