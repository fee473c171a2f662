//! The changes of a genome, as text.

use crate::{Paint, ShownIds};
use anstyle::{AnsiColor, Style};
use genome::change::{Change, Class};
use std::fmt::{self, Display};

/// The changes, each on a line with its class, in their order. Of each class that neither widens nor weakens only the first are listed, and
/// then how many more there are.
#[must_use]
pub fn listed_changes(changes: &[Change], paint: Paint, ids: &ShownIds, most: usize) -> impl Display {
    changes_with_notes(changes, paint, ids, most, |_| Vec::new())
}

/// The same, each change with lines about it.
pub(crate) fn changes_with_notes(
    changes: &[Change],
    paint: Paint,
    ids: &ShownIds,
    most: usize,
    notes: impl Fn(&Change) -> Vec<String>,
) -> impl Display {
    fmt::from_fn(move |out| {
        for &class in Class::ALL {
            let style = paint.style(class_style(class));
            let mut more = 0;
            for (index, change) in changes.iter().filter(|change| change.class() == class).enumerate() {
                if index < most || matches!(class, Class::Widening | Class::Weakening) {
                    writeln!(out, "  {style}{:<13}{style:#}  {}", class.as_str(), ids.change(change))?;
                    notes(change).iter().try_for_each(|note| writeln!(out, "      {note}"))?;
                } else {
                    more += 1;
                }
            }
            if more > 0 {
                writeln!(out, "  {style}{:<13}{style:#}  and {more} more, which genome-diff shows", class.as_str())?;
            }
        }
        Ok(())
    })
}

/// How many changes of each class there are, of these classes of changes.
pub fn count_classes(classes: impl Iterator<Item = Class> + Clone) -> impl Iterator<Item = (Class, usize)> {
    Class::ALL.iter().map(move |&class| (class, classes.clone().filter(|other| *other == class).count()))
}

/// That number in words.
pub fn counted_classes(classes: impl Iterator<Item = Class> + Clone) -> String {
    let counts = count_classes(classes).filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(class, count)| format!("{count} {class}")).collect();
    if counts.is_empty() { "no change of meaning".to_owned() } else { counts.join(", ") }
}

/// How many changes of each class there are, in words.
#[must_use]
pub fn counted_changes(changes: &[Change]) -> String {
    counted_classes(changes.iter().map(Change::class))
}

/// The style of a class of changes.
#[must_use]
pub fn class_style(class: Class) -> Style {
    match class {
        Class::Widening => AnsiColor::Red.on_default().bold(),
        Class::Weakening => AnsiColor::Yellow.on_default().bold(),
        Class::Narrowing => AnsiColor::Cyan.on_default(),
        Class::Strengthening => AnsiColor::Green.on_default(),
        Class::Neutral => Style::new(),
    }
}
