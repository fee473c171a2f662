//! Runs a program that signs, for as long as it may take.

use super::streams::Streams;
use super::{EXEC, Program, ProgramFault};
use crate::environment::without_secrets;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io::{self, ErrorKind, PipeReader};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

/// The longest output: more than any signature or public key takes.
const MOST_OUTPUT: usize = 4096;

impl Program {
    /// Runs the program to its end, and returns what it printed until then. What it leaves running may hold its streams open for ever, as a
    /// daemon does that it has started: nobody waits for that, and it goes on. A program whose time is over is ended with all of its group.
    ///
    /// By hand, as `process_control` 5.2.0 ends the program alone when its time is over, and not its children, which hold its streams open;
    /// and `process-wrap` 10.0.1 ends its group, but has no limit of time, and reads output without end.
    pub(super) fn run(&self, purpose: &'static str, input: &[u8]) -> Result<Vec<u8>, ProgramFault> {
        let deadline = Instant::now() + self.timeout;
        let mut child = self.start(purpose)?;
        let outcome = self.attend(&mut child, input, deadline);
        if outcome.is_err() {
            end(&mut child);
        }
        let streams = outcome?;
        let status = child.wait().map_err(|error| self.not_started(&error))?;
        if status.success() {
            return Ok(streams.into_output());
        }
        Err(ProgramFault::Failed { program: self.name.clone(), purpose, status: describe(status), stderr: streams.said() })
    }

    /// Feeds the program and takes what it prints, until it has ended. A program that fails here has not ended, or nobody knows.
    fn attend(&self, child: &mut Child, input: &[u8], deadline: Instant) -> Result<Streams, ProgramFault> {
        let ended = notice_end(child).map_err(|error| self.not_started(&error))?;
        let mut streams = Streams::of(child, input.to_owned(), MOST_OUTPUT).map_err(|error| self.not_started(&error))?;
        loop {
            let has_ended = streams.wait(&ended, deadline).map_err(|error| self.not_started(&error))?;
            // What it wrote before it ended is in the pipes by now.
            streams.transfer();
            if streams.has_too_much() {
                return Err(ProgramFault::TooMuch(self.name.clone()));
            }
            if has_ended {
                streams.take_rest();
                return if streams.has_too_much() { Err(ProgramFault::TooMuch(self.name.clone())) } else { Ok(streams) };
            }
            if Instant::now() >= deadline {
                let seconds = self.timeout.as_secs();
                return Err(ProgramFault::Slow { program: self.name.clone(), seconds, stderr: streams.said() });
            }
        }
    }

    fn start(&self, purpose: &str) -> Result<Child, ProgramFault> {
        let mut command = Command::new(&self.name);
        command.args(&self.arguments).env_clear().envs(without_secrets()).env(EXEC, purpose).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => ProgramFault::NotFound(self.name.clone()),
            _ => self.not_started(&error),
        })
    }

    fn not_started(&self, error: &io::Error) -> ProgramFault {
        ProgramFault::NotStarted { program: self.name.clone(), reason: error.to_string() }
    }
}

/// A pipe that ends when the program has ended. Nobody has taken its status then, so its process id is still its own.
fn notice_end(child: &Child) -> io::Result<PipeReader> {
    let (ended, held) = io::pipe()?;
    let pid = Pid::from_child(child);
    thread::Builder::new().spawn(move || {
        while matches!(waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT), Err(Errno::INTR)) {}
        drop(held);
    })?;
    Ok(ended)
}

/// Kills a program and the children that it has in its group.
fn end(child: &mut Child) {
    // Neither fails but where it has ended.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "for no reason that the system gives".to_owned(),
    }
}
