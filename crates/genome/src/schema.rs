//! The schema `genome.v0.1`: from any JSON value to a [`Genome`], or to every fault at once. Beside it, those of the documents that a
//! verifier's user gives.

pub(crate) mod audit;
mod authority;
mod fault;
mod place;
pub(crate) mod policy;
pub(crate) mod proposal;
mod reading;
mod secrets;
pub(crate) mod state;

use crate::genome::{Capability, Genome, Invariant, ManifestFile, RiskClass, Severity};
use crate::refusal::Refusal;
use crate::signature::Signature;
use crate::{KeyId, ManifestPath};
pub(crate) use authority::read_signer;
use authority::{algorithm, authority};
use base64ct::{Base64, Encoding as _};
pub use fault::{Fault, Faults, Problem};
use genome_json::Value;
pub(crate) use place::Place;
use reading::{Distinct, Fields, Reading};
use std::borrow::Cow;
use std::collections::HashSet;

/// The one version of the schema that we read and write.
const VERSION: &str = "genome.v0.1";

/// The field of one signature, and that of several.
pub(crate) const SIGNATURE_FIELDS: [&str; 2] = ["signature", "signatures"];

/// What a document that follows the schema holds.
pub(crate) struct Contents {
    pub(crate) genome: Genome,
    /// Each with its JSON Pointer; empty in a draft.
    pub(crate) signatures: Vec<Signature>,
}

/// Reads a whole document.
pub(crate) fn read(document: &Value<'_>) -> Result<Contents, Faults> {
    let mut reading = Reading::default();
    let contents = contents(&mut reading, document);
    reading.finish(contents)
}

/// The refusal of a document for its faults, or for private keys in it, which are worse.
pub(crate) fn refuse(document: &Value<'_>, faults: Faults) -> Refusal {
    let pointers = secrets::secrets(document);
    if pointers.is_empty() { Refusal::Schema(faults) } else { Refusal::SecretExposed { pointers, faults } }
}

/// Refuses a document in which a private key stands where the schema takes any text.
pub(crate) fn refuse_secrets(document: &Value<'_>) -> Result<(), Refusal> {
    match refuse(document, Faults::default()) {
        exposed @ Refusal::SecretExposed { .. } => Err(exposed),
        _ => Ok(()),
    }
}

/// Checks a document that is one invariant.
pub(crate) fn check_invariant(document: &Value<'_>) -> Result<(), Faults> {
    let mut reading = Reading::default();
    let invariant = invariant(&mut reading, &Place::ROOT, document, &mut Distinct::new("id"));
    reading.finish(invariant).map(drop)
}

/// Checks a document that is one capability.
pub(crate) fn check_capability(document: &Value<'_>) -> Result<(), Faults> {
    let mut reading = Reading::default();
    let capability = capability(&mut reading, &Place::ROOT, document, &mut Distinct::new("cap_id"));
    reading.finish(capability).map(drop)
}

fn contents(reading: &mut Reading, document: &Value<'_>) -> Option<Contents> {
    const FIELDS: [&str; 9] =
        ["schema_version", "name", "version", "parents", "created_at", "authority", "invariants", "capabilities", "build_manifest"];
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &FIELDS, &SIGNATURE_FIELDS)?;
    let schema_version = reading.schema_version(&fields, VERSION);
    let name = reading.field(&fields, "name", name);
    let version = reading.field(&fields, "version", Reading::parsed);
    let parents = reading.field(&fields, "parents", |reading, place, value| {
        let mut seen = Distinct::new("parent");
        reading.list(place, value, |reading, place, value| {
            let parent = reading.parsed(place, value)?;
            seen.insert(reading, place, parent).then_some(parent)
        })
    });
    let created_at = reading.field(&fields, "created_at", Reading::parsed);
    let authority = reading.field(&fields, "authority", authority);
    let invariants = reading.field(&fields, "invariants", |reading, place, value| {
        let mut ids = Distinct::new("id");
        reading.list(place, value, |reading, place, value| invariant(reading, place, value, &mut ids))
    });
    let capabilities = reading.field(&fields, "capabilities", |reading, place, value| {
        let mut ids = Distinct::new("cap_id");
        reading.list(place, value, |reading, place, value| capability(reading, place, value, &mut ids))
    });
    let signatures = signatures(reading, &fields);
    let draft = signatures.as_ref().is_some_and(Vec::is_empty);
    let files = reading.field(&fields, "build_manifest", |reading, place, value| manifest(reading, place, value, draft));
    schema_version?;
    let genome = Genome {
        name: name?,
        version: version?,
        parents: parents?,
        created_at: created_at?,
        authority: authority?,
        invariants: invariants?,
        capabilities: capabilities?,
        files: files?,
    };
    Some(Contents { genome, signatures: signatures? })
}

