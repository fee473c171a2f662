//! The reader of a genome's contents, part by part.

mod authority;
mod tools;

use crate::model::{Capability, Invariant, ManifestFile, RiskClass, Severity};
use crate::path::ManifestPath;
use crate::schema::{Distinct, Faults, Place, Problem, Reading};
pub(crate) use authority::{AUTHORITY_FIELDS, SIGNER_FIELDS, algorithm, authority, authority_of, read_signer, signer};
use genome_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;
pub(crate) use tools::{TOOLS, tools};

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

pub(crate) fn name(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<String> {
    const LONGEST: usize = 128;
    let name = reading.label(place, value)?;
    if name.chars().count() > LONGEST { reading.refuse(place, Problem::TooLong(LONGEST)) } else { Some(name) }
}

pub(crate) fn invariant(
    reading: &mut Reading,
    place: &Place<'_>,
    value: &Value<'_>,
    ids: &mut Distinct<String>,
) -> Option<Invariant> {
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

pub(crate) fn capability(
    reading: &mut Reading,
    place: &Place<'_>,
    value: &Value<'_>,
    ids: &mut Distinct<String>,
) -> Option<Capability> {
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

pub(crate) fn manifest<'v>(
    reading: &mut Reading,
    place: &Place<'_>,
    value: &'v Value<'v>,
    draft: bool,
) -> Option<Vec<ManifestFile>> {
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
