//! Who is next: whose signatures are still missing, and the command that each of them can type; or what comes after the last signature.

use super::SignArguments;
use super::parents::Parents;
use super::place::Place;
use genome::document::{Signing, Tally};
use genome::model::Signer;
use genome::{Fingerprint, PublicKey};
use genome_custody::{Custody, reference_forms};
use genome_json::text::shell_path;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// How many people are listed. The report names the others by their key ids.
const SHOWN: usize = 20;

/// The last lines of the report, with each command on a line of its own, which no terminal breaks. Where the audit log says where a person's key is, the command is the one for that kind.
pub(super) fn next(
    signing: &Signing,
    place: &Place,
    parents: &Parents,
    arguments: &SignArguments,
    custodies: &HashMap<Fingerprint, Custody>,
) -> String {
    let waited_for = waited_for(signing);
    // Writing to a string does not fail.
    let mut text = String::new();
    if waited_for.is_empty() {
        let _ = writeln!(text, "  next        verify it with a trust policy:\n  genome verify --trust POLICY {}", place.signed());
        return text;
    }
    let mut command = format!("genome sign {}", place.words());
    for parent in parents.only_given() {
        let _ = write!(command, " --parent {}", shell_path(parent));
    }
    if let Some(log) = arguments.audit.named() {
        let _ = write!(command, " --audit-log {}", shell_path(log));
    }
    let mut is_unknown = false;
    for Signer { key_id, public_key, .. } in waited_for.iter().take(SHOWN) {
        let fingerprint = public_key.fingerprint();
        let reference = custodies.get(&fingerprint).map(|&custody| reference(custody, fingerprint));
        is_unknown |= reference.is_none();
        let reference = reference.as_deref().unwrap_or("REF");
        let _ = writeln!(text, "  next        `{key_id}` ({fingerprint}):\n  {command} --key {reference}");
    }
    if let Some(more) = waited_for.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        let _ = writeln!(text, "  next        or {more} more");
    }
    if is_unknown {
        let _ = writeln!(text, "  REF         where that key is: {}", reference_forms());
    }
    text
}

/// The reference of a key of this kind, as far as it is known: the rest is for the person to fill in.
fn reference(custody: Custody, fingerprint: Fingerprint) -> String {
    match custody {
        Custody::SshAgent => format!("{}:{fingerprint}", custody.as_str()),
        Custody::Environment | Custody::File | Custody::Pkcs11 | Custody::Exec => {
            format!("{}:{}", custody.as_str(), custody.operand())
        }
    }
}

/// Those who still may sign for a quorum that is not met, each once, though the same key may count for several.
fn waited_for(signing: &Signing) -> Vec<&Signer> {
    let unmet = |tally: &&Tally| !tally.is_met();
    let tallies = [&signing.tally].into_iter().chain(signing.parents.iter().map(|quorum| &quorum.tally));
    let mut seen: HashSet<&PublicKey> = HashSet::new();
    tallies.filter(unmet).flat_map(|tally| &tally.unsigned).filter(|signer| seen.insert(&signer.public_key)).collect()
}
