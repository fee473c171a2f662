//! The judgement of one question: the projection, the ceiling, and the answer in words.

use super::Face;
use super::projection::{Projected, Uncovered};
use super::request::{Action, Fault, Resource};
use crate::answer::evaluation::{ErrorAnswer, EvaluationAnswer};
use crate::decision_log::{Asker, RecordedAction};
use crate::json;
use crate::point::DecisionPoint;
use genome::Decision;
use genome::mcp::ActionName;
use genome_json::text::{Quoted, visible_json};
use std::borrow::Cow;

/// How long the name of an action may be that an answer repeats, in bytes as it is written there.
const MOST_REPEATED_BYTES: usize = 256;

/// An answer of the ceiling without the name of the action.
#[derive(Debug)]
pub(super) struct Prepared {
    before_action: String,
    after_action: String,
}

impl Prepared {
    pub(super) fn of(answer: &EvaluationAnswer<'_>, projection: &str) -> Self {
        let whole = visible_json(json::compact(answer));
        // Nothing before it is foreign.
        let last = format!("\"projection\":\"{projection}\"");
        let end = whole.find(&last).map_or(0, |start| start + last.len());
        let (before, after) = whole.split_at_checked(end).unwrap_or_default();
        Self { before_action: before.to_owned(), after_action: after.to_owned() }
    }

    fn write(&self, out: &mut String, action: Option<&str>) {
        out.push_str(&self.before_action);
        if let Some(action) = action {
            out.push_str(",\"action\":");
            out.push_str(action);
        }
        out.push_str(&self.after_action);
    }
}

/// What is answered to one question, and why.
#[derive(Debug)]
pub(super) struct Judgement<'a> {
    /// The action, if the projection covers the question.
    name: Option<ActionName<'a>>,
    verdict: Verdict<'a>,
}

#[derive(Debug)]
enum Verdict<'a> {
    /// The ceiling's.
    Decided(Decision<'a>),
    /// It allows the action, and denies another that the client asks about under the same name.
    Twin(&'a str, Decision<'a>),
    Uncovered(Uncovered, &'a str),
    Unreadable(Fault),
}

impl Face {
    /// Judges a question. Nothing is counted.
    pub(super) fn judge<'a>(&'a self, point: &'a DecisionPoint, action: Action<'a>, resource: Resource<'a>) -> Judgement<'a> {
        let ceiling = point.active().ceiling();
        let projected = match self.settings.projection.project(&self.names, action, resource) {
            Ok(projected) => projected,
            Err(uncovered) => return Judgement { name: None, verdict: Verdict::Uncovered(uncovered, action.name) },
        };
        let name = projected.name();
        // Such a name is not even put together: there may be many, and each may be long.
        let text = if name.is_longer_than(ceiling.longest()) { Cow::Borrowed("") } else { name.to_text() };
        let decision = ceiling.decide(&text);
        let twin = match projected {
            Projected::Folded(name) if decision.is_allowed() => self.twins.denial(name.unqualified(), ceiling),
            _ => None,
        };
        let verdict = twin.map_or(Verdict::Decided(decision), |(twin, denial)| Verdict::Twin(twin, denial));
        Judgement { name: Some(name), verdict }
    }
}

impl Judgement<'_> {
    /// Of an item that cannot be read.
    pub(super) fn unreadable(fault: Fault) -> Self {
        Self { name: None, verdict: Verdict::Unreadable(fault) }
    }

    pub(super) fn is_allowed(&self) -> bool {
        matches!(&self.verdict, Verdict::Decided(decision) if decision.is_allowed())
    }

    /// Counts and logs it, and shows a denial to people for a while.
    pub(super) fn count(&self, point: &DecisionPoint, asker: &Asker<'_>) {
        let named = self.name.map_or(RecordedAction::Unreadable, RecordedAction::Named);
        match &self.verdict {
            Verdict::Decided(decision) => point.record(asker, named, Some(decision), None),
            Verdict::Twin(twin, decision) => point.record(asker, named, Some(decision), Some(&twin_reason(twin, decision))),
            Verdict::Uncovered(reason, name) => point.record(asker, RecordedAction::Uncovered(name), None, Some(reason)),
            Verdict::Unreadable(fault) => point.record(asker, named, None, Some(&unreadable_reason(fault))),
        }
    }

    /// Writes the answer.
    pub(super) fn write(&self, face: &Face, out: &mut String) {
        let (projection, genome_id) = (face.settings.projection.as_str(), face.genome_id.as_str());
        let action = self.name.filter(|name| !name.is_longer_than(MOST_REPEATED_BYTES));
        let action = action.map(|name| json::visible(&name.to_text())).filter(|json| json.len() <= MOST_REPEATED_BYTES + 2);
        let mut write = |answer: &EvaluationAnswer<'_>, action: Option<&str>| Prepared::of(answer, projection).write(out, action);
        match &self.verdict {
            Verdict::Decided(decision) => face.answers.get(decision).write(out, action.as_deref()),
            Verdict::Twin(twin, decision) => {
                let reason = twin_reason(twin, decision);
                write(&EvaluationAnswer::decided(decision, projection, &reason, genome_id), action.as_deref());
            }
            Verdict::Uncovered(reason, _) => {
                let mut answer = EvaluationAnswer::denial(projection, reason, genome_id);
                answer.context.covered = Some(false);
                write(&answer, None);
            }
            Verdict::Unreadable(fault) => {
                let reason = unreadable_reason(fault);
                let mut answer = EvaluationAnswer::denial(projection, &reason, genome_id);
                answer.context.code = None;
                answer.context.error = Some(ErrorAnswer { status: 400, message: &fault.message, pointer: &fault.pointer });
                write(&answer, None);
            }
        }
    }
}

fn twin_reason(twin: &str, decision: &Decision<'_>) -> String {
    format!(
        "{} denies {}, and this client asks about both under one name",
        Quoted(decision.cap_id().unwrap_or_default()),
        Quoted(twin)
    )
}

/// The same for all items with this fault: people see it once, however many there are.
fn unreadable_reason(fault: &Fault) -> String {
    format!("the question cannot be read: {}", fault.message)
}
