//! The table of methods (2.2 of the facts on MCP), from the client to the server.

use super::sides::{client, error, gate, gate_of, genome, modern, notification, request, result, server, shake_hands};
use genome_mcp::{Gate, Names, Reason};
use serde_json::{Value, json};

/// Each request that is decided on, its action, and the code of its denial; none for a call, whose denial is a result.
const DECIDED: [(&str, &str, Option<i64>); 12] = [
    ("tools/call", "s/ok", None),
    ("resources/list", "s:resources/read", Some(-31001)),
    ("resources/templates/list", "s:resources/read", Some(-31001)),
    ("resources/read", "s:resources/read", Some(-31001)),
    ("resources/subscribe", "s:resources/read", Some(-31001)),
    ("prompts/list", "s:prompts/get", Some(-31001)),
    ("prompts/get", "s:prompts/get", Some(-31001)),
    ("completion/complete", "s:completion/complete", Some(-31001)),
    ("tasks/get", "s:tasks/get", Some(-31001)),
    ("tasks/result", "s:tasks/result", Some(-31001)),
    ("tasks/list", "s:tasks/list", Some(-31001)),
    ("vendor/thing", "s:vendor/thing", Some(-32601)),
];

fn params() -> Value {
    json!({"name": "ok", "uri": "a:b", "taskId": "t", "ref": {"type": "ref/prompt", "name": "p"}})
}

#[test]
fn each_method_is_decided_by_its_action() {
    let all: Vec<&str> = DECIDED.iter().map(|(_, action, _)| *action).collect();
    for (method, action, code) in DECIDED {
        assert!(client(&gate(&[action]), request(1, method, params())).is_passed(), "{method}");
        let others: Vec<&str> = all.iter().copied().filter(|other| *other != action).collect();
        let came = client(&gate(&others), request(1, method, params()));
        assert_eq!(came.reason(), Some(Reason::NotAllowed), "{method}");
        assert_eq!(came.events[0].action.as_deref(), Some(action));
        assert_eq!(came.events[0].method.as_deref(), Some(method));
        assert_eq!(came.code(), code, "{method}");
        if let Some(answer) = came.answer.filter(|_| code.is_some()) {
            assert_eq!(
                answer["error"]["data"],
                json!({"code": "GENOME_CAPABILITY_DENIED", "action": action, "reason": "not_allowed"})
            );
        }
    }
}

/// What needs no permission of its own is denied where a capability denies it by name.
#[test]
fn a_denial_by_name_holds_for_every_method() {
    let allowed = ["s/ok", "s:resources/read", "s:prompts/get", "s:completion/complete", "s:vendor/thing", "s:tasks/list"];
    let session = [
        "initialize",
        "server/discover",
        "ping",
        "logging/setLevel",
        "tools/list",
        "resources/unsubscribe",
        "subscriptions/listen",
    ];
    for method in DECIDED.iter().map(|(method, ..)| *method).chain(session) {
        let action = format!("s:{method}");
        let gate = gate_of(&genome(&allowed, &[&action]));
        // A task that a call has begun is no way around it.
        if method.starts_with("tasks/") {
            assert!(client(&gate, request(1, "tools/call", json!({"name": "ok", "task": {}}))).is_passed());
            assert!(server(&gate, result(1, json!({"task": {"taskId": "t"}}))).is_passed());
        }
        let came = client(&gate, request(2, method, params()));
        assert_eq!((came.reason(), came.events[0].action.as_deref()), (Some(Reason::Denied), Some(&*action)), "{method}");
    }
    let gate = gate_of(&genome(&["s:resources/read"], &["s:resources/subscribe"]));
    let wanted = json!({"notifications": {"resourceSubscriptions": ["a:b"], "resourcesListChanged": true}});
    let forward = client(&gate, modern(1, "subscriptions/listen", wanted, json!({}))).forward.unwrap();
    assert_eq!(forward["params"]["notifications"], json!({"resourcesListChanged": true}));
}

