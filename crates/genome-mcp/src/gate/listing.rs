//! What the gate knows of the tools of the server: its own list of them.
//!
//! A call of a tool that is pinned goes to the server if the gate has read the whole list, all pages of it, and found there what is pinned. What it knows holds until
//! the server says that its list has changed, or shows the client something else.

use super::revision::Era;
use super::tools::{Page, Shown, Tools, note};
use super::waiting::{Call, Due, Owed, Queue, Waiting};
use crate::message::Id;
use crate::tools_list::{self, Extent, ListFault, MOST_CHANGES};
use std::collections::HashSet;

/// How many requests are remembered whose answers mean nothing any more.
const MOST_VOID: usize = 16;

/// What the gate knows, and how it comes to know.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// How the ids of requests of its own begin.
    prefix: Box<str>,
    next: u64,
    known: Known,
    /// Requests of its own that may still be answered, which means nothing any more.
    void: HashSet<Id>,
    /// Whether `notifications/initialized` was sent on.
    is_initialized: bool,
    pub(super) waiting: Queue,
    pub(super) due: Due,
    /// Which time it is that calls wait.
    pub(super) turn: u64,
}

#[derive(Debug, Default)]
enum Known {
    #[default]
    Nothing,
    /// A page was asked for.
    Asked(Box<Asked>),
    /// The whole list, as the server shows it in this era.
    All { era: Era, tools: Tools },
}

/// A list that is being read.
#[derive(Debug)]
struct Asked {
    id: Id,
    era: Era,
    meta: Option<String>,
    extent: Extent,
    tools: Tools,
    /// What the client was to be shown in the meantime that is not what is pinned.
    elsewhere: Tools,
    changes: usize,
}

/// Whether a call may go to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Bad(Option<Shown>),
    /// The list has to be read first.
    Unknown,
}

/// Why a list could not be read.
pub(super) type Failed = &'static str;

