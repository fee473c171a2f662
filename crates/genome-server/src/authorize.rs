//! Authorization by headers, for a proxy that asks before it passes a request on: `/authorize/mcp`, which reads what MCP 2026-07-28 repeats in
//! headers, and `/authorize/action`, where the proxy itself names the action. Allowed is exactly 200, and everything else is 403: proxies make
//! something else of other answers, and clients would log in, or take the server for an older one.

mod field;
mod mcp;

use crate::answer::decision::DecisionAnswer;
use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::site::Site;
use crate::{json, reply};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use field::{Fault, action_name};
use genome::Code;
use genome::mcp::ActionName;

/// The path for MCP, and for all below it.
pub(crate) const MCP: &str = "/authorize/mcp";

/// The path for an action that a proxy names, and for all below it.
pub(crate) const ACTION: &str = "/authorize/action";

static GENOME_ID: HeaderName = HeaderName::from_static("x-genome-id");
static DECISION: HeaderName = HeaderName::from_static("x-genome-decision");
static PROJECTION: HeaderName = HeaderName::from_static("x-genome-projection");
static CODE: HeaderName = HeaderName::from_static("x-genome-code");

/// `/authorize/mcp`: whether the request may go on that the headers of MCP describe.
pub(crate) fn by_mcp(site: &Site, headers: &HeaderMap) -> Response {
    answer(&site.point, "mcp-headers", mcp::action(&site.point.authorizer.names, headers))
}

/// `/authorize/action`: whether the action may be taken that the proxy names.
pub(crate) fn by_action(site: &Site, headers: &HeaderMap) -> Response {
    answer(&site.point, "action-header", action_name(headers).map(|name| Asked { name: name.into_owned(), ..Asked::default() }))
}