/// A server asks nothing that is denied by name, by no other way either.
#[test]
fn a_denial_by_name_holds_for_what_a_server_asks() {
    let allowed = ["s/ok", "s:sampling/createMessage", "s:roots/list", "s:elicitation/create/url", "s:tasks/get"];
    for (method, params) in [
        ("ping", json!({})),
        ("elicitation/create", json!({"mode": "url", "url": "a:b", "message": "m"})),
        ("tasks/get", json!({"taskId": "t"})),
    ] {
        let gate = gate_of(&genome(&allowed, &[&format!("s:{method}")]));
        shake_hands(&gate);
        assert_eq!(server(&gate, request(1, method, params)).reason(), Some(Reason::Denied), "{method}");
    }
    let gate = gate_of(&genome(&allowed, &["s:elicitation/create"]));
    assert!(client(&gate, request(1, "tools/call", json!({"name": "ok"}))).is_passed());
    let came = server(&gate, error(1, -32042, json!({"elicitations": [{"mode": "url", "url": "a:b", "message": "m"}]})));
    assert_eq!((came.reason(), &came.forward.unwrap()["result"]["isError"]), (Some(Reason::Denied), &json!(true)));
}

#[test]
fn what_is_about_the_session_passes() {
    for method in
        ["initialize", "server/discover", "ping", "logging/setLevel", "tools/list", "resources/unsubscribe", "subscriptions/listen"]
    {
        assert!(client(&gate(&[]), request(1, method, params())).is_passed(), "{method}");
    }
    for method in ["sampling/createMessage", "elicitation/create", "roots/list"] {
        let came =
            client(&gate(&["s:sampling/createMessage", "s:elicitation/create", "s:roots/list"]), request(1, method, json!({})));
        assert_eq!((came.code(), came.reason()), (Some(-32601), Some(Reason::Unexpected)), "{method}");
    }
}

#[test]
fn tools_are_decided_byte_by_byte() {
    for name in ["OK", " ok", "ok ", "o", "okk", "", "o\u{200b}k", "s/ok", "ok\u{0}", "../ok"] {
        let came = client(&gate(&["s/ok"]), request(1, "tools/call", json!({"name": name})));
        assert_eq!(came.answer.unwrap()["result"]["isError"], true, "{name}");
    }
    for params in [
        json!({}),
        json!({"name": null}),
        json!({"name": ["ok"]}),
        json!({"name": {"name": "ok"}}),
        json!({"arguments": {"name": "ok"}}),
    ] {
        assert_eq!(client(&gate(&["s/ok"]), request(1, "tools/call", params)).code(), Some(-32602));
    }
    // A tool that is called like a method takes nothing of the method's, nor of another server's.
    let gate = gate(&["s:resources/read", "other/ok", "ok"]);
    for name in ["resources/read", ":resources/read", "ok"] {
        assert!(!client(&gate, request(1, "tools/call", json!({"name": name}))).is_passed(), "{name}");
    }
}

#[test]
fn a_denial_wins() {
    let gate = gate_of(&genome(&["s/ok"], &["s/ok"]));
    let came = client(&gate, request(1, "tools/call", json!({"name": "ok"})));
    assert_eq!((came.reason(), came.events[0].cap_id.as_deref()), (Some(Reason::Denied), Some("DENY")));
}

#[test]
fn plain_names_are_of_tools_alone_and_of_plain_characters() {
    let names = Names::with_plain_tools("s".parse().unwrap());
    let gate = Gate::new(&genome(&["ok", "a b", "ping", "s:prompts/get", "s/x", "resources/read"], &[]), names, [7; 16]);
    assert!(client(&gate, request(1, "tools/call", json!({"name": "ok"}))).is_passed());
    assert!(client(&gate, request(2, "prompts/get", json!({"name": "p"}))).is_passed());
    for name in ["a b", "ping", "s/x", "x", "s:prompts/get", "resources/read", ""] {
        assert_eq!(client(&gate, request(3, "tools/call", json!({"name": name}))).reason(), Some(Reason::NotAllowed), "{name}");
    }
    assert_eq!(client(&gate, request(3, "resources/read", json!({"uri": "a"}))).reason(), Some(Reason::NotAllowed));
}

