//! Private keys.

mod algorithm;
mod cost;
mod envelope;
mod error;
mod foreign;
mod jwk;
mod openssh;
mod pkcs8;
mod structure;
mod writing;

use super::{PublicKey, SignatureFault};
use ed25519_dalek::{Signer as _, SigningKey};
use std::fmt;

pub use algorithm::AlgorithmName;
pub use error::{Damage, PrivateKeyError};
pub use foreign::Foreign;
pub use writing::{Encryption, EncryptionError};

/// An Ed25519 private key. Its memory is wiped when it is dropped, and `Debug` shows its public half only.
pub struct PrivateKey(SigningKey);

impl PrivateKey {
    /// The key of a 32-byte seed (RFC 8032 section 5.1.5), which must come from a source fit for cryptography.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a private key from a text, as [`from_bytes`](Self::from_bytes) does.
    ///
    /// # Errors
    /// Any other text; the error says what it seems to be, and never quotes it.
    pub fn from_text(text: &str, passphrase: Option<&[u8]>) -> Result<Self, PrivateKeyError> {
        Self::from_bytes(text.as_bytes(), passphrase)
    }

    /// Reads a private key as a file holds it: PKCS#8 version 1 or 2 (RFC 8410 section 7), encrypted PKCS#8 (PBES2, RFC 8018 section 6.2) or an
    /// OpenSSH private key (PROTOCOL.key), encrypted or not, each as it is, in base64 or in PEM; or a JWK (RFC 8037).
    ///
    /// White space is never significant, nor is a byte order mark of UTF-8, and text around a PEM is passed over, certificates and public keys
    /// too. Every other character is significant. A passphrase for what is not encrypted makes no difference.
    ///
    /// # Errors
    /// Anything else; the error says what it seems to be, and never quotes it.
    pub fn from_bytes(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Self, PrivateKeyError> {
        envelope::read(bytes, passphrase)
    }

    /// The public half that an OpenSSH private key shows without a passphrase. It says which key the file is for, and proves nothing: whoever can write
    /// the file can put another one there, which [`from_bytes`](Self::from_bytes) refuses when the key is decrypted.
    #[must_use]
    pub fn claimed_public_key(bytes: &[u8]) -> Option<PublicKey> {
        envelope::claimed_public_key(bytes)
    }

    /// The key of a seed whose public half stands beside it.
    fn from_pair(seed: &[u8; 32], public: &[u8]) -> Result<Self, PrivateKeyError> {
        let key = Self::from_seed(seed);
        if key.public_key().as_bytes() == public { Ok(key) } else { Err(PrivateKeyError::Inconsistent) }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(&self.0)
    }

    /// Signs a message (RFC 8032 section 5.1.6), and checks the signature before it returns it: a faulty computation can betray the
    /// private key.
    ///
    /// # Errors
    /// The signature made does not verify.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignatureFault> {
        let signature = self.0.sign(message).to_bytes();
        self.public_key().verify(message, &signature)?;
        Ok(signature)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateKey({}, not shown)", self.public_key().fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410 section 10.3, version 1, and version 2 with an attribute and the public key.
    const V1: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    const V2: &str = "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    const PUBLIC: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    fn read(text: &str) -> Result<String, PrivateKeyError> {
        PrivateKey::from_text(text, None).map(|key| key.public_key().to_string())
    }

    #[test]
    fn rfc_8410_examples_are_read() {
        assert_eq!(read(V1).as_deref(), Ok(PUBLIC));
        assert_eq!(read(&format!("\n {V1}\n")).as_deref(), Ok(PUBLIC));
        assert_eq!(read(V2).as_deref(), Ok(PUBLIC));
        assert_eq!(read(&format!("-----BEGIN PRIVATE KEY-----\n{V1}\n-----END PRIVATE KEY-----\n")).as_deref(), Ok(PUBLIC));
        assert_eq!(*PrivateKey::from_text(V2, None).unwrap().to_base64(), V1);
    }

    #[test]
    fn other_texts_are_named_for_what_they_are() {
        assert_eq!(read("  \n"), Err(PrivateKeyError::Empty));
        assert_eq!(read(PUBLIC), Err(Foreign::PublicKey.into()));
        assert_eq!(read("not base64!"), Err(PrivateKeyError::NotBase64));
        assert!(matches!(read(&V1[..60]), Err(PrivateKeyError::Malformed(_))));
        assert!(matches!(read(&format!("{V1}AAAA")), Err(PrivateKeyError::Malformed(_))));
        assert_eq!(read(&V2.replace("ZuE=", "ZuI=")), Err(PrivateKeyError::Inconsistent));
        let other = |name| Err(PrivateKeyError::OtherAlgorithm(AlgorithmName::known(name)));
        assert_eq!(read("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"), other("RSA"));
        assert_eq!(read(&V1.replace("K2Vw", "K2Vu")), other("X25519"));
    }

    #[test]
    fn debug_shows_nothing_private() {
        let shown = format!("{:?}", PrivateKey::from_text(V1, None).unwrap());
        assert!(
            shown.starts_with("PrivateKey(SHA256:") && !shown.contains("1O5y") && !shown.to_lowercase().contains("d4ee"),
            "{shown}"
        );
    }
}