impl Listing {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix: prefix.into(), ..Self::default() }
    }

    /// Whether an id is one that only the gate gives.
    pub(super) fn is_own(&self, id: &Id) -> bool {
        !self.prefix.is_empty() && matches!(id, Id::Text(text) if text.starts_with(&*self.prefix))
    }

    /// Whether a page was asked for.
    pub(super) fn is_asked(&self) -> bool {
        matches!(self.known, Known::Asked(_))
    }

    /// Whether the answer to a request of the gate's own is waited for.
    pub(super) fn expects(&self, id: &Id) -> bool {
        matches!(&self.known, Known::Asked(asked) if asked.id == *id)
    }

    /// Whether the answer to a request of the gate's own may come, and means nothing. It comes once.
    pub(super) fn forgets(&mut self, id: &Id) -> bool {
        self.void.remove(id)
    }

    /// Decides on a call.
    pub(super) fn decide(&self, call: &Call) -> Verdict {
        self.known.decide(call)
    }

    /// A call waits, and the list is asked for if it is not yet. Returns which time it is that calls wait, if this one is the first.
    pub(super) fn wait(&mut self, waiting: Waiting) -> Option<u64> {
        let is_first = self.waiting.is_empty();
        self.waiting.push(waiting);
        self.begin();
        is_first.then(|| {
            self.turn += 1;
            self.turn
        })
    }

    /// Takes out the calls on which can be decided now.
    pub(super) fn settled(&mut self) -> Vec<(Waiting, Verdict)> {
        let Self { known, waiting, .. } = self;
        let settled = waiting.take(|waiting| known.decide(&waiting.call) != Verdict::Unknown);
        settled
            .into_iter()
            .map(|waiting| (known.decide(&waiting.call), waiting))
            .map(|(verdict, waiting)| (waiting, verdict))
            .collect()
    }

    /// Takes out a call that was not sent on yet.
    pub(super) fn withdraw(&mut self, id: &Id) -> Option<Waiting> {
        self.waiting.remove(id).or_else(|| self.due.remove(id))
    }

    /// What goes to the server next. What was taken before is written.
    pub(super) fn next_due(&mut self) -> Option<Owed> {
        self.due.next().or_else(|| {
            self.begin();
            self.due.next()
        })
    }

    /// Asks for the list, if calls wait for it and it can be asked for. What is known holds until the calls that are due by it are written.
    pub(super) fn begin(&mut self) {
        if self.due.has_calls() {
            return;
        }
        let Some(first) = self.waiting.first().filter(|_| !matches!(self.known, Known::Asked(_))) else { return };
        if first.call.era == Era::Legacy && !self.is_initialized {
            return;
        }
        let (era, meta) = (first.call.era, first.call.meta.clone());
        self.ask_first(era, meta, 0);
    }

    /// The client has begun the session, and the server knows it.
    pub(super) fn initialized(&mut self) {
        self.is_initialized = true;
    }

    /// The client begins the session, maybe anew.
    pub(super) fn initialize(&mut self) {
        self.is_initialized = false;
        if let Known::Asked(asked) = std::mem::take(&mut self.known) {
            self.forgive(asked.id);
        }
        // A call of the other era may wait.
        self.begin();
    }

    /// Takes a page that was expected, and the cursor of the next one, as it is written. Returns whether that was the last one.
    pub(super) fn take_page(&mut self, id: &Id, page: Page, bytes: usize, cursor: Option<&str>) -> Result<bool, Failed> {
        // Time may be up since it was expected.
        if !self.expects(id) {
            return Ok(false);
        }
        let Known::Asked(mut asked) = std::mem::take(&mut self.known) else { return Ok(false) };
        for (name, shown) in page.tools {
            note(&mut asked.tools, name, shown);
        }
        asked.extent.take(page.count, bytes, cursor).map_err(ListFault::as_str)?;
        let Some(cursor) = cursor else {
            self.known = Known::All { era: asked.era, tools: asked.whole() };
            return Ok(true);
        };
        asked.id = self.ask(asked.meta.as_deref(), Some(cursor));
        self.known = Known::Asked(asked);
        Ok(false)
    }

    /// The list cannot be read.
    pub(super) fn fail(&mut self) {
        self.known = Known::Nothing;
    }

    /// The list is no longer waited for, and the server is told.
    pub(super) fn give_up(&mut self) {
        if let Known::Asked(asked) = std::mem::take(&mut self.known) {
            let id = asked.id;
            self.due.say(format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#));
            self.forgive(id);
        }
    }

    /// The server says that its list has changed: what was read means nothing any more.
    pub(super) fn change(&mut self) -> Result<(), Failed> {
        let Known::Asked(asked) = std::mem::take(&mut self.known) else { return Ok(()) };
        let Asked { id, era, meta, changes, .. } = *asked;
        self.forgive(id);
        if changes >= MOST_CHANGES {
            return Err(ListFault::KeepsChanging.as_str());
        }
        self.ask_first(era, meta, changes + 1);
        Ok(())
    }

    /// The client is shown these. What differs from what the gate knows ends that.
    pub(super) fn see(&mut self, shown: Tools) {
        match &mut self.known {
            Known::Nothing => {}
            Known::All { tools, .. } => {
                if shown.iter().any(|(name, shown)| tools.get(name) != Some(shown)) {
                    self.known = Known::Nothing;
                }
            }
            Known::Asked(asked) => {
                asked.elsewhere.extend(shown.into_iter().filter(|(_, shown)| matches!(shown, Shown::Other(_))));
            }
        }
    }

    /// The tools as the server lists them, where the whole list is known.
    pub(super) fn whole(&self) -> Option<&Tools> {
        match &self.known {
            Known::All { tools, .. } => Some(tools),
            Known::Nothing | Known::Asked(_) => None,
        }
    }

    /// Everything is over. Returns the calls that were not sent on.
    pub(super) fn close(&mut self) -> Vec<Waiting> {
        self.known = Known::Nothing;
        let mut left = self.waiting.take(|_| true);
        while let Some(owed) = self.due.next() {
            if let Owed::Call(waiting) = owed {
                left.push(waiting);
            }
        }
        left
    }

    fn forgive(&mut self, id: Id) {
        if self.void.len() >= MOST_VOID {
            self.void.clear();
        }
        self.void.insert(id);
    }

    fn ask_first(&mut self, era: Era, meta: Option<String>, changes: usize) {
        let id = self.ask(meta.as_deref(), None);
        let (tools, elsewhere) = (Tools::new(), Tools::new());
        let asked = Asked { id, era, meta, extent: Extent::default(), tools, elsewhere, changes };
        self.known = Known::Asked(Box::new(asked));
    }

    /// Asks for a page.
    fn ask(&mut self, meta: Option<&str>, cursor: Option<&str>) -> Id {
        let id = Id::Text(format!("{}{}", self.prefix, self.next).into());
        self.next += 1;
        self.due.say(tools_list::request(&id, cursor, meta));
        id
    }
}

impl Known {
    fn decide(&self, call: &Call) -> Verdict {
        match self {
            Self::All { era, tools } if *era == call.era => match tools.get(&call.tool) {
                Some(Shown::Good(_)) => Verdict::Good,
                other => Verdict::Bad(other.copied()),
            },
            _ => Verdict::Unknown,
        }
    }
}

impl Asked {
    /// The whole list. A tool that the client was shown otherwise in the meantime is not what is pinned.
    fn whole(self) -> Tools {
        let Self { mut tools, elsewhere, .. } = self;
        for (name, shown) in elsewhere {
            if let Some(listed) = tools.get_mut(&name) {
                *listed = shown;
            }
        }
        tools
    }
}
