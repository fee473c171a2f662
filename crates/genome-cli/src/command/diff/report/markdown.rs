//! A comparison in Markdown, for a pull request.

use super::{ROOT, members, verdict};
use crate::command::diff::comparison::{Comparison, Side};
use crate::counted_changes;
use crate::hints::with_options;
use genome::change::{Change, Class};
use genome_json::text::{Quoted, shortened};
use std::fmt::Write as _;

/// How many bytes the differences may take: a comment on GitHub has at most 65,536 characters, and the gravest come first.
const MOST: usize = 50_000;

/// How many characters of anything else may be shown: 256 signers, or a long version, would fill the comment by themselves.
const LONGEST: usize = 1_000;

/// Markdown, for a comment on a pull request. What the genomes say stands in code spans, in which nothing is a link, a name or markup.
pub(crate) fn markdown(comparisons: &[Comparison<'_>]) -> String {
    let mut out = String::new();
    for (index, comparison) in comparisons.iter().enumerate() {
        out += if index > 0 { "\n" } else { "" };
        one(&mut out, comparison, None);
    }
    out
}

/// One comparison, with a line about it that is Markdown already.
pub(super) fn one(out: &mut String, comparison: &Comparison<'_>, line: Option<&str>) {
    let Comparison { old, new, changes, succession, .. } = comparison;
    let before = old.as_ref().map_or("a new lineage".to_owned(), side);
    // Writing to a string does not fail.
    let _ = write!(out, "### Genome {before} → {}\n\n", side(new));
    if let Some(line) = line {
        let _ = write!(out, "{line}\n\n");
    }
    let _ = write!(out, "**{}**\n\n", counted_changes(changes));
    if old.is_none() {
        let _ = write!(out, "{}\n\n", code(ROOT));
    }
    let (neutral, grave): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.class() == Class::Neutral);
    let notes = |change: &Change| members::lines(comparison.definitions_of(change));
    let notes = |change| notes(change).into_iter().map(|note| format!("  - {}\n", code(&shortened(&note, LONGEST))));
    list(
        out,
        grave.iter().flat_map(|change| {
            [format!("- **{}**: {}\n", change.class(), code(&change.to_string()))].into_iter().chain(notes(change))
        }),
    );
    if !neutral.is_empty() {
        let end = if grave.is_empty() { "" } else { "\n" };
        let _ = write!(out, "{end}<details><summary>{} neutral</summary>\n\n", neutral.len());
        list(out, neutral.iter().map(|change| format!("- {}\n", code(&change.to_string()))));
        *out += "\n</details>\n";
    }
    if let Some(succession) = succession {
        let _ = write!(out, "\n**{}**\n\n", verdict(succession));
        for check in succession.checks() {
            let mark = if check.is_met { 'x' } else { ' ' };
            let hint =
                check.hint.clone().map(|hint| format!(": {}", code(&shortened(&with_options(hint), LONGEST)))).unwrap_or_default();
            let _ = writeln!(out, "- [{mark}] {}{hint}", code(&shortened(&check.message, LONGEST)));
        }
    }
    match (old, succession) {
        (Some(old), Some(_)) => {
            let _ = write!(out, "\nGenome id before: `{}`  \nGenome id after: `{}`\n", old.document.id(), new.document.id());
        }
        (Some(_), None) => {}
        (None, _) => {
            let _ = write!(out, "\nGenome id: `{}`\n", new.document.id());
        }
    }
}

/// Lists as much as there is room for, and says how much more there is.
fn list(out: &mut String, lines: impl Iterator<Item = String>) {
    let mut more = 0;
    for line in lines {
        if out.len() + line.len() > MOST {
            more += 1;
        } else {
            *out += &line;
        }
    }
    if more > 0 {
        // Writing to a string does not fail.
        let _ = writeln!(out, "- and {more} more, which `genome-diff` shows");
    }
}

fn side(side: &Side<'_>) -> String {
    let genome = side.document.unverified();
    code(&shortened(&format!("{} {}", Quoted(&genome.name), genome.version), LONGEST))
}

/// A code span that this text cannot end: its fence is longer than any run of backticks in it (`CommonMark` 0.31 section 6.1).
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn a_code_span_holds_whatever_is_in_it() {
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a `b` c"), "``a `b` c``");
        assert_eq!(code("`b`` [x](y)"), "``` `b`` [x](y) ```");
    }
}
