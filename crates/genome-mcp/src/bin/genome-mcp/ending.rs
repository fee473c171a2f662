//! The end: who may end first, and how long the server has.

use crate::child::{Child, wait_until_ended};
use genome_cli::is_ignored;
use nix::sys::signal::Signal;
use signal_hook::iterator::Signals;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// How long the last words of a server that has ended are waited for, if its client has asked for the end: a process that it started may hold the stream.
const LAST: Duration = Duration::from_millis(400);

/// Something that ends the run, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// The client has closed the connection, or takes nothing more.
    ClientEnded,
    /// The server takes nothing more.
    ServerDeaf,
    /// The server has closed its output, and all of it was sent on.
    ServerSilent,
    /// The server has ended.
    ServerEnded,
    /// The gate was told to end.
    Told,
}

/// How long a server has to end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// After its input was closed.
    pub(crate) before_term: Duration,
    /// After SIGTERM.
    pub(crate) before_kill: Duration,
}

/// Starts to wait for signals, and for the end of the server.
pub(crate) fn watch(child: &Child, happened: &Sender<Happened>) -> io::Result<()> {
    let wanted = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]
        .into_iter()
        .filter(|signal| *signal != Signal::SIGHUP || !is_ignored(*signal));
    let mut signals = Signals::new(wanted.map(|signal| signal as i32))?;
    let (told, ended) = (happened.clone(), happened.clone());
    Builder::new().name("signals".to_owned()).spawn(move || {
        // Nobody may wait any more, here and below.
        for _ in signals.forever() {
            let _ = told.send(Happened::Told);
        }
    })?;
    let pid = child.pid();
    Builder::new().name("server".to_owned()).spawn(move || {
        wait_until_ended(pid);
        let _ = ended.send(Happened::ServerEnded);
    })?;
    Ok(())
}

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    InputClosed,
    Terminated,
    Killed,
}

/// Waits for the end, and sees to it: the server's input is closed; then SIGTERM; then SIGKILL. Returns the exit status.
pub(crate) fn wait(child: &mut Child, events: &Receiver<Happened>, patience: Patience, close_input: impl Fn()) -> i32 {
    let (mut stage, mut deadline) = (Stage::Running, None::<Instant>);
    let (mut has_ended, mut is_silent) = (false, false);
    while !(has_ended && is_silent) {
        let happened = match deadline {
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => events.recv_timeout(deadline.saturating_duration_since(Instant::now())),
        };
        match happened {
            Ok(Happened::ServerEnded) => {
                has_ended = true;
                // Without a client, what the server leaves running is not waited for.
                deadline = deadline.map(|_| Instant::now() + LAST);
            }
            Ok(happened) => {
                is_silent |= happened == Happened::ServerSilent;
                if stage == Stage::Running {
                    close_input();
                    stage = Stage::InputClosed;
                    deadline = Some(Instant::now() + if has_ended { LAST } else { patience.before_term });
                }
            }
            Err(RecvTimeoutError::Timeout) => match stage {
                _ if has_ended => break,
                Stage::Running | Stage::InputClosed => {
                    child.terminate();
                    (stage, deadline) = (Stage::Terminated, Some(Instant::now() + patience.before_kill));
                }
                Stage::Terminated => {
                    child.kill();
                    (stage, deadline) = (Stage::Killed, Some(Instant::now() + LAST));
                }
                Stage::Killed => break,
            },
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    child.status()
}
