//! Two genomes have the same text for git if, and only if, they say the same.

use super::Scratch;
use super::model::{Capability, Invariant, Model};
use genome_test_support::Draft;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

/// Names that pass for the words between them.
const ACTIONS: [&str; 4] = ["a", "a`, which `C", "a, which C denies", "a risk class A"];
const CAPABILITIES: [&str; 4] = ["C", "C` allows `a", "C allows a", "C denies a"];

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn small_model() -> impl Strategy<Value = Model> {
    let actions = || subsequence(ACTIONS.to_vec(), 0..4).prop_shuffle();
    let capability = (select(vec!["A", "B"]), actions(), actions()).prop_map(|(risk, allow, deny)| (risk, allow, deny));
    let invariant = |id: &str, claim: &str| Invariant {
        id: id.to_owned(),
        severity: "HIGH".to_owned(),
        claim: claim.to_owned(),
        hook: "h".to_owned(),
    };
    let invariants = vec![invariant("I", "x\n"), invariant("I HIGH `h`: `x", "x"), invariant("J", "x\\u{a}")];
    let parts = (
        select(vec!["N", "N`\nversion 1"]),
        select(vec!["2020-01-31T00:00:00Z", "2020-01-31T00:00:01Z"]),
        subsequence(CAPABILITIES.to_vec(), 0..4).prop_shuffle(),
        vec(capability, 4),
        subsequence(invariants, 0..4).prop_shuffle(),
        subsequence(vec!["f", "f aa"], 0..3).prop_shuffle(),
        subsequence(ACTIONS.to_vec(), 0..3).prop_shuffle(),
    );
    parts.prop_map(|(name, created_at, ids, contents, invariants, files, pins)| {
        let capabilities = ids.into_iter().zip(contents).map(|(id, (risk, allow, mut deny))| {
            deny.retain(|action| !allow.contains(action));
            Capability { id: id.to_owned(), risk: risk.to_owned(), allow: owned(&allow), deny: owned(&deny) }
        });
        Model {
            name: name.replace('\n', " "),
            created_at: created_at.to_owned(),
            signers: vec!["k".to_owned()],
            invariants,
            capabilities: capabilities.collect(),
            pins: owned(&pins),
            files: owned(&files),
        }
        .with_good_pins()
    })
}

/// What is done to a genome to get another one, which may or may not say the same.
#[derive(Debug, Clone)]
enum Edit {
    /// Capabilities, or actions in one of them, in another order.
    Rotate(Index),
    RotateAllowed(Index, Index),
    RotateInvariants(Index),
    ReverseFiles,
    /// An action listed twice.
    Repeat(Index),
    Drop(Index),
    Move(Index),
    RewriteTime,
    Rename,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        any::<Index>().prop_map(Edit::Rotate),
        any::<(Index, Index)>().prop_map(|(one, by)| Edit::RotateAllowed(one, by)),
        any::<Index>().prop_map(Edit::RotateInvariants),
        Just(Edit::ReverseFiles),
        any::<Index>().prop_map(Edit::Repeat),
        any::<Index>().prop_map(Edit::Drop),
        any::<Index>().prop_map(Edit::Move),
        Just(Edit::RewriteTime),
        Just(Edit::Rename),
    ]
}

fn rotate<T>(list: &mut [T], by: Index) {
    if !list.is_empty() {
        list.rotate_left(by.index(list.len()));
    }
}

fn apply(edit: &Edit, model: &mut Model) {
    let capabilities = &mut model.capabilities;
    let count = capabilities.len();
    match edit {
        Edit::Rotate(by) => rotate(capabilities, *by),
        Edit::RotateInvariants(by) => rotate(&mut model.invariants, *by),
        Edit::ReverseFiles => {
            model.files.reverse();
            model.pins.reverse();
        }
        Edit::RewriteTime => {
            let other = [("Z", "+00:00"), ("+00:00", ".000Z"), (".000Z", "Z")];
            let (from, to) = other.into_iter().rev().find(|(from, _)| model.created_at.ends_with(from)).unwrap();
            model.created_at = model.created_at.replace(from, to);
        }
        Edit::Rename => model.name = if model.name == "N" { "M".to_owned() } else { "N".to_owned() },
        _ if count == 0 => {}
        Edit::RotateAllowed(one, by) => rotate(&mut capabilities[one.index(count)].allow, *by),
        Edit::Repeat(one) => {
            let allow = &mut capabilities[one.index(count)].allow;
            allow.extend(allow.first().cloned());
        }
        Edit::Drop(one) => drop(capabilities[one.index(count)].deny.pop()),
        Edit::Move(one) => {
            let capability = &mut capabilities[one.index(count)];
            let moved = capability.allow.pop();
            capability.allow.retain(|action| Some(action) != moved.as_ref());
            capability.deny.extend(moved);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_same_text_is_the_same_meaning(one in small_model(), edits in vec(edit(), 0..4)) {
        let mut other = one.clone();
        for edit in &edits {
            apply(edit, &mut other);
        }
        let other = other.with_good_pins();
        let scratch = Scratch::of(&one.draft());
        scratch.write("other.json", &other.draft().document.to_string());
        let text = |name: &str| -> Vec<String> {
            // Signatures aside.
            scratch.textconv(name).lines().filter(|line| !line.starts_with("signature ")).map(str::to_owned).collect()
        };
        prop_assert_eq!(one.meaning() == other.meaning(), text("g.json") == text("other.json"), "{:?}", edits);
    }

    #[test]
    fn two_random_genomes_differ_in_text_where_they_do(one in small_model(), other in small_model()) {
        let scratch = Scratch::of(&one.draft());
        scratch.write("other.json", &other.draft().signed(&[1]));
        prop_assert_eq!(one.meaning() == other.meaning(), scratch.textconv("g.json") == scratch.textconv("other.json"));
    }
}

/// A text that is not a genome cannot stand for one: git would show no difference where a genome becomes the text of one.
#[test]
fn a_text_that_is_no_genome_is_no_genomes_text() {
    let scratch = Scratch::of(&Draft::new("1.0.0", &[1], 1));
    let text = scratch.textconv("g.json");
    scratch.write("other.json", &text);
    assert_ne!(scratch.textconv("other.json"), text);
}
