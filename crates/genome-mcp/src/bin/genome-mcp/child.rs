//! The server: a process of our own group, whose standard input and output are ours.

use crate::relay::ServerStreams;
use genome_cli::{Failure, Finding};
use genome_custody::without_secrets;
use genome_json::text::QuotedPath;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{self, Command, Stdio};

/// A server that was started.
#[derive(Debug)]
pub(crate) struct Child {
    process: process::Child,
    pid: Pid,
}

impl Child {
    /// Starts a server. It gets this environment, without what holds a signing key; its standard error is ours, or none. It stays in our group of processes:
    /// a client that ends the group has to reach it.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(command: &[OsString], streams: ServerStreams) -> Result<Self, Failure> {
        let failure = |program: &OsString, error: &dyn std::fmt::Display| {
            let message = format!("the server {} cannot be started: {error}", QuotedPath(program.as_ref()));
            let hint =
                "write the command of the server after `--`, as a path or as the name of a program in PATH; no shell reads it";
            Failure::undecided(Finding::error(message, hint))
        };
        let empty = OsString::new();
        let (program, arguments) = command.split_first().unwrap_or((&empty, &[]));
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(without_secrets()).stdin(streams.input).stdout(streams.output);
        if streams.is_mute {
            command.stderr(Stdio::null());
        }
        let process = command.spawn().map_err(|error| failure(program, &error))?;
        let pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw).ok_or_else(|| failure(program, &"it has no number"))?;
        Ok(Self { process, pid })
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        // It may have ended, and is not waited for yet, so that its number is nobody else's.
        let _ = kill_process(self.pid, Signal::TERM);
    }

    /// Ends it.
    pub(crate) fn kill(&self) {
        let _ = kill_process(self.pid, Signal::KILL);
    }

    /// The exit status for a server that has ended: its own, or 128 and the number of the signal.
    pub(crate) fn status(&mut self) -> i32 {
        match self.process.try_wait() {
            Ok(Some(status)) => status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(2),
            // It was killed, and the system has not let go of it.
            Ok(None) | Err(_) => 128 + Signal::KILL.as_raw(),
        }
    }
}

/// Waits until a server has ended, and leaves it to be waited for.
pub(crate) fn wait_until_ended(pid: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while waitid(WaitId::Pid(pid), options).is_err_and(|error| error == rustix::io::Errno::INTR) {}
}
