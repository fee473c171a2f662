//! Where the genome allows all, the gate changes nothing.

use super::transcript::{Transcript, assert_same};
use super::{Peers, Plan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The eras that each client is asked to speak.
const ERAS: [(&str, &[&str]); 5] = [
    ("sdk1", &["legacy"]),
    ("sdk2", &["legacy", "auto"]),
    ("python1", &["legacy"]),
    ("python2", &["legacy", "auto"]),
    ("rmcp", &["legacy", "auto"]),
];

/// Servers of the legacy era alone, and of both.
const SERVERS: [(&str, bool); 5] =
    [("everything", false), ("filesystem", false), ("memory", false), ("fastmcp", true), ("sdk2", true)];

/// Compares a session through the gate with a direct one.
struct Pair {
    label: String,
    plan: Plan,
    is_modern: bool,
}

impl Pair {
    fn compare(&self, peers: &Peers, direct: &Value, gated: &Value) {
        let label = &self.label;
        // What went on before the gate and behind it, in one and the same session: nothing is left out.
        let before = peers.transcript(&format!("{label}-before"));
        assert_same(&before, &peers.transcript(&format!("{label}-behind")));
        // What went on in another session, without the gate.
        let alone = peers.transcript(&format!("{label}-alone"));
        for transcript in [&before, &alone] {
            assert_eq!(transcript.shakes_hands(), !self.is_modern, "{label}");
        }
        let (answers, expected) = (self.steady_answers(&before), self.steady_answers(&alone));
        for (answer, expected) in answers.iter().zip(&expected) {
            assert_eq!(answer, expected, "{label}");
        }
        assert_eq!(answers.len(), expected.len(), "{label}");
        assert_eq!(before.others(), alone.others(), "{label}");
        // What the client made of it.
        let (direct, gated) = (self.steady(direct), self.steady(gated));
        for (member, came) in direct.as_object().unwrap() {
            assert_eq!(gated[member], *came, "{label}: {member}");
        }
        assert_eq!(direct["session"], Value::Null, "{label}");
        assert_eq!(direct["answers"].as_array().map(Vec::len), Some(self.plan.asks.len()), "{label}");
        let log = fs::read_to_string(peers.path().join(format!("{label}.jsonl"))).unwrap();
        assert_eq!(log, "", "{label}");
    }

    /// The answers but for those with the time in them.
    fn steady_answers(&self, transcript: &Transcript) -> Vec<(Value, Value)> {
        let varying = self.plan.varying();
        let varies = |request: &Value| varying.iter().any(|index| is_asked(request, &self.plan.asks[*index]));
        transcript.answers().into_iter().filter(|(request, _)| !varies(request)).collect()
    }

    /// What came of a session, but for what has the time in it.
    fn steady(&self, came: &Value) -> Value {
        let mut came = came.clone();
        // Some clients drop what comes right before the answer: the transcripts have all of it.
        came["progress"] = Value::Null;
        for index in self.plan.varying() {
            assert_eq!(came["answers"][index]["error"], Value::Null, "{}", self.label);
            came["answers"][index] = Value::Null;
        }
        came
    }
}

/// Whether this request is what the plan asks for.
fn is_asked(request: &Value, ask: &Value) -> bool {
    let params = ask[1].as_object();
    request["method"] == ask[0] && params.is_some_and(|params| params.iter().all(|(name, value)| request["params"][name] == *value))
}

/// All that any of the servers can need.
fn all() -> Vec<String> {
    let actions: BTreeSet<String> = SERVERS.iter().flat_map(|(server, _)| Plan::of(server, Path::new("")).actions()).collect();
    actions.into_iter().collect()
}

fn nothing_differs(client: &str) {
    let Some(peers) = Peers::new(&all()) else { return };
    let Some(command) = peers.client(client) else { return };
    let (_, eras) = ERAS.iter().find(|(name, _)| *name == client).unwrap();
    let (mut pairs, mut sessions) = (Vec::new(), Vec::new());
    for era in *eras {
        for (server, is_dual) in SERVERS {
            // That a client falls back to the legacy era is seen before one server.
            if *era == "auto" && !is_dual && server != "everything" {
                continue;
            }
            let label = format!("{era}-{server}");
            let plan = Plan::of(server, &peers.files());
            let alone = peers.noted(&format!("{label}-alone"), peers.server(server));
            let behind = peers.noted(&format!("{label}-behind"), peers.server(server));
            let gate = peers.gate(&["--log-file", &format!("{label}.jsonl")], &behind);
            let before = peers.noted(&format!("{label}-before"), gate);
            let is_modern = *era == "auto" && is_dual;
            let asked = if is_modern { "modern" } else { era };
            sessions.extend([alone, before].map(|command| peers.session(asked, &command, &plan.asks())));
            pairs.push(Pair { label, plan, is_modern });
        }
    }
    let held = peers.hold(&command, &sessions);
    for (pair, held) in pairs.iter().zip(held.chunks(2)) {
        pair.compare(&peers, &held[0], &held[1]);
    }
    // They did get as far as that: the server asked the model and the user, and told how far it was.
    let first = &held[0];
    for said in ["a sample", "blue", "file://"] {
        assert!(first["answers"].to_string().contains(said), "{said}: {first}");
    }
    assert_ne!(first["progress"], 0);
}

#[test]
fn nothing_differs_for_the_typescript_sdk_1() {
    nothing_differs("sdk1");
}

#[test]
fn nothing_differs_for_the_typescript_sdk_2() {
    nothing_differs("sdk2");
}

#[test]
fn nothing_differs_for_the_python_sdk_1() {
    nothing_differs("python1");
}

#[test]
fn nothing_differs_for_the_python_sdk_2() {
    nothing_differs("python2");
}

#[test]
fn nothing_differs_for_the_rust_sdk() {
    nothing_differs("rmcp");
}

#[test]
fn a_task_is_followed_to_its_end() {
    let allow = ["s/simulate-research-query", "s:elicitation/create"].map(ToOwned::to_owned);
    let Some(peers) = Peers::new(&allow) else { return };
    let Some(client) = peers.client("sdk1") else { return };
    let behind = peers.noted("behind", peers.server("everything"));
    let command = peers.noted("before", peers.gate(&[], &behind));
    let task =
        |is_ambiguous: bool| json!({"name": "simulate-research-query", "arguments": {"topic": "gates", "ambiguous": is_ambiguous}});
    let asks = [json!(["ping", null]), json!(["tools/list", null]), json!(["task", task(false)]), json!(["task", task(true)])];
    let held = peers.hold(&client, &[peers.session("legacy", &command, &asks)]);
    let answers = held[0]["answers"].as_array().unwrap();
    assert_eq!(answers.len(), asks.len(), "{held:?}");
    for answer in answers.iter().skip(2) {
        assert!(answer["content"][0]["text"].as_str().is_some_and(|text| text.contains("gates")), "{held:?}");
    }
    let (before, behind) = (peers.transcript("before"), peers.transcript("behind"));
    let methods = |lines: &[String]| lines.iter().filter(|line| line.contains("tasks/")).cloned().collect::<Vec<_>>();
    assert_eq!(methods(&before.sent), methods(&behind.sent));
    assert!(methods(&before.sent).iter().any(|line| line.contains("tasks/result")), "{:?}", before.sent);
}
