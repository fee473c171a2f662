use crate::decisions;
use crate::disk::Standing;
use crate::endpoint::Endpoint;
use crate::host;
use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::reply;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use genome::json::Value;
use genome_cli::json_text;
use std::sync::Arc;
use std::time::Instant;

/// What `GET /openapi.json` answers.
pub(crate) const DESCRIPTION: &str = include_str!("openapi.json");

/// Every route, which `GET /openapi.json` describes. Needs the runtime of Tokio, with its timers.
pub fn router(point: Arc<DecisionPoint>) -> Router {
    let handler = |endpoint| move |State(point), request: Request| async move { serve(&point, endpoint, request).await };
    let route = |router: Router<_>, endpoint: Endpoint| router.route(endpoint.path(), any(handler(endpoint)));
    Endpoint::ALL.into_iter().fold(Router::new(), route).fallback(handler(Endpoint::Unknown)).with_state::<()>(point)
}

/// Answers a request, and counts it.
async fn serve(point: &Arc<DecisionPoint>, endpoint: Endpoint, request: Request) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let mut response = answer(point, endpoint, request).await.unwrap_or_else(Problem::into_response);
    if point.is_leaving() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    point.metrics.request(endpoint, &method, response.status(), start.elapsed());
    response
}

async fn answer(point: &DecisionPoint, endpoint: Endpoint, request: Request) -> Result<Response, Problem> {
    host::require_host(&request)?;
    if point.is_for_loopback {
        host::require_loopback(&request)?;
    }
    let active = &point.active;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match endpoint {
        Endpoint::Unknown => Err(Problem::not_found()),
        Endpoint::Decisions if *request.method() == Method::POST => decisions::decide(point, request).await,
        _ if !reads => Err(Problem::method(endpoint)),
        Endpoint::Decisions => decisions::look_up(point, request.uri()),
        Endpoint::Genome => Ok(genome(point, request.headers())),
        Endpoint::Document => Ok(reply::tagged(request.headers(), &active.document_tag, &reply::JSON, active.document())),
        Endpoint::Health => Ok(health(point).await),
        Endpoint::Ready => ready(point),
        Endpoint::Metrics => metrics(point).await,
        Endpoint::Description => Ok(reply::lasting(&reply::JSON, DESCRIPTION)),
        Endpoint::Page => Ok(point.page.show(point, request.uri()).await),
        Endpoint::Style => Ok(reply::lasting(&reply::CSS, include_str!("page/page.css"))),
        Endpoint::Script => Ok(reply::lasting(&reply::JAVASCRIPT, include_str!("page/page.js"))),
    }
}

/// The tag is the genome id, and the same after a restart that knows of something to warn of: whoever has been told of nothing must not be
/// sent away with "not modified" then.
fn genome(point: &DecisionPoint, asked: &HeaderMap) -> Response {
    let active = &point.active;
    let nothing = HeaderMap::new();
    let asked = if active.warnings().is_empty() { asked } else { &nothing };
    reply::tagged(asked, &active.id_tag, &reply::JSON, &point.summary)
}

/// Healthy or not, it goes on with what it loaded: a restart would make things worse.
async fn health(point: &DecisionPoint) -> Response {
    let standing = point.standing().await;
    let is_well = standing.is_none_or(|standing| standing == Standing::Same);
    let members = Value::object([
        ("status", Value::string(if is_well { "ok" } else { "degraded" })),
        ("genome_id", Value::string(point.active.genome().id().to_string())),
        ("disk", standing.map_or(Value::Null, |standing| Value::string(standing.as_str()))),
    ]);
    reply::fresh(StatusCode::OK, &reply::JSON, json_text(&members))
}

fn ready(point: &DecisionPoint) -> Result<Response, Problem> {
    if point.is_leaving() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the server is about to end", "ask another one"));
    }
    let members = Value::object([("ready", Value::Bool(true))]);
    Ok(reply::fresh(StatusCode::OK, &reply::JSON, json_text(&members)))
}

async fn metrics(point: &DecisionPoint) -> Result<Response, Problem> {
    let fault = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written", "report this as a fault");
    let text = point.metrics.to_text(&point.active, point.standing().await).map_err(fault)?;
    Ok(reply::fresh(StatusCode::OK, &reply::METRICS, text))
}
