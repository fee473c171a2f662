//! Messages of the server.

use super::denial::Denial;
use super::edits::{Edits, Fate, rebuilt_array};
use super::event::{Event, Reason, Side};
use super::input::{self, Unasked};
use super::open::{Asked, MOST_OPEN, What};
use super::revision::REVISIONS;
use super::tools::Page;
use super::{Gate, Outcome, answer, capabilities};
use crate::message::{Id, Json, Kind, Message};

/// An answer that reaches the client, with what is changed in it.
#[derive(Default)]
struct Fit {
    edits: Edits,
    events: Vec<Event>,
    has_drifted: bool,
}

/// Why an answer does not reach the client as it is.
pub(super) enum Unfit {
    Denied(Denial),
    /// It is not one that can be decided on.
    Bad(String),
}

impl Unfit {
    pub(super) fn bad(why: impl Into<String>) -> Self {
        Self::Bad(why.into())
    }
}

impl From<Unasked> for Unfit {
    fn from(unasked: Unasked) -> Self {
        match unasked {
            Unasked::Denied(denial) => Self::Denied(denial),
            Unasked::Unknown => Self::bad("it asks for something that the gate does not know"),
            Unasked::BadCode => Self::bad("the code of its error is no plain integer"),
            Unasked::OwnCode => Self::bad("the code of its error is one that only the gate gives"),
        }
    }
}

