//! Why a draft is not made.

use crate::change::ActionList;
use crate::digest::{Digest, GenomeId};
use crate::hint::Hint;
use crate::key::{Fingerprint, KeyId};
use crate::model::ListKind;
use crate::refusal::Refusal;
use crate::timestamp::Timestamp;
use genome_json::text::Quoted;
use semver::Version;
use thiserror::Error;

/// Why a draft is not made, or one change of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The genome that was verified is not the one that was read.
    #[error("it holds another genome: {read}, and {verified} was verified")]
    AnotherGenome {
        /// The one that was verified.
        verified: GenomeId,
        /// The one that the bytes hold.
        read: GenomeId,
    },
    /// The version does not come after that of the parent.
    #[error("the version {version} does not come after {parent}, which is that of its parent, also named {}", Quoted(name))]
    VersionNotAbove {
        /// The name of both.
        name: String,
        /// The draft's version.
        version: Version,
        /// The parent's.
        parent: Version,
    },
    /// A number of the version is the largest that there is.
    #[error("there is no next version after {0}")]
    NoNextVersion(Version),
    /// The draft would be older than its parent.
    #[error("`created_at` would be {created_at}, and that of its parent is {parent}: a genome is not drafted before its parent")]
    BeforeParent {
        /// The draft's time.
        created_at: Timestamp,
        /// The parent's.
        parent: Timestamp,
    },
    /// The threshold can never be met.
    #[error("the threshold is {threshold}, and {signers} may sign")]
    Threshold {
        /// The threshold, given or kept.
        threshold: usize,
        /// How many signers there are.
        signers: usize,
    },
    /// There is no such entry.
    #[error("there is no {entry} {}", Quoted(name))]
    Unknown {
        /// What it should be.
        entry: ListKind,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// An entry of this name is there already.
    #[error("there is a {entry} {} already", Quoted(name))]
    Taken {
        /// What it is.
        entry: ListKind,
        /// The name.
        name: String,
    },
    /// The key is there already, under another key id.
    #[error("the key of `{key_id}` ({fingerprint}) is there already, as {}", Quoted(known_as))]
    KeyTaken {
        /// Its new key id.
        key_id: KeyId,
        /// The key.
        fingerprint: Fingerprint,
        /// The key id that it has.
        known_as: String,
    },
    /// The capability lists the action already, here or in the other list.
    #[error("{} {} {} already", Quoted(cap_id), list.verb(), Quoted(action))]
    ActionTaken {
        /// The capability.
        cap_id: String,
        /// The list that has it.
        list: ActionList,
        /// The action.
        action: String,
    },
    /// The capability lists no such action.
    #[error("{} neither allows nor denies {}", Quoted(cap_id), Quoted(action))]
    UnknownAction {
        /// The capability.
        cap_id: String,
        /// The action.
        action: String,
        /// The actions that it lists.
        known: Vec<String>,
    },
    /// The action is pinned to this digest already.
    #[error("{} is pinned to {sha256} already", Quoted(action))]
    PinTaken {
        /// The action.
        action: String,
        /// The digest.
        sha256: Digest,
    },
    /// The action is not pinned to this digest.
    #[error("{} is not pinned to {sha256}", Quoted(action))]
    UnknownPin {
        /// The action.
        action: String,
        /// The digest.
        sha256: Digest,
        /// The digests to which it is pinned.
        known: Vec<String>,
    },
    /// Of the tools that are defined, none is allowed.
    #[error("no tool that is defined is allowed, as `{server}/TOOL`")]
    NothingAllowed {
        /// The name of the MCP server.
        server: String,
    },
    /// A document is refused: one that was given, or the draft.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl DraftError {
    /// Where the genome is at fault, as a JSON Pointer (RFC 6901).
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::AnotherGenome { .. } => "",
            Self::VersionNotAbove { .. } | Self::NoNextVersion(_) => "/version",
            Self::BeforeParent { .. } => "/created_at",
            Self::Threshold { .. } => "/authority/threshold",
            Self::Unknown { entry, .. } | Self::Taken { entry, .. } => entry.pointer(),
            Self::KeyTaken { .. } => ListKind::Signer.pointer(),
            Self::ActionTaken { .. } | Self::UnknownAction { .. } | Self::NothingAllowed { .. } => ListKind::Capability.pointer(),
            Self::PinTaken { .. } | Self::UnknownPin { .. } => ListKind::Pin.pointer(),
            Self::Refused(refusal) => refusal.pointer(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::AnotherGenome { .. } => "somebody replaced the file meanwhile: see who, then draft again".into(),
            Self::VersionNotAbove { parent, .. } => format!(
                "give a version above {parent} (build metadata does not count), or another name, or start a lineage of its own"
            )
            .into(),
            Self::NoNextVersion(_) => "raise another part of it, or give the version".into(),
            Self::BeforeParent { .. } => {
                "check the clock of this machine, or SOURCE_DATE_EPOCH where it is set; and that of the parent".into()
            }
            Self::Threshold { signers: 0, .. } => "add a signer".into(),
            Self::Threshold { signers: 1, .. } => "give a threshold of 1, or add signers".into(),
            Self::Threshold { signers, .. } => format!("give a threshold of 1 to {signers}").into(),
            Self::Unknown { known, .. } | Self::UnknownAction { known, .. } | Self::UnknownPin { known, .. } => format!("there {}", are(known)).into(),
            Self::Taken { entry: ListKind::Signer, .. } => {
                "give another key id, such as one with the year in it, or remove the signer who is there; in a file of OpenSSH the key id is the comment at the end of the line: change that".into()
            }
            Self::Taken { entry, .. } => format!("give another name, or remove the {entry} that is there").into(),
            Self::KeyTaken { known_as, .. } => format!("one key counts once: leave it out, or remove {}", Quoted(known_as)).into(),
            Self::ActionTaken { .. } => "leave it out; or to change it, remove the action from the capability first".into(),
            Self::PinTaken { .. } => "leave it out".into(),
            Self::NothingAllowed { .. } => "allow some of its tools first: a pin for what is not allowed would be refused".into(),
            Self::Refused(refusal) => refusal.hint(),
        }
    }
}

/// The names that there are; of very many, the first.
fn are(names: &[String]) -> String {
    const SHOWN: usize = 16;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| Quoted(name).to_string()).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    match shown.as_slice() {
        [] => "is none".to_owned(),
        [only] => format!("is only {only}"),
        [first @ .., last] => format!("are {} and {last}", first.join(", ")),
    }
}
