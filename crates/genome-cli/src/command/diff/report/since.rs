//! What became of the genomes since a revision, in three forms.

use super::markdown::{code, one};
use super::{findings, human, level};
use crate::command::diff::Format;
use crate::command::diff::comparison::{Comparison, fails};
use crate::{Finding, Paint, Source, annotations, counted_classes};
use genome::change::Class;
use genome_json::text::shortened;
use std::fmt::Write as _;
use std::io;

/// What became of one genome, as it is shown.
pub(crate) struct Shown<'p> {
    pub(crate) source: &'p Source,
    /// What became of it, in words; empty where the note says it.
    pub(crate) words: String,
    /// What is said besides what is compared.
    pub(crate) note: Option<(Class, String)>,
    pub(crate) comparisons: Vec<Comparison<'p>>,
}

impl Shown<'_> {
    fn classes(&self) -> impl Iterator<Item = Class> + Clone {
        let changes = self.comparisons.iter().flat_map(|comparison| &comparison.changes);
        self.note.iter().map(|(class, _)| *class).chain(changes.map(genome::change::Change::class))
    }

    /// The gravest class that it has; [`Class::Neutral`] where it has none.
    pub(crate) fn gravest(&self) -> Class {
        self.classes().min().unwrap_or(Class::Neutral)
    }

    /// Whether it has one of these classes.
    pub(crate) fn fails(&self, failing: &[Class]) -> bool {
        self.classes().any(|class| fails(failing, class))
    }

    /// What became of it, in one line.
    fn line(&self) -> String {
        let words = if self.words.is_empty() { String::new() } else { format!(" {}", self.words) };
        let note = self.note.as_ref().map(|(_, note)| format!(": {note}")).unwrap_or_default();
        format!("{}{words}{note}", self.source)
    }
}

/// The report; the revision has this name. Trouble is what could not be compared: no report passes it over.
pub(crate) fn since(parts: &[Shown<'_>], trouble: &[&Finding], revision: &str, format: Format, failing: &[Class]) -> String {
    let nothing = (parts.is_empty() && trouble.is_empty())
        .then(|| format!("no genome differs from {revision}, in any file that is named *.json or given by its path"));
    match (format, nothing) {
        (Format::Markdown, Some(nothing)) => format!("### {}\n", code(&nothing)),
        (Format::Markdown, None) => markdown(parts, trouble),
        (Format::Github, Some(nothing)) => annotations(&[Finding::notice(nothing, "nothing is to be reviewed")]),
        (Format::Github, None) => github(parts, trouble, failing),
        (Format::Human | Format::Json, Some(nothing)) => nothing + "\n",
        // Trouble is said on standard error.
        (Format::Human | Format::Json, None) => {
            let paint = Paint::on(&io::stdout());
            parts.iter().map(|part| text(part, paint)).collect::<Vec<_>>().join("\n")
        }
    }
}

fn text(part: &Shown<'_>, paint: Paint) -> String {
    let mut out = format!("{}\n", part.line());
    // Writing to a string does not fail.
    // A comparison counts by itself.
    if part.note.is_some() || part.comparisons.len() != 1 {
        let _ = writeln!(out, "  {}", counted_classes(part.classes()));
    }
    part.comparisons.iter().for_each(|comparison| out += &human(comparison, paint));
    out
}

/// How many bytes a comment may have before only a line is said of each further genome, and how many before nothing is.
const LONG: usize = 30_000;
const LONGEST: usize = 50_000;

/// How many files that could not be compared a comment names.
const MOST: usize = 20;

fn markdown(parts: &[Shown<'_>], trouble: &[&Finding]) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    for finding in trouble.iter().take(MOST) {
        let place = finding.file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
        let line = code(&shortened(&format!("{place}{}", finding.message), 500));
        let _ = write!(out, "### Not compared\n\n{line}\n\n");
    }
    let mut more = trouble.len().saturating_sub(MOST);
    for part in parts {
        let line = code(&shortened(&part.line(), 500));
        if out.len() > LONGEST {
            more += 1;
        } else if out.len() > LONG || part.comparisons.is_empty() {
            let _ = write!(out, "### {line}\n\n**{}**\n\n", counted_classes(part.classes()));
        } else {
            for comparison in &part.comparisons {
                one(&mut out, comparison, Some(&line));
                out.push('\n');
            }
        }
    }
    if more > 0 {
        let _ = writeln!(out, "And {more} more, which `genome-diff --since` shows");
    }
    out
}

fn github(parts: &[Shown<'_>], trouble: &[&Finding], failing: &[Class]) -> String {
    let (mut counts, mut all) = (Vec::new(), Vec::new());
    for part in parts {
        if let Some((class, note)) = &part.note {
            let finding = Finding::error(format!("{class}: {note}"), "review it before anybody merges it");
            all.push(Finding { level: level(*class, failing), ..finding }.at(part.source));
        }
        for comparison in &part.comparisons {
            let (count, found) = findings(comparison);
            counts.push(Finding { message: format!("{}: {}", part.line(), count.message), ..count });
            all.extend(found);
        }
    }
    annotations(trouble.iter().copied().chain(&counts).chain(&all))
}
