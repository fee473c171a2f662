//! What a server asks of a client: in the legacy era by requests, in the modern one within results, and in 2025-11-25 within an error, too.

use super::actions::Actions;
use super::answer::DENIED;
use super::denial::Denial;
use super::tools::decide_handed;
use crate::message::{Id, Json, read_as};

/// The code of the error with which a server of 2025-11-25 asks to open a page.
const URL_ELICITATION: i64 = -32042;

/// Why a server may not ask something.
#[derive(Debug)]
pub(super) enum Unasked {
    Denied(Denial),
    /// It is none of the three things that a server asks.
    Unknown,
    /// It is an error whose code is no plain integer.
    BadCode,
    /// It is an error whose code is that of a denial by the gate.
    OwnCode,
}

impl From<Denial> for Unasked {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// Decides on what a server asks for by this method and these parameters.
pub(super) fn decide(actions: &Actions, method: &str, params: Option<&Json<'_>>) -> Result<(), Unasked> {
    match method {
        "sampling/createMessage" => decide_sampling(actions, params),
        "roots/list" => Ok(actions.method(method).into_result()?),
        "elicitation/create" => decide_elicitation(actions, params),
        _ => Err(Unasked::Unknown),
    }
}

/// Decides on a question to the model. Where the server is held to pins, definitions of tools that come with it have to be such as are pinned.
fn decide_sampling(actions: &Actions, params: Option<&Json<'_>>) -> Result<(), Unasked> {
    actions.method("sampling/createMessage").into_result()?;
    let Some(params) = params.filter(|_| actions.are_pinned()) else { return Ok(()) };
    if params.has_similar(&["tools"]) {
        return Err(Unasked::Unknown);
    }
    params.get("tools").map_or(Ok(()), |tools| decide_handed(actions, &tools))
}

/// Decides on a form, or a page to be opened. Where it names a page without saying that it is one, both must be allowed: the package `mcp` of Python opens it.
fn decide_elicitation(actions: &Actions, params: Option<&Json<'_>>) -> Result<(), Unasked> {
    let is_form = match params.and_then(|params| params.get("mode")) {
        None => true,
        Some(mode) => match mode.as_text().as_deref() {
            Some("form") => true,
            Some("url") => false,
            _ => return Err(Unasked::Unknown),
        },
    };
    let is_of_page = |name: &str| read_as(name, &["url", "elicitationId"]).is_some();
    let names_page = params.is_some_and(|params| params.members().any(|(name, _)| is_of_page(&name)));
    if is_form {
        actions.method("elicitation/create").into_result()?;
    }
    if !is_form || names_page { decide_page(actions) } else { Ok(()) }
}

/// Decides on a page to be opened.
fn decide_page(actions: &Actions) -> Result<(), Unasked> {
    actions.unless_denied("elicitation/create")?;
    Ok(actions.method("elicitation/create/url").into_result()?)
}

/// Decides on the code of an error, in which an elicitation can stand. Only an integer has one meaning: the package `mcp` of Python takes `"-32_042"` for one, too.
pub(super) fn decide_error(actions: &Actions, code: Option<&Json<'_>>) -> Result<(), Unasked> {
    match code.and_then(Id::read) {
        Some(Id::Number(URL_ELICITATION)) => decide_page(actions),
        Some(Id::Number(code)) if code == i64::from(DENIED) => Err(Unasked::OwnCode),
        Some(Id::Number(_)) => Ok(()),
        _ => Err(Unasked::BadCode),
    }
}

/// Decides on all that a task asks for, as the answer to `tasks/get` or a notification shows it: by itself, in its error, and in what the call came to.
pub(super) fn decide_task(actions: &Actions, task: &Json<'_>) -> Result<(), Unasked> {
    if task.has_similar(&["inputRequests", "error", "result"]) {
        return Err(Unasked::Unknown);
    }
    // Some servers write what is not there as null.
    let member = |name: &str| task.get(name).filter(|value| value.raw() != "null");
    if let Some(requests) = member("inputRequests") {
        decide_all(actions, &requests)?;
    }
    if let Some(error) = member("error") {
        let code = error.get("code").filter(|_| !error.has_similar(&["code"]));
        decide_error(actions, code.as_ref())?;
    }
    if let Some(result) = member("result") {
        if result.has_similar(&["inputRequests"]) {
            return Err(Unasked::Unknown);
        }
        if let Some(requests) = result.get("inputRequests") {
            decide_all(actions, &requests)?;
        }
    }
    Ok(())
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
