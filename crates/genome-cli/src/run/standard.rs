//! Refuses a run whose result would be lost, as it was started without a standard stream. Inputs that come through a path or `-` are refused
//! where they are opened ([`genome_files::OpenFile`]).

use crate::{Exit, Failure, Finding, Paint, print};
use genome_files::Stream;

/// What a run reads from a standard stream, or writes there.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    stream: Stream,
    what: &'static str,
    is_only_copy: bool,
    hint: Option<&'static str>,
}

impl Use {
    /// An output that cannot be had again, once it was written to a stream where nobody gets it.
    #[must_use]
    pub fn of_only_copy(stream: Stream, what: &'static str) -> Self {
        Self { stream, what, is_only_copy: true, hint: None }
    }

    /// The result of a run. A user who sends it to `/dev/null` does not want it.
    #[must_use]
    pub fn of(stream: Stream, what: &'static str) -> Self {
        Self { stream, what, is_only_copy: false, hint: None }
    }

    /// Adds the hint, what to do instead.
    #[must_use]
    pub fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Refuses a run in which it would be lost.
    ///
    /// # Errors
    /// It would be.
    pub fn check(self) -> Result<(), Failure> {
        let Self { stream, what, is_only_copy, hint: own_hint } = self;
        let (fault, lost) = match stream {
            Stream::Input => (stream.reading_fault(), format!("from which {what} was to come")),
            Stream::Output | Stream::Error => (stream.writing_fault(), format!("and {what} would be lost")),
        };
        let fault = match fault {
            Some(fault) => fault.to_string(),
            None if is_only_copy && stream.is_discarding_device() => "is a device that keeps nothing".to_owned(),
            None => return Ok(()),
        };
        let hint = match stream {
            Stream::Input => "open it, as with `< FILE`",
            Stream::Output | Stream::Error if is_only_copy => "send it to a file, or to a program that keeps it",
            Stream::Output | Stream::Error => {
                "open it; if nobody wants what is written there, open /dev/null for writing only, as `> /dev/null` does"
            }
        };
        Err(report_stream_fault(stream, &format!("{stream} {fault}, {lost}"), own_hint.unwrap_or(hint)))
    }
}

/// What a command line needs of the standard streams.
pub trait StandardStreams {
    /// The outputs and inputs that the run would lose where a stream is closed.
    fn uses(&self) -> Vec<Use>;
}

/// Returns the failure for a bad stream. It is printed on standard error, or where that is the bad one, on standard output.
#[must_use]
pub fn report_stream_fault(stream: Stream, message: &str, hint: &str) -> Failure {
    let finding = Finding::error(message, hint);
    if stream == Stream::Error {
        // There is nowhere else to complain.
        let _ = print(finding.to_text(Paint::NONE).as_bytes());
        return Failure::silent(Exit::Undecided);
    }
    Failure::undecided(finding)
}
