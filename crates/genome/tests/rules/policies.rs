//! A trust policy that is written is read as what was meant, and what is said of a change is what comes of it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome::change::Class;
use genome::draft::Draft;
use genome::model::Signer;
use genome::policy::{Approvals, PolicyChange, PolicyDocument, PolicyEditor, PolicyError, PolicyForm};
use genome::{PrivateKey, PublicKey, TrustPolicy};
use proptest::collection::{btree_map, btree_set};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const KEYS: u8 = 6;

fn key(number: u8) -> PublicKey {
    PrivateKey::from_seed(&[number + 1; 32]).public_key()
}

fn object(number: u8) -> Value {
    json!({"key_id": format!("n{number}"), "alg": "ed25519", "public_key": key(number).to_string()})
}

fn signer(number: u8) -> Signer {
    Draft::read_signer(object(number).to_string().as_bytes()).unwrap()
}

/// A policy by the numbers of its keys.
#[derive(Debug, Clone)]
struct Model {
    signers: Vec<u8>,
    threshold: usize,
    revoked: BTreeSet<u8>,
    minimums: BTreeMap<String, u8>,
    /// 0 is all.
    quorum: BTreeMap<String, usize>,
    /// By one digit, of which the whole id is made.
    ids: BTreeSet<u8>,
    age: Option<u64>,
}

impl Model {
    /// The text, with the members in another order for each number.
    fn text(&self, order: usize, between: &str) -> String {
        let Value::Object(members) = self.json() else { return String::new() };
        let mut members: Vec<String> = members.into_iter().map(|(name, value)| format!("{between}\"{name}\":{value}")).collect();
        let start = order % members.len();
        members.rotate_left(start);
        format!("{{{}{between}}}", members.join(","))
    }

    fn json(&self) -> Value {
        let mut members = Map::new();
        if !self.ids.is_empty() {
            members.insert("genome_ids".into(), self.ids.iter().map(|digit| digit.to_string().repeat(64)).collect());
        }
        self.age.map(|age| members.insert("maximum_age_days".into(), age.into()));
        members.insert("schema_version".into(), "trust.v0.1".into());
        if !self.signers.is_empty() {
            members.insert("signers".into(), self.signers.iter().map(|number| object(*number)).collect());
            members.insert("threshold".into(), self.threshold.into());
        }
        members.insert("revoked".into(), self.revoked.iter().map(|number| key(*number).fingerprint().to_string()).collect());
        let minimums = self.minimums.iter().map(|(name, number)| (name.clone(), format!("1.{number}.0").into()));
        members.insert("minimum_versions".into(), Value::Object(minimums.collect()));
        let approvals = |number: usize| if number == 0 { json!("all") } else { json!(number) };
        let quorum = self.quorum.iter().map(|(class, number)| (class.clone(), approvals(*number)));
        if !self.quorum.is_empty() {
            members.insert("quorum".into(), Value::Object(quorum.collect()));
        }
        Value::Object(members)
    }

    fn able(&self) -> BTreeSet<u8> {
        self.signers.iter().copied().filter(|number| !self.revoked.contains(number)).collect()
    }

    fn required(&self) -> usize {
        let able = self.able().len();
        let asked = self.quorum.values().map(|number| if *number == 0 { able } else { *number });
        asked.fold(self.threshold, usize::max)
    }

    /// How many must sign a change of this class, where all are more than any number.
    fn asked(&self, class: Class) -> usize {
        self.quorum.get(class.as_str()).map_or(1, |number| if *number == 0 { usize::MAX } else { *number })
    }

    /// Whether these keys, when they have signed, are enough.
    fn pins(&self, signed: u8) -> bool {
        !self.signers.is_empty() && self.able().iter().filter(|number| signed >> **number & 1 == 1).count() >= self.required()
    }

