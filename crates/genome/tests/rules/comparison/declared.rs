//! What a proposal declares, held against random pairs of genomes: all of it matches, and nothing can be left out or altered.

use super::{any_model, model};
use genome::change::{Class, DeclaredChange};
use genome::lineage::SuccessionCheckKind;
use genome::proposal::{Mismatch, Probes, Proposal, ProposalField, ProposalNumber, ProposalStatus};
use genome::{Document, GenomeId};
use model::Model;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// All but what is wrong with the step itself, and the critical invariants that it loses.
fn mismatches(proposal: &Proposal, from: &Document<'_>, to: &Document<'_>) -> Vec<Mismatch> {
    let mut found = proposal.mismatches(from, to, None);
    found.retain(|mismatch| !matches!(mismatch, Mismatch::Step(_) | Mismatch::CriticalInvariant(_)));
    found
}

/// The numbers of the invariants that are critical.
fn critical(model: &Model) -> BTreeSet<String> {
    let critical = model.invariants.iter().filter(|(_, invariant)| invariant.severity == "CRITICAL");
    critical.map(|(id, _)| format!("i{id}")).collect()
}

/// Whether a definition of a tool that was good is good no more, pinned or not.
fn breaks_pin(old: &Model, new: &Model, action: &str) -> bool {
    let (before, after) = (old.pinned(action), new.pinned(action));
    match (before.is_empty(), after.is_empty()) {
        (true, true) => false,
        (true, false) => !old.may_pin_server_of(action),
        (false, true) => new.may_pin_server_of(action),
        (false, false) => !before.is_subset(&after),
    }
}

/// A class that is another.
fn other(class: Class) -> Class {
    if class == Class::Neutral { Class::Widening } else { Class::Neutral }
}

/// Each field of a declared change, altered.
const ALTERATIONS: [fn(&mut DeclaredChange); 6] = [
    |change| change.class = other(change.class),
    |change| change.kind.push('x'),
    |change| change.subject.push('x'),
    |change| change.from = Some("x".to_owned()),
    |change| change.to = Some("x".to_owned()),
    |change| change.message.push('x'),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_proposal_declares_all_and_hides_nothing(old in any_model(), new in any_model()) {
        let texts = [old.to_json(), new.to_json()];
        let [from, to] = texts.each_ref().map(|text| Document::read(text.as_bytes()).unwrap());
        let proposal = Proposal::draft(ProposalNumber::FIRST, "a title", &from, &to);
        prop_assert_eq!(&Proposal::read(proposal.to_json().as_bytes()).unwrap(), &proposal);
        prop_assert_eq!(mismatches(&proposal, &from, &to), []);

        for index in 0..proposal.changes.len() {
            let mut less = proposal.clone();
            let change = less.changes.remove(index);
            prop_assert_eq!(mismatches(&less, &from, &to), [Mismatch::Undeclared(change.clone())]);
            for alter in ALTERATIONS {
                let mut other = proposal.clone();
                alter(&mut other.changes[index]);
                let altered = other.changes[index].clone();
                let expected = [Mismatch::Undeclared(change.clone()), Mismatch::NotFound { index, change: altered }];
                prop_assert_eq!(mismatches(&other, &from, &to), expected);
            }
        }
        for (field, pick) in [
            (ProposalField::InvariantsImpacted, (|p| &mut p.invariants_impacted) as fn(&mut Proposal) -> &mut Vec<String>),
            (ProposalField::CapabilitiesImpacted, |p| &mut p.capabilities_impacted),
        ] {
            for index in 0..pick(&mut proposal.clone()).len() {
                let mut less = proposal.clone();
                let id = pick(&mut less).remove(index);
                prop_assert_eq!(mismatches(&less, &from, &to), [Mismatch::NotListed { field, id }]);
            }
            let mut more = proposal.clone();
            pick(&mut more).push("none".to_owned());
            prop_assert_eq!(mismatches(&more, &from, &to), [Mismatch::NotThere { field, id: "none".to_owned() }]);
        }

        // By hand: an action that was allowed is not, or a definition that was good is not, or others sign, under other names, or more of them, or fewer.
        let signers = |model: &Model| model.signers.iter().copied().collect::<BTreeSet<_>>();
        let breaking = model::ACTIONS.iter().any(|action| old.allows(action) && !new.allows(action))
            || model::ACTIONS.iter().chain(&[model::INSTRUCTIONS]).any(|action| breaks_pin(&old, &new, action))
            || signers(&old) != signers(&new)
            || old.threshold != new.threshold;
        prop_assert_eq!(proposal.breaking, breaking);
        let mut unbroken = proposal.clone();
        unbroken.breaking = false;
        prop_assert_eq!(mismatches(&unbroken, &from, &to), Vec::from_iter(breaking.then_some(Mismatch::Breaking)));

        // Of either id another genome is meant.
        let id = GenomeId::of_canonical_form(b"");
        for (field, stated) in [(ProposalField::FromGenomeId, from.id()), (ProposalField::ToGenomeId, to.id())] {
            let mut other = proposal.clone();
            if field == ProposalField::FromGenomeId { other.from_genome_id = id } else { other.to_genome_id = id }
            prop_assert_eq!(mismatches(&other, &from, &to), [Mismatch::Id { field, stated: id, id: stated }]);
        }
    }

    #[test]
    fn a_critical_invariant_cannot_be_given_up(old in any_model(), new in any_model()) {
        let texts = [old.to_json(), new.to_json()];
        let [from, to] = texts.each_ref().map(|text| Document::read(text.as_bytes()).unwrap());
        let mut proposal = Proposal::draft(ProposalNumber::FIRST, "a title", &from, &to);
        for &status in ProposalStatus::ALL {
            proposal.status = status;
            let lost = proposal.mismatches(&from, &to, None).into_iter().filter_map(|mismatch| match mismatch {
                Mismatch::CriticalInvariant(id) => Some(id),
                _ => None,
            });
            let expected: BTreeSet<String> = critical(&old).difference(&critical(&new)).cloned().collect();
            // What was decided against may be kept as it was.
            let expected = if status == ProposalStatus::Rejected { BTreeSet::new() } else { expected };
            prop_assert_eq!(lost.collect::<BTreeSet<_>>(), expected);
            // Nobody has signed either of them, which matters from the day on which it is in use.
            let is_unsigned = proposal.mismatches(&from, &to, None).iter().any(
                |mismatch| matches!(mismatch, Mismatch::Step(check) if check.kind == SuccessionCheckKind::OwnSignatures));
            prop_assert_eq!(is_unsigned, status == ProposalStatus::Deployed);
        }
    }

    #[test]
    fn probes_say_what_the_ceiling_answers(model in any_model()) {
        let text = model.to_json();
        let genome = Document::read(text.as_bytes()).unwrap();
        for action in model::ACTIONS.iter().chain(&["never"]) {
            let allowed = model.allows(action);
            for (field, expected) in [("must_allow", true), ("must_deny", false)] {
                let probes = Probes::read(format!(r#"{{"{field}": ["{action}"]}}"#).as_bytes()).unwrap();
                prop_assert_eq!(probes.mismatches(&genome).is_empty(), allowed == expected);
            }
        }
    }
}
