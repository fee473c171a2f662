//! The schema `proposal.v0.1`, and that of the probes beside a proposal.

use crate::change::{Class, DeclaredChange};
use crate::proposal::{Probes, Proposal, ProposalStatus};
use crate::schema::{Distinct, Faults, Place, Problem, Reading};
use genome_json::Value;

pub(crate) const VERSION: &str = "proposal.v0.1";

/// Reads a proposal.
pub(crate) fn read(document: &Value<'_>) -> Result<Proposal, Faults> {
    let mut reading = Reading::default();
    let proposal = proposal(&mut reading, document);
    reading.finish(proposal)
}

fn proposal(reading: &mut Reading, document: &Value<'_>) -> Option<Proposal> {
    const FIELDS: [&str; 10] = [
        "schema_version",
        "proposal",
        "title",
        "status",
        "from_genome_id",
        "to_genome_id",
        "changes",
        "invariants_impacted",
        "capabilities_impacted",
        "breaking",
    ];
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &FIELDS, &[])?;
    let schema_version = reading.schema_version(&fields, &[VERSION]);
    let number = reading.field(&fields, "proposal", Reading::parsed);
    let title = reading.field(&fields, "title", Reading::label);
    let status = reading.field(&fields, "status", |reading, place, value| {
        reading.one_of(place, value, ProposalStatus::ALL, ProposalStatus::as_str)
    });
    let from_genome_id = reading.field(&fields, "from_genome_id", Reading::parsed);
    let to_genome_id = reading.field(&fields, "to_genome_id", Reading::parsed);
    let changes = reading.field(&fields, "changes", |reading, place, value| {
        let mut seen = Distinct::new("change");
        reading.list(place, value, |reading, place, value| {
            let change = change(reading, place, value)?;
            seen.insert(reading, place, change.clone()).then_some(change)
        })
    });
    let invariants_impacted = reading.field(&fields, "invariants_impacted", |reading, place, value| labels(reading, place, value));
    let capabilities_impacted =
        reading.field(&fields, "capabilities_impacted", |reading, place, value| labels(reading, place, value));
    let breaking = reading.field(&fields, "breaking", Reading::boolean);
    schema_version?;
    Some(Proposal {
        number: number?,
        title: title?,
        status: status?,
        from_genome_id: from_genome_id?,
        to_genome_id: to_genome_id?,
        changes: changes?,
        invariants_impacted: invariants_impacted?,
        capabilities_impacted: capabilities_impacted?,
        breaking: breaking?,
    })
}

fn change(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<DeclaredChange> {
    let fields = reading.object(place, value, &["class", "kind", "subject", "from", "to", "message"], &[])?;
    let class = reading.field(&fields, "class", |reading, place, value| reading.one_of(place, value, Class::ALL, Class::as_str));
    let kind = reading.field(&fields, "kind", Reading::label);
    let subject = reading.field(&fields, "subject", Reading::text);
    let side = |reading: &mut Reading, place: &Place<'_>, value: &Value<'_>| match value {
        Value::Null => Some(None),
        text => reading.text(place, text).map(Some),
    };
    let from = reading.field(&fields, "from", side);
    let to = reading.field(&fields, "to", side);
    let message = reading.field(&fields, "message", Reading::label);
    Some(DeclaredChange { class: class?, kind: kind?, subject: subject?, from: from?, to: to?, message: message? })
}

/// Different names.
fn labels(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<Vec<String>> {
    let mut seen = Distinct::new("name");
    reading.list(place, value, |reading, place, value| {
        let label = reading.label(place, value)?;
        seen.insert(reading, place, label.clone()).then_some(label)
    })
}

/// Reads a file of probes.
pub(crate) fn probes(document: &Value<'_>) -> Result<Probes, Faults> {
    let mut reading = Reading::default();
    let root = Place::ROOT;
    // One of them may be left out, but not both.
    let has = |name: &str| matches!(document, Value::Object(members) if members.iter().any(|member| &*member.name == name));
    let required: &[&str] = if has("must_deny") { &[] } else { &["must_allow"] };
    let probes = reading.object(&root, document, required, &["must_allow", "must_deny"]).and_then(|fields| {
        let must_allow = reading.optional(&fields, "must_allow", |reading, place, value| labels(reading, place, value));
        let must_deny = reading.optional(&fields, "must_deny", |reading, place, value| labels(reading, place, value));
        let (must_allow, must_deny) = (must_allow?, must_deny?);
        let asks = fields.has("must_allow") || fields.has("must_deny");
        if asks && must_allow.is_empty() && must_deny.is_empty() {
            return reading.refuse(&root, Problem::NoProbes);
        }
        Some(Probes { must_allow, must_deny })
    });
    reading.finish(probes)
}