    fn apply(&mut self, step: &Step) -> bool {
        match *step {
            Step::Add(number) if self.revoked.contains(&number) => return false,
            Step::Add(number) if self.signers.contains(&number) => {}
            Step::Add(number) => {
                if self.signers.is_empty() {
                    self.threshold = 1;
                }
                self.signers.push(number);
            }
            Step::Remove(number) => self.signers.retain(|other| *other != number),
            Step::Revoke(number) => {
                self.revoked.insert(number);
                self.signers.retain(|other| *other != number);
            }
            Step::Threshold(_) if self.signers.is_empty() => return false,
            Step::Threshold(threshold) => self.threshold = threshold,
            Step::Minimum(ref name, number) => drop(self.minimums.insert(name.clone(), number)),
            Step::Pin(digit) => drop(self.ids.insert(digit)),
            Step::Unpin(digit) => return self.ids.remove(&digit),
            Step::Age(age) => self.age = age,
            Step::Quorum(class, Some(number)) => drop(self.quorum.insert(class.to_string(), number)),
            Step::Quorum(class, None) => drop(self.quorum.remove(class.as_str())),
        }
        true
    }
}

#[derive(Debug, Clone)]
enum Step {
    Add(u8),
    Remove(u8),
    Revoke(u8),
    Threshold(usize),
    Minimum(String, u8),
    Pin(u8),
    Unpin(u8),
    Age(Option<u64>),
    Quorum(Class, Option<usize>),
}

fn any_model() -> impl Strategy<Value = Model> {
    let class = prop::sample::select(Class::ALL);
    (
        (subsequence((0..KEYS).collect::<Vec<u8>>(), 1..5).prop_shuffle(), 1..4_usize),
        btree_set(0..KEYS, 0..3),
        btree_map("[A-C]", 0..4_u8, 0..3),
        btree_map(class.prop_map(|class| class.to_string()), 0..4_usize, 0..3),
        btree_set(0..4_u8, 1..3),
        option::of(1..4_u64),
    )
        .prop_map(|((signers, threshold), revoked, minimums, quorum, ids, age)| Model {
            threshold: threshold.min(signers.len()),
            signers,
            revoked,
            minimums,
            quorum,
            ids,
            age,
        })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..KEYS).prop_map(Step::Add),
        (0..KEYS).prop_map(Step::Remove),
        (0..KEYS).prop_map(Step::Revoke),
        (1..5_usize).prop_map(Step::Threshold),
        ("[A-C]", 0..4_u8).prop_map(|(name, number)| Step::Minimum(name, number)),
        (0..4_u8).prop_map(Step::Pin),
        (0..4_u8).prop_map(Step::Unpin),
        option::of(1..4_u64).prop_map(Step::Age),
        (prop::sample::select(Class::ALL), option::of(0..4_usize)).prop_map(|(class, number)| Step::Quorum(class, number)),
    ]
}

/// Returns whether it could be applied.
fn apply(editor: &mut PolicyEditor<'_>, step: &Step) -> bool {
    let id = |digit: u8| digit.to_string().repeat(64).parse().unwrap();
    let approvals = |number: usize| if number == 0 { Approvals::All } else { Approvals::Count(number) };
    match step {
        Step::Add(number) => return editor.add(&signer(*number)).is_ok(),
        // The model takes it as applied where there is no such signer, too.
        Step::Remove(number) => drop(editor.remove(&key(*number))),
        Step::Revoke(number) => editor.revoke(key(*number).fingerprint()),
        Step::Threshold(threshold) => return editor.set_threshold(*threshold).is_ok(),
        Step::Minimum(name, number) => editor.set_minimum_version(name, format!("1.{number}.0").parse().unwrap()),
        Step::Pin(digit) => editor.add_genome_id(id(*digit)),
        Step::Unpin(digit) => return editor.remove_genome_id(id(*digit)),
        Step::Age(age) => editor.set_maximum_age(*age),
        Step::Quorum(class, number) => editor.set_quorum(*class, number.map(approvals)),
    }
    true
}

