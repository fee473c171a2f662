//! The report of a comparison, in each format.

use super::comparison::{Compared, Comparison, Status, Unreadable};
use crate::pins::counted_tools;
use genome::definition::Difference;
use genome::digest::Digest;
use genome::mcp::ServerName;
use genome::{Genome, Verified};
use genome_cli::{Finding, lines_of_differences};
use genome_json::text::{Bare, Quoted, shortened, verbatim};
use genome_mcp::listing::Listed;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write as _;

/// How many tools that are not allowed are named for a person.
const NAMED: usize = 5;

/// The report for a person.
pub(crate) fn human(genome: &Verified<Genome>, server: &ServerName, listed: &Listed, comparison: &Comparison) -> String {
    let mut text = format!(
        "{} {} ({}), genome id {}\nthe server {server} lists {}, in the revision {} of MCP\n",
        Quoted(&genome.name),
        genome.version,
        genome.trust().as_str(),
        genome.id(),
        counted_tools(listed.tools.len() + listed.unusable.len()),
        listed.revision
    );
    for item in &comparison.items {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {:<11} {}", item.status.as_str(), said(item));
        for line in lines_of_differences(differences(item)) {
            let _ = writeln!(text, "    {line}");
        }
    }
    if let Some((first, more)) = shown_names(&comparison.not_allowed) {
        let _ = writeln!(text, "  not allowed {first}{more}");
    }
    text.push_str(&summary(server, comparison));
    if comparison.drifts() {
        let _ = writeln!(text, "  help: {HINT}");
    }
    text
}

/// What has become of one, without the word for it.
fn said(Compared { action, status }: &Compared) -> String {
    let action = Bare(action);
    match status {
        Status::Same | Status::Unpinned => action.to_string(),
        Status::Changed { pinned, is, differences } => {
            let unknown = if differences.is_none() { ". The text that is pinned is not at hand" } else { "" };
            format!("{action}: it is {is} now, and pinned is {}{unknown}", joined(pinned))
        }
        Status::Missing => format!("{action}: it is pinned, and the server does not have it"),
        Status::Unreadable(Unreadable::Tool(flaw)) => format!("{action}: {flaw}"),
        Status::Unreadable(Unreadable::Instructions) => {
            format!("{action}: they, or what stands beside them, are nothing that every reader understands alike")
        }
    }
}

fn differences(item: &Compared) -> &[Difference] {
    match &item.status {
        Status::Changed { differences: Some(differences), .. } => differences,
        _ => &[],
    }
}

fn shown_names(names: &[String]) -> Option<(String, String)> {
    if names.is_empty() {
        return None;
    }
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| Bare(&shortened(name, 80)).to_string()).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    Some((shown.join(", "), more))
}

fn summary(server: &ServerName, comparison: &Comparison) -> String {
    let drifts = comparison.items.iter().filter(|item| comparison.is_drift(item)).count();
    if comparison.lacks_pins() {
        return format!("drift: {}\n", lacking(server));
    }
    match drifts {
        0 if !comparison.is_pinned => {
            format!("not compared: {}\n", without_pins(server))
        }
        0 => "no drift\n".to_owned(),
        1 => "drift: 1 of them is not what was signed\n".to_owned(),
        drifts => format!("drift: {drifts} of them are not what was signed\n"),
    }
}

fn without_pins(server: &ServerName) -> String {
    format!("the genome pins nothing of the server {server}, and takes each tool that it allows, whatever that says")
}

fn lacking(server: &ServerName) -> String {
    format!("the genome pins nothing of the server {server}, and production does not start without pins")
}

