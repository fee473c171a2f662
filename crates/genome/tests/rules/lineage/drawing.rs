//! Random cases, in which all that may come out comes out often.

use super::case::{Authority, CLASSES, Capability, Case, DAY, Found, KEYS, Key, LABELS, Label, Model, NAMES, Policy, version};
use ed25519_dalek::Signer as _;
use std::collections::{BTreeMap, BTreeSet};

/// Choices to be made, one number each. Where they end, everything is ordinary: 0 is the plainest choice.
struct Choices<'c>(std::slice::Iter<'c, u16>);

impl Choices<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.0.next().map_or(0, |&choice| usize::from(choice) % bound)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == many - 1
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// So many of these, in any order.
    fn some<T: Clone>(&mut self, items: &[T], many: usize) -> Vec<T> {
        let mut left = items.to_vec();
        (0..many.min(items.len())).map(|_| left.remove(self.below(left.len()))).collect()
    }
}

impl Authority {
    fn draw(choices: &mut Choices<'_>) -> Self {
        let many = 1 + choices.below(3);
        let keys: Vec<Key> = (0..KEYS.len()).collect();
        let signers: Vec<(Label, Key)> = choices.some(&keys, many).into_iter().map(|key| (key, key)).collect();
        let threshold = 1 + choices.below(signers.len());
        Self { signers, threshold }
    }

    /// The next generation's: signers come, go, take other keys, and take other names.
    fn rotate(&self, choices: &mut Choices<'_>) -> Self {
        let mut next = self.clone();
        for _ in 0..choices.below(4) {
            let at = choices.below(next.signers.len());
            let key = choices.below(KEYS.len());
            let label = if choices.one_in(3) { choices.below(LABELS) } else { key };
            let is_new = next.label(key).is_none() && next.key(label).is_none();
            match choices.below(12) {
                0..=2 if is_new => next.signers.push((label, key)),
                3..=6 if next.signers.len() > 1 => drop(next.signers.remove(at)),
                7..=9 if is_new => next.signers[at] = (label, key),
                10 if next.key(label).is_none() => next.signers[at].0 = label,
                11 if next.label(key).is_none() => next.signers[at].1 = key,
                _ => {}
            }
        }
        next.threshold = next.threshold.min(next.signers.len());
        if choices.one_in(3) {
            next.threshold = 1 + choices.below(next.signers.len());
        }
        next
    }
}

impl Capability {
    /// The next generation's.
    fn change(&self, choices: &mut Choices<'_>) -> Self {
        let mut next = self.clone();
        for _ in 0..choices.pick(&[0, 1, 0, 2]) {
            let action = choices.below(3);
            next.allowed.remove(&action);
            next.denied.remove(&action);
            match choices.below(4) {
                0 => drop(next.allowed.insert(action)),
                1 => drop(next.denied.insert(action)),
                2 => next.risk = choices.below(4),
                _ => {}
            }
        }
        if choices.one_in(3) {
            let pin = (choices.below(3), choices.below(2));
            if !next.pinned.remove(&pin) {
                next.pinned.insert(pin);
            }
        }
        next.pinned.retain(|(action, _)| next.allowed.contains(action));
        next
    }
}

impl Case {
    /// The case that these numbers choose.
    pub(crate) fn draw(numbers: &[u16]) -> Self {
        let choices = &mut Choices(numbers.iter());
        // How often something is not as it should be: never, rarely, often.
        let mischief = choices.pick(&[0, 200, 0, 25]);
        let mut policy = match choices.below(8) {
            0 => None,
            kind => Some(Policy { authority: (kind < 6).then(|| Authority::draw(choices)), ..Policy::default() }),
        };
        let mut draft =
            Drafting { genomes: Vec::new(), anchor: policy.as_ref().and_then(|p| p.authority.clone()), choices, mischief };
        for _ in 0..draft.choices.pick(&[2, 0, 1, 4, 6, 9, 13]) {
            draft.next();
        }
        draft.mischief = draft.choices.pick(&[mischief, 6]);
        draft.next();
        let genomes = draft.genomes;
        let last = genomes.last().unwrap();
        let near = |choices: &mut Choices<'_>| (last.rank + 1).saturating_sub(choices.below(4));
        if let Some(policy) = &mut policy {
            if policy.authority.is_none() || choices.one_in(4) {
                let pinned = choices.below(genomes.len().min(4));
                policy.genome_ids.push(genomes[pinned].id.clone());
            }
            if choices.one_in(4) {
                let keys: Vec<Key> =
                    if choices.one_in(2) { last.authority.keys().into_iter().collect() } else { (0..KEYS.len()).collect() };
                let many = 1 + choices.below(2);
                policy.revoked = choices.some(&keys, many);
            }
            if choices.one_in(6) {
                policy.minimum_versions.insert(choices.below(NAMES.len()), near(choices));
            }
            policy.maximum_age_days = choices.one_in(6).then_some(1);
            if choices.one_in(3) {
                let many = 1 + choices.below(3);
                let classes = choices.some(&CLASSES, many);
                policy.quorum =
                    classes.into_iter().map(|class| (class, choices.pick(&[None, Some(2), Some(1), Some(3)]))).collect();
            }
        }
        let state = choices.one_in(5).then(|| {
            let name = if choices.one_in(4) { choices.below(NAMES.len()) } else { last.name };
            let id = choices.pick(&[last, &genomes[0]]).id.clone();
            BTreeMap::from([(name, (near(choices), id))])
        });
        let clock = 15 * DAY + choices.pick(&[0, 1, 100, DAY, 2 * DAY]);
        let [asked, unsearched, in_directory] = [3, 16, 2].map(|many| choices.one_in(many));
        Self { policy, state, clock, asked, searched: !unsearched, in_directory, genomes }
    }
}

