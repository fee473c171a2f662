//! SHA-256 digests, and the id of a genome.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A SHA-256 digest (FIPS 180-4). Its text is 64 lowercase hex digits, and no other text is read as one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of the bytes that went into a hasher.
    pub(crate) fn finish(hasher: Sha256) -> Self {
        Self(hasher.finalize().into())
    }

    /// A digest that was computed elsewhere, as its 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The text is not 64 lowercase hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not 64 lowercase hex digits")]
pub struct DigestError;

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| DigestError)?;
        // One step after the other, each of which the compiler makes a few vector instructions of.
        let are_hex = digits.iter().fold(true, |are_hex, digit| are_hex & matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let values = digits.map(hex_value);
        let mut digest = [0; 32];
        for (byte, [high, low]) in digest.iter_mut().zip(values.as_chunks().0) {
            *byte = high << 4 | low;
        }
        if are_hex { Ok(Self(digest)) } else { Err(DigestError) }
    }
}

/// The value of a lowercase hex digit. Without a branch: the digits of a digest are random, and the processor would predict every other
/// one wrong.
fn hex_value(digit: u8) -> u8 {
    let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
    let value = if number < 10 { number } else { letter.wrapping_add(10) };
    value & 0xf
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The name of a genome by its content: the SHA-256 digest of its canonical form, without its signatures. Its text is that of the
/// digest.
///
/// No other digest is taken for one, such as that of a file in a manifest:
///
/// ```compile_fail,E0308
/// # fn find(ancestors: &dyn genome::Ancestors, file: genome::Digest) {
/// let _ = ancestors.find(file);
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GenomeId(Digest);

impl GenomeId {
    /// The id of the genome that has this canonical form (RFC 8785), which is that of the document without its signatures.
    #[must_use]
    pub fn of_canonical_form(canonical: &[u8]) -> Self {
        Self(Digest::of(canonical))
    }

    /// The SHA-256 digest in it.
    #[must_use]
    pub fn as_digest(&self) -> &Digest {
        &self.0
    }
}

impl FromStr for GenomeId {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for GenomeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for GenomeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_text() {
        // FIPS 180-4, the digest of "abc".
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), text);
        assert_eq!(text.parse(), Ok(Digest::of(b"abc")));
        for other in [&text[1..], &text.to_uppercase(), &format!("{text}0"), &text.replace('b', "g"), ""] {
            assert_eq!(other.parse::<Digest>(), Err(DigestError), "{other}");
            assert_eq!(other.parse::<GenomeId>(), Err(DigestError), "{other}");
        }
        let id = GenomeId::of_canonical_form(b"abc");
        assert_eq!((id.to_string(), text.parse()), (text.to_owned(), Ok(id)));
        assert_eq!(*id.as_digest(), Digest::of(b"abc"));
    }
}
