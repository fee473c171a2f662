//! A lineage, a policy, a state and a clock: as numbers, and in writing.
//!
//! Keys, labels (the numbers in key ids), ranks of versions and half seconds are plain numbers, and genomes are indices, so that the
//! second method has nothing to read.

use base64ct::{Base64, Base64Unpadded, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// An index into [`KEYS`].
pub(crate) type Key = usize;
/// The number in a key id; the key of the same number usually bears it.
pub(crate) type Label = usize;

pub(crate) static KEYS: LazyLock<Vec<SigningKey>> =
    LazyLock::new(|| (60..68).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect());
pub(crate) const LABELS: usize = 11;
pub(crate) const CLASSES: [&str; 5] = ["widening", "weakening", "narrowing", "strengthening", "neutral"];
const RISKS: [&str; 4] = ["A", "B", "C", "D"];
pub(crate) const NAMES: [&str; 3] = ["ALPHA", "BETA", "GAMMA"];

#[derive(Debug, Clone)]
pub(crate) struct Authority {
    pub(crate) signers: Vec<(Label, Key)>,
    pub(crate) threshold: usize,
}

impl Authority {
    pub(crate) fn key(&self, label: Label) -> Option<Key> {
        self.signers.iter().find(|signer| signer.0 == label).map(|signer| signer.1)
    }

    pub(crate) fn label(&self, key: Key) -> Option<Label> {
        self.signers.iter().find(|signer| signer.1 == key).map(|signer| signer.0)
    }

    pub(crate) fn keys(&self) -> BTreeSet<Key> {
        self.signers.iter().map(|signer| signer.1).collect()
    }

    pub(crate) fn to_json(&self) -> Value {
        let signer = |&(label, key): &(Label, Key)| json!({ "key_id": key_id(label), "alg": "ed25519", "public_key": spki(key) });
        json!({ "signers": self.signers.iter().map(signer).collect::<Vec<_>>(), "threshold": self.threshold })
    }
}

/// What the one capability of a genome says: its risk class, and which actions it allows and denies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Capability {
    pub(crate) risk: usize,
    pub(crate) allowed: BTreeSet<usize>,
    pub(crate) denied: BTreeSet<usize>,
    /// Of what is allowed, with digests.
    pub(crate) pinned: BTreeSet<(usize, usize)>,
}

impl Capability {
    fn to_json(&self) -> Value {
        let actions = |actions: &BTreeSet<usize>| actions.iter().map(|action| format!("action-{action}")).collect::<Vec<_>>();
        json!([{
            "cap_id": "CAP", "risk_class": RISKS[self.risk],
            "allow_actions": actions(&self.allowed), "deny_actions": actions(&self.denied)
        }])
    }
}

/// What is found where a genome is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Found {
    Signed,
    Draft,
    NoJson,
    AnotherGenome,
    Nothing,
}

#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) name: usize,
    /// The rank of its version.
    pub(crate) rank: usize,
    /// Half seconds since the beginning of 2026.
    pub(crate) created: i64,
    pub(crate) impossible_date: bool,
    /// Indices of older genomes.
    pub(crate) parents: Vec<usize>,
    pub(crate) authority: Authority,
    pub(crate) capability: Capability,
    pub(crate) signatures: Vec<(Label, [u8; 64])>,
    /// The signatures of each copy of it, where it is found as somebody's ancestor. Where there is room for one, that is the last.
    pub(crate) copies: Vec<Vec<(Label, [u8; 64])>>,
    pub(crate) found: Found,
    pub(crate) unsigned: Value,
    pub(crate) canonical: String,
    pub(crate) id: String,
}