/// The findings, for annotations.
pub(crate) fn findings(server: &ServerName, comparison: &Comparison) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    if comparison.lacks_pins() {
        findings.push(Finding::error(lacking(server), HINT));
    }
    for item in comparison.items.iter().filter(|item| comparison.is_drift(item)) {
        let members = lines_of_differences(differences(item));
        let members = if members.is_empty() { String::new() } else { format!(": {}", members.join("; ")) };
        findings.push(Finding::error(format!("{}: {}{members}", item.status.as_str(), said(item)), HINT));
    }
    if findings.is_empty() && !comparison.is_pinned {
        let hint = "pin what its tools say with genome-draft --pin-all, and have the genome signed";
        findings.push(Finding::warning(format!("not compared: {}", without_pins(server)), hint));
    } else if findings.is_empty() {
        let same = comparison.items.iter().filter(|item| item.status == Status::Same).count();
        let message = format!("no drift: {same} definitions of the server {server} are what was signed");
        findings.push(Finding::notice(message, "nothing has to be done"));
    }
    findings
}

const HINT: &str = "see who has changed the server; or write down what it says now with genome-mcp pin, draft with genome-draft --pin-all, read what \
                    changes with genome diff --definitions, and have the draft signed";

fn joined(digests: &[Digest]) -> String {
    digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// The result as JSON.
#[derive(Serialize)]
pub(crate) struct CheckShape<'c> {
    schema_version: &'static str,
    genome: GenomeShape<'c>,
    server: &'c str,
    revision: &'static str,
    drift: bool,
    pinned: bool,
    pins_required: bool,
    items: Vec<ItemShape<'c>>,
    not_allowed: Vec<Cow<'c, str>>,
}

#[derive(Serialize)]
struct GenomeShape<'c> {
    name: Cow<'c, str>,
    version: String,
    genome_id: String,
    trust: &'static str,
}

#[derive(Serialize)]
struct ItemShape<'c> {
    action: Cow<'c, str>,
    status: &'static str,
    why: Option<&'static str>,
    drift: bool,
    pinned: Vec<Digest>,
    is: Option<Digest>,
    differences: Option<Vec<DifferenceShape<'c>>>,
}

#[derive(Serialize)]
struct DifferenceShape<'c> {
    pointer: Cow<'c, str>,
    was: Option<Cow<'c, str>>,
    is: Option<Cow<'c, str>>,
}

impl<'c> CheckShape<'c> {
    pub(crate) fn new(genome: &'c Verified<Genome>, server: &'c ServerName, listed: &Listed, comparison: &'c Comparison) -> Self {
        Self {
            schema_version: "genome-mcp-check.v0.1",
            genome: GenomeShape {
                name: verbatim(&genome.name),
                version: genome.version.to_string(),
                genome_id: genome.id().to_string(),
                trust: genome.trust().as_str(),
            },
            server: server.as_str(),
            revision: listed.revision,
            drift: comparison.drifts(),
            pinned: comparison.is_pinned,
            pins_required: comparison.requires_pins,
            items: comparison.items.iter().map(|item| ItemShape::new(item, comparison)).collect(),
            not_allowed: comparison.not_allowed.iter().map(|name| verbatim(name)).collect(),
        }
    }
}

impl<'c> ItemShape<'c> {
    fn new(item: &'c Compared, comparison: &Comparison) -> Self {
        let (pinned, is, differences) = match &item.status {
            Status::Changed { pinned, is, differences } => (pinned.clone(), Some(*is), differences.as_deref().map(shapes)),
            _ => (Vec::new(), None, None),
        };
        Self {
            action: verbatim(&item.action),
            status: item.status.as_str(),
            why: item.status.why(),
            drift: comparison.is_drift(item),
            pinned,
            is,
            differences,
        }
    }
}

fn shapes(differences: &[Difference]) -> Vec<DifferenceShape<'_>> {
    differences.iter().map(shape).collect()
}

fn shape(Difference { pointer, was, is, .. }: &Difference) -> DifferenceShape<'_> {
    let [was, is] = [was, is].map(|value| value.as_deref().map(verbatim));
    DifferenceShape { pointer: verbatim(pointer), was, is }
}
