//! What a server asks of a client: in the legacy era by requests, in the modern one within results, and in 2025-11-25 within an error, too.

use super::actions::{Actions, Denial};
use crate::message::Json;

/// The code of the error with which a server of 2025-11-25 asks to open a page.
pub(super) const URL_ELICITATION: f64 = -32042.0;

/// Why a server may not ask something.
#[derive(Debug)]
pub(super) enum Unasked {
    Denied(Denial),
    /// It is none of the three things that a server asks.
    Unknown,
}

impl From<Denial> for Unasked {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// Decides on what a server asks for by this method and these parameters.
pub(super) fn decide(actions: &Actions, method: &str, params: Option<&Json<'_>>) -> Result<(), Unasked> {
    let action = match method {
        "sampling/createMessage" | "roots/list" => method,
        "elicitation/create" => match params.and_then(|params| params.get("mode")) {
            None => method,
            Some(mode) => match mode.as_text().as_deref() {
                Some("form") => method,
                Some("url") => "elicitation/create/url",
                _ => return Err(Unasked::Unknown),
            },
        },
        _ => return Err(Unasked::Unknown),
    };
    Ok(actions.method(action).into_result()?)
}

/// Decides on all that a result asks for.
pub(super) fn decide_all(actions: &Actions, requests: &Json<'_>) -> Result<(), Unasked> {
    if !requests.is_object() {
        return Err(Unasked::Unknown);
    }
    requests.members().try_for_each(|(_, request)| {
        let method = request.get("method").and_then(|method| method.as_text()).ok_or(Unasked::Unknown)?;
        let params = request.get("params");
        // What some readers take for these would be something else.
        if request.has_similar(&["method", "params"]) || params.as_ref().is_some_and(|params| params.has_similar(&["mode"])) {
            return Err(Unasked::Unknown);
        }
        decide(actions, &method, params.as_ref())
    })
}
