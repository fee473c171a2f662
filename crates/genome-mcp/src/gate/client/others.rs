//! Notifications of the client, and its answers.

use crate::gate::event::{Event, Reason, Side};
use crate::gate::{Gate, Outcome, answer};
use crate::message::{Id, Message};

impl Gate {
    pub(super) fn client_notification<'l>(&self, message: Message<'l>, method: &str) -> Outcome<'l> {
        let is_passed = match method {
            "notifications/initialized" => return self.initialized(message),
            "notifications/roots/list_changed" => true,
            "notifications/cancelled" => match self.cancel(&message) {
                Some(Cancellation::OfWaiting) => return Outcome::default(),
                Some(Cancellation::OfAsked) => true,
                None => false,
            },
            "notifications/progress" => {
                let token = message.param("progressToken").and_then(|token| Id::read(&token));
                let task = message
                    .param("_meta")
                    .and_then(|meta| meta.get("io.modelcontextprotocol/related-task")?.get("taskId")?.as_text());
                let open = self.open();
                token.is_some_and(|token| open.to_client.values().flatten().any(|known| *known == token))
                    || task.is_some_and(|task| open.client_tasks.knows(&task))
            }
            "notifications/tasks/status" => {
                let task = message.param("taskId");
                task.and_then(|task| task.as_text()).is_some_and(|task| self.open().client_tasks.knows(&task))
            }
            _ => false,
        };
        if is_passed {
            return self.open().pass(message.into_compact());
        }
        Outcome::dropped(Event::new(Side::Client, Reason::Unexpected).of(method))
    }

    /// The session has begun. Calls may wait for that.
    fn initialized<'l>(&self, message: Message<'l>) -> Outcome<'l> {
        let mut open = self.open();
        open.list.initialized();
        let text = message.into_compact();
        if open.list.waiting.is_empty() {
            return open.pass(text);
        }
        // In the order of what is due, so that whoever writes that does not overtake this.
        open.list.due.say(text);
        open.list.begin();
        Outcome { is_due: true, ..Outcome::default() }
    }

    /// What the client cancels, if it is a request of its own that is open. From now on it waits for no answer.
    fn cancel(&self, message: &Message<'_>) -> Option<Cancellation> {
        let id = message.param("requestId").and_then(|id| Id::read(&id))?;
        let mut open = self.open();
        let asked = open.to_server.remove(&id)?;
        if asked.is_waiting {
            self.withdraw(&mut open, &id);
            return Some(Cancellation::OfWaiting);
        }
        open.cancelled.remember(id, asked);
        Some(Cancellation::OfAsked)
    }

    pub(super) fn client_answer<'l>(&self, message: Message<'l>, id: &Id) -> Outcome<'l> {
        let event = |reason| Event::new(Side::Client, reason).with_id(Some(id));
        let task = message.in_result("task").and_then(|task| task.get("taskId")?.as_text());
        let mut open = self.open();
        if open.to_client.remove(id).is_none() {
            return Outcome::dropped(event(Reason::Unexpected).because("it answers no request that is open"));
        }
        if let Some(fault) = message.fault_of_names() {
            let said = format!("the client's answer is refused: {fault}");
            return Outcome::to_server(answer::error(Some(id), -32603, &said)).with(event(Reason::Malformed).because(&said));
        }
        if let Some(task) = task {
            open.client_tasks.remember(&task);
        }
        open.pass(message.into_compact())
    }
}

/// A request that is cancelled.
enum Cancellation {
    /// The server has it.
    OfAsked,
    /// It waits, and the server never hears of it.
    OfWaiting,
}
