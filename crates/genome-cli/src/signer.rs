//! A signer as a file names one: the public key of a person, and its key id.

use crate::{Failure, Finding, ReadError, Source};
use genome::draft::Draft;
use genome::model::Signer;
use genome::{Code, PrivateKey, Refusal};
use genome_json::bytes_hold_private_key;
use std::path::Path;

/// Reads the file of a signer. Nothing but one public key will do: a genome would say itself who is trusted.
pub(crate) fn signer(path: &Path) -> Result<(Source, Signer), Failure> {
    let source = Source::from(path);
    let bytes = source.read().map_err(no_file)?;
    match Draft::read_signer(&bytes) {
        // It says where in the object the private key stands.
        Err(refusal @ Refusal::SecretExposed { .. }) => Err(refused(&refusal, &source)),
        _ if holds_private_key(&bytes) => Err(private_key(&source)),
        Ok(signer) => Ok((source, signer)),
        Err(refusal) => Err(refused(&refusal, &source)),
    }
}

fn no_file(error: ReadError) -> Failure {
    let is_missing = error.code() == Code::Missing;
    let failure = Failure::from(error);
    if !is_missing {
        return failure;
    }
    failure.with_hint(|hint| {
        format!("{hint}; a file with a public key belongs here, as genome-keygen, OpenSSH or OpenSSL writes it, not a key id")
    })
}

fn refused(refusal: &Refusal, source: &Source) -> Failure {
    Failure::refused(Finding::of_unsigned(refusal, "the file").at(source))
}

/// Whether the file is a private key, in any of the forms that are read, or holds one.
pub(crate) fn holds_private_key(bytes: &[u8]) -> bool {
    bytes_hold_private_key(bytes) || PrivateKey::from_bytes(bytes, None).is_ok()
}

/// The failure of a private key where a public one belongs.
pub(crate) fn private_key(source: &Source) -> Failure {
    let message = "this is a private key, which must not be given here";
    let hint = "give its public half, which is the signer object that genome-keygen printed, or what `genome-keygen --public-from`, `ssh-keygen -y -f FILE` or `openssl pkey -pubout -in FILE` prints; keep this file where only its owner can read it";
    Failure::refused(Finding::error(message, hint).with_code(Code::SecretExposed).at(source))
}
