//! The feature `serde`: what is data is written as its schema has it, and no private key is written.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::change::{Change, Class};
use genome::key::Fingerprint;
use genome::lineage::Succession;
use genome::proposal::Proposal;
use genome::refusal::{Check, CheckResult};
use genome::{Code, Digest, Document, GenomeId, KeyId, ManifestPath, PrivateKey, Timestamp, Trust, TrustPolicy, Verifier};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::SystemTime;

/// A value as it is written, which its schema takes. With another member, or one less, the schema does not take it.
fn written<T: Serialize + JsonSchema>(value: &T) -> Value {
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let validator = jsonschema::validator_for(schema.as_value()).unwrap();
    let written = serde_json::to_value(value).unwrap();
    let faults: Vec<String> = validator.iter_errors(&written).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, [""; 0], "{written:#}");
    if let Some(members) = written.as_object() {
        for name in members.keys() {
            let (mut other, mut less) = (members.clone(), members.clone());
            other.insert(name.clone(), json!({"more": 1}));
            less.remove(name);
            assert!(!validator.is_valid(&other.into()) && !validator.is_valid(&less.into()), "{name}: {written:#}");
        }
    }
    written
}

fn key() -> PrivateKey {
    PrivateKey::from_seed(&[42; 32])
}

fn signer() -> Value {
    json!({"key_id": "ops-1", "alg": "ed25519", "public_key": key().public_key().to_string()})
}

/// A draft as a document, but for `schema_version`.
fn draft(version: &str, parents: &[GenomeId]) -> Value {
    json!({
        "name": "TEST", "version": version, "parents": parents, "created_at": "2026-01-31T00:00:00Z",
        "authority": {"signers": [signer()], "threshold": 1},
        "invariants": [{"id": "INV", "severity": "HIGH", "testable_claim": "it holds", "enforcement_hook": "hook"}],
        "capabilities": [{"cap_id": "CAP", "risk_class": "B", "allow_actions": ["read"], "deny_actions": ["erase"]}],
        "build_manifest": {"files": [{"path": "a/b", "sha256": Digest::of(b"it")}]},
    })
}

fn bytes(mut document: Value) -> Vec<u8> {
    document["schema_version"] = if document.get("tools").is_some() { "genome.v0.2" } else { "genome.v0.1" }.into();
    document.to_string().into_bytes()
}

fn signed(document: Value) -> Vec<u8> {
    let bytes = bytes(document);
    let mut document = Document::read(&bytes).unwrap();
    document.sign(None, &key(), &[]).unwrap();
    document.to_json().into_bytes()
}

#[test]
fn what_has_one_text_is_written_as_it() {
    let id = GenomeId::of_canonical_form(b"abc");
    assert_eq!(written(&id), id.to_string());
    assert_eq!(written(id.as_digest()), id.to_string());
    let public = key().public_key();
    assert_eq!(written(&public), public.to_string());
    assert_eq!(written::<Fingerprint>(&public.fingerprint()), public.fingerprint().to_string());
    assert_eq!(written(&"ops-1".parse::<KeyId>().unwrap()), "ops-1");
    assert_eq!(written(&"a/b".parse::<ManifestPath>().unwrap()), "a/b");
    assert_eq!(written(&"2026-01-31T01:00:00+01:00".parse::<Timestamp>().unwrap()), "2026-01-31T01:00:00+01:00");
    for code in Code::ALL {
        assert_eq!(written(code), code.as_str());
    }
    for trust in Trust::ALL {
        assert_eq!(written(trust), trust.as_str());
    }
    assert_eq!(
        (written(&Check::Json), written(&CheckResult::NotEvaluated)),
        ("strict JSON (RFC 7493)".into(), "not evaluated".into())
    );
}

