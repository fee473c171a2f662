//! Messages of the client, and its requests.

mod call;
mod others;

use super::denial::Denial;
use super::edits::{Edits, Fate, rebuilt_array, rebuilt_object};
use super::event::{Event, Reason, Side};
use super::open::{Asked, MOST_OPEN, What};
use super::revision::{CLIENT_CAPABILITIES, Era, TASKS_EXTENSION, unsupported};
use super::waiting::Call;
use super::{ENDED, Gate, Outcome, answer, capabilities};
use crate::message::{Id, Json, Kind, Message, read_as};
use std::borrow::Cow;

/// A request of the client that is decided on.
struct Request<'r, 'l> {
    message: &'r Message<'l>,
    method: &'r str,
    era: Era,
}

/// Why a request is not sent on.
enum Refusal {
    Denied(Denial),
    /// The same, where clients know from other servers what this error means.
    NoSuchMethod(Denial),
    /// It cannot be decided on.
    BadParams(&'static str),
    /// It is one that only a server sends.
    WrongDirection,
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl Gate {
    pub(super) fn client_message<'l>(&self, message: Message<'l>) -> Outcome<'l> {
        match message.kind().clone() {
            Kind::Request { id, method } => self.client_request(message, &id, &method),
            Kind::Notification { method } => self.client_notification(message, &method),
            Kind::Result(id) | Kind::Error(id) => self.client_answer(message, &id),
        }
    }

