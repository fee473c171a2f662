//! What is due to the server is decided on when it is written; and what the server shows then.

use super::pinned::{Session, genome_with, other, pin, tool, waiting};
use super::sides::{modern, notification, request, result};
use genome_mcp::Side;
use genome_mcp::message::Passing;
use serde_json::{Value, json};

fn changed() -> String {
    notification("notifications/tools/list_changed", json!({}))
}

#[test]
fn a_call_that_is_due_is_decided_on_again_when_it_is_written() {
    let mut session = Session::begun();
    session.call(1, "ok");
    let id = session.asked();
    // The server takes nothing more: the call is due, and not written.
    session.is_full = true;
    session.server(result(id, json!({"tools": [tool("ok"), tool("two")]})));
    session.call(2, "two");
    session.server(changed());
    session.heard();
    session.write_due();
    let id = session.asked();
    session.server(result(id, json!({"tools": [other("ok"), tool("two")]})));
    assert!(session.got().is_empty());
    session.is_full = false;
    session.write_due();
    assert_eq!((session.called(), session.denied()[0].0), (vec![json!(2)], 1));
}

#[test]
fn a_call_that_is_due_can_be_cancelled() {
    let mut session = Session::begun();
    session.call(1, "ok");
    session.call(2, "ok");
    let id = session.asked();
    session.is_full = true;
    session.server(result(id, json!({"tools": [tool("ok")]})));
    session.client(notification("notifications/cancelled", json!({"requestId": 1})));
    // What the server says of a call that it does not have yet is no answer.
    session.server(result(2, json!({"content": []})));
    assert!(session.heard().is_empty());
    session.is_full = false;
    session.write_due();
    assert_eq!(session.called(), [2]);
}

#[test]
fn a_list_that_changes_whenever_a_call_is_written() {
    let mut session = Session::begun();
    session.call(1, "ok");
    let mut lists = 0;
    while session.denied().is_empty() {
        let id = session.asked();
        session.is_full = true;
        session.server(result(id, json!({"tools": [tool("ok")]})));
        session.server(changed());
        session.heard();
        session.is_full = false;
        session.write_due();
        lists += 1;
        assert!(lists < 10);
    }
    assert_eq!(session.got(), [] as [Value; 0]);
}

#[test]
fn calls_of_both_eras_wait_for_a_list_each() {
    let mut session = Session::begun();
    session.is_full = true;
    session.call(1, "ok");
    session.client(modern(2, "tools/call", json!({"name": "ok"}), json!({})));
    session.is_full = false;
    session.write_due();
    let id = session.asked();
    session.server(result(id, json!({"tools": [tool("ok")]})));
    // The list of the other era is asked for after the call of this one.
    let said = session.got();
    assert_eq!((said.len(), &said[0]["id"], &said[1]["method"]), (2, &json!(1), &json!("tools/list")));
    session.server(result(said[1]["id"].clone(), json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [2]);
}

#[test]
fn what_is_no_notification_and_says_that_the_list_has_changed_may_be_true() {
    let oversized = || {
        let mut line = Passing::default();
        line.take(br#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"#);
        line
    };
    for said in [
        request("x", "notifications/tools/list_changed", json!({})),
        r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed","Method":1}"#.to_owned(),
        r#"{"method":"notifications/tools/list_changed"}"#.to_owned(),
        String::new(),
    ] {
        let (mut session, id) = waiting();
        session.server(result(id, json!({"tools": [tool("ok")]})));
        assert_eq!(session.called(), [1]);
        if said.is_empty() {
            let outcome = session.gate.oversized_from_server(&oversized());
            session.take(outcome);
        } else {
            session.server(&said);
        }
        session.got();
        session.call(2, "ok");
        session.asked();
    }
}

#[test]
fn a_number_that_was_signed_rounded_is_sent_on_rounded() {
    let definition = |number: &str| format!(r#"{{"inputSchema":{{"maximum":{number}}},"name":"ok"}}"#);
    let signed: Value = serde_json::from_str(&definition("9007199254740992")).unwrap();
    let mut session = Session::of(&genome_with(&["s/ok"], &[pin("s/ok", &signed)]));
    session.shake_hands();
    session.client(request(1, "tools/list", json!({})));
    session.got();
    for (number, shown) in [("9007199254740993", "9007199254740992"), ("9007199254740992.0", "9007199254740992.0")] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":[{}]}}}}"#, definition(number));
        let outcome = session.gate.from_server(line.as_bytes());
        assert!(outcome.to_client[0].contains(&definition(shown)), "{}", outcome.to_client[0]);
        session.client(request(1, "tools/list", json!({})));
    }
}

#[test]
fn each_way_not_to_be_what_was_signed_is_a_drift() {
    for (tools, has_drifted) in [
        (json!([tool("ok"), tool("two"), tool("three")]), false),
        (json!([tool("ok"), other("two")]), true),
        (json!([tool("ok")]), true),
        (json!([tool("ok"), tool("two"), tool("two")]), true),
        (json!([tool("two"), {"name": "ok", "Name": "x"}]), true),
    ] {
        let (mut session, id) = waiting();
        assert!(!session.has_drifted);
        session.server(result(id, json!({"tools": tools})));
        assert_eq!(session.has_drifted, has_drifted, "{tools}");
    }
    // Shown to the client, behind many others.
    let names: Vec<String> = (0..40).map(|number| format!("t{number}")).collect();
    let actions: Vec<String> = names.iter().map(|name| format!("s/{name}")).collect();
    let allowed: Vec<&str> = actions.iter().map(|action| &**action).chain(["s/ok"]).collect();
    let mut session = Session::of(&genome_with(&allowed, &[pin("s/ok", &tool("ok"))]));
    session.shake_hands();
    session.client(request(1, "tools/list", json!({})));
    let shown: Vec<Value> = names.iter().map(|name| tool(name)).chain([other("ok")]).collect();
    session.server(result(1, json!({"tools": shown})));
    assert!(session.has_drifted);
}

#[test]
fn a_call_that_waits_is_counted_once_when_it_is_known_what_comes_of_it() {
    let mut session = Session::begun();
    let came = |session: &Session| {
        let counts = session.gate.counts();
        let calls = counts.requests.into_iter().filter(|((_, method, _), _)| *method == "tools/call");
        let calls: Vec<(&str, u64)> = calls.map(|((_, _, came), count)| (came, count)).collect();
        let actions: u64 = counts.calls.values().sum();
        (calls, actions)
    };
    for (id, tool) in [(1, "ok"), (2, "two"), (3, "ok")] {
        session.call(id, tool);
    }
    assert_eq!(came(&session), (vec![], 0));
    session.client(notification("notifications/cancelled", json!({"requestId": 3})));
    let id = session.asked();
    session.server(result(id, json!({"tools": [tool("ok"), other("two")]})));
    assert_eq!(came(&session), (vec![("cancelled", 1), ("forwarded", 1), ("tool_changed", 1)], 3));
    // What is passed on after what is due is forwarded.
    session.server(changed());
    session.call(4, "ok");
    session.client(request(5, "ping", json!({})));
    let _ = session.gate.close();
    assert_eq!(came(&session), (vec![("cancelled", 1), ("forwarded", 1), ("tool_changed", 1), ("unexpected", 1)], 4));
    assert_eq!(session.gate.counts().requests[&(Side::Client, "ping", "forwarded")], 1);
}
