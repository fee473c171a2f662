//! Headers of requests for authorization, of MCP and of an action that a proxy names: an answer is 200 where a simple judge of the rules of headers
//! says that the request may go on, and 403 otherwise. Each line of the input is one header: its first byte chooses the name.

#![no_main]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use genome::mcp::ActionNames;
use genome_fuzz::point::point;
use genome_server::{HeaderAuthorization, router};
use http_body_util::BodyExt as _;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

const NAMES: [&str; 6] = ["mcp-protocol-version", "mcp-method", "mcp-name", "x-genome-action", "mcp_name", "authorization"];
const SERVER: &str = "files";
const ALLOWED: [&str; 8] = [
    "files/memory_search",
    "files:tools/list",
    "files:resources/read",
    "memory_search",
    "tools/list",
    "a,b",
    "files/é",
    "prompts/get",
];

fuzz_target!(|bytes: &[u8]| SERVICES.with(|(runtime, services)| {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|&byte| byte == b'\n') {
        let Some((&choice, value)) = line.split_first() else { continue };
        // A server of HTTP takes blanks at the ends away before we see it.
        let Ok(value) = HeaderValue::from_bytes(value.trim_ascii()) else { continue };
        headers.append(HeaderName::from_static(NAMES[usize::from(choice) % NAMES.len()]), value);
    }
    for (server, router) in services {
        for (path, action) in
            [("/authorize/mcp", of_mcp(*server, &headers)), ("/authorize/action", named(&headers, "x-genome-action"))]
        {
            let status = runtime.block_on(ask(router, path, &headers));
            let is_allowed = action.is_some_and(|action| ALLOWED.contains(&action.as_str()));
            assert_eq!(status == 200, is_allowed, "{path} {headers:?}");
        }
    }
}));

thread_local! {
    static SERVICES: (Runtime, Vec<(Option<&'static str>, Router)>) = {
        let services = [None, Some(SERVER)].map(|server| (server, service(server)));
        (Builder::new_current_thread().build().unwrap(), services.into())
    };
}

/// A server without a listener.
fn service(server: Option<&str>) -> Router {
    let point = point(&json!([{"cap_id": "CAP-ONE", "risk_class": "B", "allow_actions": ALLOWED, "deny_actions": []}]));
    let names = server.map_or(ActionNames::Plain, |name| ActionNames::OfServer(name.parse().unwrap()));
    let point = point.with_action_names(names);
    router(Arc::new(point.with_header_authorization(HeaderAuthorization { mcp: true, action: true })))
}

/// The status of an answer, which has what every answer has.
async fn ask(router: &Router, path: &str, headers: &HeaderMap) -> u16 {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    request.headers_mut().clone_from(headers);
    request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
    assert!(text.chars().all(|shown| shown == '\n' || !shown.is_control()) && !text.contains(['\u{202e}', '\u{200b}']), "{text}");
    let (status, decision) = if head.status == 200 { (200, "allow") } else { (403, "deny") };
    assert_eq!(head.status, status);
    assert_eq!(head.headers["x-genome-decision"], decision);
    status
}

/// The action that headers of MCP name.
fn of_mcp(server: Option<&str>, headers: &HeaderMap) -> Option<String> {
    if single(headers, "mcp-protocol-version")? != "2026-07-28" {
        return None;
    }
    let method = single(headers, "mcp-method")?;
    let as_method = || server.map_or_else(|| method.clone(), |server| format!("{server}:{method}"));
    match method.as_str() {
        "server/discover"
        | "tools/list"
        | "resources/list"
        | "resources/templates/list"
        | "prompts/list"
        | "completion/complete"
        | "subscriptions/listen" => Some(as_method()),
        "resources/read" | "prompts/get" => named(headers, "mcp-name").map(|_| as_method()),
        "tools/call" => {
            let tool = named(headers, "mcp-name")?;
            match server {
                Some(server) => Some(format!("{server}/{tool}")),
                // No tool takes the name of a method: of these only two are allowed.
                None => (!["tools/list", "prompts/get"].contains(&tool.as_str())).then_some(tool),
            }
        }
        _ => None,
    }
}

/// The name in a header that is there once, decoded, and is not empty.
fn named(headers: &HeaderMap, header: &str) -> Option<String> {
    let value = single(headers, header)?;
    let is_encoded = value.starts_with("=?base64?") && value.ends_with("?=");
    let name = if is_encoded { decoded(value.get("=?base64?".len()..value.len() - "?=".len())?)? } else { value };
    (!name.is_empty()).then_some(name)
}

/// The value of a header that is there once.
fn single(headers: &HeaderMap, header: &str) -> Option<String> {
    let values: Vec<&[u8]> = headers.iter().filter(|(name, _)| *name == header).map(|(_, value)| value.as_bytes()).collect();
    let [value] = values[..] else { return None };
    let is_plain = value.iter().all(|byte| (0x20..0x7f).contains(byte) && *byte != 0x2c);
    is_plain.then(|| String::from_utf8(value.to_vec()).unwrap())
}

/// UTF-8 from base64 with padding, by RFC 4648 section 4, bit by bit.
fn decoded(text: &str) -> Option<String> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bits = Vec::new();
    for digit in digits.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|&one| one == digit)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let rest = bits.split_off(bits.len() / 8 * 8);
    // What is left over is too little for a byte, and zero in the one canonical form.
    if rest.len() != 2 * padding || rest.contains(&1) {
        return None;
    }
    let bytes = bits.chunks(8).map(|byte| byte.iter().fold(0_u8, |byte, &bit| byte << 1 | u8::from(bit == 1))).collect();
    String::from_utf8(bytes).ok()
}
