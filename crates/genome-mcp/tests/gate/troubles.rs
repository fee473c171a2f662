//! What can go wrong while calls wait for the list of tools: no call is lost, and none goes that should not.

#![expect(clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::pinned::{PREFIX, Session, tool, waiting};
use super::sides::{error, notification, request, result};
use genome_mcp::Reason;
use genome_mcp::message::Passing;
use serde_json::{Value, json};

fn assert_denied(session: &mut Session, why: &str) {
    let denied = session.denied();
    assert!(denied.len() == 1 && denied[0].0 == 1 && denied[0].1.contains(why), "{denied:?}");
    assert_eq!(session.called(), Vec::<Value>::new());
    assert_eq!(session.reasons(), [Reason::ToolUnseen], "{why}");
    // Another call asks again.
    session.call(2, "ok");
    let id = session.asked_again();
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [2]);
}

#[test]
fn a_server_that_lists_nothing_useful() {
    for (answer, why) in [
        (json!({}), "is malformed"),
        (json!({"tools": {}}), "is malformed"),
        (json!({"tools": [], "nextCursor": 7}), "is malformed"),
        (json!({"tools": [tool("ok")], "resultType": "input_required"}), "is malformed"),
        (json!({"tools": [], "nextCursor": "x".repeat(70_000)}), "a cursor that is too long"),
        (json!({"tools": vec![json!({"name": "x"}); 65_537]}), "is too long"),
        (json!({"tools": []}), "the server does not list it"),
    ] {
        let (mut session, id) = waiting();
        session.server(result(id, answer.clone()));
        if why.contains("does not list") {
            assert_eq!(session.denied()[0].1.contains(why), session.reasons() == [Reason::ToolUnseen]);
        } else {
            assert_denied(&mut session, why);
        }
    }
    let (mut session, id) = waiting();
    session.server(error(id, -32603, json!({})));
    assert_denied(&mut session, "answered with an error");
}

