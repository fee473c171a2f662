//! The public key of a key that exists, wherever it is.

use crate::custody::{answers, unusable_key};
use crate::{Failure, PassphraseArguments};
use genome::PublicKey;
use genome_custody::{CustodyError, KeyReference};
use std::time::Duration;

/// The public half of an existing key, wherever it is.
pub(crate) fn public_key(reference: &str, timeout: Duration, passphrase: &PassphraseArguments) -> Result<PublicKey, Failure> {
    let mut ask = answers(passphrase);
    let reference = reference.parse::<KeyReference>().map_err(CustodyError::from);
    reference.and_then(|reference| reference.public_key(timeout, &mut ask)).map_err(|error| unusable_key(&error))
}
