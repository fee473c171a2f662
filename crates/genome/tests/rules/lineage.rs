//! Who must be trusted, computed a second time: random lineages, and a plain method beside the verifier's.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod case;
mod drawing;
mod judge;
mod verdict;

use case::{Authority, Capability, Case, DAY, Found, KEYS, Key, Label, Model, Policy, version};
use ed25519_dalek::Signer as _;
use genome::refusal::{Check, CheckResult, LineageProblem};
use genome::{Code, Genome, Lineage, Refusal, Refused, Trust, Verified, Warning};
use judge::Judge;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::thread;
use verdict::{No, Verdict, verdict, verify};

/// Numbers as good as random, the same each time (`SplitMix64`).
fn numbers(seed: u64) -> Vec<u16> {
    let mut state = seed << 32;
    let next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u16::try_from((z ^ (z >> 31)) >> 48).unwrap()
    };
    std::iter::repeat_with(next).take(600).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn two_methods_trust_the_same(numbers in vec(any::<u16>(), 100..600)) {
        let case = Case::draw(&numbers);
        prop_assert_eq!(verdict(&verify(&case)), Judge { case: &case }.verdict(), "the verifier, and the second method, on {:#?}", case);
    }
}

/// What comes out, in the words of the report; for a broken lineage, also how it is broken.
fn outcomes(result: &Result<Verified<Genome>, Refused>) -> Vec<&'static str> {
    match result {
        Err(refused) => {
            let broken = refused.iter().find_map(|refusal| match refusal {
                Refusal::LineageBroken(fault) => Some(match fault.problem {
                    LineageProblem::Missing { .. } => "a parent is missing",
                    LineageProblem::Refused { ref refusal, .. } if refusal.code() != Code::InvalidSignature => {
                        "a parent is refused"
                    }
                    LineageProblem::Refused { .. } | LineageProblem::InvalidSignature(_) => "an ancestor with a bad signature",
                    LineageProblem::Quorum(ref quorums) if quorums.iter().any(|quorum| quorum.because.is_some()) => {
                        "a step without its approvals"
                    }
                    LineageProblem::Quorum(_) => "a step without the quorum",
                    LineageProblem::Older { .. } => "a child older than its parent",
                    LineageProblem::NotHigher { .. } => "a child of no higher version",
                    LineageProblem::NotHigherThanAncestor { .. } => "a name that comes back below",
                    _ => "something else",
                }),
                _ => None,
            });
            let too_few = refused.iter().any(|refusal| match refusal {
                Refusal::Untrusted(untrusted) => untrusted.quorum.as_ref().is_some_and(|quorum| quorum.because.is_some()),
                _ => false,
            });
            [Some(refused.first().code().as_str()), broken, too_few.then_some("pinned by too few")].into_iter().flatten().collect()
        }
        Ok(genome) => {
            let lineage = genome.lineage();
            let has = |word, is: &dyn Fn(&Lineage) -> bool| lineage.is_some_and(is).then_some(word);
            let found = [
                Some(genome.trust().as_str()),
                genome.warnings().iter().any(|warning| matches!(warning, Warning::UnknownSigner(_))).then_some("an unknown signer"),
                has("a returned key", &|lineage| !lineage.returned.is_empty()),
                has("several ancestors pinned", &|lineage| lineage.pinned.len() > 1),
                has("a copy that is passed over", &|lineage| !lineage.bad_copies.is_empty()),
                has("five ancestors", &|lineage| lineage.ancestors >= 5),
            ];
            found.into_iter().flatten().collect()
        }
    }
}

/// What is drawn reaches whatever may come out, often enough that the comparison means something.
#[test]
fn every_outcome_is_reached() {
    const CASES: u64 = 2600;
    // It is the longest of all these tests: one core would be at work, and the others would wait.
    const JUDGES: usize = 4;
    const OFTEN: [&str; 10] = [
        "pinned",
        "lineage",
        "self-declared",
        "GENOME_UNTRUSTED",
        "GENOME_LINEAGE_BROKEN",
        "GENOME_REVOKED_KEY",
        "GENOME_INVALID_SIGNATURE",
        "GENOME_INSUFFICIENT_SIGNATURES",
        "GENOME_ROLLBACK",
        "a copy that is passed over",
    ];
    const AT_TIMES: [&str; 16] = [
        "GENOME_STALE",
        "GENOME_UNSIGNED",
        "GENOME_INVALID_SCHEMA",
        "a parent is missing",
        "a parent is refused",
        "an ancestor with a bad signature",
        "a step without the quorum",
        "a step without its approvals",
        "pinned by too few",
        "a child older than its parent",
        "a child of no higher version",
        "a name that comes back below",
        "an unknown signer",
        "a returned key",
        "several ancestors pinned",
        "five ancestors",
    ];
    let outcomes_of = |seed| {
        let case = Case::draw(&numbers(seed));
        let result = verify(&case);
        assert_eq!(verdict(&result), Judge { case: &case }.verdict(), "the verifier, and the second method, on seed {seed}");
        outcomes(&result)
    };
    let of_some = |first| (first..CASES).step_by(JUDGES).flat_map(outcomes_of).collect::<Vec<_>>();
    let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
    thread::scope(|scope| {
        let judges: Vec<_> = (0..JUDGES as u64).map(|first| scope.spawn(move || of_some(first))).collect();
        for outcome in judges.into_iter().flat_map(|judge| judge.join().unwrap()) {
            *reached.entry(outcome).or_default() += 1;
        }
    });
    for (expected, least) in OFTEN.map(|outcome| (outcome, 30)).into_iter().chain(AT_TIMES.map(|outcome| (outcome, 5))) {
        let times = reached.get(expected).copied().unwrap_or_default();
        assert!(times >= least, "{expected}: {times} times; of {CASES} cases: {reached:#?}");
    }
}

