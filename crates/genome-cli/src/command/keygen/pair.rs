//! A new key pair.

use super::form::{Form, Format};
use crate::{Failure, Finding, PassphraseArguments};
use genome::key::{Encryption, EncryptionError};
use genome::{KeyId, PrivateKey, PublicKey};
use zeroize::Zeroizing;

/// A key pair that has been proved to work.
pub(crate) struct Pair {
    pub(crate) public: PublicKey,
    /// The private half as it is written, with a line feed at its end.
    pub(crate) secret: Zeroizing<String>,
}

impl Pair {
    /// Makes a key pair from the system's random source, and proves that it signs and is read back from its form.
    pub(crate) fn make(key_id: &KeyId, form: Form, passphrase: &PassphraseArguments) -> Result<Self, Failure> {
        let passphrase = if form.encrypted { Some(passphrase.ask_new(&new_passphrase_of(key_id))?) } else { None };
        Self::of(&new_key()?, key_id, form.format, passphrase.as_ref().map(|passphrase| passphrase.as_str()))
    }

    /// Writes a key that was just made in its form, encrypted with the passphrase if there is one, and proves that it signs and is read back.
    pub(crate) fn of(key: &PrivateKey, key_id: &KeyId, format: Format, passphrase: Option<&str>) -> Result<Self, Failure> {
        let salt = random()?;
        let encryption = passphrase.map(|passphrase| Encryption { passphrase, random: &salt });

        let secret = write(key, key_id, format, encryption).map_err(|error| {
            Failure::undecided(Finding::error(error.to_string(), "report this as a fault of genome-keygen; no key was made"))
        })?;
        let read_back = PrivateKey::from_text(&secret, passphrase.map(str::as_bytes)).map(|read| read.public_key());
        let proof = key.sign(b"genome-keygen proves that this key pair signs and verifies");
        if read_back == Ok(key.public_key()) && proof.is_ok() {
            return Ok(Self { public: key.public_key(), secret });
        }
        let hint = "do not trust this machine: have its memory checked";
        Err(Failure::undecided(Finding::error("the key pair that was just made does not work", hint)))
    }
}

/// What a person is asked for.
pub(crate) fn new_passphrase_of(key_id: &KeyId) -> String {
    format!("the new passphrase of `{key_id}`")
}

/// A new key, from the system's random source.
pub(crate) fn new_key() -> Result<PrivateKey, Failure> {
    Ok(PrivateKey::from_seed(&*random()?))
}

fn random() -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|error| {
        let message = format!("the system's random source fails: {error}");
        Failure::undecided(Finding::error(message, "no key was made; find out why before you make one here"))
    })?;
    Ok(bytes)
}

fn write(
    key: &PrivateKey,
    key_id: &KeyId,
    format: Format,
    encryption: Option<Encryption<'_>>,
) -> Result<Zeroizing<String>, EncryptionError> {
    match (format, encryption) {
        (Format::Openssh, encryption) => key.to_openssh(key_id.as_str(), encryption),
        (_, Some(encryption)) => key.to_encrypted_pem(encryption),
        (Format::Pem, None) => Ok(key.to_pem()),
        (Format::Pkcs8, None) => Ok(Zeroizing::new([&key.to_base64(), "\n"].concat())),
    }
}
