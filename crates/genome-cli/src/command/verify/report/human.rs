//! The report of a genome, for a person.

use super::checklist::{Line, lines};
use crate::{Paint, ShownIds, Verdict};
use anstyle::{AnsiColor, Style};
use genome::audit::AuditLog;
use genome::model::{Capability, Signer, ToolPin};
use genome::refusal::{Check, CheckResult};
use genome::{Genome, Trust, Verified};
use genome_json::text::{BarePath, Quoted};
use std::fmt::Write as _;
use std::path::Path;

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Accepted, and trusted by nothing.
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// The report of one genome, for a person: the verdict with its checklist, and a summary, which is empty where it is not accepted. Warnings
/// stand between the two, so that no long summary hides them.
pub(super) fn report(verdict: &Verdict, paint: Paint, ids: &mut ShownIds) -> [String; 2] {
    let (mut head, mut body) = (String::with_capacity(1024), String::with_capacity(4096));
    // Writing to a string does not fail.
    let _ = write_verdict(&mut head, verdict, paint);
    if let Some(genome) = verdict.genome() {
        let lineage = genome.lineage().into_iter().flat_map(|lineage| lineage.pinned.iter().chain(&lineage.roots));
        ids.add([genome.id()].into_iter().chain(genome.parents.iter().copied()).chain(lineage.map(|ancestor| ancestor.id)));
        let _ = summary(&mut body, genome, ids);
    }
    [head, body]
}

fn write_verdict(out: &mut String, verdict: &Verdict, paint: Paint) -> std::fmt::Result {
    let (style, doubt) = match verdict.genome().map(Verified::trust) {
        Some(Trust::Pinned | Trust::Lineage) => (GOOD, ""),
        Some(_) => (DOUBTFUL, ", not trusted"),
        None => (BAD, ""),
    };
    let style = paint.style(style);
    // No line starts with words of a file or of its name: a CI log may take the start of a line for a command to it.
    writeln!(out, "{style}{}{doubt}{style:#}  {}", verdict.exit.verdict(), verdict.source)?;
    for Line { check, state, code } in lines(verdict) {
        let (mark, style, note) = match state {
            CheckResult::Held => ("ok", paint.style(GOOD), ""),
            CheckResult::Failed => ("NO", paint.style(BAD), ""),
            CheckResult::NotEvaluated => ("--", Style::new(), " (not evaluated)"),
        };
        let code = code.map(|code| format!(": {code}")).unwrap_or_default();
        writeln!(out, "  {style}{mark}{style:#}  {check}{code}{note}")?;
    }
    Ok(())
}

fn summary(out: &mut String, genome: &Verified<Genome>, ids: &ShownIds) -> std::fmt::Result {
    let tally = genome.tally();
    writeln!(out, "  name        {}", Quoted(&genome.name))?;
    writeln!(out, "  version     {}", genome.version)?;
    writeln!(out, "  genome id   {}", genome.id())?;
    writeln!(out, "  created at  {}", genome.created_at)?;
    match genome.parents.as_slice() {
        [] => writeln!(out, "  parents     none: it is a root")?,
        parents => parents.iter().try_for_each(|parent| writeln!(out, "  parent      {}", ids.show(*parent)))?,
    }
    writeln!(out, "  trust       {}: {}", genome.trust().as_str(), genome.trust().meaning())?;
    if let Some(lineage) = genome.lineage() {
        writeln!(out, "  lineage     {}", count(lineage.ancestors, "ancestor"))?;
        lineage.pinned.iter().try_for_each(|ancestor| writeln!(out, "    pinned  {}", ids.name(ancestor)))?;
        lineage.roots.iter().try_for_each(|ancestor| writeln!(out, "    root  {}", ids.name(ancestor)))?;
    }
    writeln!(
        out,
        "  signers     {} of {} signed, {} required",
        tally.signed.len(),
        genome.authority.signers.len(),
        tally.threshold
    )?;
    for signer in &genome.authority.signers {
        let signed = match signer {
            _ if tally.signed.contains(signer) => "signed",
            _ if tally.revoked.contains(signer) => "signed, and is revoked",
            _ => "has not signed",
        };
        writeln!(out, "    {signed}  {}  {}", signer.key_id, signer.public_key.fingerprint())?;
    }
    writeln!(out, "  invariants  {}", genome.invariants.len())?;
    for invariant in &genome.invariants {
        let [id, claim, hook] = [&invariant.id, &invariant.testable_claim, &invariant.enforcement_hook].map(|text| Quoted(text));
        writeln!(out, "    {}  {id}  {hook}: {claim}", invariant.severity)?;
    }
    let ceiling = genome.to_ceiling();
    let actions_allowed = count(ceiling.allowed(), "action");
    writeln!(out, "  ceiling     {actions_allowed} allowed, {} denied by name, all others denied", ceiling.denied())?;
    for Capability { cap_id, risk_class, allow_actions, deny_actions, .. } in &genome.capabilities {
        write!(out, "    {risk_class}  {}", Quoted(cap_id))?;
        actions(out, "allows", allow_actions)?;
        actions(out, "denies", deny_actions)?;
        writeln!(out)?;
    }
    if !genome.tools.is_empty() {
        writeln!(out, "  pins        {}", genome.tools.len())?;
    }
    for ToolPin { action, sha256, .. } in genome.tools.iter().take(SHOWN) {
        writeln!(out, "    {sha256}  {}", Quoted(action))?;
    }
    if genome.tools.len() > SHOWN {
        writeln!(out, "    and {} more", genome.tools.len() - SHOWN)?;
    }
    let is_checked = genome.checklist().iter().any(|(check, _)| check == Check::Manifest);
    let checked = if is_checked { "checked" } else { "not checked" };
    writeln!(out, "  manifest    {}, {checked}", count(genome.files.len(), "file"))
}

/// What was made of the public keys that stand for a trust policy.
pub(super) fn written_keys(path: &Path, signers: &[Signer]) -> String {
    format!("trust policy  {}: {}\n", BarePath(path), said_of(signers))
}

/// The signers that stand for a trust policy, in words.
pub(super) fn said_of(signers: &[Signer]) -> String {
    match signers {
        [Signer { key_id, public_key, .. }] => {
            let fingerprint = public_key.fingerprint();
            let fingerprint = if key_id.as_str() == fingerprint.to_string() { String::new() } else { format!(" ({fingerprint})") };
            format!("one public key, `{key_id}`{fingerprint}, must have signed")
        }
        several => {
            let ids: Vec<String> = several.iter().take(8).map(|signer| format!("`{}`", signer.key_id)).collect();
            let more = several.len().saturating_sub(ids.len());
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("one of {} public keys must have signed, {}{more}", several.len(), ids.join(", "))
        }
    }
}

/// The report of an audit log.
pub(super) fn audit_log(path: &Path, log: &AuditLog) -> String {
    let lines = count(log.lines(), "line");
    format!("audit log  {}\n  chain       {lines}, each follows the one before\n  head        {}\n", BarePath(path), log.head())
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// How many items of a list a person reads.
const SHOWN: usize = 100;

/// Actions by name: as many as a person reads, and how many more there are.
fn actions(out: &mut String, verb: &str, actions: &[String]) -> std::fmt::Result {
    for (index, action) in actions.iter().take(SHOWN).enumerate() {
        let start = if index == 0 { format!("  {verb} ") } else { ", ".to_owned() };
        write!(out, "{start}{}", Quoted(action))?;
    }
    match actions.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(out, " and {more} more"),
    }
}
