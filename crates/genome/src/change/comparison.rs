//! How changes are found: two genomes, held against each other part by part.

use super::{ActionAnswer, ActionList, Change, pins};
use crate::ceiling::{Ceiling, Decision, Reason};
use crate::key::{KeyId, PublicKey};
use crate::model::{Authority, Capability, Genome, Invariant, ListKind, Signer};
use foldhash::fast::RandomState;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

/// Actions, of which there may be very many.
type Actions<'g> = hashbrown::HashSet<&'g str, RandomState>;

impl Change {
    /// Every difference of a later genome from an earlier one: none if, and only if, both have the same genome id. Where the ceiling's answer
    /// for an action changes, the lists of the deciding capabilities are not reported again.
    #[must_use]
    pub fn between(earlier: &Genome, later: &Genome) -> Vec<Self> {
        let mut changes = Vec::new();
        if earlier.name != later.name {
            changes.push(Self::Name { from: earlier.name.clone(), to: later.name.clone() });
        }
        if earlier.version != later.version {
            changes.push(Self::Version { from: earlier.version.clone(), to: later.version.clone() });
        }
        if earlier.parents != later.parents {
            changes.push(Self::Parents { from: earlier.parents.clone(), to: later.parents.clone() });
        }
        // One instant has several texts, and the text is what is signed.
        if earlier.created_at.as_str() != later.created_at.as_str() {
            changes.push(Self::CreatedAt { from: earlier.created_at.clone(), to: later.created_at.clone() });
        }
        authority(&mut changes, &earlier.authority, &later.authority);
        invariants(&mut changes, earlier, later);
        let (from, to) = (&earlier.capabilities, &later.capabilities);
        let ceilings = Ceilings::of(from, to);
        ceiling(&mut changes, from, to, &ceilings);
        capabilities(&mut changes, from, to, &ceilings);
        pins::pins(&mut changes, earlier, later, &ceilings);
        Pairs::of(&earlier.tools, &later.tools, |pin| pin).note_order(&mut changes, ListKind::Pin);
        files(&mut changes, earlier, later);
        changes
    }

    /// All that a root says, as changes from a genome that says nothing: nobody may sign that, and it allows nothing.
    #[must_use]
    pub fn of_root(root: &Genome) -> Vec<Self> {
        let nothing = Genome {
            name: root.name.clone(),
            version: root.version.clone(),
            parents: root.parents.clone(),
            created_at: root.created_at.clone(),
            authority: Authority { signers: Vec::new(), threshold: 0 },
            invariants: Vec::new(),
            capabilities: Vec::new(),
            tools: Vec::new(),
            files: Vec::new(),
        };
        Self::in_meaning_between(&nothing, root)
    }

    /// As [`between`](Self::between), without mere [rearrangements](Self::is_rearrangement); the gravest first.
    #[must_use]
    pub fn in_meaning_between(earlier: &Genome, later: &Genome) -> Vec<Self> {
        let mut changes = Self::between(earlier, later);
        changes.retain(|change| !change.is_rearrangement());
        // Of what is allowed, the highest risk class first.
        changes.sort_by_key(|change| (change.class(), Reverse(change.allowed_risk())));
        changes
    }
}

impl ActionAnswer {
    /// The ceiling's answer for each listed action, for the review of a genome. To act upon one takes a [`Ceiling`], and so a verified
    /// genome.
    #[must_use]
    pub fn of_each_action(genome: &Genome) -> HashMap<&str, Self> {
        let ceiling: Ceiling<&str> = Ceiling::of_capabilities(&genome.capabilities);
        listed(&genome.capabilities).map(|action| (action.as_str(), Self::of(ceiling.decide(action)))).collect()
    }

    fn of(decision: Decision<'_>) -> Self {
        match decision.cap_id().zip(decision.risk_class()) {
            None => Self::NotAllowed,
            Some((cap_id, risk_class)) if decision.is_allowed() => Self::Allowed { cap_id: cap_id.to_owned(), risk_class },
            Some((cap_id, _)) => Self::Denied { cap_id: cap_id.to_owned() },
        }
    }
}

