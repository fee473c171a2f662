//! A genome with these capabilities.

use genome::dangerous::accept_self_declared;
use genome::{Document, Genome, PrivateKey, Verified};
use serde_json::{Value, json};
use std::time::SystemTime;

/// A genome that allows and denies as these capabilities say, and signs for itself; and its document.
///
/// # Panics
/// They are no capabilities of a genome.
#[must_use]
pub fn signed(capabilities: &Value) -> (Verified<Genome>, String) {
    of(&json!({"schema_version": "genome.v0.1", "capabilities": capabilities}))
}

/// The same, which pins these definitions.
///
/// # Panics
/// They are no capabilities, or no pins, of a genome.
#[must_use]
pub fn pinned(capabilities: &Value, pins: &Value) -> Verified<Genome> {
    of(&json!({"schema_version": "genome.v0.2", "capabilities": capabilities, "tools": pins})).0
}

fn of(more: &Value) -> (Verified<Genome>, String) {
    let key = PrivateKey::from_seed(&[42; 32]);
    let signer = json!({"key_id": "ops-1", "alg": "ed25519", "public_key": key.public_key().to_string()});
    let mut draft = json!({
        "name": "EXAMPLE", "version": "1.0.0", "parents": [], "created_at": "2026-01-31T00:00:00Z",
        "authority": {"signers": [signer], "threshold": 1},
        "invariants": [],
        "build_manifest": {"files": []},
    });
    draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let draft = draft.to_string();
    let mut document = Document::read(draft.as_bytes()).unwrap();
    document.sign(None, &key, &[]).unwrap();
    let document = document.to_json();
    let genome = accept_self_declared(SystemTime::UNIX_EPOCH).verify(document.as_bytes()).unwrap();
    (genome, document)
}
