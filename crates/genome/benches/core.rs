//! The core's speed, on the root genome and on one of 100,000 actions (about 9 MB), beside what else could do the same.
//!
//! `cargo bench -p genome`; the ratios within one run are what counts.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on must stop")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use genome::change::Change;
use genome::dangerous::{Intact, accept_self_declared, verify_self_declared};
use genome::{Document, Genome, GenomeId, PrivateKey, Trust, TrustPolicy, Verifier, json};
use genome_json::canonicalize;
use hashbrown::HashMap;
use std::collections;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::hint::black_box;
use std::time::SystemTime;

const ROOT: &str = include_str!("../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");
/// Its one signer's.
const ROOT_KEY: &str = "MCowBQYDK2VwAyEA8Bksyr08LMu5KLixG1/72+UaIZFgbx3Nk+17JJ4N19E=";

/// A genome, signed, and the actions that its ceiling is asked about.
struct Sample {
    name: &'static str,
    draft: String,
    signed: String,
    key: PrivateKey,
}

impl Sample {
    fn new(name: &'static str, draft: &str) -> Self {
        let key = PrivateKey::from_seed(&[7; 32]);
        let draft = draft.replace(ROOT_KEY, &key.public_key().to_string());
        let mut document = Document::read(draft.as_bytes()).unwrap();
        document.sign(None, &key, &[]).unwrap();
        let signed = document.to_json();
        Self { name, draft, signed, key }
    }

    fn all() -> [Self; 2] {
        [Self::new("root", ROOT), Self::new("100k", &large())]
    }
}

/// The root genome with 1,000 more capabilities of 100 actions each.
fn large() -> String {
    let mut capabilities = String::new();
    for capability in 0..1000 {
        let actions: Vec<String> = (0..100)
            .map(|action| {
                format!("        \"tenant-{capability:04}/workspace-{action:03}/memory/graph/nodes-and-edges/create-or-update\"")
            })
            .collect();
        write!(
            capabilities,
            "    {{\n      \"cap_id\": \"CAP-{capability}\",\n      \"risk_class\": \"B\",\n      \"allow_actions\": [\n{}\n      ],\n      \"deny_actions\": []\n    }},\n",
            actions.join(",\n")
        )
        .unwrap();
    }
    ROOT.replace("\"capabilities\": [\n", &format!("\"capabilities\": [\n{capabilities}"))
}

fn reading(criterion: &mut Criterion) {
    for sample in Sample::all() {
        let bytes = sample.signed.as_bytes();
        let mut group = criterion.benchmark_group(format!("reading/{}", sample.name));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.sample_size(20);
        group.bench_function("parse", |bencher| bencher.iter(|| json::parse(black_box(bytes)).unwrap()));
        group.bench_function("canonicalize", |bencher| bencher.iter(|| canonicalize(black_box(bytes)).unwrap()));
        group.bench_function("canonicalize, serde_json::Value + serde_json_canonicalizer", |bencher| {
            bencher.iter(|| {
                let value: serde_json::Value = serde_json::from_slice(black_box(bytes)).unwrap();
                serde_json_canonicalizer::to_vec(&value).unwrap()
            });
        });
        group.bench_function("document", |bencher| bencher.iter(|| Document::read(black_box(bytes)).unwrap()));
        group.finish();
    }
}

fn signatures(criterion: &mut Criterion) {
    for sample in Sample::all() {
        let mut group = criterion.benchmark_group(format!("signatures/{}", sample.name));
        group.throughput(Throughput::Bytes(sample.signed.len() as u64));
        group.sample_size(20);
        group.bench_function("sign", |bencher| {
            bencher.iter(|| {
                let mut document = Document::read(black_box(sample.draft.as_bytes())).unwrap();
                document.sign(None, &sample.key, &[]).unwrap();
                document.to_json()
            });
        });
        group.bench_function("verify", |bencher| {
            bencher.iter(|| verify_self_declared(black_box(sample.signed.as_bytes())).unwrap());
        });
        group.finish();
    }
}

fn ceiling(criterion: &mut Criterion) {
    for sample in Sample::all() {
        let genome = accept_self_declared(SystemTime::UNIX_EPOCH).verify(sample.signed.as_bytes()).unwrap();
        let ceiling = genome.to_ceiling();
        let mut map: HashMap<String, (usize, bool), foldhash::fast::RandomState> = HashMap::default();
        let mut actions: Vec<String> = Vec::new();
        for (index, capability) in genome.capabilities.iter().enumerate() {
            for (list, allowed) in [(&capability.allow_actions, true), (&capability.deny_actions, false)] {
                for action in list {
                    map.insert(action.clone(), (index, allowed));
                }
            }
        }
        // What is asked for does not lie in memory beside what is stored.
        for action in map.keys() {
            actions.push(action.clone());
            actions.push(format!("{action}?"));
        }
        // Neither the table's order nor the document's.
        actions.sort_by_key(|action| genome::Digest::of(action.as_bytes()));
        let mut group = criterion.benchmark_group(format!("ceiling/{}", sample.name));
        group.throughput(Throughput::Elements(actions.len() as u64));
        group.bench_function("decide", |bencher| {
            bencher.iter(|| actions.iter().filter(|action| ceiling.decide(black_box(action)).is_allowed()).count());
        });
        group.bench_function("hashbrown with foldhash", |bencher| {
            bencher.iter(|| {
                let allowed = |action: &&String| map.get(black_box(action.as_str())).is_some_and(|&(_, allowed)| allowed);
                actions.iter().filter(allowed).count()
            });
        });
        group.bench_function("build", |bencher| bencher.iter(|| black_box(&genome).to_ceiling()));
        group.finish();
    }
}

