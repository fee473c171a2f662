use crate::{Failure, Finding, PassphraseArguments};
use genome::PublicKey;
use genome_custody::{CustodyError, KeyReference};
use std::time::Duration;

/// The public half of a key that is there, wherever it is.
pub(crate) fn public_key(reference: &str, timeout: Duration, passphrase: &PassphraseArguments) -> Result<PublicKey, Failure> {
    let mut ask = |what: &str| passphrase.ask(what).map_err(|failure| failure.said().into());
    let reference = reference.parse::<KeyReference>().map_err(CustodyError::from);
    reference.and_then(|reference| reference.public_key(timeout, &mut ask)).map_err(|error| failure(&error))
}

fn failure(error: &CustodyError) -> Failure {
    let finding = Finding::error(error.to_string(), error.hint());
    Failure::undecided(match error.file() {
        Some(file) => finding.at(file),
        None => finding,
    })
}
