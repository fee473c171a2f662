//! The table of methods (2.2 of the facts on MCP), from the server to the client, and what its results may carry (2.3).

use super::sides::{Came, client, error, gate, modern, notification, request, result, server, shake_hands};
use genome_mcp::{Gate, Reason};
use serde_json::{Value, json};

/// The answer that a client gets to a request of its own.
fn answered(gate: &Gate, asked: impl AsRef<[u8]>, by: impl AsRef<[u8]>) -> Came {
    assert!(client(gate, asked).forward.is_some());
    server(gate, by)
}

fn call(id: i64) -> String {
    request(id, "tools/call", json!({"name": "ok"}))
}

fn modern_call(id: i64, capabilities: Value) -> String {
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
    assert_eq!(server(&gate, result("1", json!({}))).reason(), Some(Reason::Unexpected));
}

#[test]
fn what_a_result_asks_for_is_decided() {
    let asks = |requests: Value| result(1, json!({"resultType": "input_required", "inputRequests": requests, "requestState": "s"}));
    let sampling = json!({"a": {"method": "sampling/createMessage", "params": {}}});
    let page = json!({"a": {"method": "elicitation/create", "params": {"mode": "url"}}});
    let both = json!({"a": sampling["a"], "b": page["a"]});
    let open = &["s/ok", "s:sampling/createMessage"][..];
    assert!(answered(&gate(open), modern_call(1, json!({})), asks(sampling.clone())).is_passed());
    for (requests, is_denied) in [
        (page.clone(), true),
        (both, true),
        (json!({"a": {"method": "roots/list"}}), true),
        (json!({"a": {"method": "tools/call"}}), false),
        (json!({"a": {}}), false),
        (json!([]), false),
    ] {
        let forward = answered(&gate(open), modern_call(1, json!({})), asks(requests.clone())).forward.unwrap();
        assert_eq!(forward["result"]["isError"] == true, is_denied, "{requests}");
        assert_eq!(forward["error"]["code"] == -32603, !is_denied, "{requests}");
        assert_eq!(forward["result"].get("inputRequests"), None);
    }
    // Also where the kind of the result does not say so.
    let quiet = result(1, json!({"resultType": "complete", "content": [], "inputRequests": page}));
    assert_eq!(answered(&gate(open), modern_call(1, json!({})), quiet).forward.unwrap()["result"]["isError"], true);
    let read = modern(1, "resources/read", json!({"uri": "a"}), json!({}));
    let forward = answered(&gate(&["s:resources/read"]), read, asks(sampling.clone())).forward.unwrap();
    assert_eq!(
        (forward["error"]["code"].as_i64(), &forward["error"]["data"]["action"]),
        (Some(-31001), &json!("s:sampling/createMessage"))
    );
    // An answer to any other request asks for nothing.
    let forward = answered(&gate(open), modern(1, "tools/list", json!({}), json!({})), asks(sampling)).forward.unwrap();
    assert_eq!(forward["error"]["code"], -32603);
}

/// The package `mcp` of Python takes these for `resultType` and `inputRequests`.
#[test]
fn what_a_result_asks_for_has_no_other_name() {
    let gate = gate(&["s/ok", "s:elicitation/create"]);
    let asks = json!({"a": {"method": "roots/list", "params": {}}});
    for named in [
        json!({"resultType": "complete", "content": [], "input_requests": asks}),
        json!({"resultType": "complete", "content": [], "InputRequests": asks}),
        json!({"resultType": "complete", "result_type": "input_required", "content": []}),
        json!({"resultType": "input_required", "inputRequests": {"a": {"method": "elicitation/create", "Method": "roots/list"}}}),
        json!({"resultType": "input_required", "inputRequests": {"a": {"method": "elicitation/create", "params": {"Mode": "url"}}}}),
    ] {
        let forward = answered(&gate, modern_call(1, json!({})), result(1, named.clone())).forward.unwrap();
        assert_eq!(forward["error"]["code"], -32603, "{named}");
    }
    shake_hands(&gate);
    assert!(!server(&gate, request(1, "elicitation/create", json!({"Mode": "url"}))).is_passed());
    let named = json!({"tools": [{"name": "ok"}], "Tools": [{"name": "no"}]});
    assert_eq!(answered(&gate, request(1, "tools/list", json!({})), result(1, named)).forward.unwrap()["error"]["code"], -32603);
    let tools = json!({"tools": [{"name": "ok", "Name": "no"}]});
    assert_eq!(
        answered(&gate, request(1, "tools/list", json!({})), result(1, tools)).forward.unwrap()["result"]["tools"],
        json!([])
    );
    let capabilities = json!({"protocolVersion": "2025-06-18", "capabilities": {"Resources": {}, "tools": {}}});
    let forward = answered(&gate, request(1, "initialize", json!({})), result(1, capabilities)).forward.unwrap();
    assert_eq!(forward["result"]["capabilities"], json!({"tools": {}}));
}

