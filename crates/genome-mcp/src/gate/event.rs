//! What a log is told.

use super::denial::Denial;
use super::pins;
use crate::message::Id;
use genome::Digest;
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
    /// The server describes the tool otherwise than any of its pins.
    ToolChanged,
    /// The tool is allowed and has no pin, while the genome pins something of its server.
    ToolUnpinned,
    /// The definition of the tool, which is pinned, was not seen: the server does not list it, or its list could not be read.
    ToolUnseen,
    /// The instructions of the server are not those that are pinned.
    InstructionsChanged,
    /// The instructions of the server have no pin, while the genome pins something of the server.
    InstructionsUnpinned,
    /// It is no message, or not one that can be decided on.
    Malformed,
    /// Nobody waits for it, or nobody may send it in this direction.
    Unexpected,
    /// Too many requests are open.
    Busy,
}

impl Reason {
    /// Each reason.
    pub const ALL: &[Self] = &[
        Self::NotAllowed,
        Self::Denied,
        Self::ToolChanged,
        Self::ToolUnpinned,
        Self::ToolUnseen,
        Self::InstructionsChanged,
        Self::InstructionsUnpinned,
        Self::Malformed,
        Self::Unexpected,
        Self::Busy,
    ];

    /// The word of the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::Denied => "denied",
            Self::ToolChanged => "tool_changed",
            Self::ToolUnpinned => "tool_unpinned",
            Self::ToolUnseen => "tool_unseen",
            Self::InstructionsChanged => "instructions_changed",
            Self::InstructionsUnpinned => "instructions_unpinned",
            Self::Malformed => "malformed",
            Self::Unexpected => "unexpected",
            Self::Busy => "busy",
        }
    }

    /// Whether the server is not what was signed.
    pub(super) fn is_drift(self) -> bool {
        matches!(self, Self::ToolChanged | Self::InstructionsChanged)
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
    /// The digest of what the server shows in the place of what is pinned; `None` also where that can be understood in two ways.
    pub seen: Option<Digest>,
    /// The digests that are pinned, where the server shows something else.
    pub pinned: Vec<Digest>,
    /// Its id.
    pub id: Option<Id>,
    /// More of why, in words.
    pub detail: Option<String>,
}

impl Event {
    pub(super) fn new(from: Side, reason: Reason) -> Self {
        Self { from, reason, method: None, action: None, cap_id: None, seen: None, pinned: Vec::new(), id: None, detail: None }
    }

    pub(super) fn denied(from: Side, denial: &Denial) -> Self {
        let mismatch = denial.mismatch.as_deref();
        Self {
            action: Some(denial.action.clone()),
            cap_id: denial.cap_id.clone(),
            seen: mismatch.and_then(|mismatch| mismatch.seen),
            pinned: mismatch.map(|mismatch| mismatch.pinned.clone()).unwrap_or_default(),
            detail: denial.detail.map(ToOwned::to_owned),
            ..Self::new(from, denial.reason)
        }
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
        let seen = self.seen.as_ref().map(ToString::to_string);
        let pinned: Vec<String> = self.pinned.iter().take(pins::SHOWN).map(ToString::to_string).collect();
        let pinned = Some(pinned.join(" ")).filter(|pinned| !pinned.is_empty());
        let mut members = first;
        members.extend([("from", Value::string(self.from.as_str())), ("reason", Value::string(self.reason.as_str()))]);
        let known = [
            ("method", &self.method),
            ("action", &self.action),
            ("cap_id", &self.cap_id),
            ("seen", &seen),
            ("pinned", &pinned),
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
