//! Random genomes of strangers.

use super::model::{Capability, HIDDEN, Invariant, Model, PIECES};
use super::parse::PINNED;
use genome_json::text::Printable;
use genome_test_support::{Draft, signer};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;
use std::collections::BTreeSet;

impl Model {
    pub(crate) fn draft(&self) -> Draft {
        let invariant = |invariant: &Invariant| {
            let Invariant { id, severity, claim, hook } = invariant;
            json!({"id": id, "severity": severity, "testable_claim": claim, "enforcement_hook": hook})
        };
        let capability = |capability: &Capability| {
            let Capability { id, risk, allow, deny } = capability;
            json!({"cap_id": id, "risk_class": risk, "allow_actions": allow, "deny_actions": deny})
        };
        let signers = self.signers.iter().zip(2..).map(|(key_id, number)| {
            let mut signer = signer(number);
            signer["key_id"] = key_id.as_str().into();
            signer
        });
        let signers: Vec<_> = std::iter::once(signer(1)).chain(signers).collect();
        let files: Vec<_> = self.files.iter().map(|path| json!({"path": path, "sha256": "a".repeat(64)})).collect();
        let draft = if self.pins.is_empty() {
            Draft::new("1.0.0", &[1], 1)
        } else {
            let pins: Vec<_> = self.pins.iter().map(|action| json!({"action": action, "sha256": PINNED.repeat(64)})).collect();
            Draft::new("1.0.0", &[1], 1).with("schema_version", "genome.v0.2").with("tools", pins)
        };
        draft
            .with("name", self.name.as_str())
            .with("created_at", self.created_at.as_str())
            .with("authority", json!({"signers": signers, "threshold": 1}))
            .with("invariants", self.invariants.iter().map(invariant).collect::<Vec<_>>())
            .with("capabilities", self.capabilities.iter().map(capability).collect::<Vec<_>>())
            .with("build_manifest", json!({"files": files}))
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.chars().any(Printable::escapes)
}

pub(crate) fn label() -> impl Strategy<Value = String> {
    vec(select(&PIECES[..]), 1..5)
        .prop_map(|pieces| pieces.concat().trim().to_owned())
        .prop_filter("a label", |text| is_label(text))
}

fn claim() -> impl Strategy<Value = String> {
    let pieces: Vec<&str> = PIECES.iter().chain(&HIDDEN).copied().collect();
    vec(select(pieces), 1..8).prop_map(|pieces| pieces.concat()).prop_filter("a claim", |text| !text.trim().is_empty())
}

fn distinct(texts: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.into_iter().filter(|text| seen.insert(text.to_lowercase())).collect()
}

fn capability() -> impl Strategy<Value = Capability> {
    (label(), select(vec!["A", "B", "C", "D"]), vec(label(), 0..4), vec(label(), 0..4)).prop_map(|(id, risk, allow, mut deny)| {
        deny.retain(|action| !allow.contains(action));
        Capability { id, risk: risk.to_owned(), allow, deny }
    })
}

fn invariant() -> impl Strategy<Value = Invariant> {
    (label(), select(vec!["CRITICAL", "HIGH", "MEDIUM"]), claim(), label()).prop_map(|(id, severity, claim, hook)| Invariant {
        id,
        severity: severity.to_owned(),
        claim,
        hook,
    })
}

/// A path of a manifest, in normal form.
fn path() -> impl Strategy<Value = String> {
    label().prop_map(|text| text.replace(['\\', '/'], "_").replace(':', ";")).prop_filter("a path", |text| is_label(text))
}

pub(crate) fn model() -> impl Strategy<Value = Model> {
    let signers = proptest::sample::subsequence(vec!["denies", "A:b/c@d+e-f._", "signed", "SHA256:x"], 0..4);
    let signers = signers.prop_map(|ids| ids.into_iter().map(str::to_owned).collect());
    let parts = (label(), signers, vec(invariant(), 0..3), vec(capability(), 0..4), vec(path(), 0..3), vec(any::<Index>(), 0..3));
    parts.prop_map(|(name, signers, mut invariants, mut capabilities, files, pins)| {
        let mut seen = BTreeSet::new();
        invariants.retain(|invariant| seen.insert(invariant.id.clone()));
        let mut seen = BTreeSet::new();
        capabilities.retain(|capability| seen.insert(capability.id.clone()));
        let name = name.chars().take(60).collect::<String>().trim().to_owned();
        let created_at = "2020-01-31T00:00:00Z".to_owned();
        let allowed: Vec<&String> = capabilities.iter().flat_map(|capability| &capability.allow).collect();
        let pins = pins.into_iter().filter(|_| !allowed.is_empty()).map(|pin| (*pin.get(&allowed)).clone()).collect();
        Model { name, created_at, signers, invariants, capabilities, pins, files: distinct(files) }.with_good_pins()
    })
}
