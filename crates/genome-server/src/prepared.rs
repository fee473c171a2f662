//! The possible answers of the ceiling, complete except for the name of the action. `benches/requests.rs` measures what that gains.

use crate::active::Active;
use crate::answer::decision::DecisionAnswer;
use crate::collector::MetricsError;
use crate::json;
use crate::metrics::Metrics;
use genome::Decision;
use genome_json::text::visible_json;
use prometheus::IntCounter;
use std::sync::Arc;

/// Every possible answer of the ceiling, complete except for the name of the action.
#[derive(Debug)]
pub(crate) struct PreparedAnswers {
    by_capability: Vec<Pair>,
    /// The answer for actions that no capability names.
    unknown: PreparedAnswer,
}

#[derive(Debug, Default)]
struct Pair {
    allow: Option<PreparedAnswer>,
    deny: Option<PreparedAnswer>,
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

impl PreparedAnswers {
    pub(crate) fn of(active: &Active, metrics: &Metrics) -> Result<Self, MetricsError> {
        let genome = active.genome();
        let prepared = |decision: &Decision<'_>| {
            let (reason, rest) = (decision.to_string().into(), rest(decision, active));
            Ok::<_, MetricsError>(PreparedAnswer { reason, rest, count: metrics.decision(decision)? })
        };
        let mut by_capability: Vec<Pair> = genome.capabilities.iter().map(|_| Pair::default()).collect();
        let actions =
            genome.capabilities.iter().flat_map(|capability| capability.allow_actions.iter().chain(&capability.deny_actions));
        for action in actions {
            let decision = active.ceiling().decide(action);
            let Some(pair) = decision.capability_index().and_then(|index| by_capability.get_mut(index)) else { continue };
            let slot = if decision.is_allowed() { &mut pair.allow } else { &mut pair.deny };
            if slot.is_none() {
                *slot = Some(prepared(&decision)?);
            }
        }
        // No action has an empty name.
        Ok(Self { by_capability, unknown: prepared(&active.ceiling().decide(""))? })
    }

    /// The answer for a decision.
    pub(crate) fn get(&self, decision: &Decision<'_>) -> &PreparedAnswer {
        let pair = decision.capability_index().and_then(|index| self.by_capability.get(index));
        let known = pair.and_then(|pair| if decision.is_allowed() { pair.allow.as_ref() } else { pair.deny.as_ref() });
        // Every action that a capability names has its answer; should one not, it is denied.
        known.unwrap_or(&self.unknown)
    }
}

impl PreparedAnswer {
    /// Writes the whole answer.
    pub(crate) fn write(&self, out: &mut String, action: &str) {
        out.push_str(BEFORE_ACTION);
        let action_json = json::compact(action);
        if action.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            out.push_str(&action_json);
        } else {
            // What does not show is written as an escape.
            out.push_str(&visible_json(action_json));
        }
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
