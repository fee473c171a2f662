//! A change in words.

use super::{ActionAnswer, ActionList, Change};
use crate::change::DeclaredChange;
use crate::digest::{Digest, GenomeId};
use crate::listing::joined;
use crate::model::{Capability, Invariant, ManifestFile, Signer};
use genome_json::text::{Field, Quoted};
use std::fmt;

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

impl Change {
    /// The stable name of the kind of change.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Action { from, to, .. } => match (from.is_allowed(), to.is_allowed()) {
                (false, true) => "action_allowed",
                (true, false) => "action_not_allowed",
                (true, true) => "action_moved",
                (false, false) if matches!(to, ActionAnswer::NotAllowed) => "denial_removed",
                (false, false) => "denial_added",
            },
            Self::RiskClass { .. } => "risk_class",
            Self::CapabilityAdded(_) => "capability_added",
            Self::CapabilityRemoved(_) => "capability_removed",
            Self::ActionListed { .. } => "action_listed",
            Self::ActionUnlisted { .. } => "action_unlisted",
            Self::ActionsRearranged { .. } => "actions_rearranged",
            Self::InvariantAdded(_) => "invariant_added",
            Self::InvariantRemoved(_) => "invariant_removed",
            Self::Severity { .. } => "severity",
            Self::Claim { .. } => "testable_claim",
            Self::Hook { .. } => "enforcement_hook",
            Self::SignerAdded(_) => "signer_added",
            Self::SignerRemoved(_) => "signer_removed",
            Self::SignerRenamed { .. } => "signer_renamed",
            Self::SignerKey { .. } => "signer_key",
            Self::Threshold { .. } => "threshold",
            Self::Pins(pins) => pins.kind(),
            Self::FileAdded(_) => "file_added",
            Self::FileRemoved(_) => "file_removed",
            Self::FileChanged { .. } => "file_changed",
            Self::Name { .. } => "name",
            Self::Version { .. } => "version",
            Self::Parents { .. } => "parents",
            Self::CreatedAt { .. } => "created_at",
            Self::Reordered(_) => "reordered",
        }
    }

    /// Its subject, by its name in the genomes; empty where it is about the genome itself.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Action { action, .. } => action.clone(),
            Self::RiskClass { cap_id, .. } | Self::ActionsRearranged { cap_id, .. } => cap_id.clone(),
            Self::ActionListed { cap_id, action, .. } | Self::ActionUnlisted { cap_id, action, .. } => {
                // The first `=` divides the two.
                if cap_id.contains(['=', '`']) { format!("{}={action}", Quoted(cap_id)) } else { format!("{cap_id}={action}") }
            }
            Self::CapabilityAdded(capability) | Self::CapabilityRemoved(capability) => capability.cap_id.clone(),
            Self::InvariantAdded(invariant) | Self::InvariantRemoved(invariant) => invariant.id.clone(),
            Self::Severity { id, .. } | Self::Claim { id, .. } | Self::Hook { id, .. } => id.clone(),
            Self::SignerAdded(signer) | Self::SignerRemoved(signer) => signer.key_id.to_string(),
            Self::SignerRenamed { to, .. } => to.to_string(),
            Self::SignerKey { key_id, .. } => key_id.to_string(),
            Self::Pins(pins) => pins.action.clone(),
            Self::FileAdded(file) | Self::FileRemoved(file) => file.path.to_string(),
            Self::FileChanged { path, .. } => path.to_string(),
            Self::Reordered(entry) => entry.plural().to_owned(),
            Self::Threshold { .. } | Self::Name { .. } | Self::Version { .. } | Self::Parents { .. } | Self::CreatedAt { .. } => {
                String::new()
            }
        }
    }

    /// What the earlier and the later genome say about the subject; `None` where one says nothing.
    #[must_use]
    pub fn sides(&self) -> (Option<String>, Option<String>) {
        fn both(from: &impl ToString, to: &impl ToString) -> (Option<String>, Option<String>) {
            (Some(from.to_string()), Some(to.to_string()))
        }
        match self {
            Self::Action { from, to, .. } => both(from, to),
            Self::RiskClass { from, to, .. } => both(from, to),
            Self::CapabilityAdded(capability) => (None, Some(Counted(capability).to_string())),
            Self::CapabilityRemoved(capability) => (Some(Counted(capability).to_string()), None),
            Self::ActionListed { list, .. } => (None, Some(list.field().to_owned())),
            Self::ActionUnlisted { list, .. } => (Some(list.field().to_owned()), None),
            Self::InvariantAdded(invariant) => (None, Some(Stated(invariant).to_string())),
            Self::InvariantRemoved(invariant) => (Some(Stated(invariant).to_string()), None),
            Self::Severity { from, to, .. } => both(from, to),
            Self::Claim { from, to, .. } | Self::Hook { from, to, .. } | Self::Name { from, to } => both(from, to),
            Self::SignerAdded(signer) => (None, Some(signer.public_key.fingerprint().to_string())),
            Self::SignerRemoved(signer) => (Some(signer.public_key.fingerprint().to_string()), None),
            Self::SignerRenamed { from, to, .. } => both(from, to),
            Self::SignerKey { from, to, .. } => both(&from.fingerprint(), &to.fingerprint()),
            Self::Threshold { from, to } => both(from, to),
            Self::Pins(pins) => pins.sides(),
            Self::FileAdded(file) => (None, Some(digest(file.sha256.as_ref()))),
            Self::FileRemoved(file) => (Some(digest(file.sha256.as_ref())), None),
            Self::FileChanged { from, to, .. } => (Some(digest(from.as_ref())), Some(digest(to.as_ref()))),
            Self::Version { from, to } => both(from, to),
            Self::Parents { from, to } => (Some(ids(from)), Some(ids(to))),
            Self::CreatedAt { from, to } => both(from, to),
            Self::ActionsRearranged { .. } | Self::Reordered(_) => (None, None),
        }
    }
}

