//! The gate lists the tools of a server by itself, before it lets a call of a pinned one through.

use super::pinned::{PREFIX, Session, genome_with, other, pin, tool};
use super::sides::{modern, notification, request, result};
use genome_mcp::Reason;
use serde_json::{Value, json};

const CHANGED: &str = "notifications/tools/list_changed";

fn changed() -> String {
    notification(CHANGED, json!({}))
}

#[test]
fn the_first_call_waits_until_all_pages_are_read() {
    let mut session = Session::begun();
    session.call(1, "ok");
    let id = session.asked();
    session.call(2, "two");
    assert!(session.got().is_empty());
    session.server(result(id, json!({"tools": [tool("ok"), tool("rm")], "nextCursor": ""})));
    // It waits for the last page, too.
    let came = session.got();
    let [page] = &came[..] else { panic!() };
    assert_eq!((&page["params"], &page["id"]), (&json!({"cursor": ""}), &json!(format!("{PREFIX}1"))));
    session.server(result(page["id"].clone(), json!({"tools": [tool("two")]})));
    assert_eq!((session.called(), session.heard(), session.reasons()), (vec![json!(1), json!(2)], vec![], vec![]));
    // From now on nothing waits.
    session.call(3, "ok");
    assert_eq!(session.called(), [3]);
    for id in 1..4 {
        session.server(result(id, json!({"content": []})));
    }
    assert_eq!(session.heard().len(), 3);
}

#[test]
fn in_the_modern_era_it_says_what_the_call_says() {
    let mut session = Session::new();
    let call = modern("a", "tools/call", json!({"name": "ok", "arguments": {}}), json!({"sampling": {}, "x": {}}));
    session.client(&call);
    let came = session.got();
    let [asked] = &came[..] else { panic!() };
    let said: Value = serde_json::from_str(&call).unwrap();
    let mut meta = said["params"]["_meta"].clone();
    // The server may not ask the model here.
    meta["io.modelcontextprotocol/clientCapabilities"] = json!({"x": {}});
    assert_eq!((&asked["method"], &asked["params"]), (&json!("tools/list"), &json!({"_meta": meta})));
    let page =
        json!({"resultType": "complete", "ttlMs": 5, "cacheScope": "private", "tools": [tool("ok")], "nextCursor": "\u{e9}"});
    session.server(result(asked["id"].clone(), page));
    let came = session.got();
    let [asked] = &came[..] else { panic!() };
    assert_eq!(asked["params"], json!({"_meta": meta, "cursor": "\u{e9}"}));
    session.server(result(asked["id"].clone(), json!({"resultType": "complete", "tools": []})));
    assert_eq!((session.called(), session.heard()), (vec![json!("a")], vec![]));
    // What is of the one request alone is not said by the other.
    let mut session = Session::new();
    let mut call: Value = serde_json::from_str(&call).unwrap();
    call["params"]["_meta"]["progressToken"] = json!(7);
    call["params"]["_meta"]["traceparent"] = json!("00-0-0-00");
    session.client(call.to_string());
    assert_eq!(session.got()[0]["params"], json!({"_meta": meta}));
}

