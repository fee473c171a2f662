//! The reference of the signing key, and opening it.

use crate::custody::{answers, unusable_key};
use crate::hints::with_options;
use crate::turns::SigningPlace;
use crate::{Failure, Finding, PassphraseArguments};
use clap::Args;
use genome::model::Signer;
use genome::{KeyId, PublicKey};
use genome_custody::{Custody, CustodyError, KEY_REFERENCE, KeyReference, PRIVATE_KEY, ReferenceError, SigningKey};
use genome_files::plain_path;
use std::env::{self, VarError};
use std::time::Duration;

/// The options that name the signing key.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    // As a list that follows from the kinds of custody.
    #[arg(long, value_name = "REF", help = format!(
        "Where the private key is: {}. Without it, {KEY_REFERENCE} says so; without that, the key is in {PRIVATE_KEY}",
        Custody::forms()
    ))]
    key: Option<String>,
    /// How long an agent or a program may take
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86400))]
    key_timeout: u64,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArguments,
}

/// The reference of the key, from the command line or else the environment.
pub(crate) fn reference(arguments: &KeyArguments, place: &SigningPlace) -> Result<KeyReference, Failure> {
    let reference = match &arguments.key {
        Some(text) => text.parse().map_err(|error: ReferenceError| unusable_key(&error.into()))?,
        None => from_environment()?,
    };
    reference.check().map_err(|error| match (&error, place.key_file()) {
        // Nothing says where the key is, and `genome init` has left one here.
        (CustodyError::Unset(name), Some(key)) if arguments.key.is_none() && name == PRIVATE_KEY => {
            unusable_key(&error).with_hint(|_| format!("name the key with --key {key}"))
        }
        _ => unusable_key(&error),
    })?;
    Ok(reference)
}

/// The reference of the key in the environment.
fn from_environment() -> Result<KeyReference, Failure> {
    let reference = match env::var(KEY_REFERENCE) {
        Ok(text) => text.parse(),
        Err(VarError::NotPresent) => KeyReference::to_variable(PRIVATE_KEY),
        Err(VarError::NotUnicode(_)) => Err(ReferenceError::NotText),
    };
    // The value is not repeated: it may be a secret that was put in the wrong place.
    let reference = reference.map_err(|error| {
        Failure::undecided(Finding::error(format!("{KEY_REFERENCE} cannot be used: {error}"), with_options(error.hint())))
    })?;
    if let Some(path) = reference.file() {
        plain_path(KEY_REFERENCE, "file:", path.into())
            .map_err(|error| Failure::undecided(Finding::error(error.to_string(), with_options(error.hint()))))?;
    }
    Ok(reference)
}

/// The public half of the key, where it is wanted and can be had without a secret or a program that runs: it says who signs before anything is shown
/// or asked. It is not wanted where it is known anyway who signs.
pub(crate) fn known(
    reference: &KeyReference,
    arguments: &KeyArguments,
    key_id: Option<&KeyId>,
    may_sign: &[Signer],
) -> Result<Option<PublicKey>, Failure> {
    if key_id.is_some() || may_sign.len() == 1 {
        return Ok(None);
    }
    let wanted = wanted(None, may_sign);
    reference.known_public_key(&wanted, timeout(arguments)).map_err(|error| unusable_key(&error))
}

/// Opens the key. The signers decide which keys will do; with a key id there is only one.
pub(crate) fn open(
    reference: &KeyReference,
    arguments: &KeyArguments,
    key_id: Option<&KeyId>,
    may_sign: &[Signer],
) -> Result<Box<dyn SigningKey>, Failure> {
    let mut ask = answers(&arguments.passphrase);
    let wanted = wanted(key_id, may_sign);
    reference.open(&wanted, timeout(arguments), &mut ask).map_err(|error| unusable_key(&error))
}

/// The public half of the key that is open. A program is asked for it once more; where it does not tell, nor another holder, it is `None`, and why
/// stands beside it.
pub(crate) fn public_half(
    key: &dyn SigningKey,
    reference: &KeyReference,
    arguments: &KeyArguments,
) -> (Option<PublicKey>, Option<CustodyError>) {
    if let Some(public_key) = key.public_key() {
        return (Some(public_key), None);
    }
    if reference.custody() != Custody::Exec {
        return (None, None);
    }
    let mut ask = answers(&arguments.passphrase);
    match reference.public_key(timeout(arguments), &mut ask) {
        Ok(public_key) => (Some(public_key), None),
        Err(error) => (None, Some(error)),
    }
}

fn wanted(key_id: Option<&KeyId>, may_sign: &[Signer]) -> Vec<PublicKey> {
    let signers = may_sign.iter().filter(|signer| key_id.is_none_or(|key_id| signer.key_id == *key_id));
    signers.map(|signer| signer.public_key.clone()).collect()
}

fn timeout(arguments: &KeyArguments) -> Duration {
    Duration::from_secs(arguments.key_timeout)
}