fn name(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<String> {
    const LONGEST: usize = 128;
    let name = reading.label(place, value)?;
    if name.chars().count() > LONGEST { reading.refuse(place, Problem::TooLong(LONGEST)) } else { Some(name) }
}

fn invariant(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>, ids: &mut Distinct<String>) -> Option<Invariant> {
    let fields = reading.object(place, value, &["id", "severity", "testable_claim", "enforcement_hook"], &[])?;
    let id = reading.field(&fields, "id", |reading, place, value| {
        let id = reading.label(place, value)?;
        ids.insert(reading, place, id.clone()).then_some(id)
    });
    let severity =
        reading.field(&fields, "severity", |reading, place, value| reading.one_of(place, value, Severity::ALL, Severity::as_str));
    let testable_claim = reading.field(&fields, "testable_claim", |reading, place, value| {
        let claim = reading.string(place, value)?;
        if claim.trim().is_empty() { reading.refuse(place, Problem::Empty) } else { Some(claim.to_owned()) }
    });
    let enforcement_hook = reading.field(&fields, "enforcement_hook", Reading::label);
    Some(Invariant { id: id?, severity: severity?, testable_claim: testable_claim?, enforcement_hook: enforcement_hook? })
}

fn capability(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>, ids: &mut Distinct<String>) -> Option<Capability> {
    let fields = reading.object(place, value, &["cap_id", "risk_class", "allow_actions", "deny_actions"], &[])?;
    let cap_id = reading.field(&fields, "cap_id", |reading, place, value| {
        let id = reading.label(place, value)?;
        ids.insert(reading, place, id.clone()).then_some(id)
    });
    let risk_class = reading
        .field(&fields, "risk_class", |reading, place, value| reading.one_of(place, value, RiskClass::ALL, RiskClass::as_str));
    let allow_actions = reading.field(&fields, "allow_actions", |reading, place, value| reading.list(place, value, Reading::label));
    // Compared as they are listed, whatever else is wrong with them. Most capabilities deny nothing.
    let denies = fields.items("deny_actions").is_some_and(|items| !items.is_empty());
    let listed = fields.items("allow_actions").filter(|_| denies).unwrap_or_default();
    let allowed: HashSet<&str> = listed.iter().filter_map(Value::as_str).collect();
    let deny_actions = reading.field(&fields, "deny_actions", |reading, place, value| {
        reading.list(place, value, |reading, place, value| {
            let action = reading.label(place, value)?;
            if allowed.contains(action.as_str()) { reading.refuse(place, Problem::AllowedAndDenied) } else { Some(action) }
        })
    });
    Some(Capability { cap_id: cap_id?, risk_class: risk_class?, deny_actions: deny_actions?, allow_actions: allow_actions? })
}

fn manifest<'v>(reading: &mut Reading, place: &Place<'_>, value: &'v Value<'v>, draft: bool) -> Option<Vec<ManifestFile>> {
    let fields = reading.object(place, value, &["files"], &[])?;
    reading.field(&fields, "files", |reading, place, value| {
        // Where case is ignored, two such paths are one file.
        let mut paths = Distinct::among("path", fields.items("files"));
        reading.list(place, value, |reading, place, value| {
            let fields = reading.object(place, value, &["path", "sha256"], &[])?;
            let path = reading.field(&fields, "path", |reading, place, value| {
                let path: ManifestPath = reading.parsed(place, value)?;
                paths.insert(reading, place, fold_case(value.as_str()?)).then_some(path)
            });
            let sha256 = reading.field(&fields, "sha256", |reading, place, value| {
                let text = reading.string(place, value)?;
                // A draft may hold a placeholder: a text that no one could take for a digest.
                let digest_like = || !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
                match text.parse() {
                    Ok(digest) => Some(Some(digest)),
                    Err(_) if draft && !digest_like() => Some(None),
                    Err(error) => reading.refuse(place, Problem::malformed(text, &error)),
                }
            });
            Some(ManifestFile { path: path?, sha256: sha256? })
        })
    })
}

/// A text as it is where case is ignored. The way over upper case brings together what has one upper-case letter, such as σ and ς.
fn fold_case(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        text.to_uppercase().to_lowercase().into()
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

/// As many as two authorities have signers. Each may take several passes over the whole document.
const MOST_SIGNATURES: usize = 512;

fn signatures(reading: &mut Reading, fields: &Fields<'_, '_>) -> Option<Vec<Signature>> {
    let [one, several] = SIGNATURE_FIELDS;
    let mut ids = Distinct::new("signer_key_id");
    let single = reading.field(fields, one, |reading, place, value| signature(reading, place, value, &mut ids));
    let mut ids = Distinct::new("signer_key_id");
    let list = reading.field(fields, several, |reading, place, value| {
        let list = reading.list(place, value, |reading, place, value| signature(reading, place, value, &mut ids))?;
        if list.len() > MOST_SIGNATURES { reading.refuse(place, Problem::TooManySignatures(MOST_SIGNATURES)) } else { Some(list) }
    });
    match (fields.has(one), fields.has(several)) {
        (true, true) => reading.refuse(&Place::ROOT.name(one), Problem::TwoSignatureFields),
        (true, false) => single.map(|signature| vec![signature]),
        (false, true) => list,
        (false, false) => Some(Vec::new()),
    }
}

fn signature(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>, ids: &mut Distinct<KeyId>) -> Option<Signature> {
    let fields = reading.object(place, value, &["alg", "signer_key_id", "sig_base64"], &[])?;
    let algorithm = reading.field(&fields, "alg", algorithm);
    let key_id = reading.field(&fields, "signer_key_id", |reading, place, value| {
        let key_id: KeyId = reading.parsed(place, value)?;
        ids.insert(reading, place, key_id.clone()).then_some(key_id)
    });
    let bytes = reading.field(&fields, "sig_base64", signature_bytes);
    algorithm?;
    Some(Signature { key_id: key_id?, bytes: bytes?, pointer: place.to_string() })
}

fn signature_bytes(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<[u8; 64]> {
    let text = reading.string(place, value)?;
    let mut bytes = [0; 64];
    match Base64::decode(text, &mut bytes) {
        Ok(decoded) if decoded.len() == 64 => Some(bytes),
        _ => reading.refuse(place, Problem::SignatureText),
    }
}
