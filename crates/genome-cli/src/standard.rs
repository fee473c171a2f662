//! The standard streams with which a program was started.
//!
//! Before `main`, the standard library opens `/dev/null` in the place of one that is closed, so that no file gets its number: for reading and
//! writing, while a shell's redirection opens it for one of them. What is written there is lost, and what is read from there was never given.
//! Some programs start others with just that on purpose (`subprocess.DEVNULL` of Python, `ignore` of Node, daemon(3)), and nothing tells it
//! apart. So only a run that loses something by it refuses to go on.

use crate::{Exit, Failure, Finding, Paint, print};
use rustix::fs::{OFlags, fcntl_getfl, fstat, stat};
use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What a run reads from a standard stream, or writes there.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    stream: Stream,
    what: &'static str,
    is_only_copy: bool,
    hint: Option<&'static str>,
}

impl Use {
    /// What cannot be had again, once it was written to a stream where nobody gets it.
    #[must_use]
    pub fn of_only_copy(stream: Stream, what: &'static str) -> Self {
        Self { stream, what, is_only_copy: true, hint: None }
    }

    /// What a run is for. Whoever sends it to `/dev/null` says that nobody wants it.
    #[must_use]
    pub fn of(stream: Stream, what: &'static str) -> Self {
        Self { stream, what, is_only_copy: false, hint: None }
    }

    /// A document that comes from standard input, if one of these paths says so.
    pub fn of_input<'p>(mut paths: impl Iterator<Item = &'p Path>) -> Option<Self> {
        let is_stdin =
            |path: &Path| ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|stdin| path.as_os_str() == *stdin);
        paths.any(is_stdin).then(|| Self::of(Stream::Input, "the document"))
    }

    /// The same, with what to do instead.
    #[must_use]
    pub fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Refuses to go on where it would be lost.
    ///
    /// # Errors
    /// It would be.
    pub fn check(self) -> Result<(), Failure> {
        let Self { stream, what, is_only_copy, hint } = self;
        let (fault, usual) = match stream.fault() {
            Some(fault) => (fault, stream.hint()),
            None if is_only_copy && stream.is_null() => ("is /dev/null", "send it to a file, or to a program that keeps it"),
            None => return Ok(()),
        };
        Err(stream.refuse(&format!("{stream} {fault}, {}", stream.lost(what)), hint.unwrap_or(usual)))
    }
}

/// What a command line needs of the standard streams.
pub trait StandardStreams {
    /// What the run would lose where a stream is closed.
    fn uses(&self) -> Vec<Use>;
}

impl Stream {
    /// Why nothing can come from there, or get there: the program was started with the stream closed, or open in the other direction only,
    /// which the standard library takes for the end of the input, and for a success.
    fn fault(self) -> Option<&'static str> {
        let Ok(flags) = self.with(|fd| fcntl_getfl(fd)) else { return Some("is closed") };
        match (flags & OFlags::RWMODE, self) {
            (OFlags::RDWR, _) if self.is_null() => Some("is closed"),
            (OFlags::WRONLY, Self::Input) => Some("is not open for reading"),
            (OFlags::RDONLY, Self::Output | Self::Error) => Some("is not open for writing"),
            _ => None,
        }
    }

    /// Whether it is `/dev/null`, however it was opened.
    fn is_null(self) -> bool {
        let Ok(null) = stat("/dev/null") else { return false };
        self.with(|fd| fstat(fd)).is_ok_and(|own| (own.st_mode, own.st_rdev) == (null.st_mode, null.st_rdev) && own.st_rdev != 0)
    }

    fn with<T>(self, look: impl Fn(BorrowedFd<'_>) -> T) -> T {
        match self {
            Self::Input => look(io::stdin().as_fd()),
            Self::Output => look(io::stdout().as_fd()),
            Self::Error => look(io::stderr().as_fd()),
        }
    }

    /// Refuses, and says so on standard error, or where that is the stream that is missing, on standard output.
    pub(crate) fn refuse(self, message: &str, hint: &str) -> Failure {
        let finding = Finding::error(message, hint);
        if self == Self::Error {
            // There is nowhere else to complain.
            let _ = print(finding.to_text(Paint::NONE).as_bytes());
            return Failure::silent(Exit::Undecided);
        }
        Failure::undecided(finding)
    }

    fn lost(self, what: &str) -> String {
        match self {
            Self::Input => format!("from which {what} was to come"),
            Self::Output | Self::Error => format!("and {what} would be lost"),
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Input => "open it, as with `< FILE`, or name a file instead of `-`",
            Self::Output | Self::Error => {
                "open it; who does not want what is written there opens /dev/null for writing alone, as a shell does with `>`"
            }
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Input => "standard input",
            Self::Output => "standard output",
            Self::Error => "standard error",
        })
    }
}
