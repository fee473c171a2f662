//! The names of keys.

use super::Fingerprint;
use genome_json::holds_private_key;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The name of a key within an authority: `[A-Za-z0-9][A-Za-z0-9._@:+/-]{0,127}`, but not a private key, whose base64 is made of
/// the same characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

/// The text is not a key id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a key id is 1 to 128 of A-Z a-z 0-9 . _ @ : + / -, starts with a letter or a digit, and is not a key itself")]
pub struct KeyIdError;

impl KeyId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key that has no other name.
impl From<Fingerprint> for KeyId {
    fn from(fingerprint: Fingerprint) -> Self {
        Self(fingerprint.to_string())
    }
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        let rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._@:+/-".contains(&byte));
        if first && rest && text.len() <= 128 && !holds_private_key(text) { Ok(Self(text.to_owned())) } else { Err(KeyIdError) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids() {
        for good in ["a", "0", "dev-key-001", "ops@example.org:2026/+.-_", &"k".repeat(128)] {
            assert_eq!(good.parse::<KeyId>().unwrap().as_str(), good);
        }
        let fingerprint = crate::key::PrivateKey::from_seed(&[7; 32]).public_key().fingerprint();
        assert_eq!(fingerprint.to_string().parse(), Ok(KeyId::from(fingerprint)));
        for bad in [
            "",
            "-a",
            ".a",
            "/a",
            "a b",
            "é",
            "a\u{200b}",
            "a\"",
            "a\n",
            &"k".repeat(129),
            "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
        ] {
            assert_eq!(bad.parse::<KeyId>(), Err(KeyIdError), "{bad:?}");
        }
    }
}