    fn client_request<'l>(&self, message: Message<'l>, id: &Id, method: &str) -> Outcome<'l> {
        let event = |reason| Event::new(Side::Client, reason).with_id(Some(id)).of(method);
        let (is_open, is_own) = {
            let open = self.open();
            (open.to_server.contains_key(id), open.list.is_own(id))
        };
        if is_open {
            return repeated(event(Reason::Malformed));
        }
        if is_own {
            let said = "the message is refused: the id is one of the gate's own";
            return Outcome::to_client(answer::error(Some(id), -32600, said)).with(event(Reason::Malformed).because(said));
        }
        let era = match Era::of(&message) {
            Ok(era) => era,
            Err(unknown) => {
                let said = "the gate does not know this revision of MCP";
                let answer = answer::error_with(Some(id), -32022, said, unsupported(&unknown));
                return Outcome::to_client(answer).with(event(Reason::Malformed).because(said));
            }
        };
        let request = Request { message: &message, method, era };
        match self.decide_request(&request) {
            Err(refusal) => refused(&request, id, refusal, event),
            Ok((what, edits)) => {
                let asked = Asked { what, era, knows_tasks: request.knows_tasks(), is_waiting: false };
                let call = self.held_call(&request);
                let text = edits.apply(message.into_compact());
                self.admit(id, asked, call, text).unwrap_or_else(|why| unadmitted(id, why, event))
            }
        }
    }

    /// What the request asks for, and what is changed in it.
    fn decide_request(&self, request: &Request<'_, '_>) -> Result<(What, Edits), Refusal> {
        self.actions.unless_denied(request.method)?;
        let mut edits = Edits::default();
        if let Some(capabilities) = request.capabilities() {
            self.take_out(&mut edits, &capabilities);
        }
        let what = match request.method {
            "initialize" => {
                if let Some(capabilities) = request.message.param("capabilities") {
                    self.take_out(&mut edits, &capabilities);
                }
                What::Initialize
            }
            "server/discover" => What::Discover,
            "ping" | "logging/setLevel" => What::Other,
            "tools/list" => What::ListTools,
            "tools/call" => {
                let tool = request.text("name")?;
                self.actions.tool(&tool).into_result()?;
                self.actions.pinned(&tool)?;
                What::CallTool { as_task: request.is_task_call() }
            }
            "resources/unsubscribe" => {
                request.text("uri")?;
                What::Other
            }
            "resources/read" | "resources/subscribe" => {
                request.text("uri")?;
                self.decide_capability("resources/read", "resources")?;
                if request.method == "resources/read" { What::Read("resources/read") } else { What::Other }
            }
            "resources/list" | "resources/templates/list" => {
                self.decide_capability("resources/read", "resources")?;
                What::Other
            }
            "prompts/get" => {
                request.text("name")?;
                self.decide_capability("prompts/get", "prompts")?;
                What::Read("prompts/get")
            }
            "prompts/list" => {
                self.decide_capability("prompts/get", "prompts")?;
                What::Other
            }
            "completion/complete" => {
                self.decide_capability("completion/complete", "completions")?;
                request.readable("ref")?;
                What::Other
            }
            "tasks/get" | "tasks/result" | "tasks/cancel" | "tasks/update" => {
                let task = request.text("taskId")?;
                if !self.open().server_tasks.knows(&task) {
                    self.actions.method(request.method).into_result()?;
                }
                if request.method == "tasks/get" { What::GetTask } else { What::Other }
            }
            "tasks/list" => {
                self.actions.method("tasks/list").into_result()?;
                What::Other
            }
            "subscriptions/listen" => {
                self.narrow_subscription(request.message, &mut edits);
                What::Listen
            }
            "sampling/createMessage" | "elicitation/create" | "roots/list" => return Err(Refusal::WrongDirection),
            other => {
                self.actions.method(other).into_result().map_err(Refusal::NoSuchMethod)?;
                What::Other
            }
        };
        Ok((what, edits))
    }

    fn take_out(&self, edits: &mut Edits, capabilities: &Json<'_>) {
        if let Some(rest) = capabilities::of_client(&self.actions, capabilities) {
            edits.replace(capabilities, rest);
        }
    }

    /// Decides on what a capability of the server is for. Where that was taken out, clients know the error from servers without it.
    fn decide_capability(&self, action: &str, capability: &str) -> Result<(), Refusal> {
        self.actions.method(action).into_result().map_err(|denial| {
            if self.open().taken_out.contains(capability) { Refusal::NoSuchMethod(denial) } else { Refusal::Denied(denial) }
        })
    }

    /// Takes out of a subscription what the client may not read.
    fn narrow_subscription(&self, message: &Message<'_>, edits: &mut Edits) {
        let Some(notifications) = message.param("notifications") else { return };
        let is_one_of = |name: &str, known: &[&str]| read_as(name, known).is_some();
        let narrowed = rebuilt_object(&notifications, |name, value| {
            if is_one_of(name, &["resourceSubscriptions"]) {
                let may_subscribe = self.actions.unless_denied("resources/subscribe").is_ok();
                return Fate::kept_if(may_subscribe && self.actions.allows("resources/read"));
            }
            if is_one_of(name, &["resourcesListChanged"]) {
                return Fate::kept_if(self.actions.allows("resources/read"));
            }
            if is_one_of(name, &["promptsListChanged"]) {
                return Fate::kept_if(self.actions.allows("prompts/get"));
            }
            if is_one_of(name, &["taskIds"]) {
                let is_known = |task: &Json<'_>| task.as_text().is_some_and(|task| self.open().server_tasks.knows(&task));
                return rebuilt_array(value, |task| Fate::kept_if(is_known(task))).map_or(Fate::Kept, Fate::Replaced);
            }
            Fate::Kept
        });
        if let Some(narrowed) = narrowed {
            edits.replace(&notifications, narrowed);
        }
    }

    /// Notes a request as open, and sends it on. The call of a pinned tool may have to wait, or be denied.
    fn admit<'l>(&self, id: &Id, asked: Asked, call: Option<Call>, text: Cow<'l, str>) -> Result<Outcome<'l>, Unadmitted> {
        let mut open = self.open();
        if open.is_closed {
            return Err(Unadmitted::Closed);
        }
        // Another thread may have come first.
        if open.to_server.contains_key(id) {
            return Err(Unadmitted::Repeated);
        }
        if open.cancelled.holds(id) {
            return Err(Unadmitted::Cancelled);
        }
        if open.to_server.len() >= MOST_OPEN {
            return Err(Unadmitted::Busy);
        }
        open.cancelled.take(id);
        open.to_server.insert(id.clone(), asked);
        if asked.what == What::Initialize {
            open.is_legacy = true;
            open.list.initialize();
        }
        Ok(match call {
            Some(call) => self.hold(&mut open, id, call, text),
            None => open.pass(text),
        })
    }
}