#[test]
fn capabilities_of_a_client_that_are_denied_are_taken_out() {
    let given = json!({
        "roots": {"listChanged": true}, "sampling": {}, "elicitation": {"form": {}, "url": {}}, "tasks": {"list": {}}, "experimental": {"x": {}}
    });
    for (allowed, left) in [
        (&["s/ok"][..], json!({"experimental": {"x": {}}})),
        (&["s:roots/list"], json!({"roots": {"listChanged": true}, "experimental": {"x": {}}})),
        (&["s:sampling/createMessage"], json!({"sampling": {}, "tasks": {"list": {}}, "experimental": {"x": {}}})),
        (&["s:elicitation/create"], json!({"elicitation": {"form": {}}, "tasks": {"list": {}}, "experimental": {"x": {}}})),
        (&["s:elicitation/create/url"], json!({"elicitation": {"url": {}}, "tasks": {"list": {}}, "experimental": {"x": {}}})),
        (&["s:roots/list", "s:sampling/createMessage", "s:elicitation/create", "s:elicitation/create/url"], given.clone()),
    ] {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": given, "clientInfo": {"name": "t", "version": "1"}});
        let forward = client(&gate(allowed), request(1, "initialize", params)).forward.unwrap();
        assert_eq!(forward["params"]["capabilities"], left, "{allowed:?}");
        assert_eq!(forward["params"]["clientInfo"], json!({"name": "t", "version": "1"}));
        // In the modern era, in each request.
        let forward = client(&gate(allowed), modern(1, "tools/list", json!({"cursor": ""}), given.clone())).forward.unwrap();
        assert_eq!(forward["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"], left, "{allowed:?}");
        assert_eq!(forward["params"]["cursor"], "");
    }
    // Whatever some server takes for them.
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"Sampling": {}, "ROOTS": {}, "x": {}}});
    assert_eq!(client(&gate(&[]), request(1, "initialize", params)).forward.unwrap()["params"]["capabilities"], json!({"x": {}}));
    // `{}` is a form; without it, nothing is left of a client that only opens pages.
    for (elicitation, left) in [(json!({}), json!({"elicitation": {}})), (json!({"url": {}}), json!({}))] {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"elicitation": elicitation}});
        let forward = client(&gate(&["s:elicitation/create"]), request(1, "initialize", params)).forward.unwrap();
        assert_eq!(forward["params"]["capabilities"], left);
    }
}

#[test]
fn a_revision_that_is_not_known_is_refused() {
    let line = modern(1, "tools/call", json!({"name": "ok"}), json!({})).replace(super::sides::MODERN, "2027-01-01");
    let answer = client(&gate(&["s/ok"]), line).answer.unwrap();
    assert_eq!(answer["error"]["code"], -32022);
    assert_eq!(answer["error"]["data"], json!({"supported": ["2026-07-28"], "requested": "2027-01-01"}));
    let line = r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":7}}}"#;
    assert_eq!(client(&gate(&[]), line).code(), Some(-32022));
}

#[test]
fn a_subscription_is_narrowed_to_what_may_be_read() {
    let wanted = json!({"toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": true, "resourceSubscriptions": ["a:b"], "taskIds": ["t"]});
    let listen = |allowed: &[&str]| {
        let line = modern(1, "subscriptions/listen", json!({"notifications": wanted}), json!({}));
        client(&gate(allowed), line).forward.unwrap()["params"]["notifications"].clone()
    };
    assert_eq!(listen(&[]), json!({"toolsListChanged": true, "taskIds": []}));
    let named = json!({"notifications": {"resources_list_changed": true, "PromptsListChanged": true, "x": 1}});
    let line = modern(1, "subscriptions/listen", named, json!({}));
    assert_eq!(client(&gate(&[]), line).forward.unwrap()["params"]["notifications"], json!({"x": 1}));
    assert_eq!(listen(&["s:prompts/get"]), json!({"toolsListChanged": true, "promptsListChanged": true, "taskIds": []}));
    assert_eq!(
        listen(&["s:resources/read"]),
        json!({"toolsListChanged": true, "resourcesListChanged": true, "resourceSubscriptions": ["a:b"], "taskIds": []})
    );
}

