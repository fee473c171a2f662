//! Genome ids as a person reads them: their first digits on a terminal, where these tell them apart.
//!
//! That is for lists, whose context says which genome is meant. Two genomes with the same first digits are made in minutes, so an id by which
//! a person decides, or which two people compare, is written in full: that of the genome that is signed or verified, and on the page of a server.

use super::Paint;
use genome::GenomeId;
use genome::change::Change;
use genome::model::GenomeName;
use genome_json::text::Quoted;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How many digits are shown of an id on a terminal.
const DIGITS: usize = 12;

/// The genome ids of one report. Two of them that begin alike are shown in full, and so is one that it does not know.
#[derive(Debug, Clone, Default)]
pub struct ShownIds {
    is_short: bool,
    /// The id that begins so; `None` where several do.
    /// Ordered, as a hash map asks the random source for a seed, and panics where that fails: a finding may be about this.
    by_start: BTreeMap<String, Option<GenomeId>>,
}

impl ShownIds {
    /// The ids of a report that is shown so.
    #[must_use]
    pub fn on(paint: Paint) -> Self {
        Self { is_short: paint.shortens_ids, by_start: BTreeMap::new() }
    }

    /// Adds ids of the report, before any of them is shown.
    #[must_use]
    pub fn with(mut self, ids: impl IntoIterator<Item = GenomeId>) -> Self {
        self.add(ids);
        self
    }

    /// Adds ids that are shown from now on.
    pub fn add(&mut self, ids: impl IntoIterator<Item = GenomeId>) {
        // A genome may have very many parents, of which a pipe gets all in full.
        for id in ids.into_iter().filter(|_| self.is_short) {
            let start = id.to_string().chars().take(DIGITS).collect();
            self.by_start.entry(start).and_modify(|known| *known = known.filter(|known| *known == id)).or_insert(Some(id));
        }
    }

    /// The id as it is shown.
    #[must_use]
    pub fn show(&self, id: GenomeId) -> String {
        let mut text = id.to_string();
        if self.is_short && text.get(..DIGITS).is_some_and(|start| self.by_start.get(start) == Some(&Some(id))) {
            text.truncate(DIGITS);
        }
        text
    }

    /// A genome as it is shown.
    #[must_use]
    pub fn name(&self, GenomeName { name, version, id, .. }: &GenomeName) -> String {
        format!("{} {version} ({})", Quoted(name), self.show(*id))
    }

    /// A change as it is shown: only one of the parents names genome ids.
    #[must_use]
    pub fn change(&self, change: &Change) -> String {
        let Change::Parents { from, to } = change else { return change.to_string() };
        let ids = || from.iter().chain(to).copied();
        self.clone().with(ids()).sentence(&change.to_string())
    }

    /// A sentence as it is shown: ids that the report knows are shortened, but for those that somebody else wrote, which are in quotes.
    #[must_use]
    pub fn sentence(&self, text: &str) -> String {
        if !self.is_short {
            return text.to_owned();
        }
        let shown = |word: &str| {
            let (word, end) = word.find(is_end).map_or((word, ""), |end| word.split_at(end));
            word.parse().map_or_else(|_| word.to_owned(), |id| self.show(id)) + end
        };
        of_ours(text, |part| part.split_inclusive(is_end).map(shown).collect())
    }

    /// A message as it is shown: an id is shortened that stands in brackets behind the name or the version of its genome. One that alone says which
    /// genome is meant is in full, as that has to be found.
    #[must_use]
    pub(super) fn message(paint: Paint, text: &str) -> Cow<'_, str> {
        let mut ids = Self::on(paint);
        if !ids.is_short {
            return text.into();
        }
        ids.add(text.split('`').step_by(2).flat_map(|part| part.split(is_end)).filter_map(|word| word.parse().ok()));
        let shown = |mut out: String, word: &str| {
            let id = word.strip_suffix(')').filter(|_| out.ends_with(" (")).and_then(|id| id.parse().ok());
            match id {
                Some(id) => out.extend([&ids.show(id), ")"]),
                None => out.push_str(word),
            }
            out
        };
        of_ours(text, |part| part.split_inclusive(is_end).fold(String::new(), shown)).into()
    }
}

fn is_end(character: char) -> bool {
    !character.is_ascii_alphanumeric()
}

/// A text in which what is ours is changed, and what is in quotes is left as it is.
fn of_ours(text: &str, change: impl Fn(&str) -> String) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 0 { change(part) } else { part.to_owned() }).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(start: &str) -> GenomeId {
        format!("{start:0<64}").parse().unwrap()
    }

    #[test]
    fn ids_that_begin_alike_are_shown_in_full() {
        let paint = Paint { shortens_ids: true, ..Paint::NONE };
        let [one, twin, other] = [id("0123456789abc"), id("0123456789abd"), id("1")];
        let ids = ShownIds::on(paint).with([one, other, one]);
        assert_eq!(
            [one, twin, other].map(|id| ids.show(id)),
            ["0123456789ab".to_owned(), twin.to_string(), "100000000000".to_owned()]
        );
        let ids = ids.with([twin, one]);
        assert_eq!([one, twin, other].map(|id| ids.show(id)), [one.to_string(), twin.to_string(), "100000000000".to_owned()]);
        let change = Change::Parents { from: vec![one, other], to: vec![other, id("2")] };
        let shown = format!("parents: {one}, 100000000000 -> 100000000000, 200000000000");
        assert_eq!(ids.change(&change), shown);
        let text = format!("parent (1{:0<63}), `1{:0<63}`, x1{:0<63}", "", "", "");
        assert_eq!(ids.sentence(&text), format!("parent (100000000000), `1{:0<63}`, x1{:0<63}", "", ""));
        assert_eq!(ShownIds::on(Paint::NONE).with([one]).show(one), one.to_string());
    }

    #[test]
    fn an_id_beside_the_name_of_its_genome_is_short_in_a_message() {
        let paint = Paint { shortens_ids: true, ..Paint::NONE };
        let [one, twin, other] = [id("0123456789abc"), id("0123456789abd"), id("1")];
        let text = format!("`A ({other})` 1.0.0 ({other}) names the parent {one}, which was not found");
        let shown = format!("`A ({other})` 1.0.0 (100000000000) names the parent {one}, which was not found");
        assert_eq!(ShownIds::message(paint, &text), shown);
        assert_eq!(ShownIds::message(Paint::NONE, &text), text);
        let text = format!("`A` 1.0.0 ({one}) is another genome than the one of version 1.0.0 ({twin})");
        assert_eq!(ShownIds::message(paint, &text), text);
    }
}
