//! `GET /.well-known/authzen-configuration` (AuthZEN section 9): where the endpoints are. Only the operator can say under which address a client
//! reaches them, so nothing of it is taken from the request.

use super::{EVALUATION, EVALUATIONS, SEARCH};
use crate::answer::evaluation::ConfigurationAnswer;
use crate::problem::Problem;
use crate::site::Site;
use crate::{json, reply};
use axum::http::StatusCode;
use axum::response::Response;

/// The path of the metadata.
pub(crate) const PATH: &str = "/.well-known/authzen-configuration";

/// `GET /.well-known/authzen-configuration`.
pub(crate) fn metadata(site: &Site) -> Result<Response, Problem> {
    let Some(url) = &site.point.authzen.public_url else {
        let hint = "the endpoints are at their default paths; genome-server --public-url names the address that metadata needs";
        return Err(Problem::new(StatusCode::NOT_FOUND, "there is no metadata, as the server has no public address", hint));
    };
    let url = url.as_str();
    let answer = ConfigurationAnswer {
        policy_decision_point: url,
        access_evaluation_endpoint: format!("{url}{EVALUATION}"),
        access_evaluations_endpoint: format!("{url}{EVALUATIONS}"),
        search_action_endpoint: format!("{url}{SEARCH}"),
    };
    Ok(reply::cacheable(&reply::JSON, json::pretty(&answer)))
}
