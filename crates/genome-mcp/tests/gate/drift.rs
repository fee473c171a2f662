//! A server whose list drifts at random, and a model that looks at all that happened: no call reaches the server that the model denies.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::pinned::{PREFIX, Session, other, tool};
use super::sides::{modern, notification, request, result};
use genome_mcp::Reason;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::cell::Cell;

const NAMES: [&str; 4] = ["ok", "two", "three", "rm"];

/// What one side does next.
#[derive(Debug, Clone)]
enum Step {
    Call {
        name: usize,
        is_modern: bool,
    },
    List,
    Cancel,
    /// The server answers what it was asked first, or last, of its lists; with a tool on a page.
    Answer {
        is_last: bool,
    },
    /// From now on the server shows a tool so: as it is pinned, otherwise, not at all, or twice.
    Drift {
        name: usize,
        shown: u8,
    },
    Changed,
    TimeIsUp,
    /// From now on the server takes nothing of what is due, or again.
    Fill {
        is_full: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4_usize, prop::bool::weighted(0.2)).prop_map(|(name, is_modern)| Step::Call { name, is_modern }),
        2 => Just(Step::List),
        1 => Just(Step::Cancel),
        10 => prop::bool::weighted(0.3).prop_map(|is_last| Step::Answer { is_last }),
        3 => (0..4_usize, prop_oneof![3 => Just(0_u8), 3 => Just(1), 1 => Just(2), 1 => Just(3)])
            .prop_map(|(name, shown)| Step::Drift { name, shown }),
        2 => Just(Step::Changed),
        1 => Just(Step::TimeIsUp),
        2 => prop::bool::weighted(0.4).prop_map(|is_full| Step::Fill { is_full }),
    ]
}

/// A list that was asked for, and what was shown of it.
#[derive(Debug, Clone, Default)]
struct Shown {
    is_own: bool,
    is_modern: bool,
    /// When its first page was asked for, and its last one answered.
    begun: usize,
    ended: Option<usize>,
    /// And when.
    tools: Vec<(usize, Value)>,
}

/// All that happened, by the number of the step.
#[derive(Debug, Default)]
struct History {
    lists: Vec<Shown>,
    changes: Vec<usize>,
}

impl History {
    /// Whether a call may reach the server now: since the list was last said to have changed, the gate has asked for all of it, and got all of it; the tool was in it once, as it is
    /// pinned; and since it was asked for, the client was not to be shown it otherwise.
    fn allows(&self, name: &str, is_modern: bool) -> bool {
        let pinned = || ["ok", "two"].contains(&name);
        let last_change = self.changes.last().copied();
        let is_good = |list: &&Shown| {
            let named: Vec<&Value> = list.tools.iter().map(|(_, tool)| tool).filter(|tool| tool["name"] == name).collect();
            let of_client = self.lists.iter().filter(|other| !other.is_own).flat_map(|other| &other.tools);
            let mut shown_since = of_client.filter(|(at, _)| *at >= list.begun);
            list.is_own
                && list.is_modern == is_modern
                && list.ended.is_some()
                && last_change.is_none_or(|change| change <= list.begun)
                && named == [&tool(name)]
                && shown_since.all(|(_, shown)| shown["name"] != name || *shown == tool(name))
        };
        pinned() && self.lists.iter().any(|list| is_good(&list))
    }
}

/// The server.
struct Drifting {
    shown: [u8; 4],
    /// Requests for lists that are open, which list each is of, and at which page.
    asked: Vec<(Value, usize, usize)>,
}

impl Drifting {
    /// All that it lists, a tool on each page.
    fn tools(&self) -> Vec<Value> {
        let shown = |(name, shown): (&str, u8)| match shown {
            0 => vec![tool(name)],
            1 => vec![other(name)],
            2 => vec![],
            _ => vec![tool(name), other(name)],
        };
        NAMES.into_iter().zip(self.shown).flat_map(shown).collect()
    }
}

