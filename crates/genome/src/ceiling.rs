//! The ceiling: what capabilities allow, taken together.

use crate::code::Code;
use crate::model::{Capability, RiskClass};
use foldhash::fast::RandomState;
use genome_json::text::Quoted;
use hashbrown::HashTable;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};

/// The ceiling: what the capabilities of a verified genome allow, taken together. Deny wins; what no one allows is denied.
///
/// Actions are compared byte by byte, with regard to case. A look-up takes the same time however many capabilities there are. `A` is how
/// it keeps them; that of a verified genome has its own.
#[derive(Debug, Clone)]
pub struct Ceiling<A = Box<str>> {
    entries: HashTable<Entry<A>>,
    hashing: RandomState,
    capabilities: Vec<Decider>,
    /// How long the longest action is, in bytes.
    longest: usize,
}

#[derive(Debug, Clone)]
struct Entry<A> {
    action: A,
    /// The capability that decides, and in the lowest bit whether it denies.
    decider: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Decider {
    cap_id: String,
    risk_class: RiskClass,
}

/// The ceiling's answer for an action. Its details are looked up when they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'c> {
    capabilities: &'c [Decider],
    /// As in [`Entry`].
    decider: Option<u32>,
}

/// Why an action is allowed or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A capability allows the action, and none denies it.
    Allowed,
    /// A capability denies the action, whoever else allows it.
    Denied,
    /// No capability allows the action.
    NotAllowed,
}

impl<'g, A: From<&'g str> + AsRef<str>> Ceiling<A> {
    /// The ceiling of capabilities that nobody has verified. It may borrow their actions.
    pub(crate) fn of_capabilities(capabilities: &'g [Capability]) -> Self {
        let deciders =
            capabilities.iter().map(|capability| Decider { cap_id: capability.cap_id.clone(), risk_class: capability.risk_class });
        let most = capabilities.iter().map(|capability| capability.deny_actions.len() + capability.allow_actions.len()).sum();
        let mut ceiling = Self {
            entries: HashTable::with_capacity(most),
            hashing: RandomState::default(),
            capabilities: deciders.collect(),
            longest: 0,
        };
        // Deny wins, so the denials come first; within one list the first capability decides.
        for (index, capability) in (0..).zip(capabilities) {
            capability.deny_actions.iter().for_each(|action| ceiling.decide_once(action, index << 1 | 1));
        }
        for (index, capability) in (0..).zip(capabilities) {
            capability.allow_actions.iter().for_each(|action| ceiling.decide_once(action, index << 1));
        }
        ceiling
    }

    /// Notes which capability decides an action, unless one does already.
    fn decide_once(&mut self, action: &'g str, decider: u32) {
        self.longest = self.longest.max(action.len());
        let hash = hash(&self.hashing, action);
        let Self { entries, hashing, .. } = self;
        entries
            .entry(hash, |entry| entry.action.as_ref() == action, |entry| self::hash(hashing, entry.action.as_ref()))
            .or_insert_with(|| Entry { action: action.into(), decider });
    }
}

impl<A: AsRef<str>> Ceiling<A> {
    /// Whether an action is allowed, and which capability decides it.
    #[inline]
    #[must_use]
    pub fn decide(&self, action: &str) -> Decision<'_> {
        // What a stranger asks for may be long: whatever none of them can be is not hashed.
        let find = || self.entries.find(hash(&self.hashing, action), |entry| entry.action.as_ref() == action);
        let entry = if action.len() > self.longest { None } else { find() };
        Decision { capabilities: &self.capabilities, decider: entry.map(|entry| entry.decider) }
    }

    /// How many actions the capabilities list.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How long the longest action is that the capabilities list, in bytes: whatever is longer is named by nobody.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// How many actions are allowed.
    #[must_use]
    pub fn allowed(&self) -> usize {
        self.entries.iter().filter(|entry| !denies(entry.decider)).count()
    }

    /// How many actions are denied by name.
    #[must_use]
    pub fn denied(&self) -> usize {
        self.len() - self.allowed()
    }
}

fn denies(decider: u32) -> bool {
    decider & 1 == 1
}

#[inline]
fn hash(hashing: &RandomState, action: &str) -> u64 {
    let mut hasher = hashing.build_hasher();
    hasher.write(action.as_bytes());
    hasher.finish()
}

impl Decision<'_> {
    /// Whether the action is allowed.
    #[inline]
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.reason() == Reason::Allowed
    }

    /// Why.
    #[inline]
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self.decider {
            None => Reason::NotAllowed,
            Some(decider) if denies(decider) => Reason::Denied,
            Some(_) => Reason::Allowed,
        }
    }

    fn capability(&self) -> Option<&Decider> {
        self.capabilities.get(self.capability_index()?)
    }

    /// Where the capability that decided stands in the genome's list, where one did.
    #[must_use]
    pub fn capability_index(&self) -> Option<usize> {
        self.decider.map(|decider| decider as usize >> 1)
    }

    /// The capability that decided, where one did: the first of the genome that denies the action, or else the first that allows it.
    #[must_use]
    pub fn cap_id(&self) -> Option<&str> {
        self.capability().map(|capability| capability.cap_id.as_str())
    }

    /// The risk class of the capability that decided, where one did.
    #[must_use]
    pub fn risk_class(&self) -> Option<RiskClass> {
        self.capability().map(|capability| capability.risk_class)
    }

    /// [`Code::CapabilityDenied`] for an action that is not allowed.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        (!self.is_allowed()).then_some(Code::CapabilityDenied)
    }
}

/// Why, in words.
impl fmt::Display for Decision<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cap_id = self.cap_id().unwrap_or_default();
        match self.reason() {
            Reason::Allowed => write!(formatter, "{} allows it, and no capability denies it", Quoted(cap_id)),
            Reason::Denied => write!(formatter, "{} denies it", Quoted(cap_id)),
            Reason::NotAllowed => formatter.write_str("no capability allows it"),
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
        let capabilities = [
            capability("CAP-1", RiskClass::A, &["read", "read", "write"], &[]),
            capability("CAP-2", RiskClass::C, &["write", "merge", "read"], &["share"]),
            capability("CAP-3", RiskClass::D, &["share"], &["merge"]),
        ];
        let ceiling: Ceiling = Ceiling::of_capabilities(&capabilities);
        for (action, reason, cap_id, risk_class, index) in [
            ("read", Reason::Allowed, "CAP-1", RiskClass::A, 0),
            ("write", Reason::Allowed, "CAP-1", RiskClass::A, 0),
            ("merge", Reason::Denied, "CAP-3", RiskClass::D, 2),
            ("share", Reason::Denied, "CAP-2", RiskClass::C, 1),
        ] {
            let decision = ceiling.decide(action);
            assert_eq!(decision.capability_index(), Some(index));
            assert_eq!((decision.reason(), decision.cap_id(), decision.risk_class()), (reason, Some(cap_id), Some(risk_class)));
            assert_eq!(decision.code().is_none(), decision.is_allowed());
        }
        assert_eq!(ceiling.decide("merge").to_string(), "`CAP-3` denies it");
        for unknown in ["", "READ", "rea", "readwrite", "read ", "é"] {
            assert_eq!(ceiling.decide(unknown).reason(), Reason::NotAllowed, "{unknown}");
            assert_eq!(ceiling.decide(unknown).code(), Some(Code::CapabilityDenied));
            assert_eq!(ceiling.decide(unknown).capability_index(), None);
        }
        assert_eq!((ceiling.allowed(), ceiling.denied(), ceiling.longest()), (2, 2, 5));
    }
}
