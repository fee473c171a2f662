//! `genome trust remove` and `genome trust revoke`, and the keys that they are told.

use super::changing::change;
use super::fault::refused;
use super::keys::read_key;
use super::{RemoveArguments, RevokeArguments};
use crate::{Exit, Failure};
use genome::Fingerprint;
use genome::policy::{PolicyEditor, PolicyError};
use std::ffi::OsStr;
use std::path::Path;

pub(super) fn remove(arguments: &RemoveArguments) -> Result<Exit, Failure> {
    let policy = &arguments.policy;
    change(policy, &arguments.change, |editor| {
        // All are known before one is removed, as the name of one could become that of another.
        let keys = arguments.signers.iter().map(|word| {
            let fingerprint = fingerprint(word, editor, policy)?;
            let signer = editor.signer(&fingerprint.to_string()).map_err(|error| refused(&error, policy))?;
            Ok(signer.public_key.clone())
        });
        let keys = keys.collect::<Result<Vec<_>, Failure>>()?;
        for key in &keys {
            editor.remove(key);
        }
        Ok(())
    })
}

pub(super) fn revoke(arguments: &RevokeArguments) -> Result<Exit, Failure> {
    let policy = &arguments.policy;
    change(policy, &arguments.change, |editor| {
        let keys = arguments.keys.iter().map(|word| fingerprint(word, editor, policy));
        let keys = keys.collect::<Result<Vec<_>, Failure>>()?;
        for key in keys {
            editor.revoke(key);
        }
        Ok(())
    })
}

/// The key that a word stands for: its fingerprint, its key id in the policy, or else the file that holds it.
fn fingerprint(word: &OsStr, editor: &PolicyEditor<'_>, policy: &Path) -> Result<Fingerprint, Failure> {
    let text = word.to_string_lossy();
    if let Ok(fingerprint) = text.parse() {
        return Ok(fingerprint);
    }
    match editor.signer(&text) {
        Ok(signer) => Ok(signer.public_key.fingerprint()),
        Err(PolicyError::Unknown { .. }) if word == "-" || Path::new(word).exists() => {
            read_key(Path::new(word)).map(|(_, signer)| signer.public_key.fingerprint())
        }
        Err(error) => Err(refused(&error, policy)),
    }
}
