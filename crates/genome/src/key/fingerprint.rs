use super::PublicKey;
use base64ct::{Base64Unpadded, Encoding as _};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// OpenSSH's name for a public key, as `ssh-add -l` and `ssh-keygen -lf` show it: `SHA256:` and the unpadded base64 of the
/// SHA-256 digest of the key's `ssh-ed25519` blob (RFC 8709 section 4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    pub(super) fn of(key: &PublicKey) -> Self {
        const ALGORITHM: &[u8] = b"ssh-ed25519";
        let mut blob = Sha256::new();
        for part in [ALGORITHM, key.as_bytes()] {
            // RFC 4251 section 5: a string is its length as a 32-bit big-endian number, and its bytes. These are 11 and 32.
            blob.update([0, 0, 0, u8::try_from(part.len()).unwrap_or(u8::MAX)]);
            blob.update(part);
        }
        Self(format!("SHA256:{}", Base64Unpadded::encode_string(&blob.finalize())))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
