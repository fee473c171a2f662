//! Requests of the gate's own: it lists the tools of a server that is held to pins.

use super::actions::Actions;
use super::counts::{CANCELLED, FORWARDED};
use super::denial::Denial;
use super::event::{Event, Reason, Side};
use super::listing::{Failed, Verdict};
use super::open::Open;
use super::outcome::{Outcome, Wait};
use super::revision::Era;
use super::tools::{Page, Shown};
use super::waiting::{Call, Owed, Waiting};
use super::{Gate, answer};
use crate::message::{Id, Message};
use crate::tools_list::{ListFault, ListPage, MOST_CHANGES};
use std::borrow::Cow;

impl Gate {
    /// Whether the genome pins anything of the server. Then a tool can be called only if the server describes it as it is pinned.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.actions.are_pinned()
    }

    /// Whether calls wait until the gate has read the list of tools.
    #[must_use]
    pub fn holds_calls(&self) -> bool {
        !self.open().list.waiting.is_empty()
    }

    /// Whether anything is due to the server, or being written as such.
    #[must_use]
    pub fn owes_server(&self) -> bool {
        self.open().list.due.is_active()
    }

    /// What comes of the next message that had to wait, or is the gate's own. Ask for it after the one before was written, and until there is none: so long, what the
    /// client says comes after it. A call is decided on again, so that it may go to the server, be denied, or wait once more.
    #[must_use]
    pub fn next_due(&self) -> Option<Outcome<'static>> {
        let mut open = self.open();
        let outcome = match open.list.next_due()? {
            Owed::Message(text) => Outcome::to_server(text),
            Owed::Call(waiting) => self.release(&mut open, waiting),
        };
        drop(open);
        Some(self.counter.count(Side::Client, None, outcome))
    }

    /// Calls have waited long enough: those that still wait are denied.
    #[must_use]
    pub fn time_is_up(&self, wait: Wait) -> Outcome<'static> {
        let mut open = self.open();
        let mut outcome = Outcome::default();
        if open.list.turn == wait.0 && !open.list.waiting.is_empty() {
            let why = if open.list.is_asked() {
                "the server did not list its tools in time"
            } else {
                "the client did not say `notifications/initialized` in time"
            };
            open.list.give_up();
            self.deny_waiting(&mut open, why, &mut outcome);
        }
        drop(open);
        self.counter.count(Side::Client, None, outcome)
    }

    /// Lets a call of a pinned tool go, wait, or come to nothing. It is open.
    pub(super) fn hold<'l>(&self, open: &mut Open, id: &Id, call: Call, text: Cow<'l, str>) -> Outcome<'l> {
        let denial = match open.list.decide(&call) {
            Verdict::Good if !open.list.due.is_active() => return Outcome::to_server(text),
            Verdict::Good => {
                let waiting = Waiting { id: id.clone(), call, text: text.into_owned(), changes: 0 };
                mark_as_waiting(open, id, true);
                open.list.due.push(Owed::Call(waiting));
                return Outcome { is_due: true, is_held: true, ..Outcome::default() };
            }
            Verdict::Bad(shown) => bad(&self.actions, &call.tool, shown),
            Verdict::Unknown if call.era == Era::Legacy && !open.is_legacy => {
                self.actions.unseen(&call.tool, "the client calls it before it has begun the session with `initialize`")
            }
            Verdict::Unknown if !open.list.waiting.has_room(&text) => {
                self.actions.unseen(&call.tool, "too many calls wait until the tools of the server are listed")
            }
            Verdict::Unknown => {
                mark_as_waiting(open, id, true);
                let wait = open.list.wait(Waiting { id: id.clone(), call, text: text.into_owned(), changes: 0 }).map(Wait);
                return Outcome { is_due: open.list.due.is_active(), wait, is_held: true, ..Outcome::default() };
            }
        };
        let mut outcome = Outcome::default();
        deny(open, id, &denial, &mut outcome);
        outcome
    }

    /// Lets a call go that is due, if what was known when it became so still holds.
    fn release(&self, open: &mut Open, waiting: Waiting) -> Outcome<'static> {
        let Waiting { id, call, text, changes } = waiting;
        let denial = match open.list.decide(&call) {
            Verdict::Good => {
                mark_as_waiting(open, &id, false);
                self.counter.settled(&call.tool, FORWARDED);
                return Outcome::to_server(text);
            }
            Verdict::Bad(shown) => bad(&self.actions, &call.tool, shown),
            Verdict::Unknown if changes >= MOST_CHANGES => {
                self.actions.unseen(&call.tool, "the list of tools of the server changes again and again")
            }
            Verdict::Unknown => {
                let wait = open.list.wait(Waiting { id, call, text, changes: changes + 1 }).map(Wait);
                return Outcome { is_due: open.list.due.is_active(), wait, ..Outcome::default() };
            }
        };
        let mut outcome = Outcome::default();
        self.deny_held(open, &id, &call, &denial, &mut outcome);
        outcome
    }

    /// The client cancels a call that was not sent on: the server never hears of it.
    pub(super) fn withdraw(&self, open: &mut Open, id: &Id) {
        if let Some(waiting) = open.list.withdraw(id) {
            self.counter.settled(&waiting.call.tool, CANCELLED);
        }
    }

    /// The answer to a request of the gate's own, which the client does not get.
    pub(super) fn own_answer(&self, message: &Message<'_>, id: &Id) -> Outcome<'static> {
        if let Some(outcome) = self.unexpected_own_answer(id) {
            return outcome;
        }
        let read = self.own_page(message);
        let mut outcome = Outcome::default();
        let mut open = self.open();
        let came = read.and_then(|(page, cursor)| {
            outcome.events = page.events();
            open.list.take_page(id, page, message.compact().len(), cursor)
        });
        match came {
            Ok(true) => self.settle(&mut open, &mut outcome),
            Ok(false) => outcome.is_due = open.list.due.is_active(),
            Err(why) => self.fail(&mut open, why, &mut outcome),
        }
        outcome
    }

    /// An answer to a request of the gate's own that is no message.
    pub(super) fn unreadable_own_answer(&self, id: &Id, event: Event) -> Outcome<'static> {
        let mut outcome = Outcome::dropped(event);
        let mut open = self.open();
        if open.list.expects(id) {
            self.fail(&mut open, ListFault::Malformed.as_str(), &mut outcome);
        }
        outcome
    }

    /// The server says that its list has changed.
    pub(super) fn list_changed(&self, outcome: &mut Outcome<'_>) {
        let mut open = self.open();
        match open.list.change() {
            Ok(()) => outcome.is_due = open.list.due.is_active(),
            Err(why) => self.fail(&mut open, why, outcome),
        }
    }

    fn unexpected_own_answer(&self, id: &Id) -> Option<Outcome<'static>> {
        let mut open = self.open();
        if open.list.expects(id) {
            None
        } else if open.list.forgets(id) {
            Some(Outcome::default())
        } else {
            let event = Event::new(Side::Server, Reason::Unexpected).with_id(Some(id));
            Some(Outcome::dropped(event.because("it answers no request that is open")))
        }
    }

    /// A page, and the cursor of the next one, as it is written.
    fn own_page<'m>(&self, message: &'m Message<'_>) -> Result<(Page, Option<&'m str>), Failed> {
        if message.top("error").is_some() {
            return Err("the server answered with an error when it was asked for its tools");
        }
        let ListPage { tools, cursor } = ListPage::read(message).map_err(ListFault::as_str)?;
        Ok((Page::read(&self.actions, message, &tools), cursor))
    }

    /// Decides on the calls that waited, now that the list is known.
    fn settle(&self, open: &mut Open, outcome: &mut Outcome<'_>) {
        outcome.has_drifted |= open.list.whole().is_some_and(|tools| self.actions.have_drifted(tools));
        for (waiting, verdict) in open.list.settled() {
            match verdict {
                Verdict::Bad(shown) => {
                    let Waiting { id, call, .. } = waiting;
                    self.deny_held(open, &id, &call, &bad(&self.actions, &call.tool, shown), outcome);
                }
                Verdict::Good | Verdict::Unknown => open.list.due.push(Owed::Call(waiting)),
            }
        }
        // Calls of the other era.
        open.list.begin();
        outcome.is_due = open.list.due.is_active();
    }

    fn fail(&self, open: &mut Open, why: Failed, outcome: &mut Outcome<'_>) {
        open.list.fail();
        self.deny_waiting(open, why, outcome);
    }

    fn deny_waiting(&self, open: &mut Open, why: Failed, outcome: &mut Outcome<'_>) {
        for Waiting { id, call, .. } in open.list.waiting.take(|_| true) {
            self.deny_held(open, &id, &call, &self.actions.unseen(&call.tool, why), outcome);
        }
        outcome.is_due = open.list.due.is_active();
    }

    /// Denies a call that waited.
    fn deny_held(&self, open: &mut Open, id: &Id, call: &Call, denial: &Denial, outcome: &mut Outcome<'_>) {
        self.counter.settled(&call.tool, denial.reason.as_str());
        deny(open, id, denial, outcome);
    }
}

/// The denial of a call whose tool the server lists otherwise than it is pinned, or not at all.
fn bad(actions: &Actions, tool: &str, shown: Option<Shown>) -> Denial {
    match shown {
        None => actions.unseen(tool, "the server does not list it"),
        Some(Shown::Good(seen)) => actions.changed(tool, Some(seen)),
        Some(Shown::Other(seen)) => actions.changed(tool, seen),
    }
}

/// Notes whether a call that is open still has to be sent on.
fn mark_as_waiting(open: &mut Open, id: &Id, is_waiting: bool) {
    if let Some(asked) = open.to_server.get_mut(id) {
        asked.is_waiting = is_waiting;
    }
}

/// Denies a call that is open.
fn deny(open: &mut Open, id: &Id, denial: &Denial, outcome: &mut Outcome<'_>) {
    if let Some(asked) = open.to_server.remove(id) {
        outcome.to_client.push(answer::denied_request(id, asked.what, asked.era, denial).into());
        outcome.events.push(Event::denied(Side::Client, denial).with_id(Some(id)).of("tools/call"));
    }
}
