//! `genome trust remove` and `genome trust revoke`, and the keys that they are told.

use super::changing::change;
use super::fault::{no_genome_id, refused};
use super::{RemoveArguments, RevokeArguments};
use crate::signer::signer;
use crate::{Exit, Failure, Finding};
use genome::Fingerprint;
use genome::policy::PolicyEditor;
use genome_json::text::{Quoted, shell_word};
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

    /// The key: that of this fingerprint, or of this key id in the policy, or else that in the file of this name. Where a key id is the name of
    /// a file as well, and the two are different keys, it is neither: who wrote the file could choose the key otherwise.
    fn fingerprint(&self, editor: &PolicyEditor<'_>, policy: &Path) -> Result<Fingerprint, Failure> {
        let text = self.word.to_string_lossy();
        let path = Path::new(self.word);
        // A pipe was read already, and has no second meaning where it is `-`.
        match (self.piped, text.parse(), editor.signer(&text)) {
            (Some(piped), Err(_), Ok(signer)) if self.word != "-" => self.sole(signer.public_key.fingerprint(), piped, policy),
            (Some(fingerprint), ..) | (None, Ok(fingerprint), _) => Ok(fingerprint),
            (None, Err(_), Ok(signer)) => {
                let named = signer.public_key.fingerprint();
                // A file that holds no public key cannot be meant.
                let in_file = if path.is_file() { read_fingerprint(path).ok() } else { None };
                in_file.map_or(Ok(named), |in_file| self.sole(named, in_file, policy))
            }
            (None, Err(_), Err(_)) if path.is_file() => read_fingerprint(path),
            (None, Err(_), Err(error)) => Err(refused(&error, policy)),
        }
    }

    /// The key that both the key id and the file mean.
    fn sole(&self, named: Fingerprint, in_file: Fingerprint, policy: &Path) -> Result<Fingerprint, Failure> {
        if named == in_file {
            return Ok(named);
        }
        let word = self.word.to_string_lossy();
        let message =
            format!("{} is a key id of the policy (the key {named}) and a file that holds another key ({in_file})", Quoted(&word));
        let file = shell_word(Path::new(".").join(self.word).as_os_str());
        let hint = format!("nothing was changed; say which: {named} is that of the policy, {file} is that of the file");
        Err(Failure::refused(Finding::error(message, hint).at(policy)))
    }
}

fn read_fingerprint(path: &Path) -> Result<Fingerprint, Failure> {
    signer(path).map(|(_, signer)| signer.public_key.fingerprint())
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
        let unknown = arguments.genome_id.iter().find(|id| !editor.remove_genome_id(**id));
        unknown.map_or(Ok(()), |id| Err(no_genome_id(*id, policy)))
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
