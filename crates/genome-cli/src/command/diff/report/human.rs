//! A comparison, for a person.

use super::{members, verdict};
use crate::command::diff::comparison::{Comparison, Side};
use crate::hints::with_options;
use crate::report::changes_with_notes;
use crate::{Paint, ShownIds, counted_changes};
use anstyle::AnsiColor;
use genome::change::Change;
use genome_json::text::Quoted;
use std::fmt::Write as _;

/// For a person: both genomes, a line for each difference, and whether the one follows from the other.
pub(crate) fn human(comparison: &Comparison<'_>, paint: Paint) -> String {
    let Comparison { old, new, changes, succession, .. } = comparison;
    let documents = || old.iter().chain([new]).map(|side| &side.document);
    let parents = documents().flat_map(|document| &document.unverified().parents).copied();
    let ids = ShownIds::on(paint).with(documents().map(genome::Document::id).chain(parents));
    let mut out = match old {
        Some(old) => format!("{}{}", side("from", old, &ids), side("to", new, &ids)),
        None => format!("{}      {}\n", side("new", new, &ids), ROOT),
    };
    let notes = |change: &Change| members::lines(comparison.definitions_of(change));
    let listed = changes_with_notes(changes, paint, &ids, usize::MAX, notes);
    // Writing to a string does not fail.
    let _ = writeln!(out, "{}{}", listed, counted_changes(changes));
    let Some(succession) = succession else { return out };
    let _ = writeln!(out, "{}:", verdict(succession));
    for check in succession.checks() {
        let (mark, colour) = if check.is_met { ("ok", AnsiColor::Green) } else { ("NO", AnsiColor::Red) };
        let style = paint.style(colour.on_default());
        let _ = writeln!(out, "  {style}{mark}{style:#}  {}", ids.sentence(&check.message));
        if let Some(hint) = &check.hint {
            let _ = writeln!(out, "      {}", with_options(hint.clone()));
        }
    }
    out
}

/// What is said of a genome that is compared with nothing.
pub(crate) const ROOT: &str = "it names no parent: it starts a lineage of its own, and all of it is new";

fn side(word: &str, side: &Side<'_>, ids: &ShownIds) -> String {
    let (genome, id) = (side.document.unverified(), ids.show(side.document.id()));
    format!("{word:<4}  {} {}  {id}  {}\n", Quoted(&genome.name), genome.version, side.source)
}