#[test]
fn a_genome_is_written_as_its_document_says_it() {
    let mut document = draft("1.0.0", &[GenomeId::of_canonical_form(b"parent")]);
    let unpinned = bytes(document.clone());
    let unpinned = Document::read(&unpinned).unwrap();
    assert_eq!(serde_json::to_value(unpinned.unverified()).unwrap(), document);
    document["tools"] = json!([{"action": "read", "sha256": Digest::of(b"it")}]);
    let bytes = bytes(document.clone());
    let pinned = Document::read(&bytes).unwrap();
    assert_eq!(serde_json::to_value(pinned.unverified()).unwrap(), document);
    written(&pinned.unverified().tools[0]);
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<genome::Genome>();
    for genome in [&unpinned, &pinned] {
        assert!(jsonschema::is_valid(schema.as_value(), &serde_json::to_value(genome.unverified()).unwrap()));
    }
}

#[test]
fn a_refusal_says_what_its_methods_do() {
    let policy = TrustPolicy::read(signer().to_string().as_bytes()).unwrap();
    let verifier = Verifier::trusting(&policy, SystemTime::now());
    let refused = verifier.verify(&bytes(draft("1.0.0", &[]))).unwrap_err();
    let said = written(&refused);
    let first = said["refusals"][0].clone();
    assert_eq!(first, written(refused.first()));
    let named = json!({"key_id": "ops-1", "fingerprint": key().public_key().fingerprint()});
    let quorum = json!({
        "whose": "genome", "parent": null, "threshold": 1, "because": null, "missing": 1,
        "signed": [], "may_sign": [named], "revoked": [],
    });
    assert_eq!((&first["code"], &first["quorums"]), (&"GENOME_UNSIGNED".into(), &json!([quorum])));
    assert_eq!(first["hint"], refused.first().hint().to_string());
    assert_eq!(said["checks"][0], json!({"check": "strict JSON (RFC 7493)", "state": "held"}));
    assert!(said["checks"].as_array().unwrap().contains(&json!({"check": "signed", "state": "failed"})), "{said:#}");
    let mut misnamed = draft("1.0.0", &[]);
    misnamed["name"] = 1.into();
    let faults = &written(&verifier.verify(&bytes(misnamed)).unwrap_err())["refusals"][0]["faults"];
    assert_eq!(*faults, json!([{"pointer": "/name", "message": "expected a string, found a number", "hint": "write a string"}]));
    let genome = verifier.verify(&signed(draft("1.0.0", &[]))).unwrap();
    assert_eq!(written(&genome.tally().signed[..].to_vec()), json!([signer()]));
}

#[test]
fn no_private_key_is_written() {
    let secret = key().to_base64();
    for member in ["name", "version", &secret] {
        let mut document = draft("1.0.0", &[]);
        document[member] = secret.as_str().into();
        let refusal = Document::read(&bytes(document)).unwrap_err();
        let said = written(&refusal).to_string();
        assert!(said.contains("GENOME_SECRET_EXPOSED") && !genome_json::holds_private_key(&said), "{member}");
    }
}

#[test]
fn a_step_is_written() {
    let old = signed(draft("1.0.0", &[]));
    let old = Document::read(&old).unwrap();
    let mut next = draft("1.1.0", &[old.id()]);
    next["capabilities"][0]["allow_actions"] = json!(["read", "write"]);
    let next = bytes(next);
    let new = Document::read(&next).unwrap();
    let changes = Change::between(old.unverified(), new.unverified());
    let change = changes.iter().find(|change| change.class() == Class::Widening).unwrap();
    let widening = json!({
        "class": "widening", "kind": "action_allowed", "subject": "write", "from": "allowed by nobody",
        "to": "allowed by `CAP` (risk class B)", "message": change.to_string(),
    });
    assert_eq!((written(change), written(&change.declared())), (widening.clone(), widening));
    for check in Succession::of(&old, &new, &changes, None).checks() {
        assert_eq!(written(check)["is_met"], check.is_met);
    }
    let proposal = Proposal::draft("0042".parse().unwrap(), "more", &old, &new);
    let mut document: Value = serde_json::from_str(&proposal.to_json()).unwrap();
    document.as_object_mut().unwrap().remove("schema_version");
    assert_eq!(written(&proposal), document);
}
