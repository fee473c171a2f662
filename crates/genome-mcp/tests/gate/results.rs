//! What the results of a server may carry (2.3 of the facts on MCP).

use super::server::{answered, call, modern_call};
use super::sides::{client, error, gate, modern, notification, request, result, server, shake_hands};
use genome_mcp::Reason;
use serde_json::{Value, json};

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

/// The package `mcp` of Python takes what has a `url` and an `elicitationId` for a page, whether or not `mode` says so.
#[test]
fn a_page_that_does_not_say_so_is_no_form() {
    let form = json!({"message": "m", "requestedSchema": {"type": "object", "properties": {}}});
    for (more, is_page) in [
        (json!({}), false),
        (json!({"mode": "form"}), false),
        (json!({"mode": "form", "title": "url"}), false),
        (json!({"url": "u", "elicitationId": "e"}), true),
        (json!({"mode": "form", "url": "u", "elicitationId": "e"}), true),
        (json!({"url": null}), true),
        (json!({"elicitationId": "e"}), true),
        (json!({"URL": "u"}), true),
        (json!({"elicitation_id": "e"}), true),
    ] {
        let mut params = form.clone();
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let asks =
            json!({"resultType": "input_required", "inputRequests": {"a": {"method": "elicitation/create", "params": params}}});
        for (allowed, is_allowed) in [
            (&["s/ok", "s:elicitation/create", "s:elicitation/create/url"][..], true),
            (&["s/ok", "s:elicitation/create"], !is_page),
            (&["s/ok", "s:elicitation/create/url"], false),
        ] {
            let gate = gate(allowed);
            shake_hands(&gate);
            let came = server(&gate, request(1, "elicitation/create", params.clone()));
            assert_eq!(came.is_passed(), is_allowed, "{allowed:?}: {params}");
            assert_eq!(came.answer.map(|answer| answer["result"].clone()), (!is_allowed).then(|| json!({"action": "decline"})));
            let came = answered(&gate, modern_call(1, json!({})), result(1, asks.clone()));
            assert_eq!(came.is_passed(), is_allowed, "{allowed:?}: {params}");
            assert_eq!(came.forward.unwrap()["result"]["isError"] == true, !is_allowed);
        }
    }
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
    let forward = answered(&closed, call(1), error(1, -32042, data.clone())).forward.unwrap();
    assert_eq!(forward["result"]["isError"], true, "{forward}");
    let forward = answered(&closed, request(1, "ping", json!({})), error(1, -32042, data)).forward.unwrap();
    assert_eq!(forward["error"]["code"], -31001);
    assert!(answered(&closed, call(1), error(1, -32043, json!({}))).is_passed());
}