/// Why a request that is allowed is not sent on.
#[derive(Clone, Copy)]
enum Unadmitted {
    Closed,
    Repeated,
    Cancelled,
    Busy,
}

impl Request<'_, '_> {
    /// What the client can do, as a request of the modern era says.
    fn capabilities(&self) -> Option<Json<'_>> {
        self.message.param("_meta")?.get(CLIENT_CAPABILITIES)
    }

    fn knows_tasks(&self) -> bool {
        self.capabilities().and_then(|capabilities| capabilities.get("extensions")?.get(TASKS_EXTENSION)).is_some()
    }

    /// Whether the answer is to be a task, which a result cannot stand for.
    fn is_task_call(&self) -> bool {
        self.era == Era::Legacy && self.message.param("task").is_some()
    }

    /// A parameter that is text.
    fn text(&self, name: &'static str) -> Result<String, Refusal> {
        let text = self.message.param(name).and_then(|value| value.as_text());
        text.map(Cow::into_owned).ok_or(Refusal::BadParams(name))
    }

    /// A parameter that every reader understands alike, if it is there.
    fn readable(&self, name: &'static str) -> Result<(), Refusal> {
        let is_flawed = self.message.param(name).is_some_and(|value| self.message.is_flawed(&value));
        if is_flawed { Err(Refusal::BadParams(name)) } else { Ok(()) }
    }
}

/// The outcome of a request under the id of another that is open. Its id would end that one.
fn repeated(event: Event) -> Outcome<'static> {
    let said = "the id is that of another request, which is still open";
    Outcome::to_client(answer::error(None, -32600, &format!("the message is refused: {said}"))).with(event.because(said))
}

fn unadmitted(id: &Id, why: Unadmitted, event: impl Fn(Reason) -> Event) -> Outcome<'static> {
    let (code, said, reason) = match why {
        Unadmitted::Repeated => return repeated(event(Reason::Malformed)),
        Unadmitted::Cancelled => {
            let said = "the message is refused: the id is that of a request that was cancelled, which the server may still answer";
            (-32600, said, Reason::Malformed)
        }
        Unadmitted::Busy => (-32603, "too many requests are open at once", Reason::Busy),
        Unadmitted::Closed => (-32603, ENDED, Reason::Unexpected),
    };
    Outcome::to_client(answer::error(Some(id), code, said)).with(event(reason).because(said))
}

fn refused(request: &Request<'_, '_>, id: &Id, refusal: Refusal, event: impl Fn(Reason) -> Event) -> Outcome<'static> {
    let denied = |code, denial: &Denial| {
        let event = Event::denied(Side::Client, denial).with_id(Some(id)).of(request.method);
        Outcome::to_client(answer::denied(id, code, denial)).with(event)
    };
    match refusal {
        Refusal::Denied(denial) if request.method == "tools/call" => {
            let what = What::CallTool { as_task: request.is_task_call() };
            let event = Event::denied(Side::Client, &denial).with_id(Some(id)).of(request.method);
            Outcome::to_client(answer::denied_request(id, what, request.era, &denial)).with(event)
        }
        Refusal::Denied(denial) => denied(answer::DENIED, &denial),
        Refusal::NoSuchMethod(denial) => denied(answer::NO_SUCH_METHOD, &denial),
        Refusal::BadParams(name) => {
            let said = format!("the message is refused: `params` has no `{name}` that every reader understands alike");
            Outcome::to_client(answer::error(Some(id), -32602, &said)).with(event(Reason::Malformed).because(&said))
        }
        Refusal::WrongDirection => {
            let said = "only a server sends this request";
            Outcome::to_client(answer::error(Some(id), answer::NO_SUCH_METHOD, said)).with(event(Reason::Unexpected).because(said))
        }
    }
}