/// The names of the members, in their order.
fn names(text: &str) -> Vec<String> {
    match genome::json::parse(text.as_bytes()).unwrap() {
        genome::json::Value::Object(members) => members.iter().map(|member| member.name.to_string()).collect(),
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(model in any_model(), order in 0..9_usize, between in "[ \n]{0,3}") {
        let (value, text) = (model.json(), model.text(order, &between));
        let policy = TrustPolicy::read(text.as_bytes()).unwrap();
        let edit = PolicyEditor::of(text.as_bytes()).unwrap().finish().unwrap();
        prop_assert!(edit.is_empty() && !edit.shift.trusts_more && !edit.shift.trusts_less && edit.form == PolicyForm::Whole);
        prop_assert_eq!(edit.document.policy(), &policy);
        let written: Value = serde_json::from_str(edit.document.to_json()).unwrap();
        prop_assert_eq!(&written, &value);
        prop_assert_eq!(names(edit.document.to_json()), names(&text));
        let again = PolicyEditor::of(edit.document.to_json().as_bytes()).unwrap().finish().unwrap();
        prop_assert_eq!(again.document.to_json(), edit.document.to_json());
        prop_assert_eq!(policy.approvals_to_pin().unwrap().signatures, model.required());
        prop_assert_eq!(policy.unmet().is_some(), model.required() > model.able().len());
    }

    #[test]
    fn an_edit_is_what_was_asked_for(model in any_model(), order in 0..9_usize, steps in prop::collection::vec(any_step(), 0..6), lower: bool) {
        let text = model.text(order, "");
        let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
        let mut after = model.clone();
        for step in &steps {
            prop_assert_eq!(apply(&mut editor, step), after.apply(step), "{:?}", step);
        }
        if lower {
            editor.allow_lowering();
        }
        let is_unmet = |model: &Model| !model.signers.is_empty() && model.required() > model.able().len();
        let keeps = |name: &String, number: &u8| after.minimums.get(name).is_some_and(|now| now >= number);
        let is_lower = (!after.signers.is_empty() && after.threshold < model.threshold)
            || !model.minimums.iter().all(|(name, number)| keeps(name, number))
            || after.age.unwrap_or(u64::MAX) > model.age.unwrap_or(u64::MAX)
            || Class::ALL.iter().any(|class| after.asked(*class) < model.asked(*class));
        match editor.finish() {
            Err(PolicyError::Unmet { .. }) => prop_assert!(is_unmet(&after) && !is_unmet(&model)),
            Err(PolicyError::Lowers(change)) => prop_assert!(is_lower && !lower && change.is_lowering()),
            Err(PolicyError::NoSigners) => prop_assert!(after.signers.is_empty() && after.ids.is_empty()),
            // What was not met before may be worse now.
            Err(PolicyError::Refused(_)) => prop_assert!(is_unmet(&model) && after.threshold > after.signers.len()),
            Err(error) => prop_assert!(false, "{error}"),
            Ok(edit) => {
                prop_assert!(lower || !is_lower);
                prop_assert!(!is_unmet(&after) || is_unmet(&model));
                let written: Value = serde_json::from_str(edit.document.to_json()).unwrap();
                // New ones stand at the end, in whatever order they came.
                let sorted = |value: &Value| {
                    let mut value = value.clone();
                    for name in ["revoked", "genome_ids"] {
                        if let Some(list) = value.get_mut(name).and_then(Value::as_array_mut) {
                            list.sort_by_key(ToString::to_string);
                        }
                    }
                    value
                };
                prop_assert_eq!(sorted(&written), sorted(&after.json()));
                // The order of signers means nothing.
                let sets = |model: &Model| {
                    let mut model = model.clone();
                    model.signers.sort_unstable();
                    model.json()
                };
                prop_assert_eq!(edit.changes.is_empty(), sets(&model) == sets(&after), "{:?}", edit.changes);
            }
        }
    }

    /// By trying all choices of signers.
    #[test]
    fn more_and_less_are_what_they_say(model in any_model(), steps in prop::collection::vec(any_step(), 0..4)) {
        let text = model.text(0, "");
        let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
        let mut after = model.clone();
        let is_of_signers = |step: &&Step| matches!(step, Step::Add(_) | Step::Remove(_) | Step::Threshold(_));
        for step in steps.iter().filter(is_of_signers) {
            prop_assert_eq!(apply(&mut editor, step), after.apply(step));
        }
        editor.allow_lowering();
        if let Ok(edit) = editor.finish() {
            let choices = || 0..1_u8 << KEYS;
            prop_assert_eq!(edit.shift.trusts_more, choices().any(|signed| after.pins(signed) && !model.pins(signed)), "{:?}", &edit.changes);
            prop_assert_eq!(edit.shift.trusts_less, choices().any(|signed| model.pins(signed) && !after.pins(signed)), "{:?}", &edit.changes);
        }
    }

    #[test]
    fn a_policy_of_signers_is_read_as_that(numbers in btree_set(0..KEYS, 0..5), threshold in 0..6_usize) {
        let signers: Vec<Signer> = numbers.iter().map(|number| signer(*number)).collect();
        let made = PolicyDocument::of_signers(&signers, threshold);
        prop_assert_eq!(made.is_ok(), (1..=signers.len()).contains(&threshold), "{:?}", made);
        if let Ok(document) = made {
            let read = TrustPolicy::read(document.to_json().as_bytes()).unwrap();
            prop_assert_eq!((read.signers(), read.authority().unwrap().threshold), (&signers[..], threshold));
            prop_assert_eq!(&read, document.policy());
            let start = "{\n  \"schema_version\": \"trust.v0.1\",\n  \"signers\": [\n";
            prop_assert!(document.to_json().starts_with(start));
        }
    }
}

fn finished(text: &str, edit: impl FnOnce(&mut PolicyEditor<'_>)) -> Result<(PolicyForm, Vec<PolicyChange>, Value), PolicyError> {
    let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
    edit(&mut editor);
    let edit = editor.finish()?;
    Ok((edit.form, edit.changes, serde_json::from_str(edit.document.to_json()).unwrap()))
}

#[test]
fn a_smaller_form_becomes_the_whole_one() {
    let line = |number: u8, comment: &str| {
        use base64ct::{Base64, Encoding as _};
        let blob = [&b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"[..], key(number).as_bytes()].concat();
        format!("ssh-ed25519 {} {comment}\n", Base64::encode_string(&blob))
    };
    let whole =
        |signers: &[Value], threshold: usize| json!({"schema_version": "trust.v0.1", "signers": signers, "threshold": threshold});
    for (text, form, expected) in [
        (object(0).to_string(), PolicyForm::Signer, whole(&[object(0), object(1)], 1)),
        (
            json!({"threshold": 2, "signers": [object(0), object(2)]}).to_string(),
            PolicyForm::Authority,
            whole(&[object(0), object(2), object(1)], 2),
        ),
        (line(0, "n0") + &line(2, "n2"), PolicyForm::PublicKeys, whole(&[object(0), object(2), object(1)], 1)),
    ] {
        let (was, changes, written) = finished(&text, |editor| editor.add(&signer(1)).unwrap()).unwrap();
        assert_eq!((was, &written), (form, &expected), "{text}");
        assert!(changes.contains(&PolicyChange::SignerAdded(Box::new(signer(1)))), "{changes:?}");
        assert_eq!(changes.contains(&PolicyChange::KeyIdsCount), form == PolicyForm::PublicKeys);
    }
}

#[test]
fn one_key_and_one_key_id_are_one_signer() {
    let text = json!({"signers": [object(0)], "threshold": 1}).to_string();
    let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
    assert_eq!(editor.add(&signer(0)), Ok(()));
    let renamed = Signer::new("other".parse().unwrap(), key(0));
    assert!(matches!(editor.add(&renamed), Err(PolicyError::KeyTaken { known_as, .. }) if known_as.as_str() == "n0"));
    let impostor = Signer::new("n0".parse().unwrap(), key(1));
    assert!(matches!(editor.add(&impostor), Err(PolicyError::Taken { known, .. }) if known == key(0).fingerprint()));
    // One secret signs for both signs of a point.
    let mut point = *key(0).as_bytes();
    point[31] ^= 0x80;
    let other_sign = Signer::new("sign".parse().unwrap(), PublicKey::from_bytes(&point).unwrap());
    assert!(matches!(editor.add(&other_sign), Err(PolicyError::KeyTaken { .. })));
    editor.add(&signer(1)).unwrap();
    editor.revoke(other_sign.public_key.fingerprint());
    let edit = editor.finish().unwrap();
    assert_eq!(edit.document.policy().signers(), [signer(1)]);
    assert!(edit.document.policy().revokes(&key(0)));
}

#[test]
fn a_name_is_a_fingerprint_before_it_is_a_key_id() {
    let stranger = json!({"key_id": key(1).fingerprint().to_string(), "alg": "ed25519", "public_key": key(0).to_string()});
    let text = json!({"signers": [stranger, object(1)], "threshold": 1}).to_string();
    let editor = PolicyEditor::of(text.as_bytes()).unwrap();
    assert_eq!(editor.signer(&key(1).fingerprint().to_string()).unwrap().public_key, key(1));
    assert_eq!(editor.signer(&key(0).fingerprint().to_string()).unwrap().public_key, key(0));
    assert!(matches!(editor.signer("n9"), Err(PolicyError::Unknown { known, .. }) if known.len() == 2));
}

#[test]
fn what_names_no_signers_may_go_on_without_them() {
    let text = json!({"schema_version": "trust.v0.1", "genome_ids": ["0".repeat(64)]}).to_string();
    let (_, changes, written) = finished(&text, |editor| editor.add(&signer(0)).unwrap()).unwrap();
    assert_eq!((changes.len(), &written["signers"], &written["threshold"]), (1, &json!([object(0)]), &json!(1)));
    let (_, _, written) = finished(&written.to_string(), |editor| assert!(editor.remove(&key(0)))).unwrap();
    assert_eq!(written.to_string(), text);
    let alone = object(0).to_string();
    assert_eq!(finished(&alone, |editor| assert!(editor.remove(&key(0)))), Err(PolicyError::NoSigners));
    let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
    assert_eq!(editor.set_threshold(1), Err(PolicyError::NoThreshold));
}

/// Where all must sign, they are fewer without a revoked one, also among the signers of a genome.
#[test]
fn a_revoked_key_that_is_not_its_own_may_make_a_policy_trust_more() {
    for (approvals, is_said) in [(json!("all"), true), (json!(2), false)] {
        let text = json!({"schema_version": "trust.v0.1", "signers": [object(0), object(1)], "threshold": 1, "quorum": {"widening": approvals}});
        let text = text.to_string();
        let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
        editor.revoke(key(5).fingerprint());
        let edit = editor.finish().unwrap();
        assert_eq!((edit.shift.trusts_more, edit.shift.trusts_less), (is_said, true));
        assert_eq!(edit.changes.contains(&PolicyChange::FewerAreAll), is_said);
    }
}

#[test]
fn build_metadata_makes_no_version_another() {
    let text =
        json!({"schema_version": "trust.v0.1", "signers": [object(0)], "threshold": 1, "minimum_versions": {"A": "1.0.0+a"}});
    let (_, changes, written) =
        finished(&text.to_string(), |editor| editor.set_minimum_version("A", "1.0.0+b".parse().unwrap())).unwrap();
    assert_eq!((changes, written), (vec![], text.clone()));
    let lower = finished(&text.to_string(), |editor| editor.set_minimum_version("A", "1.0.0-rc.1".parse().unwrap()));
    assert!(
        matches!(lower, Err(PolicyError::Lowers(change)) if change.to_string() == "lowest version of `A`: 1.0.0+a -> 1.0.0-rc.1")
    );
    // A name that cannot be one is refused by the reader.
    let hidden = finished(&text.to_string(), |editor| editor.set_minimum_version("A\u{202e}", "2.0.0".parse().unwrap()));
    assert!(matches!(hidden, Err(PolicyError::Refused(_))), "{hidden:?}");
}

/// A number of signers can be more than all of one genome, and fewer than all of another.
#[test]
fn all_and_a_number_are_more_and_less() {
    let text = |quorum: &Value| {
        json!({"schema_version": "trust.v0.1", "signers": [object(0), object(1), object(2)], "threshold": 3, "quorum": {"widening": quorum}})
            .to_string()
    };
    for (from, to, expected) in [
        (json!(2), Some(Approvals::All), Ok((true, true))),
        (json!("all"), Some(Approvals::Count(2)), Ok((true, true))),
        (json!(1), Some(Approvals::All), Ok((false, true))),
        (json!("all"), None, Ok((true, false))),
        (json!(1), None, Ok((false, false))),
        (json!(2), Some(Approvals::Count(3)), Ok((false, true))),
    ] {
        let text = text(&from);
        let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
        editor.set_quorum(Class::Widening, to);
        editor.allow_lowering();
        let shift = editor.finish().map(|edit| (edit.shift.trusts_more, edit.shift.trusts_less));
        assert_eq!(shift, expected, "{from} {to:?}");
    }
}

#[test]
fn what_is_removed_is_said_and_what_is_out_of_range_is_refused() {
    let text = json!({"schema_version": "trust.v0.1", "signers": [object(0), object(1)], "threshold": 1}).to_string();
    let editor = || {
        let mut editor = PolicyEditor::of(text.as_bytes()).unwrap();
        editor.allow_lowering();
        editor
    };
    let mut removing = editor();
    assert_eq!([0, 0, 2].map(|number| removing.remove(&key(number))), [true, false, false]);
    assert_eq!([1, 1].map(|number| removing.remove(&key(number))), [true, false]);
    let (mut threshold, mut age, mut quorum) = (editor(), editor(), editor());
    threshold.set_threshold(0).unwrap();
    age.set_maximum_age(Some(0));
    quorum.set_quorum(Class::Widening, Some(Approvals::Count(0)));
    for editor in [threshold, age, quorum] {
        let finished = editor.finish();
        assert!(matches!(finished, Err(PolicyError::Refused(_))), "{finished:?}");
    }
    let mut strict = editor();
    strict.set_quorum(Class::Widening, Some(Approvals::Count(3)));
    let unmet = strict.finish().unwrap_err();
    assert_eq!(unmet.hint().to_string(), "add another signer first, or ask for less by `quorum`");
}

/// The seeds of the fuzz target, among them what attackers write.
#[test]
fn whatever_is_read_can_be_written() {
    let seeds = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/keys"));
    let mut seen = 0;
    for entry in fs::read_dir(seeds).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let (read, editor) = (TrustPolicy::read(&bytes), PolicyEditor::of(&bytes));
        assert_eq!(read.as_ref().err(), editor.as_ref().err());
        if let (Ok(policy), Ok(editor)) = (read, editor) {
            let (form, edit) = (editor.form(), editor.finish().unwrap());
            assert!(edit.is_empty() && (form == PolicyForm::PublicKeys || *edit.document.policy() == policy), "{policy:?}");
            assert_eq!(edit.document.policy().signers(), policy.signers());
            seen += 1;
        }
    }
    assert!(seen >= 5, "only {seen} policies were found");
}
