//! What is changed in a message: values are replaced at their places, and all else stays as it is, byte for byte.

use crate::message::Json;
use std::borrow::Cow;
use std::ops::Range;

/// Values that are replaced in one message.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Replaces a value.
    pub(super) fn replace(&mut self, value: &Json<'_>, by: String) {
        self.0.push((value.range(), by));
    }

    /// Takes a member out of an object, with the comma that parts it from another. Of one object it takes out one.
    pub(super) fn take_out(&mut self, text: &str, member: Range<usize>) {
        let Range { mut start, mut end } = member;
        if text.get(end..).is_some_and(|rest| rest.starts_with(',')) {
            end += 1;
        } else if text.get(..start).is_some_and(|before| before.ends_with(',')) {
            start -= 1;
        }
        self.0.push((start..end, String::new()));
    }

    /// The message with these changes. No two of them may overlap.
    pub(super) fn apply(mut self, text: Cow<'_, str>) -> Cow<'_, str> {
        if self.0.is_empty() {
            return text;
        }
        self.0.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (range, by) in self.0 {
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(&by);
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }
}

/// What becomes of a member or an item.
pub(super) enum Fate {
    Kept,
    TakenOut,
    Replaced(String),
}

impl Fate {
    /// What becomes of what stays as it is, or goes.
    pub(super) fn kept_if(is_kept: bool) -> Self {
        if is_kept { Self::Kept } else { Self::TakenOut }
    }
}

/// An object with the members that stay; `None` where all of them do, as they are.
pub(super) fn rebuilt_object(object: &Json<'_>, mut fate: impl FnMut(&str, &Json<'_>) -> Fate) -> Option<String> {
    let mut is_changed = false;
    let mut out = String::from("{");
    for (name, value) in object.members() {
        let fate = fate(&name, &value);
        is_changed |= !matches!(fate, Fate::Kept);
        let written: Cow<'_, str> = match fate {
            Fate::TakenOut => continue,
            Fate::Kept => value.raw().into(),
            Fate::Replaced(by) => by.into(),
        };
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&genome_json::Text::from(&*name).quoted());
        out.push(':');
        out.push_str(&written);
    }
    out.push('}');
    is_changed.then_some(out)
}

/// An array with the items that stay; `None` where all of them do, as they are.
pub(super) fn rebuilt_array(array: &Json<'_>, mut fate: impl FnMut(&Json<'_>) -> Fate) -> Option<String> {
    let mut is_changed = false;
    let mut out = String::from("[");
    for item in array.items() {
        let fate = fate(&item);
        is_changed |= !matches!(fate, Fate::Kept);
        let written: Cow<'_, str> = match fate {
            Fate::TakenOut => continue,
            Fate::Kept => item.raw().into(),
            Fate::Replaced(by) => by.into(),
        };
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&written);
    }
    out.push(']');
    is_changed.then_some(out)
}
