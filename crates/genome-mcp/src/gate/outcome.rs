//! What follows from a message.

use super::event::Event;
use std::borrow::Cow;

/// What follows from a message, or from time. Texts are one message each, without a line feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Outcome<'l> {
    /// What the server gets now.
    pub to_server: Option<Cow<'l, str>>,
    /// What the client gets, in this order.
    pub to_client: Vec<Cow<'l, str>>,
    /// What has to be logged: denials, and what was dropped.
    pub events: Vec<Event>,
    /// Whether the server gets more, in the order of [`Gate::next_due`](crate::Gate::next_due), and after `to_server`.
    pub is_due: bool,
    /// Calls begin to wait until the gate has read the list of tools: it has to be told when they have waited long enough.
    pub wait: Option<Wait>,
    /// Whether the server is not what was signed: a tool that the genome pins is another one, or there twice, or gone; or the instructions are others.
    pub has_drifted: bool,
    /// Whether the message is a call that waits, so that nothing has come of it yet.
    pub(super) is_held: bool,
}

/// A time in which calls wait, for [`Gate::time_is_up`](crate::Gate::time_is_up).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub(super) u64);

impl<'l> Outcome<'l> {
    pub(super) fn to_server(text: impl Into<Cow<'l, str>>) -> Self {
        Self { to_server: Some(text.into()), ..Self::default() }
    }

    pub(super) fn to_client(text: impl Into<Cow<'l, str>>) -> Self {
        Self { to_client: vec![text.into()], ..Self::default() }
    }

    pub(super) fn dropped(event: Event) -> Self {
        Self { events: vec![event], ..Self::default() }
    }

    pub(super) fn with(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }
}
