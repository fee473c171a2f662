//! The answers of the AuthZEN endpoints (OpenID AuthZEN Authorization API 1.0). A member without a value is left out (its section 11.5).

use crate::authzen::Projection;
use genome::model::RiskClass;
use genome::{Code, Decision, GenomeId};
use serde::Serialize;

/// What `/access/v1/evaluation` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Evaluation", deny_unknown_fields))]
pub(crate) struct EvaluationAnswer<'a> {
    /// `true` means that the action is not above the ceiling. Who asks is not weighed.
    pub(crate) decision: bool,
    pub(crate) context: ContextAnswer<'a>,
}

// The server writes each answer as it is decided, so that only the schema needs this type.
/// What `/access/v1/evaluations` answers where several questions are asked.
#[cfg(test)]
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(title = "Evaluations", deny_unknown_fields)]
pub(crate) struct EvaluationsAnswer<'a> {
    /// In the order of the questions.
    pub(crate) evaluations: Vec<EvaluationAnswer<'a>>,
}

/// What an evaluation rests on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "EvaluationContext", deny_unknown_fields))]
pub(crate) struct ContextAnswer<'a> {
    /// Subject and context were read and not weighed: this is about the ceiling alone.
    #[cfg_attr(test, schemars(extend("const" = "ceiling")))]
    pub(crate) scope: &'static str,
    /// How the request was understood.
    pub(crate) projection: Projection,
    /// `false` where the projection does not cover the request. Otherwise it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "bool", extend("const" = false)))]
    pub(crate) covered: Option<bool>,
    /// The action that was decided. Absent if there is none, and if its name has more than 256 bytes as JSON writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) action: Option<&'a str>,
    /// The capability that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) cap_id: Option<&'a str>,
    /// The risk class of that capability.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String", extend("enum" = ["A", "B", "C", "D"])))]
    pub(crate) risk_class: Option<&'static str>,
    /// Present in a denial, but not in that of an item that could not be read, which has `error` instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String", extend("const" = "GENOME_CAPABILITY_DENIED")))]
    pub(crate) code: Option<&'static str>,
    /// Why, in words.
    pub(crate) reason: &'a str,
    pub(crate) reason_admin: ReasonAnswer<'a>,
    /// The capability that decided, for clients that show a list of reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "[String; 1]"))]
    pub(crate) reasons: Option<[&'a str; 1]>,
    /// What is wrong with an item that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "ErrorAnswer<'a>"))]
    pub(crate) error: Option<ErrorAnswer<'a>>,
    /// The genome that decides.
    #[cfg_attr(test, schemars(extend("pattern" = "^[0-9a-f]{64}$")))]
    pub(crate) genome_id: &'a str,
}

/// The reason by language, as clients show it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Reason", deny_unknown_fields))]
pub(crate) struct ReasonAnswer<'a> {
    pub(crate) en: &'a str,
}

/// What is wrong with an item.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ItemError", deny_unknown_fields))]
pub(crate) struct ErrorAnswer<'a> {
    /// The status that it would be if it had been asked alone.
    #[cfg_attr(test, schemars(extend("const" = 400)))]
    pub(crate) status: u16,
    pub(crate) message: &'a str,
    /// Where in the body, as a JSON Pointer (RFC 6901).
    pub(crate) pointer: &'a str,
}

impl<'a> EvaluationAnswer<'a> {
    /// A denial for this reason, which no capability has decided.
    pub(crate) fn denial(projection: Projection, reason: &'a str, genome_id: &'a str) -> Self {
        let context = ContextAnswer {
            scope: SCOPE,
            projection,
            covered: None,
            action: None,
            cap_id: None,
            risk_class: None,
            code: Some(Code::CapabilityDenied.as_str()),
            reason,
            reason_admin: ReasonAnswer { en: reason },
            reasons: None,
            error: None,
            genome_id,
        };
        Self { decision: false, context }
    }

    /// What was decided, for this reason, without the name of the action.
    pub(crate) fn decided(decision: &'a Decision<'_>, projection: Projection, reason: &'a str, genome_id: &'a str) -> Self {
        let cap_id = decision.cap_id();
        let context = ContextAnswer {
            cap_id,
            risk_class: decision.risk_class().map(RiskClass::as_str),
            code: decision.code().map(Code::as_str),
            reasons: cap_id.map(|cap_id| [cap_id]),
            ..Self::denial(projection, reason, genome_id).context
        };
        Self { decision: decision.is_allowed(), context }
    }
}

/// Subject and context are not weighed.
pub(crate) const SCOPE: &str = "ceiling";

/// What `/access/v1/search/action` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "ActionSearch", deny_unknown_fields))]
pub(crate) struct ActionSearchAnswer<'a> {
    /// Present where the request has `page`, and where one answer does not hold all results.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "PageAnswer"))]
    pub(crate) page: Option<PageAnswer>,
    pub(crate) context: SearchContextAnswer,
    /// Sorted by their bytes.
    pub(crate) results: Vec<ActionAnswer<'a>>,
}

/// A part of the results.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Page", deny_unknown_fields))]
pub(crate) struct PageAnswer {
    /// What to send for the next page; empty on the last one.
    pub(crate) next_token: String,
    /// How many are in this answer.
    pub(crate) count: usize,
    /// How many there are.
    pub(crate) total: usize,
}

/// What a search rests on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "SearchContext", deny_unknown_fields))]
pub(crate) struct SearchContextAnswer {
    #[cfg_attr(test, schemars(extend("const" = "ceiling")))]
    pub(crate) scope: &'static str,
    pub(crate) projection: Projection,
    pub(crate) genome_id: GenomeId,
}

/// An action that would be permitted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Action", deny_unknown_fields))]
pub(crate) struct ActionAnswer<'a> {
    pub(crate) name: &'a str,
}

/// What `/.well-known/authzen-configuration` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "AuthzenConfiguration", deny_unknown_fields))]
pub(crate) struct ConfigurationAnswer<'a> {
    /// The public address, as it was given.
    pub(crate) policy_decision_point: &'a str,
    pub(crate) access_evaluation_endpoint: String,
    pub(crate) access_evaluations_endpoint: String,
    pub(crate) search_action_endpoint: String,
}