/// A lineage in the making.
struct Drafting<'d, 'c> {
    genomes: Vec<Model>,
    /// The policy's authority: the first generations are near to it.
    anchor: Option<Authority>,
    choices: &'d mut Choices<'c>,
    /// One in how many is not as it should be.
    mischief: usize,
}

impl Drafting<'_, '_> {
    fn astray(&mut self) -> bool {
        self.mischief > 0 && self.choices.one_in(self.mischief)
    }

    fn next(&mut self) {
        let parents = self.parents();
        let name = parents.first().map(|&parent| self.genomes[parent].name);
        let latest = parents.iter().map(|&parent| self.genomes[parent].created).max();
        let base = match (parents.first(), &self.anchor) {
            (Some(&parent), _) => self.genomes[parent].authority.clone(),
            (None, Some(anchor)) if !self.choices.one_in(6) => anchor.clone(),
            (None, _) => Authority::draw(self.choices),
        };
        let authority = base.rotate(self.choices);
        let capability = parents.first().map(|&parent| self.genomes[parent].capability.clone());
        let capability = capability.unwrap_or_default().change(self.choices);
        let name = name.filter(|_| !self.choices.one_in(4)).unwrap_or_else(|| self.choices.below(NAMES.len()));
        // Whose name it may have from farther up, not always.
        let looks_up = !self.choices.one_in(2);
        let above = if looks_up { self.above(&parents) } else { parents.iter().copied().collect() };
        let namesakes = above.into_iter().map(|ancestor| &self.genomes[ancestor]).filter(|ancestor| ancestor.name == name);
        let rank = match namesakes.map(|parent| parent.rank).max() {
            // Up to the step from 1.9.0 to 1.10.0.
            None => self.choices.pick(&[0, 4, 57]),
            Some(highest) if self.astray() => highest.saturating_sub(self.choices.below(2)),
            Some(highest) => highest + 1 + self.choices.below(3),
        };
        let pause: i64 = self.choices.pick(&[1, 0, 2, 7, 700]);
        let created = match latest {
            None => 15 * DAY,
            Some(latest) if self.astray() => latest - 1,
            Some(latest) => latest + pause,
        };
        let impossible_date = self.astray() && self.choices.one_in(4);
        let created_at = if impossible_date { "2026-02-30T00:00:00Z".to_owned() } else { self.created_at(created) };
        let build = if self.choices.one_in(4) { "+build" } else { "" };
        let version = format!("{}{build}", version(rank));
        let mut genome =
            Model::new(name, (rank, &version), (created, &created_at), (authority, capability), parents, &self.genomes);
        if self.astray() {
            genome.found = self.choices.pick(&[Found::Nothing, Found::Draft, Found::NoJson, Found::AnotherGenome]);
        }
        genome.impossible_date = impossible_date;
        genome.signatures = self.sign(&genome);
        genome.copies = self.copies(&genome);
        self.genomes.push(genome);
    }

    /// These, and all that is above them.
    fn above(&self, parents: &[usize]) -> BTreeSet<usize> {
        parents.iter().flat_map(|&parent| self.above(&self.genomes[parent].parents).into_iter().chain([parent])).collect()
    }

    /// One parent, several among the last few, or none.
    fn parents(&mut self) -> Vec<usize> {
        let recent: Vec<usize> = (0..self.genomes.len()).rev().take(4).collect();
        match self.choices.below(20) {
            0..=11 => recent.into_iter().take(1).collect(),
            12..=16 => self.choices.some(&recent, 2),
            17..=18 => self.choices.some(&recent, 3),
            _ => Vec::new(),
        }
    }

