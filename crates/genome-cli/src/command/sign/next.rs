//! Who is next: whose signatures are still missing, or what comes after the last signature.

use super::SignArguments;
use crate::source::TRUST;
use crate::turns::{CoSigningParents, SigningPlace, Turns};
use genome::audit::Custody;
use genome::document::Signing;
use genome::{Fingerprint, Genome};
use genome_json::text::shell_path;
use std::collections::HashMap;

/// The last lines of the report. Where the audit log says where a person's key is, the command is the one for that kind.
pub(super) fn next(
    genome: &Genome,
    signing: &Signing,
    place: &SigningPlace,
    parents: &CoSigningParents,
    arguments: &SignArguments,
    custodies: &HashMap<Fingerprint, Custody>,
) -> String {
    let turns = parents.only_given().fold(Turns::at(place), |turns, parent| turns.with_parent(&shell_path(parent)));
    let lines = turns.recorded_in(arguments.audit.named()).lines(genome, &signing.tally, &signing.parents, custodies);
    if !lines.is_empty() {
        return lines;
    }
    format!("  next        verify it with a trust policy:\n  genome verify --trust {} {}\n", policy(place), place.signed())
}

/// The trust policy, as a word for a shell: the one beside the signed genome, which `genome init` has made there.
fn policy(place: &SigningPlace) -> String {
    let beside = place.output.with_file_name(TRUST);
    let is_there = place.output.as_os_str() != "-" && beside.is_file();
    if is_there { shell_path(&beside) } else { "POLICY".to_owned() }
}
