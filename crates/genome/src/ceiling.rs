use crate::genome::{Capability, Genome, RiskClass};
use crate::refusal::Code;
use crate::verify::Verified;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};

/// The ceiling: what the capabilities of a verified genome allow, taken together. Deny wins; what no one allows is denied.
///
/// Actions are compared byte by byte, with regard to case. A look-up takes the same time however many capabilities there are.
#[derive(Debug, Clone)]
pub struct Ceiling {
    entries: HashTable<Entry>,
    hashing: RandomState,
    /// The actions, one after the other.
    actions: String,
    capabilities: Vec<Decider>,
}

/// 12 bytes, so that a table of many actions stays in the cache.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where the action starts in `actions`, and its length, in bytes. A document has at most 16 MiB.
    start: u32,
    length: u32,
    /// The capability that decides, and in the lowest bit whether it denies.
    decider: u32,
}

#[derive(Debug, Clone)]
struct Decider {
    cap_id: String,
    risk_class: RiskClass,
}

/// The ceiling's answer for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'c> {
    /// A capability allows the action, and none denies it.
    Allowed {
        /// The first capability of the genome that allows it.
        cap_id: &'c str,
        /// That capability's risk class.
        risk_class: RiskClass,
    },
    /// A capability denies the action, whoever else allows it.
    Denied {
        /// The first capability of the genome that denies it.
        cap_id: &'c str,
        /// That capability's risk class.
        risk_class: RiskClass,
    },
    /// No capability allows the action.
    NotAllowed,
}

impl Ceiling {
    /// The ceiling of a verified genome.
    #[must_use]
    pub fn of(genome: &Verified<Genome>) -> Self {
        Self::of_capabilities(&genome.capabilities)
    }

    fn of_capabilities(capabilities: &[Capability]) -> Self {
        let deciders =
            capabilities.iter().map(|capability| Decider { cap_id: capability.cap_id.clone(), risk_class: capability.risk_class });
        let most = capabilities.iter().map(|capability| capability.allow_actions.len() + capability.deny_actions.len()).sum();
        let mut ceiling = Self {
            entries: HashTable::with_capacity(most),
            hashing: RandomState::default(),
            actions: String::new(),
            capabilities: deciders.collect(),
        };
        // Deny wins, so the denials come first; among equals the first capability decides.
        for (index, capability) in (0..).zip(capabilities) {
            capability.deny_actions.iter().for_each(|action| ceiling.decide_once(action, index << 1 | 1));
        }
        for (index, capability) in (0..).zip(capabilities) {
            capability.allow_actions.iter().for_each(|action| ceiling.decide_once(action, index << 1));
        }
        ceiling
    }

    /// Notes who decides an action, unless somebody does already.
    fn decide_once(&mut self, action: &str, decider: u32) {
        let hash = hash(&self.hashing, action);
        if self.find(hash, action).is_some() {
            return;
        }
        let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let entry = Entry { start: position(self.actions.len()), length: position(action.len()), decider };
        self.actions.push_str(action);
        let Self { entries, hashing, actions, .. } = self;
        entries.insert_unique(hash, entry, |entry| hash_bytes(hashing, entry.action(actions.as_bytes())));
    }

    fn find(&self, hash: u64, action: &str) -> Option<&Entry> {
        self.entries.find(hash, |entry| entry.action(self.actions.as_bytes()) == action.as_bytes())
    }

    /// Whether an action may be taken, and who says so.
    #[must_use]
    pub fn decide(&self, action: &str) -> Decision<'_> {
        let Some(entry) = self.find(hash(&self.hashing, action), action) else { return Decision::NotAllowed };
        let Some(Decider { cap_id, risk_class }) = self.capabilities.get(entry.decider as usize >> 1) else {
            return Decision::NotAllowed;
        };
        let risk_class = *risk_class;
        if entry.decider & 1 == 0 { Decision::Allowed { cap_id, risk_class } } else { Decision::Denied { cap_id, risk_class } }
    }

    /// How many actions are allowed.
    #[must_use]
    pub fn allowed(&self) -> usize {
        self.entries.iter().filter(|entry| entry.decider & 1 == 0).count()
    }

    /// How many actions are denied by name.
    #[must_use]
    pub fn denied(&self) -> usize {
        self.entries.len() - self.allowed()
    }
}

impl Entry {
    fn action<'a>(&self, actions: &'a [u8]) -> &'a [u8] {
        let start = self.start as usize;
        actions.get(start..start + self.length as usize).unwrap_or_default()
    }
}

fn hash(hashing: &RandomState, action: &str) -> u64 {
    hash_bytes(hashing, action.as_bytes())
}

fn hash_bytes(hashing: &RandomState, action: &[u8]) -> u64 {
    let mut hasher = hashing.build_hasher();
    hasher.write(action);
    hasher.finish()
}

impl Decision<'_> {
    /// Whether the action may be taken.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The capability that decided, where one did.
    #[must_use]
    pub fn cap_id(&self) -> Option<&str> {
        match self {
            Self::Allowed { cap_id, .. } | Self::Denied { cap_id, .. } => Some(cap_id),
            Self::NotAllowed => None,
        }
    }

    /// The risk class of the capability that decided, where one did.
    #[must_use]
    pub fn risk_class(&self) -> Option<RiskClass> {
        match self {
            Self::Allowed { risk_class, .. } | Self::Denied { risk_class, .. } => Some(*risk_class),
            Self::NotAllowed => None,
        }
    }

    /// [`Code::CapabilityDenied`] for an action that may not be taken.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        (!self.is_allowed()).then_some(Code::CapabilityDenied)
    }
}

/// Why, in words.
impl fmt::Display for Decision<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed { cap_id, .. } => write!(formatter, "`{cap_id}` allows it, and no capability denies it"),
            Self::Denied { cap_id, .. } => write!(formatter, "`{cap_id}` denies it"),
            Self::NotAllowed => formatter.write_str("no capability allows it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capability(cap_id: &str, risk_class: RiskClass, allow: &[&str], deny: &[&str]) -> Capability {
        let actions = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Capability { cap_id: cap_id.to_owned(), risk_class, allow_actions: actions(allow), deny_actions: actions(deny) }
    }

    #[test]
    fn deny_wins_and_silence_denies() {
        let ceiling = Ceiling::of_capabilities(&[
            capability("CAP-1", RiskClass::A, &["read", "read", "write"], &[]),
            capability("CAP-2", RiskClass::C, &["write", "merge", "read"], &["share"]),
            capability("CAP-3", RiskClass::D, &["share"], &["merge"]),
        ]);
        assert_eq!(ceiling.decide("read"), Decision::Allowed { cap_id: "CAP-1", risk_class: RiskClass::A });
        assert_eq!(ceiling.decide("write"), Decision::Allowed { cap_id: "CAP-1", risk_class: RiskClass::A });
        assert_eq!(ceiling.decide("merge"), Decision::Denied { cap_id: "CAP-3", risk_class: RiskClass::D });
        assert_eq!(ceiling.decide("share"), Decision::Denied { cap_id: "CAP-2", risk_class: RiskClass::C });
        for unknown in ["", "READ", "rea", "readwrite", "read ", "é"] {
            assert_eq!(ceiling.decide(unknown), Decision::NotAllowed, "{unknown}");
            assert_eq!(ceiling.decide(unknown).code(), Some(Code::CapabilityDenied));
        }
        assert_eq!((ceiling.allowed(), ceiling.denied()), (2, 2));
    }
}