/// The package `mcp` of Python takes texts for numbers, with blanks, a fraction and `_` in them.
#[test]
fn the_code_of_an_error_is_an_integer() {
    let gate = gate(&["s/ok", "s:elicitation/create", "s:elicitation/create/url", "s:tasks/get"]);
    for code in [
        r#""-32042""#,
        r#""-32042.0""#,
        r#"" -32042 ""#,
        r#""-32_042""#,
        "-32042.0",
        "-3.2042e4",
        "-320420e-1",
        "-32042.00000000000001",
        "null",
        "[-32042]",
        "-99999999999999999999",
    ] {
        let data = json!({"elicitations": [{"mode": "url", "url": "u", "message": "m"}]});
        let error = format!(r#"{{"code":{code},"message":"m","data":{data}}}"#);
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"error":{error}}}"#);
        let forward = answered(&gate, call(1), line).forward.unwrap();
        assert_eq!((forward["error"]["code"].as_i64(), forward["error"].get("data")), (Some(-32603), None), "{code}");
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"taskId":"t","status":"failed","error":{error}}}}}"#);
        let forward = answered(&gate, request(1, "tasks/get", json!({"taskId": "t"})), line).forward.unwrap();
        assert_eq!(forward["error"]["code"], -32603, "{code}");
    }
    let line = r#"{"jsonrpc":"2.0","id":1,"error":{"message":"m"}}"#;
    assert_eq!(answered(&gate, call(1), line).forward.unwrap()["error"]["code"], -32603);
    for of_task in [json!(null), json!({"code": -32603, "message": "m"}), json!({"code": -32042, "message": "m"})] {
        let line = result(1, json!({"taskId": "t", "error": of_task}));
        assert!(answered(&gate, request(1, "tasks/get", json!({"taskId": "t"})), line).is_passed(), "{of_task}");
    }
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
fn what_a_task_asks_for_is_decided_wherever_it_is_told() {
    let sampling = json!({"a": {"method": "sampling/createMessage", "params": {}}});
    let roots = json!({"a": {"method": "roots/list"}});
    let page = json!({"code": -32042, "message": "m"});
    let (denied, malformed) = (Some(Reason::NotAllowed), Some(Reason::Malformed));
    for (task, reason) in [
        (json!({}), None),
        (json!({"inputRequests": null, "error": null, "result": null}), None),
        (json!({"inputRequests": sampling}), None),
        (json!({"inputRequests": roots}), denied),
        (json!({"inputRequests": {"a": {"method": "tools/call"}}}), malformed),
        (json!({"inputRequests": []}), malformed),
        (json!({"input_requests": sampling}), malformed),
        (json!({"error": {"code": -32603, "message": "m"}}), None),
        (json!({"error": page}), denied),
        (json!({"error": {"code": "-32042", "message": "m"}}), malformed),
        (json!({"error": {"code": 1, "Code": -32042}}), malformed),
        (json!({"error": "m"}), malformed),
        (json!({"Error": page}), malformed),
        (json!({"result": {"content": [], "inputRequests": sampling}}), None),
        (json!({"result": {"resultType": "input_required", "inputRequests": roots}}), denied),
        (json!({"result": {"InputRequests": sampling}}), malformed),
        (json!({"Result": {"inputRequests": roots}}), malformed),
    ] {
        let gate = gate(&["s/ok", "s:sampling/createMessage", "s:tasks/get"]);
        let mut told = json!({"taskId": "t", "status": "working"});
        told.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
        for method in ["notifications/tasks", "notifications/tasks/status"] {
            let came = server(&gate, notification(method, told.clone()));
            assert_eq!((came.is_passed(), came.reason()), (reason.is_none(), reason), "{method} {told}");
            assert_eq!((came.forward.is_some(), came.answer), (reason.is_none(), None));
        }
        let came = answered(&gate, request(1, "tasks/get", json!({"taskId": "t"})), result(1, told.clone()));
        assert_eq!((came.is_passed(), came.reason()), (reason.is_none(), reason), "{told}");
        let code = if reason == denied { -31001 } else { -32603 };
        assert_eq!(came.forward.unwrap()["error"]["code"], reason.map_or(json!(null), |_| json!(code)), "{told}");
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

#[test]
fn tools_are_listed_in_the_answer_to_that_request_alone() {
    let listed = || result(1, json!({"tools": [{"name": "rm"}]}));
    let all = gate(&["s/ok", "s:resources/read", "s:x/tools"]);
    for asked in [
        request(1, "ping", json!({})),
        request(1, "tools/call", json!({"name": "ok"})),
        request(1, "resources/list", json!({})),
        request(1, "x/tools", json!({})),
    ] {
        assert_eq!(answered(&all, &asked, listed()).forward.unwrap()["error"]["code"], -32603, "{asked}");
    }
    // What nobody can take for a list of tools is an answer like any other.
    let names = result(1, json!({"content": [], "tools": ["hammer", "saw"]}));
    assert!(answered(&all, request(1, "tools/call", json!({"name": "ok"})), names).is_passed());
    // The second answer to a request, or a late one, under the id of another.
    for first in [listed(), r#"{"jsonrpc":"2.0","id":1,"r"#.to_owned()] {
        let gate = gate(&["s/ok"]);
        assert!(client(&gate, request(1, "tools/list", json!({}))).is_passed());
        assert!(server(&gate, first).forward.is_some());
        assert_eq!(answered(&gate, request(1, "ping", json!({})), listed()).forward.unwrap()["error"]["code"], -32603);
    }
}
