//! The contents of a genome, where there is nothing to compare it with.

use crate::Paint;
use anstyle::{AnsiColor, Style};
use genome::Genome;
use genome::change::ActionAnswer;
use genome::model::{Capability, RiskClass, ToolPin};
use genome_json::text::Quoted;
use std::cmp::Reverse;
use std::collections::HashMap;
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

/// Each statement of the genome on a line of its own: who may sign, what is allowed under the highest risk class of a capability that
/// allows it, the gravest first, what is denied by name, which definitions of tools are good, what must hold. Whatever it says, its texts are quoted, and begin no line.
pub(crate) fn write_contents(out: &mut String, genome: &Genome, paint: Paint) -> std::fmt::Result {
    for signer in &genome.authority.signers {
        writeln!(out, "  signer         `{}` ({})", signer.key_id, signer.public_key.fingerprint())?;
    }
    writeln!(out, "  threshold      {} of {} must sign", genome.authority.threshold, genome.authority.signers.len())?;
    let answers = ActionAnswer::of_each_action(genome);
    let mut actions: Vec<(&str, &ActionAnswer)> = answers.iter().map(|(action, answer)| (*action, answer)).collect();
    actions.sort_unstable_by_key(|(action, _)| *action);
    let allowing = allowing(genome);
    for &class in RiskClass::ALL.iter().rev() {
        let style = paint.style(style(class));
        for (action, answer) in &actions {
            let by = allowing.get(action).map(Vec::as_slice).unwrap_or_default();
            if let (ActionAnswer::Allowed { .. }, [gravest, others @ ..]) = (answer, by)
                && gravest.risk_class == class
            {
                write!(out, "  {style}allowed, {class}{style:#}     {} by {}", Quoted(action), Quoted(&gravest.cap_id))?;
                for Capability { cap_id, risk_class, .. } in others {
                    write!(out, " and {} ({risk_class})", Quoted(cap_id))?;
                }
                out.push('\n');
            }
        }
    }
    for (action, answer) in &actions {
        if let ActionAnswer::Denied { cap_id } = answer {
            writeln!(out, "  denied         {} by {}", Quoted(action), Quoted(cap_id))?;
        }
    }
    for ToolPin { action, sha256, .. } in &genome.tools {
        writeln!(out, "  pinned         {} to {sha256}", Quoted(action))?;
    }
    for invariant in &genome.invariants {
        let [id, claim, hook] = [&invariant.id, &invariant.testable_claim, &invariant.enforcement_hook].map(|text| Quoted(text));
        writeln!(out, "  invariant      {id} ({}): {claim}, enforced by {hook}", invariant.severity)?;
    }
    let (files, s) = (genome.files.len(), if genome.files.len() == 1 { "" } else { "s" });
    writeln!(out, "  manifest       {files} file{s}")
}

/// The capabilities that list each action as allowed, the one of the highest risk class first. The ceiling names the first in the genome, which may be
/// a harmless one.
fn allowing(genome: &Genome) -> HashMap<&str, Vec<&Capability>> {
    let mut allowing: HashMap<&str, Vec<&Capability>> = HashMap::new();
    for capability in &genome.capabilities {
        for action in &capability.allow_actions {
            let by = allowing.entry(action).or_default();
            // It may list an action twice.
            if by.last().is_none_or(|last| last.cap_id != capability.cap_id) {
                by.push(capability);
            }
        }
    }
    for by in allowing.values_mut() {
        by.sort_by_key(|capability| Reverse(capability.risk_class));
    }
    allowing
}

fn style(class: RiskClass) -> Style {
    match class {
        RiskClass::D => AnsiColor::Red.on_default().bold(),
        RiskClass::C => AnsiColor::Yellow.on_default().bold(),
        RiskClass::A | RiskClass::B => Style::new(),
    }
}