impl Change {
    /// Its parts, as texts in which every character shows and that can be parsed back.
    #[must_use]
    pub fn declared(&self) -> DeclaredChange {
        let field = |text: String| Field(&text).to_string();
        // What an invariant states is quoted already.
        let is_quoted = matches!(self, Self::InvariantAdded(_) | Self::InvariantRemoved(_));
        let side = |text: String| if is_quoted { text } else { field(text) };
        let (from, to) = self.sides();
        // What an invariant states may be long, and is escaped once for both places.
        let message = match (self, &from, &to) {
            (Self::InvariantAdded(invariant), _, Some(stated)) => invariant_added(invariant, stated).to_string(),
            (Self::InvariantRemoved(invariant), Some(stated), _) => invariant_removed(invariant, stated).to_string(),
            _ => self.to_string(),
        };
        DeclaredChange {
            class: self.class(),
            kind: self.kind().to_owned(),
            subject: field(self.subject()),
            from: from.map(side),
            to: to.map(side),
            message,
        }
    }
}

/// The capability that decides it.
impl fmt::Display for ActionAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed { cap_id, risk_class } => write!(formatter, "allowed by {} (risk class {risk_class})", Quoted(cap_id)),
            Self::Denied { cap_id } => write!(formatter, "denied by {}", Quoted(cap_id)),
            Self::NotAllowed => formatter.write_str("allowed by nobody"),
        }
    }
}

