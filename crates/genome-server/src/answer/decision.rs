//! The answer for one action.

use genome::model::RiskClass;
use genome::{Code, Decision};
use serde::Serialize;

/// What `/decisions` answers for one action.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Decision", deny_unknown_fields))]
pub struct DecisionAnswer<'a> {
    /// As it was asked.
    pub action: &'a str,
    /// Whether it may be taken.
    pub decision: Effect,
    /// The capability that decided; `null` where none names the action.
    pub cap_id: Option<&'a str>,
    /// The risk class of that capability.
    #[cfg_attr(test, schemars(extend("enum" = ["A", "B", "C", "D", null])))]
    pub risk_class: Option<&'static str>,
    /// Why, in words.
    pub reason: String,
    /// `GENOME_CAPABILITY_DENIED` of a denial.
    #[cfg_attr(test, schemars(extend("enum" = ["GENOME_CAPABILITY_DENIED", null])))]
    pub code: Option<&'static str>,
    /// The genome that decides.
    #[cfg_attr(test, schemars(extend("pattern" = "^[0-9a-f]{64}$")))]
    pub genome_id: String,
}

/// Whether an action may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It may.
    Allow,
    /// It may not.
    Deny,
}

impl Effect {
    /// The word for it in JSON, in metrics and on the page.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

impl From<&Decision<'_>> for Effect {
    fn from(decision: &Decision<'_>) -> Self {
        if decision.is_allowed() { Self::Allow } else { Self::Deny }
    }
}

impl<'a> DecisionAnswer<'a> {
    /// The answer for an action of which this genome has decided so.
    #[must_use]
    pub fn new(action: &'a str, decision: &'a Decision<'_>, genome_id: genome::GenomeId) -> Self {
        Self {
            action,
            decision: decision.into(),
            cap_id: decision.cap_id(),
            risk_class: decision.risk_class().map(RiskClass::as_str),
            reason: decision.to_string(),
            code: decision.code().map(Code::as_str),
            genome_id: genome_id.to_string(),
        }
    }
}
