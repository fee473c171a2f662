use crate::{Exit, Failure, Finding, Stream, Use};
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use genome::json::Value;
use genome_json::text::Printable;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd;

/// Prints a finding on standard error, in colour where a person reads it.
pub fn say(finding: &Finding) {
    note(&finding.to_text(Paint::on(&io::stderr())));
}

/// Prints a remark on standard error, which should end with a line feed. Where it cannot be written it is lost, as what was done is
/// done: `eprintln!` would panic.
pub fn note(text: &str) {
    // One call, so that nothing comes in between.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// A standard stream as the file that it is, for what must not be lost: the standard library's own streams take a descriptor that is
/// not open for writing (EBADF) for a success.
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
/// It cannot be written whole: a result that nobody got is no success.
pub fn print(result: &[u8]) -> Result<(), Failure> {
    Use::of(Stream::Output, "what is printed there").check()?;
    unbuffered(&io::stdout()).and_then(|mut stdout| stdout.write_all(result)).map_err(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // A reader that has seen enough is no news, but still no success.
            return Failure::silent(Exit::Undecided);
        }
        Failure::undecided(Finding::error(
            format!("cannot write to standard output: {error}"),
            "make room, or send the output elsewhere",
        ))
    })
}

/// A value as JSON text in which every character shows: the others are written as escapes.
#[must_use]
pub fn json_text(value: &Value<'_>) -> String {
    visible(value.to_pretty())
}

/// The same on one line, without white space and without a line feed at the end.
#[must_use]
pub fn json_line(value: &Value<'_>) -> String {
    visible(value.to_compact())
}

fn visible(json: String) -> String {
    // Bytes take less time than characters, and there may be millions of escapes.
    let (mut out, mut written, mut start) = (Vec::new(), 0, 0);
    // The line feeds stand between the tokens.
    for line in json.split_inclusive('\n') {
        for (at, character) in Printable(line.trim_end_matches('\n')).escaped() {
            let at = start + at;
            if written < at {
                out.extend_from_slice(json.as_bytes().get(written..at).unwrap_or_default());
            }
            written = at + character.len_utf8();
            for unit in character.encode_utf16(&mut [0; 2]) {
                let digit = |shift| b"0123456789abcdef".get(usize::from(*unit >> shift) & 0xf).copied().unwrap_or_default();
                out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
            }
        }
        start += line.len();
    }
    if written == 0 {
        return json;
    }
    out.extend_from_slice(json.as_bytes().get(written..).unwrap_or_default());
    String::from_utf8(out).unwrap_or_else(|_| unreachable!("whole characters in a row are text"))
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn json_says_the_same_and_all_of_it_shows() {
        let json = "{\n  \"a\": \"##vso[x]##[y] ## z\u{7f}\u{202e}\u{e0001}é\"\n}\n";
        let shown = visible(json.to_owned());
        assert_eq!(shown, "{\n  \"a\": \"#\\u0023vso[x]#\\u0023[y] ## z\\u007f\\u202e\\udb40\\udc01é\"\n}\n");
        assert_eq!(genome::json::parse(shown.as_bytes()), genome::json::parse(json.as_bytes()));
    }
}
