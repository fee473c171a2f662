//! Long and wide lineages: nothing is read twice, no depth exhausts the stack, and what is hostile costs no more than what is honest.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::pkcs8::EncodePublicKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use genome::approvals::ApprovalReason;
use genome::lineage::Ancestor;
use genome::refusal::LineageProblem;
use genome::{Ancestors, Code, Digest, Genome, GenomeId, Refusal, Refused, Trust, TrustPolicy, Verified, Verifier, Warning};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::Path;
use std::sync::LazyLock;
use std::thread;
use std::time::SystemTime;

/// A chain of this many, and a ladder of as many in pairs.
const GENERATIONS: usize = 10_000;

/// A key and its key id.
#[derive(Clone)]
struct Holder {
    key_id: String,
    key: SigningKey,
    public_key: String,
}

impl Holder {
    /// The holder of this number.
    fn new(number: usize) -> Self {
        static DRAWN: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()));
        let drawn = Digest::of(format!("{} {number}", *DRAWN).as_bytes());
        let key = SigningKey::from_bytes(drawn.as_bytes());
        let public_key = Base64::encode_string(key.verifying_key().to_public_key_der().unwrap().as_bytes());
        Self { key_id: format!("key-{number}"), key, public_key }
    }

    fn called(mut self, key_id: &str) -> Self {
        key_id.clone_into(&mut self.key_id);
        self
    }
}

/// Genomes by their ids, and how often each was asked for.
#[derive(Default)]
struct Store {
    files: HashMap<GenomeId, Vec<u8>>,
    reads: RefCell<HashMap<GenomeId, usize>>,
}

impl Ancestors for Store {
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>> {
        *self.reads.borrow_mut().entry(id).or_default() += 1;
        self.files.find(id)
    }
}

