//! Public keys.

use super::{Fingerprint, published, torsion};
use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signature, VerifyingKey};
use pkcs8::{PrivateKeyInfoRef, der::Decode as _};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use thiserror::Error;

/// The `SubjectPublicKeyInfo` of an Ed25519 key up to the key itself (RFC 8410 section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const SPKI_LENGTH: usize = SPKI_PREFIX.len() + 32;

/// The prime of the field, 2^255 - 19, little-endian (RFC 8032 section 5.1).
const FIELD_PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

/// The order of the group, 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 8032 section 5.1).
const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0x10,
];

/// An Ed25519 public key. Its text is the base64 (RFC 4648 section 4, padded) of the 44 bytes of its `SubjectPublicKeyInfo`
/// (RFC 8410). Keys that are not canonical, of small order, or with a part of
/// small order, cannot be held.
#[derive(Clone)]
pub struct PublicKey(VerifyingKey);

/// Why a text is not a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// It is not the one text that RFC 4648 section 4 has for its bytes.
    #[error("not padded base64 in its one canonical form (RFC 4648 section 4)")]
    NotBase64,
    /// A private key stands where a public key should.
    #[error("a private key stands where the public key should")]
    PrivateKey,
    /// Only the 32 bytes of the key, without the structure around them.
    #[error("a raw key, without the structure of RFC 8410 around it")]
    Raw,
    /// Some other structure, or bytes after it.
    #[error("not the 44-byte SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 section 4)")]
    NotEd25519,
    /// The bytes encode no point of the curve, or not in the canonical way (RFC 8032 section 5.1.3).
    #[error("not a canonical point of the curve (RFC 8032 section 5.1.3)")]
    NotCanonical,
    /// A point of small order: signatures by it prove nothing.
    #[error("a point of small order, by which anything can be signed")]
    SmallOrder,
    /// A point with a part of small order: whoever holds the secret of another key signs for this one too.
    #[error("a point with a part of small order, for which the secret of another key signs too")]
    MixedOrder,
}

/// Why a signature is not one by a key over a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// RFC 8032 section 5.1.7: S must be below the order of the group.
    #[error(
        "its number S is not reduced (RFC 8032 section 5.1.7): somebody changed a signature so that it differs and might still be accepted"
    )]
    Malleated,
    /// The signature is for other bytes, or by another key, or its point R is not what a signer makes.
    #[error("it does not verify over these contents with that key")]
    Mismatch,
}

impl PublicKey {
    /// Reads a key from its 32 bytes (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// Encodings that are not canonical, and points that are of small order or have a part of it.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PublicKeyError> {
        let mut y = *bytes;
        y[31] &= 0x7f;
        if !is_below(&y, &FIELD_PRIME) {
            return Err(PublicKeyError::NotCanonical);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| PublicKeyError::NotCanonical)?;
        if key.is_weak() {
            return Err(PublicKeyError::SmallOrder);
        }
        if !torsion::is_free(&key) {
            return Err(PublicKeyError::MixedOrder);
        }
        Ok(Self(key))
    }

    pub(super) fn of(key: &ed25519_dalek::SigningKey) -> Self {
        Self(key.verifying_key())
    }

    /// The 32 bytes of the key (RFC 8032 section 5.1.5).
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// OpenSSH's fingerprint of the key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }

    /// The 32 bytes without the sign of x. Keys that differ in the sign alone have one secret: whoever has the scalar s of A signs with -s for
    /// -A (RFC 8032 section 5.1.2: the sign of x is the highest bit).
    pub(crate) fn point_without_sign(&self) -> [u8; 32] {
        published::without_sign(*self.as_bytes())
    }

    /// The fingerprints of the key and of the key with the other sign.
    pub(crate) fn fingerprints_of_both_signs(&self) -> [Fingerprint; 2] {
        let mut other = *self.as_bytes();
        other[31] ^= 0x80;
        [self.fingerprint(), Fingerprint::of_bytes(&other)]
    }

    /// Whether the private half of the key is published, so that anybody can sign with it.
    #[must_use]
    pub fn is_published_test_key(&self) -> bool {
        published::contains(self.as_bytes())
    }

    /// Checks a signature strictly: S reduced, no point of small order, the equation without the cofactor (RFC 8032 section 5.1.7).
    ///
    /// # Errors
    /// The signature is not by this key over this message.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), SignatureFault> {
        let [.., s] = signature.as_chunks::<32>().0 else { return Err(SignatureFault::Mismatch) };
        if !is_below(s, &GROUP_ORDER) {
            return Err(SignatureFault::Malleated);
        }
        self.0.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| SignatureFault::Mismatch)
    }
}

