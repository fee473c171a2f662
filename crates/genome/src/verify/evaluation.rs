//! Every check beyond the genome's own quorum.

use super::{Surroundings, Verifier};
use crate::attribution::Attribution;
use crate::audit::{AuditLog, unrecorded};
use crate::checklist::{Check, CheckResult, Checklist};
use crate::document::{Document, Intact};
use crate::exposure::{DecidingFile, Evidence, Exposure, Origin};
use crate::lineage::{self, Lineage};
use crate::manifest::check_files;
use crate::model::{Genome, GenomeName};
use crate::policy::TrustPolicy;
use crate::refusal::{LineageFault, LineageProblem, Refusal, Refused, TestKey, TestKeyPlace, Untrusted};
use crate::rollback::find_rollback;
use crate::signature::Signature;
use crate::tally::Tally;
use crate::trust::Trust;
use crate::verified::Verified;
use crate::warning::Warning;
use time::Duration;

/// How far `created_at` may be ahead of the clock: two machines never agree.
const GRACE: Duration = Duration::minutes(5);

/// The checks of a genome whose own quorum is met. They are independent of each other.
pub(super) struct Evaluation<'e> {
    verifier: &'e Verifier<'e>,
    document: Document<'e>,
    /// How far its own authority has signed.
    tally: Tally,
    bytes: &'e [u8],
    checklist: Checklist,
    refusals: Vec<Refusal>,
    warnings: Vec<Warning>,
}

impl<'e> Evaluation<'e> {
    /// Starts the checks of a genome whose own quorum is met.
    pub(super) fn of(
        verifier: &'e Verifier<'e>,
        document: Document<'e>,
        tally: Tally,
        bytes: &'e [u8],
        mut checklist: Checklist,
    ) -> Self {
        checklist.hold_before(Check::Lineage);
        Self { verifier, document, tally, bytes, checklist, refusals: Vec::new(), warnings: Vec::new() }
    }

    /// Makes all the checks.
    pub(super) fn verify(mut self, attribution: Attribution) -> Result<Verified<Genome>, Refused> {
        let trusted = self.trust(attribution);
        if let Some((_, lineage)) = &trusted {
            self.test_keys(lineage.as_ref());
            self.dates();
            self.version();
            self.manifest();
            self.audit();
            self.permissions();
            self.signer_warnings();
        }
        let keys = |policy: &TrustPolicy| policy.signers().iter().map(|signer| signer.public_key.clone()).collect();
        let policy_keys = self.verifier.policy.map(keys);
        let Self { document, tally, checklist, mut refusals, warnings, .. } = self;
        refusals.sort_by_key(Refusal::check);
        let mut refusals = refusals.into_iter();
        match (refusals.next(), trusted) {
            (None, Some((trust, lineage))) => {
                let intact = Intact::of(document, tally);
                Ok(Verified { intact, trust, lineage, warnings, checklist, policy_keys })
            }
            (Some(first), _) => Err(Refused::new(first, refusals.collect(), checklist)),
            // Without trust there is a refusal that says why. If not, it is refused all the same.
            (None, None) => Err(Refused::new(Refusal::NoPolicy, Vec::new(), checklist)),
        }
    }

    /// Notes the result of a check.
    fn note(&mut self, check: Check, refusal: Option<Refusal>) {
        self.checklist.note(check, if refusal.is_none() { CheckResult::Held } else { CheckResult::Failed });
        self.refusals.extend(refusal);
    }

