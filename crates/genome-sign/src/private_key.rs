use genome::{PrivateKey, PrivateKeyError};
use genome_cli::{Failure, Finding};
use std::env::{self, VarError};
use zeroize::Zeroizing;

const VARIABLE: &str = "GENOME_SIGNING_PRIVATE_KEY";

/// The private key from the environment.
pub(crate) fn read() -> Result<PrivateKey, Failure> {
    let text = match env::var(VARIABLE) {
        Ok(text) => Zeroizing::new(text),
        Err(VarError::NotPresent) => {
            let hint = format!("export {VARIABLE}=\"$(cat FILE)\", with the file to which genome-keygen's standard error went");
            return Err(Failure::undecided(Finding::error(format!("{VARIABLE} is not set"), hint)));
        }
        Err(VarError::NotUnicode(secret)) => {
            drop(Zeroizing::new(secret.into_encoded_bytes()));
            return Err(unusable(PrivateKeyError::NotBase64));
        }
    };
    PrivateKey::from_text(&text, None).map_err(unusable)
}

fn unusable(error: PrivateKeyError) -> Failure {
    Failure::undecided(Finding::error(format!("{VARIABLE} holds no usable key: {error}"), hint(error)))
}

fn hint(error: PrivateKeyError) -> &'static str {
    match error {
        PrivateKeyError::Public => "give the private half: the line that genome-keygen printed on standard error",
        PrivateKeyError::Encrypted => {
            "decrypt it first: `openssl pkey -in FILE`, or `ssh-keygen -p -f COPY` with an empty new passphrase"
        }
        PrivateKeyError::OtherAlgorithm => "genomes are signed with Ed25519: make a key with genome-keygen",
        PrivateKeyError::Inconsistent => "the key is damaged: take it from its backup, or make a new one",
        _ => "give the line that genome-keygen printed on standard error, whole and alone",
    }
}
