//! Writing to the standard streams, and how each of them shows text for a person.

use super::display::is_verbose;
use super::wrap::wrapped;
use crate::explanation;
use crate::{Exit, Failure, Finding, Level, Stream, Use};
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use genome::Code;
use genome_json::text::visible_json;
use rustix::termios::tcgetwinsize;
use serde::Serialize;
use std::borrow::Cow;
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
    tell(&finding.to_text(Paint::on(&io::stderr())));
}

/// Prints a report on standard error, as a [`note`]; on a terminal its lines are wrapped.
pub fn tell(report: &str) {
    note(&Paint::on(&io::stderr()).wrap(report));
}

/// Prints a report on standard output, as a [result](print()); on a terminal its lines are wrapped.
///
/// # Errors
/// As [`print()`].
pub fn show(report: &str) -> Result<(), Failure> {
    print(Paint::on(&io::stdout()).wrap(report).as_bytes())
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

/// The sentence that this program waits for another one, which does this.
pub(crate) fn waiting_for(doing: &str) -> String {
    format!("waiting for another program that {doing}")
}

/// Says on standard error that this program waits for another one, which does this.
pub fn tell_waiting(doing: &str) {
    tell(&format!("{}\n", waiting_for(doing)));
}

/// A standard stream as a file, for output that must not be lost: the standard library's own streams take a write to a descriptor that is not
/// open for writing (EBADF) for a success.
///
/// # Errors
/// The process has too many files open.
pub fn unbuffered(stream: &impl AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from)
}

/// How a stream shows text for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    pub(super) is_coloured: bool,
    /// How many columns a line may have; any number where it goes to no terminal.
    pub(super) columns: Option<usize>,
    pub(super) shortens_ids: bool,
}

impl Paint {
    /// To the letter, as a pipe gets it.
    pub const NONE: Self = Self { is_coloured: false, columns: None, shortens_ids: false };

    /// In colour where this stream is a terminal, or as the command line has it, by the rules that clap follows too (`NO_COLOR`,
    /// `CLICOLOR_FORCE`, `TERM`). On a terminal lines are wrapped, and ids shortened unless all of them are wanted.
    pub fn on(stream: &(impl RawStream + AsFd)) -> Self {
        let is_terminal = stream.is_terminal();
        Self {
            is_coloured: AutoStream::choice(stream) != ColorChoice::Never,
            columns: is_terminal.then(|| columns(stream)),
            shortens_ids: is_terminal && !is_verbose(),
        }
    }

    /// Whether there is colour.
    #[must_use]
    pub(crate) fn is_coloured(self) -> bool {
        self.is_coloured
    }

    /// The style, or none.
    #[must_use]
    pub fn style(self, style: Style) -> Style {
        if self.is_coloured { style } else { Style::new() }
    }

    /// The lines of a report, wrapped to the width of the terminal, so that they can be joined again by the rule that is in the book
    /// (Quoted text).
    #[must_use]
    pub fn wrap(self, report: &str) -> Cow<'_, str> {
        self.columns.map_or(Cow::Borrowed(report), |columns| wrapped(report, columns).into())
    }
}

/// How many columns a line may have on this terminal: all of them, as many as are usual where it does not say, or what can be read well.
fn columns(terminal: &impl AsFd) -> usize {
    const USUAL: u16 = 80;
    const MOST: u16 = 120;
    let known = tcgetwinsize(terminal).ok().map(|size| size.ws_col).filter(|&columns| columns > 0);
    known.unwrap_or(USUAL).min(MOST).into()
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
