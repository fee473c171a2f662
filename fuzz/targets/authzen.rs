//! Bodies of requests to the AuthZEN endpoints, under each projection: the answers are those of the naive evaluator of the server's tests, and only
//! what a strict reader takes is answered. A search finds what would be allowed.

#![no_main]

#[path = "../../crates/genome-server/tests/router/authzen/naive.rs"]
mod naive;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use genome::mcp::ActionNames;
use genome_fuzz::point::point;
use genome_fuzz::strict;
use genome_server::{AuthzenSettings, Projection, router};
use http_body_util::BodyExt as _;
use libfuzzer_sys::fuzz_target;
use naive::{SERVER, Said, capabilities, naive};
use serde_json::Value;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

fuzz_target!(|bytes: &[u8]| SERVICES.with(|(runtime, services)| {
    for (asked, router) in services {
        runtime.block_on(ask(*asked, router, bytes));
    }
}));

/// How requests are understood: the projection, and the MCP server after which actions are named, if they are.
type Asked = (Projection, Option<&'static str>);

thread_local! {
    static SERVICES: (Runtime, Vec<(Asked, Router)>) = {
        let all = Projection::ALL.into_iter().flat_map(|projection| [None, Some(SERVER)].map(|server| (projection, server)));
        (Builder::new_current_thread().build().unwrap(), all.map(|asked| (asked, service(asked))).collect())
    };
}

/// A server without a listener, of the genome that the naive evaluator knows.
fn service((projection, server): Asked) -> Router {
    let names = server.map_or(ActionNames::Plain, |name| ActionNames::OfServer(name.parse().unwrap()));
    let settings = AuthzenSettings { projection, public_url: None };
    router(Arc::new(point(&capabilities()).with_authzen(settings).with_action_names(names)))
}

async fn ask((projection, server): Asked, router: &Router, bytes: &[u8]) {
    let body = strict::read(bytes);
    for (path, is_for_several) in [("/access/v1/evaluation", false), ("/access/v1/evaluations", true)] {
        let (status, text) = answer(router, path, bytes).await;
        let expected = body.as_ref().map_or(Said::Refused, |body| naive(projection, server, is_for_several, body));
        assert_eq!(Said::of(status, &text), expected, "{projection} {server:?} {path}");
    }
    let (status, text) = answer(router, "/access/v1/search/action", bytes).await;
    assert!([200, 400].contains(&status), "{status}: {text}");
    let Some(body) = body.filter(|_| status == 200) else { return };
    let found: Value = serde_json::from_str(&text).unwrap();
    for result in found["results"].as_array().unwrap() {
        let mut question = body.clone();
        question["action"] = result.clone();
        assert_eq!(naive(projection, server, false, &question), Said::One(true), "{projection} {server:?} {result}");
    }
}

/// The status and the text of an answer, in which every character shows.
async fn answer(router: &Router, path: &str, bytes: &[u8]) -> (u16, String) {
    let request = Request::post(path).header("host", "localhost").header("content-type", "application/json");
    let request = request.body(Body::from(Bytes::copy_from_slice(bytes))).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
    assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{1b}', '\0']), "{text}");
    let kind = if head.status == 200 { "application/json" } else { "application/problem+json" };
    assert_eq!(head.headers["content-type"], kind);
    (head.status.as_u16(), text)
}
