//! What a genome pins, and what that means for calls, instructions, and other ways in which definitions reach a model.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test stop where it fails")]

use super::pinned::{Session, digest, genome_with, other, pin, tool};
use super::sides::{modern, request, result};
use genome_mcp::{Gate, Names, Reason};
use serde_json::{Value, json};
use std::slice::from_ref;

#[test]
fn what_is_pinned_of_a_server() {
    let names = |server: &str| Names::of_server(server.parse().unwrap());
    let plain = || Names::with_plain_tools("s".parse().unwrap());
    for (action, names, is_pinned) in [
        ("s/ok", names("s"), true),
        ("s:instructions", names("s"), true),
        ("s/ok", names("other"), false),
        ("other/ok", names("s"), false),
        // Its tools have no server in their names.
        ("ok", names("s"), false),
        ("ok", plain(), true),
        ("other/ok", plain(), true),
    ] {
        let genome = genome_with(&["s/ok", "ok", "other/ok"], &[pin(action, &json!("x"))]);
        assert_eq!(Gate::new(&genome, names.clone(), [0; 16]).is_pinned(), is_pinned, "{action} {names:?}");
    }
    assert!(!Gate::new(&genome_with(&["s/ok"], &[]), plain(), [0; 16]).is_pinned());
}

#[test]
fn an_allowed_tool_without_a_pin_is_good_for_nothing() {
    let mut session = Session::begun();
    session.call(1, "three");
    let denied = session.denied();
    assert!(denied[0].1.contains("does not pin `s/three`"), "{denied:?}");
    assert_eq!((session.reasons(), session.called()), (vec![Reason::ToolUnpinned], vec![]));
    // Nor is it shown, where one that is not allowed is no event.
    session.client(request(2, "tools/list", json!({})));
    session.server(result(2, json!({"tools": [tool("ok"), tool("three"), tool("rm")]})));
    assert_eq!(session.heard()[0]["result"]["tools"], json!([tool("ok")]));
    let [event] = &session.events[..] else { panic!() };
    assert_eq!((event.reason, event.action.as_deref()), (Reason::ToolUnpinned, Some("s/three")));
}

#[test]
fn plain_names_are_held_to_any_pin() {
    let names = Names::with_plain_tools("s".parse().unwrap());
    let genome = genome_with(&["ok", "two"], &[pin("ok", &tool("ok"))]);
    let mut session = Session::of(&genome);
    session.gate = Gate::new(&genome, names, [7; 16]);
    session.shake_hands();
    session.call(1, "two");
    assert_eq!(session.reasons(), [Reason::ToolUnpinned]);
    session.call(2, "ok");
    session.list(&[tool("ok")]);
    assert_eq!(session.called(), [2]);
}

#[test]
fn several_pins_of_a_tool_are_several_definitions_that_are_good() {
    let pins = [pin("s/ok", &tool("ok")), pin("s/ok", &other("ok"))];
    for shown in [tool("ok"), other("ok")] {
        let mut session = Session::of(&genome_with(&["s/ok"], &pins));
        session.shake_hands();
        session.call(1, "ok");
        session.list(&[shown]);
        assert_eq!((session.called(), session.reasons()), (vec![json!(1)], vec![]));
    }
}

/// The answers that begin a session, in both eras, with this in them.
fn begins(pins: &[Value], more: &Value) -> Vec<(Value, Vec<Reason>)> {
    let mut begun = Vec::new();
    let whole = |mut answer: Value| {
        let more = more.as_object().unwrap().clone();
        answer.as_object_mut().unwrap().extend(more);
        answer
    };
    let legacy = (request(1, "initialize", json!({})), whole(json!({"protocolVersion": "2025-11-25", "capabilities": {}})));
    let modern = (
        modern(1, "server/discover", json!({}), json!({})),
        whole(json!({"supportedVersions": ["2026-07-28"], "capabilities": {}})),
    );
    for (asked, answer) in [legacy, modern] {
        let mut session = Session::of(&genome_with(&["s/ok"], pins));
        session.client(asked);
        session.server(result(1, answer));
        let [came] = &session.heard()[..] else { panic!() };
        begun.push((came.clone(), session.reasons()));
    }
    begun
}

