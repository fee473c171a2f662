//! Who signs: the one who is named, or else the one whose key it is.

use super::fault::refused;
use super::key;
use super::{SignArguments, key::KeyArguments};
use crate::turns::{CoSigningParents, SigningPlace};
use crate::{Failure, Finding, wiping_stack};
use genome::document::SigningError;
use genome::model::Signer;
use genome::{Document, KeyId, PublicKey};
use genome_custody::{KeyReference, SigningKey};
use std::path::Path;

/// What the choice of the signer rests on.
pub(super) struct Choice<'c> {
    pub(super) document: &'c Document<'c>,
    pub(super) parents: &'c CoSigningParents,
    pub(super) place: &'c SigningPlace,
    pub(super) arguments: &'c SignArguments,
}

impl Choice<'_> {
    /// The signer, as far as that is known before the key is opened: `None` where only the key can tell, and it takes a secret or a program.
    pub(super) fn foreseen(&self, reference: &KeyReference) -> Result<Option<Signer>, Failure> {
        self.refuse_key_id_as_output()?;
        let key_id = self.arguments.key_id.as_ref();
        let may_sign = self.document.may_sign(self.parents.all());
        // What cannot be signed at all is refused before a key is looked at.
        match self.document.signer(key_id, None, self.parents.all()) {
            Err(SigningError::WhichSigner(_)) => {}
            signer => return signer.map(Some).map_err(|error| self.refused(&error)),
        }
        let known = wiping_stack(|| key::known(reference, self.key(), key_id, &may_sign))?;
        known.map(|key| self.of_key(&key)).transpose()
    }

    /// The key id of the signer whose key this is, open.
    pub(super) fn of(&self, key: &dyn SigningKey, reference: &KeyReference) -> Result<KeyId, Failure> {
        let (public_key, untold) = key::public_half(key, reference, self.key());
        if let Some(public_key) = public_key {
            return self.of_key(&public_key).map(|signer| signer.key_id);
        }
        // The others are named by a parent alone. Their keys are rarely meant, so that you need not name this one.
        if let [only] = self.document.unverified().authority.signers.as_slice() {
            return Ok(only.key_id.clone());
        }
        let known = self.document.may_sign(self.parents.all()).into_iter().map(|signer| signer.key_id).collect();
        let failure = self.refused(&SigningError::WhichSigner(known));
        Err(match untold {
            Some(error) => failure.with_hint(|hint| format!("{hint}; the program does not tell whose key it has: {error}")),
            None => failure,
        })
    }

    fn of_key(&self, public_key: &PublicKey) -> Result<Signer, Failure> {
        self.document.signer(None, Some(public_key), self.parents.all()).map_err(|error| self.refused(&error))
    }

    fn key(&self) -> &KeyArguments {
        &self.arguments.key
    }

    /// The failure, with the way out that this command line leaves.
    fn refused(&self, error: &SigningError) -> Failure {
        let failure = refused(error, &self.place.draft);
        match error {
            // Where OUTPUT is left out, what stands at the end would be taken for it.
            SigningError::WhichSigner(_) if self.arguments.output.is_none() => {
                failure.with_hint(|hint| format!("{hint}, after OUTPUT, which is {}", self.place.signed()))
            }
            SigningError::NotASigner { .. } | SigningError::UnknownSigner { .. } if self.parents.missing() > 0 => {
                failure.with_hint(|hint| format!("{hint}; for a key that only a parent names, give the parent with --parent FILE"))
            }
            _ => failure,
        }
    }

    /// Refuses a key id right after a directory, where a person who leaves out OUTPUT may put it: the genome would go to a file of that name.
    fn refuse_key_id_as_output(&self) -> Result<(), Failure> {
        let SignArguments { unsigned, output, key_id: None, .. } = self.arguments else { return Ok(()) };
        let Some(name) = output.as_deref().and_then(Path::to_str).filter(|name| unsigned.is_dir() && !Path::new(name).exists())
        else {
            return Ok(());
        };
        let may_sign = self.document.may_sign(self.parents.all());
        if may_sign.iter().all(|signer| signer.key_id.as_str() != name) {
            return Ok(());
        }
        let message = format!("`{name}` stands where OUTPUT should, and is the name of a signer");
        let hint = format!("leave it out, as the key says who signs; a file of that name is ./{name}");
        Err(Failure::undecided(Finding::error(message, hint)))
    }
}
