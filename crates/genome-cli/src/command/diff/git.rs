//! The interface to git: gitattributes(5), "Defining an external diff driver" and "Performing text diffs of binary files".

use super::facts::facts;
use crate::input::Input;
use crate::{Exit, Failure, Finding, Paint, ShownIds, Source, counted_changes, listed_changes, print, show};
use genome::Document;
use genome::change::Change;
use genome_json::holds_private_key;
use genome_json::text::{BarePath, Field, Printable, QuotedPath};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Takes the place of a line that holds a private key.
const HIDDEN: &[u8] = b"[a private key, not shown]\n";

/// The first line before a text that is not a genome: no text of one starts with it.
const NO_GENOME: &[u8] = b"no genome, but this text:\n";

/// Shows the difference between two versions of a file: the path, then file, object and mode of each, and the new path of one that was
/// moved. Git takes any exit status but 0 for trouble with this program, so that nothing more would be shown.
pub(crate) fn drive(given: &[PathBuf]) -> Result<Exit, Failure> {
    let text = match given {
        [path] => format!("genome-diff {}\n  not merged yet\n", BarePath(path)),
        [path, old, _, _, new, _, _, moved @ ..] => {
            let to = moved.first().unwrap_or(path);
            let difference = between(old, new).unwrap_or_else(|failure| {
                let (message, hint, _) = failure.said();
                format!("  cannot be compared: {}\n  {}\n", Printable(&message), Printable(&hint))
            });
            format!("genome-diff {} {}\n{difference}", BarePath(path), BarePath(to))
        }
        _ => {
            let hint = "let git call it, as the book says (Genomes in git)";
            return Err(Failure::undecided(Finding::error("these are not the arguments of an external diff of git", hint)));
        }
    };
    show(&text)?;
    Ok(Exit::Done)
}

/// The differences of two versions, or the contents of the only one.
fn between(old: &Path, new: &Path) -> Result<String, Failure> {
    let (old, new) = (version(old)?, version(new)?);
    let old = old.as_ref().map(Input::document).transpose()?;
    let new = new.as_ref().map(Input::document).transpose()?;
    Ok(match (old, new) {
        (Some(from), Some(to)) => {
            let changes = Change::in_meaning_between(from.unverified(), to.unverified());
            let paint = Paint::on(&io::stdout());
            format!("{}{}\n", listed_changes(&changes, paint, &ShownIds::on(paint), usize::MAX), counted_changes(&changes))
        }
        (from, to) => marked('-', from.as_ref()) + &marked('+', to.as_ref()),
    })
}

/// A version of the file; `None` where git says that it is not there.
fn version(path: &Path) -> Result<Option<Input>, Failure> {
    (path.as_os_str() != "/dev/null").then(|| Input::read(Source::File(path.to_owned()))).transpose()
}

/// The contents of a genome, as lines that are all new, or all gone.
fn marked(mark: char, document: Option<&Document<'_>>) -> String {
    document.map(facts).iter().flat_map(|facts| facts.lines()).fold(String::new(), |mut out, line| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {mark} {line}");
        out
    })
}

/// Prints the contents of a genome as lines. For a text that is not a genome it says so and prints the text, so that git can compare it. A
/// line with a private key is not printed: the output of git is kept in logs.
pub(crate) fn textconv(path: &Path) -> Result<Exit, Failure> {
    let bytes = Source::File(path.to_owned()).read()?;
    match Document::read(&bytes) {
        Ok(document) => print(facts(&document).as_bytes())?,
        // Otherwise this text could be that of a genome, and git would show no difference between the two.
        Err(_) => print(&[NO_GENOME, shown(&without_keys(&bytes)).as_bytes()].concat())?,
    }
    Ok(Exit::Done)
}

/// Lines of a stranger, none of which begins a line of ours, and each of which can be parsed back.
fn shown(text: &[u8]) -> String {
    let end = if text.is_empty() || text.ends_with(b"\n") { "" } else { "without a line feed at its end\n" };
    let lines = text.strip_suffix(b"\n").unwrap_or(text).split(|&byte| byte == b'\n');
    let shown = lines.fold(String::new(), |mut out, line| {
        // Writing to a string does not fail.
        let _ = match std::str::from_utf8(line) {
            Ok(line) => writeln!(out, "  {}", Field(line)),
            Err(_) => writeln!(out, "  {}", QuotedPath(Path::new(OsStr::from_bytes(line)))),
        };
        out
    });
    shown + end
}

/// A text without the lines that hold a private key. In PEM that is all from the first of them to the end of the block (RFC 7468).
fn without_keys(text: &[u8]) -> Vec<u8> {
    let mut is_inside = false;
    let mut shown = |line| {
        let text = String::from_utf8_lossy(line);
        let is_hidden = is_inside || holds_private_key(&text);
        is_inside = is_hidden && (is_inside || text.contains("-----BEGIN ")) && !text.contains("-----END ");
        if is_hidden { HIDDEN } else { line }
    };
    text.split_inclusive(|&byte| byte == b'\n').flat_map(&mut shown).copied().collect()
}
