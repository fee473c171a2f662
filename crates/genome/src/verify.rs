//! The one verifier.

mod evaluation;

use crate::attribution::Attribution;
use crate::audit::AuditLog;
use crate::checklist::{Check, Checklist};
use crate::document::Document;
use crate::exposure::Exposure;
use crate::lineage::{self, Ancestors};
use crate::manifest::DeployedFiles;
use crate::model::{Genome, GenomeName};
use crate::policy::TrustPolicy;
use crate::refusal::{Quorum, QuorumOf, Quorums, Refusal, Refused};
use crate::rollback::RollbackState;
use crate::tally::Tally;
use crate::verified::Verified;
use evaluation::Evaluation;
use std::time::SystemTime;

/// The one verifier, and what it is to check.
///
/// ```
/// use genome::{TrustPolicy, Verifier};
/// use std::time::SystemTime;
///
/// # fn boot(file: &[u8], policy: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let policy = TrustPolicy::read(policy)?;
/// let genome = Verifier::trusting(&policy, SystemTime::now()).verify(file)?;
/// # Ok(())
/// # }
/// ```
///
/// There is none without a trust policy. [`dangerous::accept_self_declared`](crate::dangerous::accept_self_declared) makes one that accepts
/// whatever vouches for itself.
///
/// ```compile_fail,E0061
/// # fn boot(file: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let genome = genome::Verifier::trusting(std::time::SystemTime::now()).verify(file)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
#[must_use = "nothing is verified before `verify` is called"]
pub struct Verifier<'v> {
    clock: SystemTime,
    policy: Option<&'v TrustPolicy>,
    ancestors: Option<&'v dyn Ancestors>,
    follows_lineage: bool,
    state: Option<Result<&'v RollbackState, &'v Refusal>>,
    manifest: Option<&'v dyn DeployedFiles>,
    audit_logs: Option<&'v [AuditLog]>,
    production: Option<Surroundings<'v>>,
}

/// What production needs to know of the machine. Only evidence can show that nothing is exposed:
///
/// ```compile_fail,E0451
/// # fn pretend(manifest: &dyn genome::DeployedFiles) {
/// let surroundings = genome::Surroundings { manifest, exposure: None };
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'v> {
    manifest: &'v dyn DeployedFiles,
    /// `None` without evidence.
    exposure: Option<&'v Exposure>,
}

impl<'v> Surroundings<'v> {
    /// The files that the manifest is compared with, and the evidence about the files that decide: the genome, the trust policy, the state,
    /// the audit logs. The verifier refuses other bytes than those in the evidence.
    #[must_use]
    pub fn new(manifest: &'v dyn DeployedFiles, exposure: &'v Exposure) -> Self {
        Self { manifest, exposure: Some(exposure) }
    }

    /// Surroundings without evidence about the files that decide. No genome is accepted then; the checklist shows what would be checked.
    #[must_use]
    pub fn unseen(manifest: &'v dyn DeployedFiles) -> Self {
        Self { manifest, exposure: None }
    }
}

impl<'v> Verifier<'v> {
    /// A verifier with this clock, which accepts only what this policy trusts: genomes that are pinned, and their descendants if ancestors
    /// can be found.
    pub fn trusting(policy: &'v TrustPolicy, clock: SystemTime) -> Self {
        Self { policy: Some(policy), ..Self::without_policy(clock) }
    }

    /// A verifier with this clock and no trust policy, which accepts genomes that only vouch for themselves.
    pub(crate) fn without_policy(clock: SystemTime) -> Self {
        Self {
            clock,
            policy: None,
            ancestors: None,
            follows_lineage: false,
            state: None,
            manifest: None,
            audit_logs: None,
            production: None,
        }
    }

    /// Takes ancestors from here. The lineage is followed where the policy's own keys have not signed.
    pub fn with_ancestors(self, ancestors: &'v dyn Ancestors) -> Self {
        Self { ancestors: Some(ancestors), ..self }
    }

    /// Follows the lineage in any case.
    pub fn following_lineage(self) -> Self {
        Self { follows_lineage: true, ..self }
    }

    /// Accepts no version below one that was accepted before. [`RollbackState::record`] remembers what is accepted.
    pub fn with_state(self, state: &'v RollbackState) -> Self {
        Self { state: Some(Ok(state)), ..self }
    }

