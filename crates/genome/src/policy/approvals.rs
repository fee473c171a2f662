//! How many must sign a step: more of the parent's signers than their threshold, where a trust policy requires it.

use super::TrustPolicy;
use crate::approvals::{ApprovalReason, MOST_COMPARED, RequiredApprovals};
use crate::change::{Change, Class};
use crate::model::{Authority, Genome};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How many of an authority must sign a change of some class. As text, it is as a policy writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approvals {
    /// All signers whose keys the policy does not revoke.
    All,
    /// This many, 1 or more.
    Count(usize),
}

impl fmt::Display for Approvals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Count(count) => count.fmt(formatter),
        }
    }
}

/// The approvals that a policy requires for each class; a class that is not there requires only the threshold.
pub(crate) type ClassApprovals = BTreeMap<Class, Approvals>;

impl TrustPolicy {
    /// How many must sign a step: the parent's threshold, where no policy requires more.
    pub(crate) fn approvals_for(policy: Option<&Self>, parent: &Genome, child: &Genome) -> RequiredApprovals {
        policy.map_or_else(|| RequiredApprovals::by(&parent.authority), |policy| policy.required_approvals(parent, child))
    }

    /// What `quorum` asks for, class by class.
    pub fn approvals_by_class(&self) -> impl Iterator<Item = (Class, Approvals)> {
        self.classes_where(|_| true)
    }

    /// How many of the policy's own signers must sign a genome that they pin; `None` where it has none.
    #[must_use]
    pub fn approvals_to_pin(&self) -> Option<RequiredApprovals> {
        let by_class = self.classes_where(|_| true).map(|(_, approvals)| (ApprovalReason::Pinned, approvals));
        self.authority.as_ref().map(|authority| self.strictest(authority, by_class))
    }

    /// Whether some changes need more signatures than a threshold.
    pub(crate) fn asks_by_class(&self) -> bool {
        !self.by_class.is_empty()
    }

    /// How many of the parent's signers must sign the step to a child. Where no class requires more, the two are not compared.
    #[must_use]
    pub fn required_approvals(&self, parent: &Genome, child: &Genome) -> RequiredApprovals {
        if !self.asks_by_class() {
            RequiredApprovals::by(&parent.authority)
        } else if child.parents.len() > MOST_COMPARED {
            self.strictest(
                &parent.authority,
                self.classes_where(|_| true).map(|(_, approvals)| (ApprovalReason::Parents, approvals)),
            )
        } else {
            self.approvals_for_changes(&parent.authority, &Change::between(parent, child))
        }
    }

    /// How many of this authority must sign a step that holds these changes.
    fn approvals_for_changes(&self, authority: &Authority, changes: &[Change]) -> RequiredApprovals {
        let classes: BTreeSet<Class> = changes.iter().map(Change::class).collect();
        let of_classes = self
            .classes_where(|class| classes.contains(&class))
            .map(|(class, approvals)| (ApprovalReason::Change(class), approvals));
        let other_keys = changes.iter().any(changes_keys);
        let of_signers = self.classes_where(|_| other_keys).map(|(_, approvals)| (ApprovalReason::Signers, approvals));
        self.strictest(authority, of_classes.chain(of_signers))
    }

    fn classes_where(&self, is_due: impl Fn(Class) -> bool) -> impl Iterator<Item = (Class, Approvals)> {
        self.by_class.iter().map(|(&class, &approvals)| (class, approvals)).filter(move |(class, _)| is_due(*class))
    }

    /// The first of the strictest, where it is above the threshold.
    fn strictest(&self, authority: &Authority, by_class: impl Iterator<Item = (ApprovalReason, Approvals)>) -> RequiredApprovals {
        let all = || authority.signers.iter().filter(|signer| !self.revokes(&signer.public_key)).count();
        by_class.fold(RequiredApprovals::by(authority), |strictest, (because, approvals)| {
            let signatures = match approvals {
                Approvals::All => all(),
                Approvals::Count(count) => count,
            };
            if signatures > strictest.signatures { RequiredApprovals { signatures, because: Some(because) } } else { strictest }
        })
    }
}

/// Whether other keys than before may sign; their key ids make no difference.
fn changes_keys(change: &Change) -> bool {
    matches!(change, Change::SignerAdded(_) | Change::SignerRemoved(_) | Change::SignerKey { .. })
}
