//! What the readers say of a document, whatever its format.

use genome::audit::{AuditLog, AuditProblem};
use genome::definition::Definitions;
use genome::proposal::{Probes, Proposal};
use genome::refusal::Problem;
use genome::{Digest, Document, Refusal, RollbackState, TrustPolicy};
use genome_json::canonicalize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A format that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    Genome,
    Trust,
    Proposal,
    Probes,
    State,
    Audit,
    Definitions,
}

/// Why a reader refuses a document.
#[derive(Debug)]
pub(crate) enum Objection {
    /// It is no strict JSON.
    Json,
    /// It holds a private key.
    Secret,
    /// A fault of the schema at this pointer.
    Schema(String, Problem),
    /// As a line of the audit log, and for no fault of the schema.
    Line(AuditProblem),
}

/// What a crash left before the lines of the audit log that say so.
pub(crate) const TORN: &[u8] = b"{\"already\":\n";

impl Format {
    pub(crate) const ALL: [Self; 7] =
        [Self::Genome, Self::Trust, Self::Proposal, Self::Probes, Self::State, Self::Audit, Self::Definitions];

    /// The name of the schema.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Genome => "genome",
            Self::Trust => "trust.v0.1",
            Self::Proposal => "proposal.v0.1",
            Self::Probes => "probes",
            Self::State => "state.v0.1",
            Self::Audit => "audit.v0.1",
            Self::Definitions => "definitions.v0.1",
        }
    }
}

/// Why the reader of a format refuses a document, if it does.
pub(crate) fn objections(format: Format, document: &[u8]) -> Vec<Objection> {
    let refusal = match format {
        Format::Genome => Document::read(document).err(),
        Format::Trust => TrustPolicy::read(document).err(),
        Format::Proposal => Proposal::read(document).err(),
        Format::Probes => Probes::read(document).err(),
        Format::State => RollbackState::read(document).err(),
        Format::Audit => return of_line(document),
        Format::Definitions => Definitions::read(document).err(),
    };
    refusal.map(|refusal| of_refusal(&refusal)).unwrap_or_default()
}

fn of_refusal(refusal: &Refusal) -> Vec<Objection> {
    let faults = refusal.faults().into_iter().flatten();
    let faults = faults.map(|fault| Objection::Schema(fault.pointer.clone(), fault.problem.clone()));
    match refusal {
        Refusal::DamagedState(refusal) => of_refusal(refusal),
        Refusal::Json(_) => vec![Objection::Json],
        Refusal::Schema(_) => faults.collect(),
        // Instead of each field that it has not, or has and should not.
        Refusal::OtherDocument(_) => {
            vec![Objection::Schema(String::new(), Problem::WrongKind { expected: "this document", found: "another one" })]
        }
        Refusal::SecretExposed { .. } => faults.chain([Objection::Secret]).collect(),
        other => panic!("a reader says {other}"),
    }
}

/// Of the first line of a log, after what it says that a crash has left.
fn of_line(line: &[u8]) -> Vec<Objection> {
    let is_torn = serde_json::from_slice(line).is_ok_and(|line: Value| line.get("torn").is_some());
    let before = if is_torn { TORN } else { b"" };
    let Err(faults) = AuditLog::read(&[before, line, b"\n"].concat()) else { return Vec::new() };
    let last = faults.iter().map(|fault| fault.line).max();
    let faults = faults.into_iter().filter(|fault| Some(fault.line) == last);
    let objections = faults.flat_map(|fault| match fault.problem {
        AuditProblem::Changed(refusal) => of_refusal(&refusal),
        other => vec![Objection::Line(other)],
    });
    objections.collect()
}

/// The JSON Pointers of the members that the reader of a format does not know.
pub(crate) fn unknown(format: Format, document: &Value) -> BTreeSet<String> {
    let objections = objections(format, &bytes(format, document, "")).into_iter();
    let unknown = objections.filter_map(|objection| match objection {
        Objection::Schema(pointer, Problem::UnknownField { .. }) => Some(pointer),
        _ => None,
    });
    unknown.collect()
}

/// A document as bytes. Where it holds a digest of itself, that is made anew, unless the place that was changed is the digest.
pub(crate) fn bytes(format: Format, document: &Value, changed: &str) -> Vec<u8> {
    let mut document = document.clone();
    if let Some(members) =
        document.as_object_mut().filter(|members| members.contains_key("sha256") && !changed.starts_with("/sha256"))
    {
        let digest = |value: &Value| Some(Digest::of(canonicalize(value.to_string().as_bytes()).ok()?.as_bytes()).to_string());
        let sha256 = match format {
            Format::State => members.get("accepted").and_then(digest),
            Format::Audit => {
                members.remove("sha256");
                digest(&json!(members))
            }
            _ => None,
        };
        members.extend(sha256.map(|sha256| ("sha256".to_owned(), sha256.into())));
    }
    let plain = document.to_string();
    match canonicalize(plain.as_bytes()) {
        Ok(canonical) if format == Format::Audit => canonical.into_bytes(),
        _ => plain.into_bytes(),
    }
}
