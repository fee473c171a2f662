//! The core's speed, on the root genome and on one of 100,000 actions (about 9 MB), beside what else could do the same.
//!
//! `cargo bench -p genome`; the ratios within one run are what counts.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on must stop")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use genome::{Ceiling, Document, PrivateKey, canonicalize, json, verify};
use hashbrown::HashMap;
use std::fmt::Write as _;
use std::hint::black_box;

const ROOT: &str = include_str!("../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

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
        let root_key = "MCowBQYDK2VwAyEA8Bksyr08LMu5KLixG1/72+UaIZFgbx3Nk+17JJ4N19E=";
        let draft = draft.replace(root_key, &key.public_key().to_string());
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
        group.bench_function("verify", |bencher| bencher.iter(|| verify(black_box(sample.signed.as_bytes())).unwrap()));
        group.finish();
    }
}

fn ceiling(criterion: &mut Criterion) {
    for sample in Sample::all() {
        let genome = verify(sample.signed.as_bytes()).unwrap();
        let ceiling = Ceiling::of(&genome);
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
        group.bench_function("build", |bencher| bencher.iter(|| Ceiling::of(black_box(&genome))));
        group.finish();
    }
}

criterion_group!(benches, reading, signatures, ceiling);
criterion_main!(benches);