    /// An instant in one of its many forms.
    fn created_at(&mut self, created: i64) -> String {
        let (offset, zone) = self.choices.pick(&[(0, "Z"), (0, "z"), (90, "+01:30"), (-480, "-08:00")]);
        let fraction = self.choices.pick(&if created % 2 == 0 { ["", ".0"] } else { [".5", ".500"] });
        let local = created.div_euclid(2) + 60 * offset;
        let (day, second) = (1 + local / 86_400, local % 86_400);
        format!("2026-01-{day:02}T{:02}:{:02}:{:02}{fraction}{zone}", second / 3600, second / 60 % 60, second % 60)
    }

    /// Copies of a genome as people leave them: the draft, one that only some have signed, the whole; sometimes with signatures that are
    /// nobody's, and sometimes there is none that all have signed.
    fn copies(&mut self, genome: &Model) -> Vec<Vec<(Label, [u8; 64])>> {
        let (all, message) = (&genome.signatures, genome.canonical.as_bytes());
        let (first, second) = all.split_at(self.choices.below(all.len() + 1));
        let mut copies = vec![Vec::new(), first.to_vec(), if self.choices.one_in(8) { second.to_vec() } else { all.clone() }];
        let parents: Vec<Authority> = genome.parents.iter().map(|&parent| self.genomes[parent].authority.clone()).collect();
        let signers = |authority: &Authority| authority.signers.iter().map(|signer| signer.0).collect::<Vec<Label>>();
        let named: Vec<Label> = [&genome.authority].into_iter().chain(&parents).chain(&self.anchor).flat_map(signers).collect();
        for _ in 0..self.choices.pick(&[0, 1, 0, 2]) {
            let (label, key) = (self.choices.pick(&named), self.choices.below(KEYS.len()));
            let over = if self.choices.one_in(4) { message } else { b"another genome" };
            let mut copy = self.choices.pick(&[all.clone(), first.to_vec()]);
            copy.retain(|signature| signature.0 != label);
            copy.push((label, KEYS[key].sign(over).to_bytes()));
            let at = self.choices.below(copies.len());
            copies.insert(at, copy);
        }
        copies
    }

    /// Has a genome signed for its own authority, for its parents', sometimes for the policy's; not always by all, nor always well.
    fn sign(&mut self, genome: &Model) -> Vec<(Label, [u8; 64])> {
        let (own, message) = (&genome.authority, genome.canonical.as_bytes());
        let parents = genome.parents.iter().map(|&parent| self.genomes[parent].authority.clone());
        let mut quorums: Vec<Authority> = [own.clone()].into_iter().chain(parents).collect();
        let for_policy = self.choices.one_in(8);
        quorums.extend(self.anchor.clone().filter(|_| for_policy));
        let named: Vec<Label> =
            quorums.iter().chain(&self.anchor).flat_map(|quorum| &quorum.signers).map(|signer| signer.0).collect();
        let mut signatures: BTreeMap<Label, Key> = BTreeMap::new();
        for Authority { signers, threshold } in quorums {
            let many = self.choices.pick(&[signers.len(), threshold, threshold]).saturating_sub(usize::from(self.astray()));
            for (label, key) in self.choices.some(&signers, many) {
                let label = if self.astray() { label } else { own.label(key).unwrap_or(label) };
                // Whose key id the genome gives to another key cannot sign it.
                if own.key(label).is_none_or(|named| named == key) || self.astray() {
                    signatures.entry(label).or_insert(key);
                }
            }
        }
        // Whom nobody asked, or in somebody else's name.
        if self.astray() || self.choices.one_in(16) {
            let label = if self.choices.one_in(2) { self.choices.below(LABELS) } else { self.choices.pick(&named) };
            signatures.entry(label).or_insert(self.choices.below(KEYS.len()));
        }
        let mut signatures: Vec<(Label, [u8; 64])> =
            signatures.into_iter().map(|(label, key)| (label, KEYS[key].sign(message).to_bytes())).collect();
        for (_, bytes) in &mut signatures {
            if self.astray() {
                match self.choices.below(4) {
                    0 => bytes[self.choices.below(64)] ^= 1,
                    1 => *bytes = KEYS[self.choices.below(KEYS.len())].sign(message).to_bytes(),
                    2 => *bytes = KEYS[self.choices.below(KEYS.len())].sign(b"another genome").to_bytes(),
                    _ => *bytes = [0; 64],
                }
            }
        }
        signatures
    }
}
