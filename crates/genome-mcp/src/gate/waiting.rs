//! Calls that wait until the gate knows the list of tools, and what then goes to the server.

use super::revision::Era;
use crate::message::Id;
use std::collections::VecDeque;

/// How many calls may wait.
pub(super) const MOST_WAITING: usize = 1024;

/// How long they may be in all, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A call of a tool that is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) tool: Box<str>,
    pub(super) era: Era,
    /// What a request of the gate's own says in `_meta`, as this call does. Of the modern era alone.
    pub(super) meta: Option<String>,
}

/// A call that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: Id,
    pub(super) call: Call,
    /// The message.
    pub(super) text: String,
}

/// Calls that wait, in their order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    calls: VecDeque<Waiting>,
    bytes: usize,
}

impl Queue {
    /// Whether there is room for one more.
    pub(super) fn has_room(&self, text: &str) -> bool {
        self.calls.len() < MOST_WAITING && self.bytes.saturating_add(text.len()) <= MOST_BYTES
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        self.bytes += waiting.text.len();
        self.calls.push_back(waiting);
    }

    pub(super) fn first(&self) -> Option<&Waiting> {
        self.calls.front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes out a call, if it waits.
    pub(super) fn remove(&mut self, id: &Id) {
        self.take(|waiting| waiting.id == *id);
    }

    /// Takes out those for which this holds, in their order.
    pub(super) fn take(&mut self, mut is_taken: impl FnMut(&Waiting) -> bool) -> Vec<Waiting> {
        let (taken, left): (Vec<Waiting>, VecDeque<Waiting>) = {
            let mut taken = Vec::new();
            let mut left = VecDeque::new();
            for waiting in self.calls.drain(..) {
                if is_taken(&waiting) { taken.push(waiting) } else { left.push_back(waiting) }
            }
            (taken, left)
        };
        self.bytes = left.iter().map(|waiting| waiting.text.len()).sum();
        self.calls = left;
        taken
    }
}

/// Messages for the server that wait for whoever writes them. While there are any, what the client says comes after them.
#[derive(Debug, Default)]
pub(super) struct Due {
    messages: VecDeque<String>,
    /// Until the last of them is known to be written.
    is_active: bool,
}

impl Due {
    pub(super) fn push(&mut self, message: impl Into<String>) {
        self.messages.push_back(message.into());
        self.is_active = true;
    }

    pub(super) fn is_active(&self) -> bool {
        self.is_active
    }

    /// The next one. What was taken before is written.
    pub(super) fn next(&mut self) -> Option<String> {
        let next = self.messages.pop_front();
        self.is_active = next.is_some();
        next
    }
}
