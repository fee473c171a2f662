//! The report of a run as one JSON object, which README.md describes.

use super::checklist::{Line, lines};
use crate::contents::{invariants, lineage, list, text};
use crate::{Exit, Finding, Source, Verdict, file, torn_lines};
use genome::audit::AuditLog;
use genome::json::Value;
use genome::{Genome, Verified};
use std::path::Path;

/// The version of the object that README.md describes.
const VERSION: &str = "genome-verify.v0.1";

/// The object for a whole run.
pub(super) fn run(
    exit: Exit,
    genomes: Vec<Value<'static>>,
    proposals: Vec<Value<'static>>,
    audit_logs: &[(&Path, &AuditLog)],
) -> Value<'static> {
    Value::object([
        ("schema_version", Value::string(VERSION)),
        ("verdict", Value::string(exit.verdict())),
        ("genomes", Value::Array(genomes)),
        ("proposals", Value::Array(proposals)),
        ("audit_logs", list(audit_logs, audit_log)),
    ])
}

/// The object for one genome.
pub(super) fn genome(verdict: &Verdict) -> Value<'static> {
    let members = [("checks", list(&lines(verdict), check)), ("genome", verdict.genome().map_or(Value::Null, contents))];
    Value::object(judged(&verdict.source, verdict.exit, verdict.errors(), &verdict.warnings).into_iter().chain(members))
}

/// The fields that every verdict has.
pub(super) fn judged(source: &Source, exit: Exit, errors: &[Finding], warnings: &[Finding]) -> [(&'static str, Value<'static>); 5] {
    [
        ("path", file(source)),
        ("verdict", text(exit.verdict())),
        ("refusal", errors.first().map_or(Value::Null, Finding::to_value)),
        ("further_refusals", list(errors.get(1..).unwrap_or_default(), Finding::to_value)),
        ("warnings", list(warnings, Finding::to_value)),
    ]
}

fn audit_log((path, log): &(&Path, &AuditLog)) -> Value<'static> {
    Value::object([
        ("path", file(&Source::File(path.to_path_buf()))),
        ("lines", log.lines().into()),
        ("head", text(&log.head())),
        ("warnings", list(&torn_lines(path, log), Finding::to_value)),
    ])
}

fn check(line: &Line) -> Value<'static> {
    Value::object([
        ("check", Value::string(line.check)),
        ("state", Value::string(line.state.as_str())),
        ("code", line.code.map_or(Value::Null, |code| Value::string(code.as_str()))),
    ])
}

fn contents(genome: &Verified<Genome>) -> Value<'static> {
    let tally = genome.tally();
    let ceiling = genome.to_ceiling();
    Value::object([
        ("id", text(&genome.id())),
        ("name", text(&genome.name)),
        ("version", text(&genome.version)),
        ("parents", list(&genome.parents, text)),
        ("created_at", text(&genome.created_at)),
        ("trust", text(genome.trust().as_str())),
        ("lineage", lineage(genome.lineage())),
        ("threshold", tally.threshold.into()),
        (
            "signers",
            list(&genome.authority.signers, |signer| {
                Value::object([
                    ("key_id", text(&signer.key_id)),
                    ("fingerprint", text(&signer.public_key.fingerprint())),
                    ("signed", Value::Bool(tally.signed.contains(signer))),
                    ("revoked", Value::Bool(tally.revoked.contains(signer))),
                ])
            }),
        ),
        ("invariants", invariants(genome)),
        (
            "capabilities",
            list(&genome.capabilities, |capability| {
                Value::object([
                    ("cap_id", text(&capability.cap_id)),
                    ("risk_class", text(capability.risk_class.as_str())),
                    ("allow_actions", list(&capability.allow_actions, text)),
                    ("deny_actions", list(&capability.deny_actions, text)),
                ])
            }),
        ),
        ("ceiling", Value::object([("allowed", ceiling.allowed().into()), ("denied", ceiling.denied().into())])),
        ("files", list(&genome.files, |file| text(&file.path))),
    ])
}
