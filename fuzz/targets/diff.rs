//! What one genome changes against another, held against the brute force of the tests: by sets, and by asking for every action.

#![no_main]

#[path = "../../crates/genome/tests/rules/comparison/model.rs"]
mod model;

use arbitrary::{Result, Unstructured};
use genome::change::{Change, Class};
use genome::{Document, Genome};
use libfuzzer_sys::fuzz_target;
use model::{ACTIONS, INSTRUCTIONS, Line, Model, ModelCapability, ModelInvariant, expected, line, mirrored, unsided};
use std::collections::BTreeSet;

fuzz_target!(|bytes: &[u8]| {
    // Where the choices end, what was made so far is enough.
    let _ = compare(&mut Unstructured::new(bytes));
});

fn compare(choices: &mut Unstructured<'_>) -> Result<()> {
    let from = draw(choices)?;
    let to = if choices.ratio(1, 4)? { draw(choices)? } else { change(from.clone(), choices)? };
    let (old, new) = (read(&from), read(&to));
    let changes = Change::between(&old, &new);
    let meaning: Vec<&Change> = changes.iter().filter(|change| !change.is_rearrangement()).collect();
    let found: BTreeSet<Line> = meaning.iter().map(|change| line(change)).collect();
    assert_eq!(found, expected(&from, &to), "{from:#?}\n{to:#?}");
    assert_eq!(found.len(), meaning.len(), "said twice: {changes:#?}");
    assert!(changes.iter().all(|change| !change.is_rearrangement() || change.class() == Class::Neutral));
    assert_eq!(changes.is_empty(), from == to);

    let back: BTreeSet<Line> = Change::between(&new, &old)
        .iter()
        .filter(|change| !change.is_rearrangement())
        .map(|change| unsided(line(change)))
        .collect();
    assert_eq!(back, found.iter().map(mirrored).map(unsided).collect());

    // Whoever reads no more than the classes is told of every action that is allowed now.
    for action in ACTIONS {
        let allows = |model: &Model| model.allows(action);
        let is_said = |class: Class| meaning.iter().any(|change| change.class() == class && change.subject() == action);
        assert_eq!(is_said(Class::Widening), allows(&to) && !allows(&from), "{action}: {changes:#?}");
        assert_eq!(is_said(Class::Narrowing), allows(&from) && !allows(&to), "{action}: {changes:#?}");
    }
    Ok(())
}

fn read(model: &Model) -> Genome {
    Document::read(model.to_json().as_bytes()).unwrap().unverified().clone()
}

fn draw(choices: &mut Unstructured<'_>) -> Result<Model> {
    let keys = some(choices, &[0, 1, 2, 3, 4], 1..=3)?;
    let names = some(choices, &[0, 1, 2, 3, 4], keys.len()..=keys.len())?;
    let invariants = some(choices, &[0, 1, 2, 3], 0..=3)?;
    let capabilities = some(choices, &["c0", "c1", "c2", "c3"], 0..=3)?;
    let files = some(choices, &[0, 1, 2, 3], 0..=3)?;
    let model = Model {
        name: choices.int_in_range(0..=1)?,
        patch: choices.int_in_range(0..=1)?,
        threshold: choices.int_in_range(1..=keys.len())?,
        signers: names.into_iter().zip(keys).collect(),
        invariants: invariants.into_iter().map(|id| Ok((id, invariant(choices)?))).collect::<Result<_>>()?,
        capabilities: capabilities.into_iter().map(|id| capability(choices, id)).collect::<Result<_>>()?,
        pins: Vec::new(),
        files: files.into_iter().map(|path| Ok((path, choices.int_in_range(0..=2)?))).collect::<Result<_>>()?,
    };
    Ok(model.with_pins(pins(choices)?))
}

/// Pins of anything; those of what is not allowed are left out later.
fn pins(choices: &mut Unstructured<'_>) -> Result<Vec<(&'static str, u8)>> {
    let many = choices.int_in_range(0..=6_u8)?;
    let pinned = [&ACTIONS[..], &[INSTRUCTIONS]].concat();
    (0..many).map(|_| Ok((*choices.choose(&pinned)?, choices.int_in_range(0..=2)?))).collect()
}

/// Another genome that is near to this one.
fn change(mut model: Model, choices: &mut Unstructured<'_>) -> Result<Model> {
    for _ in 0..choices.int_in_range(0..=3_u8)? {
        let other = draw(choices)?;
        match choices.int_in_range(0..=8_u8)? {
            0 => (model.signers, model.threshold) = (other.signers, other.threshold),
            1 => model.invariants = other.invariants,
            2 => model.files = other.files,
            3 => (model.name, model.patch) = (other.name, other.patch),
            4 if !model.capabilities.is_empty() => {
                let at = choices.choose_index(model.capabilities.len())?;
                let id = model.capabilities[at].id.clone();
                model.capabilities[at] = capability(choices, &id)?;
            }
            5 => model.capabilities.reverse(),
            6 => model.pins.extend(pins(choices)?),
            7 => model.pins = other.pins,
            _ => model.capabilities = other.capabilities,
        }
        let pins = std::mem::take(&mut model.pins);
        model = model.with_pins(pins);
    }
    Ok(model)
}

fn invariant(choices: &mut Unstructured<'_>) -> Result<ModelInvariant> {
    let severity = choices.choose(&["CRITICAL", "HIGH", "MEDIUM"])?;
    Ok(ModelInvariant { severity, claim: choices.int_in_range(0..=1)?, hook: choices.int_in_range(0..=1)? })
}

/// A capability; what it denies it does not allow.
fn capability(choices: &mut Unstructured<'_>, id: &str) -> Result<ModelCapability> {
    let mut allow = some(choices, &ACTIONS, 0..=ACTIONS.len())?;
    let deny = allow.split_off(choices.int_in_range(0..=allow.len())?);
    Ok(ModelCapability { id: id.to_owned(), risk: *choices.choose(&['A', 'B', 'C', 'D'])?, allow, deny })
}

/// So many of these, in any order.
fn some<T: Copy>(choices: &mut Unstructured<'_>, items: &[T], many: std::ops::RangeInclusive<usize>) -> Result<Vec<T>> {
    let mut left = items.to_vec();
    let many = choices.int_in_range(many)?;
    (0..many).map(|_| Ok(left.remove(choices.choose_index(left.len())?))).collect()
}
