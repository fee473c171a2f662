//! Genomes that were signed and then changed, by somebody who has keys of his own: what is accepted as signed is what was signed, and what
//! a trust policy accepts is one of the genomes that its signers have signed.

#![no_main]

use arbitrary::{Result, Unstructured};
use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use genome::dangerous::{Intact, verify_self_declared};
use genome::{Document, Genome, GenomeId, Refusal, Trust, TrustPolicy, Verifier};
use genome_fuzz::edits::edit;
use genome_fuzz::values;
use genome_json::text::Bare;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;
use std::time::SystemTime;

fuzz_target!(|bytes: &[u8]| {
    // Where the choices end, what was made so far is enough.
    let _ = attack(bytes);
});

/// The keys of the policy's signers, and of those who are trusted later on.
const ADA: u8 = 1;
const BEN: u8 = 2;
const CLEO: u8 = 3;
/// Those of the attacker.
const MALLORY: [u8; 2] = [8, 9];

const SIGNATURE_FIELDS: [&str; 2] = ["signature", "signatures"];

/// What the attacker finds.
struct World {
    policy: TrustPolicy,
    /// What the policy trusts: each genome, its id and its canonical form.
    trusted: Vec<(Value, GenomeId, String)>,
    /// That, what lacks a signature of its own signers or of the policy's, and what the attacker has signed himself.
    material: Vec<Value>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let root = genome("EXAMPLE", "1.0.0", &[], &[ADA, BEN], 2);
    let child = genome("EXAMPLE", "1.1.0", &[&root], &[ADA, CLEO], 2);
    let grandchild = genome("EXAMPLE", "1.2.0", &[&child], &[ADA, CLEO], 1);
    let another = genome("ANOTHER", "7.0.0", &[], &[BEN, ADA], 1);
    let trusted = [
        signed(&root, &[ADA, BEN]),
        signed(&child, &[ADA, BEN, CLEO]),
        signed(&grandchild, &[ADA, CLEO]),
        signed(&another, &[ADA, BEN]),
    ];
    let by_one = signed(&genome("EXAMPLE", "9.0.0", &[&root], &[ADA, BEN], 2), &[ADA]);
    let by_a_stranger = signed(&genome("EXAMPLE", "9.1.0", &[&grandchild], &[MALLORY[0], ADA], 1), &MALLORY[..1]);
    let for_one = signed(&genome("EXAMPLE", "9.2.0", &[&root], &[ADA], 1), &[ADA]);
    let material = trusted.iter().cloned().chain([by_one, for_one, by_a_stranger]).collect();
    let trusted = trusted.into_iter().map(|genome| {
        let form = canonical(&genome);
        (genome, GenomeId::of_canonical_form(form.as_bytes()), form)
    });
    let policy = json!({"signers": [signer(ADA), signer(BEN)], "threshold": 2}).to_string();
    World { policy: TrustPolicy::read(policy.as_bytes()).unwrap(), trusted: trusted.collect(), material }
});

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn key_id(number: u8) -> String {
    format!("key-{number}")
}

/// RFC 8410: the `SubjectPublicKeyInfo` of an Ed25519 key starts so.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

fn signer(number: u8) -> Value {
    let public_key = Base64::encode_string(&[&SPKI[..], key(number).verifying_key().as_bytes()].concat());
    json!({"key_id": key_id(number), "alg": "ed25519", "public_key": public_key})
}

fn genome(name: &str, version: &str, parents: &[&Value], signers: &[u8], threshold: usize) -> Value {
    let parents: Vec<String> =
        parents.iter().map(|parent| GenomeId::of_canonical_form(canonical(parent).as_bytes()).to_string()).collect();
    json!({
        "schema_version": "genome.v0.1", "name": name, "version": version, "parents": parents, "created_at": "2026-01-31T00:00:00Z",
        "authority": {"signers": signers.iter().map(|&number| signer(number)).collect::<Vec<_>>(), "threshold": threshold},
        "invariants": [{"id": "INV-1", "severity": "CRITICAL", "testable_claim": "it holds: é\n", "enforcement_hook": "gate"}],
        "capabilities": [
            {"cap_id": "CAP-1", "risk_class": "B", "allow_actions": ["read", "write"], "deny_actions": ["erase"]},
            {"cap_id": "CAP-2", "risk_class": "D", "allow_actions": ["erase"], "deny_actions": []},
        ],
        "build_manifest": {"files": [{"path": "bin/program", "sha256": "ab".repeat(32)}]},
    })
}

/// The canonical form of a document without its signatures, as others make it.
fn canonical(document: &Value) -> String {
    let mut unsigned: Map<String, Value> = document.as_object().unwrap().clone();
    unsigned.retain(|name, _| !SIGNATURE_FIELDS.contains(&name.as_str()));
    serde_json_canonicalizer::to_string(&unsigned).unwrap()
}

fn signature(form: &str, number: u8, name: &str) -> Value {
    let bytes = key(number).sign(form.as_bytes()).to_bytes();
    json!({"alg": "ed25519", "signer_key_id": name, "sig_base64": Base64::encode_string(&bytes)})
}

fn signed(document: &Value, signers: &[u8]) -> Value {
    let form = canonical(document);
    let signatures: Vec<Value> = signers.iter().map(|&number| signature(&form, number, &key_id(number))).collect();
    let mut document = document.clone();
    match signatures.as_slice() {
        [only] => document["signature"] = only.clone(),
        _ => document["signatures"] = signatures.into(),
    }
    document
}

