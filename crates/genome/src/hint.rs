//! What to do next, in parts: words, and what only a caller can name. So no text of a stranger, a file name or a label, can be taken for
//! a [`Concept`], whatever is in it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Add;

/// Something that a caller has to give or to use, in words that no program has to know. The lists of them are in
/// [`concept`](crate::concept).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concept(&'static str);

impl Concept {
    /// One that is called this where no program says otherwise.
    #[must_use]
    pub const fn new(words: &'static str) -> Self {
        Self(words)
    }

    /// What it is called where no program says otherwise.
    #[must_use]
    pub const fn words(self) -> &'static str {
        self.0
    }
}

/// The next thing to do. Its `Display` knows no program; one that has options says them with [`with`](Self::with).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(Cow<'static, str>),
    Concept(Concept),
}

impl Hint {
    /// The hint as a caller says it who has names for these concepts; `None` leaves the words that it has already.
    pub fn with(&self, name: impl Fn(Concept) -> Option<&'static str>) -> String {
        let said = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Concept(concept) => name(*concept).unwrap_or(concept.words()).into(),
        };
        self.0.iter().map(said).collect()
    }

    /// Several, with this between each two.
    pub(crate) fn joined(hints: impl IntoIterator<Item = Self>, separator: &'static str) -> Self {
        let both = |all: Self, next: Self| all + separator + next;
        hints.into_iter().reduce(both).unwrap_or_default()
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.with(|_| None))
    }
}

impl From<&'static str> for Hint {
    fn from(words: &'static str) -> Self {
        Self(vec![Part::Words(words.into())])
    }
}

impl From<String> for Hint {
    fn from(words: String) -> Self {
        Self(vec![Part::Words(words.into())])
    }
}

impl From<Concept> for Hint {
    fn from(concept: Concept) -> Self {
        Self(vec![Part::Concept(concept)])
    }
}

impl<T: Into<Self>> Add<T> for Hint {
    type Output = Self;

    fn add(mut self, more: T) -> Self {
        self.0.extend(more.into().0);
        self
    }
}

impl<T: Into<Hint>> Add<T> for Concept {
    type Output = Hint;

    fn add(self, more: T) -> Hint {
        Hint::from(self) + more
    }
}

impl Add<Concept> for &'static str {
    type Output = Hint;

    fn add(self, concept: Concept) -> Hint {
        Hint::from(self) + concept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_taken_for_a_concept() {
        const KEY: Concept = Concept::new("the `key`");
        let hint = Hint::from(format!("look at {}, and use ", KEY.words())) + KEY + ", or " + Hint::from("none");
        assert_eq!(hint.to_string(), "look at the `key`, and use the `key`, or none");
        assert_eq!(hint.with(|concept| (concept == KEY).then_some("--key")), "look at the `key`, and use --key, or none");
        assert_eq!(Hint::joined([KEY.into(), "a".into()], "; ").to_string(), "the `key`; a");
    }
}
