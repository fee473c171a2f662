//! Runs a program that signs, for as long as it may take.

use super::{EXEC, Program, ProgramFault};
use crate::environment::without_secrets;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io::{ErrorKind, Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest output: more than any signature or public key takes.
const MOST_OUTPUT: usize = 4096;
const MOST_SAID: usize = 4096;

/// How long to wait for the rest of standard error of a program that has ended: a child of its own may hold it open.
const GRACE: Duration = Duration::from_millis(500);

/// What happens while a program runs.
enum Event {
    /// It ended; nobody has taken its status yet, so its process id is still its own.
    Ended { well: bool },
    /// Its standard output ended, or is longer than it may be.
    Output(Vec<u8>),
    /// Its standard error ended. This is its start.
    Said(Vec<u8>),
}

impl Program {
    /// Runs the program to its end, and returns what it printed. It leads a process group of its own, so that its children end with it.
    ///
    /// By hand, as `process_control` 5.2.0 ends the program alone when its time is over, and not its children, which hold its streams open;
    /// and `process-wrap` 10.0.1 ends its group, but has no limit of time, and reads output without end.
    pub(super) fn run(&self, purpose: &'static str, input: &[u8]) -> Result<Vec<u8>, ProgramFault> {
        let deadline = Instant::now() + self.timeout;
        let mut child = self.start(purpose)?;
        let events = watch(&mut child, input);
        let (mut output, mut said, mut ended) = (None, None, None);
        // After a failure the stream need not be read to its end: a child of the program may hold it open.
        while !(ended == Some(false) || (ended.is_some() && output.is_some())) {
            match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Output(printed)) if printed.len() > MOST_OUTPUT => {
                    end(&mut child);
                    return Err(ProgramFault::TooMuch(self.name.clone()));
                }
                Ok(Event::Output(printed)) => output = Some(printed),
                Ok(Event::Said(text)) => said = Some(text),
                Ok(Event::Ended { well }) => ended = Some(well),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    end(&mut child);
                    let stderr = last_words(said, &events);
                    return Err(ProgramFault::Slow { program: self.name.clone(), seconds: self.timeout.as_secs(), stderr });
                }
            }
        }
        let status = child.wait().map_err(|error| self.not_started(&error))?;
        match output {
            Some(printed) if status.success() => Ok(printed),
            _ => {
                let stderr = last_words(said, &events);
                Err(ProgramFault::Failed { program: self.name.clone(), purpose, status: describe(status), stderr })
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

    fn not_started(&self, error: &std::io::Error) -> ProgramFault {
        ProgramFault::NotStarted { program: self.name.clone(), reason: error.to_string() }
    }
}

/// Feeds a program, and watches it. Threads that wait for a stream which nobody closes end with us.
fn watch(child: &mut Child, input: &[u8]) -> Receiver<Event> {
    let (sender, events) = channel();
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_owned();
        // A program need not read its input.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    if let Some(mut stdout) = child.stdout.take() {
        let sender = sender.clone();
        thread::spawn(move || {
            // The receiver may be gone. The stream stays open until then: the program would end where it is closed.
            let _ = sender.send(Event::Output(start_of(&mut stdout, MOST_OUTPUT + 1)));
        });
    }
    if let Some(mut stderr) = child.stderr.take() {
        let sender = sender.clone();
        thread::spawn(move || {
            let _ = sender.send(Event::Said(start_of(&mut stderr, MOST_SAID)));
            // A program that says more must not wait for somebody who listens.
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        });
    }
    let pid = Pid::from_child(child);
    thread::spawn(move || {
        let status = loop {
            match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Err(rustix::io::Errno::INTR) => {}
                status => break status,
            }
        };
        let well = status.is_ok_and(|status| status.is_some_and(|status| status.exit_status() == Some(0)));
        let _ = sender.send(Event::Ended { well });
    });
    events
}

/// The first bytes of a stream, up to its end or a fault.
fn start_of(stream: &mut impl Read, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.take(most as u64).read_to_end(&mut bytes);
    bytes
}

/// Kills a program and the children that it has in its group.
fn end(child: &mut Child) {
    // Neither fails but where it has ended.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

/// The start of what a program wrote on standard error.
fn last_words(said: Option<Vec<u8>>, events: &Receiver<Event>) -> String {
    let deadline = Instant::now() + GRACE;
    let mut said = said;
    while said.is_none() {
        match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Event::Said(text)) => said = Some(text),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&said.unwrap_or_default()).into_owned()
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "for no reason that the system gives".to_owned(),
    }
}
