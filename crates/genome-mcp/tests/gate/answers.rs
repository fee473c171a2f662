//! How a denial is answered (2.4 of the facts on MCP), and what the gate says when the server has gone.

use super::sides::{client, gate, modern, request, result, server, shake_hands};
use genome_mcp::message::{Id, Passing};
use genome_mcp::{Outcome, Reason, Side};
use serde_json::json;
use std::borrow::Cow;

#[test]
fn a_denied_call_is_a_result_that_models_read() {
    let answer =
        client(&gate(&["s/ok"]), request("x", "tools/call", json!({"name": "rm", "arguments": {"a": "secret"}}))).answer.unwrap();
    let text = answer["result"]["content"][0]["text"].as_str().unwrap().to_owned();
    assert_eq!(
        answer,
        json!({"jsonrpc": "2.0", "id": "x", "result": {"content": [{"type": "text", "text": text}], "isError": true}})
    );
    assert!(text.starts_with("denied: the action `s/rm` is not allowed by the genome "), "{text}");
    // Nothing of what is allowed, and no arguments.
    assert!(!text.contains("s/ok") && !text.contains("secret"));
    let answer = client(&gate(&["s/ok"]), modern(1, "tools/call", json!({"name": "rm"}), json!({}))).answer.unwrap();
    assert_eq!((&answer["result"]["resultType"], &answer["result"]["isError"]), (&json!("complete"), &json!(true)));
}

#[test]
fn a_denied_call_that_was_to_be_a_task_is_an_error() {
    let answer = client(&gate(&[]), request(1, "tools/call", json!({"name": "rm", "task": {}}))).answer.unwrap();
    assert_eq!(answer["error"]["code"], -31001);
    assert_eq!(answer["error"]["data"], json!({"code": "GENOME_CAPABILITY_DENIED", "action": "s/rm", "reason": "not_allowed"}));
}

#[test]
fn a_log_gets_what_was_denied_and_no_arguments() {
    let name = format!("rm\u{202e}{}", "x".repeat(5000));
    let came = client(&gate(&[]), request(7, "tools/call", json!({"name": name, "arguments": {"a": "secret"}})));
    let event = &came.events[0];
    assert_eq!(
        (event.from, event.reason, &event.id, event.method.as_deref()),
        (Side::Client, Reason::NotAllowed, &Some(Id::Number(7)), Some("tools/call"))
    );
    let line = event.to_json(vec![("server", genome_json::Value::string("s"))]);
    assert!(line.len() < 1000 && !line.contains("secret") && !line.contains('\u{202e}'), "{line}");
    assert!(
        line.starts_with(r#"{"server":"s","from":"client","reason":"not_allowed","method":"tools/call","action":"s/rm\u202ex"#),
        "{line}"
    );
    // A model and its user see what stands there, too.
    let text = came.answer.unwrap().to_string();
    assert!(!text.contains('\u{202e}') && text.len() < 2000, "{text}");
}

#[test]
fn a_log_gets_no_name_of_a_member_that_a_stranger_wrote() {
    for line in [
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","secret of somebody":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok","NA_ME":"secret"}}"#,
    ] {
        let gate = gate(&["s/ok"]);
        for came in [client(&gate, line), server(&gate, line)] {
            let line = came.events[0].to_json(Vec::new());
            assert!(!line.contains("secret") && !line.contains("NA_ME") && line.contains("member"), "{line}");
        }
    }
}

