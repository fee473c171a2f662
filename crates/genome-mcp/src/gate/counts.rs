//! What is counted.

use super::event::{Event, Reason, Side};
use super::{Names, Outcome};
use crate::message::{Kind, Message};
use genome::Genome;
use genome::mcp::{ActionNames, METHODS};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is counted of requests under another method than these, and of tools that the genome does not name.
pub const OTHER: &str = "other";

/// What comes of a request that gets through.
pub(super) const FORWARDED: &str = "forwarded";

/// What comes of a call that the client cancels before it is sent on.
pub(super) const CANCELLED: &str = "cancelled";

/// What a gate has counted. No text of a stranger is in it: methods that are not known, and tools that the genome does not name, are [`OTHER`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Requests by who sent them, by method, and by what came of them: `forwarded`, `cancelled`, or the word of the reason for which they were not sent on. A call that
    /// waits until the tools of the server are listed is counted when that is known.
    pub requests: BTreeMap<(Side, &'static str, &'static str), u64>,
    /// Calls of tools by action, and by what came of them.
    pub calls: BTreeMap<(Arc<str>, &'static str), u64>,
    /// Messages, and parts of messages, that did not get through, by who sent them and by the word of the reason. Each reason is there from the start.
    pub refusals: BTreeMap<(Side, &'static str), u64>,
    /// Requests of the client that the server has not answered yet.
    pub open_of_client: usize,
    /// Requests of the server that the client has not answered yet.
    pub open_of_server: usize,
}

impl Default for Counts {
    fn default() -> Self {
        let each = [Side::Client, Side::Server]
            .into_iter()
            .flat_map(|side| Reason::ALL.iter().map(move |reason| ((side, reason.as_str()), 0)));
        Self { requests: BTreeMap::new(), calls: BTreeMap::new(), refusals: each.collect(), open_of_client: 0, open_of_server: 0 }
    }
}

/// Counts what a gate decides.
#[derive(Debug)]
pub(super) struct Counter {
    names: ActionNames,
    /// The actions that the genome names, and how long the longest is, in bytes.
    named: BTreeSet<Arc<str>>,
    longest: usize,
    other: Arc<str>,
    counts: Mutex<Counts>,
}

/// A request, as it is counted.
#[derive(Debug)]
pub(super) struct Request {
    method: &'static str,
    /// The action of a tool that is called.
    call: Option<Arc<str>>,
}

impl Counter {
    pub(super) fn new(genome: &Genome, names: &Names) -> Self {
        let actions =
            genome.capabilities.iter().flat_map(|capability| capability.allow_actions.iter().chain(&capability.deny_actions));
        let known: BTreeSet<Arc<str>> = actions.map(|action| Arc::from(&**action)).collect();
        let longest = known.iter().map(|action| action.len()).max().unwrap_or_default();
        Self { names: names.of_tools(), named: known, longest, other: OTHER.into(), counts: Mutex::default() }
    }

    /// What is counted of a message, if it is a request.
    pub(super) fn request(&self, message: &Message<'_>) -> Option<Request> {
        let Kind::Request { method, .. } = message.kind() else { return None };
        // Others are counted as one: who sends them chooses their names.
        let method = METHODS.into_iter().find(|known| *known == &**method).unwrap_or(OTHER);
        let call = (method == "tools/call").then(|| {
            let tool = message.param("name").and_then(|name| name.as_text()).unwrap_or_default();
            self.action(&tool)
        });
        Some(Request { method, call })
    }

    /// The action by which a call of a tool is counted.
    fn action(&self, tool: &str) -> Arc<str> {
        let action = self.names.tool(tool).filter(|action| !action.is_longer_than(self.longest));
        action.and_then(|action| self.named.get(&*action.to_text())).unwrap_or(&self.other).clone()
    }

    /// Counts what came of a call that had to wait.
    pub(super) fn settled(&self, tool: &str, came: &'static str) {
        let mut counts = self.counts();
        increase(&mut counts.requests, (Side::Client, "tools/call", came));
        increase(&mut counts.calls, (self.action(tool), came));
    }

    /// Counts what came of a message.
    pub(super) fn count<'l>(&self, from: Side, request: Option<Request>, mut outcome: Outcome<'l>) -> Outcome<'l> {
        outcome.has_drifted |= outcome.events.iter().any(|event| event.reason.is_drift());
        if request.is_none() && outcome.events.is_empty() {
            return outcome;
        }
        let mut counts = self.counts();
        for Event { from, reason, .. } in &outcome.events {
            increase(&mut counts.refusals, (*from, reason.as_str()));
        }
        if let Some(Request { method, call }) = request.filter(|_| !outcome.is_held) {
            let is_forwarded = match from {
                Side::Client => outcome.to_server.is_some(),
                Side::Server => !outcome.to_client.is_empty(),
            };
            let came = match outcome.events.first() {
                Some(event) if !is_forwarded => event.reason.as_str(),
                // It is sent on, at once or after what is due.
                _ => FORWARDED,
            };
            increase(&mut counts.requests, (from, method, came));
            if let Some(action) = call {
                increase(&mut counts.calls, (action, came));
            }
        }
        drop(counts);
        outcome
    }

    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn increase<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}
