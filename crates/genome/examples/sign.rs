//! Makes a key, signs a draft with it, and verifies what came out. Prints the signed genome.
//!
//! ```sh
//! cargo run --package genome --example sign
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use genome::{Document, PrivateKey, TrustPolicy, Verifier};
use std::error::Error;
use std::time::SystemTime;

fn main() -> Result<(), Box<dyn Error>> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let key = PrivateKey::from_seed(&seed);
    let signer = format!(r#"{{ "key_id": "ops-1", "alg": "ed25519", "public_key": "{}" }}"#, key.public_key());

    let draft = format!(
        r#"{{
            "schema_version": "genome.v0.1",
            "name": "EXAMPLE",
            "version": "1.0.0",
            "parents": [],
            "created_at": "2026-01-31T00:00:00Z",
            "authority": {{ "signers": [{signer}], "threshold": 1 }},
            "invariants": [],
            "capabilities": [
                {{ "cap_id": "CAP-READ", "risk_class": "B", "allow_actions": ["memory_search"], "deny_actions": [] }}
            ],
            "build_manifest": {{ "files": [] }}
        }}"#
    );
    let mut document = Document::read(draft.as_bytes())?;
    let signing = document.sign(None, &key, &[])?;
    assert!(signing.tally.is_met(), "the threshold is 1");
    let json = document.to_json();

    // A policy that names the key trusts what it signed.
    let policy = TrustPolicy::read(signer.as_bytes())?;
    Verifier::trusting(&policy, SystemTime::now()).verify(json.as_bytes())?;
    print!("{json}");
    Ok(())
}