#[test]
fn what_is_known_of_one_era_says_nothing_of_the_other() {
    let mut session = Session::begun();
    session.call(1, "ok");
    session.list(&[tool("ok")]);
    assert_eq!(session.called(), [1]);
    session.client(modern(2, "tools/call", json!({"name": "ok"}), json!({})));
    session.list(&[other("ok")]);
    assert_eq!((session.called(), session.denied().len()), (vec![], 1));
    // Calls of both wait at once.
    let mut session = Session::begun();
    session.call(1, "ok");
    session.client(modern(2, "tools/call", json!({"name": "ok"}), json!({})));
    session.call(3, "ok");
    let id = session.asked();
    session.server(result(id, json!({"tools": [tool("ok")]})));
    let came = session.got();
    let ids: Vec<&Value> = came.iter().map(|message| &message["id"]).collect();
    assert_eq!(ids, [&json!(1), &json!(3), &json!(format!("{PREFIX}1"))]);
    session.server(result(format!("{PREFIX}1"), json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [2]);
}

#[test]
fn a_call_of_the_legacy_era_waits_for_the_handshake() {
    let mut session = Session::new();
    session.call(1, "ok");
    assert!(session.denied()[0].1.contains("before it has begun the session with `initialize`"));
    assert_eq!((session.reasons(), session.got()), (vec![Reason::ToolUnseen], vec![]));
    session.client(request("init", "initialize", json!({"protocolVersion": "2025-11-25", "capabilities": {}})));
    session.call(2, "ok");
    assert_eq!(session.got().len(), 1);
    session.server(result("init", json!({"protocolVersion": "2025-11-25", "capabilities": {}})));
    session.heard();
    session.client(notification("notifications/initialized", json!({})));
    let came = session.got();
    let methods: Vec<&Value> = came.iter().map(|message| &message["method"]).collect();
    assert_eq!(methods, ["notifications/initialized", "tools/list"]);
    session.server(result(came[1]["id"].clone(), json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [2]);
    // A session that is begun anew is another one.
    session.client(request("again", "initialize", json!({"protocolVersion": "2025-11-25", "capabilities": {}})));
    session.got();
    session.call(3, "ok");
    assert!(session.got().is_empty());
}

#[test]
fn a_list_that_has_changed_is_read_anew_at_the_next_call() {
    let mut session = Session::begun();
    // Before anything was read it means nothing.
    session.server(changed());
    assert_eq!((session.got(), session.heard().len()), (vec![], 1));
    session.call(1, "ok");
    session.list(&[tool("ok"), tool("two")]);
    assert_eq!(session.called(), [1]);
    session.server(changed());
    assert_eq!((session.got(), session.heard().len()), (vec![], 1));
    session.call(2, "ok");
    session.list(&[other("ok"), tool("two")]);
    assert_eq!((session.called(), session.denied().len()), (vec![], 1));
    session.call(3, "two");
    assert_eq!(session.called(), [3]);
    // And it may be as it was.
    session.server(changed());
    session.heard();
    session.call(4, "ok");
    session.list(&[tool("ok")]);
    assert_eq!(session.called(), [4]);
}

#[test]
fn a_list_that_changes_while_it_is_read_is_read_from_its_start() {
    let mut session = Session::begun();
    session.call(1, "ok");
    let first = session.asked();
    session.server(result(first.clone(), json!({"tools": [tool("ok")], "nextCursor": "2"})));
    let second = session.asked();
    // Between two pages.
    session.server(changed());
    let third = session.asked();
    assert_eq!(session.heard().len(), 1);
    // What was asked before is no evidence.
    session.server(result(second, json!({"tools": [tool("two")]})));
    assert_eq!((session.got(), session.reasons()), (vec![], vec![]));
    // Within: the answer is on its way already.
    session.server(changed());
    let fourth = session.asked();
    session.server(result(third, json!({"tools": [tool("ok")]})));
    session.server(result(fourth, json!({"tools": [other("ok")]})));
    session.heard().truncate(1);
    assert_eq!((session.called(), session.reasons()), (vec![], vec![Reason::ToolChanged, Reason::ToolChanged]));
}

#[test]
fn a_list_that_never_rests_is_given_up() {
    let mut session = Session::begun();
    session.call(1, "ok");
    for _ in 0..5 {
        session.asked();
        session.server(changed());
    }
    assert!(session.got().is_empty());
    let said = session.heard().pop().unwrap()["result"]["content"][0]["text"].to_string();
    assert!(said.contains("changed again and again"), "{said}");
    // Later it may rest.
    session.call(2, "ok");
    let id = session.asked_again();
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert_eq!(session.called(), [2]);
}

#[test]
fn a_list_that_the_client_sees_is_held_against_what_is_known() {
    let mut session = Session::begun();
    session.call(1, "ok");
    session.list(&[tool("ok"), tool("two")]);
    assert_eq!(session.called(), [1]);
    let seen = |session: &mut Session, id: i64, tools: &[Value]| {
        session.client(request(id, "tools/list", json!({})));
        session.got();
        session.server(result(id, json!({"tools": tools})));
        session.heard().pop().unwrap()["result"]["tools"].clone()
    };
    // A page that shows the same ends nothing.
    assert_eq!(seen(&mut session, 2, &[tool("two")]), json!([tool("two")]));
    session.call(3, "ok");
    assert_eq!(session.called(), [3]);
    // It changed between list and call, without a word.
    assert_eq!(seen(&mut session, 4, &[other("ok"), tool("two")]), json!([tool("two")]));
    session.call(5, "ok");
    session.list(&[other("ok"), tool("two")]);
    assert_eq!((session.called(), session.denied().len()), (vec![], 1));
    // What the client was shown is only good if the gate finds it itself.
    assert_eq!(seen(&mut session, 6, &[tool("ok")]), json!([tool("ok")]));
    session.call(7, "ok");
    session.list(&[tool("two")]);
    assert!(session.denied()[0].1.contains("the server does not list it"));
    // Shown to the client while the gate reads.
    session.server(changed());
    session.heard();
    session.call(8, "ok");
    let id = session.asked();
    session.client(request(9, "tools/list", json!({})));
    session.got();
    session.server(result(9, json!({"tools": [other("ok")]})));
    assert_eq!(session.heard()[0]["result"]["tools"], json!([]));
    session.server(result(id, json!({"tools": [tool("ok")]})));
    assert_eq!((session.called(), session.denied().len()), (vec![], 1));
}

#[test]
fn what_the_client_says_keeps_its_order() {
    let mut session = Session::begun();
    session.call(1, "ok");
    let id = session.asked();
    session.call(2, "two");
    // Not written yet.
    let page = result(id, json!({"tools": [tool("ok"), tool("two")]}));
    assert!(session.gate.from_server(page.as_bytes()).is_due);
    let first = session.gate.next_due().unwrap();
    session.note(first);
    for line in [
        request(3, "tools/call", json!({"name": "ok"})),
        notification("notifications/cancelled", json!({"requestId": 1})),
        request(4, "ping", json!({})),
    ] {
        let outcome = session.gate.from_client(line.as_bytes());
        assert!(outcome.is_due && outcome.to_server.is_none());
    }
    session.write_due();
    let said = session.got();
    let ids: Vec<&Value> = said.iter().map(|message| &message["id"]).collect();
    assert_eq!(ids, [&json!(1), &json!(2), &json!(3), &json!(null), &json!(4)]);
    session.call(5, "ok");
    assert_eq!(session.called(), [5]);
}

#[test]
fn a_genome_without_pins_of_the_server_asks_nothing() {
    let genome = genome_with(&["s/ok", "other/ok"], &[pin("other/ok", &tool("ok"))]);
    let mut session = Session::of(&genome);
    session.call(1, "ok");
    assert_eq!((session.called(), session.reasons()), (vec![json!(1)], vec![]));
    // And an id that begins as the gate's own is one like others.
    session.client(request(format!("{PREFIX}0"), "tools/list", json!({})));
    session.server(result(format!("{PREFIX}0"), json!({"tools": [other("ok")]})));
    assert_eq!(session.heard()[0]["result"]["tools"], json!([other("ok")]));
}