#[test]
fn a_subscription_is_answered_when_it_is_cancelled() {
    let gate = gate(&["s/ok"]);
    assert!(client(&gate, modern("l", "subscriptions/listen", json!({"notifications": {}}), json!({}))).is_passed());
    assert!(client(&gate, modern("c", "tools/call", json!({"name": "ok"}), json!({}))).is_passed());
    for id in ["l", "c"] {
        assert!(client(&gate, notification("notifications/cancelled", json!({"requestId": id}))).is_passed());
    }
    assert!(server(&gate, result("l", json!({"resultType": "complete"}))).is_passed());
    assert_eq!(server(&gate, result("c", json!({"content": []}))).reason(), Some(Reason::Unexpected));
}

/// The list came late, as the answer to the next request.
#[test]
fn the_id_of_a_cancelled_request_stays_taken_until_it_is_answered() {
    let gate = gate(&["s/ok"]);
    let cancel = |id: i64| notification("notifications/cancelled", json!({"requestId": id}));
    let list = result(7, json!({"tools": [{"name": "ok"}, {"name": "denied"}]}));
    for by in [list.clone(), r#"{"jsonrpc":"2.0","id":7,"result":{"tools":[],"a":1,"a":2}}"#.to_owned()] {
        assert!(client(&gate, request(7, "tools/list", json!({}))).is_passed());
        assert!(client(&gate, cancel(7)).is_passed());
        // It can be answered under its id: nothing that the client waits for has it.
        let came = client(&gate, request(7, "ping", json!({})));
        assert_eq!((came.code(), came.reason()), (Some(-32600), Some(Reason::Malformed)));
        assert_eq!(came.answer.unwrap()["id"], 7);
        assert!(!client(&gate, cancel(7)).is_passed());
        let came = server(&gate, by);
        assert_eq!((came.forward, came.answer, came.events.len()), (None, None, 1));
        assert!(client(&gate, request(7, "ping", json!({}))).is_passed());
        assert!(server(&gate, result(7, json!({}))).is_passed());
    }
    // What was forgotten, as many were cancelled since, reaches nobody either.
    assert!(client(&gate, request(7, "tools/list", json!({}))).is_passed());
    assert!(client(&gate, cancel(7)).is_passed());
    for id in 1000..1000 + 4096 {
        assert!(client(&gate, request(id, "ping", json!({}))).is_passed());
        assert!(client(&gate, cancel(id)).is_passed());
    }
    for method in ["ping", "tools/call"] {
        assert!(client(&gate, request(7, method, json!({"name": "ok"}))).is_passed());
        assert_eq!(server(&gate, list.clone()).forward.unwrap()["error"]["code"], -32603);
    }
    assert!(client(&gate, request(7, "tools/list", json!({}))).is_passed());
    assert_eq!(server(&gate, list).forward.unwrap()["result"]["tools"], json!([{"name": "ok"}]));
    assert!(client(&gate, request(8, "tools/call", json!({"name": "ok"}))).is_passed());
    assert!(server(&gate, result(8, json!({"content": []}))).is_passed());
}

#[test]
fn a_cancelled_list_that_is_answered_twice_reaches_nobody() {
    let gate = gate(&["s/ok"]);
    let list = result(7, json!({"tools": [{"name": "no"}]}));
    assert!(client(&gate, request(7, "tools/list", json!({}))).is_passed());
    assert!(client(&gate, notification("notifications/cancelled", json!({"requestId": 7}))).is_passed());
    assert_eq!(server(&gate, list.clone()).reason(), Some(Reason::Unexpected));
    assert!(client(&gate, request(7, "tools/call", json!({"name": "ok"}))).is_passed());
    assert_eq!(server(&gate, list).forward.unwrap()["error"]["code"], -32603);
}

#[test]
fn subscriptions_that_are_cancelled_are_free() {
    let gate = gate(&["s/ok"]);
    let listen = |id: Value| modern(id, "subscriptions/listen", json!({"notifications": {}}), json!({}));
    // Some servers never answer them.
    for id in (0..5000).chain([1, 1, 1, 4999]) {
        assert!(client(&gate, listen(json!(id))).is_passed(), "{id}");
        assert!(client(&gate, notification("notifications/cancelled", json!({"requestId": id}))).is_passed());
    }
    assert!(client(&gate, modern("x", "tools/call", json!({"name": "ok"}), json!({}))).is_passed());
    // The id may be that of anything else, whose answer is decided as such.
    assert!(client(&gate, request(4999, "tools/list", json!({}))).is_passed());
    assert_eq!(server(&gate, result(4999, json!({"resultType": "complete"}))).forward.unwrap()["error"]["code"], -32603);
    assert_eq!(server(&gate, result(4999, json!({"tools": [{"name": "no"}]}))).reason(), Some(Reason::Unexpected));
}

