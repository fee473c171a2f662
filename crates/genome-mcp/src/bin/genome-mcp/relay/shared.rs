//! What the threads of the relay share, and what each of them does.

use crate::ending::Happened;
use crate::lines::{Line, Lines};
use crate::log::Log;
use crate::metrics::Measured;
use crate::patience::{Alarm, Patient};
use crate::speaker::Speaker;
use genome_mcp::{Gate, Outcome, Side};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, PipeWriter, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::sync::{Condvar, Mutex, PoisonError};

/// What the thread that writes to the server is told.
#[derive(Debug)]
pub(super) enum Said {
    /// An answer.
    Answer(String),
    /// More is due.
    Due,
}

/// What the threads share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) gate: Gate,
    pub(super) log: Log,
    pub(super) measured: Measured,
    pub(super) ends_on_drift: bool,
    /// Whether the session ends because the server is not what was signed. Nothing that it says after that reaches the client.
    pub(super) has_drifted: AtomicBool,
    pub(super) alarm: Alarm,
    /// Held by the thread that writes what is due, so that it stays in its order.
    pub(super) due: Mutex<()>,
    /// Tells whoever waits for it that perhaps no call waits any more.
    pub(super) settled: (Mutex<()>, Condvar),
    pub(super) client: Speaker<File>,
    pub(super) server: Speaker<PipeWriter>,
    pub(super) happened: Sender<Happened>,
}

impl Shared {
    fn tell(&self, happened: Happened) {
        // Nobody waits any more at the very end.
        let _ = self.happened.send(happened);
    }

    pub(super) fn relay_client(&self, mut lines: Lines<impl Read>) {
        loop {
            let outcome = match lines.next() {
                Ok(Line::Whole(line)) => self.measured.time(Side::Client, || self.gate.from_client(line)),
                Ok(Line::TooLong(passing)) => self.gate.oversized_from_client(&passing),
                Ok(Line::End) | Err(_) => break,
            };
            self.note(&outcome);
            self.say_to_server(&outcome);
            if outcome.is_due {
                self.say_due();
            }
            if self.say_to_client(&outcome.to_client).is_err() {
                break;
            }
        }
        self.settle();
        self.tell(Happened::ClientEnded);
    }

    /// Waits until no call waits for the list of tools: the client has said all, and may still hear the answers.
    fn settle(&self) {
        let (turn, settled) = &self.settled;
        let mut turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        while self.gate.holds_calls() || self.gate.owes_server() {
            turn = settled.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn tell_settled(&self) {
        let (turn, settled) = &self.settled;
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        settled.notify_all();
    }

    pub(super) fn relay_server(&self, mut lines: Lines<impl Read>, answers: &SyncSender<Said>) {
        loop {
            let outcome = match lines.next() {
                _ if self.has_drifted.load(Ordering::Relaxed) => break,
                Ok(Line::Whole(line)) => self.measured.time(Side::Server, || self.gate.from_server(line)),
                Ok(Line::TooLong(passing)) => self.gate.oversized_from_server(&passing),
                Ok(Line::End) | Err(_) => break,
            };
            let had_drifted = self.has_drifted.load(Ordering::Relaxed);
            self.note(&outcome);
            if had_drifted {
                break;
            }
            if self.say_to_client(&outcome.to_client).is_err() {
                self.tell(Happened::ClientDeaf);
                break;
            }
            if outcome.to_server.is_some_and(|answer| answers.try_send(Said::Answer(answer.into_owned())).is_err()) {
                self.log.count_lost();
            }
            if outcome.is_due {
                remind(answers);
            }
            if self.gate.is_pinned() {
                self.tell_settled();
            }
        }
        // Nothing more comes: whoever waits must know.
        let _ = self.gate.close().iter().try_for_each(|message| self.client.say(message));
        self.tell_settled();
        self.tell(Happened::ServerSilent);
    }

    pub(super) fn answer_server(&self, answers: &Receiver<Said>) {
        for said in answers {
            if let Said::Answer(answer) = said {
                // A server that takes no answers is known by what it is sent.
                let _ = self.server.say(&answer);
            }
            self.say_due();
        }
    }

    /// Denies calls that have waited long enough.
    pub(super) fn lose_patience(&self, patient: &Patient, answers: &SyncSender<Said>) {
        while let Some(wait) = patient.next() {
            let outcome = self.gate.time_is_up(wait);
            self.note(&outcome);
            // One that takes nothing is known by what it is sent.
            let _ = self.say_to_client(&outcome.to_client);
            if outcome.is_due {
                remind(answers);
            }
            self.tell_settled();
        }
    }

    /// Writes what is due to the server, in its order.
    fn say_due(&self) {
        let _turn = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(outcome) = self.gate.next_due() {
            self.note(&outcome);
            self.say_to_server(&outcome);
            // One that takes nothing is known by what it is sent.
            let _ = self.say_to_client(&outcome.to_client);
        }
        self.tell_settled();
    }

    fn say_to_client(&self, messages: &[Cow<'_, str>]) -> io::Result<()> {
        messages.iter().try_for_each(|message| self.client.say(message))
    }

    fn say_to_server(&self, outcome: &Outcome<'_>) {
        if outcome.to_server.as_ref().is_some_and(|message| self.server.say(message).is_err()) {
            // What is open is answered when its output ends, which is soon.
            self.tell(Happened::ServerDeaf);
        }
    }

    /// Logs what came of a message, and notes when calls begin to wait, and that the server is not what was signed.
    fn note(&self, outcome: &Outcome<'_>) {
        outcome.events.iter().for_each(|event| self.log.write(event));
        if let Some(wait) = outcome.wait {
            self.alarm.set(wait);
        }
        if self.ends_on_drift && outcome.has_drifted && !self.has_drifted.swap(true, Ordering::Relaxed) {
            self.log.tell("drifted");
            // Nothing more reaches the server.
            self.server.close();
            self.tell(Happened::Drifted);
        }
    }
}

/// Has what is due written. Where there is no room for that, what is there is written first, and what is due after it.
fn remind(answers: &SyncSender<Said>) {
    let _ = answers.try_send(Said::Due);
}
