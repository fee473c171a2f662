//! What one genome says that another did not, for those who review it: what it means, and not which text changed.

mod class;
mod comparison;
mod declared;
mod pins;
mod words;

use crate::digest::{Digest, GenomeId};
use crate::key::{KeyId, PublicKey};
use crate::model::{Capability, Invariant, ListKind, ManifestFile, RiskClass, Severity, Signer};
use crate::path::ManifestPath;
use crate::timestamp::Timestamp;
use crate::version::Bump;
pub use class::Class;
pub use declared::DeclaredChange;
pub use pins::{OtherTools, PinChange};
use semver::Version;
use std::collections::HashSet;

/// A single difference between two genomes; [`Change::between`] finds all of them. As text it is a
/// sentence on one line, whatever the genomes say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`from` is what the earlier genome says, `to` what the later one does; the rest says what it is")]
pub enum Change {
    /// The ceiling gives an action another answer.
    Action { action: String, from: ActionAnswer, to: ActionAnswer },
    /// A capability is in another risk class.
    RiskClass { cap_id: String, from: RiskClass, to: RiskClass },
    /// A new capability. What it allows and denies is said action by action.
    CapabilityAdded(Capability),
    /// A capability is gone.
    CapabilityRemoved(Capability),
    /// A capability, which was there before, lists an action that it did not, and another capability gives the answer.
    ActionListed { cap_id: String, list: ActionList, action: String },
    /// A capability, which is still there, does not list an action that it did, and another capability gave the answer.
    ActionUnlisted { cap_id: String, list: ActionList, action: String },
    /// A capability lists the same actions in another order, or one of them more or less often, which means the same.
    ActionsRearranged { cap_id: String, list: ActionList },
    /// A new invariant.
    InvariantAdded(Invariant),
    /// An invariant is gone.
    InvariantRemoved(Invariant),
    /// An invariant has another severity.
    Severity { id: String, from: Severity, to: Severity },
    /// An invariant claims something else.
    Claim { id: String, severity: Severity, from: String, to: String },
    /// An invariant is enforced elsewhere.
    Hook { id: String, severity: Severity, from: String, to: String },
    /// A new signer.
    SignerAdded(Box<Signer>),
    /// A signer is gone.
    SignerRemoved(Box<Signer>),
    /// A key has another key id.
    SignerRenamed { from: KeyId, to: KeyId, public_key: Box<PublicKey> },
    /// A key id stands for a key that is new, and the one before is gone.
    SignerKey { key_id: KeyId, from: Box<PublicKey>, to: Box<PublicKey> },
    /// Another threshold.
    Threshold { from: usize, to: usize },
    /// Other definitions of a tool are good, or other instructions of a server.
    Pins(Box<PinChange>),
    /// A new file in the manifest.
    FileAdded(ManifestFile),
    /// A file is gone from the manifest.
    FileRemoved(ManifestFile),
    /// A file of the manifest has another digest; `None` is a placeholder.
    FileChanged { path: ManifestPath, from: Option<Digest>, to: Option<Digest> },
    /// Another name.
    Name { from: String, to: String },
    /// Another version.
    Version { from: Version, to: Version },
    /// Other parents, or the same in another order.
    Parents { from: Vec<GenomeId>, to: Vec<GenomeId> },
    /// Another time, or the same instant written in another way.
    CreatedAt { from: Timestamp, to: Timestamp },
    /// What both genomes list stands in another order, which means the same.
    Reordered(ListKind),
}

/// The ceiling's answer for an action, and the capability that decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the capability that decides, and its risk class")]
pub enum ActionAnswer {
    /// It is allowed.
    Allowed { cap_id: String, risk_class: RiskClass },
    /// It is denied by name.
    Denied { cap_id: String },
    /// No capability allows it.
    NotAllowed,
}

/// One of the two lists of a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionList {
    /// `allow_actions`
    Allow,
    /// `deny_actions`
    Deny,
}

impl ActionAnswer {
    fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The capability that decides, where one does.
    #[must_use]
    pub fn cap_id(&self) -> Option<&str> {
        match self {
            Self::Allowed { cap_id, .. } | Self::Denied { cap_id } => Some(cap_id),
            Self::NotAllowed => None,
        }
    }
}

