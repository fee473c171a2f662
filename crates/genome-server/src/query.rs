//! The action in the query of a request.

use crate::problem::Problem;
use axum::http::{StatusCode, Uri};
use percent_encoding::percent_decode_str;

/// The `action` of a query, as a form sends it (`application/x-www-form-urlencoded`), if there is one.
pub(crate) fn asked_action(uri: &Uri) -> Result<Option<String>, Problem> {
    let fields = uri.query().unwrap_or_default().split('&').filter_map(|field| field.split_once('='));
    let mut values = fields.filter(|(name, _)| *name == "action").map(|(_, value)| value);
    let Some(value) = values.next() else { return Ok(None) };
    let bad = |detail: &str| Problem::new(StatusCode::BAD_REQUEST, detail, "name one action, percent-encoded in UTF-8");
    if values.next().is_some() {
        return Err(bad("the query names more than one action"));
    }
    let plain = value.replace('+', " ");
    match percent_decode_str(&plain).decode_utf8() {
        Ok(action) => Ok(Some(action.into_owned())),
        Err(_) => Err(bad("the action is not UTF-8")),
    }
}