#[test]
fn an_answer_that_is_no_message_or_too_long() {
    let (mut session, id) = waiting();
    session.server(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":[],"tools":[]}}}}"#));
    assert_eq!(session.events.remove(0).reason, Reason::Malformed);
    assert_denied(&mut session, "is malformed");
    let (session, id) = waiting();
    let mut passing = Passing::default();
    passing.take(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":["#).as_bytes());
    passing.take(b"]}}");
    let outcome = session.gate.oversized_from_server(&passing);
    let denied: Vec<Value> = outcome.to_client.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!((denied.len(), &denied[0]["id"]), (1, &json!(1)));
    // Nobody waits for this any more.
    assert!(session.gate.oversized_from_server(&passing).to_client.is_empty());
}

#[test]
fn pages_that_come_round_or_never_end() {
    let (mut session, id) = waiting();
    session.server(result(id, json!({"tools": [], "nextCursor": "a"})));
    let id = session.asked();
    session.server(result(id, json!({"tools": [], "nextCursor": "b"})));
    let id = session.asked();
    session.server(result(id, json!({"tools": [tool("ok")], "nextCursor": "a"})));
    assert_denied(&mut session, "come round again");
    let (mut session, mut id) = waiting();
    for page in 0.. {
        assert!(page < 1000);
        session.server(result(id.clone(), json!({"tools": [], "nextCursor": page.to_string()})));
        if !session.events.is_empty() {
            break;
        }
        id = session.asked();
    }
    assert_denied(&mut session, "too many pages");
}

#[test]
fn two_tools_of_one_name_are_none_on_whatever_pages() {
    for second in [tool("ok"), json!({"name": "ok"})] {
        let (mut session, id) = waiting();
        session.server(result(id, json!({"tools": [tool("ok"), second]})));
        assert_eq!((session.called(), session.denied().len()), (vec![], 1));
        let (mut session, id) = waiting();
        session.server(result(id, json!({"tools": [tool("ok")], "nextCursor": "2"})));
        session.list(&[second]);
        assert_eq!((session.called(), session.denied().len()), (vec![], 1));
        assert_eq!(session.reasons().last(), Some(&Reason::ToolChanged));
    }
}

#[test]
fn a_server_that_never_answers_or_answers_too_late_or_twice() {
    let (mut session, id) = waiting();
    session.time_is_up();
    let [cancelled] = &session.got()[..] else { panic!() };
    assert_eq!((&cancelled["method"], &cancelled["params"]["requestId"]), (&json!("notifications/cancelled"), &id));
    let came = session.denied();
    assert!(came[0].1.contains("did not list its tools in time"), "{came:?}");
    // Late, it is no evidence, and nobody gets it.
    session.server(result(id.clone(), json!({"tools": [tool("ok")]})));
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert_eq!((session.heard(), session.reasons()), (vec![], vec![Reason::ToolUnseen, Reason::Unexpected]));
    session.call(2, "ok");
    let id = session.asked_again();
    assert!(session.got().is_empty());
    // The time of the first wait says nothing about the second.
    let old = session.wait.unwrap();
    session.server(result(id.clone(), json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [2]);
    assert_eq!(session.gate.time_is_up(old), genome_mcp::Outcome::default());
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert_eq!((session.heard(), session.reasons()), (vec![], vec![Reason::Unexpected]));
}

#[test]
fn a_client_that_does_not_finish_the_handshake_waits_no_longer_than_others() {
    let mut session = Session::new();
    session.client(request("init", "initialize", json!({"protocolVersion": "2025-11-25", "capabilities": {}})));
    session.got();
    session.call(1, "ok");
    session.time_is_up();
    assert!(session.denied()[0].1.contains("the client did not say `notifications/initialized` in time"));
    assert!(session.got().is_empty());
}

#[test]
fn a_call_that_is_cancelled_while_it_waits_is_never_sent() {
    let (mut session, id) = waiting();
    session.call(2, "two");
    session.client(notification("notifications/cancelled", json!({"requestId": 1})));
    assert!(session.got().is_empty() && session.heard().is_empty() && session.events.is_empty());
    // The id is free again.
    session.call(1, "two");
    session.server(result(id, json!({"tools": [tool("ok"), tool("two")]})));
    let called = session.got();
    let calls: Vec<_> =
        called.iter().map(|call| (call["id"].as_i64().unwrap(), call["params"]["name"].as_str().unwrap())).collect();
    assert_eq!((calls, session.heard()), (vec![(2, "two"), (1, "two")], vec![]));
    // And so where all of them are.
    let (mut session, id) = waiting();
    session.client(notification("notifications/cancelled", json!({"requestId": 1})));
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert!(session.got().is_empty());
    session.call(1, "ok");
    assert_eq!(session.called(), [1]);
}

#[test]
fn many_wait_and_too_many_do_not() {
    let (mut session, id) = waiting();
    for id in 2..=1024 {
        session.call(id, if id % 2 == 0 { "two" } else { "ok" });
    }
    assert!(session.heard().is_empty());
    session.call(1025, "ok");
    let denied = session.denied();
    assert!(denied[0].1.contains("too many calls wait"), "{denied:?}");
    // An id that waits is taken.
    session.call(7, "ok");
    assert_eq!(session.heard()[0]["error"]["code"], -32600);
    session.server(result(id, json!({"tools": [tool("ok")]})));
    let denied: Vec<i64> = session.denied().into_iter().map(|(id, _)| id).collect();
    assert_eq!(denied, (2..=1024).step_by(2).collect::<Vec<i64>>());
    assert_eq!(session.called(), (1..=1024).step_by(2).map(|id| json!(id)).collect::<Vec<Value>>());
}

#[test]
fn a_server_cannot_answer_a_call_that_it_was_not_sent() {
    let (mut session, id) = waiting();
    session.server(result(1, json!({"content": []})));
    session.server(r#"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#);
    assert_eq!((session.heard(), session.reasons()), (vec![], vec![Reason::Unexpected, Reason::Malformed]));
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [1]);
    session.server(result(1, json!({"content": []})));
    assert_eq!(session.heard().len(), 1);
}

#[test]
fn a_client_cannot_take_the_ids_of_the_gate() {
    let (mut session, id) = waiting();
    for method in ["tools/list", "ping"] {
        session.client(request(id.clone(), method, json!({})));
        let came = session.heard();
        assert_eq!((&came[0]["error"]["code"], &came[0]["id"]), (&json!(-32600), &id));
    }
    session.client(notification("notifications/cancelled", json!({"requestId": id})));
    assert!(session.got().is_empty());
    session.reasons();
    session.client(request(format!("{PREFIX}later"), "ping", json!({})));
    assert_eq!(session.heard()[0]["error"]["code"], -32600);
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [1]);
}

#[test]
fn a_server_that_ends_while_calls_wait() {
    let (mut session, id) = waiting();
    session.call(2, "two");
    let mut ended: Vec<i64> = Vec::new();
    for text in session.gate.close() {
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["error"]["code"], -32603);
        ended.push(answer["id"].as_i64().unwrap());
    }
    ended.sort_unstable();
    assert_eq!((ended, session.gate.next_due().is_some()), (vec![1, 2], false));
    session.server(result(id, json!({"tools": [tool("ok")]})));
    session.time_is_up();
    session.call(3, "ok");
    assert_eq!(session.heard().len(), 1);
    assert!(session.got().is_empty());
}

#[test]
fn a_call_that_was_to_be_a_task_is_denied_with_an_error() {
    let (mut session, _) = waiting();
    session.client(request(2, "tools/call", json!({"name": "ok", "task": {}})));
    session.time_is_up();
    let came = session.heard();
    let task = came.iter().find(|answer| answer["id"] == 2).unwrap();
    assert_eq!((&task["error"]["code"], &task["error"]["data"]["reason"]), (&json!(-31001), &json!("tool_unseen")));
}
