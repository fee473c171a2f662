//! In which form a private key is written.

use crate::{Failure, Finding, PassphraseArguments};
use clap::ValueEnum;

/// The form in which a private key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One line: the base64 of PKCS#8 (RFC 8410), as GENOME_SIGNING_PRIVATE_KEY takes it
    Pkcs8,
    /// PKCS#8 as PEM (RFC 7468), as OpenSSL writes it
    Pem,
    /// As ssh-keygen writes it, with the key's name for a comment
    Openssh,
}

/// The form of a private key. Not every combination of options has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) format: Format,
    pub(crate) encrypted: bool,
}

impl Form {
    pub(crate) fn of(format: Option<Format>, encrypted: bool, passphrase: &PassphraseArguments) -> Result<Self, Failure> {
        let unusable = |message, hint| Err(Failure::undecided(Finding::error(message, hint)));
        match (format, encrypted) {
            (Some(Format::Pkcs8), true) => unusable(
                "an encrypted private key has no pkcs8 form, which is one line",
                "use --format pem or openssh with --encrypt",
            ),
            (_, false) if passphrase.are_given() => {
                unusable("a passphrase is given, and nothing is to be encrypted", "add --encrypt, or leave the passphrase out")
            }
            (format, encrypted) => {
                let usual = if encrypted { Format::Pem } else { Format::Pkcs8 };
                Ok(Self { format: format.unwrap_or(usual), encrypted })
            }
        }
    }
}
