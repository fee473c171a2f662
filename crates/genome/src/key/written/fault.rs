//! Why a file of public keys is refused.

use crate::concept::KEY_GENERATOR;
use crate::hint::Hint;
use crate::key::PublicKeyError;
use genome_json::text::{Quoted, excerpt};
use std::fmt;

/// Why a file of public keys is refused, and where. It never holds anything of a private key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrittenKeyFault {
    /// The line, counted from 1, if one is at fault.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: WrittenKeyProblem,
}

/// What is wrong with a file of public keys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WrittenKeyProblem {
    /// It holds a private key.
    PrivateKey,
    /// It is the text of a public key, without anything that says what it is.
    Bare,
    /// A key of another type, by its name.
    Other(String),
    /// An X.509 certificate.
    Certificate,
    /// A public key as RFC 4716 writes it.
    Rfc4716,
    /// Something stands before the type of the key, such as an option of `authorized_keys` or a name of `known_hosts`.
    Options,
    /// A line of OpenSSH in a file of PEM.
    Mixed,
    /// A line that is neither a key nor a comment.
    NoKey,
    /// The base64 of the key, or what it says, is damaged.
    Damaged,
    /// It is no key that anybody can sign with safely.
    Key(PublicKeyError),
    /// The same key twice.
    Repeated {
        /// The line of the first.
        first: usize,
    },
    /// More keys than are read.
    TooMany(usize),
    /// More than one key, where one belongs.
    NotOne(usize),
}

impl WrittenKeyProblem {
    pub(super) fn at(self, line: usize) -> WrittenKeyFault {
        WrittenKeyFault { line: Some(line), problem: self }
    }

    pub(crate) fn somewhere(self) -> WrittenKeyFault {
        WrittenKeyFault { line: None, problem: self }
    }

    pub(super) fn other(what: &str) -> Self {
        Self::Other(excerpt(what))
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::PrivateKey => {
                "give its public half, which is the signer object that "
                    + KEY_GENERATOR
                    + " printed, or what `ssh-keygen -y -f FILE` or `openssl pkey -pubout -in FILE` prints; keep this file where only its owner can read it"
            }
            Self::Bare => "give the whole signer object that " + KEY_GENERATOR + " printed, with its `key_id`",
            Self::Other(name) if name.contains("-cert-") => {
                "give the `.pub` file beside it, that without `-cert` in its name".into()
            }
            Self::Other(_) => "use an Ed25519 key: make one with " + KEY_GENERATOR + ", or with `ssh-keygen -t ed25519`",
            Self::Certificate => "give the public key alone: `openssl x509 -noout -pubkey -in FILE` prints it".into(),
            Self::Rfc4716 => "give it as a line: `ssh-keygen -i -f FILE` prints it".into(),
            Self::Options => "give the line from the type of the key on, `ssh-ed25519`".into(),
            Self::Mixed => "keep keys of one kind in this file: lines of OpenSSH, or PEM".into(),
            Self::NoKey => "remove the line, or put a `#` before it".into(),
            Self::Damaged => "copy the key again, whole: from `ssh-ed25519` to the end of its line, or from BEGIN to END".into(),
            Self::Key(_) => "no key generator makes such a key: ask where it comes from".into(),
            Self::Repeated { .. } => "remove one of the two lines".into(),
            Self::TooMany(most) => format!("name at most {most}").into(),
            Self::NotOne(_) => "put each key into a file of its own, and give each of these".into(),
        }
    }
}

impl fmt::Display for WrittenKeyProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrivateKey => formatter.write_str("this is a private key, which must not be given here"),
            Self::Bare => formatter.write_str("this is only the text of a public key, which does not say whose it is"),
            Self::Other(name) if name.contains("-cert-") => {
                write!(formatter, "this is an OpenSSH certificate ({}), not a public key", Quoted(name))
            }
            Self::Other(name) if name.starts_with("sk-") => {
                write!(formatter, "this is the key of a security key ({}), which cannot sign a genome", Quoted(name))
            }
            Self::Other(name) => write!(formatter, "this is a public key of the type {}, not an Ed25519 key", Quoted(name)),
            Self::Certificate => formatter.write_str("this is a certificate, not a public key"),
            Self::Rfc4716 => formatter.write_str("this public key is in the form of RFC 4716, which is not read"),
            Self::Options => {
                formatter.write_str("options, or the name of a host, stand before the type of the key, and are not read")
            }
            Self::NoKey => formatter.write_str("this line is no public key of OpenSSH"),
            Self::Mixed => formatter.write_str("a key of OpenSSH stands in a file of PEM keys"),
            Self::Damaged => formatter.write_str("the public key is damaged, or not whole"),
            Self::Key(error) => write!(formatter, "this is not a public key: {error}"),
            Self::Repeated { first } => write!(formatter, "this is the same key as in line {first}"),
            Self::TooMany(most) => write!(formatter, "there are more than {most} public keys"),
            Self::NotOne(keys) => write!(formatter, "there are {keys} public keys, and one is expected"),
        }
    }
}

impl fmt::Display for WrittenKeyFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(formatter)
    }
}
