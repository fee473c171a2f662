use super::{ActionList, Change};
use crate::ceiling::Ceiling;
use crate::entry::Entry;
use crate::genome::{Authority, Capability, Genome, Signer};
use crate::{KeyId, PublicKey};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

impl Genome {
    /// All that a later genome says otherwise: nothing if, and only if, both have the same genome id. What the capabilities allow
    /// when they are taken together stands beside what each of them lists.
    #[must_use]
    pub fn changes_to(&self, later: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.name != later.name {
            changes.push(Change::Name { from: self.name.clone(), to: later.name.clone() });
        }
        if self.version != later.version {
            changes.push(Change::Version { from: self.version.clone(), to: later.version.clone() });
        }
        if self.parents != later.parents {
            changes.push(Change::Parents { from: self.parents.clone(), to: later.parents.clone() });
        }
        // One instant has several texts, and the text is what is signed.
        if self.created_at.as_str() != later.created_at.as_str() {
            changes.push(Change::CreatedAt { from: self.created_at.clone(), to: later.created_at.clone() });
        }
        authority(&mut changes, &self.authority, &later.authority);
        invariants(&mut changes, self, later);
        capabilities(&mut changes, &self.capabilities, &later.capabilities);
        ceiling(&mut changes, &self.capabilities, &later.capabilities);
        files(&mut changes, self, later);
        changes
    }
}

fn authority(changes: &mut Vec<Change>, from: &Authority, to: &Authority) {
    let pairs = Pairs::of(&from.signers, &to.signers, |signer| &signer.key_id);
    // A key that nobody had under that key id may be one that had another, which is gone.
    let gone: HashMap<&PublicKey, &KeyId> = pairs.removed.iter().map(|signer| (&signer.public_key, &signer.key_id)).collect();
    let mut renamed = HashSet::new();
    for signer in &pairs.added {
        match gone.get(&signer.public_key) {
            Some(&from) => {
                renamed.insert(from);
                let Signer { key_id: to, public_key } = (*signer).clone();
                changes.push(Change::SignerRenamed { from: from.clone(), to, public_key });
            }
            None => changes.push(Change::SignerAdded((*signer).clone())),
        }
    }
    let removed = pairs.removed.iter().filter(|signer| !renamed.contains(&signer.key_id));
    changes.extend(removed.map(|signer| Change::SignerRemoved((*signer).clone())));
    for (from, to) in pairs.kept.iter().filter(|(from, to)| from.public_key != to.public_key) {
        let key_id = to.key_id.clone();
        changes.push(Change::SignerKey { key_id, from: from.public_key.clone(), to: to.public_key.clone() });
    }
    pairs.note_order(changes, Entry::Signer);
    if from.threshold != to.threshold {
        changes.push(Change::Threshold { from: from.threshold, to: to.threshold });
    }
}

fn invariants(changes: &mut Vec<Change>, from: &Genome, to: &Genome) {
    let pairs = Pairs::of(&from.invariants, &to.invariants, |invariant| &invariant.id);
    changes.extend(pairs.added.iter().map(|invariant| Change::InvariantAdded((*invariant).clone())));
    changes.extend(pairs.removed.iter().map(|invariant| Change::InvariantRemoved((*invariant).clone())));
    for (from, to) in pairs.kept.iter().filter(|(from, to)| from != to) {
        changes.push(Change::InvariantChanged { from: (*from).clone(), to: (*to).clone() });
    }
    pairs.note_order(changes, Entry::Invariant);
}

fn capabilities(changes: &mut Vec<Change>, from: &[Capability], to: &[Capability]) {
    let pairs = Pairs::of(from, to, |capability| &capability.cap_id);
    changes.extend(pairs.added.iter().map(|capability| Change::CapabilityAdded((*capability).clone())));
    changes.extend(pairs.removed.iter().map(|capability| Change::CapabilityRemoved((*capability).clone())));
    for (from, to) in &pairs.kept {
        if from.risk_class != to.risk_class {
            changes.push(Change::RiskClass { cap_id: to.cap_id.clone(), from: from.risk_class, to: to.risk_class });
        }
        actions(changes, &to.cap_id, ActionList::Allow, &from.allow_actions, &to.allow_actions);
        actions(changes, &to.cap_id, ActionList::Deny, &from.deny_actions, &to.deny_actions);
    }
    pairs.note_order(changes, Entry::Capability);
}

fn actions(changes: &mut Vec<Change>, cap_id: &str, list: ActionList, from: &[String], to: &[String]) {
    let before = changes.len();
    let cap_id = || cap_id.to_owned();
    let added = missing(to, from).map(|action| Change::ActionListed { cap_id: cap_id(), list, action: action.to_owned() });
    changes.extend(added);
    let removed = missing(from, to).map(|action| Change::ActionUnlisted { cap_id: cap_id(), list, action: action.to_owned() });
    changes.extend(removed);
    if from != to && changes.len() == before {
        changes.push(Change::ActionsRearranged { cap_id: cap_id(), list });
    }
}

/// What stands in one list and not in another, each once.
fn missing<'l>(one: &'l [String], other: &'l [String]) -> impl Iterator<Item = &'l str> {
    let mut seen: HashSet<&str> = other.iter().map(String::as_str).collect();
    one.iter().map(String::as_str).filter(move |item| seen.insert(item))
}

/// What may be done, rather than what is written.
fn ceiling(changes: &mut Vec<Change>, from: &[Capability], to: &[Capability]) {
    let (before, after) = (Ceiling::of_capabilities(from), Ceiling::of_capabilities(to));
    // What neither allows anywhere, no ceiling allows.
    let allowed = to.iter().chain(from).flat_map(|capability| &capability.allow_actions);
    let mut seen = HashSet::new();
    let mut forbidden = Vec::new();
    for action in allowed.filter(|action| seen.insert(action.as_str())) {
        let decision = after.decide(action);
        match (before.decide(action).is_allowed(), decision.is_allowed(), decision.cap_id().zip(decision.risk_class())) {
            (false, true, Some((cap_id, risk_class))) => {
                changes.push(Change::ActionAllowed { action: action.clone(), cap_id: cap_id.to_owned(), risk_class });
            }
            (true, false, denied_by) => {
                let denied_by = denied_by.map(|(cap_id, _)| cap_id.to_owned());
                forbidden.push(Change::ActionForbidden { action: action.clone(), denied_by });
            }
            _ => {}
        }
    }
    changes.append(&mut forbidden);
}

fn files(changes: &mut Vec<Change>, from: &Genome, to: &Genome) {
    let pairs = Pairs::of(&from.files, &to.files, |file| &file.path);
    changes.extend(pairs.added.iter().map(|file| Change::FileAdded((*file).clone())));
    changes.extend(pairs.removed.iter().map(|file| Change::FileRemoved((*file).clone())));
    for (from, to) in pairs.kept.iter().filter(|(from, to)| from.sha256 != to.sha256) {
        changes.push(Change::FileChanged { path: to.path.clone(), from: from.sha256, to: to.sha256 });
    }
    pairs.note_order(changes, Entry::File);
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

    fn note_order(&self, changes: &mut Vec<Change>, entry: Entry) {
        if self.reordered {
            changes.push(Change::Reordered(entry));
        }
    }
}
