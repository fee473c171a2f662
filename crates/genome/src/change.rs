//! What one genome says that another did not, for those who review it.

mod comparison;

use crate::entry::Entry;
use crate::genome::{Capability, Invariant, ManifestFile, RiskClass, Signer};
use crate::text::{Printable, joined};
use crate::{Digest, GenomeId, KeyId, ManifestPath, PublicKey, Timestamp};
use semver::Version;
use std::fmt;

/// A single difference between two genomes; [`Genome::changes_to`](crate::Genome::changes_to) finds all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`from` is what the earlier genome says, `to` what the later one does; the rest says what it is")]
pub enum Change {
    /// Another name.
    Name { from: String, to: String },
    /// Another version.
    Version { from: Version, to: Version },
    /// Other parents, or the same in another order.
    Parents { from: Vec<GenomeId>, to: Vec<GenomeId> },
    /// Another time, or the same instant written in another way.
    CreatedAt { from: Timestamp, to: Timestamp },
    /// A new signer.
    SignerAdded(Signer),
    /// A signer is gone.
    SignerRemoved(Signer),
    /// A key has another key id; nobody has the old one.
    SignerRenamed { from: KeyId, to: KeyId, public_key: PublicKey },
    /// A key id stands for another key.
    SignerKey { key_id: KeyId, from: PublicKey, to: PublicKey },
    /// Another threshold.
    Threshold { from: usize, to: usize },
    /// A new invariant.
    InvariantAdded(Invariant),
    /// An invariant is gone.
    InvariantRemoved(Invariant),
    /// An invariant says something else.
    InvariantChanged { from: Invariant, to: Invariant },
    /// A new capability.
    CapabilityAdded(Capability),
    /// A capability is gone.
    CapabilityRemoved(Capability),
    /// A capability is in another risk class.
    RiskClass { cap_id: String, from: RiskClass, to: RiskClass },
    /// A capability, which was there before, lists an action that it did not.
    ActionListed { cap_id: String, list: ActionList, action: String },
    /// A capability, which is still there, does not list an action that it did.
    ActionUnlisted { cap_id: String, list: ActionList, action: String },
    /// A capability lists the same actions in another order, or one of them more or less often, which means the same.
    ActionsRearranged { cap_id: String, list: ActionList },
    /// The capabilities, taken together, allow an action that they did not; this one does first.
    ActionAllowed { action: String, cap_id: String, risk_class: RiskClass },
    /// The capabilities, taken together, do not allow an action that they did: this one denies it, or none allows it.
    ActionForbidden { action: String, denied_by: Option<String> },
    /// A new file in the manifest.
    FileAdded(ManifestFile),
    /// A file is gone from the manifest.
    FileRemoved(ManifestFile),
    /// A file of the manifest has another digest; `None` is a placeholder.
    FileChanged { path: ManifestPath, from: Option<Digest>, to: Option<Digest> },
    /// What both genomes list stands in another order, which means the same.
    Reordered(Entry),
}

/// One of the two lists of a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionList {
    /// `allow_actions`
    Allow,
    /// `deny_actions`
    Deny,
}

impl ActionList {
    /// The field's name.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Allow => "allow_actions",
            Self::Deny => "deny_actions",
        }
    }

    /// What a capability does that lists an action there.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Allow => "allows",
            Self::Deny => "denies",
        }
    }
}

/// Text in backticks, as it is safe to print.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`", Printable(self.0))
    }
}

