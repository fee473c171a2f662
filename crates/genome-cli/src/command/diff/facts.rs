//! A genome as lines that git can compare.

use genome::change::ActionAnswer;
use genome::model::{Capability, Invariant, ToolPin};
use genome::{Document, Genome};
use genome_json::text::Quoted;
use std::fmt::Write as _;

/// A line for each statement of a genome, in an order that does not depend on its own: two genomes have the same lines if, and only if,
/// they mean the same, whatever the names in them. Signatures stand in lines of their own.
pub(crate) fn facts(document: &Document<'_>) -> String {
    let genome = document.unverified();
    let mut lines = vec![
        format!("name {}", Quoted(&genome.name)),
        format!("version {}", genome.version),
        format!("created_at {}", genome.created_at.in_utc()),
        format!("threshold {}", genome.authority.threshold),
    ];
    lines.extend(sorted(genome.parents.iter().map(|id| format!("parent {id}"))));
    let signers = genome.authority.signers.iter();
    lines.extend(sorted(signers.map(|signer| format!("signer {} {}", signer.key_id, signer.public_key.fingerprint()))));
    lines.extend(sorted(genome.invariants.iter().map(invariant)));
    lines.extend(sorted(actions(genome)));
    lines.extend(sorted(genome.tools.iter().map(|ToolPin { action, sha256, .. }| format!("pin {} {sha256}", Quoted(action)))));
    lines.extend(sorted(genome.files.iter().map(|file| {
        let digest = file.sha256.map_or_else(|| "a placeholder".to_owned(), |digest| digest.to_string());
        format!("file {} {digest}", Quoted(file.path.as_str()))
    })));
    lines.extend(sorted(document.signatures().iter().map(|signature| format!("signature {}", signature.key_id()))));
    lines.into_iter().fold(String::new(), |mut out, line| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{line}");
        out
    })
}

fn sorted(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort();
    lines.dedup();
    lines
}

fn invariant(invariant: &Invariant) -> String {
    let Invariant { id, severity, testable_claim, enforcement_hook, .. } = invariant;
    format!("invariant {} {severity} {}: {}", Quoted(id), Quoted(enforcement_hook), Quoted(testable_claim))
}

/// The actions that each capability lists, with the capability that decides where it is another: the one that denies, or else the first that
/// allows.
fn actions(genome: &Genome) -> Vec<String> {
    let answers = ActionAnswer::of_each_action(genome);
    let mut lines = Vec::new();
    for Capability { cap_id, risk_class, allow_actions, deny_actions, .. } in &genome.capabilities {
        let id = Quoted(cap_id);
        lines.push(format!("capability {id} risk class {risk_class}"));
        lines.extend(allow_actions.iter().map(|action| {
            let decided = match answers.get(action.as_str()) {
                Some(ActionAnswer::Denied { cap_id: by }) => format!(", which {} denies", Quoted(by)),
                Some(ActionAnswer::Allowed { cap_id: by, .. }) if by != cap_id => {
                    format!(", which {} allows before it", Quoted(by))
                }
                _ => String::new(),
            };
            format!("capability {id} allows {}{decided}", Quoted(action))
        }));
        lines.extend(deny_actions.iter().map(|action| {
            let decided = match answers.get(action.as_str()).and_then(ActionAnswer::cap_id) {
                Some(by) if by != cap_id => format!(", which {} denies before it", Quoted(by)),
                _ => String::new(),
            };
            format!("capability {id} denies {}{decided}", Quoted(action))
        }));
    }
    lines
}
