//! The answers of the endpoints, except for `/decisions` and constant ones.

use crate::answer::health::{HealthAnswer, ReadyAnswer};
use crate::authzen::AuthzenSettings;
use crate::json;
use crate::page::Now;
use crate::problem::Problem;
use crate::query::asked_action;
use crate::reply;
use crate::site::Site;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use genome::mcp::ActionNames;

/// `GET /`, with the answer to the action in the query.
pub(crate) async fn page(site: &Site, uri: &Uri) -> Response {
    let Site { point, page, .. } = site;
    let now = now(site).await;
    let question = asked_action(uri).map(|action| {
        action.map(|action| {
            let (decision, _) = point.peek(&action);
            (action, decision)
        })
    });
    page.show(question, &now)
}

/// `GET /page.live`: what changes while the page is looked at.
pub(crate) async fn live(site: &Site) -> Response {
    site.page.live(&now(site).await)
}

async fn now(site: &Site) -> Now {
    let disk = site.point.disk_status().await;
    Now { denials: site.point.denials.list(), disk }
}

/// `GET /genome`. The tag is the genome id, which stays the same after a restart with new warnings, or with other settings: a client without these
/// must not get "not modified" then.
pub(crate) fn genome(site: &Site, asked: &HeaderMap) -> Response {
    let (point, active) = (&site.point, site.point.active());
    let nothing = HeaderMap::new();
    let has_usual_settings = point.authzen == AuthzenSettings::default() && point.action_names == ActionNames::Plain;
    let is_usual = active.warnings().is_empty() && has_usual_settings;
    let asked = if is_usual { asked } else { &nothing };
    reply::tagged(asked, &active.id_tag, &reply::JSON, &site.summary)
}

/// `GET /genome/document`.
pub(crate) fn document(site: &Site, asked: &HeaderMap) -> Response {
    let active = site.point.active();
    reply::tagged(asked, &active.document_tag, &reply::JSON, active.document())
}

/// `GET /health`. Healthy or not, the server goes on with the loaded genome: a restart would make things worse.
pub(crate) async fn health(site: &Site) -> Response {
    let point = &site.point;
    let answer = HealthAnswer::new(point.active().genome().id(), point.disk_status().await);
    reply::fresh(StatusCode::OK, &reply::JSON, json::pretty(&answer))
}

/// `GET /ready`.
pub(crate) fn ready(site: &Site) -> Result<Response, Problem> {
    if site.point.is_leaving() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the server is about to end", "ask another one"));
    }
    Ok(reply::fresh(StatusCode::OK, &reply::JSON, json::pretty(&ReadyAnswer { ready: true })))
}

/// `GET /metrics`.
pub(crate) async fn metrics(site: &Site) -> Result<Response, Problem> {
    let point = &site.point;
    let text = point
        .metrics
        .to_text(point.active(), point.disk_status().await)
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written", error.hint()))?;
    Ok(reply::fresh(StatusCode::OK, &reply::METRICS, text))
}
