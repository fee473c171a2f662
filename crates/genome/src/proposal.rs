//! Proposals: the declared change of a genome, compared with the real one.

mod mismatch;
mod number;
mod rationale;
mod reading;

use crate::ceiling::Ceiling;
use crate::change::{Change, DeclaredChange};
use crate::digest::GenomeId;
use crate::document::Document;
use crate::kind::DocumentKind;
use crate::lineage::Succession;
use crate::model::{Genome, Severity};
use crate::named::named;
use crate::policy::TrustPolicy;
use crate::refusal::{Refusal, refuse_secrets};
use genome_json::{self as json, Value};
pub use mismatch::{Mismatch, ProbeList, ProposalField};
pub use number::{ProposalNumber, ProposalNumberError};
pub use rationale::Rationale;
use std::collections::BTreeSet;

named! {
    /// The status of a proposal.
    ProposalStatus {
        /// Being written.
        Draft = "draft",
        /// Complete, and under review.
        Review = "review",
        /// May be signed and deployed.
        Approved = "approved",
        /// The new genome is active.
        Deployed = "deployed",
        /// Rejected by the reviewers.
        Rejected = "rejected",
    }
}

/// A proposal, `proposal.v0.1`: from which genome to which, what that changes, and what it touches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Proposal {
    /// Its number, which no other proposal has.
    #[cfg_attr(feature = "serde", serde(rename = "proposal"))]
    pub number: ProposalNumber,
    /// What it does, in one line.
    pub title: String,
    /// Its status.
    pub status: ProposalStatus,
    /// The genome that it changes.
    pub from_genome_id: GenomeId,
    /// The genome that results.
    pub to_genome_id: GenomeId,
    /// The changes that it declares.
    pub changes: Vec<DeclaredChange>,
    /// The ids of the invariants that the change touches or leans on.
    pub invariants_impacted: Vec<String>,
    /// The ids of the capabilities that it touches.
    pub capabilities_impacted: Vec<String>,
    /// Whether it may break what worked before.
    pub breaking: bool,
}

/// The actions that must be allowed and those that must be denied after a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Probes {
    /// Actions that the ceiling must allow.
    pub must_allow: Vec<String>,
    /// Actions that it must not.
    pub must_deny: Vec<String>,
}

impl Proposal {
    /// A proposal that declares all that changes from one genome to another. Its status is `draft`.
    #[must_use]
    pub fn draft(number: ProposalNumber, title: &str, from: &Document<'_>, to: &Document<'_>) -> Self {
        let changes = Change::in_meaning_between(&from.genome, &to.genome);
        Self {
            number,
            title: title.to_owned(),
            status: ProposalStatus::Draft,
            from_genome_id: from.id,
            to_genome_id: to.id,
            invariants_impacted: invariants(&changes).into_iter().map(ToOwned::to_owned).collect(),
            capabilities_impacted: capabilities(&changes).into_iter().map(ToOwned::to_owned).collect(),
            breaking: changes.iter().any(Change::is_breaking),
            changes: changes.iter().map(Change::declared).collect(),
        }
    }

