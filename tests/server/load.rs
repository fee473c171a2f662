//! The server under load: no answer is lost, and each is from the genome that was booted.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::conversation::Conversation;
use genome_test_support::server::{Server, decision, post};
use genome_test_support::{Draft, Release};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpStream;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep, spawn};
use std::time::Duration;

/// How many requests are on their way at once on one connection.
const AT_ONCE: usize = 100;

const CLIENTS: usize = 4;

/// The action of the request of this number. Those that do not allow anything differ, so that no answer passes for another.
fn action(number: usize) -> String {
    if number.is_multiple_of(2) { "memory_search".to_owned() } else { format!("unknown_{number}") }
}

/// How it is asked.
#[derive(Debug, Clone, Copy)]
enum Door {
    Decisions,
    Authzen,
}

impl Door {
    fn request(self, number: usize) -> String {
        let action = action(number);
        match self {
            Self::Decisions => decision(&action, "keep-alive"),
            Self::Authzen => {
                let entity = json!({"type": "a", "id": "b"});
                let body = json!({"subject": entity, "action": {"name": action}, "resource": entity});
                post("/access/v1/evaluation", &[], &body)
            }
        }
    }

    /// The whole answer.
    fn expected(self, number: usize, genome_id: &str) -> Value {
        let expected = expected(number, genome_id);
        match self {
            Self::Decisions => expected,
            Self::Authzen => {
                let reason = &expected["reason"];
                let mut context = json!({
                    "scope": "ceiling", "projection": "action", "action": expected["action"], "reason": reason, "reason_admin": {"en": reason},
                    "genome_id": genome_id,
                });
                for name in ["cap_id", "risk_class", "code"] {
                    if !expected[name].is_null() {
                        context[name] = expected[name].clone();
                    }
                }
                if !expected["cap_id"].is_null() {
                    context["reasons"] = json!([expected["cap_id"]]);
                }
                json!({"decision": expected["decision"] == "allow", "context": context})
            }
        }
    }
}

/// The whole answer of `/decisions` to it.
fn expected(number: usize, genome_id: &str) -> Value {
    let action = action(number);
    if number.is_multiple_of(2) {
        let reason = "`CAP` allows it, and no capability denies it";
        json!({
            "action": action, "decision": "allow", "cap_id": "CAP", "risk_class": "B", "reason": reason, "code": null,
            "genome_id": genome_id
        })
    } else {
        let reason = "no capability allows it";
        json!({
            "action": action, "decision": "deny", "cap_id": null, "risk_class": null, "reason": reason,
            "code": "GENOME_CAPABILITY_DENIED", "genome_id": genome_id
        })
    }
}

/// Asks about the actions of these numbers, and checks each answer.
fn ask(server: &Server, door: Door, numbers: Range<usize>, genome_id: &str) {
    let mut client = Conversation::on(server.connect(""));
    let numbers: Vec<usize> = numbers.collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let requests: Vec<String> = numbers.iter().map(|number| door.request(*number)).collect();
        client.send(requests.concat().as_bytes()).unwrap();
        for number in numbers {
            let reply = client.answer().unwrap();
            assert_eq!((reply.status, reply.json()), (200, door.expected(*number, genome_id)));
        }
    }
}

/// The same from several clients at once, so many each.
fn ask_at_once(server: &Server, door: Door, start: usize, each: usize, genome_id: &str) {
    scope(|scope| {
        for client in 0..CLIENTS {
            let start = start + client * each;
            scope.spawn(move || ask(server, door, start..start + each, genome_id));
        }
    });
}

#[test]
fn every_answer_is_from_the_booted_genome_whatever_becomes_of_the_file() {
    assert_from_the_booted_genome(Door::Decisions);
}

#[test]
fn every_evaluation_is_from_the_booted_genome_whatever_becomes_of_the_file() {
    assert_from_the_booted_genome(Door::Authzen);
}

