//! A model of the gate that was written apart, and is as plain as can be: whatever reaches the server is something that the model allows.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::sides::{gate, gate_of, genome};
use genome_mcp::Gate;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use std::cell::Cell;
use std::collections::HashSet;

/// What the model believes to be allowed.
const ALLOWED: [&str; 3] = ["s/ok", "s/a/b", "s:resources/read"];

/// Whether the naive model lets a server see this line: a server that takes any control character of ASCII for the end of a line, and the last of two members.
fn is_allowed(line: &str) -> bool {
    // Their reader refuses half of a surrogate pair, which others pass on.
    let line = line.replace("\\ud800", "?");
    line.split(|character: char| character < ' ').all(|part| {
        match serde_json::from_str::<Value>(part) {
            // What is no message runs nothing.
            Err(_) => false,
            Ok(message) => message_is_allowed(&message),
        }
    })
}

fn message_is_allowed(message: &Value) -> bool {
    if let Value::Array(batch) = message {
        return batch.iter().all(message_is_allowed);
    }
    let Some(method) = message["method"].as_str() else { return true };
    let allowed: HashSet<&str> = ALLOWED.into_iter().collect();
    match method {
        // For a server in Go or in C, all of these are its name.
        "tools/call" => {
            let params = message["params"].as_object().into_iter().flatten();
            let names: Vec<&Value> = params.filter(|(name, _)| is_name(name)).map(|(_, value)| value).collect();
            let is_allowed = |name: &&Value| name.as_str().is_some_and(|name| allowed.contains(format!("s/{name}").as_str()));
            !names.is_empty() && names.iter().all(is_allowed)
        }
        "resources/read" | "resources/list" | "resources/subscribe" => allowed.contains("s:resources/read"),
        "initialize" | "ping" | "tools/list" | "server/discover" | "notifications/initialized" => true,
        other => allowed.contains(format!("s:{other}").as_str()),
    }
}

/// Whether some server takes the name of a member for `name`: one that ends it at U+0000, trims it, or does not tell capitals from others.
fn is_name(member: &str) -> bool {
    member.split('\0').next().unwrap_or_default().trim().eq_ignore_ascii_case("name")
}

/// Names as an attacker writes them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => Just("ok"),
        6 => Just(r"\u006fk"),
        6 => Just("a/b"),
        6 => Just("rm"),
        1 => Just(r"r\u006d"),
        1 => Just("OK"),
        1 => Just("ok "),
        1 => Just(r"ok\u0000"),
        1 => Just(r"ok\ud800"),
        1 => Just(":resources/read"),
        1 => Just(""),
    ]
    .prop_map(|name| format!("\"{name}\""))
}

fn method() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just("tools/call"),
        2 => Just(r"tools\/call"),
        2 => Just(r"t\u006fols/call"),
        1 => Just("resources/read"),
        1 => Just("prompts/get"),
        1 => Just("ping"),
        1 => Just("initialize"),
        1 => Just("tools/call "),
        1 => Just("vendor/run"),
        1 => Just("notifications/initialized"),
    ]
    .prop_map(|method| format!("\"{method}\""))
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![40 => Just(""), 5 => Just(" "), 5 => Just("\r"), 5 => Just("\t\r"), 1 => Just("\u{b}"), 1 => Just("\u{2028}")]
        .prop_map(str::to_owned)
}

