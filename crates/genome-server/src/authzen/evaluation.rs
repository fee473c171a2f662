//! `POST /access/v1/evaluation`: one question, one answer.

use super::request::{Place, Question, object};
use crate::problem::Problem;
use crate::reply;
use crate::site::Site;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use genome_json::{Member, parse};

/// Room for an answer of the usual size.
pub(super) const ROOM: usize = 640;

/// `POST /access/v1/evaluation`.
pub(crate) fn evaluate(site: &Site, _: &HeaderMap, body: &[u8]) -> Result<Response, Problem> {
    let value = parse(body)?;
    single(site, object(&value, Place::Top, "")?)
}

/// The answer to the one question at the top of a body.
pub(super) fn single(site: &Site, members: &[Member<'_>]) -> Result<Response, Problem> {
    let (action, resource) = Question::read(members, Place::Top)?.complete(Place::Top)?;
    let judgement = site.authzen.judge(&site.point, action, resource);
    judgement.count(&site.point);
    let mut out = String::with_capacity(ROOM);
    judgement.write(&site.authzen, &mut out);
    Ok(answered(out))
}

pub(super) fn answered(mut json: String) -> Response {
    // For readers on a terminal.
    json.push('\n');
    reply::fresh(StatusCode::OK, &reply::JSON, json)
}
