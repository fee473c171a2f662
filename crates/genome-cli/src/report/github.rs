//! Findings as workflow commands of GitHub Actions, which shows them beside the files.
//!
//! By hand, as `actions-rs` 0.1.2 was tried: it escapes `%` and line breaks, `:` and `,`, and nothing else that does not show or that is a
//! command to another CI system (`##[`). It counts no annotations either.

use super::places::{Places, Repository, Single};
use crate::{Finding, Level, Source};
use genome_json::holds_private_key;
use genome_json::text::{BarePath, Printable, QuotedPath};
use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::path::Path;

/// How many of each level GitHub shows for a step; it drops the others without a word.
const MOST: usize = 10;

/// The findings of a whole run as annotations: one for each fault, at most ten of a level. Of each level the
/// [gravest](Finding::gravity) stay, in their order; where there are more, the last of the ten says how many.
#[must_use]
pub fn annotations<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> String {
    annotations_in(Repository::of_environment(), findings)
}

fn annotations_in<'f>(repository: Repository, findings: impl IntoIterator<Item = &'f Finding>) -> String {
    let mut commands: Vec<Single<'_>> = findings.into_iter().flat_map(Single::all_of).collect();
    let mut places = Places::in_repository(repository);
    let mut out = String::new();
    let mut counts = HashMap::new();
    for command in &commands {
        *counts.entry(command.finding.level).or_insert(0) += 1;
    }
    if counts.values().any(|&count| count > MOST) {
        commands.sort_by_key(|command| command.finding.gravity());
    }
    let mut seen = HashMap::new();
    for command in &commands {
        let level = command.finding.level;
        let count = counts.get(&level).copied().unwrap_or_default();
        let seen: &mut usize = seen.entry(level).or_default();
        *seen += 1;
        if *seen < MOST || count == MOST && *seen == MOST {
            write(command, &mut out, &mut places);
        } else if *seen == MOST {
            let more = count + 1 - MOST;
            // Writing to a string does not fail.
            let _ = writeln!(
                out,
                "::{} ::{more} more of this level are not shown (help: the human format shows all of them)",
                word(level)
            );
        }
    }
    out
}

/// Writes one annotation.
fn write(single: &Single<'_>, out: &mut String, places: &mut Places) {
    let Single { finding, pointer, message, hint } = single;
    let (mut properties, mut place) = (Vec::new(), String::new());
    // Standard input is no file that anything could be shown beside.
    if let Some(Source::File(path)) = &finding.file {
        let relative = places.relative(path);
        if let Some(file) = property(&relative) {
            properties.push(format!("file={file}"));
            if let Some((line, column)) = places.position(path, single) {
                properties.push(format!("line={line},col={column}"));
            }
        } else {
            place = format!("{}: ", QuotedPath(&relative));
        }
    }
    if let Some(code) = finding.code {
        properties.push(format!("title={code}"));
    }
    if !pointer.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(place, "{}: ", BarePath(pointer.as_ref()));
    }
    let help = if finding.level == Level::Notice { "" } else { "help: " };
    let _ = write!(out, "::{} {}::", word(finding.level), properties.join(","));
    let _ = writeln!(Data(out), "{place}{} ({help}{})", Printable(message), Printable(hint));
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    }
}

/// Writes text as the runner reads it. It knows no escape but its own, and line feeds are [escaped](Printable) with all that does not show.
struct Data<'o>(&'o mut String);

impl fmt::Write for Data<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (index, piece) in text.split('%').enumerate() {
            self.0.push_str(if index > 0 { "%25" } else { "" });
            self.0.push_str(piece);
        }
        Ok(())
    }
}

