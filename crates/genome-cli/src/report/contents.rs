//! The contents of a genome, where there is nothing to compare it with.

use crate::Paint;
use anstyle::{AnsiColor, Style};
use genome::Genome;
use genome::change::ActionAnswer;
use genome::model::RiskClass;
use genome_json::text::Quoted;
use std::fmt::Write as _;

/// How many actions the genome allows.
fn allowed(genome: &Genome) -> usize {
    ActionAnswer::of_each_action(genome).values().filter(|answer| matches!(answer, ActionAnswer::Allowed { .. })).count()
}

/// The same in words.
pub(crate) fn counted_allowed(genome: &Genome) -> String {
    let allowed = allowed(genome);
    format!("{allowed} action{} allowed", if allowed == 1 { "" } else { "s" })
}

/// What is counted of contents that are all new.
pub(crate) const CONTENTS_COUNTED: &str = "signers and allowed actions";

/// How many of these there are.
pub(crate) fn gravity_of_contents(genome: &Genome) -> usize {
    genome.authority.signers.len() + allowed(genome)
}

/// Each statement of the genome on a line of its own: who may sign, what is allowed under the risk class of the capability that decides,
/// the gravest first, what is denied by name, what must hold. Whatever it says, its texts are quoted, and begin no line.
pub(crate) fn write_contents(out: &mut String, genome: &Genome, paint: Paint) -> std::fmt::Result {
    for signer in &genome.authority.signers {
        writeln!(out, "  signer         `{}` ({})", signer.key_id, signer.public_key.fingerprint())?;
    }
    writeln!(out, "  threshold      {} of {} must sign", genome.authority.threshold, genome.authority.signers.len())?;
    let answers = ActionAnswer::of_each_action(genome);
    let mut actions: Vec<(&str, &ActionAnswer)> = answers.iter().map(|(action, answer)| (*action, answer)).collect();
    actions.sort_unstable_by_key(|(action, _)| *action);
    for &class in RiskClass::ALL.iter().rev() {
        let style = paint.style(style(class));
        for (action, answer) in &actions {
            if let ActionAnswer::Allowed { cap_id, risk_class } = answer
                && *risk_class == class
            {
                writeln!(out, "  {style}allowed, {class}{style:#}     {} by {}", Quoted(action), Quoted(cap_id))?;
            }
        }
    }
    for (action, answer) in &actions {
        if let ActionAnswer::Denied { cap_id } = answer {
            writeln!(out, "  denied         {} by {}", Quoted(action), Quoted(cap_id))?;
        }
    }
    for invariant in &genome.invariants {
        let [id, claim, hook] = [&invariant.id, &invariant.testable_claim, &invariant.enforcement_hook].map(|text| Quoted(text));
        writeln!(out, "  invariant      {id} ({}): {claim}, enforced by {hook}", invariant.severity)?;
    }
    let (files, s) = (genome.files.len(), if genome.files.len() == 1 { "" } else { "s" });
    writeln!(out, "  manifest       {files} file{s}")
}

fn style(class: RiskClass) -> Style {
    match class {
        RiskClass::D => AnsiColor::Red.on_default().bold(),
        RiskClass::C => AnsiColor::Yellow.on_default().bold(),
        RiskClass::A | RiskClass::B => Style::new(),
    }
}
