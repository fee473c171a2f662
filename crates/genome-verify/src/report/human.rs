use crate::outcome::{Outcome, State};
use anstyle::{AnsiColor, Style};
use genome::{Capability, Ceiling, Genome, Printable, Verified};
use genome_cli::Paint;
use std::fmt::Write as _;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// The report of one genome, for a person.
pub(super) fn report(outcome: &Outcome, paint: Paint) -> String {
    let mut out = String::with_capacity(4096);
    // Writing to a string does not fail.
    let _ = write(&mut out, outcome, paint);
    out
}

fn write(out: &mut String, outcome: &Outcome, paint: Paint) -> std::fmt::Result {
    let style = paint.style(if outcome.verdict.is_ok() { GOOD } else { BAD });
    // No line starts with words of a file or of its name: a CI log may take the start of a line for a command to it.
    writeln!(out, "{style}{}{style:#}  {}", outcome.exit.verdict(), Printable(&outcome.source))?;
    for (check, state) in outcome.checklist() {
        let (mark, style) = match state {
            State::Holds => ("ok", paint.style(GOOD)),
            State::Fails => ("NO", paint.style(BAD)),
            State::NotEvaluated => ("--", Style::new()),
        };
        let code = match &outcome.verdict {
            Err(finding) if state == State::Fails => finding.code.map(|code| format!(": {code}")).unwrap_or_default(),
            _ => String::new(),
        };
        let note = if state == State::NotEvaluated { " (not evaluated)" } else { "" };
        writeln!(out, "  {style}{mark}{style:#}  {}{code}{note}", check.name)?;
    }
    match &outcome.verdict {
        Ok(genome) => summary(out, genome),
        Err(_) => Ok(()),
    }
}

fn summary(out: &mut String, genome: &Verified<Genome>) -> std::fmt::Result {
    let tally = genome.tally();
    writeln!(out, "  name        {}", Printable(&genome.name))?;
    writeln!(out, "  version     {}", genome.version)?;
    writeln!(out, "  genome id   {}", genome.id())?;
    writeln!(out, "  created at  {}", genome.created_at)?;
    match genome.parents.as_slice() {
        [] => writeln!(out, "  parents     none: it is a root")?,
        parents => parents.iter().try_for_each(|parent| writeln!(out, "  parent      {parent}"))?,
    }
    writeln!(out, "  trust       {}: {}", genome.trust().as_str(), genome.trust().meaning())?;
    writeln!(
        out,
        "  signers     {} of {} signed, {} required",
        tally.signed.len(),
        genome.authority.signers.len(),
        tally.threshold
    )?;
    for signer in &genome.authority.signers {
        let signed = if tally.signed.contains(signer) { "signed" } else { "has not signed" };
        writeln!(out, "    {signed}  {}  {}", signer.key_id, signer.public_key.fingerprint())?;
    }
    writeln!(out, "  invariants  {}", genome.invariants.len())?;
    for invariant in &genome.invariants {
        let [id, claim, hook] = [&invariant.id, &invariant.testable_claim, &invariant.enforcement_hook].map(|text| Printable(text));
        writeln!(out, "    {}  {id}  {hook}: {claim}", invariant.severity)?;
    }
    let ceiling = Ceiling::of(genome);
    let actions_allowed = count(ceiling.allowed(), "action");
    writeln!(out, "  ceiling     {actions_allowed} allowed, {} denied by name, all others denied", ceiling.denied())?;
    for Capability { cap_id, risk_class, allow_actions, deny_actions, .. } in &genome.capabilities {
        write!(out, "    {risk_class}  {}", Printable(cap_id))?;
        actions(out, "allows", allow_actions)?;
        actions(out, "denies", deny_actions)?;
        writeln!(out)?;
    }
    writeln!(out, "  manifest    {}, not checked", count(genome.files.len(), "file"))
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A few actions by name, and how many more there are.
fn actions(out: &mut String, verb: &str, actions: &[String]) -> std::fmt::Result {
    const SHOWN: usize = 8;
    for (index, action) in actions.iter().take(SHOWN).enumerate() {
        let start = if index == 0 { format!("  {verb} ") } else { ", ".to_owned() };
        write!(out, "{start}{}", Printable(action))?;
    }
    match actions.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(out, " and {more} more"),
    }
}