/// Whether one little-endian number is below another.
fn is_below(number: &[u8; 32], bound: &[u8; 32]) -> bool {
    number.iter().rev().lt(bound.iter().rev())
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        if genome_json::holds_private_key(text) {
            return Err(PublicKeyError::PrivateKey);
        }
        let der = Base64::decode_vec(text).map_err(|_| PublicKeyError::NotBase64)?;
        let spki: &[u8; SPKI_LENGTH] = match der.as_slice().try_into() {
            Ok(spki) => spki,
            Err(_) if der.len() == 32 => return Err(PublicKeyError::Raw),
            Err(_) if PrivateKeyInfoRef::from_der(&der).is_ok() => return Err(PublicKeyError::PrivateKey),
            Err(_) => return Err(PublicKeyError::NotEd25519),
        };
        match spki.split_last_chunk() {
            Some((prefix, key)) if prefix == SPKI_PREFIX => Self::from_bytes(key),
            _ => Err(PublicKeyError::NotEd25519),
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&Base64::encode_string(&[SPKI_PREFIX.as_slice(), self.as_bytes()].concat()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410 section 10.1.
    const EXAMPLE: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn a_public_key_has_one_text() {
        assert_eq!(EXAMPLE.parse::<PublicKey>().unwrap().to_string(), EXAMPLE);
        for (text, error) in [
            (EXAMPLE.trim_end_matches('=').to_owned(), PublicKeyError::NotBase64),
            (format!("{EXAMPLE}\n"), PublicKeyError::NotBase64),
            (EXAMPLE.replace('/', "_").replace("ZuE=", "ZuF="), PublicKeyError::NotBase64),
            (format!("{}AAAA", EXAMPLE.trim_end_matches("E=")), PublicKeyError::NotBase64),
            (EXAMPLE.replace("MCow", "MCox"), PublicKeyError::NotEd25519),
            ("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=".to_owned(), PublicKeyError::Raw),
            (String::new(), PublicKeyError::NotEd25519),
        ] {
            assert_eq!(text.parse::<PublicKey>(), Err(error), "{text}");
        }
    }

    /// tests/vectors has each of the 7 beside the key that it comes from, with signatures by both that verify.
    #[test]
    fn a_point_with_a_part_of_small_order_is_refused() {
        let key: [u8; 32] = *EXAMPLE.parse::<PublicKey>().unwrap().as_bytes();
        // The point of order 2 is (0, -1); (x, y) and it make (-x, -y): the other sign, and p - y.
        let mut mixed = [0; 32];
        let mut borrow = 0;
        for (index, byte) in mixed.iter_mut().enumerate() {
            let y = if index == 31 { key[index] & 0x7f } else { key[index] };
            let (less, one) = FIELD_PRIME[index].overflowing_sub(y);
            let (less, other) = less.overflowing_sub(borrow);
            (*byte, borrow) = (less, u8::from(one || other));
        }
        mixed[31] |= !key[31] & 0x80;
        for _ in 0..2 {
            assert_eq!(PublicKey::from_bytes(&mixed), Err(PublicKeyError::MixedOrder), "asked again, too");
            assert!(PublicKey::from_bytes(&key).is_ok());
        }
    }

    #[test]
    fn weak_points_are_refused() {
        let with_y = |low: u8, fill: u8, high: u8| {
            let mut bytes = [fill; 32];
            bytes[0] = low;
            bytes[31] = high;
            PublicKey::from_bytes(&bytes)
        };
        assert_eq!(with_y(0, 0, 0), Err(PublicKeyError::SmallOrder));
        assert_eq!(with_y(1, 0, 0), Err(PublicKeyError::SmallOrder), "the neutral point");
        assert_eq!(with_y(0xec, 0xff, 0x7f), Err(PublicKeyError::SmallOrder), "y = -1");
        assert_eq!(with_y(0xed, 0xff, 0x7f), Err(PublicKeyError::NotCanonical), "y = p, which is 0");
        assert_eq!(with_y(0xee, 0xff, 0x7f), Err(PublicKeyError::NotCanonical), "y = p + 1, which is 1");
        assert_eq!(with_y(0xf0, 0xff, 0xff), Err(PublicKeyError::NotCanonical), "y = p + 3");
        assert_eq!(with_y(2, 0, 0), Err(PublicKeyError::NotCanonical), "no point has y = 2");
    }
}
