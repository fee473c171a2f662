//! What the page says of the genome and of recent denials, section by section.

use super::html::{each, escaped, field, html, table};
use crate::active::{Active, time_of};
use crate::denials::Denial;
use genome::model::Capability;
use genome::{Ceiling, Genome, Verified};
use genome_json::text::Field;
use std::fmt::{self, Display, Formatter};

/// How many of its actions are shown of a list; a person who wants to know of another asks.
const MOST_SHOWN: usize = 200;

pub(super) fn title(genome: &Verified<Genome>) -> impl Display {
    escaped(fmt::from_fn(|out| write!(out, "{} {}", Field(&genome.name), genome.version)))
}

pub(super) fn ceiling(ceiling: &Ceiling) -> impl Display {
    let (allowed, denied) = (ceiling.allowed(), ceiling.denied());
    let are = if allowed == 1 { "action is" } else { "actions are" };
    fmt::from_fn(move |out| write!(out, "{allowed} {are} allowed, {denied} denied by name"))
}

pub(super) fn identity(active: &Active) -> impl Display {
    fmt::from_fn(|out| {
        let genome = active.genome();
        let row = |out: &mut Formatter<'_>, name: &str, value: &dyn Display| writeln!(out, "<dt>{name}</dt><dd>{value}</dd>");
        let digest = |out: &mut Formatter<'_>, name: &str, id| writeln!(out, "<dt>{name}</dt><dd><code>{id}</code></dd>");
        let trust = genome.trust();
        row(out, "Trust", &format_args!("<strong>{}</strong>: {}", trust.as_str(), html(trust.meaning())))?;
        digest(out, "Genome id", genome.id())?;
        row(out, "Name", &field(&genome.name))?;
        row(out, "Version", &html(&genome.version.to_string()))?;
        if genome.parents.is_empty() {
            row(out, "Parents", &"none: it is a root")?;
        }
        genome.parents.iter().try_for_each(|parent| digest(out, "Parent", *parent))?;
        row(out, "Created at", &html(genome.created_at.as_str()))?;
        row(out, "Loaded at", &time_of(active.loaded_at()).as_ref().map_or("", |time| time.as_str()))
    })
}

pub(super) fn threshold(genome: &Verified<Genome>) -> impl Display {
    let tally = genome.tally();
    fmt::from_fn(move |out| write!(out, "{} have signed, {} must", tally.counted(), tally.threshold))
}

pub(super) fn signers(genome: &Verified<Genome>) -> impl Display {
    each(&genome.authority.signers, |signer, out| {
        let signed = if genome.tally().signed.contains(signer) { "yes" } else { "no" };
        let (key_id, print) = (signer.key_id.to_string(), signer.public_key.fingerprint());
        let key_id = html(&key_id);
        writeln!(out, "<tr><th scope=\"row\">{key_id}</th><td><code>{print}</code></td><td>{signed}</td></tr>")
    })
}

pub(super) fn invariants(genome: &Genome) -> impl Display {
    fmt::from_fn(|out| {
        if genome.invariants.is_empty() {
            return out.write_str("<p>It names none.</p>");
        }
        let rows = each(&genome.invariants, |invariant, out| {
            let [id, claim, hook] = [&invariant.id, &invariant.testable_claim, &invariant.enforcement_hook].map(|text| field(text));
            let severity = invariant.severity;
            writeln!(out, "<tr><th scope=\"row\">{id}</th><td>{severity}</td><td>{claim}</td><td><code>{hook}</code></td></tr>")
        });
        write!(out, "{}", table("Invariants", &["Id", "Severity", "What must hold", "Enforced by"], rows))
    })
}

pub(super) fn capabilities(genome: &Genome) -> impl Display {
    fmt::from_fn(|out| {
        if genome.capabilities.is_empty() {
            return out.write_str("<p>It names none: every action is denied.</p>");
        }
        let capability = |Capability { cap_id, risk_class, allow_actions, deny_actions, .. }: &Capability,
                          out: &mut Formatter<'_>| {
            let (allows, denies) = (allow_actions.len(), deny_actions.len());
            let cap_id = field(cap_id);
            writeln!(
                out,
                "<details><summary><strong>{cap_id}</strong> risk class {risk_class}, allows {allows}, denies {denies}</summary>"
            )?;
            writeln!(out, "{}{}</details>", actions("Allows", allow_actions), actions("Denies", deny_actions))
        };
        write!(out, "{}", each(&genome.capabilities, capability))
    })
}

fn actions(verb: &str, actions: &[String]) -> impl Display {
    fmt::from_fn(move |out| {
        if actions.is_empty() {
            return Ok(());
        }
        let shown = actions.get(..MOST_SHOWN).unwrap_or(actions);
        let items = each(shown, |action, out| writeln!(out, "<li><code>{}</code></li>", field(action)));
        write!(out, "<p>{verb}:</p><ul>\n{items}")?;
        if shown.len() < actions.len() {
            writeln!(out, "<li>and {} more, which can be asked for above</li>", actions.len() - shown.len())?;
        }
        out.write_str("</ul>\n")
    })
}

pub(super) fn denials(denials: &[Denial]) -> impl Display {
    fmt::from_fn(|out| {
        if denials.is_empty() {
            return out.write_str("<p>None since the genome was loaded.</p>");
        }
        let rows = each(denials, |denial, out| {
            let time = time_of(denial.at);
            let time = time.as_ref().map_or("", |time| time.as_str());
            let (action, reason) = (field(&denial.action), html(&denial.reason));
            writeln!(
                out,
                "<tr><td><time datetime=\"{time}\">{time}</time></td><td><code>{action}</code></td><td>{reason}</td></tr>"
            )
        });
        write!(out, "{}", table("Recent denials", &["When", "Action", "Why"], rows))
    })
}
