//! `POST /access/v1/evaluation`: one question, one answer.

use super::EVALUATION;
use super::request::{Place, Question, Whole, object};
use crate::decision_log::Asker;
use crate::problem::Problem;
use crate::reply;
use crate::site::Site;
use axum::http::HeaderMap;
use axum::response::Response;
use genome_json::{Member, parse};

/// Room for an answer of the usual size.
pub(super) const ROOM: usize = 640;

/// `POST /access/v1/evaluation`.
pub(crate) fn evaluate(site: &Site, headers: &HeaderMap, body: &[u8]) -> Result<Response, Problem> {
    let value = parse(body)?;
    single(site, &site.authzen.asker(headers, EVALUATION), object(&value, Place::Top, "")?)
}

/// The answer to the one question at the top of a body.
pub(super) fn single(site: &Site, asker: &Asker<'_>, members: &[Member<'_>]) -> Result<Response, Problem> {
    let Whole { subject, action, resource } = Question::read(members, Place::Top)?.complete(Place::Top)?;
    let evaluated = site.authzen.evaluate(&site.point, action, resource);
    evaluated.record(&site.point, &Asker { subject: Some(subject), ..*asker });
    let mut out = String::with_capacity(ROOM);
    evaluated.write(&site.authzen, &mut out);
    Ok(reply::json_line(out))
}