    /// What the trust in the genome rests on; `None` where a signature on it is wrong, on which everything rests.
    fn trust(&mut self, mut attribution: Attribution) -> Option<(Trust, Option<Lineage>)> {
        let Verifier { policy, ancestors, .. } = *self.verifier;
        let pinned = policy.map(|policy| policy.pins(&self.document, &mut attribution));
        // The parents' key ids for the policy's keys, which are not known yet, pin nothing.
        let quorum = policy.and_then(|policy| policy.quorum(&attribution));
        let has_parents = !self.document.genome.parents.is_empty();
        let mut lineage = None;
        if self.verifier.follows_lineage || (pinned == Some(false) && has_parents) {
            match lineage::follow(&self.document, attribution.clone(), ancestors, policy) {
                Ok((followed, attributed)) => {
                    (lineage, attribution) = (Some(followed), attributed);
                    self.note(Check::Lineage, None);
                }
                Err(fault) => match *fault {
                    LineageFault { source: None, problem: LineageProblem::InvalidSignature(bad), .. } => {
                        self.note(Check::Signatures, Some(Refusal::InvalidSignature(bad)));
                        return None;
                    }
                    fault => {
                        // Where the lineage is asked for in any case, the policy's own signatures do not help.
                        let instead = quorum.clone().filter(|_| !self.verifier.follows_lineage);
                        self.note(Check::Lineage, Some(Refusal::LineageBroken(Box::new(fault.or_signed_by(instead)))));
                    }
                },
            }
        }
        if !attribution.bad().is_empty() {
            // Under a key id of the policy a parent may name another key, and that may be whose signature it is.
            lineage::attribute_among_parents(&mut attribution, &self.document, ancestors);
            if let Err(refusal) = attribution.settle() {
                // The findings about the lineage rest on it too.
                self.refusals.clear();
                self.checklist.forget(Check::Lineage);
                self.note(Check::Signatures, Some(refusal));
                return None;
            }
        }
        let trust = match (pinned, &lineage) {
            (Some(true), _) => Trust::Pinned,
            (Some(false), Some(Lineage { roots, .. })) if roots.is_empty() => Trust::Lineage,
            _ => Trust::SelfDeclared,
        };
        if self.checklist.has(Check::Trust) {
            let refusal = match (policy, trust) {
                (Some(_), Trust::Pinned | Trust::Lineage) => None,
                (None, _) => Some(Refusal::NoPolicy),
                (Some(policy), Trust::SelfDeclared) => Some(match quorum {
                    Some(quorum) if quorum.tally.is_met_but_for_revoked() => Refusal::RevokedKey(Box::new(quorum)),
                    quorum => {
                        let roots = lineage.iter().filter(|_| has_parents).flat_map(|lineage| lineage.roots.clone()).collect();
                        let swaps = policy.key_swaps(&self.document.genome.authority);
                        Refusal::Untrusted(Box::new(Untrusted { quorum, roots, swaps }))
                    }
                }),
            };
            self.note(Check::Trust, refusal);
        }
        self.warnings.extend(self.unknown_signers(attribution).into_iter().map(Warning::UnknownSigner));
        self.warnings.extend(lineage.iter().flat_map(|lineage| lineage.returned.clone()).map(Warning::ReturnedKey));
        self.warnings.extend(lineage.iter().flat_map(|lineage| lineage.bad_copies.clone()).map(Warning::BadCopy));
        let unreadable = lineage.iter().flat_map(|lineage| lineage.unreadable_copies.clone());
        self.warnings.extend(unreadable.map(Warning::UnreadableCopy));
        Some((trust, lineage))
    }

    /// The signatures by unknown keys. A rotated genome carries those of its parents' keys: where it matters who signed, the parents' keys
    /// are tried, as far as the parents are found.
    fn unknown_signers(&self, mut attribution: Attribution) -> Vec<Signature> {
        let unknown = attribution.unknown();
        if self.verifier.policy.is_some() && !unknown.is_empty() && !self.document.genome.parents.is_empty() {
            lineage::attribute_among_parents(&mut attribution, &self.document, self.verifier.ancestors);
        }
        unknown.into_iter().filter(|signature| attribution.is_open(signature)).collect()
    }

    /// Published test keys, in the genome, the policy and the ancestors.
    fn test_keys(&mut self, lineage: Option<&Lineage>) {
        let own = TestKey::of_genome(&self.document.genome);
        let policy = self.verifier.policy.map_or(&[][..], TrustPolicy::signers);
        let ancestors = lineage.into_iter().flat_map(|lineage| &lineage.test_keys);
        let ancestors =
            ancestors.map(|(ancestor, signer)| TestKey { place: TestKeyPlace::Ancestor(ancestor.clone()), signer: signer.clone() });
        let found: Vec<TestKey> = own.chain(TestKey::of_policy(policy)).chain(ancestors).collect();
        if self.verifier.production.is_some() {
            // Not all the keys of a broken lineage are known.
            if !found.is_empty() || !self.checklist.has_failed(Check::Lineage) {
                self.note(Check::TestKeys, (!found.is_empty()).then_some(Refusal::TestKeys(found)));
            }
        } else {
            self.warnings.extend(found.into_iter().map(Warning::TestKey));
        }
    }

