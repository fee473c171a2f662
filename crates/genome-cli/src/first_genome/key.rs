//! The key that signs the first genome: a new one, or one that is there.

use super::FirstGenomeArguments;
use super::answers::Answers;
use crate::command::keygen::{Format, Pair, new_key, new_passphrase_of};
use crate::command::sign::Unsigned;
use crate::custody::{answers as answering, unusable_key};
use crate::{Consent, Failure, Finding, Source, ask};
use genome::audit::Custody;
use genome::document::Signing;
use genome::model::Signer;
use genome::{Document, KeyId, PrivateKey, PublicKey};
use genome_custody::{Answer, KeyReference, SigningKey, Unanswered};
use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// The key.
pub(crate) enum Key {
    New(PrivateKey),
    There { key: Box<dyn SigningKey>, public_key: Box<PublicKey>, custody: Custody },
}

impl Key {
    /// Makes the key, or opens the one that is named.
    pub(crate) fn of(arguments: &FirstGenomeArguments, answers: &Answers) -> Result<Self, Failure> {
        match &answers.key {
            None => new_key().map(Self::New),
            Some(reference) => Self::open(reference, arguments),
        }
    }

    /// A secret that is asked for is asked for once: the public half has to be known before the key can be opened.
    fn open(reference: &KeyReference, arguments: &FirstGenomeArguments) -> Result<Self, Failure> {
        let timeout = Duration::from_secs(arguments.key_timeout);
        let of = if arguments.passphrase.are_given() { Answer::stored } else { Answer::typed };
        let known: RefCell<Option<Zeroizing<String>>> = RefCell::default();
        let mut asking = answering(&arguments.passphrase);
        // Each time: one that was wrong is asked for again.
        let mut ask = |what: &str| -> Result<Answer, Unanswered> {
            let secret = asking(what)?.into_secret();
            *known.borrow_mut() = Some(secret.clone());
            Ok(of(secret))
        };
        let public_key = reference.public_key(timeout, &mut ask).map_err(|error| unusable_key(&error))?;
        let right = known.take();
        let mut repeat = |what: &str| right.clone().map_or_else(|| answering(&arguments.passphrase)(what), |secret| Ok(of(secret)));
        let key = reference.open(std::slice::from_ref(&public_key), timeout, &mut repeat).map_err(|error| unusable_key(&error))?;
        Ok(Self::There { key, public_key: Box::new(public_key), custody: reference.custody() })
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        match self {
            Self::New(key) => key.public_key(),
            Self::There { public_key, .. } => PublicKey::clone(public_key),
        }
    }

    pub(crate) fn custody(&self) -> Custody {
        match self {
            Self::New(_) => Custody::File,
            Self::There { custody, .. } => *custody,
        }
    }

    /// Whether it was made just now.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }

    /// The text of a new key for its file: encrypted, unless the user wants it otherwise.
    pub(crate) fn to_file(&self, key_id: &KeyId, arguments: &FirstGenomeArguments) -> Result<Option<Zeroizing<String>>, Failure> {
        let Self::New(key) = self else { return Ok(None) };
        let passphrase = new_passphrase(key_id, arguments)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        Pair::of(key, key_id, Format::Pem, passphrase).map(|pair| Some(pair.secret))
    }

    pub(crate) fn sign(&mut self, key_id: &KeyId, document: &mut Document<'_>, draft: &Path) -> Result<Signing, Failure> {
        let public_key = self.public_key();
        let key: &mut dyn SigningKey = match self {
            Self::New(key) => key,
            Self::There { key, .. } => key.as_mut(),
        };
        let sign = |signer: &Signer, message: &[u8]| key.sign(&signer.public_key, message).map_err(Unsigned::Key);
        let signed = document.sign_with(Some(key_id), Some(&public_key), &[], sign);
        signed.map_err(|unsigned| unsigned.into_failure(&Source::File(draft.to_owned())))
    }
}

/// The passphrase of a new key, if it is to have one. It is asked for at once: whoever expects that would type it where a yes or a no is asked for, and be
/// seen.
fn new_passphrase(key_id: &KeyId, arguments: &FirstGenomeArguments) -> Result<Option<Zeroizing<String>>, Failure> {
    if arguments.no_passphrase {
        return Ok(None);
    }
    let what = new_passphrase_of(key_id);
    if arguments.passphrase.are_given() || !arguments.asks() {
        return arguments.passphrase.ask_new(&what).map(Some);
    }
    for _ in 0..MOST_TIMES {
        let passphrase = arguments.passphrase.ask_new_or_none(&what)?;
        if passphrase.is_some()
            || ask(UNPROTECTED, Consent::Yes, || ())
                .map_err(|unanswered| unsaid(&unanswered.to_string(), &unanswered.hint("`y`", LEAVES)))?
        {
            return Ok(passphrase);
        }
    }
    Err(unsaid("the passphrase was empty each time", LEAVES))
}

/// How often a passphrase is asked for of a person who gives none, and does not want to have none.
const MOST_TIMES: usize = 10;

const UNPROTECTED: &str = "Write the new key without protection? Whoever reads its file can sign with it.";

const LEAVES: &str = "--no-passphrase leaves the key unencrypted";

fn unsaid(message: &str, hint: &str) -> Failure {
    Failure::undecided(Finding::error(message, format!("nothing was made; {hint}")))
}
