use crate::active::Active;
use crate::metrics::{Metrics, MetricsError};
use genome::Decision;
use genome::json::{Text, Value};
use genome_cli::json_line;
use prometheus::IntCounter;
use std::sync::Arc;

/// Every answer that the ceiling can give, ready but for the name of the action.
#[derive(Debug)]
pub(crate) struct Verdicts {
    by_capability: Vec<Pair>,
    /// Of the actions that no capability names.
    unknown: Verdict,
}

#[derive(Debug, Default)]
struct Pair {
    allow: Option<Verdict>,
    deny: Option<Verdict>,
}

/// An answer, but for the name of the action.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Why, in words.
    pub(crate) reason: Arc<str>,
    /// The JSON object after its first member's value.
    rest: String,
    /// How often it was given.
    pub(crate) count: IntCounter,
}

impl Verdicts {
    pub(crate) fn of(active: &Active, metrics: &Metrics) -> Result<Self, MetricsError> {
        let genome = active.genome();
        let verdict = |decision: &Decision<'_>| {
            let (reason, rest) = (decision.to_string().into(), rest(decision, active));
            Ok::<_, MetricsError>(Verdict { reason, rest, count: metrics.decision(decision)? })
        };
        let mut by_capability: Vec<Pair> = genome.capabilities.iter().map(|_| Pair::default()).collect();
        let actions =
            genome.capabilities.iter().flat_map(|capability| capability.allow_actions.iter().chain(&capability.deny_actions));
        for action in actions {
            let decision = active.ceiling().decide(action);
            let Some(pair) = decision.capability_index().and_then(|index| by_capability.get_mut(index)) else { continue };
            let slot = if decision.is_allowed() { &mut pair.allow } else { &mut pair.deny };
            if slot.is_none() {
                *slot = Some(verdict(&decision)?);
            }
        }
        // No action has an empty name.
        Ok(Self { by_capability, unknown: verdict(&active.ceiling().decide(""))? })
    }

    /// The answer for a decision.
    pub(crate) fn get(&self, decision: &Decision<'_>) -> &Verdict {
        let pair = decision.capability_index().and_then(|index| self.by_capability.get(index));
        let known = pair.and_then(|pair| if decision.is_allowed() { pair.allow.as_ref() } else { pair.deny.as_ref() });
        // Every action that a capability names has its answer; should one not, it is denied.
        known.unwrap_or(&self.unknown)
    }
}

impl Verdict {
    /// Writes the whole answer.
    pub(crate) fn write(&self, out: &mut String, action: &Text<'_>) {
        out.push_str("{\"action\":");
        if action.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            out.push_str(&action.quoted());
        } else {
            // What does not show is written as an escape.
            out.push_str(&json_line(&Value::String(action.clone())));
        }
        out.push_str(&self.rest);
    }
}

fn rest(decision: &Decision<'_>, active: &Active) -> String {
    let text = |text: Option<&'static str>| text.map_or(Value::Null, Value::string);
    let members = Value::object([
        ("decision", Value::string(if decision.is_allowed() { "allow" } else { "deny" })),
        ("cap_id", decision.cap_id().map_or(Value::Null, |cap_id| Value::string(cap_id.to_owned()))),
        ("risk_class", text(decision.risk_class().map(genome::RiskClass::as_str))),
        ("reason", Value::string(decision.to_string())),
        ("code", text(decision.code().map(genome::Code::as_str))),
        ("genome_id", Value::string(active.genome().id().to_string())),
    ]);
    members.to_compact().replacen('{', ",", 1)
}
