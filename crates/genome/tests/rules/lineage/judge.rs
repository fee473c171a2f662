//! The second method: it reads nothing but the numbers, asks the library of Ed25519 itself, counts in sets, and goes upwards by
//! recursion. It says what DESIGN section 6 says, in its order.

use super::case::{Authority, Capability, Case, DAY, Found, KEYS, Key, Label, Model, key_id, spki};
use super::verdict::{Followed, No, Verdict};
use ed25519_dalek::Signature;
use genome::{Code, Trust};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// The signatures of one copy of a genome.
type Copied = Vec<(Label, [u8; 64])>;

/// Who signed a genome, as far as the names that were looked at tell.
struct Signed {
    keys: BTreeSet<Key>,
    /// Whether a signature under a known name is by none of those who bear it.
    bad: bool,
    unknown: BTreeSet<Label>,
}

/// The second method. No step is clever: it is slow, and short enough to be checked by reading.
pub(crate) struct Judge<'j> {
    pub(crate) case: &'j Case,
}

impl Judge<'_> {
    fn genome(&self, index: usize) -> &Model {
        &self.case.genomes[index]
    }

    fn revoked(&self) -> BTreeSet<Key> {
        self.case.policy.iter().flat_map(|policy| policy.revoked.clone()).collect()
    }

    /// Who signed. Under a name that its own authority gives, only that key may have; otherwise any key that these give the name.
    fn signed(genome: &Model, others: &[&Authority]) -> Signed {
        Self::signed_copy(genome, &genome.signatures, others)
    }

    /// The same of a copy that carries these signatures.
    fn signed_copy(genome: &Model, signatures: &Copied, others: &[&Authority]) -> Signed {
        let mut signed = Signed { keys: BTreeSet::new(), bad: false, unknown: BTreeSet::new() };
        for &(label, bytes) in signatures {
            let bearers: BTreeSet<Key> = match genome.authority.key(label) {
                Some(key) => BTreeSet::from([key]),
                None => others.iter().filter_map(|authority| authority.key(label)).collect(),
            };
            let message = genome.canonical.as_bytes();
            let made = |key: &&Key| KEYS[**key].verifying_key().verify_strict(message, &Signature::from_bytes(&bytes)).is_ok();
            match bearers.iter().find(made) {
                Some(&key) => drop(signed.keys.insert(key)),
                None if bearers.is_empty() => drop(signed.unknown.insert(label)),
                None => signed.bad = true,
            }
        }
        signed
    }

    /// The copies of a genome that are found. Of the genome that is to be verified there is one.
    fn copies(&self, genome: &Model) -> Vec<Copied> {
        match genome.found {
            _ if self.is_start(genome) => vec![genome.signatures.clone()],
            Found::Signed if self.case.in_directory => genome.copies.clone(),
            Found::Signed => genome.copies.last().cloned().into_iter().collect(),
            Found::Draft => vec![Copied::new()],
            Found::NoJson | Found::AnotherGenome | Found::Nothing => Vec::new(),
        }
    }

    fn is_start(&self, genome: &Model) -> bool {
        genome.id == self.case.genomes.last().unwrap().id
    }

    /// The copies on which no signature is wrong, for all that the genome and the policy call their keys. Each is looked at by itself.
    fn settled(&self, genome: &Model) -> Vec<Copied> {
        let is_good = |copy: &Copied| !Self::signed_copy(genome, copy, &[]).bad && !self.is_bad(genome, copy);
        self.copies(genome).into_iter().filter(is_good).collect()
    }

    /// The copies that count: where its parents matter, none on which a signature under a name of theirs is wrong.
    fn good(&self, genome: &Model) -> Vec<Copied> {
        let looks_up = !self.pinned(genome) && !genome.parents.is_empty() && !self.is_start(genome);
        let names = if looks_up { self.namers(genome) } else { Vec::new() };
        let is_good = |copy: &Copied| !looks_up || !Self::signed_copy(genome, copy, &names).bad;
        self.settled(genome).into_iter().filter(is_good).collect()
    }

    /// Who signed any of these copies, and is not revoked.
    fn keys(&self, genome: &Model, copies: &[Copied], names: &[&Authority]) -> BTreeSet<Key> {
        let keys = copies.iter().flat_map(|copy| Self::signed_copy(genome, copy, names).keys).collect();
        self.unrevoked(&keys)
    }

    /// How many more keys of an authority would have to sign, so that as many have as are asked for.
    fn missing(authority: &Authority, asked: usize, keys: &BTreeSet<Key>) -> usize {
        asked.saturating_sub(authority.keys().intersection(keys).count())
    }

    fn meets(authority: &Authority, keys: &BTreeSet<Key>) -> bool {
        Self::missing(authority, authority.threshold, keys) == 0
    }

    /// How many keys of an authority must sign for changes of these classes.
    fn asked(&self, authority: &Authority, is_due: &dyn Fn(&str) -> bool) -> usize {
        let required = self.case.policy.iter().flat_map(|policy| &policy.quorum).filter(|(class, _)| is_due(class));
        let all = self.unrevoked(&authority.keys()).len();
        required.map(|(_, approvals)| approvals.unwrap_or(all)).fold(authority.threshold, usize::max)
    }

    /// How many of the policy's keys must sign what is pinned, as nobody looks at what it changes.
    fn asked_to_pin(&self, anchor: &Authority) -> usize {
        self.asked(anchor, &|_| true)
    }

    /// How many of the parent's keys must sign the step; for a change of the keys it is as many as for anything.
    fn asked_for_step(&self, parent: &Model, child: &Model) -> usize {
        let classes = Self::classes(parent, child);
        let same_keys = parent.authority.keys() == child.authority.keys();
        self.asked(&parent.authority, &|class| !same_keys || classes.contains(class))
    }

    /// The classes of what changes in a step: what an action stood like, and stands like now.
    fn classes(parent: &Model, child: &Model) -> BTreeSet<&'static str> {
        let stands = |genome: &Model, action: usize| {
            let Capability { allowed, denied, .. } = &genome.capability;
            if allowed.contains(&action) {
                "allowed"
            } else if denied.contains(&action) {
                "denied"
            } else {
                ""
            }
        };
        let guard = |before: usize, now: usize| match now.cmp(&before) {
            Ordering::Less => "weakening",
            Ordering::Equal => "neutral",
            Ordering::Greater => "strengthening",
        };
        let mut classes: BTreeSet<&str> = (0..3)
            .map(|action| match (stands(parent, action), stands(child, action)) {
                (before, now) if before == now => "neutral",
                (_, "allowed") => "widening",
                ("allowed", _) => "narrowing",
                ("denied", _) => "weakening",
                _ => "strengthening",
            })
            .collect();
        classes.extend((0..3).filter_map(|action| Self::class_of_pins(parent, child, action)));
        classes.insert(guard(parent.capability.risk, child.capability.risk));
        classes.insert(guard(parent.authority.threshold, child.authority.threshold));
        let (before, now) = (parent.authority.keys(), child.authority.keys());
        classes.extend((child.name != parent.name || !now.is_subset(&before)).then_some("weakening"));
        // Whose key id goes to a new key is replaced, and not removed.
        let is_replaced = |label| child.authority.key(label).is_some_and(|key| !before.contains(&key));
        let removed = parent.authority.signers.iter().any(|&(label, key)| !now.contains(&key) && !is_replaced(label));
        classes.extend(removed.then_some("strengthening"));
        // Its parents are others in any case.
        classes.insert("neutral");
        classes
    }

    /// The class of other pins of an action: all actions are tools of one server, of which all are good where none is pinned.
    fn class_of_pins(parent: &Model, child: &Model, action: usize) -> Option<&'static str> {
        let digests = |genome: &Model| -> BTreeSet<usize> {
            genome.capability.pinned.iter().filter(|pin| pin.0 == action).map(|pin| pin.1).collect()
        };
        let (before, now) = (digests(parent), digests(child));
        let (was_any_pinned, is_any_pinned) = (!parent.capability.pinned.is_empty(), !child.capability.pinned.is_empty());
        let (was_allowed, is_allowed) = (parent.capability.allowed.contains(&action), child.capability.allowed.contains(&action));
        if before == now {
            None
        } else if before.is_empty() {
            Some(if was_any_pinned && was_allowed { "weakening" } else { "strengthening" })
        } else if now.is_empty() {
            let is_shut = !is_allowed && is_any_pinned;
            Some(if is_shut { "neutral" } else { "weakening" })
        } else {
            Some(if now.is_subset(&before) { "strengthening" } else { "weakening" })
        }
    }

    fn unrevoked(&self, keys: &BTreeSet<Key>) -> BTreeSet<Key> {
        keys - &self.revoked()
    }

    /// What is wrong with a genome by itself. What others call its signers does not matter here.
    fn own_fault(&self, genome: &Model) -> Option<No> {
        let signed = Self::signed(genome, &[]);
        let missing = Self::missing(&genome.authority, genome.authority.threshold, &self.unrevoked(&signed.keys));
        if genome.impossible_date {
            Some(No(Code::InvalidSchema, Vec::new()))
        } else if signed.bad {
            Some(No(Code::InvalidSignature, Vec::new()))
        } else if missing == 0 {
            None
        } else if Self::meets(&genome.authority, &signed.keys) {
            Some(No(Code::RevokedKey, vec![missing]))
        } else {
            let is_unsigned = genome.signatures.is_empty();
            Some(No(if is_unsigned { Code::Unsigned } else { Code::InsufficientSignatures }, vec![missing]))
        }
    }

    /// How many signatures of each parent's authority are missing, of those parents that can be read.
    fn missing_of_parents(&self, genome: &Model) -> Vec<usize> {
        let keys = self.unrevoked(&Self::signed(genome, &self.readable_parents(genome)).keys);
        let missing = |parent: &Model| Self::missing(&parent.authority, self.asked_for_step(parent, genome), &keys);
        self.readable(genome).map(missing).collect()
    }

    /// The policy's authority.
    fn anchor(&self) -> Vec<&Authority> {
        self.case.policy.iter().filter_map(|policy| policy.authority.as_ref()).collect()
    }

    fn pinned(&self, genome: &Model) -> bool {
        let listed = self.case.policy.iter().any(|policy| policy.genome_ids.contains(&genome.id));
        let copies = if self.is_start(genome) { self.copies(genome) } else { self.settled(genome) };
        let keys = self.keys(genome, &copies, &self.anchor());
        listed || self.anchor().iter().any(|anchor| Self::missing(anchor, self.asked_to_pin(anchor), &keys) == 0)
    }

    /// Whether a genome is where ancestors are looked for, and is as its own authority left it.
    fn is_there(&self, genome: &Model) -> bool {
        self.case.searched && !genome.impossible_date && self.is_enough(genome, &self.settled(genome))
    }

    /// Whether enough of its own signers have signed these copies.
    fn is_enough(&self, genome: &Model, copies: &[Copied]) -> bool {
        Self::meets(&genome.authority, &self.keys(genome, copies, &[]))
    }

    /// The authorities of the parents that are there.
    fn parents(&self, genome: &Model) -> Vec<&Authority> {
        let parents = genome.parents.iter().map(|&parent| self.genome(parent)).filter(|parent| self.is_there(parent));
        parents.map(|parent| &parent.authority).collect()
    }

    /// The authorities of the parents that can be read: whether they are in order does not matter for what they call their keys.
    fn readable_parents(&self, genome: &Model) -> Vec<&Authority> {
        self.readable(genome).map(|parent| &parent.authority).collect()
    }

    fn readable(&self, genome: &Model) -> impl Iterator<Item = &Model> {
        let is_readable =
            |parent: &&Model| self.case.searched && matches!(parent.found, Found::Signed | Found::Draft) && !parent.impossible_date;
        genome.parents.iter().map(|&parent| self.genome(parent)).filter(is_readable)
    }

    /// Whether a signature is by none of those to whom the policy gives its name, and by no parent's key of that name either.
    fn is_bad(&self, genome: &Model, copy: &Copied) -> bool {
        let names = [self.anchor(), self.readable_parents(genome)].concat();
        Self::signed_copy(genome, copy, &self.anchor()).bad && Self::signed_copy(genome, copy, &names).bad
    }

    /// Those whose names for keys matter where a genome's parents do.
    fn namers(&self, genome: &Model) -> Vec<&Authority> {
        [self.anchor(), self.parents(genome)].concat()
    }

    /// The names of signatures that only these know, and that are by none of theirs: nobody relies on them.
    fn forged_names(&self, genome: &Model, names: &[&Authority]) -> BTreeSet<Label> {
        let unknown = Self::signed(genome, &self.anchor()).unknown;
        let still = Self::signed(genome, names).unknown;
        let made = |label: &Label| {
            let keys = names.iter().filter_map(|authority| authority.key(*label));
            let bytes = genome.signatures.iter().find(|(other, _)| other == label).unwrap().1;
            let message = genome.canonical.as_bytes();
            keys.into_iter().any(|key| KEYS[key].verifying_key().verify_strict(message, &Signature::from_bytes(&bytes)).is_ok())
        };
        unknown.difference(&still).copied().filter(|label| !made(label)).collect()
    }

    /// The ancestors that matter: nothing above one that is pinned.
    fn above(&self, genome: &Model, found: &mut BTreeSet<usize>) {
        for &parent in &genome.parents {
            if found.insert(parent) && !self.pinned(self.genome(parent)) {
                self.above(self.genome(parent), found);
            }
        }
    }

    fn step_is_good(&self, child: &Model, parent: &Model) -> bool {
        let keys = self.keys(child, &self.good(child), &self.namers(child));
        self.is_there(parent)
            && Self::missing(&parent.authority, self.asked_for_step(parent, child), &keys) == 0
            && child.created >= parent.created
    }

    fn steps_are_good(&self, child: &Model) -> bool {
        let mut above = BTreeSet::new();
        self.above(child, &mut above);
        let rises = |ancestor: &Model| child.name != ancestor.name || child.rank > ancestor.rank;
        child.parents.iter().all(|&parent| self.step_is_good(child, self.genome(parent)))
            && above.iter().all(|&ancestor| rises(self.genome(ancestor)))
    }

    /// Whether an ancestor that is there can be relied on: what led to it, and that its own signers have signed what is left of it.
    fn holds(&self, ancestor: &Model) -> bool {
        self.pinned(ancestor) || (self.is_enough(ancestor, &self.good(ancestor)) && self.steps_are_good(ancestor))
    }

    /// Whether every way upwards ends at somebody who is pinned.
    fn descends(&self, genome: &Model) -> bool {
        let mut parents = genome.parents.iter().map(|&parent| self.genome(parent));
        !genome.parents.is_empty() && parents.all(|parent| self.pinned(parent) || self.descends(parent))
    }

    fn followed(&self, start: &Model, above: &BTreeSet<usize>) -> Followed {
        let ids = |chosen: &dyn Fn(&Model) -> bool| {
            above.iter().map(|&index| self.genome(index)).filter(|genome| chosen(genome)).map(|genome| genome.id.clone()).collect()
        };
        let mut roots: BTreeSet<String> = ids(&|genome| !self.pinned(genome) && genome.parents.is_empty());
        roots.extend(start.parents.is_empty().then(|| start.id.clone()));
        let mut returned = BTreeSet::new();
        for member in above.iter().map(|&index| self.genome(index)).filter(|genome| !self.pinned(genome)).chain([start]) {
            let mut ancestors = BTreeSet::new();
            self.above(member, &mut ancestors);
            for &(label, key) in &member.authority.signers {
                let names = |&&index: &&usize| self.genome(index).authority.label(key).is_some();
                if ancestors.iter().any(|index| names(&index)) && !member.parents.iter().any(|index| names(&index)) {
                    returned.insert((member.id.clone(), key_id(label), spki(key)));
                }
            }
        }
        let mut bad_copies = Vec::new();
        for ancestor in above.iter().map(|&index| self.genome(index)) {
            let many = self.copies(ancestor).len() - self.good(ancestor).len();
            bad_copies.extend(vec![ancestor.id.clone(); many]);
        }
        bad_copies.sort();
        Followed { ancestors: above.len(), pinned: ids(&|genome| self.pinned(genome)), roots, returned, bad_copies }
    }

    /// What must be said of the last genome.
    pub(crate) fn verdict(&self) -> Verdict {
        let start = self.case.genomes.last().unwrap();
        if let Some(No(code, mut missing)) = self.own_fault(start) {
            if matches!(code, Code::Unsigned | Code::InsufficientSignatures) {
                missing.extend(self.missing_of_parents(start));
            }
            return Verdict::Refused(vec![No(code, missing)]);
        }
        let pinned = self.pinned(start);
        let follows = self.case.asked || (self.case.policy.is_some() && !pinned && !start.parents.is_empty());
        let mut above = BTreeSet::new();
        self.above(start, &mut above);
        let lineage_holds =
            follows && self.steps_are_good(start) && above.iter().all(|&ancestor| self.holds(self.genome(ancestor)));
        let parents_hold = start.parents.iter().all(|&parent| self.is_there(self.genome(parent)));
        if self.is_bad(start, &start.signatures) || (follows && parents_hold && Self::signed(start, &self.namers(start)).bad) {
            return Verdict::Refused(vec![No(Code::InvalidSignature, Vec::new())]);
        }
        let names = match (&self.case.policy, follows) {
            (None, false) => Vec::new(),
            _ => [self.anchor(), self.readable_parents(start)].concat(),
        };
        let mut unknown = Self::signed(start, &names).unknown;
        unknown.extend(self.forged_names(start, &names));
        let trust = if pinned {
            Trust::Pinned
        } else if self.case.policy.is_some() && lineage_holds && self.descends(start) {
            Trust::Lineage
        } else {
            Trust::SelfDeclared
        };

        let mut refusals = Vec::new();
        refusals.extend((follows && !lineage_holds).then_some(No(Code::LineageBroken, Vec::new())));
        if self.case.policy.is_some() && trust == Trust::SelfDeclared {
            let keys = Self::signed(start, &self.anchor()).keys;
            let missing_of = |anchor: &Authority, keys: &_| Self::missing(anchor, self.asked_to_pin(anchor), keys);
            let missing = self.anchor().iter().map(|anchor| missing_of(anchor, &self.unrevoked(&keys))).collect();
            let but_for_revoked = self.anchor().iter().any(|anchor| missing_of(anchor, &keys) == 0);
            refusals.push(No(if but_for_revoked { Code::RevokedKey } else { Code::Untrusted }, missing));
        }
        let oldest = self.case.policy.as_ref().and_then(|policy| policy.maximum_age_days);
        let is_stale = oldest.is_some_and(|days| self.case.clock - start.created > i64::from(days) * DAY);
        refusals.extend(is_stale.then_some(No(Code::Stale, Vec::new())));
        let minimum = self.case.policy.as_ref().and_then(|policy| policy.minimum_versions.get(&start.name));
        let accepted = self.case.state.as_ref().and_then(|state| state.get(&start.name));
        let goes_back = minimum.is_some_and(|&minimum| start.rank < minimum)
            || accepted.is_some_and(|(rank, id)| start.rank < *rank || (start.rank == *rank && start.id != *id));
        refusals.extend(goes_back.then_some(No(Code::Rollback, Vec::new())));
        if !refusals.is_empty() {
            return Verdict::Refused(refusals);
        }
        let unknown = unknown.into_iter().map(key_id).collect();
        Verdict::Accepted { trust, unknown, lineage: follows.then(|| self.followed(start, &above)) }
    }
}
