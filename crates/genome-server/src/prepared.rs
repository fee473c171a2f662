//! The possible answers of the ceiling, complete except for the name of the action. `benches/requests.rs` measures what that gains.

use crate::active::Active;
use crate::answer::decision::DecisionAnswer;
use crate::collector::MetricsError;
use crate::json;
use crate::metrics::Metrics;
use genome::Decision;
use prometheus::IntCounter;
use std::sync::Arc;

/// Something that is made once for every possible answer of the ceiling.
#[derive(Debug)]
pub(crate) struct ByDecision<T> {
    by_capability: Vec<Pair<T>>,
    /// Of actions that no capability names.
    unknown: T,
}

#[derive(Debug)]
struct Pair<T> {
    allow: Option<T>,
    deny: Option<T>,
}

/// An answer without the name of the action.
#[derive(Debug)]
pub(crate) struct PreparedAnswer {
    /// Why, in words.
    pub(crate) reason: Arc<str>,
    /// The JSON object after its first member's value.
    rest: String,
    /// How often it was given.
    pub(crate) count: IntCounter,
}

impl<T> ByDecision<T> {
    /// Makes one for each answer that the ceiling can give.
    pub(crate) fn of<E>(active: &Active, make: impl Fn(&Decision<'_>) -> Result<T, E>) -> Result<Self, E> {
        let capabilities = &active.genome().capabilities;
        let mut by_capability: Vec<Pair<T>> = capabilities.iter().map(|_| Pair { allow: None, deny: None }).collect();
        let actions = capabilities.iter().flat_map(|capability| capability.allow_actions.iter().chain(&capability.deny_actions));
        for action in actions {
            let decision = active.ceiling().decide(action);
            let Some(pair) = decision.capability_index().and_then(|index| by_capability.get_mut(index)) else { continue };
            let slot = if decision.is_allowed() { &mut pair.allow } else { &mut pair.deny };
            if slot.is_none() {
                *slot = Some(make(&decision)?);
            }
        }
        // No action has an empty name.
        Ok(Self { by_capability, unknown: make(&active.ceiling().decide(""))? })
    }

    /// That of a decision.
    pub(crate) fn get(&self, decision: &Decision<'_>) -> &T {
        let pair = decision.capability_index().and_then(|index| self.by_capability.get(index));
        let known = pair.and_then(|pair| if decision.is_allowed() { pair.allow.as_ref() } else { pair.deny.as_ref() });
        // Every action that a capability names has its answer; should one not, it is denied.
        known.unwrap_or(&self.unknown)
    }

    /// That of what no capability names.
    pub(crate) fn unknown(&self) -> &T {
        &self.unknown
    }
}

/// Every possible answer of the ceiling, complete except for the name of the action.
pub(crate) fn answers(active: &Active, metrics: &Metrics) -> Result<ByDecision<PreparedAnswer>, MetricsError> {
    ByDecision::of(active, |decision| {
        let (reason, rest) = (decision.to_string().into(), rest(decision, active));
        Ok(PreparedAnswer { reason, rest, count: metrics.decision(decision)? })
    })
}

impl PreparedAnswer {
    /// Writes the whole answer.
    pub(crate) fn write(&self, out: &mut String, action: &str) {
        out.push_str(BEFORE_ACTION);
        out.push_str(&json::visible(action));
        out.push_str(&self.rest);
    }
}

/// The text before the name of the action.
const BEFORE_ACTION: &str = "{\"action\":";

/// The text after it.
fn rest(decision: &Decision<'_>, active: &Active) -> String {
    let whole = json::compact(&DecisionAnswer::new("", decision, active.genome().id()));
    whole.trim_start_matches(BEFORE_ACTION).trim_start_matches("\"\"").to_owned()
}