fn run(steps: Vec<Step>, called: &Cell<u32>, denied: &Cell<u32>) -> Result<(), TestCaseError> {
    let mut session = Session::begun();
    let mut server = Drifting { shown: [0, 0, 0, 0], asked: Vec::new() };
    let mut history = History::default();
    let mut open: Vec<i64> = Vec::new();
    for (now, step) in steps.into_iter().enumerate() {
        let id = i64::try_from(now).unwrap();
        match step {
            Step::Call { name, is_modern } => {
                open.push(id);
                let params = json!({"name": NAMES[name]});
                let call = if is_modern { modern(id, "tools/call", params, json!({})) } else { request(id, "tools/call", params) };
                session.client(call);
            }
            Step::List => session.client(request(id, "tools/list", json!({}))),
            Step::Cancel => {
                if let Some(id) = open.pop() {
                    session.client(notification("notifications/cancelled", json!({"requestId": id})));
                }
            }
            Step::Answer { is_last } => {
                if !server.asked.is_empty() {
                    let at = if is_last { server.asked.len() - 1 } else { 0 };
                    let (id, list, page) = server.asked.remove(at);
                    let tools = server.tools();
                    let next = page + 1;
                    let shown: Vec<Value> = tools.get(page).cloned().into_iter().collect();
                    history.lists[list].tools.extend(shown.iter().map(|tool| (now, tool.clone())));
                    let mut answer = json!({"tools": shown});
                    if next < tools.len() {
                        answer["nextCursor"] = json!(format!("{list}-{next}"));
                    } else {
                        history.lists[list].ended = Some(now);
                    }
                    session.server(result(id, answer));
                }
            }
            Step::Drift { name, shown } => server.shown[name] = shown,
            Step::Changed => {
                history.changes.push(now);
                session.server(notification("notifications/tools/list_changed", json!({})));
            }
            Step::TimeIsUp => {
                if session.wait.is_some() {
                    session.time_is_up();
                }
            }
            Step::Fill { is_full } => {
                session.is_full = is_full;
                if !is_full {
                    session.write_due();
                }
            }
        }
        for message in session.got() {
            let is_modern = message["params"].get("_meta").is_some();
            match message["method"].as_str() {
                Some("tools/list") => {
                    let is_own = message["id"].as_str().is_some_and(|id| id.starts_with(PREFIX));
                    let (list, page) = if let Some(cursor) = message["params"]["cursor"].as_str() {
                        let (list, page) = cursor.split_once('-').unwrap();
                        (list.parse().unwrap(), page.parse().unwrap())
                    } else {
                        history.lists.push(Shown { is_own, is_modern, begun: now, ..Shown::default() });
                        (history.lists.len() - 1, 0)
                    };
                    server.asked.push((message["id"].clone(), list, page));
                }
                Some("tools/call") => {
                    called.update(|count| count + 1);
                    let name = message["params"]["name"].as_str().unwrap();
                    prop_assert!(history.allows(name, is_modern), "{message} {history:?}");
                }
                _ => {}
            }
        }
        // What the client sees is what is pinned, and it never sees what the gate has asked.
        for message in session.heard() {
            prop_assert!(!message["id"].as_str().is_some_and(|id| id.starts_with(PREFIX)));
            for shown in message["result"]["tools"].as_array().into_iter().flatten() {
                prop_assert!(*shown == tool("ok") || *shown == tool("two"), "{message}");
            }
        }
        let changed = session.reasons().iter().filter(|reason| **reason == Reason::ToolChanged).count();
        denied.update(|count| count + u32::try_from(changed).unwrap());
    }
    Ok(())
}

#[test]
fn no_call_reaches_a_server_that_drifts_but_of_what_was_signed() {
    let (called, denied) = (Cell::new(0), Cell::new(0));
    TestRunner::new(Config::with_cases(1500))
        .run(&prop::collection::vec(step(), 1..60), |steps| run(steps, &called, &denied))
        .unwrap();
    // Neither is everything denied, nor is everything good.
    assert!(called.get() > 500 && denied.get() > 500, "{called:?} {denied:?}");
}
