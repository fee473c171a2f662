//! Genomes and trust policies of any contents, signed by anybody: what other people make, among them attackers. Nothing here checks
//! what it is told to make.

use base64ct::{Base64, Encoding as _};
use genome::{Digest, PrivateKey};
use genome_json::canonicalize;
use serde_json::{Value, json};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

/// The private key of the signer of this number: another in each run, as production refuses every key that this repository holds.
#[must_use]
pub fn key(number: u8) -> PrivateKey {
    static DRAWN: LazyLock<[u64; 4]> = LazyLock::new(|| [(); 4].map(|()| RandomState::new().hash_one(())));
    let drawn = Digest::of(format!("{:?} {number}", *DRAWN).as_bytes());
    PrivateKey::from_seed(drawn.as_bytes())
}

/// The fingerprint of that signer's key.
#[must_use]
pub fn fingerprint(number: u8) -> String {
    key(number).public_key().fingerprint().to_string()
}

/// The signer object of `signer-1`, `signer-2` and so on.
#[must_use]
pub fn signer(number: u8) -> Value {
    json!({"key_id": format!("signer-{number}"), "alg": "ed25519", "public_key": key(number).public_key().to_string()})
}

/// An authority of these signers.
#[must_use]
pub fn authority(signers: &[u8], threshold: u8) -> Value {
    json!({"signers": signers.iter().copied().map(signer).collect::<Vec<_>>(), "threshold": threshold})
}

/// A trust policy of these signers that holds more members.
///
/// # Panics
/// These are not members of an object.
#[must_use]
pub fn policy(signers: &[u8], threshold: u8, more: &Value) -> String {
    let mut policy = authority(signers, threshold);
    policy["schema_version"] = "trust.v0.1".into();
    let more = more.as_object().unwrap_or_else(|| panic!("not an object: {more}"));
    policy.as_object_mut().into_iter().for_each(|policy| policy.extend(more.clone()));
    policy.to_string()
}

/// A genome that nobody has signed yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The whole document.
    pub document: Value,
}

impl Draft {
    /// The genome `TEST` of this version, a root with these signers, with one capability and no files.
    #[must_use]
    pub fn new(version: &str, signers: &[u8], threshold: u8) -> Self {
        let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_search"], "deny_actions": []});
        Self {
            document: json!({
                "schema_version": "genome.v0.1", "name": "TEST", "version": version, "parents": [],
                "created_at": "2020-01-31T00:00:00Z", "authority": authority(signers, threshold), "invariants": [],
                "capabilities": [capability], "build_manifest": {"files": []}
            }),
        }
    }

    /// The same with another value of this member.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.document[member] = value.into();
        self
    }

    /// The same with these parents.
    #[must_use]
    pub fn after(self, parents: &[&Self]) -> Self {
        let ids: Vec<String> = parents.iter().map(|parent| parent.id()).collect();
        self.with("parents", ids)
    }

    /// The same with a file of these contents in its manifest.
    #[must_use]
    pub fn with_file(mut self, path: &str, contents: &str) -> Self {
        let file = json!({"path": path, "sha256": Digest::of(contents.as_bytes()).to_string()});
        self.document["build_manifest"]["files"].as_array_mut().into_iter().for_each(|files| files.push(file.clone()));
        self
    }

    /// The bytes that are signed.
    fn canonical(&self) -> String {
        canonicalize(self.document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Its genome id.
    #[must_use]
    pub fn id(&self) -> String {
        Digest::of(self.canonical().as_bytes()).to_string()
    }

    /// The genome as these signers sign it, whether it names them or not.
    ///
    /// # Panics
    /// The document is no JSON that can be canonicalized.
    #[must_use]
    pub fn signed(&self, by: &[u8]) -> String {
        let canonical = self.canonical();
        let signature = |&number: &u8| {
            let bytes = key(number).sign(canonical.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
            json!({"alg": "ed25519", "signer_key_id": format!("signer-{number}"), "sig_base64": Base64::encode_string(&bytes)})
        };
        let signatures: Vec<Value> = by.iter().map(signature).collect();
        self.clone().with("signatures", signatures).document.to_string()
    }
}
