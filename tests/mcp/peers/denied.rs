//! Where the genome is closed: what is denied is hidden and answered in words, in each client, and the rest goes on.

use super::{Peers, Plan};
use serde_json::{Value, json};
use std::fs;

const CLIENTS: [(&str, &str); 8] = [
    ("sdk1", "legacy"),
    ("sdk2", "legacy"),
    ("sdk2", "modern"),
    ("python1", "legacy"),
    ("python2", "legacy"),
    ("python2", "modern"),
    ("rmcp", "legacy"),
    ("rmcp", "modern"),
];

fn names(listed: &Value) -> Vec<&str> {
    listed["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn what_is_denied_is_hidden_and_answered_in_words() {
    let Some(peers) = Peers::new(&["s/echo".into()]) else { return };
    let asks = [
        json!(["tools/list", null]),
        json!(["tools/call", {"name": "echo", "arguments": {"message": "m"}}]),
        json!(["tools/call", {"name": "remove", "arguments": {"path": "p"}}]),
        json!(["tools/call", {"name": "measure", "arguments": {}}]),
        json!(["resources/read", {"uri": "data://x"}]),
        json!(["prompts/get", {"name": "p"}]),
        json!(["tools/call", {"name": "echo", "arguments": {"message": "n"}}]),
    ];
    for (name, era) in CLIENTS {
        let Some(client) = peers.client(name) else { return };
        let behind = peers.noted(&format!("{name}-{era}"), peers.server("sdk2"));
        let held = peers.hold(&client, &[peers.session(era, &peers.gate(&[], &behind), &asks)]);
        let answers = &held[0]["answers"];
        assert_eq!(names(&answers[0]), ["echo"], "{name} {era}");
        for (index, said) in [(1, "m"), (6, "n")] {
            assert_eq!(answers[index]["content"][0]["text"], said, "{name} {era}: {held:?}");
        }
        // A result, which the model reads: also for a tool that promises structured content.
        for (index, tool) in [(2, "remove"), (3, "measure")] {
            let text = answers[index]["content"][0]["text"].as_str().unwrap_or_default();
            assert!(text.starts_with(&format!("denied: the action `s/{tool}` is not allowed")), "{name} {era}: {held:?}");
            assert_eq!(answers[index]["isError"], true, "{name} {era}");
        }
        // An exception, or the client does not ask at all, as the server seems to have none.
        for index in [4, 5] {
            assert!(answers[index]["error"]["message"].is_string(), "{name} {era}: {held:?}");
        }
        let transcript = peers.transcript(&format!("{name}-{era}"));
        let reached = transcript.sent.iter().filter(|line| line.contains(r#""method":"tools/call""#)).count();
        assert_eq!(reached, 2, "{:?}", transcript.sent);
        for denied in ["remove", "measure", "resources/read", "prompts/get"] {
            assert!(!transcript.sent.iter().any(|line| line.contains(denied)), "{name} {era}: {denied}");
        }
    }
}

#[test]
fn a_server_does_not_offer_what_it_may_not_ask_for() {
    let asking = ["get-roots-list", "trigger-elicitation-request", "trigger-sampling-request", "trigger-url-elicitation"];
    let plan = Plan::of("everything", "".as_ref());
    let tools: Vec<String> = plan.tools.iter().map(|name| format!("s/{name}")).collect();
    let allowed =
        |methods: &[&str]| tools.iter().cloned().chain(methods.iter().map(|method| format!("s:{method}"))).collect::<Vec<_>>();
    let cases: [(&[&str], &[&str]); 5] = [
        (&[], &[]),
        (&["roots/list"], &asking[..1]),
        (&["elicitation/create"], &asking[1..2]),
        (&["sampling/createMessage"], &asking[2..3]),
        (&["elicitation/create", "elicitation/create/url", "roots/list", "sampling/createMessage"], &asking),
    ];
    for (methods, offered) in cases {
        let Some(peers) = Peers::new(&allowed(methods)) else { return };
        let Some(client) = peers.client("sdk1") else { return };
        let asks = [json!(["ping", null]), json!(["tools/list", null])];
        let command = peers.gate(&[], &peers.server("everything"));
        let held = peers.hold(&client, &[peers.session("legacy", &command, &asks)]);
        let names = names(&held[0]["answers"][1]);
        let found: Vec<&str> = asking.into_iter().filter(|name| names.contains(name)).collect();
        assert_eq!((found.as_slice(), names.len()), (offered, 13 + offered.len()), "{methods:?}: {names:?}");
    }
}

#[test]
fn a_refused_boot_reaches_the_user_of_each_client_in_words() {
    let Some(peers) = Peers::new(&["s/echo".into()]) else { return };
    fs::write(peers.path().join("genome.json"), "{}").unwrap();
    for (name, era) in CLIENTS {
        let Some(client) = peers.client(name) else { return };
        let command = peers.gate(&[], &peers.noted("behind", peers.server("sdk2")));
        let held = peers.hold(&client, &[peers.session(era, &command, &[])]);
        let said = held[0]["session"]["message"].as_str().unwrap_or_default();
        assert!(said.contains("genome-mcp did not start the server s (GENOME_INVALID_SCHEMA)"), "{name} {era}: {held:?}");
        assert!(!peers.path().join("behind-sent").exists());
    }
}
