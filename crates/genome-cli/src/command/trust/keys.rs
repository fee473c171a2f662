//! The public keys that are given as files, and their key ids.

use crate::signer::signer;
use crate::{Failure, Finding, Source, say, stdin_once};
use clap::Args;
use genome::model::Signer;
use genome::{GenomeId, KeyId};
use std::path::PathBuf;

/// The public keys that are given.
#[derive(Args)]
pub(super) struct KeyArguments {
    /// Public keys, one in each file: as genome-keygen printed it, or of OpenSSH (`id_ed25519.pub`), whose comment is the key id, or in PEM;
    /// `-` is standard input
    #[arg(value_name = "KEY", required_unless_present_any = ["named", "genome_id"])]
    keys: Vec<PathBuf>,
    /// A public key, and the key id that it gets. For a file that has none, or another than the genomes have. Can be repeated
    #[arg(long = "name", value_name = "KEY_ID=FILE", value_parser = named_key)]
    named: Vec<NamedKey>,
    /// Trust the genome of this id, and what follows it in its lineage. Can be repeated
    #[arg(long, value_name = "ID")]
    pub(super) genome_id: Vec<GenomeId>,
}

#[derive(Debug, Clone)]
struct NamedKey {
    key_id: KeyId,
    path: PathBuf,
}

fn named_key(text: &str) -> Result<NamedKey, String> {
    let (key_id, path) = text.split_once('=').ok_or("a key id and a file belong here, such as carol-2026=carol.pem")?;
    let key_id = key_id.parse().map_err(|error: genome::key::KeyIdError| error.to_string())?;
    Ok(NamedKey { key_id, path: path.into() })
}

impl KeyArguments {
    /// Reads all of them, in their order, those with a name last.
    pub(super) fn read(&self) -> Result<Vec<(Source, Signer)>, Failure> {
        let paths: Vec<PathBuf> = self.keys.iter().chain(self.named.iter().map(|named| &named.path)).cloned().collect();
        stdin_once(&paths)?;
        let unnamed = self.keys.iter().map(|path| signer(path).inspect(|(source, signer)| say_derived(source, signer)));
        let named = self.named.iter().map(|NamedKey { key_id, path }| {
            signer(path).map(|(source, Signer { public_key, .. })| (source, Signer::new(key_id.clone(), public_key)))
        });
        unnamed.chain(named).collect()
    }
}

/// Says that a key has no name of its own.
fn say_derived(source: &Source, signer: &Signer) {
    if signer.key_id == KeyId::from(signer.public_key.fingerprint()) {
        let message = "the file holds no key id, so it is the fingerprint of the key";
        let hint = "give it one with --name KEY_ID=FILE, the one that the genomes have for this key";
        say(&Finding::notice(message, hint).at(source));
    }
}
