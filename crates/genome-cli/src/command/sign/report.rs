//! The report: what was done, how far the authorities have signed, and who is next.

use super::SignArguments;
use super::next::next;
use crate::turns::{CoSigningParents, SigningPlace};
use crate::{Finding, Recorded, say, standing, tell};
use genome::Document;
use genome::document::Signing;
use genome::model::GenomeName;
use genome::refusal::TestKey;
use genome_json::text::Quoted;
use std::path::Path;

/// What became of the output.
pub(super) struct Done<'d> {
    /// Whether something changed there.
    pub(super) changed: bool,
    /// The file that was written, if one was.
    pub(super) written_to: Option<&'d Path>,
    /// What the audit log has taken, if there is one.
    pub(super) recorded: &'d Recorded,
}

/// Reports it on standard error.
pub(super) fn report(
    document: &Document<'_>,
    signing: &Signing,
    done: &Done<'_>,
    place: &SigningPlace,
    parents: &CoSigningParents,
    arguments: &SignArguments,
) {
    let Signing { signer, already, tally, on_behalf_of, .. } = signing;
    if let Some(key) = TestKey::of_signer(signer) {
        say(&Finding::of_test_key(key, "never use this genome in production"));
    }
    let what = match (already, done.changed) {
        (false, _) => "signed by",
        (true, true) => "signed before by",
        (true, false) => "nothing to do, signed before by",
    };
    let on_behalf_of = on_behalf_of.as_ref().map(|GenomeName { name, version, .. }| {
        format!("  on behalf   of {} {version}, its parent: the genome itself does not name this key\n", Quoted(name))
    });
    let recorded = done.recorded.place.as_ref().map(|place| format!("  recorded    in {place}\n"));
    let missing = match parents.missing() {
        0 => None,
        1 => Some("1 was not found in order near it, and its signers may have to sign too".to_owned()),
        many => Some(format!("{many} were not found in order near it, and their signers may have to sign too")),
    };
    let missing = missing.map(|missing| format!("  parents     {missing}: see --parent\n"));
    tell(&format!(
        "{what} `{}` ({})\n{}{}{}{}{}",
        signer.key_id,
        signer.public_key.fingerprint(),
        on_behalf_of.unwrap_or_default(),
        standing(document, tally, &signing.parents, done.written_to),
        recorded.unwrap_or_default(),
        missing.unwrap_or_default(),
        next(document.unverified(), signing, place, parents, arguments, &done.recorded.custodies)
    ));
}
