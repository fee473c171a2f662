//! Who signs next, and the command that each of them types: drafting, signing and making a first genome say it alike.

mod parents;
mod place;

use genome::audit::Custody;
use genome::document::Tally;
use genome::model::Signer;
use genome::refusal::Quorum;
use genome::{Fingerprint, Genome, PublicKey};
use genome_json::text::shell_path;
pub(crate) use parents::CoSigningParents;
pub(crate) use place::SigningPlace;
#[cfg(feature = "custody")]
pub(crate) use place::is_stream;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

/// How many people are listed. The report names the others by their key ids.
const SHOWN: usize = 20;

/// What others type to sign the same genome to the same output, but for their keys.
#[derive(Debug)]
pub(crate) struct Turns {
    command: String,
    key: Option<String>,
}

impl Turns {
    pub(crate) fn at(place: &SigningPlace) -> Self {
        Self { command: format!("genome sign {}", place.words()), key: None }
    }

    /// With a parent that is not found near the genome, as a word for a shell.
    pub(crate) fn with_parent(mut self, parent: &str) -> Self {
        self.command += " --parent ";
        self.command += parent;
        self
    }

    /// With the reference of the key that one person uses where nobody else has to sign, if it is known.
    pub(crate) fn with_key(self, key: Option<String>) -> Self {
        Self { key, ..self }
    }

    /// With the audit log, if one is named.
    pub(crate) fn recorded_in(mut self, log: Option<&Path>) -> Self {
        if let Some(log) = log {
            self.command += " --audit-log ";
            self.command += &shell_path(log);
        }
        self
    }

    /// The lines of a report about those who still may sign, with each command on a line of its own, which no terminal breaks; nothing where nobody
    /// has to. Where it is known what kind of key a person has, the command is the one for that kind.
    pub(crate) fn lines(
        &self,
        genome: &Genome,
        own: &Tally,
        parents: &[Quorum],
        custodies: &HashMap<Fingerprint, Custody>,
    ) -> String {
        let waited_for = waited_for(genome, own, parents);
        let (mut text, mut is_unknown) = (String::new(), false);
        // Writing to a string does not fail.
        for Signer { key_id, public_key, .. } in waited_for.iter().take(SHOWN) {
            let fingerprint = public_key.fingerprint();
            let reference = custodies.get(&fingerprint).map(|&custody| reference(custody, fingerprint));
            let reference = reference.or_else(|| self.key.clone().filter(|_| waited_for.len() == 1));
            is_unknown |= reference.is_none();
            let reference = reference.as_deref().unwrap_or("REF");
            let _ = writeln!(text, "  next        `{key_id}` ({fingerprint}):\n  {} --key {reference}", self.command);
        }
        if let Some(more) = waited_for.len().checked_sub(SHOWN).filter(|&more| more > 0) {
            let _ = writeln!(text, "  next        or {more} more");
        }
        if is_unknown {
            let _ = writeln!(text, "  REF         where that key is: {}", Custody::forms());
        }
        text
    }
}

/// The reference of a key of this kind, as far as it is known: the rest is for the person to fill in.
fn reference(custody: Custody, fingerprint: Fingerprint) -> String {
    match custody {
        Custody::SshAgent => format!("{}:{fingerprint}", custody.as_str()),
        Custody::Environment | Custody::File | Custody::Pkcs11 | Custody::Exec => custody.form(),
    }
}

/// Those who still may sign for a quorum that is not met, each once, though the same key may count for several.
fn waited_for<'s>(genome: &Genome, own: &'s Tally, parents: &'s [Quorum]) -> Vec<&'s Signer> {
    let unmet = |tally: &&Tally| !tally.is_met();
    let tallies = [own].into_iter().chain(parents.iter().map(|quorum| &quorum.tally));
    let mut seen: HashSet<&PublicKey> = HashSet::new();
    let waited_for = tallies.filter(unmet).flat_map(|tally| &tally.unsigned);
    waited_for.filter(|signer| !is_shut_out(signer, genome) && seen.insert(&signer.public_key)).collect()
}

/// Whether the genome gives the key id of this signer to another key, so that they cannot sign it at all.
pub(crate) fn is_shut_out(signer: &Signer, genome: &Genome) -> bool {
    let own = &genome.authority.signers;
    own.iter().any(|own| own.key_id == signer.key_id) && own.iter().all(|own| own.public_key != signer.public_key)
}