    /// Accepts nothing, as what was accepted before cannot be known: [`RollbackState::read`] has refused the state.
    pub fn with_damaged_state(self, refusal: &'v Refusal) -> Self {
        Self { state: Some(Err(refusal)), ..self }
    }

    /// Compares the manifest with these files.
    pub fn with_manifest(self, files: &'v dyn DeployedFiles) -> Self {
        Self { manifest: Some(files), ..self }
    }

    /// Requires that one of these logs records each signature on the genome, by any key.
    pub fn with_audit_logs(self, logs: &'v [AuditLog]) -> Self {
        Self { audit_logs: Some(logs), ..self }
    }

    /// Holds the genome to the whole checklist of production (DESIGN section 6). Its manifest is compared with the files of these surroundings,
    /// and with no others.
    pub fn in_production(self, surroundings: Surroundings<'v>) -> Self {
        Self { production: Some(surroundings), ..self }
    }

    /// What the manifest is compared with, if it is.
    fn manifest(&self) -> Option<&'v dyn DeployedFiles> {
        self.production.map(|surroundings| surroundings.manifest).or(self.manifest)
    }

    /// The checks that will be made of any genome, none of them evaluated. That of the lineage joins them where it has to be followed.
    #[must_use]
    pub fn checklist(&self) -> Checklist {
        use Check::{
            Age, Audit, Date, Json, Lineage, Manifest, NoPrivateKey, Permissions, Schema, Signatures, Signed, TestKeys, Threshold,
        };
        let production = self.production.is_some();
        let has_age = self.policy.is_some_and(|policy| policy.maximum_age_days.is_some());
        let has_minimum = self.policy.is_some_and(|policy| !policy.minimum_versions.is_empty());
        let asked = [
            (Lineage, self.follows_lineage),
            (Check::Trust, production || self.policy.is_some()),
            (TestKeys, production),
            (Date, production),
            (Age, has_age),
            (Check::Version, production || self.state.is_some() || has_minimum),
            (Manifest, self.manifest().is_some()),
            (Audit, self.audit_logs.is_some()),
            (Permissions, production),
        ];
        let always = [Json, NoPrivateKey, Schema, Signed, Signatures, Threshold];
        Checklist::of(always.into_iter().chain(asked.into_iter().filter(|(_, asked)| *asked).map(|(check, _)| check)))
    }

    /// Verifies a genome.
    ///
    /// # Errors
    /// The checks that fail. Up to the genome's own threshold, each check rests on the one before, and the first that fails is the only
    /// refusal; after it, every one that fails is.
    pub fn verify(&self, bytes: &[u8]) -> Result<Verified<Genome>, Refused> {
        let checklist = self.checklist();
        match integrity(bytes, self.policy, self.ancestors) {
            Ok((document, attribution, tally)) => Evaluation::of(self, document, tally, bytes, checklist).verify(attribution),
            Err(refusal) => {
                let checklist = checklist.stopped_at(refusal.check());
                Err(Refused::new(refusal, Vec::new(), checklist))
            }
        }
    }
}

/// Whether a genome is as its own authority left it: everything up to its own threshold. Keys that the policy revokes do not count, and the
/// ancestors say whose signatures are missing.
pub(crate) fn integrity<'d>(
    bytes: &'d [u8],
    policy: Option<&TrustPolicy>,
    ancestors: Option<&dyn Ancestors>,
) -> Result<(Document<'d>, Attribution, Tally), Refusal> {
    let document = Document::read(bytes)?;
    let mut attribution = document.attribution()?;
    // The key ids of others do not matter here: a genome that is not in order by itself is not so under any policy.
    let tally = attribution.tally(&document.genome.authority, policy.map(TrustPolicy::revoked));
    if tally.is_met() {
        return Ok((document, attribution, tally));
    }
    // Whoever completes it needs to know the parents' quorums too.
    let parents = lineage::attribute_among_parents(&mut attribution, &document, ancestors);
    let mut quorums = Quorums { own: tally, parents: Vec::new(), not_found: Vec::new() };
    for (id, parent) in parents {
        match parent {
            None => quorums.not_found.push(id),
            Some(parent) => {
                let tally = attribution.tally(&parent.authority, policy.map(TrustPolicy::revoked));
                let asked = TrustPolicy::approvals_for(policy, &parent, &document.genome);
                quorums.parents.push(Quorum::of(QuorumOf::Parent(GenomeName::of(&parent, id)), tally, asked));
            }
        }
    }
    Err(Refusal::lacking(&document.signatures, quorums))
}
