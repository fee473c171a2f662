//! Requests that the client has cancelled. Servers may answer them all the same, so their ids stay taken: the answer would be that of the next request.

use super::{Asked, What};
use crate::message::Id;
use std::collections::{BTreeMap, HashMap};

/// How many are remembered; the oldest are forgotten first.
const MOST_CANCELLED: usize = 4096;

/// What is cancelled and not answered.
#[derive(Debug, Default)]
pub(in crate::gate) struct Cancelled {
    known: HashMap<Id, (u64, Asked)>,
    /// By when they were cancelled.
    order: BTreeMap<u64, Id>,
    next: u64,
}

impl Cancelled {
    pub(in crate::gate) fn remember(&mut self, id: Id, asked: Asked) {
        self.take(&id);
        if self.order.len() >= MOST_CANCELLED
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.known.remove(&oldest);
        }
        self.order.insert(self.next, id.clone());
        self.known.insert(id, (self.next, asked));
        self.next += 1;
    }

    /// Forgets a request, as it is answered, or its id may be that of another.
    pub(in crate::gate) fn take(&mut self, id: &Id) -> Option<Asked> {
        let (at, asked) = self.known.remove(id)?;
        self.order.remove(&at);
        Some(asked)
    }

    /// Whether the id cannot be that of another request yet. That of a subscription can: servers need not answer it, and its answer says nothing.
    pub(in crate::gate) fn holds(&self, id: &Id) -> bool {
        self.known.get(id).is_some_and(|(_, asked)| asked.what != What::Listen)
    }
}
