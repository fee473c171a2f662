//! The order of names in the canonical form.

use std::cmp::Ordering;

/// RFC 8785 section 3.2.3: names are compared as arrays of UTF-16 code units.
///
/// That is the order of their bytes in UTF-8, but for U+E000 to U+FFFF, which come after all that takes two code units.
#[must_use]
pub fn compare_names(a: &str, b: &str) -> Ordering {
    let rank = |byte: u8| match byte {
        0xee | 0xef => byte + 0x10,
        _ => byte,
    };
    a.bytes().map(rank).cmp(b.bytes().map(rank))
}
