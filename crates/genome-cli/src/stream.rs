use crate::{Exit, Failure, Finding};
use anstream::adapter::strip_str;
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use genome::{Printable, json::Value};
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// Prints a finding on standard error, in colour where a person reads it.
pub fn say(finding: &Finding) {
    let text = coloured(finding.to_string(), &io::stderr());
    // There is nowhere else to complain.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints a report for a person on standard output, in colour where a person reads it.
///
/// # Errors
/// As [`print`].
pub fn print_report(report: String) -> Result<(), Failure> {
    print(coloured(report, &io::stdout()).as_bytes())
}

/// The text as this stream gets it: with its colours, or without. It is written in one piece, because each piece is a call of the
/// operating system.
fn coloured(text: String, stream: &impl RawStream) -> String {
    match AutoStream::choice(stream) {
        ColorChoice::Never => strip_str(&text).to_string(),
        _ => text,
    }
}

/// Prints a result on standard output, to the byte.
///
/// # Errors
/// It cannot be written whole: a result that nobody got is no success.
pub fn print(result: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(result).and_then(|()| stdout.flush()).map_err(|error| {
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
    let mut out = String::new();
    for character in value.to_pretty().chars() {
        if character != '\n' && Printable::escapes(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}
