//! One question that was evaluated: the projection, the ceiling, and the answer in words.

use super::PreparedAuthzen;
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
    /// The answer that the ceiling gives to each action of which it decides so.
    pub(super) fn of(answer: &EvaluationAnswer<'_>) -> Self {
        let whole = written(answer);
        // Nothing that stands before it is foreign.
        let last = format!("\"projection\":\"{}\"", answer.context.projection);
        let Some((before, after)) = whole.split_once(&last) else { unreachable!("each answer has its projection") };
        Self { before_action: format!("{before}{last}"), after_action: after.to_owned() }
    }

    /// Writes the answer, with an action as JSON.
    fn write(&self, out: &mut String, action: Option<&str>) {
        out.push_str(&self.before_action);
        if let Some(action) = action {
            out.push_str(",\"action\":");
            out.push_str(action);
        }
        out.push_str(&self.after_action);
    }
}

/// An answer as JSON, in which every character shows.
fn written(answer: &EvaluationAnswer<'_>) -> String {
    visible_json(json::compact(answer))
}

/// A question, with all that its answer rests on.
#[derive(Debug)]
pub(super) struct Evaluated<'a> {
    /// The action, if the projection covers the question.
    name: Option<ActionName<'a>>,
    basis: Basis<'a>,
}

/// What an answer rests on.
#[derive(Debug)]
enum Basis<'a> {
    /// The decision of the ceiling.
    Decided(Decision<'a>),
    /// The ceiling allows the action, and denies this other one, about which the client asks under the same name.
    Twin(&'a str, Decision<'a>),
    /// The projection has no action for it: why, and the name that was sent.
    Uncovered(Uncovered, &'a str),
    /// It is an item that cannot be read.
    Unreadable(Fault),
}

impl PreparedAuthzen {
    /// Evaluates a question. Nothing is recorded.
    pub(super) fn evaluate<'a>(&'a self, point: &'a DecisionPoint, action: Action<'a>, resource: Resource<'a>) -> Evaluated<'a> {
        let ceiling = point.active().ceiling();
        let projected = match self.settings.projection.project(&self.names, action, resource) {
            Ok(projected) => projected,
            Err(uncovered) => return Evaluated { name: None, basis: Basis::Uncovered(uncovered, action.name) },
        };
        let name = projected.name();
        // Such a name is not even put together: there may be many, and each may be long.
        let text = if name.is_longer_than(ceiling.longest()) { Cow::Borrowed("") } else { name.to_text() };
        let decision = ceiling.decide(&text);
        let twin = match projected {
            Projected::Folded(name) if decision.is_allowed() => self.twins.denial(name.unqualified(), ceiling),
            _ => None,
        };
        let basis = twin.map_or(Basis::Decided(decision), |(twin, denial)| Basis::Twin(twin, denial));
        Evaluated { name: Some(name), basis }
    }
}

impl Evaluated<'_> {
    /// Of an item that cannot be read.
    pub(super) fn unreadable(fault: Fault) -> Self {
        Self { name: None, basis: Basis::Unreadable(fault) }
    }

    pub(super) fn is_allowed(&self) -> bool {
        matches!(&self.basis, Basis::Decided(decision) if decision.is_allowed())
    }

    /// Counts and logs it, and shows a denial to people for a while.
    pub(super) fn record(&self, point: &DecisionPoint, asker: &Asker<'_>) {
        let named = self.name.map_or(RecordedAction::Unreadable, RecordedAction::Named);
        match &self.basis {
            Basis::Decided(decision) => point.record(asker, named, Some(decision), None),
            Basis::Twin(twin, decision) => point.record(asker, named, Some(decision), Some(&twin_reason(twin, decision))),
            Basis::Uncovered(reason, name) => point.record(asker, RecordedAction::Uncovered(name), None, Some(reason)),
            Basis::Unreadable(fault) => point.record(asker, named, None, Some(&unreadable_reason(fault))),
        }
    }

    /// Writes the answer.
    pub(super) fn write(&self, authzen: &PreparedAuthzen, out: &mut String) {
        let (projection, genome_id) = (authzen.settings.projection, authzen.genome_id.as_str());
        match &self.basis {
            Basis::Decided(decision) => {
                let action = self.repeated_name();
                authzen.answers.get(decision).write(out, action.as_ref().map(|(_, json)| json.as_str()));
            }
            Basis::Twin(twin, decision) => {
                let (reason, action) = (twin_reason(twin, decision), self.repeated_name());
                let mut answer = EvaluationAnswer::decided(decision, projection, &reason, genome_id);
                answer.context.action = action.as_ref().map(|(name, _)| &**name);
                out.push_str(&written(&answer));
            }
            Basis::Uncovered(reason, _) => {
                let mut answer = EvaluationAnswer::denial(projection, reason, genome_id);
                answer.context.covered = Some(false);
                out.push_str(&written(&answer));
            }
            Basis::Unreadable(fault) => {
                let reason = unreadable_reason(fault);
                let mut answer = EvaluationAnswer::denial(projection, &reason, genome_id);
                answer.context.code = None;
                answer.context.error = Some(ErrorAnswer { status: 400, message: &fault.message, pointer: &fault.pointer });
                out.push_str(&written(&answer));
            }
        }
    }

    /// The name of the action and its JSON, if it is short enough to be repeated.
    fn repeated_name(&self) -> Option<(Cow<'_, str>, String)> {
        let name = self.name.filter(|name| !name.is_longer_than(MOST_REPEATED_BYTES))?.to_text();
        let json = json::visible(&name);
        // Its quotes do not count.
        (json.len() <= MOST_REPEATED_BYTES + 2).then_some((name, json))
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