impl Change {
    /// Whether it gives more away, or less.
    #[must_use]
    #[expect(clippy::match_same_arms, reason = "a comment belongs to one of them")]
    pub fn class(&self) -> Class {
        use Class::{Narrowing, Neutral, Strengthening, Weakening, Widening};
        // Less of it is weaker.
        fn guard<T: Ord>(from: &T, to: &T) -> Class {
            match to.cmp(from) {
                std::cmp::Ordering::Less => Weakening,
                std::cmp::Ordering::Equal => Neutral,
                std::cmp::Ordering::Greater => Strengthening,
            }
        }
        match self {
            Self::Action { from, to, .. } => match (from, to) {
                (ActionAnswer::Allowed { risk_class: from, .. }, ActionAnswer::Allowed { risk_class: to, .. }) => guard(from, to),
                (_, ActionAnswer::Allowed { .. }) => Widening,
                (ActionAnswer::Allowed { .. }, _) => Narrowing,
                (ActionAnswer::Denied { .. }, ActionAnswer::NotAllowed) => Weakening,
                (ActionAnswer::NotAllowed, ActionAnswer::Denied { .. }) => Strengthening,
                (ActionAnswer::Denied { .. }, ActionAnswer::Denied { .. })
                | (ActionAnswer::NotAllowed, ActionAnswer::NotAllowed) => Neutral,
            },
            Self::RiskClass { from, to, .. } => guard(from, to),
            Self::Pins(pins) => pins.class,
            // The gravest severity comes first.
            Self::Severity { from, to, .. } => guard(to, from),
            Self::Threshold { from, to } => guard(from, to),
            Self::InvariantAdded(_) | Self::SignerRemoved(_) | Self::FileAdded(_) => Strengthening,
            // Only a person can tell whether other words demand as much; and versions are remembered by name.
            Self::Claim { .. } | Self::Hook { .. } | Self::Name { .. } => Weakening,
            Self::InvariantRemoved(_) | Self::SignerAdded(_) | Self::SignerKey { .. } | Self::FileRemoved(_) => Weakening,
            Self::CapabilityAdded(_)
            | Self::CapabilityRemoved(_)
            | Self::ActionListed { .. }
            | Self::ActionUnlisted { .. }
            | Self::ActionsRearranged { .. }
            | Self::SignerRenamed { .. }
            | Self::FileChanged { .. }
            | Self::Version { .. }
            | Self::Parents { .. }
            | Self::CreatedAt { .. }
            | Self::Reordered(_) => Neutral,
        }
    }

    /// The risk class in which the later genome allows an action, or puts a capability; `None` for any other change.
    pub(crate) fn allowed_risk(&self) -> Option<RiskClass> {
        match self {
            Self::Action { to: ActionAnswer::Allowed { risk_class, .. }, .. } => Some(*risk_class),
            Self::RiskClass { to, .. } => Some(*to),
            Self::CapabilityAdded(capability) => Some(capability.risk_class),
            _ => None,
        }
    }

    /// The smallest step of a version that fits it. Where other definitions of a tool are good, a running system may do something else, whatever the
    /// class.
    #[must_use]
    pub fn smallest_step(&self) -> Bump {
        match self {
            Self::Pins(_) => Bump::Minor,
            _ => self.class().smallest_step(),
        }
    }

    /// The class of the gravest change for which a patch is too small a step of the version; `None` where a patch fits.
    #[must_use]
    pub fn above_a_patch(changes: &[Self]) -> Option<Class> {
        let above = changes.iter().filter(|change| change.smallest_step() != Bump::Patch);
        above.map(Self::class).min()
    }

    /// The smallest step of a version that fits all of these.
    #[must_use]
    pub fn fitting_step(changes: &[Self]) -> Bump {
        Self::above_a_patch(changes).map_or(Bump::Patch, |_| Bump::Minor)
    }

    /// Whether both genomes mean the same by it, and only the text differs.
    #[must_use]
    pub fn is_rearrangement(&self) -> bool {
        match self {
            Self::Reordered(_) | Self::ActionsRearranged { .. } => true,
            Self::CreatedAt { from, to } => from == to,
            Self::Parents { from, to } => from.iter().collect::<HashSet<_>>() == to.iter().collect(),
            _ => false,
        }
    }

    /// Whether it can break what worked before: an action is no longer allowed, a definition of a tool no longer good, or
    /// others have to sign.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        let is_authority = matches!(
            self,
            Self::SignerAdded(_)
                | Self::SignerRemoved(_)
                | Self::SignerRenamed { .. }
                | Self::SignerKey { .. }
                | Self::Threshold { .. }
        );
        let is_pin = matches!(self, Self::Pins(pins) if pins.is_breaking);
        is_authority || is_pin || self.class() == Class::Narrowing
    }

    /// The invariant that it is about, if it is about one.
    #[must_use]
    pub fn invariant(&self) -> Option<&str> {
        match self {
            Self::InvariantAdded(invariant) | Self::InvariantRemoved(invariant) => Some(&invariant.id),
            Self::Severity { id, .. } | Self::Claim { id, .. } | Self::Hook { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The capabilities that it is about: for an action, and for a pin of one, those that decided before and decide now.
    #[must_use]
    pub fn capabilities(&self) -> Vec<&str> {
        match self {
            Self::Action { from, to, .. } => [from, to].into_iter().filter_map(ActionAnswer::cap_id).collect(),
            Self::CapabilityAdded(capability) | Self::CapabilityRemoved(capability) => vec![&capability.cap_id],
            Self::RiskClass { cap_id, .. }
            | Self::ActionListed { cap_id, .. }
            | Self::ActionUnlisted { cap_id, .. }
            | Self::ActionsRearranged { cap_id, .. } => vec![cap_id],
            Self::Pins(pins) => pins.capabilities.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}