impl Store {
    /// Makes a genome, all of whose signers have to sign, and has these sign it.
    fn add(&mut self, name: &str, minor: usize, parents: &[GenomeId], authority: &[&Holder], signers: &[&Holder]) -> GenomeId {
        let list = |items: Vec<String>| items.join(",");
        let holders = authority.iter().map(|Holder { key_id, public_key, .. }| {
            format!(r#"{{"alg":"ed25519","key_id":"{key_id}","public_key":"{public_key}"}}"#)
        });
        let threshold = authority.len();
        // The canonical form itself (RFC 8785), but for the brace at its end.
        let mut file = format!(
            r#"{{"authority":{{"signers":[{}],"threshold":{threshold}}},"build_manifest":{{"files":[]}},"capabilities":[],"created_at":"2026-01-31T00:00:00Z","invariants":[],"name":"{name}","parents":[{}],"schema_version":"genome.v0.1","version":"1.{minor}.0""#,
            list(holders.collect()),
            list(parents.iter().map(|parent| format!("\"{parent}\"")).collect()),
        );
        let message = format!("{file}}}");
        let signatures = signers.iter().map(|Holder { key_id, key, .. }| {
            let signature = Base64::encode_string(&key.sign(message.as_bytes()).to_bytes());
            format!(r#"{{"alg":"ed25519","sig_base64":"{signature}","signer_key_id":"{key_id}"}}"#)
        });
        write!(file, r#","signatures":[{}]}}"#, list(signatures.collect())).unwrap();
        let id = GenomeId::of_canonical_form(message.as_bytes());
        self.files.insert(id, file.into_bytes());
        id
    }

    /// Verifies a genome whose ancestors are in the store, with a policy that pins these; in a thread with a small stack.
    fn verify(self, id: GenomeId, pinned: &[GenomeId]) -> (Result<Verified<Genome>, Refused>, HashMap<GenomeId, usize>) {
        self.verify_at(id, pinned, "{}")
    }

    /// As `verify`, under a policy with this `quorum`.
    fn verify_at(
        mut self,
        id: GenomeId,
        pinned: &[GenomeId],
        quorum: &str,
    ) -> (Result<Verified<Genome>, Refused>, HashMap<GenomeId, usize>) {
        let pinned: Vec<String> = pinned.iter().map(|id| format!("\"{id}\"")).collect();
        let policy = format!(r#"{{"schema_version":"trust.v0.1","quorum":{quorum},"genome_ids":[{}]}}"#, pinned.join(","));
        let walk = move || {
            let file = self.files.remove(&id).unwrap();
            let policy = TrustPolicy::read(policy.as_bytes()).unwrap();
            let verifier = Verifier::trusting(&policy, SystemTime::now()).with_ancestors(&self);
            (verifier.verify(&file), self.reads.into_inner())
        };
        thread::Builder::new().stack_size(256 * 1024).spawn(walk).unwrap().join().unwrap()
    }
}

/// The genome is trusted by its lineage, and each of so many ancestors was read once.
fn assert_lineage(
    (result, reads): (Result<Verified<Genome>, Refused>, HashMap<GenomeId, usize>),
    ancestors: usize,
) -> Verified<Genome> {
    let genome = result.unwrap();
    assert_eq!((genome.trust(), genome.lineage().unwrap().ancestors), (Trust::Lineage, ancestors));
    assert_eq!(reads.len(), ancestors);
    assert!(reads.values().all(|&times| times == 1));
    genome
}

#[test]
fn a_chain_with_another_key_in_each_generation() {
    let mut store = Store::default();
    let mut before = Holder::new(0);
    let root = store.add("CHAIN", 0, &[], &[&before], &[&before]);
    let mut last = root;
    for generation in 1..GENERATIONS {
        let next = Holder::new(generation);
        last = store.add("CHAIN", generation, &[last], &[&next], &[&before, &next]);
        before = next;
    }
    let genome = assert_lineage(store.verify(last, &[root]), GENERATIONS - 1);
    assert_eq!(genome.lineage().unwrap().returned, []);
}

/// Each layer has two genomes, and each of them both of the layer above as parents: 2^5000 ways lead to the top.
#[test]
fn a_ladder_of_diamonds() {
    let mut store = Store::default();
    let mut before = [0, 1].map(Holder::new);
    let top = [0, 1].map(|side| store.add(["LEFT", "RIGHT"][side], 0, &[], &[&before[side]], &[&before[side]]));
    let mut parents = top;
    for layer in 1..GENERATIONS / 2 {
        let next = [0, 1].map(|side| Holder::new(2 * layer + side));
        parents = [0, 1].map(|side| {
            let [one, other] = &before;
            store.add(["LEFT", "RIGHT"][side], layer, &parents, &[&next[side]], &[one, other, &next[side]])
        });
        before = next;
    }
    let [one, other] = &before;
    let last = store.add("LEFT", GENERATIONS, &parents, &[one], &[one, other]);
    assert_lineage(store.verify(last, &top), GENERATIONS);
}

#[test]
fn a_genome_with_a_thousand_parents() {
    let mut store = Store::default();
    // A genome carries at most 512 signatures, so that some holders have two parents.
    let holders: Vec<Holder> = (0..1000).map(|number| Holder::new(number % 512)).collect();
    let parents: Vec<GenomeId> =
        holders.iter().enumerate().map(|(number, holder)| store.add("FAN", number / 512, &[], &[holder], &[holder])).collect();
    let signers: Vec<&Holder> = holders.iter().take(512).collect();
    let last = store.add("FAN", 2, &parents, &signers[..1], &signers);
    assert_lineage(store.verify(last, &parents), 1000);
}

/// A signature is tried with 4 keys at most, whatever the parents say whose it is: each try takes a pass over the document.
#[test]
fn a_thousand_parents_give_one_name_to_different_keys() {
    let own = Holder::new(5000);
    let namesakes: Vec<Holder> = (0..1000).map(|number| Holder::new(number).called("shared")).collect();
    for (by, is_found) in [(0, true), (3, true), (4, false), (999, false)] {
        let mut store = Store::default();
        let parents: Vec<GenomeId> = namesakes.iter().map(|holder| store.add("FAN", 0, &[], &[holder], &[holder])).collect();
        let last = store.add("FAN", 1, &parents, &[&own], &[&own, &namesakes[by]]);
        let (result, reads) = store.verify(last, &parents);
        assert_eq!(reads.len(), 1000);
        let refusals: Vec<Refusal> = result.unwrap_err().iter().cloned().collect();
        let invalid: Vec<usize> = refusals
            .iter()
            .filter_map(|refusal| match refusal {
                Refusal::InvalidSignature(bad) => Some(bad.len()),
                _ => None,
            })
            .collect();
        assert_eq!(invalid, if is_found { vec![] } else { vec![1] }, "signed by the key of parent {by}");
        let unmet = refusals.iter().find_map(|refusal| match refusal {
            Refusal::LineageBroken(fault) => match &fault.problem {
                LineageProblem::Quorum(quorums) => Some(quorums.len()),
                _ => None,
            },
            _ => None,
        });
        assert_eq!(unmet, is_found.then_some(999), "signed by the key of parent {by}");
    }
}

/// One key comes and goes in every second generation, and each other key comes back after half of the chain.
#[test]
fn keys_that_are_dropped_and_taken_back_in_every_second_generation() {
    let mut store = Store::default();
    let often = Holder::new(GENERATIONS).called("often");
    let mut before: Vec<Holder> = vec![Holder::new(0)];
    let root = store.add("CHAIN", 0, &[], &[&before[0]], &[&before[0]]);
    let mut last = root;
    for generation in 1..GENERATIONS {
        let mut next = vec![Holder::new(generation % (GENERATIONS / 2))];
        next.extend((generation % 2 == 1).then(|| often.clone()));
        let authority: Vec<&Holder> = next.iter().collect();
        let signers: Vec<&Holder> = before.iter().chain(&next).collect();
        last = store.add("CHAIN", generation, &[last], &authority, &signers);
        before = next;
    }
    let genome = assert_lineage(store.verify(last, &[root]), GENERATIONS - 1);
    let returned = &genome.lineage().unwrap().returned;
    // The one key in every odd generation but the first, the others once each.
    assert_eq!(returned.len(), GENERATIONS / 2 - 1 + GENERATIONS / 2);
    let of_the_one = returned.iter().filter(|returned| returned.signer.key_id.as_str() == "often");
    assert_eq!(of_the_one.count(), GENERATIONS / 2 - 1);
    let warnings = genome.warnings().iter().filter(|warning| matches!(warning, Warning::ReturnedKey(_)));
    assert_eq!(warnings.count(), returned.len());
}

/// Two sides with the same names, of which each comes back after half of the ladder: in no order of the generations do the versions rise
/// all the way, and on every way they do.
#[test]
fn thousands_of_names_that_come_back() {
    for falls in [false, true] {
        let mut store = Store::default();
        let holder = Holder::new(0);
        let half = GENERATIONS / 8;
        let top = [0, 1].map(|side| store.add("TOP", side, &[], &[&holder], &[&holder]));
        let mut parents = top;
        for layer in 0..2 * half {
            let minor = if falls && layer == 2 * half - 1 { 0 } else { 1 + layer / half };
            parents = [0, 1].map(|side| {
                // The same version on both sides, which do not descend from each other.
                let name = format!("NAME-{}", layer % half);
                store.add(&name, minor, &parents, &[&holder, &Holder::new(1 + side)], &[&holder, &Holder::new(1), &Holder::new(2)])
            });
        }
        let last = store.add("LAST", 0, &parents, &[&holder], &[&holder, &Holder::new(1), &Holder::new(2)]);
        if falls {
            let (result, _) = store.verify(last, &top);
            let refused = result.unwrap_err();
            let Refusal::LineageBroken(fault) = refused.first() else { panic!("broken") };
            assert!(matches!(fault.problem, LineageProblem::NotHigherThanAncestor { .. }), "{fault}");
        } else {
            assert_lineage(store.verify(last, &top), 2 + 4 * half);
        }
    }
}

/// A name that comes back below an ancestor is refused as far as the walk goes. That is up to what the policy pins, whether or not what
/// stands above it is there: who can take files away must not make a genome trusted.
#[test]
fn what_is_pinned_is_trusted_as_it_is() {
    for (pinned, removed, is_trusted) in [(0, false, false), (1, false, true), (1, true, true), (2, false, true)] {
        let mut store = Store::default();
        let holder = Holder::new(0);
        let top = store.add("NAME", 5, &[], &[&holder], &[&holder]);
        let other = store.add("OTHER", 1, &[top], &[&holder], &[&holder]);
        let last = store.add("NAME", 4, &[other], &[&holder], &[&holder]);
        if removed {
            store.files.remove(&top).unwrap();
        }
        let (result, _) = store.verify(last, &[[top, other, last][pinned]]);
        assert_eq!(result.is_ok(), is_trusted, "{pinned} {removed}");
        if let Err(refused) = result {
            let Refusal::LineageBroken(fault) = refused.first() else { panic!("broken") };
            assert!(matches!(fault.problem, LineageProblem::NotHigherThanAncestor { .. }), "{fault}");
        }
    }
}

/// A store in which one genome lies in other copies, too.
struct Flooded<'s> {
    store: &'s Store,
    id: GenomeId,
    copies: Vec<Ancestor>,
}

impl Ancestors for Flooded<'_> {
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>> {
        let copies = if id == self.id { self.copies.clone() } else { Vec::new() };
        Ok(copies.into_iter().chain(self.store.find(id)?).collect())
    }
}

/// Whoever puts copies beside a good one, forged in the name of a key of the policy, has nothing read for each of them.
#[test]
fn five_hundred_forged_copies() {
    let mut store = Store::default();
    let holders = [0, 1].map(Holder::new);
    let roots: Vec<GenomeId> =
        (0..20).map(|number| store.add(&format!("ROOT-{number}"), 0, &[], &[&holders[0]], &[&holders[0]])).collect();
    let middle = store.add("CHAIN", 1, &roots, &[&holders[0]], &[&holders[0]]);
    let last = store.add("CHAIN", 2, &[middle], &[&holders[0]], &[&holders[0]]);
    let file = store.files.remove(&last).unwrap();
    let good = String::from_utf8(store.files[&middle].clone()).unwrap();
    let forge = |number: usize| {
        let signature = Base64::encode_string(&holders[1].key.sign(&number.to_le_bytes()).to_bytes());
        let signature =
            format!(r#""signatures":[{{"alg":"ed25519","sig_base64":"{signature}","signer_key_id":"{}"}},"#, holders[1].key_id);
        Ancestor { bytes: Ok(good.replace("\"signatures\":[", &signature).into_bytes()), source: format!("forged-{number}").into() }
    };
    let flooded = Flooded { store: &store, id: middle, copies: (0..500).map(forge).collect() };
    let ids: Vec<String> = roots.iter().map(|id| format!("\"{id}\"")).collect();
    let Holder { key_id, public_key, .. } = &holders[1];
    let policy = format!(
        r#"{{"schema_version":"trust.v0.1","genome_ids":[{}],"signers":[{{"alg":"ed25519","key_id":"{key_id}","public_key":"{public_key}"}}],"threshold":1}}"#,
        ids.join(",")
    );
    let policy = TrustPolicy::read(policy.as_bytes()).unwrap();
    let genome = Verifier::trusting(&policy, SystemTime::now()).with_ancestors(&flooded).verify(&file).unwrap();
    assert_eq!((genome.trust(), genome.lineage().unwrap().bad_copies.len()), (Trust::Lineage, 500));
    // For what they call their keys, and as ancestors.
    assert!(store.reads.borrow().values().all(|&times| times <= 2), "{:?}", store.reads);
}

/// A copy that cannot be read is told of, and refuses a genome only where no other copy is good.
#[test]
fn one_copy_that_cannot_be_read() {
    let mut store = Store::default();
    let holder = Holder::new(0);
    let parent = store.add("CHAIN", 1, &[], &[&holder], &[&holder]);
    let child = store.add("CHAIN", 2, &[parent], &[&holder], &[&holder]);
    let file = store.files.remove(&child).unwrap();
    let policy = format!(r#"{{"schema_version":"trust.v0.1","genome_ids":["{parent}"]}}"#);
    let policy = TrustPolicy::read(policy.as_bytes()).unwrap();
    let unreadable = Ancestor { bytes: Err("of no use".to_owned()), source: "there".into() };
    let verify = |store: &Store| {
        let flooded = Flooded { store, id: parent, copies: vec![unreadable.clone()] };
        Verifier::trusting(&policy, SystemTime::now()).with_ancestors(&flooded).verify(&file)
    };
    let genome = verify(&store).unwrap();
    let copies = &genome.lineage().unwrap().unreadable_copies;
    assert_eq!(copies.iter().map(|copy| (copy.id, copy.source.as_path())).collect::<Vec<_>>(), [(parent, Path::new("there"))]);
    assert!(genome.warnings().iter().any(|warning| warning.to_string().ends_with("was passed over (there): of no use")));
    store.files.clear();
    let refused = verify(&store).unwrap_err().to_string();
    assert!(refused.contains(", which cannot be read (there): of no use"), "{refused}");
}

/// What a step lacks may stand on a copy of its child that cannot be read: whoever is refused is told which.
#[test]
fn a_step_that_lacks_what_a_copy_that_cannot_be_read_may_carry() {
    let mut store = Store::default();
    let holders = [0, 1].map(Holder::new);
    let [before, after] = [&holders[0], &holders[1]];
    let parent = store.add("CHAIN", 1, &[], &[before], &[before]);
    let child = store.add("CHAIN", 2, &[parent], &[after], &[after]);
    let last = store.add("CHAIN", 3, &[child], &[after], &[after]);
    let file = store.files.remove(&last).unwrap();
    let policy = format!(r#"{{"schema_version":"trust.v0.1","genome_ids":["{parent}"]}}"#);
    let policy = TrustPolicy::read(policy.as_bytes()).unwrap();
    let unreadable = |source: &str| Ancestor { bytes: Err("of no use".to_owned()), source: source.into() };
    for (copies, told) in [
        (vec![], None),
        (vec![unreadable("there")], Some("; a copy of CHILD cannot be read (there): of no use")),
        (
            vec![unreadable("there"), unreadable("here")],
            Some("; a copy of CHILD cannot be read (there): of no use; nor can 1 more"),
        ),
    ] {
        let flooded = Flooded { store: &store, id: child, copies };
        let refused = Verifier::trusting(&policy, SystemTime::now()).with_ancestors(&flooded).verify(&file).unwrap_err();
        assert_eq!(refused.first().code(), Code::LineageBroken);
        let (message, hint) = (refused.first().to_string(), refused.first().hint().to_string());
        let told = told.map(|told| told.replace("CHILD", &child.to_string()));
        assert!(told.as_ref().is_none_or(|told| message.ends_with(told)), "{message}");
        assert_eq!(
            told.is_some(),
            message.contains("cannot be read") && hint.starts_with("check that this user may read that copy"),
            "{hint}"
        );
    }
}

/// A way that ends at a root that is not pinned is found, however many others are good.
#[test]
fn one_stranger_among_a_thousand_parents() {
    let mut store = Store::default();
    let holder = Holder::new(0);
    let parents: Vec<GenomeId> =
        (0..1000).map(|number| store.add(&format!("FAN-{number}"), 0, &[], &[&holder], &[&holder])).collect();
    let last = store.add("FAN", 1, &parents, &[&holder], &[&holder]);
    let (result, _) = store.verify(last, &parents[..999]);
    let refused = result.unwrap_err();
    assert_eq!(refused.first().code(), Code::Untrusted);
    let Refusal::Untrusted(untrusted) = refused.first() else { panic!("untrusted") };
    assert_eq!(untrusted.roots.iter().map(|root| root.id).collect::<Vec<_>>(), [parents[999]]);
}

/// Each comparison takes a pass over the genome, so that one with very many parents is not compared: it needs what is strictest.
#[test]
fn a_thousand_parents_are_not_compared_with_their_child() {
    let holder = Holder::new(0);
    for (many, compared) in [(1, true), (16, true), (17, false), (1000, false)] {
        for (quorum, is_met) in [(r#"{"widening":2}"#, compared), (r#"{"widening":"all"}"#, true)] {
            let mut store = Store::default();
            let parents: Vec<GenomeId> = (0..many).map(|number| store.add("FAN", number, &[], &[&holder], &[&holder])).collect();
            let last = store.add("FAN", many, &parents, &[&holder], &[&holder]);
            let (result, _) = store.verify_at(last, &parents, quorum);
            if is_met {
                assert_eq!(result.unwrap().trust(), Trust::Lineage);
                continue;
            }
            let refused = result.unwrap_err();
            assert_eq!(refused.first().code(), Code::LineageBroken);
            let quorums = refused.first().quorums();
            assert_eq!(quorums.len(), many);
            assert!(quorums.iter().all(|quorum| quorum.because == Some(ApprovalReason::Parents) && quorum.tally.missing() == 1));
        }
    }
}
