//! Private keys.

mod cost;
mod writing;

use super::{PublicKey, SignatureFault};
use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use pkcs8::der::{Decode as _, SecretDocument, pem::PemLabel as _};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

pub use writing::{Encryption, EncryptionError};

const OPENSSH_LABEL: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const ENCRYPTED_LABEL: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const PRIVATE_LABEL: &str = "-----BEGIN PRIVATE KEY-----";

/// How public keys start: PEM, the base64 of an Ed25519 `SubjectPublicKeyInfo`, OpenSSH.
const PUBLIC_STARTS: [&str; 3] = ["-----BEGIN PUBLIC KEY-----", "MCowBQYDK2VwAyEA", "ssh-ed25519 "];

/// An Ed25519 private key. Its memory is wiped when it is dropped, and `Debug` shows its public half only.
pub struct PrivateKey(SigningKey);

/// Why a text is not a private key that we can use. It never holds any of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// The text is empty, or white space.
    #[error("it is empty")]
    Empty,
    /// The text is neither base64 nor PEM.
    #[error("it is neither padded base64 nor PEM")]
    NotBase64,
    /// The text is a public key.
    #[error("it is a public key")]
    Public,
    /// The key is encrypted, and no passphrase was given.
    #[error("it is encrypted")]
    Encrypted,
    /// The key does not decrypt with the passphrase given.
    #[error("it does not decrypt with this passphrase")]
    WrongPassphrase,
    /// To decrypt the key takes more than 1 GiB of memory, or more than about a minute.
    #[error("it is encrypted in such a way that to decrypt it takes too much memory or time")]
    TooCostly,
    /// The key is of another kind.
    #[error("it is a private key, but not an Ed25519 one")]
    OtherAlgorithm,
    /// The structure is damaged, or of a kind that is not read.
    #[error("it is neither a PKCS#8 (RFC 8410 section 7) nor an OpenSSH private key")]
    Malformed,
    /// The public key that stands beside the private one is not its own.
    #[error("the public key stored in it does not belong to the private one")]
    Inconsistent,
}

impl PrivateKey {
    /// The key of a 32-byte seed (RFC 8032 section 5.1.5), which must come from a source fit for cryptography.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a private key: base64 of PKCS#8 version 1 or 2 (RFC 8410 section 7), the same as PEM, encrypted PEM (PBES2, RFC 8018
    /// section 6.2), or an OpenSSH private key, encrypted or not. White space around it is ignored. A passphrase for what is not
    /// encrypted makes no difference.
    ///
    /// # Errors
    /// Any other text; the error says what it seems to be, and never quotes it.
    pub fn from_text(text: &str, passphrase: Option<&[u8]>) -> Result<Self, PrivateKeyError> {
        let text = text.trim();
        if text.is_empty() {
            Err(PrivateKeyError::Empty)
        } else if text.starts_with(OPENSSH_LABEL) {
            Self::from_openssh(text, passphrase)
        } else if text.starts_with(ENCRYPTED_LABEL) {
            Self::from_encrypted_pem(text, passphrase.ok_or(PrivateKeyError::Encrypted)?)
        } else if text.starts_with(PRIVATE_LABEL) {
            let (label, der) = SecretDocument::from_pem(text).map_err(|_| PrivateKeyError::Malformed)?;
            PrivateKeyInfoRef::validate_pem_label(label).map_err(|_| PrivateKeyError::Malformed)?;
            Self::from_pkcs8(der.as_bytes())
        } else if PUBLIC_STARTS.iter().any(|start| text.starts_with(start)) {
            Err(PrivateKeyError::Public)
        } else if text.starts_with("-----BEGIN ") {
            Err(PrivateKeyError::OtherAlgorithm)
        } else {
            // What was decoded before a fault is wiped too.
            let mut buffer = Zeroizing::new(vec![0; text.len()]);
            let der = Base64::decode(text, &mut buffer).map_err(|_| PrivateKeyError::NotBase64)?;
            Self::from_pkcs8(der)
        }
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(|_| PrivateKeyError::Malformed)?;
        if info.algorithm != ed25519_dalek::pkcs8::ALGORITHM_ID {
            return Err(PrivateKeyError::OtherAlgorithm);
        }
        let pair = ed25519_dalek::pkcs8::KeypairBytes::try_from(info).map_err(|_| PrivateKeyError::Malformed)?;
        SigningKey::try_from(&pair).map(Self).map_err(|_| PrivateKeyError::Inconsistent)
    }

    fn from_encrypted_pem(text: &str, passphrase: &[u8]) -> Result<Self, PrivateKeyError> {
        let (_, der) = SecretDocument::from_pem(text).map_err(|_| PrivateKeyError::Malformed)?;
        let info = EncryptedPrivateKeyInfoRef::from_der(der.as_bytes()).map_err(|_| PrivateKeyError::Malformed)?;
        cost::check_pkcs8(&info.encryption_algorithm)?;
        let plain = info.decrypt(passphrase).map_err(|_| PrivateKeyError::WrongPassphrase)?;
        Self::from_pkcs8(plain.as_bytes())
    }

    fn from_openssh(text: &str, passphrase: Option<&[u8]>) -> Result<Self, PrivateKeyError> {
        let mut key = ssh_key::PrivateKey::from_openssh(text).map_err(|error| match error {
            ssh_key::Error::AlgorithmUnknown | ssh_key::Error::AlgorithmUnsupported { .. } => PrivateKeyError::OtherAlgorithm,
            _ => PrivateKeyError::Malformed,
        })?;
        // Its public half stands in the clear, so that nobody is asked in vain.
        if key.algorithm() != ssh_key::Algorithm::Ed25519 {
            return Err(PrivateKeyError::OtherAlgorithm);
        }
        if key.is_encrypted() {
            let passphrase = passphrase.ok_or(PrivateKeyError::Encrypted)?;
            cost::check_openssh(key.kdf())?;
            key = key.decrypt(passphrase).map_err(|error| match error {
                ssh_key::Error::Crypto => PrivateKeyError::WrongPassphrase,
                _ => PrivateKeyError::Malformed,
            })?;
        }
        let pair = key.key_data().ed25519().ok_or(PrivateKeyError::OtherAlgorithm)?;
        let private = Self::from_seed(&Zeroizing::new(pair.private.to_bytes()));
        if private.public_key().as_bytes() == pair.public.as_ref() { Ok(private) } else { Err(PrivateKeyError::Inconsistent) }
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
        assert_eq!(read(PUBLIC), Err(PrivateKeyError::Public));
        assert_eq!(read("not base64!"), Err(PrivateKeyError::NotBase64));
        assert_eq!(read(&V1[..60]), Err(PrivateKeyError::Malformed));
        assert_eq!(read(&format!("{V1}AAAA")), Err(PrivateKeyError::Malformed));
        assert_eq!(read(&V2.replace("ZuE=", "ZuI=")), Err(PrivateKeyError::Inconsistent));
        assert_eq!(
            read("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"),
            Err(PrivateKeyError::OtherAlgorithm)
        );
        assert_eq!(read(&V1.replace("K2Vw", "K2Vu")), Err(PrivateKeyError::OtherAlgorithm), "an X25519 key");
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
