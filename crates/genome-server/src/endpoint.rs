//! The table of endpoints. The routes follow from this table, and so do the methods that each knows, the limits of bodies, the labels of the
//! metrics, and the problems of paths and methods that are not there. A new endpoint is an entry here, its handler, and its description in
//! `openapi.json`, which a test asks for.

use crate::limits::MOST_BODY_BYTES;
use crate::problem::Problem;
use crate::site::Site;
use crate::{authorize, authzen, decisions, handlers, reply};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use std::pin::Pin;

/// Every endpoint of the [`router`](crate::router).
pub static ENDPOINTS: [Endpoint; 17] = [
    Endpoint::get(
        "/",
        "A page for people",
        Answer::Waiting(|site, request| Box::pin(async move { Ok(handlers::page(site, request.uri()).await) })),
    ),
    Endpoint::get("/page.css", "The page's style", Answer::Fixed(&reply::CSS, include_str!("page/page.css"))),
    Endpoint::get(
        "/page.js",
        "The page's script, without which it works too",
        Answer::Fixed(&reply::JAVASCRIPT, include_str!("page/page.js")),
    ),
    Endpoint::get(
        "/page.live",
        "The parts of the page that change: the status and recent denials",
        Answer::Waiting(|site, _| Box::pin(async { Ok(handlers::live(site).await) })),
    ),
    Endpoint::get("/genome", "The active genome", Answer::Ready(|site, request| Ok(handlers::genome(site, request.headers())))),
    Endpoint::get(
        "/genome/document",
        "The signed document, to the byte",
        Answer::Ready(|site, request| Ok(handlers::document(site, request.headers()))),
    ),
    Endpoint::get(
        decisions::PATH,
        "What would be answered for an action. Nothing is counted: for people, not for programs that are about to act",
        Answer::Ready(|site, request| decisions::peek(site, request.uri())),
    )
    .and_post("May these actions be taken?", decisions::decide),
    Endpoint::get(
        "/health",
        "Whether the file on the disk is still what was loaded from it",
        Answer::Waiting(|site, _| Box::pin(async { Ok(handlers::health(site).await) })),
    ),
    Endpoint::get("/ready", "Whether to send requests here", Answer::Ready(|site, _| handlers::ready(site))),
    Endpoint::get(
        "/metrics",
        "Metrics for Prometheus, in its text format",
        Answer::Waiting(|site, _| Box::pin(handlers::metrics(site))),
    ),
    Endpoint::post(authzen::EVALUATION, "May this action be taken? Asked as OpenID AuthZEN has it", authzen::evaluate).of_authzen(),
    Endpoint::post(authzen::EVALUATIONS, "May these actions be taken? Asked as OpenID AuthZEN has it", authzen::evaluate_all)
        .of_authzen(),
    Endpoint::post(authzen::SEARCH, "Which actions may be taken? Asked as OpenID AuthZEN has it", authzen::search_actions)
        .of_authzen(),
    Endpoint::get(
        authzen::METADATA,
        "Where the endpoints of OpenID AuthZEN are, if the server has a public address",
        Answer::Ready(|site, _| authzen::metadata(site)),
    )
    .of_authzen(),
    Endpoint::every(
        authorize::MCP,
        "Whether a proxy may pass a request of MCP on, by its headers, if the server is started with --authorize-mcp. Every method, and all paths below",
        Answer::Ready(|site, request| authorize::by_mcp(site, request.headers())),
    ),
    Endpoint::every(
        authorize::ACTION,
        "Whether the action may be taken that a proxy names in X-Genome-Action, if the server is started with --authorize-action. Every method, and all paths below",
        Answer::Ready(|site, request| authorize::by_action(site, request.headers())),
    ),
    Endpoint::get(DESCRIPTION, "This description", Answer::Fixed(&reply::JSON, include_str!("openapi.json"))),
];

/// The path of the description.
const DESCRIPTION: &str = "/openapi.json";

/// A path and its answers.
#[derive(Debug)]
pub struct Endpoint {
    path: &'static str,
    pub(crate) get: Option<Get>,
    pub(crate) post: Option<Post>,
    /// Whether it is one of AuthZEN: an answer repeats `X-Request-ID` (its section 10.1.3), and a body of another kind is 400.
    pub(crate) is_authzen: bool,
    /// Whether it answers every method alike, at its path and at all below: a proxy asks with what it was asked.
    pub(crate) is_for_all: bool,
}

/// How a request without a body is answered, in one line and in full.
#[derive(Debug)]
pub(crate) struct Get {
    summary: &'static str,
    pub(crate) answer: Answer,
}

/// How a request without a body is answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A constant answer of this media type.
    Fixed(&'static HeaderValue, &'static str),
    /// An answer at once.
    Ready(fn(&Site, &Request) -> Result<Response, Problem>),
    /// An answer that waits for the disk.
    Waiting(for<'s> fn(&'s Site, Request) -> Waiting<'s>),
}

type Waiting<'s> = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send + 's>>;

/// How a request with a body is answered, which is JSON of a largest size.
#[derive(Debug)]
pub(crate) struct Post {
    summary: &'static str,
    pub(crate) most_body_bytes: usize,
    pub(crate) answer: PostAnswer,
}

