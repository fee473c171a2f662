//! The report of a draft: its changes, warnings, and how it is signed.

use super::next;
use crate::{Finding, Paint, ShownIds, Source, say, tell};
use genome::change::Change;
use genome::draft::Drafted;
use genome::lineage::SuccessionCheck;
use genome::model::Signer;
use genome::refusal::{TestKey, TestKeyPlace};
use genome::{Genome, Verified, Warning};
use genome_json::text::{BarePath, Quoted};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// What helps where an ancestor is signed by a key that is published.
const OWN_LINEAGE: &str =
    "nobody can trust a genome with such an ancestor: start a lineage of its own: draft with --new-root and signers of your own";

/// Warns of published test keys and other weaknesses of the draft. `parent` is the genome that it descends from, if it descends from any.
pub(crate) fn warn(drafted: &Drafted, from: &Verified<Genome>, parent: Option<&Genome>, source: &Source) {
    for warning in from.warnings() {
        // Those of its own authority are said below, and matter where the draft descends from it.
        let is_own = matches!(warning, Warning::TestKey(key) if matches!(key.place, TestKeyPlace::Authority(_)));
        let is_ancestor = matches!(warning, Warning::TestKey(key) if matches!(key.place, TestKeyPlace::Ancestor(_)));
        if !is_own && (parent.is_some() || !is_ancestor) {
            let finding = Finding::from(warning).at(source);
            say(&if is_ancestor { Finding { hint: OWN_LINEAGE.to_owned(), ..finding } } else { finding });
        }
    }
    let of_parent = parent.into_iter().flat_map(|parent| TestKey::of_ancestor(parent, from.id()));
    for key in of_parent {
        say(&Finding::of_test_key(key, OWN_LINEAGE).at(source));
    }
    for key in drafted.genome().authority.signers.iter().filter_map(TestKey::of_signer) {
        let hint = "never use this genome in production: make a key with genome-keygen, and give it with --signer";
        say(&Finding::of_test_key(key, hint));
    }
    let of = |signer: &Signer| format!("the signer `{}` ({})", signer.key_id, signer.public_key.fingerprint());
    for signer in parent.into_iter().flat_map(|parent| next::shut_out(parent, drafted.genome())) {
        let message = format!("{} of the parent cannot sign the draft, which gives that key id to another key", of(signer));
        let hint =
            "give the new key a key id of its own, such as one with the year in it: one genome carries one signature for each";
        say(&Finding::warning(message, hint).at(source));
    }
}

/// Warns of a version that does not fit what the draft changes since its parent: who reviews the change refuses it.
pub(crate) fn warn_of_version(drafted: &Drafted, parent: &Genome) {
    let genome = drafted.genome();
    let changes = Change::in_meaning_between(parent, genome);
    let check = SuccessionCheck::of_version(parent, genome, &changes);
    if check.is_met {
        return;
    }
    let fits = Change::above_a_patch(&changes).and_then(|_| Change::fitting_step(&changes).after(&parent.version));
    let takes = fits.map(|version| format!(", which takes {version}")).unwrap_or_default();
    let hint = format!(
        "draft it again without --bump and --version{takes}: genome-diff does not call this one a valid successor, and genome-verify --proposal refuses it"
    );
    say(&Finding::warning(check.message, hint));
}

/// Says what the draft changes and which genome it is; the last lines, about who signs it how, are the caller's.
pub(crate) fn report(drafted: &Drafted, from: &Verified<Genome>, output: &Path, last: &str) {
    let genome = drafted.genome();
    let mut text = format!(
        "drafted {} {}, from {} {} ({})\n",
        Quoted(&genome.name),
        genome.version,
        Quoted(&from.name),
        from.version,
        from.trust().as_str()
    );
    let parents = from.parents.iter().chain(&genome.parents).copied();
    let ids = ShownIds::on(Paint::on(&io::stderr())).with([drafted.id()].into_iter().chain(parents));
    // Writing to a string does not fail.
    for change in Change::between(from, genome) {
        let _ = writeln!(text, "  {}", ids.change(&change));
    }
    let _ = writeln!(text, "  genome id   {}", drafted.id());
    if output.as_os_str() != "-" {
        let _ = writeln!(text, "  written to  {}", BarePath(output));
    }
    text.push_str(last);
    tell(&text);
}