    /// Checks that the genome is neither too old nor from the future.
    fn dates(&mut self) {
        let ahead = self.document.genome.created_at.ahead_of(self.verifier.clock);
        let is_more = self.document.genome.created_at.is_between_nanoseconds();
        let in_future = ahead > GRACE || (ahead == GRACE && is_more);
        // A part of a second counts as a whole one.
        let seconds = ahead.whole_seconds().unsigned_abs() + u64::from(ahead.subsec_nanoseconds() > 0 || is_more);
        let refusal = in_future.then(|| Refusal::NotYetValid { created_at: self.document.genome.created_at.clone(), seconds });
        if self.verifier.production.is_some() {
            self.note(Check::Date, refusal);
        } else {
            self.warnings.extend(refusal.map(Warning::NotYetValid));
        }
        if let Some(maximum) = self.verifier.policy.and_then(|policy| policy.maximum_age_days) {
            let seconds = i64::try_from(maximum).unwrap_or(i64::MAX).saturating_mul(24 * 60 * 60);
            let is_stale = ahead < -Duration::seconds(seconds);
            self.note(Check::Age, is_stale.then_some(Refusal::Stale { days: ahead.whole_days().unsigned_abs(), maximum }));
        }
    }

    /// Checks that the version is not below one that was accepted before.
    fn version(&mut self) {
        let Verifier { policy, state, production, .. } = *self.verifier;
        if self.checklist.has(Check::Version) {
            let name = GenomeName::of(&self.document.genome, self.document.id);
            let refusal = match state.transpose() {
                Err(damaged) => Some(damaged.clone()),
                Ok(state) => {
                    find_rollback(&name, policy, state, production.is_some()).map(|rollback| Refusal::Rollback(Box::new(rollback)))
                }
            };
            self.note(Check::Version, refusal);
        }
    }

    fn manifest(&mut self) {
        if let Some(deployed) = self.verifier.manifest() {
            let faults = check_files(&self.document.genome.files, deployed);
            self.note(Check::Manifest, (!faults.is_empty()).then_some(Refusal::Manifest(faults)));
        }
    }

    fn audit(&mut self) {
        if let Some(logs) = self.verifier.audit_logs {
            let unrecorded = unrecorded(&self.document, logs);
            self.note(Check::Audit, (!unrecorded.is_empty()).then_some(Refusal::Unrecorded(unrecorded)));
        }
    }

    fn permissions(&mut self) {
        let Some(Surroundings { exposure, .. }) = self.verifier.production else { return };
        let refusal = match exposure.map(|exposure| (exposure, self.unseen(exposure))) {
            None => Some(Refusal::Unseen(DecidingFile::Genome)),
            Some((_, Some(what))) => Some(Refusal::Unseen(what)),
            Some((exposure, None)) => Some(exposure.exposed()).filter(|files| !files.is_empty()).map(Refusal::WritableByOthers),
        };
        self.note(Check::Permissions, refusal);
    }

    /// The first file that decides of which other bytes were verified than were seen, if there is one.
    fn unseen(&self, exposure: &Exposure) -> Option<DecidingFile> {
        let Verifier { policy, state, audit_logs, .. } = *self.verifier;
        let is_of =
            |evidence: &Option<Evidence>, origin: Origin| evidence.as_ref().is_some_and(|evidence| evidence.is_of(origin.0));
        if !exposure.genome.is_of(Origin::of(self.bytes).0) {
            return Some(DecidingFile::Genome);
        }
        if policy.is_some_and(|policy| policy.origin.0.is_none() || !is_of(&exposure.policy, policy.origin)) {
            return Some(DecidingFile::TrustPolicy);
        }
        if let Some(Ok(state)) = state
            && !is_of(&exposure.state, state.origin())
        {
            return Some(DecidingFile::State);
        }
        let is_seen = |log: &AuditLog| exposure.audit_logs.iter().any(|evidence| evidence.is_of(Some(log.sha256())));
        audit_logs.is_some_and(|logs| !logs.iter().all(is_seen)).then_some(DecidingFile::AuditLog)
    }

    /// Warns of signers whom the policy revokes, or names differently.
    fn signer_warnings(&mut self) {
        let Some(policy) = self.verifier.policy else { return };
        let signers = self.document.genome.authority.signers.iter().enumerate();
        let revoked = signers.filter(|(_, signer)| policy.revokes(&signer.public_key));
        self.warnings.extend(revoked.map(|(index, signer)| Warning::RevokedSigner {
            pointer: format!("/authority/signers/{index}"),
            signer: signer.clone(),
        }));
        self.warnings.extend(policy.key_swaps(&self.document.genome.authority).into_iter().map(Warning::KeySwap));
    }
}