impl Gate {
    pub(super) fn server_message<'l>(&self, message: Message<'l>) -> Outcome<'l> {
        match message.kind().clone() {
            Kind::Request { id, method } => {
                let mut outcome = self.server_request(message, &id, &method);
                if method == LIST_CHANGED {
                    // Not passed on in this form, and it may be true.
                    self.list_changed(&mut outcome);
                }
                outcome
            }
            Kind::Notification { method } => self.server_notification(message, &method),
            Kind::Result(id) | Kind::Error(id) => self.server_answer(message, &id),
        }
    }

    fn server_answer<'l>(&self, message: Message<'l>, id: &Id) -> Outcome<'l> {
        let (is_own, answered) = {
            let mut open = self.open();
            (open.list.is_own(id), open.answered(id))
        };
        if is_own {
            return self.own_answer(&message, id);
        }
        let event = |reason| Event::new(Side::Server, reason).with_id(Some(id));
        let Some((asked_as, asked)) = answered else {
            return Outcome::dropped(event(Reason::Unexpected).because("it answers no request that is open"));
        };
        let written = message.top("id").filter(|_| asked_as != *id);
        let id = &asked_as;
        let of = |event: Event| match asked.what.method() {
            Some(method) => event.of(method),
            None => event,
        };
        match self.decide_answer(&message, asked) {
            Ok(Fit { mut edits, events, has_drifted }) => {
                if let Some(written) = written {
                    edits.replace(&written, id.to_string());
                }
                let events = events.into_iter().map(|event| of(event.with_id(Some(id)))).collect();
                Outcome { events, has_drifted, ..Outcome::to_client(edits.apply(message.into_compact())) }
            }
            Err(Unfit::Bad(why)) => {
                let said = format!("the server's answer is refused: {why}");
                Outcome::to_client(answer::error(Some(id), -32603, &said)).with(of(event(Reason::Malformed)).because(&said))
            }
            Err(Unfit::Denied(denial)) => {
                let event = of(Event::denied(Side::Server, &denial).with_id(Some(id)));
                Outcome::to_client(answer::denied_request(id, asked.what, asked.era, &denial)).with(event)
            }
        }
    }

    fn decide_answer(&self, message: &Message<'_>, asked: Asked) -> Result<Fit, Unfit> {
        if let Some(fault) = message.fault_of_names().filter(|_| asked.what != What::ListTools) {
            return Err(Unfit::bad(fault.to_string()));
        }
        let mut fit = Fit::default();
        if message.top("error").is_some() {
            input::decide_error(&self.actions, message.in_error("code").as_ref())?;
            return Ok(fit);
        }
        self.decide_input(message, asked)?;
        // Its tools are not held to anything. It may be a late answer, or the second one, to an earlier request under this id.
        let lists_tools = |tools: &Json<'_>| tools.items().any(|tool| tool.is_object());
        if asked.what != What::ListTools && message.in_result("tools").as_ref().is_some_and(lists_tools) {
            return Err(Unfit::bad(
                "its result has objects in a member `tools`, as the answer to `tools/list` has, and nothing else may",
            ));
        }
        match asked.what {
            What::Initialize => {
                let version = message.in_result("protocolVersion").and_then(|version| version.as_text());
                let is_known = version.as_ref().is_some_and(|version| REVISIONS.contains(&&**version));
                if !is_known {
                    return Err(Unfit::bad("the server speaks a revision of MCP that the gate does not know"));
                }
                self.take_out_of_server(message, &mut fit.edits);
                fit.events.extend(self.hold_instructions(message, &mut fit.edits)?);
            }
            What::Discover => {
                self.take_out_of_server(message, &mut fit.edits);
                fit.events.extend(self.hold_instructions(message, &mut fit.edits)?);
                if let Some(versions) = message.in_result("supportedVersions") {
                    let is_known = |version: &Json<'_>| version.as_text().is_some_and(|version| REVISIONS.contains(&&*version));
                    if !versions.items().any(|version| is_known(&version)) {
                        return Err(Unfit::bad("the server speaks no revision of MCP that the gate knows"));
                    }
                    if let Some(known) = rebuilt_array(&versions, |version| Fate::kept_if(is_known(version))) {
                        fit.edits.replace(&versions, known);
                    }
                }
            }
            What::ListTools => {
                let list =
                    message.in_result("tools").filter(Json::is_array).ok_or_else(|| Unfit::bad("it has no list of tools"))?;
                let page = Page::read(&self.actions, message, &list);
                if self.actions.are_pinned() {
                    fit.events = page.events();
                    fit.has_drifted = page.has_drifted();
                    self.open().list.see(page.tools);
                }
                if let Some(rest) = page.rest {
                    fit.edits.replace(&list, rest);
                }
            }
            What::CallTool { .. } => self.remember_task(message),
            What::Read(_) | What::GetTask | What::Listen | What::Other => {}
        }
        Ok(fit)
    }

    /// What a result asks of the client, which only few may.
    fn decide_input(&self, message: &Message<'_>, asked: Asked) -> Result<(), Unfit> {
        let may_ask = matches!(asked.what, What::CallTool { .. } | What::Read(_));
        if let Some(kind) = message.in_result("resultType") {
            let is_known = match kind.as_text().as_deref() {
                Some("complete") => true,
                Some("input_required") => may_ask,
                Some("task") => asked.knows_tasks && matches!(asked.what, What::CallTool { .. }),
                _ => false,
            };
            if !is_known {
                return Err(Unfit::bad("its `resultType` is not one that the client can expect"));
            }
        }
        if asked.what == What::GetTask {
            return Ok(message.top("result").map_or(Ok(()), |task| input::decide_task(&self.actions, &task))?);
        }
        if let Some(requests) = message.in_result("inputRequests") {
            if !may_ask {
                return Err(Unfit::bad("it asks for input, which no answer to this request does"));
            }
            input::decide_all(&self.actions, &requests)?;
        }
        Ok(())
    }

    fn take_out_of_server(&self, message: &Message<'_>, edits: &mut Edits) {
        let Some(capabilities) = message.in_result("capabilities") else { return };
        let (rest, taken_out) = capabilities::of_server(&self.actions, &capabilities);
        if let Some(rest) = rest {
            edits.replace(&capabilities, rest);
        }
        self.open().taken_out.extend(taken_out);
    }

    /// A call that is answered with a task: what is asked about that task belongs to the call.
    fn remember_task(&self, message: &Message<'_>) {
        let of_core = message.in_result("task").and_then(|task| task.get("taskId"));
        let task = of_core.or_else(|| message.in_result("taskId"));
        if let Some(task) = task.and_then(|task| task.as_text()) {
            self.open().server_tasks.remember(&task);
        }
    }

    fn server_request<'l>(&self, message: Message<'l>, id: &Id, method: &str) -> Outcome<'l> {
        let event = |reason| Event::new(Side::Server, reason).with_id(Some(id)).of(method);
        if !self.open().is_legacy {
            return Outcome::dropped(
                event(Reason::Unexpected).because("a server asks nothing before `initialize`, nor in the era without it"),
            );
        }
        let refused =
            |code, said: &str, reason| Outcome::to_server(answer::error(Some(id), code, said)).with(event(reason).because(said));
        match self.decide_asked(&message, method) {
            Err(Unasked::Denied(denial)) => {
                let event = Event::denied(Side::Server, &denial).with_id(Some(id)).of(method);
                Outcome::to_server(denied_to_server(id, method, &denial)).with(event)
            }
            Err(Unasked::Unknown) if method == "elicitation/create" => {
                refused(-32602, "`mode` is neither form nor url", Reason::Malformed)
            }
            Err(Unasked::Unknown) if method == "sampling/createMessage" => {
                refused(-32602, "`tools` are not definitions that every reader understands alike", Reason::Malformed)
            }
            Err(Unasked::Unknown | Unasked::BadCode | Unasked::OwnCode) => {
                refused(answer::NO_SUCH_METHOD, "no server sends this request", Reason::Unexpected)
            }
            Ok(()) => self.admit_asked(message, id, event),
        }
    }

    /// Decides on a request of the server.
    fn decide_asked(&self, message: &Message<'_>, method: &str) -> Result<(), Unasked> {
        self.actions.unless_denied(method)?;
        match method {
            "ping" => Ok(()),
            "sampling/createMessage" | "elicitation/create" | "roots/list" => {
                input::decide(&self.actions, method, message.top("params").as_ref())
            }
            "tasks/get" | "tasks/result" | "tasks/cancel" | "tasks/list" | "tasks/update" => {
                let task = message.param("taskId").and_then(|task| task.as_text());
                if task.is_some_and(|task| self.open().client_tasks.knows(&task)) {
                    Ok(())
                } else {
                    Ok(self.actions.method(method).into_result()?)
                }
            }
            other if genome::mcp::is_method(other) => Err(Unasked::Unknown),
            other => Ok(self.actions.method(other).into_result()?),
        }
    }

    fn admit_asked<'l>(&self, message: Message<'l>, id: &Id, event: impl Fn(Reason) -> Event) -> Outcome<'l> {
        let token = message.param("_meta").and_then(|meta| Id::read(&meta.get("progressToken")?));
        let mut open = self.open();
        if open.to_client.contains_key(id) {
            let said = "the id is that of another request, which is still open";
            return Outcome::to_server(answer::error(None, -32600, said)).with(event(Reason::Malformed).because(said));
        }
        if open.to_client.len() >= MOST_OPEN {
            let said = "too many requests are open at once";
            return Outcome::to_server(answer::error(Some(id), -32603, said)).with(event(Reason::Busy).because(said));
        }
        open.to_client.insert(id.clone(), token);
        drop(open);
        Outcome::to_client(message.into_compact())
    }

    fn server_notification<'l>(&self, message: Message<'l>, method: &str) -> Outcome<'l> {
        match method {
            "notifications/cancelled" => {
                if let Some(id) = message.param("requestId").and_then(|id| Id::read(&id)) {
                    self.open().to_client.remove(&id);
                }
            }
            "notifications/resources/updated" => {
                if let Err(denial) = self.actions.method("resources/read").into_result() {
                    return Outcome::dropped(Event::denied(Side::Server, &denial).of(method));
                }
            }
            "notifications/tasks" | "notifications/tasks/status" => {
                let decided = message.top("params").map_or(Ok(()), |task| input::decide_task(&self.actions, &task));
                match decided.map_err(Unfit::from) {
                    Ok(()) => {}
                    Err(Unfit::Denied(denial)) => return Outcome::dropped(Event::denied(Side::Server, &denial).of(method)),
                    Err(Unfit::Bad(why)) => {
                        return Outcome::dropped(Event::new(Side::Server, Reason::Malformed).of(method).because(why));
                    }
                }
            }
            LIST_CHANGED if self.actions.are_pinned() => {
                let mut outcome = Outcome::to_client(message.into_compact());
                self.list_changed(&mut outcome);
                return outcome;
            }
            "notifications/progress"
            | "notifications/message"
            | LIST_CHANGED
            | "notifications/prompts/list_changed"
            | "notifications/resources/list_changed"
            | "notifications/elicitation/complete"
            | "notifications/subscriptions/acknowledged" => {}
            _ => return Outcome::dropped(Event::new(Side::Server, Reason::Unexpected).of(method)),
        }
        Outcome::to_client(message.into_compact())
    }
}

/// How a server says that its list of tools has changed.
const LIST_CHANGED: &str = "notifications/tools/list_changed";

/// A denial as servers know it from clients.
fn denied_to_server(id: &Id, method: &str, denial: &Denial) -> String {
    match method {
        // The specification's own words.
        "sampling/createMessage" => answer::error(Some(id), -1, "User rejected sampling request"),
        "elicitation/create" => answer::result(id, r#"{"action":"decline"}"#),
        "tasks/get" | "tasks/result" | "tasks/cancel" | "tasks/list" | "tasks/update" => answer::denied(id, answer::DENIED, denial),
        _ => answer::denied(id, answer::NO_SUCH_METHOD, denial),
    }
}
