//! Writing to the standard streams, in colour where that is wanted.

use crate::explanation;
use crate::{Exit, Failure, Finding, Level, Stream, Use};
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use genome::Code;
use genome_json::text::visible_json;
use serde::Serialize;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::sync::OnceLock;

/// The code of the first refusal that this run has said.
static REFUSED: OnceLock<Code> = OnceLock::new();

/// Prints a finding on standard error, in colour where a person reads it.
pub fn say(finding: &Finding) {
    if let (Level::Error, Some(code)) = (finding.level, finding.code) {
        // The first one decides.
        REFUSED.get_or_init(|| code);
    }
    note(&finding.to_text(Paint::on(&io::stderr())));
}

/// Says where the first refusal of this run is explained: one line, and nothing where none was said.
pub(crate) fn point_to_page() {
    if let Some(code) = REFUSED.get() {
        note(&explanation::pointer(*code));
    }
}

/// Prints a remark on standard error, which should end with a line feed. Where it cannot be written it is lost, as what was done is
/// done: `eprintln!` would panic.
pub fn note(text: &str) {
    // One call, so that nothing comes in between.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// A standard stream as a file, for output that must not be lost: the standard library's own streams take a write to a descriptor that is not
/// open for writing (EBADF) for a success.
///
/// # Errors
/// The process has too many files open.
pub fn unbuffered(stream: &impl AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from)
}

/// Whether text for a person is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint(bool);

impl Paint {
    /// Without colour.
    pub const NONE: Self = Self(false);

    /// In colour where this stream is a terminal, by the rules that clap follows too (`NO_COLOR`, `CLICOLOR_FORCE`, `TERM`).
    pub fn on(stream: &impl RawStream) -> Self {
        Self(AutoStream::choice(stream) != ColorChoice::Never)
    }

    /// Whether there is colour.
    #[must_use]
    pub(crate) fn is_on(self) -> bool {
        self.0
    }

    /// The style, or none.
    #[must_use]
    pub fn style(self, style: Style) -> Style {
        if self.0 { style } else { Style::new() }
    }
}

/// Prints a result on standard output, to the byte.
///
/// # Errors
/// It cannot be written whole: a lost result is not a success.
pub fn print(result: &[u8]) -> Result<(), Failure> {
    Use::of(Stream::Output, "what is printed there").check()?;
    unbuffered(&io::stdout()).and_then(|mut stdout| stdout.write_all(result)).map_err(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // A reader that has closed its end is not reported, but it is not a success either.
            return Failure::silent(Exit::Undecided);
        }
        Failure::undecided(Finding::error(
            format!("cannot write to standard output: {error}"),
            "make room, or send the output elsewhere",
        ))
    })
}

/// A value as JSON text in which every character shows: the others are written as escapes. It ends with a line feed.
#[must_use]
pub fn json_text(value: &impl Serialize) -> String {
    let mut json = serde_json::to_string_pretty(value).unwrap_or_else(|_| unreachable!("{WRITTEN}"));
    json.push('\n');
    visible_json(json)
}

/// Such JSON on one line, without white space and without a line feed at the end.
#[must_use]
pub fn json_line(value: &impl Serialize) -> String {
    visible_json(serde_json::to_string(value).unwrap_or_else(|_| unreachable!("{WRITTEN}")))
}

const WRITTEN: &str = "reports are text, numbers, arrays and objects with names";
