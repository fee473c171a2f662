//! Finds characters that Unicode's normalization form C would replace.

use std::iter::once;
use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};
use unicode_normalization::{IsNormalized, is_nfc_quick};

/// The context before a character, as far as it decides whether Unicode's normalization form C (UAX #15) leaves the character as it is.
#[derive(Debug, Default)]
pub(super) struct Composition {
    /// The last starter, a character of combining class 0, unless what came after it is not left as it is.
    starter: Option<char>,
    /// The class of the last mark since then; 0 where there is none.
    class: u8,
    /// The class of the last character before, decomposed.
    last: u8,
}

impl Composition {
    /// Whether form C may have something else in the place of the next character: another one for it, one for it and the starter before it, or
    /// another order. Where it may, what follows is judged as if nothing stood before it.
    ///
    /// What is left of a text without these characters is in form C, so that two such texts which differ are not canonically equivalent.
    pub(super) fn changes(&mut self, next: char) -> bool {
        if next.is_ascii() {
            *self = Self { starter: Some(next), class: 0, last: 0 };
            return false;
        }
        let class = canonical_combining_class(next);
        let is_out_of_order = class != 0 && class < self.last;
        // UAX #15, D115: a mark of this class or a higher one stands between them.
        let is_blocked = self.class != 0 && self.class >= class;
        let composes = |starter| !is_blocked && compose(starter, next).is_some();
        if is_out_of_order || self.starter.is_some_and(composes) || is_nfc_quick(once(next)) == IsNormalized::No {
            *self = Self::default();
            return true;
        }
        if class == 0 {
            *self = Self { starter: Some(next), class, last: 0 };
            decompose_canonical(next, |part| self.last = canonical_combining_class(part));
        } else {
            (self.class, self.last) = (class, class);
        }
        false
    }
}
