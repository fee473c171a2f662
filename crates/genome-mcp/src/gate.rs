//! The gate: messages in, and what follows from them out.

mod actions;
pub(crate) mod answer;
mod capabilities;
mod client;
mod counts;
mod denial;
mod edits;
mod event;
mod input;
pub(crate) mod instructions;
mod listing;
mod open;
mod outcome;
mod own;
mod pins;
pub(crate) mod revision;
mod server;
mod tools;
mod waiting;

use crate::message::{Fault, Passing, Unreadable, read};
use actions::Actions;
pub use actions::Names;
use counts::Counter;
pub use counts::{Counts, OTHER};
pub use event::{Event, Reason, Side};
use genome::{Genome, Verified};
use listing::Listing;
use open::{Cancelled, Open};
pub use outcome::{Outcome, Wait};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The gate between one client and one server. Two threads may use it at once, one for each direction.
#[derive(Debug)]
pub struct Gate {
    actions: Actions,
    open: Mutex<Open>,
    counter: Counter,
}

impl Gate {
    /// The gate of a genome, before a server that the operator has named. Where the genome pins anything of the server, the gate asks for its list of tools by
    /// itself: under ids that begin with `random`, which nobody else can know beforehand.
    #[must_use]
    pub fn new(genome: &Verified<Genome>, names: Names, random: [u8; 16]) -> Self {
        let counter = Counter::new(genome, &names);
        let actions = Actions::new(genome, names);
        let prefix = || format!("genome-mcp-{:032x}-", u128::from_be_bytes(random));
        let list = if actions.are_pinned() { Listing::new(prefix()) } else { Listing::default() };
        Self { actions, open: Mutex::new(Open { list, ..Open::default() }), counter }
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
            Err(unreadable) => {
                let mut outcome = self.unreadable_of_server(unreadable);
                name_what_was_dropped(line, &mut outcome);
                if may_say_that_tools_changed(line) {
                    self.list_changed(&mut outcome);
                }
                self.counter.count(Side::Server, None, outcome)
            }
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
        let mut outcome = self.unreadable_of_server(Unreadable::of_passing(Fault::TooLong, line));
        if line.answers().is_none() {
            // It may have said that the list of tools has changed.
            self.list_changed(&mut outcome);
        }
        self.counter.count(Side::Server, None, outcome)
    }

    /// The server has ended. Returns an error for each request of the client that is still open; later ones are answered at once.
    #[must_use]
    pub fn close(&self) -> Vec<String> {
        let mut open = self.open();
        open.is_closed = true;
        open.to_client.clear();
        open.cancelled = Cancelled::default();
        for waiting in open.list.close() {
            self.counter.settled(&waiting.call.tool, Reason::Unexpected.as_str());
        }
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

    /// The tables. No message is read while they are held.
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
            return if is_open { Outcome::to_server(error()).with(event) } else { Outcome::dropped(event) };
        }
        // An answer to an id that is open would end the request that has it.
        let id = id.filter(|id| !self.open().to_server.contains_key(id));
        let answer = answer::error(id.as_ref(), fault.json_rpc_code(), &format!("the message is refused: {message}"));
        Outcome::to_client(answer).with(event)
    }

    fn unreadable_of_server(&self, Unreadable { fault, id, answers }: Unreadable) -> Outcome<'static> {
        // The client takes what follows for words of the gate.
        let message = fault.without_names();
        let event = Event::new(Side::Server, Reason::Malformed).with_id(id.as_ref().or(answers.as_ref())).because(&message);
        let mut open = self.open();
        if let Some(id) = answers.as_ref().filter(|id| open.list.is_own(id)) {
            drop(open);
            return self.unreadable_own_answer(id, event);
        }
        // The client must not wait for an answer that is lost.
        if let Some((id, _)) = answers.and_then(|id| open.answered(&id)) {
            let said = format!("the server's answer is refused: {message}");
            return Outcome::to_client(answer::error(Some(&id), -32603, &said)).with(event);
        }
        // Nor the server, where it may ask. An answer to an id that is open would end the request that has it.
        match id.filter(|id| open.is_legacy && !open.to_client.contains_key(id)) {
            Some(id) => {
                let said = format!("the message is refused: {message}");
                Outcome::to_server(answer::error(Some(&id), fault.json_rpc_code(), &said)).with(event)
            }
            None => Outcome::dropped(event),
        }
    }
}

/// Whether a line that is no message may be meant to say that the list of tools has changed: then what is known of it is not relied on.
fn may_say_that_tools_changed(line: &[u8]) -> bool {
    const SAID: &[u8] = b"list_changed";
    line.windows(SAID.len()).any(|part| part == SAID)
}

/// Has the log say of a line that reaches nobody what it was, and how long. Never its text, which may be anything.
fn name_what_was_dropped(line: &[u8], outcome: &mut Outcome<'_>) {
    if outcome.to_server.is_some() || !outcome.to_client.is_empty() {
        return;
    }
    let Some(event) = outcome.events.first_mut() else { return };
    let line = line.trim_ascii();
    let kind = match line.first() {
        _ if str::from_utf8(line).is_err() => "that are no UTF-8",
        Some(b'{') => "of an object",
        Some(b'[') => "of an array",
        _ => "of text",
    };
    let why = event.detail.take().unwrap_or_default();
    event.detail = Some(format!("{} bytes {kind} were dropped: {why}", line.len()));
}

/// What a client is told whose server has ended.
const ENDED: &str = "the MCP server has ended before it answered";
