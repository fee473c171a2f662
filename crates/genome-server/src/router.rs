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
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use axum::{Extension, Router};
use std::sync::Arc;
use std::time::Instant;

/// Every route of [`ENDPOINTS`], which `GET /openapi.json` describes. Needs the runtime of Tokio, with its timers.
pub fn router(point: Arc<DecisionPoint>) -> Router {
    let site = Arc::new(Site::of(point));
    let add = |router: Router, endpoint: &'static Endpoint| router.route(endpoint.path(), route(&site, Some(endpoint)));
    ENDPOINTS.iter().fold(Router::new(), add).fallback_service(route(&site, None))
}

/// The same answers on a socket that no browser can reach, whatever host a request names: one in the file system, or one that is not for the
/// loopback alone.
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
        let mut response = self.answer(request).await.unwrap_or_else(Problem::into_response);
        if self.site.point.is_leaving() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        self.metrics.count(&method, response.status(), start.elapsed());
        response
    }

    async fn answer(&self, request: Request) -> Result<Response, Problem> {
        let site = &*self.site;
        host::require_host(&request)?;
        if let Some(hosts) = &site.point.hosts {
            host::require_known(&request, hosts)?;
        }
        let endpoint = self.endpoint.ok_or_else(endpoint::unknown_path)?;
        match (request.method(), &endpoint.post) {
            (&Method::GET | &Method::HEAD, _) => match endpoint.get {
                Answer::Fixed(kind, text) => Ok(reply::lasting(kind, text)),
                Answer::Ready(answer) => answer(site, &request),
                Answer::Waiting(answer) => answer(site, request).await,
            },
            (&Method::POST, Some(post)) => {
                require_json(request.headers())?;
                let body = body::read(request.into_body(), post.most_body_bytes, &site.point.bodies).await?;
                (post.answer)(site, &body)
            }
            _ => Err(endpoint.unknown_method()),
        }
    }
}

/// A page of another site can make a browser send a form or plain text, but not this.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default();
    if essence.trim_ascii().eq_ignore_ascii_case(b"application/json") {
        return Ok(());
    }
    let detail = "the body is not said to be application/json";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail, "send `Content-Type: application/json`"))
}
