//! The gate: messages in, and what follows from them out.

mod actions;
pub(crate) mod answer;
mod capabilities;
mod client;
mod counts;
mod edits;
mod event;
mod input;
mod open;
mod revision;
mod server;
mod tools;

use crate::message::{Fault, Passing, Unreadable, read};
use actions::Actions;
pub use actions::Names;
use counts::Counter;
pub use counts::{Counts, OTHER};
pub use event::{Event, Reason, Side};
use genome::{Genome, Verified};
use open::{Cancelled, Open};
use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// The gate between one client and one server. Two threads may use it at once, one for each direction.
#[derive(Debug)]
pub struct Gate {
    actions: Actions,
    open: Mutex<Open>,
    counter: Counter,
}

/// The genome pins definitions of tools of the server, and the gate cannot hold the server to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the genome pins definitions of tools of this MCP server, and this version of genome-mcp does not enforce them")]
pub struct PinsNotEnforced;

/// What follows from a message. Texts are one message each, without a line feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome<'l> {
    /// What the other side gets.
    pub forward: Option<Cow<'l, str>>,
    /// What its sender is answered.
    pub answer: Option<String>,
    /// What has to be logged: denials, and what was dropped.
    pub events: Vec<Event>,
}

impl<'l> Outcome<'l> {
    fn forwarded(text: impl Into<Cow<'l, str>>) -> Self {
        Self { forward: Some(text.into()), ..Self::default() }
    }

    fn dropped(event: Event) -> Self {
        Self { events: vec![event], ..Self::default() }
    }

    fn answered(answer: String, event: Event) -> Self {
        Self { answer: Some(answer), ..Self::dropped(event) }
    }

    fn replaced(by: String, event: Event) -> Self {
        Self { forward: Some(by.into()), ..Self::dropped(event) }
    }
}

impl Gate {
    /// The gate of a genome, before a server that the operator has named.
    ///
    /// # Errors
    /// The genome pins definitions of tools of this server. They are not enforced yet, and are not passed over.
    pub fn new(genome: &Verified<Genome>, names: Names) -> Result<Self, PinsNotEnforced> {
        if names.are_pinned_by(genome) {
            return Err(PinsNotEnforced);
        }
        let counter = Counter::new(genome, &names);
        Ok(Self { actions: Actions::new(genome, names), open: Mutex::default(), counter })
    }

    /// Decides on a line of the client. The line may have what ends it.
    #[must_use]
    pub fn from_client<'l>(&self, line: &'l [u8]) -> Outcome<'l> {
        match read(line) {
            Ok(None) => Outcome::default(),
            Ok(Some(message)) => {
                let request = self.counter.request(&message);
                self.counter.count(Side::Client, request, self.client_message(message))
            }
            Err(unreadable) => self.counter.count(Side::Client, None, self.unreadable_of_client(unreadable)),
        }
    }

    /// Decides on a line of the server. The line may have what ends it.
    #[must_use]
    pub fn from_server<'l>(&self, line: &'l [u8]) -> Outcome<'l> {
        match read(line) {
            Ok(None) => Outcome::default(),
            Ok(Some(message)) => {
                let request = self.counter.request(&message);
                self.counter.count(Side::Server, request, self.server_message(message))
            }
            Err(unreadable) => self.counter.count(Side::Server, None, self.unreadable_of_server(unreadable)),
        }
    }

    /// Decides on a line of the client that was too long to be kept.
    #[must_use]
    pub fn oversized_from_client(&self, line: &Passing) -> Outcome<'static> {
        self.counter.count(Side::Client, None, self.unreadable_of_client(Unreadable::of_passing(Fault::TooLong, line)))
    }

    /// Decides on a line of the server that was too long to be kept. What it answers, if that was found, is answered with an error instead.
    #[must_use]
    pub fn oversized_from_server(&self, line: &Passing) -> Outcome<'static> {
        self.counter.count(Side::Server, None, self.unreadable_of_server(Unreadable::of_passing(Fault::TooLong, line)))
    }

    /// The server has ended. Returns an error for each request of the client that is still open; later ones are answered at once.
    #[must_use]
    pub fn close(&self) -> Vec<String> {
        let mut open = self.open();
        open.is_closed = true;
        open.to_client.clear();
        open.cancelled = Cancelled::default();
        open.to_server.drain().map(|(id, _)| answer::error(Some(&id), -32603, ENDED)).collect()
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let open = self.open();
        let (open_of_client, open_of_server) = (open.to_server.len(), open.to_client.len());
        drop(open);
        Counts { open_of_client, open_of_server, ..self.counter.counts().clone() }
    }

    /// The tables. No decision is made while they are held.
    fn open(&self) -> MutexGuard<'_, Open> {
        // What is in them holds after a panic, too.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unreadable_of_client(&self, Unreadable { fault, id, answers }: Unreadable) -> Outcome<'static> {
        let message = fault.to_string();
        let event =
            Event::new(Side::Client, Reason::Malformed).with_id(id.as_ref().or(answers.as_ref())).because(fault.without_names());
        if let Some(id) = answers {
            // Nobody answers an answer; but who waits for it must know.
            let is_open = self.open().to_client.remove(&id).is_some();
            let error = || answer::error(Some(&id), -32603, &format!("the client's answer is refused: {message}"));
            return if is_open { Outcome::replaced(error(), event) } else { Outcome::dropped(event) };
        }
        // An answer to an id that is open would end the request that has it.
        let id = id.filter(|id| !self.open().to_server.contains_key(id));
        Outcome::answered(answer::error(id.as_ref(), fault.json_rpc_code(), &format!("the message is refused: {message}")), event)
    }

    fn unreadable_of_server(&self, Unreadable { fault, id, answers }: Unreadable) -> Outcome<'static> {
        // The client takes what follows for words of the gate.
        let message = fault.without_names();
        let event = Event::new(Side::Server, Reason::Malformed).with_id(id.as_ref().or(answers.as_ref())).because(&message);
        let mut open = self.open();
        // The client must not wait for an answer that is lost.
        if let Some(id) = answers.filter(|id| open.answered(id).is_some()) {
            let said = format!("the server's answer is refused: {message}");
            return Outcome::replaced(answer::error(Some(&id), -32603, &said), event);
        }
        // Nor the server, where it may ask. An answer to an id that is open would end the request that has it.
        match id.filter(|id| open.is_legacy && !open.to_client.contains_key(id)) {
            Some(id) => {
                let said = format!("the message is refused: {message}");
                Outcome::answered(answer::error(Some(&id), fault.json_rpc_code(), &said), event)
            }
            None => Outcome::dropped(event),
        }
    }
}

/// What a client is told whose server has ended.
const ENDED: &str = "the MCP server has ended before it answered";
