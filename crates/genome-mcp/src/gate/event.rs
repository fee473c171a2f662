//! What a log is told.

use super::actions::Denial;
use crate::message::Id;
use genome_json::Value;
use genome_json::text::{shortened, verbatim, visible_json};

/// How many characters of a text of a stranger are logged.
const SHOWN: usize = 200;

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The client.
    Client,
    /// The server.
    Server,
}

impl Side {
    /// The word of the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// Why a message did not get through as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No capability allows the action.
    NotAllowed,
    /// A capability denies the action.
    Denied,
    /// It is no message, or not one that can be decided on.
    Malformed,
    /// Nobody waits for it, or nobody may send it in this direction.
    Unexpected,
    /// Too many requests are open.
    Busy,
}

impl Reason {
    /// Each reason.
    pub const ALL: &[Self] = &[Self::NotAllowed, Self::Denied, Self::Malformed, Self::Unexpected, Self::Busy];

    /// The word of the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::Denied => "denied",
            Self::Malformed => "malformed",
            Self::Unexpected => "unexpected",
            Self::Busy => "busy",
        }
    }
}

/// A message, or a part of one, that did not get through. It never holds arguments or results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who sent it.
    pub from: Side,
    /// Why it did not.
    pub reason: Reason,
    /// Its method, or that of the request that it answers; shortened.
    pub method: Option<String>,
    /// The action that was decided on; shortened.
    pub action: Option<String>,
    /// The capability that denies the action.
    pub cap_id: Option<String>,
    /// Its id.
    pub id: Option<Id>,
    /// More of why, in words.
    pub detail: Option<String>,
}

impl Event {
    pub(super) fn new(from: Side, reason: Reason) -> Self {
        Self { from, reason, method: None, action: None, cap_id: None, id: None, detail: None }
    }

    pub(super) fn denied(from: Side, denial: &Denial) -> Self {
        Self { action: Some(denial.action.clone()), cap_id: denial.cap_id.clone(), ..Self::new(from, denial.reason) }
    }

    pub(super) fn with_id(self, id: Option<&Id>) -> Self {
        Self { id: id.cloned(), ..self }
    }

    pub(super) fn of(self, method: &str) -> Self {
        Self { method: Some(shortened(method, SHOWN).into_owned()), ..self }
    }

    pub(super) fn because(self, detail: impl AsRef<str>) -> Self {
        Self { detail: Some(shortened(detail.as_ref(), SHOWN).into_owned()), ..self }
    }

    /// The event as one line of JSON, after these members. Every character of it shows: the others are written as escapes.
    #[must_use]
    pub fn to_json(&self, first: Vec<(&'static str, Value<'_>)>) -> String {
        let id = self.id.as_ref().map(ToString::to_string);
        let mut members = first;
        members.extend([("from", Value::string(self.from.as_str())), ("reason", Value::string(self.reason.as_str()))]);
        let known = [
            ("method", &self.method),
            ("action", &self.action),
            ("cap_id", &self.cap_id),
            // As text, so that a column has one type; the quotes tell 1 from "1".
            ("id", &id),
            ("detail", &self.detail),
        ];
        members.extend(
            known
                .iter()
                .filter_map(|(name, text)| Some((*name, Value::string(verbatim(&shortened(text.as_ref()?, SHOWN)).into_owned())))),
        );
        visible_json(Value::object(members).to_compact())
    }
}