#[test]
fn instructions_pass_only_if_they_are_pinned_in_both_eras() {
    let text = json!("Read \"first\" \u{e9}");
    let of_tool = pin("s/ok", &tool("ok"));
    let of_text = json!({"action": "s:instructions", "sha256": digest(&text)});
    for (pins, given, left, reason) in [
        (&[][..], json!({"instructions": text}), Some(&text), None),
        (from_ref(&of_text), json!({"instructions": text}), Some(&text), None),
        (from_ref(&of_text), json!({"a": 1, "instructions": "Read", "z": 1}), None, Some(Reason::InstructionsChanged)),
        (from_ref(&of_text), json!({"instructions": ["Read"]}), None, Some(Reason::InstructionsChanged)),
        (from_ref(&of_text), json!({}), None, None),
        (from_ref(&of_tool), json!({"instructions": text}), None, Some(Reason::InstructionsUnpinned)),
        (from_ref(&of_tool), json!({"instructions": "Read"}), None, Some(Reason::InstructionsUnpinned)),
    ] {
        for (came, reasons) in begins(pins, &given) {
            assert_eq!(came["result"].get("instructions"), left, "{came}");
            assert_eq!(reasons, Vec::from_iter(reason), "{given}");
            assert!(came["result"].get("capabilities").is_some(), "{came}");
            assert_eq!(came["result"].get("z"), given.get("z"), "{came}");
        }
    }
}

#[test]
fn what_a_server_says_of_itself_goes_where_something_is_pinned() {
    let info = json!({"name": "n", "version": "1", "description": "do as I say"});
    let given = json!({"serverInfo": info, "_meta": {"a": 1, "io.modelcontextprotocol/serverInfo": info}});
    let left = json!({"name": "n", "version": "1"});
    for (came, _) in begins(&[pin("s/ok", &tool("ok"))], &given) {
        assert_eq!(came["result"]["serverInfo"], left);
        assert_eq!(came["result"]["_meta"], json!({"a": 1, "io.modelcontextprotocol/serverInfo": left}));
    }
    for (came, _) in begins(&[], &given) {
        assert_eq!(came["result"]["_meta"], given["_meta"]);
    }
    // Readers in Go take this for the instructions.
    for (came, reasons) in begins(&[pin("s/ok", &tool("ok"))], &json!({"Instructions": "Read"})) {
        assert_eq!((came["error"]["code"].as_i64(), reasons), (Some(-32603), vec![Reason::Malformed]));
    }
}

#[test]
fn definitions_that_come_with_a_question_to_the_model_have_to_be_pinned() {
    let genome = genome_with(&["s/ok", "s/three", "s:sampling/createMessage"], &[pin("s/ok", &tool("ok"))]);
    for (tools, reason) in [
        (json!([]), None),
        (json!([tool("ok")]), None),
        (json!([tool("ok"), tool("three")]), Some(Reason::ToolUnpinned)),
        (json!([other("ok")]), Some(Reason::ToolChanged)),
        (json!([tool("rm")]), Some(Reason::NotAllowed)),
        (json!([{"description": "nameless"}]), Some(Reason::Malformed)),
        (json!({"ok": tool("ok")}), Some(Reason::Malformed)),
    ] {
        let mut session = Session::of(&genome);
        session.shake_hands();
        session.server(request(1, "sampling/createMessage", json!({"messages": [], "tools": tools})));
        assert_eq!((session.heard().is_empty(), session.reasons()), (reason.is_some(), Vec::from_iter(reason)), "{tools}");
        // In the modern era within a result.
        let mut session = Session::of(&genome);
        session.client(modern(1, "prompts/get", json!({"name": "p"}), json!({})));
        session.heard();
        session.reasons();
        session.client(modern(2, "tools/call", json!({"name": "ok"}), json!({})));
        session.list(&[tool("ok")]);
        let asks = json!({"a": {"method": "sampling/createMessage", "params": {"messages": [], "tools": tools}}});
        session.server(result(2, json!({"resultType": "input_required", "inputRequests": asks})));
        let came = session.heard();
        assert_eq!(came[0]["result"].get("inputRequests").is_none(), reason.is_some(), "{came:?}");
    }
}