type PostAnswer = fn(&Site, &HeaderMap, &[u8]) -> Result<Response, Problem>;

impl Endpoint {
    /// What GET answers, and HEAD without its body.
    const fn get(path: &'static str, summary: &'static str, answer: Answer) -> Self {
        Self { path, get: Some(Get { summary, answer }), post: None, is_authzen: false, is_for_all: false }
    }

    /// What is answered to every method, at the path and at all below it.
    const fn every(path: &'static str, summary: &'static str, answer: Answer) -> Self {
        Self { path, get: Some(Get { summary, answer }), post: None, is_authzen: false, is_for_all: true }
    }

    /// What POST answers, and nothing else.
    const fn post(path: &'static str, summary: &'static str, answer: PostAnswer) -> Self {
        let post = Post { summary, most_body_bytes: MOST_BODY_BYTES, answer };
        Self { path, get: None, post: Some(post), is_authzen: false, is_for_all: false }
    }

    /// Adds the answer to POST.
    const fn and_post(self, summary: &'static str, answer: PostAnswer) -> Self {
        let Self { path, get, is_authzen, is_for_all, .. } = self;
        Self { path, get, post: Some(Post { summary, most_body_bytes: MOST_BODY_BYTES, answer }), is_authzen, is_for_all }
    }

    /// The same as one of AuthZEN.
    const fn of_authzen(self) -> Self {
        let Self { path, get, post, is_for_all, .. } = self;
        Self { path, get, post, is_authzen: true, is_for_all }
    }

    /// The path, which is also the label of the metrics: paths that strangers ask for do not become labels.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The methods that it has, as the header `Allow` lists them; `None` where it answers every method, as for a proxy, and none is refused.
    #[must_use]
    pub fn methods(&self) -> Option<&'static str> {
        (!self.is_for_all).then(|| self.listed())
    }

    fn listed(&self) -> &'static str {
        match (&self.get, &self.post) {
            (Some(_), Some(_)) => "GET, HEAD, POST",
            (_, None) => "GET, HEAD",
            (None, Some(_)) => "POST",
        }
    }

    /// The answer of a method in one line, if the endpoint has the method.
    #[must_use]
    pub fn summary(&self, method: &str) -> Option<&'static str> {
        match method {
            _ if self.is_for_all => self.get.as_ref().map(|get| get.summary),
            "GET" | "HEAD" => self.get.as_ref().map(|get| get.summary),
            "POST" => self.post.as_ref().map(|post| post.summary),
            _ => None,
        }
    }

    /// How large a body may be, in bytes, if one is read.
    #[must_use]
    pub fn most_body_bytes(&self) -> Option<usize> {
        self.post.as_ref().map(|post| post.most_body_bytes)
    }

    /// The problem of a method that it does not have.
    pub(crate) fn unknown_method(&self) -> Problem {
        let (path, allow) = (self.path, self.listed());
        let hint = format!("GET {DESCRIPTION} says which method does what");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{path} knows only {allow}"), hint).allowing(allow)
    }
}

/// The problem of an unknown path.
pub(crate) fn unknown_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is nothing at this path", format!("GET {DESCRIPTION} lists what there is"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// HEAD is GET without a body. What answers every method is described by the one that proxies use most.
    fn described_methods(endpoint: &Endpoint) -> Vec<&'static str> {
        endpoint.methods().unwrap_or("GET").split(", ").filter(|method| *method != "HEAD").collect()
    }

    #[test]
    fn what_answers_every_method_lists_none() {
        let endpoint = |path: &str| ENDPOINTS.iter().find(|endpoint| endpoint.path() == path).unwrap();
        let (mcp, evaluation) = (endpoint(authorize::MCP), endpoint(authzen::EVALUATION));
        assert_eq!((mcp.methods(), evaluation.methods()), (None, Some("POST")));
        assert!(mcp.summary("DELETE").is_some() && mcp.summary("DELETE") == mcp.summary("GET"));
        assert_eq!((evaluation.summary("GET"), evaluation.summary("DELETE")), (None, None));
    }

    #[test]
    fn each_endpoint_is_described_and_no_other() {
        let description: Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
        let paths = description["paths"].as_object().unwrap();
        assert_eq!(paths.len(), ENDPOINTS.len());
        for endpoint in &ENDPOINTS {
            let described = paths[endpoint.path()].as_object().unwrap();
            let known = described_methods(endpoint);
            assert_eq!(described.len(), known.len(), "{}", endpoint.path());
            for method in known {
                let operation = &described[&method.to_lowercase()];
                assert_eq!(operation["summary"].as_str(), endpoint.summary(method), "{method} {}", endpoint.path());
            }
        }
    }

    #[test]
    fn the_book_names_each_endpoint_but_the_parts_of_the_page() {
        let page = include_str!("../../../docs/src/reference/endpoints.md");
        for endpoint in ENDPOINTS.iter().filter(|endpoint| !endpoint.path().starts_with("/page.")) {
            for method in described_methods(endpoint) {
                let cell = format!("\n| `{method} {}", endpoint.path());
                assert!(page.contains(&format!("{cell}` |")) || page.contains(&format!("{cell}?")), "{cell}");
            }
        }
    }
}
