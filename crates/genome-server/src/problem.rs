use crate::endpoint::Endpoint;
use crate::reply;
use axum::http::header::{ALLOW, CONNECTION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use genome::json::{JsonError, Value};
use genome_cli::{json_text, verbatim};
use genome_json::text::Printable;

/// What is wrong with a request, as a problem document (RFC 9457).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    detail: String,
    hint: &'static str,
    /// Where in the body: a JSON Pointer, if it is about a value.
    pointer: Option<String>,
    /// Line and column, if it is about its text.
    position: Option<(usize, usize)>,
    allow: Option<&'static str>,
    /// Whether what is left of the request is not worth waiting for.
    closes: bool,
    /// When it is worth asking again, in seconds.
    retry_after: Option<u16>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>, hint: &'static str) -> Self {
        let detail = detail.into();
        Self { status, detail, hint, pointer: None, position: None, allow: None, closes: false, retry_after: None }
    }

    /// The body says something else than it should, at this JSON Pointer.
    pub(crate) fn at(pointer: String, detail: impl Into<String>, hint: &'static str) -> Self {
        Self { pointer: Some(pointer), ..Self::new(StatusCode::BAD_REQUEST, detail, hint) }
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The same, and the connection ends with it.
    pub(crate) fn closing(self) -> Self {
        Self { closes: true, ..self }
    }

    /// The same, and says after how many seconds it is worth asking again (RFC 9110 section 10.2.3).
    pub(crate) fn retry_after(self, seconds: u16) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing at this path", "GET /openapi.json lists what there is")
    }

    pub(crate) fn method(endpoint: Endpoint) -> Self {
        let allow = endpoint.methods();
        let detail = format!("{} knows only {allow}", endpoint.path());
        let hint = "GET /openapi.json says which method does what";
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, detail, hint) }
    }
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, error.fault.to_string(), "correct the body at that line and column");
        Self { position: Some((error.line, error.column)), ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // RFC 9457 section 4.2.1: the title of `about:blank` is that of the status.
        let mut members = vec![
            ("type", Value::string("about:blank")),
            ("title", Value::string(self.status.canonical_reason().unwrap_or_default())),
            ("status", u64::from(self.status.as_u16()).into()),
            ("detail", Value::string(Printable(&self.detail).to_string())),
            ("hint", Value::string(self.hint)),
        ];
        if let Some(pointer) = &self.pointer {
            members.push(("pointer", verbatim(pointer)));
        }
        if let Some((line, column)) = self.position {
            members.extend([("line", line.into()), ("column", column.into())]);
        }
        let mut response = reply::fresh(self.status, &reply::PROBLEM, json_text(&Value::object(members)));
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
