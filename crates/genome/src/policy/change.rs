//! What a change of a trust policy means.

use super::TrustPolicy;
use super::approvals::Approvals;
use crate::change::Class;
use crate::digest::GenomeId;
use crate::key::Fingerprint;
use crate::model::Signer;
use genome_json::text::Quoted;
use semver::Version;
use std::cmp::Ordering;
use std::fmt;

/// A single difference between a trust policy and what it was before. As text it is a sentence on one line, whatever the policies say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`from` is what the policy said before, `to` what it says then; the rest says what it is")]
pub enum PolicyChange {
    /// A new signer.
    SignerAdded(Box<Signer>),
    /// A signer is gone.
    SignerRemoved(Box<Signer>),
    /// Another threshold.
    Threshold { from: usize, to: usize },
    /// More or fewer of the signers must sign than before, for another reason than the threshold.
    Approvals { from: usize, to: usize },
    /// A key is revoked.
    Revoked(Fingerprint),
    /// Revoked keys are not among all those who must sign a step, where `quorum` asks for all.
    FewerAreAll,
    /// Another lowest version.
    MinimumVersion { name: String, from: Option<Version>, to: Version },
    /// A lowest version is gone.
    MinimumVersionRemoved { name: String, from: Version },
    /// A genome is pinned by its id.
    GenomeIdAdded(GenomeId),
    /// A genome is no longer pinned by its id.
    GenomeIdRemoved(GenomeId),
    /// Another highest age, in days; `None` is any.
    MaximumAge { from: Option<u64>, to: Option<u64> },
    /// Another number of signers must sign a change of this class; `None` is the threshold.
    Quorum { class: Class, from: Option<Approvals>, to: Option<Approvals> },
    /// Signatures counted under any key id, and count under that of the signer now.
    KeyIdsCount,
}

impl PolicyChange {
    /// Every difference that an editor makes.
    pub(super) fn between(before: &TrustPolicy, after: &TrustPolicy) -> Vec<Self> {
        let absent = |of: &TrustPolicy, signer: &&Signer| !of.signers().iter().any(|other| other == *signer);
        let gone = before.signers().iter().filter(|signer| absent(after, signer));
        let new = after.signers().iter().filter(|signer| absent(before, signer));
        let mut changes: Vec<Self> = new.map(|signer| Self::SignerAdded(Box::new(signer.clone()))).collect();
        changes.extend(gone.map(|signer| Self::SignerRemoved(Box::new(signer.clone()))));
        changes.extend(threshold(before, after));
        let revoked = after.revoked.beyond(&before.revoked);
        if !revoked.is_empty() && after.by_class.values().any(|approvals| *approvals == Approvals::All) {
            changes.push(Self::FewerAreAll);
        }
        changes.extend(revoked.into_iter().map(Self::Revoked));
        let minimums = after.minimum_versions.iter().map(|(name, to)| (name, before.minimum_versions.get(name), to));
        changes.extend(minimums.filter(|(_, from, to)| *from != Some(to)).map(|(name, from, to)| Self::MinimumVersion {
            name: name.clone(),
            from: from.cloned(),
            to: to.clone(),
        }));
        let dropped = before.minimum_versions.iter().filter(|(name, _)| !after.minimum_versions.contains_key(*name));
        changes.extend(dropped.map(|(name, from)| Self::MinimumVersionRemoved { name: name.clone(), from: from.clone() }));
        let ids = [(after, before), (before, after)].map(|(one, other)| {
            let beyond = one.genome_ids().into_iter().filter(|id| !other.genome_ids.contains(id));
            beyond.collect::<Vec<_>>()
        });
        let [pinned, unpinned] = ids;
        changes.extend(pinned.into_iter().map(Self::GenomeIdAdded));
        changes.extend(unpinned.into_iter().map(Self::GenomeIdRemoved));
        let (from, to) = (before.maximum_age_days, after.maximum_age_days);
        if from != to {
            changes.push(Self::MaximumAge { from, to });
        }
        let of = |policy: &TrustPolicy, class| policy.by_class.get(&class).copied();
        let classes = Class::ALL.iter().map(|&class| (class, of(before, class), of(after, class)));
        changes.extend(classes.filter(|(_, from, to)| from != to).map(|(class, from, to)| Self::Quorum { class, from, to }));
        if before.is_of_keys && !after.is_of_keys {
            changes.push(Self::KeyIdsCount);
        }
        changes
    }