    /// Reads a `proposal.json`.
    ///
    /// # Errors
    /// As for a genome: [`Refusal::Json`], [`Refusal::Schema`] with every fault, [`Refusal::SecretExposed`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let value = json::parse(bytes).map_err(|error| Refusal::of_text(DocumentKind::Proposal, bytes, error))?;
        let proposal = reading::read(&value).map_err(|faults| Refusal::of_faults(DocumentKind::Proposal, &value, faults))?;
        refuse_secrets(&value)?;
        Ok(proposal)
    }

    /// The proposal as JSON, indented, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        let list = |texts: &[String]| Value::Array(texts.iter().cloned().map(Value::string).collect());
        Value::object([
            ("schema_version", Value::string(reading::VERSION)),
            ("proposal", Value::string(self.number.to_string())),
            ("title", Value::string(self.title.clone())),
            ("status", Value::string(self.status.as_str())),
            ("from_genome_id", Value::string(self.from_genome_id.to_string())),
            ("to_genome_id", Value::string(self.to_genome_id.to_string())),
            ("changes", Value::Array(self.changes.iter().cloned().map(DeclaredChange::into_value).collect())),
            ("invariants_impacted", list(&self.invariants_impacted)),
            ("capabilities_impacted", list(&self.capabilities_impacted)),
            ("breaking", Value::Bool(self.breaking)),
        ])
        .to_pretty()
    }

    /// Everything in which the proposal differs from its subject: the genomes of these ids, the changes between them, and the step from the
    /// one to the other. A deployed genome must carry all required signatures.
    #[must_use]
    pub fn mismatches(&self, from: &Document<'_>, to: &Document<'_>, policy: Option<&TrustPolicy>) -> Vec<Mismatch> {
        let changes = Change::in_meaning_between(&from.genome, &to.genome);
        let mut found = Vec::new();
        for (field, stated, id) in
            [(ProposalField::FromGenomeId, self.from_genome_id, from.id), (ProposalField::ToGenomeId, self.to_genome_id, to.id)]
        {
            if stated != id {
                found.push(Mismatch::Id { field, stated, id });
            }
        }
        self.compare_changes(&changes, &mut found);
        let succession = Succession::of(from, to, &changes, policy);
        let deployed = self.status == ProposalStatus::Deployed;
        let unmet = succession.checks().iter().filter(|check| !check.is_met && (deployed || !check.is_about_signatures()));
        // A rejected proposal was perhaps rejected for this.
        if self.status != ProposalStatus::Rejected {
            found.extend(unmet.cloned().map(Mismatch::Step));
            found.extend(lost_invariants(&from.genome, &to.genome));
        }
        self.compare_impact(&changes, [&from.genome, &to.genome], &mut found);
        if !self.breaking && changes.iter().any(Change::is_breaking) {
            found.push(Mismatch::Breaking);
        }
        found
    }

    fn compare_changes(&self, changes: &[Change], found: &mut Vec<Mismatch>) {
        // All of a change has to be declared, its message too: it is what the reviewers read.
        let declared: BTreeSet<&DeclaredChange> = self.changes.iter().collect();
        let real: Vec<DeclaredChange> = changes.iter().map(Change::declared).collect();
        let all: BTreeSet<&DeclaredChange> = real.iter().collect();
        // What shows as the same text, such as `##[` and its escape, is declared only once.
        let mut said = BTreeSet::new();
        let undeclared = real.iter().filter(|change| !(declared.contains(change) && said.insert(*change)));
        found.extend(undeclared.cloned().map(Mismatch::Undeclared));
        let wrong = self.changes.iter().enumerate().filter(|(_, change)| !all.contains(change));
        found.extend(wrong.map(|(index, change)| Mismatch::NotFound { index, change: change.clone() }));
    }

    fn compare_impact(&self, changes: &[Change], genomes: [&Genome; 2], found: &mut Vec<Mismatch>) {
        let touched = [
            (ProposalField::InvariantsImpacted, &self.invariants_impacted, invariants(changes)),
            (ProposalField::CapabilitiesImpacted, &self.capabilities_impacted, capabilities(changes)),
        ];
        let known = [
            genomes.iter().flat_map(|genome| &genome.invariants).map(|invariant| invariant.id.as_str()).collect::<BTreeSet<_>>(),
            genomes.iter().flat_map(|genome| &genome.capabilities).map(|capability| capability.cap_id.as_str()).collect(),
        ];
        for ((field, stated, touched), known) in touched.into_iter().zip(known) {
            let listed: BTreeSet<&str> = stated.iter().map(String::as_str).collect();
            found.extend(touched.difference(&listed).map(|id| Mismatch::NotListed { field, id: (*id).to_owned() }));
            found.extend(listed.difference(&known).map(|id| Mismatch::NotThere { field, id: (*id).to_owned() }));
        }
    }
}

impl Probes {
    /// Reads a file of probes: an object with `must_allow`, `must_deny`, or both.
    ///
    /// # Errors
    /// [`Refusal::Json`], [`Refusal::Schema`] with every fault, [`Refusal::SecretExposed`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let value = json::parse(bytes).map_err(|error| Refusal::of_text(DocumentKind::Probes, bytes, error))?;
        let probes = reading::probes(&value).map_err(|faults| Refusal::of_faults(DocumentKind::Probes, &value, faults))?;
        refuse_secrets(&value)?;
        Ok(probes)
    }

    /// The probes that the ceiling of this genome answers otherwise.
    #[must_use]
    pub fn mismatches(&self, genome: &Document<'_>) -> Vec<Mismatch> {
        let ceiling: Ceiling<&str> = Ceiling::of_capabilities(&genome.genome.capabilities);
        let mut found = Vec::new();
        for (list, actions, expected) in
            [(ProbeList::MustAllow, &self.must_allow, true), (ProbeList::MustDeny, &self.must_deny, false)]
        {
            for (index, action) in actions.iter().enumerate() {
                let decision = ceiling.decide(action);
                if decision.is_allowed() != expected {
                    let (action, reason) = (action.clone(), decision.to_string());
                    found.push(Mismatch::Probe { list, index, action, reason });
                }
            }
        }
        found
    }
}

fn invariants(changes: &[Change]) -> BTreeSet<&str> {
    changes.iter().filter_map(Change::invariant).collect()
}

fn capabilities(changes: &[Change]) -> BTreeSet<&str> {
    changes.iter().flat_map(Change::capabilities).collect()
}

/// The invariants that were critical and are not any more, whatever is declared.
fn lost_invariants(from: &Genome, to: &Genome) -> Vec<Mismatch> {
    fn critical(genome: &Genome) -> BTreeSet<&str> {
        let critical = genome.invariants.iter().filter(|invariant| invariant.severity == Severity::Critical);
        critical.map(|invariant| invariant.id.as_str()).collect()
    }
    critical(from).difference(&critical(to)).map(|id| Mismatch::CriticalInvariant((*id).to_owned())).collect()
}
