//! What is open: requests that wait for their answers, and tasks that were begun.

mod cancelled;

use super::listing::Listing;
use super::outcome::Outcome;
use super::revision::Era;
use crate::message::Id;
pub(super) use cancelled::Cancelled;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

/// How many requests of one side may be open at once.
pub(super) const MOST_OPEN: usize = 4096;

/// How many tasks of one side are remembered; the oldest are forgotten first.
const MOST_TASKS: usize = 4096;

/// How long the id of a task may be, in bytes.
const MOST_BYTES: usize = 1024;

/// What both directions have to know.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Requests of the client.
    pub(super) to_server: HashMap<Id, Asked>,
    /// Requests of the client that it has cancelled.
    pub(super) cancelled: Cancelled,
    /// Requests of the server, and the token by which the client reports how far it is.
    pub(super) to_client: HashMap<Id, Option<Id>>,
    /// Tasks that calls of the client have begun.
    pub(super) server_tasks: Tasks,
    /// Tasks that requests of the server have begun.
    pub(super) client_tasks: Tasks,
    /// Whether `initialize` was sent on: before, and without it, a server asks nothing.
    pub(super) is_legacy: bool,
    /// Capabilities of the server that were taken out.
    pub(super) taken_out: HashSet<&'static str>,
    /// The server has ended.
    pub(super) is_closed: bool,
    /// What is known of the tools of a server that is held to pins.
    pub(super) list: Listing,
}

impl Open {
    /// Sends a message of the client on, after what is due.
    pub(super) fn pass<'l>(&mut self, text: Cow<'l, str>) -> Outcome<'l> {
        if !self.list.due.is_active() {
            return Outcome::to_server(text);
        }
        self.list.due.say(text);
        Outcome { is_due: true, ..Outcome::default() }
    }

    /// The request of the client that is answered under this id, if it waits for that, and the id that it has: it is not open any more. Some servers write
    /// numbers as text, and SDKs take that for the number.
    pub(super) fn answered(&mut self, id: &Id) -> Option<(Id, Asked)> {
        let as_number = || id.as_number().filter(|number| self.to_server.contains_key(number));
        let id = if self.to_server.contains_key(id) { id.clone() } else { as_number().unwrap_or_else(|| id.clone()) };
        self.answered_as(&id).map(|asked| (id, asked))
    }

    fn answered_as(&mut self, id: &Id) -> Option<Asked> {
        // A subscription that was cancelled is answered, and nothing else is.
        let of_subscription = |asked: &Asked| asked.what == What::Listen;
        // The server does not know a call that waits yet.
        if self.to_server.get(id).is_some_and(|asked| asked.is_waiting) {
            return None;
        }
        self.to_server.remove(id).or_else(|| self.cancelled.take(id).filter(of_subscription))
    }
}

/// A request of the client that was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) what: What,
    pub(super) era: Era,
    /// Whether the client knows the extension of tasks.
    pub(super) knows_tasks: bool,
    /// Whether it is a call that was not sent on yet.
    pub(super) is_waiting: bool,
}

/// What a request of the client asks for, as far as its answer is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Initialize,
    Discover,
    ListTools,
    CallTool {
        /// Whether the answer is to be a task.
        as_task: bool,
    },
    /// A prompt or a resource, which may need input first.
    Read(&'static str),
    GetTask,
    Listen,
    /// Anything else.
    Other,
}

impl What {
    /// The method, where it is one of few.
    pub(super) fn method(self) -> Option<&'static str> {
        match self {
            Self::Initialize => Some("initialize"),
            Self::Discover => Some("server/discover"),
            Self::ListTools => Some("tools/list"),
            Self::CallTool { .. } => Some("tools/call"),
            Self::Read(method) => Some(method),
            Self::GetTask => Some("tasks/get"),
            Self::Listen => Some("subscriptions/listen"),
            Self::Other => None,
        }
    }
}

/// The ids of tasks.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    known: HashSet<Box<str>>,
    order: VecDeque<Box<str>>,
}

impl Tasks {
    pub(super) fn remember(&mut self, task: &str) {
        if task.len() > MOST_BYTES || self.known.contains(task) {
            return;
        }
        if self.order.len() >= MOST_TASKS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(task.into());
        self.order.push_back(task.into());
    }

    pub(super) fn knows(&self, task: &str) -> bool {
        self.known.contains(task)
    }
}
