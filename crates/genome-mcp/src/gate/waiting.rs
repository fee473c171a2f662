//! Calls that wait until the gate knows the list of tools, and what then goes to the server.
//!
//! A call that is due is decided on again when it is written: the server may have changed its list since.

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
    /// How often the list has changed since the call was to be sent on.
    pub(super) changes: usize,
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
    pub(super) fn remove(&mut self, id: &Id) -> Option<Waiting> {
        self.take(|waiting| waiting.id == *id).pop()
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

/// What goes to the server as soon as it can be written.
#[derive(Debug)]
pub(super) enum Owed {
    /// It is not decided on again.
    Message(String),
    Call(Waiting),
}

/// What waits for whoever writes it to the server. While there is anything, what the client says comes after it.
#[derive(Debug, Default)]
pub(super) struct Due {
    owed: VecDeque<Owed>,
    /// Until the last of it is known to be written.
    is_active: bool,
}

impl Due {
    pub(super) fn push(&mut self, owed: Owed) {
        self.owed.push_back(owed);
        self.is_active = true;
    }

    pub(super) fn say(&mut self, message: impl Into<String>) {
        self.push(Owed::Message(message.into()));
    }

    pub(super) fn is_active(&self) -> bool {
        self.is_active
    }

    pub(super) fn has_calls(&self) -> bool {
        self.owed.iter().any(|owed| matches!(owed, Owed::Call(_)))
    }

    /// Takes out a call.
    pub(super) fn remove(&mut self, id: &Id) -> Option<Waiting> {
        let at = self.owed.iter().position(|owed| matches!(owed, Owed::Call(waiting) if waiting.id == *id))?;
        match self.owed.remove(at)? {
            Owed::Call(waiting) => Some(waiting),
            Owed::Message(_) => None,
        }
    }

    /// The next one. What was taken before is written.
    pub(super) fn next(&mut self) -> Option<Owed> {
        let next = self.owed.pop_front();
        self.is_active = next.is_some();
        next
    }
}