fn authority(changes: &mut Vec<Change>, from: &Authority, to: &Authority) {
    let (old, new) = (Keys::of(&from.signers), Keys::of(&to.signers));
    for signer in &to.signers {
        let Signer { key_id, public_key } = signer;
        match (old.names.get(public_key), old.keys.get(key_id)) {
            (Some(&before), _) if before == key_id => {}
            (Some(&before), _) => {
                let (from, to, public_key) = (before.clone(), key_id.clone(), Box::new(public_key.clone()));
                changes.push(Change::SignerRenamed { from, to, public_key });
            }
            (None, Some(&before)) if !new.names.contains_key(before) => {
                let (key_id, from, to) = (key_id.clone(), Box::new(before.clone()), Box::new(public_key.clone()));
                changes.push(Change::SignerKey { key_id, from, to });
            }
            (None, _) => changes.push(Change::SignerAdded(Box::new(signer.clone()))),
        }
    }
    for signer in from.signers.iter().filter(|signer| !new.names.contains_key(&signer.public_key)) {
        let is_replaced = new.keys.get(&signer.key_id).is_some_and(|key| !old.names.contains_key(key));
        if !is_replaced {
            changes.push(Change::SignerRemoved(Box::new(signer.clone())));
        }
    }
    Pairs::of(&from.signers, &to.signers, |signer| &signer.key_id).note_order(changes, ListKind::Signer);
    if from.threshold != to.threshold {
        changes.push(Change::Threshold { from: from.threshold, to: to.threshold });
    }
}

/// The signers of one genome, by key id and by key.
struct Keys<'g> {
    keys: HashMap<&'g KeyId, &'g PublicKey>,
    names: HashMap<&'g PublicKey, &'g KeyId>,
}

impl<'g> Keys<'g> {
    fn of(signers: &'g [Signer]) -> Self {
        Self {
            keys: signers.iter().map(|signer| (&signer.key_id, &signer.public_key)).collect(),
            names: signers.iter().map(|signer| (&signer.public_key, &signer.key_id)).collect(),
        }
    }
}

fn invariants(changes: &mut Vec<Change>, from: &Genome, to: &Genome) {
    let pairs = Pairs::of(&from.invariants, &to.invariants, |invariant| &invariant.id);
    changes.extend(pairs.added.iter().map(|invariant| Change::InvariantAdded((*invariant).clone())));
    changes.extend(pairs.removed.iter().map(|invariant| Change::InvariantRemoved((*invariant).clone())));
    for (from, to) in &pairs.kept {
        let Invariant { id, severity, testable_claim, enforcement_hook } = to;
        let (id, severity) = (|| id.clone(), *severity);
        if from.severity != severity {
            changes.push(Change::Severity { id: id(), from: from.severity, to: severity });
        }
        if from.testable_claim != *testable_claim {
            let (from, to) = (from.testable_claim.clone(), testable_claim.clone());
            changes.push(Change::Claim { id: id(), severity, from, to });
        }
        if from.enforcement_hook != *enforcement_hook {
            let (from, to) = (from.enforcement_hook.clone(), enforcement_hook.clone());
            changes.push(Change::Hook { id: id(), severity, from, to });
        }
    }
    pairs.note_order(changes, ListKind::Invariant);
}

/// Changes of what is allowed, rather than of what is written: the ceilings' answers before and after.
pub(super) struct Ceilings<'g> {
    pub(super) before: Ceiling<&'g str>,
    pub(super) after: Ceiling<&'g str>,
}

impl<'g> Ceilings<'g> {
    fn of(from: &'g [Capability], to: &'g [Capability]) -> Self {
        Self { before: Ceiling::of_capabilities(from), after: Ceiling::of_capabilities(to) }
    }

    /// The capabilities that decide about an action, before and after, each once.
    pub(super) fn deciding(&self, action: &str) -> Vec<String> {
        let decisions = [self.before.decide(action), self.after.decide(action)];
        let mut ids: Vec<String> = decisions.iter().filter_map(Decision::cap_id).map(ToOwned::to_owned).collect();
        ids.dedup();
        ids
    }

    /// Both answers for an action, where they differ in meaning: which capability denies it makes no difference, and a risk class is reported
    /// with its capability.
    fn answers(&self, action: &str) -> Option<[Decision<'_>; 2]> {
        let (from, to) = (self.before.decide(action), self.after.decide(action));
        let is_same = from.reason() == to.reason() && (!from.is_allowed() || from.cap_id() == to.cap_id());
        (!is_same).then_some([from, to])
    }
}

/// Every action that is listed.
fn listed(capabilities: &[Capability]) -> impl Iterator<Item = &String> {
    capabilities.iter().flat_map(|capability| capability.allow_actions.iter().chain(&capability.deny_actions))
}

fn ceiling(changes: &mut Vec<Change>, from: &[Capability], to: &[Capability], ceilings: &Ceilings<'_>) {
    let mut seen = Actions::with_capacity_and_hasher(ceilings.after.len(), RandomState::default());
    // What the later genome lists has been looked at.
    let gone = listed(from).filter(|action| ceilings.after.decide(action).reason() == Reason::NotAllowed);
    for action in listed(to).chain(gone) {
        if let Some(answers) = ceilings.answers(action).filter(|_| seen.insert(action)) {
            let [from, to] = answers.map(ActionAnswer::of);
            changes.push(Change::Action { action: action.clone(), from, to });
        }
    }
}