/// A sentence on one line, whatever the genomes say.
impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action { action, from, to } => write!(formatter, "action {} is {to} now, and was {from}", Quoted(action)),
            Self::RiskClass { cap_id, from, to } => {
                write!(formatter, "capability {} is in risk class {to} now, and was in {from}", Quoted(cap_id))
            }
            Self::CapabilityAdded(capability) => {
                write!(formatter, "capability {} is new: {}", Quoted(&capability.cap_id), Counted(capability))
            }
            Self::CapabilityRemoved(capability) => {
                write!(formatter, "capability {} is gone: {}", Quoted(&capability.cap_id), Counted(capability))
            }
            Self::ActionListed { cap_id, list, action } => {
                write!(formatter, "capability {} lists {} in its {} now", Quoted(cap_id), Quoted(action), list.field())
            }
            Self::ActionUnlisted { cap_id, list, action } => {
                write!(formatter, "capability {} no longer lists {} in its {}", Quoted(cap_id), Quoted(action), list.field())
            }
            Self::ActionsRearranged { cap_id, list } => {
                write!(formatter, "capability {}: the same {}, arranged in another way", Quoted(cap_id), list.field())
            }
            Self::InvariantAdded(invariant) => invariant_added(invariant, &Stated(invariant)).fmt(formatter),
            Self::InvariantRemoved(invariant) => invariant_removed(invariant, &Stated(invariant)).fmt(formatter),
            Self::Severity { id, from, to } => write!(formatter, "invariant {} is {to} now, and was {from}", Quoted(id)),
            Self::Claim { id, severity, from, to } => write!(
                formatter,
                "invariant {} ({severity}) claims {} now, and claimed {}: read whether it asks as much",
                Quoted(id),
                Quoted(to),
                Quoted(from)
            ),
            Self::Hook { id, severity, from, to } => write!(
                formatter,
                "invariant {} ({severity}) is enforced by {} now, and was by {}: read whether it does as much",
                Quoted(id),
                Quoted(to),
                Quoted(from)
            ),
            Self::SignerAdded(signer) => write!(formatter, "signer {} may sign now", Named(signer)),
            Self::SignerRemoved(signer) => write!(formatter, "signer {} may no longer sign", Named(signer)),
            Self::SignerRenamed { from, to, public_key } => {
                write!(formatter, "signer `{from}` is called `{to}` now, with the same key ({})", public_key.fingerprint())
            }
            Self::SignerKey { key_id, from, to } => {
                let (from, to) = (from.fingerprint(), to.fingerprint());
                write!(formatter, "signer `{key_id}` is another key now: {to}, and was {from}")
            }
            Self::Threshold { from, to } => write!(formatter, "threshold: {to} must sign now, and {from} had to before"),
            Self::Pins(pins) => pins.fmt(formatter),
            Self::FileAdded(ManifestFile { path, sha256 }) => {
                write!(formatter, "file {} is in the manifest now ({})", Quoted(path.as_str()), digest(sha256.as_ref()))
            }
            Self::FileRemoved(file) => {
                write!(formatter, "file {} is in the manifest no more, so nothing checks it", Quoted(file.path.as_str()))
            }
            Self::FileChanged { path, from, to } => {
                let (from, to) = (digest(from.as_ref()), digest(to.as_ref()));
                write!(formatter, "file {} has changed ({from} -> {to})", Quoted(path.as_str()))
            }
            Self::Name { from, to } => write!(
                formatter,
                "name: {} -> {}: versions that were accepted under the old name do not count for the new one",
                Quoted(from),
                Quoted(to)
            ),
            Self::Version { from, to } => write!(formatter, "version: {from} -> {to}"),
            Self::Parents { from, to } => write!(formatter, "parents: {} -> {}", ids(from), ids(to)),
            Self::CreatedAt { from, to } => write!(formatter, "created_at: {from} -> {to}, {}", to.after(from)),
            Self::Reordered(entry) => write!(formatter, "another order of the {}, which means the same", entry.plural()),
        }
    }
}

fn invariant_added(invariant: &Invariant, stated: &impl fmt::Display) -> impl fmt::Display {
    fmt::from_fn(move |formatter| write!(formatter, "invariant {} must hold now: {stated}", Quoted(&invariant.id)))
}

fn invariant_removed(invariant: &Invariant, stated: &impl fmt::Display) -> impl fmt::Display {
    fmt::from_fn(move |formatter| write!(formatter, "invariant {} need not hold any more: {stated}", Quoted(&invariant.id)))
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
        let Invariant { severity, testable_claim, enforcement_hook, .. } = self.0;
        write!(formatter, "{severity}, {}, enforced by {}", Quoted(testable_claim), Quoted(enforcement_hook))
    }
}

struct Counted<'c>(&'c Capability);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Capability { risk_class, allow_actions, deny_actions, .. } = self.0;
        write!(formatter, "risk class {risk_class}, {} allowed, {} denied", allow_actions.len(), deny_actions.len())
    }
}
