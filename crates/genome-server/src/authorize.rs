//! Authorization by headers, for a proxy that asks before it passes a request on: `/authorize/mcp`, which reads what MCP 2026-07-28 repeats in
//! headers, and `/authorize/action`, where the proxy itself names the action. Allowed is exactly 200, and everything else is 403: proxies make
//! something else of other answers, and clients would log in, or take the server for an older one.

mod field;
mod mcp;

use crate::decision_log::{Asker, RecordedAction};
use crate::endpoint::unknown_path;
use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::reply;
use crate::site::Site;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use field::{ACTION as ACTION_HEADER, Fault, name};
use genome::Code;
use genome_json::text::{Quoted, excerpt};
use std::borrow::Cow;

/// The path for MCP, and for all below it.
pub(crate) const MCP: &str = "/authorize/mcp";

/// The path for an action that a proxy names, and for all below it.
pub(crate) const ACTION: &str = "/authorize/action";

static GENOME_ID: HeaderName = HeaderName::from_static("x-genome-id");
static DECISION: HeaderName = HeaderName::from_static("x-genome-decision");
static PROJECTION: HeaderName = HeaderName::from_static("x-genome-projection");
static CODE: HeaderName = HeaderName::from_static("x-genome-code");

/// What a proxy may ask by headers: by default nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeaderAuthorization {
    /// At `/authorize/mcp`, by the headers of MCP 2026-07-28.
    pub mcp: bool,
    /// At `/authorize/action`, by `X-Genome-Action`, which the proxy sets.
    pub action: bool,
}

/// `/authorize/mcp`: whether the request may go on that the headers of MCP describe.
pub(crate) fn by_mcp(site: &Site, headers: &HeaderMap) -> Result<Response, Problem> {
    if !site.point.header_authorization.mcp {
        return Err(unknown_path().hinting("start the server with --authorize-mcp"));
    }
    let action = mcp::action(&site.point.action_names, headers);
    Ok(answer(&site.point, headers, (MCP, "mcp-headers"), action))
}

/// `/authorize/action`: whether the action may be taken that the proxy names.
pub(crate) fn by_action(site: &Site, headers: &HeaderMap) -> Result<Response, Problem> {
    if !site.point.header_authorization.action {
        return Err(unknown_path().hinting("start the server with --authorize-action"));
    }
    let action = name(headers, ACTION_HEADER).map(Cow::into_owned);
    Ok(answer(&site.point, headers, (ACTION, "action-header"), action))
}

/// The answer at a path, under its projection.
fn answer(
    point: &DecisionPoint,
    headers: &HeaderMap,
    (route, projection): (&'static str, &'static str),
    action: Result<String, Fault>,
) -> Response {
    let asker = Asker { headers, route, projection: Some(projection), subject: None };
    let (is_allowed, mut response) = match action {
        Ok(action) => {
            let (decision, answer) = point.decide_for(&asker, &action);
            if decision.is_allowed() {
                let mut out = String::new();
                answer.write(&mut out, &action);
                (true, reply::json_line(out))
            } else {
                let detail = format!("{}: {decision}", Quoted(&excerpt(&action)));
                let hint = "do not pass the request on. The genome says what is allowed; a new version of it can allow more";
                (false, Problem::new(StatusCode::FORBIDDEN, detail, hint).into_response())
            }
        }
        Err(Fault { detail, hint }) => {
            point.record(&asker, RecordedAction::Unreadable, None, Some(&detail));
            (false, Problem::new(StatusCode::FORBIDDEN, detail, hint).into_response())
        }
    };
    let headers = response.headers_mut();
    headers.insert(&GENOME_ID, point.active().id_value.clone());
    headers.insert(&DECISION, HeaderValue::from_static(if is_allowed { "allow" } else { "deny" }));
    headers.insert(&PROJECTION, HeaderValue::from_static(projection));
    if !is_allowed {
        headers.insert(&CODE, HeaderValue::from_static(Code::CapabilityDenied.as_str()));
    }
    response
}