#[test]
fn what_is_said_of_an_unknown_revision_shows() {
    let line = modern(1, "ping", json!({}), json!({})).replace(super::sides::MODERN, "\u{202e}`\u{200b}x");
    let answer = gate(&[]).from_client(line.as_bytes()).to_client.concat();
    assert!(answer.contains(r#""requested":"\u202e`\u200bx""#), "{answer}");
    // Put together here, so that no file of the repository shows one.
    let key = ["-----BEGIN PRIVATE KEY-----\\n", "MC4CAQAwBQYDK2VwBCIEI", &"A".repeat(43), "\\n-----END PRIVATE KEY-----"].concat();
    let line = modern(1, "ping", json!({}), json!({})).replace(super::sides::MODERN, &key);
    let answer = gate(&[]).from_client(line.as_bytes()).to_client.concat();
    assert!(!answer.contains("MC4C"), "{answer}");
}

/// A server waits for an answer as a client does.
#[test]
fn a_request_of_a_server_that_is_refused_is_answered() {
    let gate = gate(&["s:roots/list"]);
    let line = r#"{"jsonrpc":"2.0","id":5,"method":"roots/list","params":{"a":1,"a":2}}"#;
    // Nobody answers one of the modern era.
    let came = server(&gate, line);
    assert_eq!((came.reason(), came.answer), (Some(Reason::Malformed), None));
    shake_hands(&gate);
    let came = server(&gate, line);
    assert_eq!((came.code(), came.reason()), (Some(-32600), Some(Reason::Malformed)));
    assert_eq!(came.answer.unwrap()["id"], 5);
    let mut passing = Passing::default();
    passing.take(line.as_bytes());
    let too_long = gate.oversized_from_server(&passing).to_server.unwrap();
    assert!(too_long.starts_with(r#"{"jsonrpc":"2.0","id":5,"error":{"code":-32600,"#), "{too_long}");
    // Where the id is not certain, or that of another request, no answer can be meant for it.
    let came = server(&gate, r#"{"jsonrpc":"2.0","id":5,"id":6,"method":"roots/list"}"#);
    assert_eq!((came.forward, came.answer, came.events.len()), (None, None, 1));
    assert!(server(&gate, request(5, "roots/list", json!({}))).is_passed());
    assert_eq!(server(&gate, line).answer, None);
    assert_eq!(gate.oversized_from_server(&passing).to_server, None);
    assert!(client(&gate, result(5, json!({"roots": []}))).is_passed());
}

#[test]
fn each_open_request_is_answered_when_the_server_has_gone() {
    let gate = gate(&["s/ok"]);
    for id in [json!(1), json!("1"), json!("\u{e9}\"")] {
        assert!(client(&gate, request(id, "tools/call", json!({"name": "ok"}))).is_passed());
    }
    assert!(client(&gate, request(2, "ping", json!({}))).is_passed());
    assert!(server(&gate, result(2, json!({}))).is_passed());
    let mut ids: Vec<String> = gate
        .close()
        .iter()
        .map(|text| {
            let answer: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(answer["error"]["code"], -32603);
            answer["id"].to_string()
        })
        .collect();
    ids.sort();
    assert_eq!(ids, [r#""1""#, r#""é\"""#, "1"]);
    assert_eq!(gate.close(), Vec::<String>::new());
    // Whoever comes later is answered at once.
    let came = client(&gate, request(3, "tools/call", json!({"name": "ok"})));
    assert_eq!((came.code(), came.answer.unwrap()["id"].as_i64()), (Some(-32603), Some(3)));
}

#[test]
fn what_is_too_long_is_answered() {
    let passing = |line: &str| {
        let mut passing = Passing::default();
        passing.take(line.as_bytes());
        passing
    };
    let text = |outcome: Outcome<'_>| (outcome.to_server.map(Cow::into_owned).unwrap_or_default(), outcome.to_client.concat());
    let gate = gate(&["s/ok", "s:roots/list"]);
    shake_hands(&gate);
    let (call, call_result) = (request(1, "tools/call", json!({"name": "ok"})), result(1, json!({"content": []})));
    let (forward, said) = text(gate.oversized_from_client(&passing(&call)));
    assert!(forward.is_empty() && said.starts_with(r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"#), "{said}");
    assert!(text(gate.oversized_from_client(&passing("{"))).1.starts_with(r#"{"jsonrpc":"2.0","error":{"code":-32600,"#));
    assert_eq!(text(gate.oversized_from_server(&passing(&call_result))), Default::default());
    assert!(client(&gate, &call).is_passed());
    // With its id, it would end the one that is open.
    assert!(text(gate.oversized_from_client(&passing(&call))).1.starts_with(r#"{"jsonrpc":"2.0","error":"#));
    let (said, forward) = text(gate.oversized_from_server(&passing(&call_result)));
    assert!(said.is_empty() && forward.starts_with(r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"#), "{forward}");
    assert_eq!(server(&gate, call_result).reason(), Some(Reason::Unexpected));
    // The server waits for its answers, too.
    assert!(server(&gate, request(5, "roots/list", json!({}))).is_passed());
    let (forward, said) = text(gate.oversized_from_client(&passing(&result(5, json!({"roots": []})))));
    assert!(said.is_empty() && forward.starts_with(r#"{"jsonrpc":"2.0","id":5,"error":{"code":-32603,"#), "{forward}");
}
