//! Many calls under way at once, answered out of order, some of them cancelled, before a server that is killed at some moment in part of the runs: each
//! call has its answer or an error, no process is left, and the gate does not grow.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Setting, assert_is_gone};
use genome_test_support::{has, repository, say};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Numbers that a seed gives (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// One session.
struct Flight {
    seed: u64,
    calls: u64,
    most_open: usize,
    /// After how many calls the server is killed.
    killed_after: Option<u64>,
}

/// What came of a session.
#[derive(Debug, Default)]
struct Landed {
    written: u64,
    cancelled: usize,
    results: usize,
    denials: usize,
    errors: usize,
    /// The memory of the gate, in KiB, once a tenth of the calls is written and when all are answered; and the most of it.
    memory: [u64; 3],
}

fn memory(gate: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{gate}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}

impl Flight {
    /// Some session.
    fn of(seed: u64, calls: u64) -> Self {
        let mut chance = Chance(seed);
        let most_open = [1, 8, 64, 500, 4000][usize::try_from(chance.below(5)).unwrap()];
        let killed_after = (chance.below(2) == 0).then(|| chance.below(calls));
        Self { seed, calls, most_open, killed_after }
    }

    fn fly(&self) -> Landed {
        let Self { seed, calls, most_open, killed_after } = *self;
        let mut chance = Chance(seed);
        let setting = Setting::new(&["s/echo", "s/pid"]);
        let server = ["python3".into(), repository().join("tests/mcp/flight.py"), seed.to_string().into()];
        let mut client = Client::start(setting.gate_before(&["--log-file", "log"], &server));
        let gate = client.child.id();
        let server = client.call("pid", "pid", json!({}))["result"]["content"][0]["text"].as_str().unwrap().to_owned();
        let mut input = client.take_input();
        let mut landed = Landed::default();
        let mut open = BTreeSet::new();
        let mut cancelled = BTreeSet::new();
        let mut answers: BTreeMap<u64, Value> = BTreeMap::new();
        let mut hear = |answer: Value, open: &mut BTreeSet<u64>| {
            let id = answer["id"].as_u64().unwrap();
            open.remove(&id);
            assert_eq!(answers.insert(id, answer), None, "{id} is answered twice, with seed {seed}");
        };
        for id in 0..calls {
            if killed_after == Some(id) {
                kill(Pid::from_raw(server.parse().unwrap()), Signal::SIGKILL).unwrap();
            }
            let name = if chance.below(10) == 0 { "remove" } else { "echo" };
            let params = json!({"name": name, "arguments": {"number": id}});
            let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
            // A line is written as a whole, or not at all.
            if input.write_all(format!("{call}\n").as_bytes()).is_err() {
                break;
            }
            landed.written += 1;
            open.insert(id);
            if chance.below(20) == 0 {
                let id = *open.iter().nth(usize::try_from(chance.below(open.len().try_into().unwrap())).unwrap()).unwrap();
                let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}});
                // Whether it is answered is open from now on.
                cancelled.insert(id);
                open.remove(&id);
                if input.write_all(format!("{cancel}\n").as_bytes()).is_err() {
                    break;
                }
            }
            while let Some(answer) = client.heard() {
                hear(answer, &mut open);
            }
            while open.len() >= most_open
                && let Some(answer) = client.hear_or_end()
            {
                hear(answer, &mut open);
            }
            if id == calls / 10 {
                landed.memory[0] = memory(gate, "VmRSS:");
            }
        }
        while !open.is_empty()
            && let Some(answer) = client.hear_or_end()
        {
            hear(answer, &mut open);
        }
        assert!(open.is_empty(), "{open:?} have no answer, with seed {seed}");
        landed.memory = [landed.memory[0], memory(gate, "VmRSS:"), memory(gate, "VmHWM:")];
        drop(input);
        let ended = client.wait();
        for answer in ended.rest {
            hear(answer, &mut open);
        }
        assert_eq!(ended.status, Some(if killed_after.is_some() { 128 + 9 } else { 0 }), "with seed {seed}");
        assert_is_gone(&server);
        for (id, answer) in &answers {
            let text = answer["result"]["content"][0]["text"].as_str();
            match (text, &answer["error"]["code"]) {
                (Some(text), _) if answer["result"]["isError"] == true => {
                    assert!(text.contains("`s/remove`"), "{answer}, with seed {seed}");
                    landed.denials += 1;
                }
                (Some(text), _) => {
                    assert_eq!(text, format!("echo {id}"), "with seed {seed}");
                    landed.results += 1;
                }
                (None, code) => {
                    assert_eq!(code, -32603, "{answer}, with seed {seed}");
                    assert!(killed_after.is_some(), "{answer}, with seed {seed}");
                    landed.errors += 1;
                }
            }
        }
        let ids: BTreeSet<u64> = answers.keys().chain(&cancelled).copied().collect();
        assert!(ids.into_iter().eq(0..landed.written), "with seed {seed}");
        landed.cancelled = cancelled.len();
        landed
    }
}

#[test]
fn each_call_under_way_is_answered_once() {
    if !has("python3") {
        return;
    }
    for seed in 0..8 {
        Flight::of(seed, 300).fly();
    }
}

/// `cargo test --workspace --test mcp -- --ignored --nocapture a_hundred_thousand`
#[test]
#[ignore = "it takes minutes"]
fn a_hundred_thousand_calls_are_answered_and_the_gate_does_not_grow() {
    if !has("python3") {
        return;
    }
    let start = Instant::now();
    let first = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    say(&format!("seeds from {first}\n"));
    let mut sums = [0; 6];
    for seed in first..first + 50 {
        let landed = Flight::of(seed, 1000).fly();
        let counts = [1, usize::try_from(landed.written).unwrap(), landed.cancelled, landed.results, landed.denials, landed.errors];
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let [sessions, written, cancelled, results, denials, errors] = sums;
    say(&format!(
        "{sessions} sessions: {written} calls written, {cancelled} cancelled, {results} results, {denials} denials, {errors} errors\n"
    ));
    let long = Flight { seed: first, calls: 100_000, most_open: 500, killed_after: None }.fly();
    let [early, late, most] = long.memory;
    say(&format!(
        "one session: {long:?}; memory {early} KiB after a tenth, {late} KiB at the end, {most} KiB at most; {:?}\n",
        start.elapsed()
    ));
    // What is kept is bounded, and was kept after a tenth of the calls.
    assert!(early > 0 && late <= early + 1024, "{early} KiB, then {late} KiB, with seed {first}");
}