/// Changes of what is written, as far as no answer of the ceiling has covered them.
fn capabilities(changes: &mut Vec<Change>, from: &[Capability], to: &[Capability], ceilings: &Ceilings<'_>) {
    let pairs = Pairs::of(from, to, |capability| &capability.cap_id);
    changes.extend(pairs.added.iter().map(|capability| Change::CapabilityAdded((*capability).clone())));
    changes.extend(pairs.removed.iter().map(|capability| Change::CapabilityRemoved((*capability).clone())));
    for (from, to) in &pairs.kept {
        if from.risk_class != to.risk_class {
            changes.push(Change::RiskClass { cap_id: to.cap_id.clone(), from: from.risk_class, to: to.risk_class });
        }
        actions(changes, ceilings, &to.cap_id, ActionList::Allow, [&from.allow_actions, &to.allow_actions]);
        actions(changes, ceilings, &to.cap_id, ActionList::Deny, [&from.deny_actions, &to.deny_actions]);
    }
    pairs.note_order(changes, ListKind::Capability);
}

fn actions(changes: &mut Vec<Change>, ceilings: &Ceilings<'_>, cap_id: &str, list: ActionList, [from, to]: [&[String]; 2]) {
    if from == to {
        return;
    }
    let reason = match list {
        ActionList::Allow => Reason::Allowed,
        ActionList::Deny => Reason::Denied,
    };
    // Whether the answer of this list in the one ceiling differs in the other: then it has been reported.
    let is_said = |one: &Ceiling<&str>, other: &Ceiling<&str>, action: &str| {
        let decision = one.decide(action);
        let decides = decision.reason() == reason && decision.cap_id() == Some(cap_id);
        // The other list does not hold the action, and which capability denies it makes no difference.
        decides && (list == ActionList::Allow || other.decide(action).reason() != Reason::Denied)
    };
    let Ceilings { before, after } = ceilings;
    let mut is_rearranged = true;
    for action in missing(to, from) {
        is_rearranged = false;
        if !is_said(after, before, action) {
            changes.push(Change::ActionListed { cap_id: cap_id.to_owned(), list, action: action.to_owned() });
        }
    }
    for action in missing(from, to) {
        is_rearranged = false;
        if !is_said(before, after, action) {
            changes.push(Change::ActionUnlisted { cap_id: cap_id.to_owned(), list, action: action.to_owned() });
        }
    }
    if is_rearranged {
        changes.push(Change::ActionsRearranged { cap_id: cap_id.to_owned(), list });
    }
}

/// The items of one list that another lacks, each once.
fn missing<'l>(one: &'l [String], other: &'l [String]) -> impl Iterator<Item = &'l str> {
    let mut seen: Actions<'_> = other.iter().map(String::as_str).collect();
    one.iter().map(String::as_str).filter(move |item| seen.insert(item))
}

fn files(changes: &mut Vec<Change>, from: &Genome, to: &Genome) {
    let pairs = Pairs::of(&from.files, &to.files, |file| &file.path);
    changes.extend(pairs.added.iter().map(|file| Change::FileAdded((*file).clone())));
    changes.extend(pairs.removed.iter().map(|file| Change::FileRemoved((*file).clone())));
    for (from, to) in pairs.kept.iter().filter(|(from, to)| from.sha256 != to.sha256) {
        changes.push(Change::FileChanged { path: to.path.clone(), from: from.sha256, to: to.sha256 });
    }
    pairs.note_order(changes, ListKind::File);
}

/// The items of two lists, brought together by their names, which are different within each list.
struct Pairs<'g, T> {
    added: Vec<&'g T>,
    removed: Vec<&'g T>,
    /// In the order of the later list.
    kept: Vec<(&'g T, &'g T)>,
    reordered: bool,
}

impl<'g, T> Pairs<'g, T> {
    fn of<K: Eq + Hash + ?Sized + 'g>(from: &'g [T], to: &'g [T], name: impl Fn(&'g T) -> &'g K) -> Self {
        let mut earlier: HashMap<&K, (usize, &T)> = from.iter().enumerate().map(|(at, item)| (name(item), (at, item))).collect();
        let (mut added, mut kept, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for item in to {
            match earlier.remove(name(item)) {
                Some((place, from)) => {
                    kept.push((from, item));
                    places.push(place);
                }
                None => added.push(item),
            }
        }
        let removed = from.iter().filter(|item| earlier.contains_key(name(item))).collect();
        Self { added, removed, kept, reordered: !places.is_sorted() }
    }

    fn note_order(&self, changes: &mut Vec<Change>, entry: ListKind) {
        if self.reordered {
            changes.push(Change::Reordered(entry));
        }
    }
}