/// In words, on one line whatever the genomes say.
impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { from, to } => write!(formatter, "name: {} -> {}", Quoted(from), Quoted(to)),
            Self::Version { from, to } => write!(formatter, "version: {from} -> {to}"),
            Self::Parents { from, to } => write!(formatter, "parents: {} -> {}", ids(from), ids(to)),
            Self::CreatedAt { from, to } => write!(formatter, "created_at: {from} -> {to}"),
            Self::SignerAdded(signer) => write!(formatter, "signer added: {}", Named(signer)),
            Self::SignerRemoved(signer) => write!(formatter, "signer removed: {}", Named(signer)),
            Self::SignerRenamed { from, to, public_key } => {
                write!(formatter, "signer renamed: `{from}` -> `{to}`, the same key ({})", public_key.fingerprint())
            }
            Self::SignerKey { key_id, from, to } => {
                write!(formatter, "signer with another key: `{key_id}` ({} -> {})", from.fingerprint(), to.fingerprint())
            }
            Self::Threshold { from, to } => write!(formatter, "threshold: {from} -> {to}"),
            Self::InvariantAdded(invariant) => write!(formatter, "invariant added: {}", Stated(invariant)),
            Self::InvariantRemoved(invariant) => write!(formatter, "invariant removed: {}", Stated(invariant)),
            Self::InvariantChanged { from, to } => {
                write!(formatter, "invariant changed: {} -> {}", Stated(from), Stated(to))
            }
            Self::CapabilityAdded(capability) => write!(formatter, "capability added: {}", Listed(capability)),
            Self::CapabilityRemoved(capability) => write!(formatter, "capability removed: {}", Listed(capability)),
            Self::RiskClass { cap_id, from, to } => write!(formatter, "risk class of {}: {from} -> {to}", Quoted(cap_id)),
            Self::ActionListed { cap_id, list, action } => {
                write!(formatter, "capability {}: {} {} now", Quoted(cap_id), list.verb(), Quoted(action))
            }
            Self::ActionUnlisted { cap_id, list, action } => {
                write!(formatter, "capability {}: no longer {} {}", Quoted(cap_id), list.verb(), Quoted(action))
            }
            Self::ActionsRearranged { cap_id, list } => {
                write!(formatter, "capability {}: the same {}, arranged in another way", Quoted(cap_id), list.field())
            }
            Self::ActionAllowed { action, cap_id, risk_class } => {
                write!(formatter, "action allowed: {}, by {} (risk class {risk_class})", Quoted(action), Quoted(cap_id))
            }
            Self::ActionForbidden { action, denied_by: Some(cap_id) } => {
                write!(formatter, "action no longer allowed: {}, {} denies it", Quoted(action), Quoted(cap_id))
            }
            Self::ActionForbidden { action, denied_by: None } => {
                write!(formatter, "action no longer allowed: {}, no capability allows it", Quoted(action))
            }
            Self::FileAdded(file) => {
                write!(formatter, "file added: {} ({})", Quoted(file.path.as_str()), digest(file.sha256.as_ref()))
            }
            Self::FileRemoved(file) => write!(formatter, "file removed: {}", Quoted(file.path.as_str())),
            Self::FileChanged { path, from, to } => {
                let (from, to) = (digest(from.as_ref()), digest(to.as_ref()));
                write!(formatter, "file changed: {} ({from} -> {to})", Quoted(path.as_str()))
            }
            Self::Reordered(entry) => write!(formatter, "another order of the {}, which means the same", entry.plural()),
        }
    }
}

fn ids(ids: &[GenomeId]) -> String {
    if ids.is_empty() { "none".to_owned() } else { joined(ids, ", ") }
}

fn digest(digest: Option<&Digest>) -> String {
    digest.map_or_else(|| "a placeholder".to_owned(), Digest::to_string)
}

struct Named<'s>(&'s Signer);

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` ({})", self.0.key_id, self.0.public_key.fingerprint())
    }
}

struct Stated<'i>(&'i Invariant);

impl fmt::Display for Stated<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Invariant { id, severity, testable_claim, enforcement_hook } = self.0;
        write!(formatter, "{} ({severity}, {}, {})", Quoted(id), Quoted(enforcement_hook), Quoted(testable_claim))
    }
}

struct Listed<'c>(&'c Capability);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Capability { cap_id, risk_class, allow_actions, deny_actions } = self.0;
        write!(formatter, "{} (risk class {risk_class})", Quoted(cap_id))?;
        for (list, actions) in [(ActionList::Allow, allow_actions), (ActionList::Deny, deny_actions)] {
            if !actions.is_empty() {
                write!(formatter, ", {} {}", list.verb(), joined(actions.iter().map(|action| Quoted(action)), ", "))?;
            }
        }
        Ok(())
    }
}