// --- Cases by hand ---

/// What is rare where chance draws.
impl Case {
    /// A case without genomes, in which a policy names these signers, of whom so many are enough.
    fn of(anchor: &[(Label, Key)], threshold: usize) -> Self {
        let authority = Some(Authority { signers: anchor.to_vec(), threshold });
        let policy = Some(Policy { authority, ..Policy::default() });
        Self { policy, clock: 15 * DAY, searched: true, ..Self::default() }
    }

    /// The next genome, whose signers all have to sign, and who signed it under which key id.
    fn add(&mut self, parents: &[usize], signers: &[(Label, Key)], signatures: &[(Label, Key)]) {
        let authority = Authority { signers: signers.to_vec(), threshold: signers.len() };
        let rank = 6 * self.genomes.len();
        let created = (15 * DAY, "2026-01-16T00:00:00Z");
        let mut genome =
            Model::new(0, (rank, &version(rank)), created, (authority, Capability::default()), parents.to_vec(), &self.genomes);
        let message = genome.canonical.as_bytes();
        genome.signatures = signatures.iter().map(|&(label, key)| (label, KEYS[key].sign(message).to_bytes())).collect();
        genome.copies = vec![genome.signatures.clone()];
        self.genomes.push(genome);
    }

    /// What both methods say.
    fn verdict(&self) -> Verdict {
        let said = Judge { case: self }.verdict();
        assert_eq!(verdict(&verify(self)), said, "the verifier, and the second method");
        said
    }
}

/// Every signature of an ancestor is looked at, also where nothing above it is.
#[test]
fn a_root_with_a_bad_signature_breaks_the_lineage() {
    for (by, expected) in [(1, None), (5, Some(Code::LineageBroken))] {
        let mut case = Case::of(&[(1, 1)], 1);
        case.add(&[], &[(0, 0)], &[(0, 0), (1, by)]);
        case.add(&[0], &[(0, 0), (1, 1)], &[(0, 0), (1, 1)]);
        case.asked = true;
        match (case.verdict(), expected) {
            (Verdict::Accepted { trust, .. }, None) => assert_eq!(trust, Trust::Pinned),
            (Verdict::Refused(no), Some(code)) => assert_eq!(no, [No(code, vec![])]),
            other => panic!("{other:?}"),
        }
    }
}

/// A bad signature on the genome itself is that, and no fault of its lineage, whoever gives the signer a name.
#[test]
fn a_bad_signature_in_a_parents_name() {
    let mut case = Case::of(&[(1, 1)], 1);
    case.add(&[], &[(1, 1), (2, 2)], &[(1, 1), (2, 2)]);
    case.add(&[0], &[(1, 1)], &[(1, 1), (2, 5)]);
    assert!(matches!(case.verdict(), Verdict::Accepted { trust: Trust::Pinned, .. }), "without the lineage nobody knows the name");
    case.asked = true;
    assert_eq!(case.verdict(), Verdict::Refused(vec![No(Code::InvalidSignature, vec![])]));
    let refused = verify(&case).unwrap_err();
    let states: Vec<CheckResult> = [Check::Signatures, Check::Threshold, Check::Lineage]
        .iter()
        .map(|check| refused.checklist().iter().find(|(listed, _)| listed == check).unwrap().1)
        .collect();
    assert_eq!(states, [CheckResult::Failed, CheckResult::Held, CheckResult::NotEvaluated]);
}

/// The policy and a parent give one key id to different keys: the signature is the parent's, although another parent is missing.
#[test]
fn a_missing_parent_makes_no_signature_invalid() {
    let mut case = Case::of(&[(2, 5)], 1);
    case.add(&[], &[(1, 1)], &[(1, 1)]);
    case.add(&[], &[(2, 2)], &[(2, 2)]);
    case.add(&[0, 1], &[(3, 3)], &[(1, 1), (2, 2), (3, 3)]);
    case.genomes[0].found = Found::Nothing;
    assert_eq!(case.verdict(), Verdict::Refused(vec![No(Code::LineageBroken, vec![]), No(Code::Untrusted, vec![1])]));
}

/// What a parent calls a key of the policy counts for the parent, and pins nothing: the policy's signature is still missing.
#[test]
fn a_parents_name_for_a_key_of_the_policy() {
    let mut case = Case::of(&[(5, 1), (6, 4)], 2);
    case.add(&[], &[(1, 1)], &[(1, 1)]);
    case.add(&[0], &[(2, 2)], &[(1, 1), (2, 2), (6, 4)]);
    assert_eq!(case.verdict(), Verdict::Refused(vec![No(Code::Untrusted, vec![1])]));
}

/// What the policy calls a key does not count for the genome's own authority, which must be met by the names that it gives itself.
#[test]
fn the_policys_name_for_a_key_of_the_genome() {
    let mut case = Case::of(&[(5, 1)], 1);
    case.add(&[], &[(1, 1), (2, 2)], &[(2, 2), (5, 1)]);
    assert_eq!(case.verdict(), Verdict::Refused(vec![No(Code::InsufficientSignatures, vec![1])]));
}
