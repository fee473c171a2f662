//! The list of an MCP server's tools, as a client asks for it: all pages, in the era that the server speaks.
//!
//! A client that is new to a server first asks `server/discover`. Where that has no answer, or an error, it shakes hands as the revisions before
//! 2026-07-28 do. Nothing else is ever asked of the server: no tool is called.

mod fault;
mod listed;
mod request;

use crate::gate::instructions::ambiguity;
use crate::gate::revision::{MODERN, REVISIONS};
use crate::message::{Id, Kind, Message, Passing, Unreadable, read};
pub use crate::tools_list::{Flaw, ListFault};
use crate::tools_list::{ListPage, MOST_CHANGES};
pub use fault::ListingFault;
use listed::Gathered;
pub use listed::{Instructions, Listed, Unusable};
use request::Asking;
use std::borrow::Cow;

/// A client that asks one server for its tools. Lines of the server in, messages to it out; it reads no stream and waits for nothing.
///
/// ```
/// use genome_mcp::listing::{Listing, Step};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (mut listing, probe) = Listing::begin();
/// assert!(probe.contains("server/discover"));
/// // A server that does not know this method.
/// let step = listing.take(br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"?"}}"#)?;
/// assert!(matches!(step, Step::Say(said) if said[0].contains("initialize")));
/// let step = listing.take(br#"{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}}}}"#)?;
/// assert!(matches!(step, Step::Say(said) if said[1].contains("tools/list")));
/// let step = listing.take(br#"{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"read_file","inputSchema":{}}]}}"#)?;
/// assert_eq!(step, Step::Done);
/// let listed = listing.finish();
/// assert_eq!((listed.revision, listed.tools[0].name()), ("2025-11-25", "read_file"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Listing {
    asking: Asking,
    /// The number of the request that is open. The numbers before it are answered, or not waited for any more.
    open: i64,
    revision: &'static str,
    instructions: Instructions,
    has_tools: bool,
    has_handshake: bool,
    changes: usize,
    gathered: Gathered,
}

/// What follows from a line of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing: more is to come.
    Wait,
    /// These messages go to the server, in this order.
    Say(Vec<String>),
    /// The list is whole.
    Done,
}

impl Listing {
    /// A client, and the first message to its server.
    #[must_use]
    pub fn begin() -> (Self, String) {
        let listing = Self {
            asking: Asking::Discovery,
            open: 1,
            revision: MODERN,
            instructions: Instructions::None,
            has_tools: false,
            has_handshake: false,
            changes: 0,
            gathered: Gathered::default(),
        };
        let first = request::discover(listing.open);
        (listing, first)
    }

    /// A client of the revisions that begin with a handshake, and the first message to its server.
    #[must_use]
    pub fn begin_with_handshake() -> (Self, String) {
        let (mut listing, _) = Self::begin();
        let first = listing.initialize();
        (listing, first)
    }

