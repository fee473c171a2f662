//! Answers of HTTP, with the headers that each has.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

pub(crate) static JSON: HeaderValue = HeaderValue::from_static("application/json");
pub(crate) static PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
pub(crate) static HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
pub(crate) static CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");
pub(crate) static JAVASCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
/// The text format of Prometheus.
pub(crate) static METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

static NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
/// For five minutes, as metadata of AuthZEN may be kept (its section 11.9).
static FOR_MINUTES: HeaderValue = HeaderValue::from_static("max-age=300");
static NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
static NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// An answer that must not be cached.
pub(crate) fn fresh(status: StatusCode, kind: &HeaderValue, body: impl Into<Body>) -> Response {
    with_headers(status, kind, &NO_STORE, body.into())
}

/// A fresh answer of JSON on one line, whose end it gets here, for readers on a terminal.
pub(crate) fn json_line(mut json: String) -> Response {
    json.push('\n');
    fresh(StatusCode::OK, &JSON, json)
}

/// An answer that stays the same while the server runs.
pub(crate) fn lasting(kind: &HeaderValue, body: impl Into<Body>) -> Response {
    with_headers(StatusCode::OK, kind, &NO_CACHE, body.into())
}

/// An answer that a client may keep for some minutes.
pub(crate) fn cacheable(kind: &HeaderValue, body: impl Into<Body>) -> Response {
    with_headers(StatusCode::OK, kind, &FOR_MINUTES, body.into())
}

/// An answer that stays the same, with a tag, without the body for a client that has it already (RFC 9110 section 13.1.2).
pub(crate) fn tagged(asked: &HeaderMap, tag: &HeaderValue, kind: &HeaderValue, body: &Bytes) -> Response {
    let mut response = if matches(asked, tag) {
        let mut response = with_headers(StatusCode::NOT_MODIFIED, kind, &NO_CACHE, Body::empty());
        response.headers_mut().remove(CONTENT_TYPE);
        response
    } else {
        lasting(kind, body.clone())
    };
    response.headers_mut().insert(ETAG, tag.clone());
    response
}

/// A body of several pieces, which are not copied for it: they may be large.
pub(crate) struct Pieces(VecDeque<Bytes>);

impl FromIterator<Bytes> for Pieces {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        Self(pieces.into_iter().filter(|piece| !piece.is_empty()).collect())
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

fn with_headers(status: StatusCode, kind: &HeaderValue, caching: &HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind.clone());
    headers.insert(CACHE_CONTROL, caching.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFF.clone());
    response
}

fn matches(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let tags = asked.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    // RFC 9110 section 13.1.2: the weak comparison.
    tags.map(str::trim).any(|asked| asked == "*" || asked.strip_prefix("W/").unwrap_or(asked).as_bytes() == tag.as_bytes())
}
