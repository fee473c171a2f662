//! `genome trust remove` and `genome trust revoke`, and the keys that they are told.

use super::changing::change;
use super::fault::refused;
use super::keys::read_key;
use super::{RemoveArguments, RevokeArguments};
use crate::{Exit, Failure};
use genome::Fingerprint;
use genome::policy::PolicyEditor;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// What a key is called on the command line.
struct Word<'w> {
    word: &'w OsStr,
    /// The key that comes through a pipe. It is read before the file of the policy is held, as it may come slowly.
    piped: Option<Fingerprint>,
}

impl<'w> Word<'w> {
    fn read_all(words: &'w [OsString]) -> Result<Vec<Self>, Failure> {
        let read = |word: &'w OsString| {
            let path = Path::new(word);
            let is_pipe = word == "-" || (path.exists() && !path.is_file() && !path.is_dir());
            let piped = if is_pipe { Some(read_fingerprint(path)?) } else { None };
            Ok(Self { word, piped })
        };
        words.iter().map(read).collect()
    }

    /// The key: that of this fingerprint, or of this key id in the policy, or else that in the file of this name.
    fn fingerprint(&self, editor: &PolicyEditor<'_>, policy: &Path) -> Result<Fingerprint, Failure> {
        let text = self.word.to_string_lossy();
        match (self.piped, text.parse(), editor.signer(&text)) {
            (Some(fingerprint), ..) | (None, Ok(fingerprint), _) => Ok(fingerprint),
            (None, Err(_), Ok(signer)) => Ok(signer.public_key.fingerprint()),
            (None, Err(_), Err(_)) if Path::new(self.word).is_file() => read_fingerprint(Path::new(self.word)),
            (None, Err(_), Err(error)) => Err(refused(&error, policy)),
        }
    }
}

fn read_fingerprint(path: &Path) -> Result<Fingerprint, Failure> {
    read_key(path).map(|(_, signer)| signer.public_key.fingerprint())
}

pub(super) fn remove(arguments: &RemoveArguments) -> Result<Exit, Failure> {
    let policy = &arguments.policy;
    let words = Word::read_all(&arguments.signers)?;
    change(policy, &arguments.change, |editor| {
        // All are known before one is removed, as the name of one could become that of another.
        let keys = words.iter().map(|word| {
            let fingerprint = word.fingerprint(editor, policy)?;
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
    let words = Word::read_all(&arguments.keys)?;
    change(policy, &arguments.change, |editor| {
        let keys = words.iter().map(|word| word.fingerprint(editor, policy)).collect::<Result<Vec<_>, Failure>>()?;
        for key in keys {
            editor.revoke(key);
        }
        Ok(())
    })
}