impl Model {
    /// A genome that nobody has signed yet, of this version and this date: as they are compared, and as they are written.
    pub(crate) fn new(
        name: usize,
        (rank, version): (usize, &str),
        (created, created_at): (i64, &str),
        (authority, capability): (Authority, Capability),
        parents: Vec<usize>,
        genomes: &[Self],
    ) -> Self {
        let mut unsigned = json!({
            "schema_version": "genome.v0.1", "name": NAMES[name], "version": version, "created_at": created_at,
            "parents": parents.iter().map(|&parent| genomes[parent].id.as_str()).collect::<Vec<_>>(),
            "authority": authority.to_json(), "invariants": [], "capabilities": capability.to_json(),
            // No two are the same.
            "build_manifest": { "files": [{ "path": "program", "sha256": format!("{:064}", genomes.len()) }] }
        });
        if !capability.pinned.is_empty() {
            let pin = |(action, digest): &(usize, usize)| json!({ "action": format!("action-{action}"), "sha256": format!("{digest:064}") });
            unsigned["schema_version"] = "genome.v0.2".into();
            unsigned["tools"] = capability.pinned.iter().map(pin).collect();
        }
        let canonical = serde_json_canonicalizer::to_string(&unsigned).unwrap();
        let (impossible_date, signatures, copies, found) = (false, Vec::new(), Vec::new(), Found::Signed);
        let id = hex(&Sha256::digest(&canonical));
        Self {
            name,
            rank,
            created,
            impossible_date,
            parents,
            authority,
            capability,
            signatures,
            copies,
            found,
            unsigned,
            canonical,
            id,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    pub(crate) authority: Option<Authority>,
    pub(crate) genome_ids: Vec<String>,
    pub(crate) revoked: Vec<Key>,
    pub(crate) minimum_versions: BTreeMap<usize, usize>,
    pub(crate) maximum_age_days: Option<u32>,
    /// For a class of changes, how many must sign; `None` is all.
    pub(crate) quorum: BTreeMap<&'static str, Option<usize>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    /// Each after its parents; the last is to be verified.
    pub(crate) genomes: Vec<Model>,
    pub(crate) policy: Option<Policy>,
    /// Under each name, the rank of the version that was accepted, and the genome id.
    pub(crate) state: Option<BTreeMap<usize, (usize, String)>>,
    /// Half seconds since the beginning of 2026.
    pub(crate) clock: i64,
    /// Whether the lineage is asked for.
    pub(crate) asked: bool,
    /// Whether ancestors are searched for at all.
    pub(crate) searched: bool,
    /// Whether they lie in a directory, drafts and half-signed copies beside them.
    pub(crate) in_directory: bool,
}

/// In half seconds.
pub(crate) const DAY: i64 = 2 * 86_400;
/// The beginning of 2026, in hours since 1970.
pub(crate) const BEGINNING: u64 = 490_896;

pub(crate) fn key_id(label: Label) -> String {
    format!("key-{label}")
}

/// RFC 8410: the `SubjectPublicKeyInfo` of an Ed25519 key.
pub(crate) fn spki(key: Key) -> String {
    let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    Base64::encode_string(&[&prefix[..], KEYS[key].verifying_key().as_bytes()].concat())
}

/// What `ssh-keygen -lf` shows.
pub(crate) fn fingerprint(key: Key) -> String {
    let blob = [b"\0\0\0\x0bssh-ed25519\0\0\0\x20", &KEYS[key].verifying_key().as_bytes()[..]].concat();
    format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(blob)))
}

/// The versions in their order: that of semver.org, section 11, within each minor version.
pub(crate) fn version(rank: usize) -> String {
    let before = ["-alpha", "-alpha.1", "-beta.2", "-beta.11", "-rc.1", ""];
    format!("1.{}.0{}", rank / before.len(), before[rank % before.len()])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

impl Model {
    /// The document with these signatures.
    pub(crate) fn carrying(&self, signatures: &[(Label, [u8; 64])]) -> Vec<u8> {
        let signature = |(label, bytes): &(Label, [u8; 64])| json!({ "alg": "ed25519", "signer_key_id": key_id(*label), "sig_base64": Base64::encode_string(bytes) });
        let list: Vec<Value> = signatures.iter().map(signature).collect();
        let mut document = self.unsigned.clone();
        match list.as_slice() {
            [] => {}
            [only] => document["signature"] = only.clone(),
            several => document["signatures"] = several.into(),
        }
        document.to_string().into_bytes()
    }

    pub(crate) fn signed(&self) -> Vec<u8> {
        self.carrying(&self.signatures)
    }

    /// Another genome that the same signers signed, all of them.
    pub(crate) fn another(&self) -> Self {
        let mut other = self.clone();
        other.unsigned["build_manifest"]["files"] = json!([]);
        let message = serde_json_canonicalizer::to_string(&other.unsigned).unwrap();
        let signers = self.authority.signers.iter();
        other.signatures = signers.map(|&(label, key)| (label, KEYS[key].sign(message.as_bytes()).to_bytes())).collect();
        other
    }
}

impl Policy {
    pub(crate) fn to_json(&self) -> String {
        let minimum_versions: BTreeMap<&str, String> =
            self.minimum_versions.iter().map(|(&name, &rank)| (NAMES[name], version(rank))).collect();
        let mut policy = json!({
            "schema_version": "trust.v0.1", "genome_ids": self.genome_ids, "minimum_versions": minimum_versions,
            "revoked": self.revoked.iter().map(|&key| fingerprint(key)).collect::<Vec<_>>()
        });
        if let Some(authority) = &self.authority {
            let authority = authority.to_json();
            for field in ["signers", "threshold"] {
                policy[field] = authority[field].clone();
            }
        }
        if let Some(days) = self.maximum_age_days {
            policy["maximum_age_days"] = days.into();
        }
        for (class, approvals) in &self.quorum {
            policy["quorum"][class] = approvals.map_or("all".into(), Value::from);
        }
        policy.to_string()
    }
}

pub(crate) fn state_json(state: &BTreeMap<usize, (usize, String)>) -> String {
    let accepted: BTreeMap<&str, Value> =
        state.iter().map(|(&name, (rank, id))| (NAMES[name], json!({ "version": version(*rank), "genome_id": id }))).collect();
    let sha256 = hex(&Sha256::digest(serde_json_canonicalizer::to_string(&accepted).unwrap()));
    json!({ "schema_version": "state.v0.1", "accepted": accepted, "sha256": sha256 }).to_string()
}
