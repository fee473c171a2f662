//! The report of a run as one JSON object, which the book describes: a type for each part, of which its JSON Schema is made.

use super::checklist::{Line, lines};
use super::judged::JudgedShape;
use super::proposal::ProposalShape;
use crate::{Exit, FindingShape, Source, Verdict, file, torn_lines};
use genome::audit::AuditLog;
use genome::key::Fingerprint;
use genome::model::{Capability, Invariant, ManifestFile, Signer, ToolPin};
use genome::{Digest, Genome, GenomeId, KeyId, Lineage, ManifestPath, Timestamp, Trust, Verified};
use serde::Serialize;
use std::path::Path;

/// The version of the object that the book describes.
const VERSION: &str = "genome-verify.v0.1";

/// What `genome-verify --format json` prints.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(title = "genome-verify.v0.1", deny_unknown_fields))]
pub(crate) struct RunShape {
    #[cfg_attr(feature = "schemars", schemars(extend("const" = VERSION)))]
    schema_version: &'static str,
    /// Of the run, for its exit status.
    #[cfg_attr(feature = "schemars", schemars(extend("enum" = ["accepted", "refused", "undecided"])))]
    verdict: &'static str,
    /// In the order of the command line. With `--quiet`, those that are accepted without a warning are left out.
    genomes: Vec<GenomeShape>,
    /// Likewise; there are genomes or proposals, not both.
    proposals: Vec<ProposalShape>,
    /// Those that hold; what is wrong with another is a refusal of each genome.
    audit_logs: Vec<AuditLogShape>,
}

/// One genome.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "JudgedGenome", deny_unknown_fields))]
pub(super) struct GenomeShape {
    #[serde(flatten)]
    judged: JudgedShape,
    /// Each check that was asked for, in order.
    checks: Vec<Line>,
    /// What was verified; `null` where it is not accepted.
    genome: Option<ContentsShape>,
}

/// What a genome that is accepted says, and what is known of it.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Genome", deny_unknown_fields))]
struct ContentsShape {
    id: GenomeId,
    name: String,
    /// Semantic Versioning 2.0.0.
    version: String,
    /// None for a root.
    parents: Vec<GenomeId>,
    created_at: Timestamp,
    /// Why it is trusted.
    trust: Trust,
    /// `null` where no ancestor was looked at.
    lineage: Option<Lineage>,
    /// How many distinct keys must have signed.
    threshold: usize,
    signers: Vec<SignerShape>,
    invariants: Vec<Invariant>,
    capabilities: Vec<Capability>,
    ceiling: CeilingShape,
    /// The definitions of tools that are good, where the genome pins any.
    tools: Vec<ToolPin>,
    /// The paths of the manifest. Whether they were checked stands in `checks`.
    files: Vec<ManifestPath>,
}

/// Who may sign.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Signer", deny_unknown_fields))]
struct SignerShape {
    key_id: KeyId,
    /// As OpenSSH writes it.
    fingerprint: Fingerprint,
    /// Whether there is a signature of this key that counts.
    signed: bool,
    /// Whether there is one that does not, as the trust policy revokes the key.
    revoked: bool,
}

/// How many actions are allowed, and how many denied by name; all others are denied.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Ceiling", deny_unknown_fields))]
struct CeilingShape {
    allowed: usize,
    denied: usize,
}

/// An audit log that holds.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "AuditLog", deny_unknown_fields))]
struct AuditLogShape {
    path: String,
    /// How many lines it has.
    lines: usize,
    /// The SHA-256 digest of the last line that records a signing, with its line feed; 64 zeros where there is none.
    head: Digest,
    /// About lines that a crash cut off.
    warnings: Vec<FindingShape>,
}

impl RunShape {
    pub(super) fn new(
        exit: Exit,
        genomes: Vec<GenomeShape>,
        proposals: Vec<ProposalShape>,
        audit_logs: &[(&Path, &AuditLog)],
    ) -> Self {
        let audit_logs = audit_logs.iter().map(AuditLogShape::from).collect();
        Self { schema_version: VERSION, verdict: exit.verdict(), genomes, proposals, audit_logs }
    }
}

impl From<&Verdict> for GenomeShape {
    fn from(verdict: &Verdict) -> Self {
        Self {
            judged: JudgedShape::new(&verdict.source, verdict.exit, verdict.errors(), &verdict.warnings),
            checks: lines(verdict),
            genome: verdict.genome().map(ContentsShape::from),
        }
    }
}

impl From<&Verified<Genome>> for ContentsShape {
    fn from(genome: &Verified<Genome>) -> Self {
        let (tally, ceiling) = (genome.tally(), genome.to_ceiling());
        let signer = |signer: &Signer| SignerShape {
            key_id: signer.key_id.clone(),
            fingerprint: signer.public_key.fingerprint(),
            signed: tally.signed.contains(signer),
            revoked: tally.revoked.contains(signer),
        };
        Self {
            id: genome.id(),
            name: genome.name.clone(),
            version: genome.version.to_string(),
            parents: genome.parents.clone(),
            created_at: genome.created_at.clone(),
            trust: genome.trust(),
            lineage: genome.lineage().cloned(),
            threshold: tally.threshold,
            signers: genome.authority.signers.iter().map(signer).collect(),
            invariants: genome.invariants.clone(),
            capabilities: genome.capabilities.clone(),
            ceiling: CeilingShape { allowed: ceiling.allowed(), denied: ceiling.denied() },
            tools: genome.tools.clone(),
            files: genome.files.iter().map(|ManifestFile { path, .. }| path.clone()).collect(),
        }
    }
}

impl From<&(&Path, &AuditLog)> for AuditLogShape {
    fn from((path, log): &(&Path, &AuditLog)) -> Self {
        Self {
            path: file(&Source::File(path.to_path_buf())),
            lines: log.lines(),
            head: log.head(),
            warnings: torn_lines(path, log).iter().map(FindingShape::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RunShape;
    use genome_test_support::printed;

    #[test]
    fn the_schema_that_is_committed_is_that_of_the_types() {
        printed::assert_committed::<RunShape>("verify-report");
    }
}
