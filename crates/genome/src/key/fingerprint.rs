use super::PublicKey;
use crate::digest::Digest;
use base64ct::{Base64Unpadded, Encoding as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// OpenSSH's name for a public key, as `ssh-add -l` and `ssh-keygen -lf` show it: `SHA256:` and the unpadded base64 of the
/// SHA-256 digest of the key's `ssh-ed25519` blob (RFC 8709 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(Digest);

const PREFIX: &str = "SHA256:";

/// The text is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a fingerprint as `ssh-keygen -lf` prints it, `SHA256:` and 43 characters of base64 without padding")]
pub struct FingerprintError;

impl Fingerprint {
    pub(super) fn of(key: &PublicKey) -> Self {
        Self::of_bytes(key.as_bytes())
    }

    pub(super) fn of_bytes(key: &[u8; 32]) -> Self {
        const ALGORITHM: &[u8] = b"ssh-ed25519";
        let mut blob = Sha256::new();
        for part in [ALGORITHM, key] {
            // RFC 4251 section 5: a string is its length as a 32-bit big-endian number, and its bytes. These are 11 and 32.
            blob.update([0, 0, 0, u8::try_from(part.len()).unwrap_or(u8::MAX)]);
            blob.update(part);
        }
        Self(Digest::finish(blob))
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let base64 = text.strip_prefix(PREFIX).ok_or(FingerprintError)?;
        let mut bytes = [0; 32];
        match Base64Unpadded::decode(base64, &mut bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(Digest::from_bytes(bytes))),
            _ => Err(FingerprintError),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}", Base64Unpadded::encode_string(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;

    #[test]
    fn a_fingerprint_has_one_text() {
        let fingerprint = PrivateKey::from_seed(&[7; 32]).public_key().fingerprint();
        let text = fingerprint.to_string();
        assert_eq!(text.parse(), Ok(fingerprint));
        let (_, base64) = text.split_once(':').unwrap();
        // The last of 43 characters has two bits that stand for nothing, and must be 0.
        let spare = base64.char_indices().last().map(|(at, _)| format!("SHA256:{}B", &base64[..at])).unwrap();
        for other in [base64, &text[..49], &format!("{text}="), &text.replace("SHA256", "sha256"), &spare, "SHA256:", ""] {
            assert_eq!(other.parse::<Fingerprint>(), Err(FingerprintError), "{other}");
        }
    }
}