/// A path to the letter, as the runner decodes it (`@actions/core`, `escapeProperty`), so that the file is found. `None` where that is not
/// safe to print: where anything but a line break does not show, or it holds a command to another CI system, or a private key.
fn property(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| !holds_private_key(text))?;
    let is_unsafe = |character| character == '#' || (Printable::escapes(character) && !matches!(character, '\r' | '\n'));
    if Printable(text).escaped().any(|(_, character)| is_unsafe(character)) {
        return None;
    }
    let escapes = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")];
    Some(escapes.iter().fold(text.to_owned(), |text, (character, escape)| text.replace(character, escape)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome::Code;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    fn annotation(finding: &Finding) -> String {
        annotations_in(Repository::none(), [finding])
    }

    #[test]
    fn what_a_file_says_cannot_become_a_command() {
        let finding = Finding { pointer: "/na\n::error::x".to_owned(), ..Finding::error("100%", "none") }.at("a,b:c.json");
        assert_eq!(annotation(&finding), "::error file=a%2Cb%3Ac.json::`/na\\u{a}::error::x`: 100%25 (help: none)\n");
    }

    #[test]
    fn a_path_stands_to_the_letter_or_in_the_message() {
        for (path, shown) in [
            ("a b/\u{e9}`'.json", "file=a b/\u{e9}`'.json::"),
            ("e\u{301}", "file=e\u{301}::"),
            ("100%2C\\u{a}", "file=100%252C\\u{a}::"),
            ("a\r\n::error::b", "file=a%0D%0A%3A%3Aerror%3A%3Ab::"),
            ("a\u{1b}[2J", "::`a\\u{1b}[2J`: "),
            ("a\u{202e}\n", "::`a\\u{202e}\\u{a}`: "),
            ("a/##vso[task.complete].json", "::`a/#\\u{23}vso[task.complete].json`: "),
        ] {
            assert_eq!(annotation(&Finding::error("no", "none").at(path)), format!("::error {shown}no (help: none)\n"));
        }
        let finding = Finding::error("no", "none").at(Path::new(OsStr::from_bytes(b"a\xff")));
        assert_eq!(annotation(&finding), "::error ::`a\\xff`: no (help: none)\n");
    }

    #[test]
    fn standard_input_is_no_file() {
        let finding = Finding { position: Some((3, 4)), ..Finding::error("no", "none") }.at(&Source::Stdin);
        assert_eq!(annotation(&finding), "::error ::no (help: none)\n");
    }

    #[test]
    fn the_gravest_stay_and_others_keep_their_order() {
        let of = |code, message: String| Finding::warning(message, "none").with_code(code);
        let mut findings: Vec<Finding> = (0..12).map(|number| of(Code::NotYetValid, number.to_string())).collect();
        findings.insert(0, Finding::warning("no code", "none"));
        findings.extend([of(Code::Untrusted, "anybody's".to_owned()), of(Code::TestKey, "published".to_owned())]);
        let text = annotations_in(Repository::none(), &findings);
        let shown: Vec<&str> = text.lines().filter_map(|line| line.split("::").nth(2)?.split(" (").next()).collect();
        let first = ["published", "anybody's", "0", "1", "2", "3", "4", "5", "6", "6 more of this level are not shown"];
        assert_eq!(shown, first);
    }

    #[test]
    fn there_are_ten_of_a_level_and_the_first_stay() {
        let many = |level, count| (0..count).map(move |number| Finding { level, ..Finding::error(number.to_string(), "none") });
        let findings: Vec<Finding> =
            many(Level::Notice, 10).chain(many(Level::Error, 60)).chain(many(Level::Warning, 11)).collect();
        let text = annotations_in(Repository::none(), &findings);
        let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!(["::error ", "::warning ", "::notice "].map(count), [10, 10, 10]);
        for line in [
            "::error ::0 (help: none)",
            "::error ::51 more of this level are not shown (help: the human format shows all of them)",
            "::warning ::8 (help: none)",
            "::warning ::2 more of this level are not shown (help: the human format shows all of them)",
            "::notice ::9 (none)",
        ] {
            assert_eq!(text.lines().filter(|found| *found == line).count(), 1, "{line}: {text}");
        }
    }
}