    /// The method whose answer is waited for.
    #[must_use]
    pub fn waits_for(&self) -> &'static str {
        self.asking.method()
    }

    /// The next message to a server that leaves the first one without an answer, as one of the revisions before 2026-07-28 may; `None` where it has
    /// answered that.
    pub fn give_up_discovery(&mut self) -> Option<String> {
        (self.asking == Asking::Discovery).then(|| self.initialize())
    }

    /// Takes a line of the server. What is neither an answer nor a message that has to be answered means nothing here.
    ///
    /// # Errors
    /// The server does not list its tools, or not in a way that can be trusted to be whole.
    pub fn take(&mut self, line: &[u8]) -> Result<Step, ListingFault> {
        let message = match read(line) {
            Ok(Some(message)) => message,
            Err(Unreadable { fault, answers: Some(id), .. }) if self.is_open(&id) => {
                return Err(ListingFault::Unreadable { method: self.waits_for(), fault });
            }
            // Servers print banners, too.
            Ok(None) | Err(_) => return Ok(Step::Wait),
        };
        match message.kind() {
            Kind::Result(id) if self.is_open(id) => self.result(&message),
            Kind::Error(id) if self.is_open(id) => self.error(&message),
            Kind::Request { id, method } => Ok(Step::Say(vec![request::answer(id, method)])),
            Kind::Notification { method } => {
                if self.asking == Asking::List && method == "notifications/tools/list_changed" {
                    self.change()
                } else {
                    Ok(Step::Wait)
                }
            }
            Kind::Result(_) | Kind::Error(_) => Ok(Step::Wait),
        }
    }

    /// Takes a line that was too long to be kept.
    ///
    /// # Errors
    /// It was the answer that is waited for.
    pub fn take_oversized(&self, line: &Passing) -> Result<(), ListingFault> {
        match line.answers() {
            Some(id) if self.is_open(id) => Err(ListingFault::TooLong(self.waits_for())),
            _ => Ok(()),
        }
    }

    /// What the server has listed. Before [`Step::Done`] that is not all.
    #[must_use]
    pub fn finish(self) -> Listed {
        let (tools, unusable) = self.gathered.sorted_out();
        let has_handshake = self.has_handshake && self.revision == MODERN;
        Listed { revision: self.revision, has_handshake, instructions: self.instructions, tools, unusable }
    }

    fn is_open(&self, id: &Id) -> bool {
        *id == Id::Number(self.open)
    }

    fn result(&mut self, message: &Message<'_>) -> Result<Step, ListingFault> {
        match self.asking {
            Asking::Discovery => Ok(self.discovered(message)),
            Asking::Handshake => self.initialized(message),
            Asking::List => self.page(message),
        }
    }

    fn error(&mut self, message: &Message<'_>) -> Result<Step, ListingFault> {
        let code = message.in_error("code").and_then(|code| code.raw().parse::<i64>().ok());
        match self.asking {
            // What a server says that has never heard of it differs from one to the next.
            Asking::Discovery => Ok(Step::Say(vec![self.initialize()])),
            // As it has announced.
            Asking::List if !self.has_tools && code == Some(-32601) && self.gathered.is_empty() => Ok(Step::Done),
            Asking::Handshake | Asking::List => {
                let said = message.in_error("message").and_then(|said| said.as_text().map(Cow::into_owned)).unwrap_or_default();
                Err(ListingFault::Error { method: self.waits_for(), code, said })
            }
        }
    }

    fn discovered(&mut self, message: &Message<'_>) -> Step {
        let versions = message.in_result("supportedVersions");
        let speaks = |revision: &str| {
            versions.as_ref().is_some_and(|versions| versions.items().any(|version| version.as_text().as_deref() == Some(revision)))
        };
        self.has_handshake = REVISIONS.into_iter().any(|revision| revision != MODERN && speaks(revision));
        if !speaks(MODERN) {
            return Step::Say(vec![self.initialize()]);
        }
        self.introduce(message);
        Step::Say(vec![self.first_page()])
    }

    fn initialized(&mut self, message: &Message<'_>) -> Result<Step, ListingFault> {
        let revision = message.in_result("protocolVersion").and_then(|version| version.as_text().map(Cow::into_owned));
        let known = REVISIONS.into_iter().find(|known| *known != MODERN && revision.as_deref() == Some(*known));
        self.revision = known.ok_or_else(|| ListingFault::UnknownRevision(revision.unwrap_or_default()))?;
        self.introduce(message);
        Ok(Step::Say(vec![request::INITIALIZED.to_owned(), self.first_page()]))
    }

    /// Takes what the server says of itself.
    fn introduce(&mut self, message: &Message<'_>) {
        self.instructions = if ambiguity(message).is_some() {
            Instructions::Unreadable
        } else {
            message.in_result("instructions").map_or(Instructions::None, |text| Instructions::of(&text))
        };
        self.has_tools = message.in_result("capabilities").and_then(|capabilities| capabilities.get("tools")).is_some();
    }

    /// What was listed means nothing any more, nor does the answer that is under way.
    fn change(&mut self) -> Result<Step, ListingFault> {
        self.changes += 1;
        if self.changes > MOST_CHANGES { Err(ListFault::KeepsChanging.into()) } else { Ok(Step::Say(vec![self.first_page()])) }
    }

    fn page(&mut self, message: &Message<'_>) -> Result<Step, ListingFault> {
        let page = ListPage::read(message)?;
        self.gathered.take(message, &page)?;
        Ok(page.cursor.map_or(Step::Done, |cursor| Step::Say(vec![self.ask_page(Some(cursor))])))
    }

    fn initialize(&mut self) -> String {
        self.asking = Asking::Handshake;
        self.open += 1;
        request::initialize(self.open)
    }

    fn first_page(&mut self) -> String {
        (self.asking, self.gathered) = (Asking::List, Gathered::default());
        self.ask_page(None)
    }

    fn ask_page(&mut self, cursor: Option<&str>) -> String {
        self.open += 1;
        request::list(self.open, self.revision == MODERN, cursor)
    }
}

#[cfg(test)]
mod tests;