#[test]
fn an_elicitation_in_an_error_is_decided() {
    let data = json!({"elicitations": [{"mode": "url", "url": "u", "message": "m"}]});
    assert!(answered(&gate(&["s/ok", "s:elicitation/create/url"]), call(1), error(1, -32042, data.clone())).is_passed());
    let closed = gate(&["s/ok", "s:elicitation/create"]);
    let as_written = error(1, -32042, data.clone());
    for line in [as_written.clone(), as_written.replace("-32042", "-32042.0"), as_written.replace("-32042", "-3.2042e4")] {
        let forward = answered(&closed, call(1), line).forward.unwrap();
        assert_eq!(forward["result"]["isError"], true, "{forward}");
    }
    let forward = answered(&closed, request(1, "ping", json!({})), error(1, -32042, data)).forward.unwrap();
    assert_eq!(forward["error"]["code"], -31001);
    assert!(answered(&closed, call(1), error(1, -32043, json!({}))).is_passed());
}

#[test]
fn the_kind_of_a_result_is_one_that_the_client_can_expect() {
    let gate = gate(&["s/ok"]);
    let with_tasks = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let kind = |kind: Value| result(1, json!({"resultType": kind, "taskId": "t"}));
    assert!(answered(&gate, modern_call(1, with_tasks.clone()), kind(json!("task"))).is_passed());
    assert!(client(&gate, modern(2, "tasks/get", json!({"taskId": "t"}), with_tasks.clone())).is_passed());
    assert_eq!(client(&gate, modern(3, "tasks/get", json!({"taskId": "u"}), with_tasks)).code(), Some(-31001));
    for (capabilities, given) in [(json!({}), json!("task")), (json!({}), json!("vendor")), (json!({}), json!(7))] {
        let forward = answered(&gate, modern_call(1, capabilities), kind(given)).forward.unwrap();
        assert_eq!(forward["error"]["code"], -32603);
    }
}

#[test]
fn a_task_of_an_allowed_call_may_be_followed() {
    let gate = gate(&["s/ok"]);
    assert_eq!(client(&gate, request(1, "tasks/result", json!({"taskId": "t"}))).code(), Some(-31001));
    let call = request(1, "tools/call", json!({"name": "ok", "task": {"ttl": 1}}));
    assert!(answered(&gate, call, result(1, json!({"task": {"taskId": "t", "status": "working"}}))).is_passed());
    for method in ["tasks/get", "tasks/result", "tasks/cancel", "tasks/update"] {
        assert!(client(&gate, request(method, method, json!({"taskId": "t"}))).is_passed());
        assert_eq!(client(&gate, request(1, method, json!({"taskId": "u"}))).code(), Some(-31001));
    }
    assert_eq!(client(&gate, request(1, "tasks/list", json!({}))).code(), Some(-31001));
    // What a task asks for is decided, too.
    let asks = result("tasks/get", json!({"inputRequests": {"a": {"method": "roots/list"}}}));
    assert_eq!(server(&gate, asks).forward.unwrap()["error"]["code"], -31001);
}
