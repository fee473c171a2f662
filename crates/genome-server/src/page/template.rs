//! The template of the page, with places that are filled once, and others for each answer.

use std::fmt::{Display, Write as _};
use std::mem;

/// The variable parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Strip,
    Notes,
    Now,
    Asked,
    Answer,
    Denials,
}

/// A part of the page.
#[derive(Debug)]
pub(super) enum Part<T> {
    Fixed(T),
    Slot(Slot),
}

impl Slot {
    /// The slot that a place of the template is, if it is one.
    fn named(name: &str) -> Option<Self> {
        match name {
            "strip" => Some(Self::Strip),
            "notes" => Some(Self::Notes),
            "now" => Some(Self::Now),
            "asked" => Some(Self::Asked),
            "answer" => Some(Self::Answer),
            "denials" => Some(Self::Denials),
            _ => None,
        }
    }
}

/// The parts of a template, with these pieces in their places. They may be large, and are written nowhere else before; what looks like a
/// place in them is none.
pub(super) fn fill(template: &str, pieces: &[(&str, &dyn Display)]) -> Vec<Part<String>> {
    let (mut parts, mut fixed, mut rest) = (Vec::new(), String::new(), template);
    while let Some((before, name, after)) = next_place(rest) {
        fixed.push_str(before);
        rest = after;
        if let Some(slot) = Slot::named(name) {
            parts.extend([Part::Fixed(mem::take(&mut fixed)), Part::Slot(slot)]);
            continue;
        }
        // Writing to a string does not fail.
        let _ = match pieces.iter().find(|(other, _)| *other == name) {
            Some((_, piece)) => write!(fixed, "{piece}"),
            None => write!(fixed, "<!-- {name} -->"),
        };
    }
    fixed.push_str(rest);
    parts.push(Part::Fixed(fixed));
    parts
}

/// The text before the next place, the name of the place, and the text after it.
fn next_place(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once("<!-- ")?;
    let (name, after) = rest.split_once(" -->")?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_filled_and_what_fills_it_has_no_places() {
        let parts = fill("a<!-- x --><!-- strip -->b<!-- other -->", &[("x", &"<!-- denials -->"), ("y", &"never")]);
        let [Part::Fixed(first), Part::Slot(Slot::Strip), Part::Fixed(last)] = &parts[..] else { panic!("{parts:?}") };
        assert_eq!((first.as_str(), last.as_str()), ("a<!-- denials -->", "b<!-- other -->"));
    }
}
