//! The end: who may end first, and how long the server has.

use crate::child::{Child, wait_until_ended};
use crate::relay::Relay;
use genome_cli::is_ignored;
use nix::sys::signal::Signal;
use rustix::process::Pid;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// How long nothing may happen before the last words of a server that has ended are no longer waited for: a process that it started may hold the stream.
const LAST: Duration = Duration::from_millis(400);

/// Something that ends the run, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// The client has closed the connection; some of what it said may still be read.
    ClientGone,
    /// All that the client said is decided on.
    ClientEnded,
    /// The client takes nothing more.
    ClientDeaf,
    /// The server takes nothing more.
    ServerDeaf,
    /// The server has closed its output, and all of it was sent on.
    ServerSilent,
    /// The server has ended.
    ServerEnded,
    /// The gate was told to end.
    Told,
    /// The server is not what was signed, and the session is to end.
    Drifted,
}

/// How long a server has to end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// After its input was closed.
    pub(crate) before_term: Duration,
    /// After SIGTERM.
    pub(crate) before_kill: Duration,
}

/// Starts to wait for signals, and for the end of a server, whose number is awaited.
pub(crate) fn watch<E: From<Happened> + Send + 'static>(happened: &Sender<E>) -> io::Result<Sender<Pid>> {
    let wanted = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]
        .into_iter()
        .filter(|signal| *signal != Signal::SIGHUP || !is_ignored(*signal));
    let mut signals = Signals::new(wanted.map(|signal| signal as i32))?;
    let (told, ended) = (happened.clone(), happened.clone());
    Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            // Where there is no server, nobody waits, and the signal ends the gate.
            if told.send(Happened::Told.into()).is_err() {
                let _ = emulate_default_handler(signal);
            }
        }
    })?;
    let (started, pids) = channel();
    Builder::new().name("server".to_owned()).spawn(move || {
        for pid in pids {
            wait_until_ended(pid);
            // Nobody may wait any more.
            let _ = ended.send(Happened::ServerEnded.into());
        }
    })?;
    Ok(started)
}

/// The exit status of a session that has ended because the server is not what was signed.
const DRIFTED: i32 = 1;

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    /// The client is gone, and the server may still take what it said.
    ClientGone,
    InputClosed,
    Terminated,
    Killed,
}

/// Waits for the end, and sees to it: the server's input is closed; then SIGTERM; then SIGKILL. Returns the exit status.
pub(crate) fn wait(child: &mut Child, events: &Receiver<Happened>, patience: Patience, relay: &mut Relay) -> i32 {
    let mut ending = Ending {
        child,
        relay,
        patience,
        stage: Stage::Running,
        deadline: None,
        steps: 0,
        moved: Instant::now(),
        told: None,
        is_client_leaving: false,
        has_ended: false,
        is_silent: false,
        is_heard: false,
        has_drifted: false,
    };
    while !(ending.has_ended && ending.is_silent && ending.is_heard) {
        let happened = match ending.deadline {
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => events.recv_timeout(deadline.saturating_duration_since(Instant::now())),
        };
        let goes_on = match happened {
            Ok(happened) => ending.take(happened),
            Err(RecvTimeoutError::Timeout) => ending.lose_patience(),
            Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
        };
        if goes_on.is_break() {
            break;
        }
    }
    let has_drifted = ending.has_drifted;
    let status = child.status();
    if has_drifted { DRIFTED } else { status }
}

/// A run that may be ending.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, in any order")]
struct Ending<'r> {
    child: &'r Child,
    relay: &'r mut Relay,
    patience: Patience,
    stage: Stage,
    deadline: Option<Instant>,
    /// What the server had taken, or once it has ended what the client had, when this was last looked at; and since when it is that.
    steps: u64,
    moved: Instant,
    /// When the gate was told to end.
    told: Option<Instant>,
    is_client_leaving: bool,
    has_ended: bool,
    is_silent: bool,
    is_heard: bool,
    has_drifted: bool,
}

impl Ending<'_> {
    fn take(&mut self, happened: Happened) -> ControlFlow<()> {
        self.look();
        if happened == Happened::Told {
            self.told.get_or_insert_with(Instant::now);
        }
        self.is_client_leaving |=
            matches!(happened, Happened::ClientGone | Happened::ClientEnded | Happened::ClientDeaf | Happened::Told);
        match happened {
            Happened::ClientGone if self.stage == Stage::Running => {
                self.stage = Stage::ClientGone;
                self.wait(self.patience.before_term / 2);
            }
            Happened::ClientGone => {}
            Happened::ServerEnded => {
                self.has_ended = true;
                self.moved = Instant::now();
            }
            happened => {
                self.has_drifted |= happened == Happened::Drifted;
                self.is_heard |= matches!(happened, Happened::ClientEnded | Happened::ClientDeaf);
                self.is_silent |= happened == Happened::ServerSilent;
                self.close_input(self.patience.before_term);
            }
        }
        if self.has_ended {
            self.wait(LAST);
            if self.is_silent {
                // It may have asked for more, and has to know that nobody answers.
                self.relay.stop_client();
            }
        }
        ControlFlow::Continue(())
    }

    fn lose_patience(&mut self) -> ControlFlow<()> {
        self.look();
        if self.has_ended {
            return self.leave();
        }
        match self.stage {
            Stage::Running => self.deadline = None,
            // Calls that wait for the list of tools do so for a time of their own.
            Stage::ClientGone if self.relay.holds_calls() => self.wait(self.patience.before_term / 2),
            Stage::ClientGone => {
                let half = self.patience.before_term / 2;
                match half.checked_sub(self.moved.elapsed()).filter(|left| !left.is_zero()) {
                    Some(left) => self.wait(left),
                    // It takes nothing.
                    None => self.close_input(half),
                }
            }
            Stage::InputClosed => {
                self.child.terminate();
                self.stage = Stage::Terminated;
                self.wait(self.patience.before_kill);
            }
            Stage::Terminated => {
                self.child.kill();
                self.stage = Stage::Killed;
                self.wait(LAST);
            }
            // The system has not let go of it.
            Stage::Killed => return self.leave(),
        }
        ControlFlow::Continue(())
    }

    /// Goes on without a server, when nothing has happened for a while: first what it has said is read, then it is over.
    fn leave(&mut self) -> ControlFlow<()> {
        let longest = self.patience.before_term + self.patience.before_kill;
        let limit = match (self.relay.is_client_behind(), self.is_client_leaving) {
            (false, _) => LAST,
            (true, true) => longest,
            // It takes what it was sent, or it goes.
            (true, false) => Duration::MAX,
        };
        // What the server has left behind may go on for ever.
        if self.moved.elapsed() >= limit || self.told.is_some_and(|told| told.elapsed() >= longest) {
            if !self.relay.hears_server() {
                return ControlFlow::Break(());
            }
            self.relay.close_server();
            self.relay.stop_server();
            self.moved = Instant::now();
        }
        self.wait(LAST);
        ControlFlow::Continue(())
    }

    fn close_input(&mut self, patience: Duration) {
        if matches!(self.stage, Stage::Running | Stage::ClientGone) {
            self.relay.close_server();
            self.stage = Stage::InputClosed;
            self.wait(patience);
        }
    }

    /// Sees whether anything was taken.
    fn look(&mut self) {
        let steps = if self.has_ended { self.relay.told() } else { self.relay.taken() };
        if steps != self.steps {
            (self.steps, self.moved) = (steps, Instant::now());
        }
    }

    fn wait(&mut self, patience: Duration) {
        self.deadline = Some(Instant::now() + patience);
    }
}
