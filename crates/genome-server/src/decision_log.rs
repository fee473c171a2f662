//! What was decided over HTTP, for whoever writes it down. An answer never waits for that: where the queue is full, a record is dropped and counted.

use crate::answer::decision::Effect;
use axum::http::HeaderMap;
use genome::mcp::ActionName;
use genome::{Decision, GenomeId, Timestamp};
use genome_json::text::shortened;
use prometheus::IntCounter;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, SystemTime};

/// How many records wait to be written.
const MOST_WAITING: usize = 8192;

/// How many characters of a foreign text a record keeps.
const MOST_CHARACTERS: usize = 256;

/// A decision that was made over HTTP, as one line of the log. A member without a value is left out.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "A line of the decision log", deny_unknown_fields))]
pub struct DecisionRecord {
    /// When it was made.
    #[serde(rename = "timestamp", serialize_with = "as_rfc_3339")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    pub at: SystemTime,
    /// The first `X-Request-ID` of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub request_id: Option<String>,
    /// The path at which it was asked for.
    pub route: &'static str,
    /// How the request was understood as an action; absent at `/decisions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String", extend("enum" = ["action", "coaz", "authzen-policy-backend", "apparitor", "mcp-headers", "action-header"])))]
    pub projection: Option<&'static str>,
    /// The action, shortened to 256 characters; absent where the projection covers none, or what was sent cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub action: Option<String>,
    /// What was decided.
    pub decision: Effect,
    /// The capability that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub cap_id: Option<String>,
    /// Why it was denied, where no capability says it: what the request lacks, or what the projection does not cover. Shortened to 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub reason: Option<String>,
    /// The genome that decided.
    pub genome_id: GenomeId,
    /// The subject of a request of AuthZEN, where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "SubjectRecord"))]
    pub subject: Option<SubjectRecord>,
}

/// Who is said to ask, shortened to 256 characters each.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Subject", deny_unknown_fields))]
pub struct SubjectRecord {
    /// The kind of subject.
    pub r#type: String,
    /// Its id.
    pub id: String,
}

/// The time with milliseconds.
fn as_rfc_3339<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    serializer.serialize_str(&Timestamp::with_milliseconds(since))
}

/// The records of a decision point, in the order of their decisions, and the count of those that are lost.
#[derive(Debug)]
pub struct DecisionRecords {
    receiver: Receiver<DecisionRecord>,
    dropped: IntCounter,
}

impl DecisionRecords {
    /// Waits for the next one; `None` when the decision point is gone.
    #[must_use]
    pub fn recv(&self) -> Option<DecisionRecord> {
        self.receiver.recv().ok()
    }

    /// The next one, if there is one now.
    #[must_use]
    pub fn try_recv(&self) -> Option<DecisionRecord> {
        self.receiver.try_recv().ok()
    }

    /// Counts records that could not be written.
    pub fn count_lost(&self, records: u64) {
        self.dropped.inc_by(records);
    }
}

/// Where a decision point puts its records.
#[derive(Debug)]
pub(crate) struct DecisionLog {
    sender: SyncSender<DecisionRecord>,
    dropped: IntCounter,
    has_subjects: bool,
}

/// Who asked, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) route: &'static str,
    /// How the request is understood as an action, as its answer says it.
    pub(crate) projection: Option<&'static str>,
    /// The type and the id of the subject.
    pub(crate) subject: Option<(&'a str, &'a str)>,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordedAction<'a> {
    Named(ActionName<'a>),
    /// The projection does not cover the request, whose action this is called.
    Uncovered(&'a str),
    /// The request cannot be read.
    Unreadable,
}

impl<'a> RecordedAction<'a> {
    /// The start of the action, if there is one.
    fn action(&self, characters: usize) -> Option<Cow<'a, str>> {
        match self {
            Self::Named(name) => Some(name.shortened(characters)),
            Self::Uncovered(_) | Self::Unreadable => None,
        }
    }

    /// The start of what people are shown.
    pub(crate) fn shown(&self, characters: usize) -> Cow<'a, str> {
        match self {
            Self::Named(name) => name.shortened(characters),
            Self::Uncovered(name) => shortened(name, characters),
            Self::Unreadable => Cow::Borrowed(""),
        }
    }
}

impl DecisionLog {
    pub(crate) fn of(dropped: IntCounter, has_subjects: bool) -> (Self, DecisionRecords) {
        let (sender, receiver) = sync_channel(MOST_WAITING);
        (Self { sender, dropped: dropped.clone(), has_subjects }, DecisionRecords { receiver, dropped })
    }

    pub(crate) fn keep(
        &self,
        asker: &Asker<'_>,
        action: RecordedAction<'_>,
        decision: Option<&Decision<'_>>,
        reason: Option<&str>,
        genome_id: GenomeId,
    ) {
        let short = |text: &str| shortened(text, MOST_CHARACTERS).into_owned();
        let request_id = asker.headers.get("x-request-id").map(|id| short(&String::from_utf8_lossy(id.as_bytes())));
        let subject = asker.subject.filter(|_| self.has_subjects);
        let record = DecisionRecord {
            at: SystemTime::now(),
            request_id,
            route: asker.route,
            projection: asker.projection,
            action: action.action(MOST_CHARACTERS).map(|action| short(&action)),
            decision: decision.map_or(Effect::Deny, Effect::from),
            cap_id: decision.and_then(Decision::cap_id).map(ToOwned::to_owned),
            reason: reason.map(short),
            genome_id,
            subject: subject.map(|(kind, id)| SubjectRecord { r#type: short(kind), id: short(id) }),
        };
        if self.sender.try_send(record).is_err() {
            self.dropped.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> RecordedAction<'_> {
        RecordedAction::Named(ActionName::verbatim(name))
    }

    #[test]
    fn a_record_that_finds_no_room_is_dropped_and_counted() {
        let dropped = IntCounter::new("dropped", "dropped").unwrap();
        let (log, records) = DecisionLog::of(dropped.clone(), false);
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "x".repeat(1000).parse().unwrap());
        let asker = Asker { headers: &headers, route: "/decisions", projection: None, subject: Some(("agent", "a")) };
        let id = GenomeId::of_canonical_form(b"");
        for number in 0..MOST_WAITING + 3 {
            log.keep(&asker, named(&number.to_string()), None, None, id);
        }
        assert_eq!(dropped.get(), 3);
        let first = records.recv().unwrap();
        assert_eq!((first.action.as_deref(), first.request_id.unwrap().chars().count()), (Some("0"), MOST_CHARACTERS + 1));
        assert!(first.subject.is_none(), "it was not asked for");
        log.keep(&asker, named(&"y".repeat(1_000_000)), None, None, id);
        drop(log);
        let kept: Vec<DecisionRecord> = std::iter::from_fn(|| records.try_recv()).collect();
        assert_eq!(kept.len(), MOST_WAITING);
        assert!(records.recv().is_none());
        assert_eq!(kept.last().unwrap().action.as_ref().unwrap().chars().count(), MOST_CHARACTERS + 1);
        records.count_lost(2);
        assert_eq!(dropped.get(), 5);
    }
}