#[test]
fn notifications_pass_that_belong_to_something() {
    let gate = gate(&["s/ok", "s:sampling/createMessage"]);
    shake_hands(&gate);
    assert!(client(&gate, request(1, "tools/call", json!({"name": "ok"}))).is_passed());
    let ask = json!({"jsonrpc": "2.0", "id": 5, "method": "sampling/createMessage", "params": {"messages": [], "_meta": {"progressToken": "p"}}});
    assert!(server(&gate, ask.to_string()).is_passed());
    for (method, params, is_passed) in [
        ("notifications/roots/list_changed", json!({}), true),
        ("notifications/progress", json!({"progressToken": "p", "progress": 1}), true),
        ("notifications/progress", json!({"progressToken": "q", "progress": 1}), false),
        ("notifications/cancelled", json!({"requestId": 2}), false),
        ("notifications/cancelled", json!({"requestId": "1"}), false),
        ("notifications/cancelled", json!({"requestId": 1}), true),
        ("notifications/cancelled", json!({"requestId": 1}), false),
        ("notifications/tasks/status", json!({"taskId": "t"}), false),
        ("notifications/tools/list_changed", json!({}), false),
        ("notifications/message", json!({"level": "info", "data": ""}), false),
        ("notifications/resources/updated", json!({"uri": "a"}), false),
        ("notifications/tasks", json!({}), false),
        ("notifications/vendor", json!({}), false),
    ] {
        let came = client(&gate, notification(method, params.clone()));
        assert_eq!(came.is_passed(), is_passed, "{method} {params}");
        assert_eq!(came.reason(), (!is_passed).then_some(Reason::Unexpected), "{method}");
        assert_eq!(came.answer, None);
    }
    // The answer to the server begins a task, of which the client may tell.
    assert!(client(&gate, result(5, json!({"task": {"taskId": "t"}}))).is_passed());
    assert!(client(&gate, notification("notifications/tasks/status", json!({"taskId": "t"}))).is_passed());
    assert!(server(&gate, request(6, "tasks/result", json!({"taskId": "t"}))).is_passed());
    assert_eq!(server(&gate, request(7, "tasks/result", json!({"taskId": "u"}))).code(), Some(-31001));
}

#[test]
fn answers_of_a_client_pass_to_requests_that_are_open() {
    let gate = gate(&["s:roots/list"]);
    shake_hands(&gate);
    assert_eq!(client(&gate, result(1, json!({}))).reason(), Some(Reason::Unexpected));
    assert!(client(&gate, request(1, "ping", json!({}))).is_passed());
    // The id is open, but in the other direction.
    assert_eq!(client(&gate, result(1, json!({}))).reason(), Some(Reason::Unexpected));
    for id in [2, 3, 4] {
        assert!(server(&gate, request(id, "roots/list", json!({}))).is_passed());
    }
    assert!(client(&gate, result(2, json!({"roots": []}))).is_passed());
    assert_eq!(client(&gate, result(2, json!({"roots": []}))).reason(), Some(Reason::Unexpected));
    assert!(client(&gate, error(3, -32603, json!({}))).is_passed());
    let came = client(&gate, r#"{"jsonrpc":"2.0","id":4,"result":{"roots":[],"roots":[]}}"#);
    assert_eq!((came.forward.unwrap()["error"]["code"].as_i64(), came.answer), (Some(-32603), None));
}

#[test]
fn what_is_open_is_bounded() {
    let gate = gate(&["s/ok"]);
    for id in 0..4096 {
        assert!(client(&gate, request(id, "ping", json!({}))).is_passed());
    }
    let came = client(&gate, request(4096, "ping", json!({})));
    assert_eq!((came.code(), came.reason()), (Some(-32603), Some(Reason::Busy)));
    assert!(server(&gate, result(7, json!({}))).is_passed());
    assert!(client(&gate, request(4096, "ping", json!({}))).is_passed());
}