/// Members of a message, some of them twice or not at all, in any order, with anything between tokens.
fn message(inner: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let member = || {
        (
            prop_oneof![8 => Just("name"), 1 => Just(r"n\u0061me"), 1 => Just("Name"), 1 => Just(r"name\u0000"), 1 => Just("name "), 1 => Just("uri")],
            name(),
        )
    };
    let names = prop_oneof![6 => prop::collection::vec(member(), 1), 1 => prop::collection::vec(member(), 0..3)];
    let params = (names, inner, blank()).prop_map(|(names, arguments, blank)| {
        let mut members: Vec<String> = names.into_iter().map(|(member, name)| format!("\"{member}\":{blank}{name}")).collect();
        members.push(format!("{blank}\"arguments\":{blank}{arguments}{blank}"));
        format!("{{{}}}", members.join(","))
    });
    let id = prop_oneof![20 => (0..50_i32).prop_map(|id| id.to_string()), 1 => Just("1.0".to_owned()), 1 => Just("null".to_owned()), 1 => Just("\"1\"".to_owned())];
    let odd = prop_oneof![
        1 => id.clone().prop_map(|id| format!("\"id\":{id}")),
        1 => method().prop_map(|method| format!("\"method\":{method}")),
        1 => method().prop_map(|method| format!("\"m\\u0065thod\":{method}")),
        1 => Just("\"result\":{}".to_owned()),
        1 => Just("\"more\":1".to_owned()),
    ];
    let usual = (id, method(), params).prop_map(|(id, method, params)| {
        vec![
            "\"jsonrpc\":\"2.0\"".to_owned(),
            format!("\"id\":{id}"),
            format!("\"method\":{method}"),
            format!("\"params\":{params}"),
        ]
    });
    (usual, prop::option::weighted(0.2, odd), blank(), any::<prop::sample::Index>())
        .prop_map(|(mut members, more, blank, place)| {
            if let Some(more) = more {
                members.insert(place.index(members.len() + 1), more);
            }
            format!("{{{blank}{}{blank}}}", members.join(&format!("{blank},{blank}")))
        })
        .boxed()
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let plain = message(Just("{}".to_owned()));
    let smuggled = message(plain.clone());
    let text = prop_oneof![
        4 => plain.clone(),
        4 => smuggled,
        1 => (plain.clone(), plain.clone()).prop_map(|(a, b)| format!("[{a},{b}]")),
        1 => (plain.clone(), blank(), plain.clone()).prop_map(|(a, blank, b)| format!("{a}{blank}{b}")),
        1 => plain.clone().prop_map(|a| format!("\u{feff}{a}")),
    ];
    // One byte of some is another.
    (text, prop::option::weighted(0.15, (any::<prop::sample::Index>(), any::<u8>()))).prop_map(|(text, changed)| {
        let mut bytes = text.into_bytes();
        if let Some((place, byte)) = changed {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes
    })
}

/// The answer of the model, for whatever gets through. Also that what gets through is not little.
fn run(cases: u32, make: impl Fn() -> Gate) {
    let (passed, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    TestRunner::new(Config::with_cases(cases))
        .run(&prop::collection::vec(line(), 1..6), |lines| {
            let gate = make();
            for line in lines {
                let outcome = gate.from_client(&line);
                match outcome.to_server {
                    None => {
                        refused.update(|count| count + 1);
                        prop_assert!(!outcome.events.is_empty() || line.iter().all(u8::is_ascii_whitespace));
                    }
                    Some(forward) => {
                        passed.update(|count| count + 1);
                        prop_assert!(is_allowed(&forward), "{:?} became {forward:?}", String::from_utf8_lossy(&line));
                        prop_assert!(outcome.to_client.is_empty());
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(passed.get() > cases / 4 && refused.get() > cases / 4, "{passed:?} {refused:?}");
}

#[test]
fn no_message_reaches_the_server_that_the_model_denies() {
    run(2000, || gate(&ALLOWED));
}

#[test]
fn nor_under_a_denial_that_wins() {
    let genome = genome(&["s/ok", "s/a/b", "s:resources/read", "s/rm"], &["s/rm"]);
    run(500, || gate_of(&genome));
}

/// The model can fail: it is not one that allows everything.
#[test]
fn the_model_denies() {
    for denied in [
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rm"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rm","name":"rm"}}"#,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"ok\",\"arguments\":\r{\"method\":\"tools/call\",\"params\":{\"name\":\"rm\"}}\r}}",
        r#"[{"method":"tools/call","params":{"name":"rm"}}]"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok","name\u0000x":"rm"}}"#,
    ] {
        assert!(!is_allowed(denied), "{denied}");
    }
    assert!(is_allowed(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok"}}"#));
}
