//! Where the draft is signed to, and who signs it how.

use super::output::is_same;
use crate::turns::{CoSigningParents, SigningPlace, Turns, is_shut_out};
use crate::{Source, signatures};
use genome::change::Change;
use genome::lineage::{Succession, SuccessionCheckKind};
use genome::model::Signer;
use genome::refusal::Quorum;
use genome::{Document, Genome, TrustPolicy};
use genome_json::text::shell_path;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where the draft is, and where it is signed to: `genome.json` for `genome-unsigned.json`, unless that is the parent, which signing would have to
/// replace.
pub(crate) fn place(draft: &Path, from: &Path) -> SigningPlace {
    let output = match named(draft, "") {
        _ if draft.as_os_str() == "-" => draft.to_owned(),
        taken if taken == draft || is_same(&taken, from) => named(draft, "-signed"),
        free => free,
    };
    SigningPlace { draft: Source::from(draft), output }
}

/// The path with another end of its name, before the extension and instead of `-unsigned`.
fn named(draft: &Path, end: &str) -> PathBuf {
    let stem = draft.file_stem().unwrap_or_default();
    let bare = stem.to_str().and_then(|stem| stem.strip_suffix("-unsigned")).filter(|bare| !bare.is_empty());
    let mut name = bare.map_or_else(|| stem.to_owned(), OsString::from);
    name.push(end);
    if let Some(extension) = draft.extension() {
        name.push(".");
        name.push(extension);
    }
    draft.with_file_name(name)
}

/// The signers of the parent who cannot sign at all, because the draft gives their key id to another key.
pub(crate) fn shut_out<'g>(parent: &'g Genome, draft: &Genome) -> Vec<&'g Signer> {
    parent.authority.signers.iter().filter(|signer| is_shut_out(signer, draft)).collect()
}

/// How many have to sign the draft and for its parent, and how each of them does. Nobody is asked for a signature by a key that the policy revokes.
pub(crate) fn lines(
    draft: &Document<'_>,
    parent: Option<&Document<'_>>,
    policy: Option<&TrustPolicy>,
    place: &SigningPlace,
    from: &Path,
) -> String {
    // A draft carries no signature that could be wrong.
    let Ok(mut own) = draft.tally() else { return String::new() };
    own.unsigned.retain(|signer| policy.is_none_or(|policy| !policy.revokes(&signer.public_key)));
    let genome = draft.unverified();
    let parents: Vec<Quorum> = parent.and_then(|parent| quorum(parent, draft, policy)).into_iter().collect();
    let mut turns = Turns::at(place).with_key(place.key_file());
    if CoSigningParents::of(draft, &[], place).is_ok_and(|parents| parents.missing() > 0) {
        turns = turns.with_parent(&if from.as_os_str() == "-" { "PARENT".to_owned() } else { shell_path(from) });
    }
    // Nobody has signed it, so that no audit log says what kind of key somebody has.
    signatures(&own, &parents) + &turns.lines(genome, &own, &parents, &HashMap::new())
}

/// How many of the parent's signers have to sign the step to the draft.
fn quorum(parent: &Document<'_>, draft: &Document<'_>, policy: Option<&TrustPolicy>) -> Option<Quorum> {
    let changes = Change::in_meaning_between(parent.unverified(), draft.unverified());
    let succession = Succession::of(parent, draft, &changes, policy);
    let check = succession.checks().iter().find(|check| check.kind == SuccessionCheckKind::SignaturesOfParent);
    check.and_then(|check| check.quorum.clone())
}