/// What a large genome says otherwise than another, beside the time that both take to be parsed, as JSON alone and as genomes: it should
/// be less than 20 times that.
fn comparison(criterion: &mut Criterion) {
    let large = large();
    // All actions stand elsewhere; all are others.
    let moved = large.replace("\"cap_id\": \"CAP-", "\"cap_id\": \"CAP-NEW-");
    let other = large.replace("\"tenant-", "\"customer-");
    let read = |text: &str| Document::read(text.as_bytes()).unwrap().unverified().clone();
    for (name, later) in [("the same", &large), ("moved", &moved), ("others", &other)] {
        let (from, to) = (read(&large), read(later));
        let mut group = criterion.benchmark_group(format!("comparison/100k/{name}"));
        group.sample_size(20);
        group.bench_function("parse both", |bencher| {
            bencher.iter(|| [&large, later].map(|text| json::parse(black_box(text.as_bytes())).map(black_box).is_ok()));
        });
        group.bench_function("read both", |bencher| {
            bencher.iter(|| [&large, later].map(|text| Document::read(black_box(text.as_bytes())).map(black_box).is_ok()));
        });
        group.bench_function("changes", |bencher| bencher.iter(|| Change::between(black_box(&from), black_box(&to)).len()));
        group.finish();
    }
}

/// A chain of root genomes from the one that the policy pins.
struct Chain {
    policy: TrustPolicy,
    ancestors: collections::HashMap<GenomeId, Vec<u8>>,
    /// The genome at its lower end.
    last: Vec<u8>,
}

impl Chain {
    /// A chain of so many ancestors, with a new key in each generation or one for all.
    fn new(ancestors: u64, rotated: bool) -> Self {
        let number = |generation: u64| if rotated { generation } else { 0 };
        let of_this_run = RandomState::new().hash_one(());
        let key = |generation: u64| {
            let drawn = genome::Digest::of(format!("{of_this_run} {}", number(generation)).as_bytes());
            PrivateKey::from_seed(drawn.as_bytes())
        };
        let key_id = |generation: u64| format!("key-{}", number(generation));
        let mut files: Vec<(GenomeId, Vec<u8>)> = Vec::new();
        let mut parent: Option<Intact<Genome>> = None;
        for generation in 0..=ancestors {
            let parents = parent.as_ref().map_or_else(String::new, |parent| format!("\"{}\"", parent.id()));
            let draft = ROOT
                .replace(ROOT_KEY, &key(generation).public_key().to_string())
                .replace("totk-dev-key-001", &key_id(generation))
                .replace("\"parents\": []", &format!("\"parents\": [{parents}]"))
                .replace("\"version\": \"1.0.0\"", &format!("\"version\": \"1.{generation}.0\""));
            let mut document = Document::read(draft.as_bytes()).unwrap();
            for signer in generation.saturating_sub(1)..=generation {
                document.sign(Some(&key_id(signer).parse().unwrap()), &key(signer), parent.as_slice()).unwrap();
            }
            let signed = document.to_json().into_bytes();
            let genome = verify_self_declared(&signed).unwrap();
            files.push((genome.id(), signed));
            parent = Some(genome);
        }
        let policy = format!("{{\"schema_version\": \"trust.v0.1\", \"genome_ids\": [\"{}\"]}}", files[0].0);
        let (_, last) = files.pop().unwrap();
        Self { policy: TrustPolicy::read(policy.as_bytes()).unwrap(), ancestors: files.into_iter().collect(), last }
    }
}

/// The time for each genome, which does not grow with their number, beside that of verifying each by itself. Where the key is another
/// in each generation, a step has two signatures to check and a genome by itself has one.
fn lineage(criterion: &mut Criterion) {
    for (keys, rotated) in [("one key", false), ("rotated", true)] {
        for ancestors in [10, 100, 1000] {
            let chain = Chain::new(ancestors, rotated);
            let mut group = criterion.benchmark_group(format!("lineage/{keys}/{ancestors}"));
            group.throughput(Throughput::Elements(ancestors + 1));
            group.sample_size(20);
            group.bench_function("followed", |bencher| {
                bencher.iter(|| {
                    let verifier = Verifier::trusting(&chain.policy, SystemTime::UNIX_EPOCH).with_ancestors(&chain.ancestors);
                    let genome = verifier.verify(black_box(&chain.last)).unwrap();
                    assert_eq!(genome.trust(), Trust::Lineage);
                });
            });
            group.bench_function("each by itself", |bencher| {
                bencher.iter(|| {
                    let files = chain.ancestors.values().chain([&chain.last]);
                    files.map(|file| verify_self_declared(black_box(file)).unwrap().parents.len()).sum::<usize>()
                });
            });
            group.finish();
        }
    }
}

criterion_group!(benches, reading, signatures, ceiling, comparison, lineage);
criterion_main!(benches);