fn assert_from_the_booted_genome(door: Door) {
    const FIRST: usize = 20_000;
    const ALL: usize = 200_000;
    let release = Release::deployed();
    let id = Release::draft().id();
    // Each of these would be trusted, and answers otherwise.
    let others = ["1.3.0", "1.4.0"].map(|version| {
        let capability =
            json!({"cap_id": "OTHER", "risk_class": "A", "allow_actions": [action(1)], "deny_actions": ["memory_search"]});
        Draft::new(version, &[1], 1).with("capabilities", vec![capability]).signed(&[1])
    });
    let server = Server::start(&mut release.serving(&[]));
    let is_over = AtomicBool::new(false);
    scope(|scope| {
        let replacing = scope.spawn(|| {
            let mut replaced = 0;
            for other in others.iter().cycle().take_while(|_| !is_over.load(Ordering::Relaxed)) {
                release.deploy("etc/next.json", other);
                fs::rename(release.path().join("etc/next.json"), release.path().join("etc/genome.json")).unwrap();
                let health = server.get("/health").json();
                assert_eq!(health, json!({"status": "degraded", "genome_id": id, "disk": "differs"}));
                replaced += 1;
            }
            replaced
        });
        // Also where a check fails, as the other one would go on for ever.
        let over = Over(&is_over);
        ask_at_once(&server, door, 0, FIRST / CLIENTS, &id);
        let before = server.resident();
        ask_at_once(&server, door, FIRST, (ALL - FIRST) / CLIENTS, &id);
        let after = server.resident();
        drop(over);
        assert!(replacing.join().unwrap() > 10);
        assert!(after <= before + 2048, "it held {before} KiB after {FIRST} decisions, and {after} KiB after {ALL}");
    });
    let metrics = server.get("/metrics").body;
    for counted in ["{cap_id=\"CAP\",outcome=\"allow\"} 100000", "{cap_id=\"\",outcome=\"deny\"} 100000"] {
        assert!(metrics.contains(&format!("\ngenome_decisions_total{counted}\n")), "{counted}: {metrics}");
    }
    assert_eq!(server.get("/genome").json()["genome_id"], *id);
    server.stop();
    // The next start takes what lies there.
    let server = Server::start(&mut release.serving(&[]));
    assert_eq!(server.decide("memory_search")["decision"], "deny");
}

/// Says that it is over, at the end.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Some connections are served, and the others wait in the queue of the kernel, which has accepted them and what they asked.
#[test]
fn the_end_loses_no_request_of_those_that_wait() {
    const OPEN: usize = 4;
    const WAITING: usize = 100;
    let release = Release::deployed();
    for round in 0..8 {
        let mut server = Server::start(&mut release.serving(&["--max-connections", &OPEN.to_string()]));
        let busy: Vec<Conversation> = (0..OPEN).map(|_| first_answered(server.connect(""))).collect();
        // There is room for no other, so that these wait.
        let waiting: Vec<TcpStream> = (0..WAITING).map(|number| server.connect(&decision(&action(number), "keep-alive"))).collect();
        let busy: Vec<_> = busy.into_iter().map(|client| spawn(move || ask_until_closed(client))).collect();
        // Not the same moment each time.
        sleep(Duration::from_millis(20 * round));
        server.signal("TERM");
        for (number, client) in waiting.into_iter().enumerate() {
            let mut client = Conversation::on(client);
            let answer = client.answer().unwrap_or_else(|| panic!("{number} was lost"));
            assert_eq!((answer.status, &answer.json()["action"]), (200, &action(number).into()), "in round {round}");
        }
        for client in busy {
            assert!(client.join().unwrap() > 0);
        }
        assert_eq!(server.wait(), Some(0), "{:?}", server.log);
        assert_eq!(server.log.last().unwrap()["message"], "ended");
        assert!(server.log.iter().all(|line| line["level"] == "INFO"), "{:?}", server.log);
    }
}

fn first_answered(stream: TcpStream) -> Conversation {
    let mut client = Conversation::on(stream);
    client.send(decision("memory_search", "keep-alive").as_bytes()).unwrap();
    assert_eq!(client.answer().unwrap().status, 200);
    client
}

/// Asks, two at a time, until an answer says that it is the last one; gives how many came.
fn ask_until_closed(mut client: Conversation) -> u32 {
    let mut answered = 0;
    loop {
        client.send([decision("memory_search", "keep-alive"), decision("unknown", "keep-alive")].concat().as_bytes()).unwrap();
        for decided in ["allow", "deny"] {
            let answer = client.answer().unwrap();
            assert_eq!((answer.status, &answer.json()["decision"]), (200, &decided.into()));
            answered += 1;
            if answer.header("connection") == Some("close") {
                // What was sent after the last one was not accepted, and this is said in good order.
                assert!(client.answer().is_none());
                return answered;
            }
        }
    }
}
