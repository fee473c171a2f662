//! The AuthZEN endpoints (OpenID AuthZEN Authorization API 1.0): `/access/v1/evaluation`, `/access/v1/evaluations`, `/access/v1/search/action` and the
//! metadata. `true` means that an action is not above the ceiling: who asks, and in which context, is read and not weighed.

mod boxcar;
mod evaluated;
mod evaluation;
mod metadata;
mod page_token;
mod projection;
mod public_url;
mod request;
mod search;

use crate::answer::evaluation::EvaluationAnswer;
use crate::decision_log::Asker;
use crate::point::DecisionPoint;
use crate::prepared::ByDecision;
use crate::warning::GenomeWarning;
use axum::http::HeaderMap;
pub(crate) use boxcar::evaluate_all;
use evaluated::Prepared;
pub(crate) use evaluation::evaluate;
use genome::Genome;
use genome::mcp::ActionNames;
use genome_json::text::Quoted;
pub(crate) use metadata::{PATH as METADATA, metadata};
use projection::apparitor::{Twins, never_asked};
pub use projection::{Projection, ProjectionError};
pub use public_url::{PublicUrl, PublicUrlError};
use search::AllowedPlace;
pub(crate) use search::search_actions;
use std::convert::Infallible;

/// The path of one evaluation.
pub(crate) const EVALUATION: &str = "/access/v1/evaluation";

/// The path of several.
pub(crate) const EVALUATIONS: &str = "/access/v1/evaluations";

/// The path of the search for actions.
pub(crate) const SEARCH: &str = "/access/v1/search/action";

/// How the AuthZEN endpoints understand requests, and where they are for others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthzenSettings {
    /// How a request is understood as an action.
    pub projection: Projection,
    /// The address under which clients reach the server, which is that of the proxy that ends TLS. Without it there is no metadata.
    pub public_url: Option<PublicUrl>,
}

impl AuthzenSettings {
    /// What there is to warn of about a genome that is asked in this way, about actions of MCP that are so named.
    #[must_use]
    pub fn warnings(&self, genome: &Genome, names: &ActionNames) -> Vec<GenomeWarning> {
        if self.projection != Projection::Apparitor {
            return Vec::new();
        }
        let never = never_asked(genome, names);
        let [first, rest @ ..] = &never[..] else { return Vec::new() };
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let message =
            format!("the genome allows {}{more}, but the client of the projection `apparitor` never asks for that", Quoted(first));
        let hint = "the client trims the names of tools and makes them lower-case before it asks: name the tool and its action in lower case";
        vec![GenomeWarning::new(message, hint)]
    }
}

/// What is made ready once for the AuthZEN endpoints.
#[derive(Debug)]
pub(crate) struct PreparedAuthzen {
    settings: AuthzenSettings,
    names: ActionNames,
    genome_id: String,
    answers: ByDecision<Prepared>,
    twins: Twins,
    /// The allowed actions, sorted by their bytes, where a search finds all of them.
    allowed: Vec<AllowedPlace>,
}

impl PreparedAuthzen {
    pub(crate) fn of(point: &DecisionPoint) -> Self {
        let (active, settings, names) = (point.active(), &point.authzen, &point.action_names);
        let (genome, projection) = (active.genome(), settings.projection);
        let genome_id = genome.id().to_string();
        let Ok(answers) = ByDecision::of(active, |decision| {
            let reason = decision.to_string();
            let answer = EvaluationAnswer::decided(decision, projection, &reason, &genome_id);
            Ok::<_, Infallible>(Prepared::of(&answer))
        });
        let is_apparitor = settings.projection == Projection::Apparitor;
        let twins = if is_apparitor { Twins::of(genome, names) } else { Twins::default() };
        let is_all_searched = settings.projection.searched().is_none();
        let allowed = if is_all_searched { AllowedPlace::all(active) } else { Vec::new() };
        Self { answers, twins, allowed, genome_id, settings: settings.clone(), names: names.clone() }
    }

    /// Who asks at this path.
    fn asker<'a>(&self, headers: &'a HeaderMap, route: &'static str) -> Asker<'a> {
        Asker { headers, route, projection: Some(self.settings.projection.as_str()), subject: None }
    }
}
