//! Whose signatures are missing, and how many.

use crate::approvals::{ApprovalReason, RequiredApprovals};
use crate::concept::{SIGNING, SIGNING_WITH_PARENT};
use crate::digest::GenomeId;
use crate::hint::Hint;
use crate::listing::{joined, listed};
use crate::model::{GenomeName, Signer};
use crate::tally::Tally;
use std::fmt;

/// Whose threshold a quorum is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuorumOf {
    /// The genome's own authority's.
    Own,
    /// That of a parent's authority.
    Parent(GenomeName),
    /// The trust policy's.
    Policy,
}

/// How far an authority or policy has signed whose signatures a genome needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quorum {
    /// Whose threshold it is about.
    pub whose: QuorumOf,
    /// Who has signed, who still may, and how many are missing.
    pub tally: Tally,
    /// Why the tally's threshold is above theirs, where a trust policy requires more.
    pub because: Option<ApprovalReason>,
}

impl Quorum {
    /// That of the genome's own authority.
    pub(crate) fn own(tally: Tally) -> Self {
        Self { whose: QuorumOf::Own, tally, because: None }
    }

    /// With the number of signatures that is required.
    pub(crate) fn of(whose: QuorumOf, tally: Tally, RequiredApprovals { signatures, because }: RequiredApprovals) -> Self {
        Self { whose, tally: Tally { threshold: signatures, ..tally }, because }
    }

    /// What is missing, as the next thing to do.
    pub(crate) fn hint(&self) -> Hint {
        let Tally { threshold, signed, unsigned, .. } = &self.tally;
        let missing = self.tally.missing();
        let (way, who) = match &self.whose {
            QuorumOf::Own => (SIGNING, "its authority".to_owned()),
            QuorumOf::Parent(parent) => (SIGNING_WITH_PARENT, format!("the authority of its parent {parent}")),
            QuorumOf::Policy => (SIGNING, "the trust policy".to_owned()),
        };
        if unsigned.len() < missing {
            let left = list(unsigned, "and");
            let count = signed.len() + unsigned.len();
            let reason = self
                .because
                .map(|because| format!("; the trust policy requires {threshold} for {because}, and there are only {count}"));
            let reason = reason.unwrap_or_default();
            return format!("{missing} more signatures of {who} are needed, and of its signers only {left} may still sign{reason}")
                .into();
        }
        let signers = list(unsigned, "or");
        let more = if signed.is_empty() { "" } else { " more" };
        let of = if self.whose == QuorumOf::Own { String::new() } else { format!(" of {who}") };
        let reason =
            self.because.map(|because| format!(", as the trust policy requires {threshold} for {because}")).unwrap_or_default();
        Hint::from(format!("{missing}{more}{of} must sign with ")) + way + format!("{reason}: {signers}")
    }
}

impl fmt::Display for Quorum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { threshold, signed, revoked, .. } = &self.tally;
        write!(formatter, "{} of the {threshold} signatures required", self.tally.counted())?;
        match &self.whose {
            QuorumOf::Own => {}
            QuorumOf::Parent(parent) => write!(formatter, " by the authority of its parent {parent}")?,
            QuorumOf::Policy => write!(formatter, " by the trust policy")?,
        }
        if let Some(because) = &self.because {
            let policy = if self.whose == QuorumOf::Policy { "" } else { ", as the trust policy requires" };
            write!(formatter, "{policy} for {because}")?;
        }
        if !signed.is_empty() {
            write!(formatter, ", by {}", list(signed, "and"))?;
        }
        if !revoked.is_empty() {
            write!(formatter, "; revoked, and not counted: {}", list(revoked, "and"))?;
        }
        Ok(())
    }
}

/// What a genome that lacks signatures still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quorums {
    /// How far its own authority has signed.
    pub own: Tally,
    /// How far the authorities of its parents have, those that were found.
    pub parents: Vec<Quorum>,
    /// The parents that were looked for and not found.
    pub not_found: Vec<GenomeId>,
}

impl Quorums {
    pub(crate) fn all(&self) -> Vec<Quorum> {
        let own = Quorum::own(self.own.clone());
        std::iter::once(own).chain(self.parents.iter().cloned()).collect()
    }

    pub(crate) fn hint(&self) -> Hint {
        let mut hints: Vec<Hint> = self.all().iter().filter(|quorum| !quorum.tally.is_met()).map(Quorum::hint).collect();
        hints.extend(
            self.not_found.iter().map(|id| format!("its parent {id} was not found, whose signers may have to sign too").into()),
        );
        Hint::joined(hints, "; ")
    }
}

impl fmt::Display for Quorums {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&joined(self.all(), "; "))
    }
}

/// Signers as a list, each with its fingerprint.
pub(crate) fn list(signers: &[Signer], conjunction: &str) -> String {
    listed(signers.iter().map(|signer| format!("`{}` ({})", signer.key_id, signer.public_key.fingerprint())), conjunction)
}
