//! Random pairs of genomes: what the comparison says is what a count of every action, signer, invariant and file says.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod declared;
mod model;

use genome::change::{Change, Class};
use genome::{Document, Genome};
use model::{ACTIONS, INSTRUCTIONS, Line, Model, ModelCapability, ModelInvariant, expected, line, mirrored, unsided};
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeSet;

fn any_capability() -> impl Strategy<Value = ModelCapability> {
    let actions = || subsequence(vec!["a0", "a1", "a2", "s/a3", "s/a4"], 0..4).prop_shuffle();
    (0..4_u8, select(vec!['A', 'B', 'C', 'D']), actions(), actions()).prop_map(|(id, risk, allow, mut deny)| {
        deny.retain(|action| !allow.contains(action));
        ModelCapability { id: format!("c{id}"), risk, allow, deny }
    })
}

fn any_model() -> impl Strategy<Value = Model> {
    let keys = subsequence((0..5_u8).collect::<Vec<_>>(), 1..4).prop_shuffle();
    let key_ids = subsequence((0..5_u8).collect::<Vec<_>>(), 3).prop_shuffle();
    let invariant = (select(vec!["CRITICAL", "HIGH", "MEDIUM"]), 0..2_u8, 0..2_u8);
    let invariant = invariant.prop_map(|(severity, claim, hook)| ModelInvariant { severity, claim, hook });
    let invariants = hash_map(0..4_u8, invariant, 0..4).prop_map(|map| map.into_iter().collect());
    let files = hash_map(0..4_u8, 0..3_u8, 0..4).prop_map(|map| map.into_iter().collect());
    let pin = (select([&ACTIONS[..], &[INSTRUCTIONS]].concat()), 0..3_u8);
    let pins = prop_oneof![Just(Vec::new()), vec(pin, 0..8)];
    (keys, key_ids, 1..4_usize, invariants, vec(any_capability(), 0..4), (pins, files), (0..2_u8, 0..2_u8)).prop_map(
        |(keys, key_ids, threshold, invariants, mut capabilities, (pins, files), (name, patch))| {
            let mut seen = BTreeSet::new();
            capabilities.retain(|capability| seen.insert(capability.id.clone()));
            let threshold = threshold.min(keys.len());
            let signers = key_ids.into_iter().zip(keys).collect();
            Model { name, patch, signers, threshold, invariants, capabilities, pins: Vec::new(), files }.with_pins(pins)
        },
    )
}

fn read(model: &Model) -> Genome {
    Document::read(model.to_json().as_bytes()).unwrap().unverified().clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn every_difference_has_its_class(from in any_model(), to in any_model()) {
        let (old, new) = (read(&from), read(&to));
        let changes = Change::between(&old, &new);
        let found: BTreeSet<Line> = changes.iter().filter(|change| !change.is_rearrangement()).map(line).collect();
        prop_assert_eq!(&found, &expected(&from, &to));
        prop_assert_eq!(changes.iter().filter(|change| !change.is_rearrangement()).count(), found.len(), "said twice: {:?}", changes);
        for change in &changes {
            let text = change.to_string();
            prop_assert!(!text.contains('\n') && !text.ends_with('.'), "{}", text);
            // A sentence that says what it is about.
            prop_assert!(text.contains(change.subject().rsplit('=').next().unwrap()), "{}", text);
        }
        let back = Change::between(&new, &old);
        let back: BTreeSet<Line> = back.iter().filter(|change| !change.is_rearrangement()).map(|change| unsided(line(change))).collect();
        prop_assert_eq!(back, found.iter().map(mirrored).map(unsided).collect::<BTreeSet<Line>>());
        prop_assert!(Change::between(&old, &old).is_empty());
    }

    /// A root is compared with a genome that says nothing.
    #[test]
    fn all_of_a_root_is_new(root in any_model()) {
        let nothing = Model {
            signers: Vec::new(),
            threshold: 0,
            invariants: Vec::new(),
            capabilities: Vec::new(),
            pins: Vec::new(),
            files: Vec::new(),
            ..root.clone()
        };
        let found: BTreeSet<Line> = Change::of_root(&read(&root)).iter().map(line).collect();
        prop_assert_eq!(found, expected(&nothing, &root));
    }

    /// The order in which a genome lists things means nothing, as long as no action is decided by another capability.
    #[test]
    fn reordering_is_no_change((from, to) in any_model().prop_flat_map(|model| {
        let shuffled = (
            Just(model.signers.clone()).prop_shuffle(),
            Just(model.invariants.clone()).prop_shuffle(),
            Just(model.files.clone()).prop_shuffle(),
            Just(model.capabilities.clone()).prop_shuffle(),
            Just(model.pins.clone()).prop_shuffle(),
        );
        let other = model.clone();
        let to = shuffled.prop_map(move |(signers, invariants, files, capabilities, pins)| {
            Model { signers, invariants, capabilities, pins, files, ..other.clone() }
        });
        (Just(model), to)
    })) {
        let changes = Change::between(&read(&from), &read(&to));
        let decided = ACTIONS.iter().filter(|action| from.decide(action) != to.decide(action)).count();
        let moved = changes.iter().filter(|change| !change.is_rearrangement());
        prop_assert!(moved.clone().all(|change| change.kind() == "action_moved"), "{:?}", changes);
        prop_assert!(moved.count() <= decided);
        prop_assert!(decided > 0 || changes.iter().all(|change| change.is_rearrangement() && change.class() == Class::Neutral));
        prop_assert_eq!(from == to, changes.is_empty());
    }
}

