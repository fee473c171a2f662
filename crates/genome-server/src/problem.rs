//! Problem documents: what is wrong with a request.

use crate::{json, reply};
use axum::http::header::{ALLOW, CONNECTION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use genome_json::JsonError;
use genome_json::text::{Printable, verbatim};
use serde::Serialize;
use std::borrow::Cow;

/// What is wrong with a request, as a problem document (RFC 9457).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    detail: String,
    hint: Cow<'static, str>,
    /// Where in the body: a JSON Pointer, if it is about a value.
    pointer: Option<String>,
    /// Line and column, if it is about its text.
    position: Option<(usize, usize)>,
    allow: Option<&'static str>,
    /// Whether the connection ends without waiting for the rest of the request.
    closes: bool,
    /// When it is worth asking again, in seconds.
    retry_after: Option<u16>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>, hint: impl Into<Cow<'static, str>>) -> Self {
        let (detail, hint) = (detail.into(), hint.into());
        Self { status, detail, hint, pointer: None, position: None, allow: None, closes: false, retry_after: None }
    }

    /// The body says something else than it should, at this JSON Pointer.
    pub(crate) fn at(pointer: String, detail: impl Into<String>, hint: &'static str) -> Self {
        Self { pointer: Some(pointer), ..Self::new(StatusCode::BAD_REQUEST, detail, hint) }
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The same with another hint.
    pub(crate) fn hinting(self, hint: &'static str) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// Ends the connection with it.
    pub(crate) fn closing(self) -> Self {
        Self { closes: true, ..self }
    }

    /// Adds after how many seconds to try again (RFC 9110 section 10.2.3).
    pub(crate) fn retry_after(self, seconds: u16) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Adds the allowed methods (RFC 9110 section 15.5.6).
    pub(crate) fn allowing(self, methods: &'static str) -> Self {
        Self { allow: Some(methods), ..self }
    }
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, error.fault.to_string(), "correct the body at that line and column");
        Self { position: Some((error.line, error.column)), ..problem }
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Problem", deny_unknown_fields))]
pub(crate) struct ProblemAnswer<'p> {
    #[cfg_attr(test, schemars(extend("const" = "about:blank")))]
    r#type: &'static str,
    title: &'static str,
    /// The status of HTTP.
    #[cfg_attr(test, schemars(range(min = 400, max = 599)))]
    status: u16,
    detail: String,
    /// The next thing to do.
    hint: &'p str,
    /// Where in the body, as a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    pointer: Option<Cow<'p, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "usize", range(min = 1)))]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "usize", range(min = 1)))]
    column: Option<usize>,
}

impl<'p> From<&'p Problem> for ProblemAnswer<'p> {
    fn from(problem: &'p Problem) -> Self {
        Self {
            // RFC 9457 section 4.2.1: the title of `about:blank` is that of the status.
            r#type: "about:blank",
            title: problem.status.canonical_reason().unwrap_or_default(),
            status: problem.status.as_u16(),
            detail: Printable(&problem.detail).to_string(),
            hint: &problem.hint,
            pointer: problem.pointer.as_deref().map(verbatim),
            line: problem.position.map(|(line, _)| line),
            column: problem.position.map(|(_, column)| column),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = reply::fresh(self.status, &reply::PROBLEM, json::pretty(&ProblemAnswer::from(&self)));
        if let Some(allow) = self.allow {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if self.closes {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