/// A first byte that is not ASCII begins choices: what is signed is taken, and changed by them. Anything else is a document as it is.
fn attack(bytes: &[u8]) -> Result<()> {
    let mut ancestors: HashMap<GenomeId, Vec<u8>> =
        WORLD.trusted.iter().map(|(genome, id, _)| (*id, genome.to_string().into_bytes())).collect();
    let document = match bytes.first() {
        Some(first) if !first.is_ascii() => {
            let mut choices = Unstructured::new(&bytes[1..]);
            let document = mutant(&mut choices)?;
            if choices.ratio(1, 3)? {
                // In the place of a parent, too.
                let places: Vec<GenomeId> = WORLD.trusted.iter().map(|(_, id, _)| *id).collect();
                ancestors.insert(*choices.choose(&places)?, mutant(&mut choices)?);
            }
            document
        }
        _ => bytes.to_vec(),
    };
    judge(&document, &ancestors);
    Ok(())
}

/// Something signed, changed, and sometimes signed again by the attacker.
fn mutant(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut document = choices.choose(&WORLD.material)?.clone();
    for _ in 0..choices.int_in_range(0..=3_u8)? {
        values::change(&mut document, &WORLD.material, choices)?;
    }
    if document.is_object() && choices.ratio(1, 3)? {
        let form = canonical(&document);
        let names = [key_id(MALLORY[0]), key_id(ADA), key_id(BEN), key_id(CLEO)];
        let forged = signature(&form, *choices.choose(&MALLORY)?, choices.choose(&names)?);
        match document["signatures"].as_array_mut() {
            Some(signatures) if choices.ratio(1, 2)? => signatures.push(forged),
            _ => {
                let members = document.as_object_mut().unwrap();
                members.retain(|name, _| !SIGNATURE_FIELDS.contains(&name.as_str()));
                members.insert("signature".to_owned(), forged);
            }
        }
    }
    let mut bytes = if choices.ratio(1, 4)? { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }
        .unwrap()
        .into_bytes();
    if choices.ratio(1, 3)? {
        edit(&mut bytes, choices, &["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "1e0", ".0", " ", "\u{feff}", "null"])?;
    }
    Ok(bytes)
}

fn judge(document: &[u8], ancestors: &HashMap<GenomeId, Vec<u8>>) {
    let intact = verify_self_declared(document);
    match &intact {
        Ok(intact) => assert_signed(document, intact),
        Err(refusal) => assert_said(refusal),
    }
    for follows in [false, true] {
        let verifier = Verifier::trusting(&WORLD.policy, SystemTime::UNIX_EPOCH).with_ancestors(ancestors);
        let verifier = if follows { verifier.following_lineage() } else { verifier };
        match verifier.verify(document) {
            Ok(accepted) => {
                let is_trusted = |(_, id, form): &&(Value, GenomeId, String)| {
                    *id == accepted.id() && form.as_bytes() == accepted.canonical_form()
                };
                assert!(WORLD.trusted.iter().any(|genome| is_trusted(&genome)), "trusted: {}", document.escape_ascii());
                assert!(matches!(accepted.trust(), Trust::Pinned | Trust::Lineage));
                assert!(intact.is_ok(), "trusted, though its own signers have not signed");
            }
            Err(refused) => refused.iter().for_each(assert_said),
        }
    }
    if let Ok(read) = Document::read(document) {
        let written = read.to_json();
        assert_eq!(Document::read(written.as_bytes()).map(|again| (again.id(), again.to_json())), Ok((read.id(), written)));
    }
}

/// Enough distinct keys of the document's own authority have signed the canonical form that others make of it.
fn assert_signed(document: &[u8], intact: &Intact<Genome>) {
    let value: Value = serde_json::from_slice(document).unwrap();
    let form = canonical(&value);
    assert_eq!(intact.canonical_form(), form.as_bytes());
    let signatures = match (value.get("signature"), value.get("signatures")) {
        (Some(only), None) => vec![only],
        (None, Some(several)) => several.as_array().unwrap().iter().collect(),
        other => panic!("accepted with {other:?}"),
    };
    let signers = value["authority"]["signers"].as_array().unwrap();
    let counted: BTreeSet<&str> = signatures
        .iter()
        .filter_map(|signature| {
            let signer = signers.iter().find(|signer| signer["key_id"] == signature["signer_key_id"])?;
            let public_key = signer["public_key"].as_str().unwrap();
            let spki = Base64::decode_vec(public_key).unwrap();
            let key = VerifyingKey::from_bytes(spki[SPKI.len()..].try_into().unwrap()).unwrap();
            let bytes = Base64::decode_vec(signature["sig_base64"].as_str().unwrap()).unwrap();
            let signature = Signature::from_slice(&bytes).unwrap();
            key.verify_strict(form.as_bytes(), &signature).expect("a signature under a known name is good");
            Some(public_key)
        })
        .collect();
    assert!(counted.len() as u64 >= value["authority"]["threshold"].as_u64().unwrap().max(1));
}

/// A refusal says something, on one line, and nothing in it does not show.
fn assert_said(refusal: &Refusal) {
    let texts = refusal.faults().map_or_else(Vec::new, |faults| {
        faults.iter().map(|fault| format!("{}: {}", Bare(&fault.pointer), fault.problem)).collect::<Vec<String>>()
    });
    for text in texts.iter().chain([&refusal.to_string(), &refusal.hint().to_string()]) {
        assert!(!text.is_empty() && !text.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{text:?}");
    }
}
