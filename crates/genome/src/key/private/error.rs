//! Why something is not a private key that we can use.

use super::{AlgorithmName, Foreign};
use pkcs8::{der, pkcs5};
use std::fmt;
use thiserror::Error;

/// Why a text is not a private key that we can use. It never holds any of the text, but for the name of an algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// The text is empty, or white space.
    #[error("it is empty")]
    Empty,
    /// The text is neither base64 nor PEM.
    #[error("it is neither padded base64 nor PEM")]
    NotBase64,
    /// The text is something else than a private key in a form that is read.
    #[error("{0}")]
    Foreign(#[from] Foreign),
    /// There are two private keys in it.
    #[error("there are several private keys in it")]
    Several,
    /// The key is encrypted, and no passphrase was given.
    #[error("it is encrypted")]
    Encrypted,
    /// The key does not decrypt with the passphrase given.
    #[error("it does not decrypt with this passphrase")]
    WrongPassphrase,
    /// To decrypt the key takes more than 1 GiB of memory, or more than about a minute.
    #[error("it is encrypted in such a way that to decrypt it takes too much memory or time")]
    TooCostly,
    /// The key is PKCS#8, encrypted with a cipher, a key derivation or a hash that is not supported.
    #[error("it is PKCS#8, encrypted with {0}, which is not supported")]
    Pkcs8Encryption(AlgorithmName),
    /// The key is OpenSSH's, encrypted with a cipher or a key derivation that is not supported.
    #[error("it is an OpenSSH key, encrypted with {0}, which is not supported")]
    OpensshEncryption(AlgorithmName),
    /// The key is of another kind.
    #[error("it is a private key for {0}, and not an Ed25519 one")]
    OtherAlgorithm(AlgorithmName),
    /// The structure is damaged, or of a kind that is not read.
    #[error("it is neither a PKCS#8 (RFC 8410 section 7) nor an OpenSSH private key: {0}")]
    Malformed(#[from] Damage),
    /// The public key that stands beside the private one is not its own.
    #[error("the public key stored in it does not belong to the private one")]
    Inconsistent,
}

/// What is wrong with the structure of a key, or fails when it is encrypted. Its `Display` says it; it holds places and tags, and none of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage(Cause);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause {
    Rule(&'static str),
    Der(der::Error),
    Pkcs5(pkcs5::Error),
    Pkcs8(pkcs8::Error),
    Openssh(ssh_key::Error),
}

impl Damage {
    /// A rule that the structure breaks.
    pub(super) const fn rule(words: &'static str) -> Self {
        Self(Cause::Rule(words))
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Rule(words) => formatter.write_str(words),
            Cause::Der(error) => error.fmt(formatter),
            Cause::Pkcs5(error) => error.fmt(formatter),
            Cause::Pkcs8(error) => error.fmt(formatter),
            Cause::Openssh(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Damage {}

impl From<der::Error> for Damage {
    fn from(error: der::Error) -> Self {
        Self(Cause::Der(error))
    }
}

impl From<der::Error> for PrivateKeyError {
    fn from(error: der::Error) -> Self {
        Self::Malformed(error.into())
    }
}

impl From<pkcs5::Error> for Damage {
    fn from(error: pkcs5::Error) -> Self {
        Self(Cause::Pkcs5(error))
    }
}

impl From<pkcs8::Error> for Damage {
    fn from(error: pkcs8::Error) -> Self {
        Self(Cause::Pkcs8(error))
    }
}

impl From<ssh_key::Error> for Damage {
    fn from(error: ssh_key::Error) -> Self {
        Self(Cause::Openssh(error))
    }
}
