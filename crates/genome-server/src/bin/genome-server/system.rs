//! The process and its system: systemd, file descriptors, signals.
//!
//! All of it is done by libraries: `sd-notify`, `rustix`, `tokio`.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sd_notify::NotifyState;
use std::io;
use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::warn;

/// How many files are open besides the connections: those of the runtime, the log, the genome.
const OTHER_FILES: u64 = 64;

/// Notifies systemd, where it runs.
pub(crate) fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn!(message = "systemd cannot be told", %error);
    }
}

/// Raises the limit of open files for this many connections, if it may.
pub(crate) fn raise_file_limit(connections: u64) {
    let needed = connections + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return;
    }
    let current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
    if setrlimit(Resource::Nofile, Rlimit { current, ..limit }).is_err() || current < Some(needed) {
        let hint = "raise the limit of open files (LimitNOFILE), or lower --max-connections";
        warn!(message = "fewer connections can be open at once than --max-connections says", hint);
    }
}

/// The signals that tell a server to end.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(crate) async fn next(&mut self) -> &'static str {
        select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