    /// Whether the policy gives more away by it, or less.
    #[must_use]
    pub fn class(&self) -> Class {
        // Less of it is weaker.
        let guard = |to: Ordering| match to {
            Ordering::Less => Class::Weakening,
            Ordering::Equal => Class::Neutral,
            Ordering::Greater => Class::Strengthening,
        };
        match self {
            Self::SignerAdded(_) | Self::FewerAreAll | Self::MinimumVersionRemoved { .. } | Self::GenomeIdAdded(_) => {
                Class::Weakening
            }
            Self::SignerRemoved(_)
            | Self::Revoked(_)
            | Self::KeyIdsCount
            | Self::MinimumVersion { from: None, .. }
            | Self::GenomeIdRemoved(_) => Class::Strengthening,
            // A genome of any age is the oldest.
            Self::MaximumAge { from, to } => guard(from.unwrap_or(u64::MAX).cmp(&to.unwrap_or(u64::MAX))),
            Self::Quorum { from, to, .. } => guard(asked(*to).cmp(&asked(*from))),
            Self::Threshold { from, to } | Self::Approvals { from, to } => guard(to.cmp(from)),
            Self::MinimumVersion { from: Some(from), to, .. } => guard(to.cmp_precedence(from)),
        }
    }

    /// Whether something that the policy says itself, as a threshold or a version, is lower than it was, or asks for less.
    #[must_use]
    pub fn is_lowering(&self) -> bool {
        matches!(
            self,
            Self::Threshold { .. }
                | Self::MinimumVersion { .. }
                | Self::MinimumVersionRemoved { .. }
                | Self::MaximumAge { .. }
                | Self::Quorum { .. }
        ) && self.class() == Class::Weakening
    }

    /// Whether the policy trusts more by it in one way, and less in another: a number of signers can be more than all of one genome, and fewer than
    /// all of another.
    pub(super) fn goes_both_ways(&self) -> bool {
        match self {
            Self::Quorum { from, to, .. } => {
                matches!((asked(*from), asked(*to)), (usize::MAX, 2..usize::MAX) | (2..usize::MAX, usize::MAX))
            }
            _ => false,
        }
    }
}

/// How many it asks for; without it one, as no threshold is less.
fn asked(approvals: Option<Approvals>) -> usize {
    match approvals {
        None => 1,
        Some(Approvals::Count(count)) => count,
        Some(Approvals::All) => usize::MAX,
    }
}

/// Another threshold, and another number of signatures where that does not follow from it.
fn threshold(before: &TrustPolicy, after: &TrustPolicy) -> Vec<PolicyChange> {
    let both = |number: fn(&TrustPolicy) -> Option<usize>| number(before).zip(number(after)).filter(|(from, to)| from != to);
    let threshold = both(|policy| policy.authority.as_ref().map(|authority| authority.threshold));
    let approvals = both(|policy| policy.approvals_to_pin().map(|approvals| approvals.signatures));
    let said = threshold.map(|(from, to)| PolicyChange::Threshold { from, to });
    let follows = approvals.filter(|_| approvals != threshold).map(|(from, to)| PolicyChange::Approvals { from, to });
    said.into_iter().chain(follows).collect()
}

impl fmt::Display for PolicyChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |signer: &Signer| format!("`{}` ({})", signer.key_id, signer.public_key.fingerprint());
        match self {
            Self::SignerAdded(signer) => write!(formatter, "signer {} may sign now", named(signer)),
            Self::SignerRemoved(signer) => write!(formatter, "signer {} may no longer sign", named(signer)),
            Self::Threshold { from, to } => write!(formatter, "threshold: {from} -> {to}"),
            Self::Approvals { from, to } => write!(formatter, "signatures that are required, as `quorum` asks for: {from} -> {to}"),
            Self::Revoked(fingerprint) => write!(formatter, "key {fingerprint} is revoked"),
            Self::FewerAreAll => formatter.write_str("where `quorum` asks for all signers, those with revoked keys are left out"),
            Self::MinimumVersion { name, from, to } => {
                write!(formatter, "lowest version of {}: {} -> {to}", Quoted(name), or_none(from.as_ref()))
            }
            Self::MinimumVersionRemoved { name, from } => write!(formatter, "lowest version of {}: {from} -> none", Quoted(name)),
            Self::GenomeIdAdded(id) => write!(formatter, "genome {id} is trusted by its id"),
            Self::GenomeIdRemoved(id) => write!(formatter, "genome {id} is no longer trusted by its id"),
            Self::MaximumAge { from, to } => write!(formatter, "highest age in days: {} -> {}", or_none(*from), or_none(*to)),
            Self::Quorum { class, from, to } => {
                write!(formatter, "`quorum` of {class} changes: {} -> {}", or_none(*from), or_none(*to))
            }
            Self::KeyIdsCount => formatter.write_str(
                "a signature by a key that the genome does not name counts under the key id of the signer, and no longer under any",
            ),
        }
    }
}

fn or_none(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}
