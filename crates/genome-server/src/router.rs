//! The way of a request: the host that it names, the endpoint, the answer, and the count.

use crate::body;
use crate::endpoint::{self, Answer, ENDPOINTS, Endpoint};
use crate::host::{self, AnyHost};
use crate::metrics::RequestMetrics;
use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::reply;
use crate::site::Site;
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use axum::{Extension, Router};
use std::sync::Arc;
use std::time::Instant;

/// Every route of [`ENDPOINTS`], which `GET /openapi.json` describes. Needs the runtime of Tokio, with its timers.
pub fn router(point: Arc<DecisionPoint>) -> Router {
    let site = Arc::new(Site::of(point));
    let add = |router: Router, endpoint: &'static Endpoint| {
        let (path, route) = (endpoint.path(), route(&site, Some(endpoint)));
        // What is below is not resolved: `..` is a name like others here.
        let below: &[&str] = if endpoint.is_for_all { &["/", "/{*below}"] } else { &[] };
        below.iter().fold(router.route(path, route.clone()), |router, below| router.route(&format!("{path}{below}"), route.clone()))
    };
    ENDPOINTS.iter().fold(Router::new(), add).fallback_service(route(&site, None))
}

/// The same router, which answers whatever host a request names. Only for a socket that no browser can reach, such as one in the file system, or
/// for one that other machines reach in any case.
pub fn for_any_host(router: Router) -> Router {
    router.layer(Extension(AnyHost))
}

fn route(site: &Arc<Site>, endpoint: Option<&'static Endpoint>) -> MethodRouter {
    let metrics = site.point.metrics.requests(endpoint.map_or("", Endpoint::path));
    let route = Arc::new(Route { site: Arc::clone(site), endpoint, metrics });
    any(move |request: Request| async move { route.dispatch(request).await })
}

/// Where requests for one path go, or those for any path that there is not.
struct Route {
    site: Arc<Site>,
    endpoint: Option<&'static Endpoint>,
    metrics: RequestMetrics,
}

impl Route {
    /// Answers a request, and counts it.
    async fn dispatch(&self, request: Request) -> Response {
        let start = Instant::now();
        let method = request.method().clone();
        let request_ids = self.repeated_request_ids(&request);
        let mut response = self.answer(request).await.unwrap_or_else(Problem::into_response);
        if self.site.point.is_leaving() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        for id in request_ids {
            response.headers_mut().append(&REQUEST_ID, id);
        }
        self.metrics.count(&method, response.status(), start.elapsed());
        response
    }

    async fn answer(&self, request: Request) -> Result<Response, Problem> {
        let site = &*self.site;
        host::require_host(&request)?;
        if site.point.asks_for_host {
            host::require_known(&request, &site.point.hosts)?;
        }
        let endpoint = self.endpoint.ok_or_else(endpoint::unknown_path)?;
        match (request.method(), &endpoint.get, &endpoint.post) {
            (method, Some(get), _) if endpoint.is_for_all || matches!(*method, Method::GET | Method::HEAD) => match get.answer {
                Answer::Fixed(kind, text) => Ok(reply::lasting(kind, text)),
                Answer::Ready(answer) => answer(site, &request),
                Answer::Waiting(answer) => answer(site, request).await,
            },
            (&Method::POST, _, Some(post)) => {
                // AuthZEN has no other status for it (its certification scenario, 2.4.3).
                let status = if endpoint.is_authzen { StatusCode::BAD_REQUEST } else { StatusCode::UNSUPPORTED_MEDIA_TYPE };
                require_json(request.headers(), status)?;
                let (head, body) = request.into_parts();
                let body = body::read(body, post.most_body_bytes, &site.point.bodies).await?;
                (post.answer)(site, &head.headers, &body)
            }
            _ => Err(endpoint.unknown_method()),
        }
    }

    /// The `X-Request-ID` that the answer repeats, byte by byte, to clients of AuthZEN and to proxies: also at a path of AuthZEN at which there is
    /// nothing.
    fn repeated_request_ids(&self, request: &Request) -> Vec<HeaderValue> {
        let is_repeated = self
            .endpoint
            .map_or_else(|| request.uri().path().starts_with("/access/"), |endpoint| endpoint.is_authzen || endpoint.is_for_all);
        if is_repeated { request.headers().get_all(&REQUEST_ID).iter().cloned().collect() } else { Vec::new() }
    }
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A page of another site can make a browser send a form or plain text, but not this.
fn require_json(headers: &HeaderMap, otherwise: StatusCode) -> Result<(), Problem> {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default();
    if essence.trim_ascii().eq_ignore_ascii_case(b"application/json") {
        return Ok(());
    }
    let detail = "the body is not said to be application/json";
    Err(Problem::new(otherwise, detail, "send `Content-Type: application/json`"))
}