/// Each class, and each kind of change, by hand.
#[test]
fn what_a_reviewer_reads() {
    let capability = |id: &str, risk, allow: &[&'static str], deny: &[&'static str]| ModelCapability {
        id: id.to_owned(),
        risk,
        allow: allow.to_vec(),
        deny: deny.to_vec(),
    };
    let invariant = |severity, claim, hook| ModelInvariant { severity, claim, hook };
    let from = Model {
        name: 0,
        patch: 0,
        signers: vec![(0, 0), (1, 1), (2, 2)],
        threshold: 2,
        invariants: vec![(0, invariant("CRITICAL", 0, 0)), (1, invariant("CRITICAL", 0, 0)), (2, invariant("HIGH", 0, 0))],
        capabilities: vec![
            capability("c0", 'D', &["a0", "a1"], &[]),
            capability("c1", 'B', &["a0", "a2"], &["s/a4"]),
            capability("c2", 'C', &["s/a3", "a2"], &[]),
        ],
        pins: vec![("a0", 0), ("a1", 0), ("a2", 2), ("a2", 3), ("s/a3", 0), ("s:instructions", 1)],
        files: vec![(0, 0), (1, 1)],
    };
    let to = Model {
        name: 1,
        patch: 1,
        signers: vec![(0, 3), (4, 1), (3, 4)],
        threshold: 1,
        invariants: vec![(1, invariant("HIGH", 1, 1)), (3, invariant("MEDIUM", 0, 0))],
        capabilities: vec![
            capability("c1", 'A', &["a0", "a2", "s/a4"], &[]),
            capability("c2", 'C', &["a2"], &["s/a3"]),
            capability("c3", 'D', &[], &[]),
        ],
        pins: vec![("a0", 1), ("a2", 2), ("s/a4", 4), ("s:instructions", 1), ("s:instructions", 2)],
        files: vec![(1, 2), (2, 0)],
    };
    let changes = Change::between(&read(&from), &read(&to));
    let touched = |kind: &str, subject: &str| {
        let change = changes.iter().find(|change| change.kind() == kind && change.subject() == subject).unwrap();
        change.capabilities().join(" ")
    };
    // What only a pin changes touches the capabilities that decide about its action.
    assert_eq!([touched("definition_replaced", "a0"), touched("definition_removed", "a2")], ["c0 c1", "c1"]);
    assert_eq!(touched("definition_added", "s:instructions"), "");
    let lines: Vec<String> = changes.iter().map(said).collect();
    let fingerprint = |number| model::key(number).public_key().fingerprint().to_string();
    let digest = |number: u8| genome::Digest::of(&[number]).to_string();
    assert_eq!(
        lines,
        [
            "weakening name: `N0` -> `N1`: versions that were accepted under the old name do not count for the new one".to_owned(),
            "neutral version: 1.0.0 -> 1.0.1".to_owned(),
            "neutral created_at: 2026-01-31T00:00:00Z -> 2026-02-01T00:00:00Z, 1 day later".to_owned(),
            format!("weakening signer `k0` is another key now: {}, and was {}", fingerprint(3), fingerprint(0)),
            format!("neutral signer `k1` is called `k4` now, with the same key ({})", fingerprint(1)),
            format!("weakening signer `k3` ({}) may sign now", fingerprint(4)),
            format!("strengthening signer `k2` ({}) may no longer sign", fingerprint(2)),
            "weakening threshold: 1 must sign now, and 2 had to before".to_owned(),
            "strengthening invariant `i3` must hold now: MEDIUM, `claim 0`, enforced by `hook 0`".to_owned(),
            "weakening invariant `i0` need not hold any more: CRITICAL, `claim 0`, enforced by `hook 0`".to_owned(),
            "weakening invariant `i2` need not hold any more: HIGH, `claim 0`, enforced by `hook 0`".to_owned(),
            "weakening invariant `i1` is HIGH now, and was CRITICAL".to_owned(),
            "weakening invariant `i1` (HIGH) claims `claim 1` now, and claimed `claim 0`: read whether it asks as much".to_owned(),
            "weakening invariant `i1` (HIGH) is enforced by `hook 1` now, and was by `hook 0`: read whether it does as much"
                .to_owned(),
            "weakening action `a0` is allowed by `c1` (risk class A) now, and was allowed by `c0` (risk class D)".to_owned(),
            "widening action `s/a4` is allowed by `c1` (risk class A) now, and was denied by `c1`".to_owned(),
            "narrowing action `s/a3` is denied by `c2` now, and was allowed by `c2` (risk class C)".to_owned(),
            "narrowing action `a1` is allowed by nobody now, and was allowed by `c0` (risk class D)".to_owned(),
            "neutral capability `c3` is new: risk class D, 0 allowed, 0 denied".to_owned(),
            "neutral capability `c0` is gone: risk class D, 2 allowed, 0 denied".to_owned(),
            "weakening capability `c1` is in risk class A now, and was in B".to_owned(),
            format!("weakening tool `a0` has another definition, which a person has to read: {}, and was {}", digest(1), digest(0)),
            format!("neutral tool `a1` is pinned no more, and not allowed; pinned was {}", digest(0)),
            format!("strengthening tool `a2` has one definition less that is good: {}", digest(3)),
            format!("neutral tool `s/a3` is pinned no more, and not allowed; pinned was {}", digest(0)),
            format!("strengthening tool `s/a4` is pinned now: no other definition is good than {}", digest(4)),
            format!(
                "weakening server text `s:instructions` has one wording more that is good, which a person has to read: {}",
                digest(2)
            ),
            format!("strengthening file `f2` is in the manifest now ({})", digest(0)),
            "weakening file `f0` is in the manifest no more, so nothing checks it".to_owned(),
            format!("neutral file `f1` has changed ({} -> {})", digest(1), digest(2)),
        ]
    );
}

fn said(change: &Change) -> String {
    format!("{} {change}", change.class())
}
