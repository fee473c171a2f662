//! Parts of a genome as JSON, for the reports of several programs.

use genome::json::Value;
use genome::model::{GenomeName, Signer};
use genome::refusal::{Quorum, QuorumOf};
use genome::{Genome, Lineage};

/// A text.
pub fn text(text: &(impl ToString + ?Sized)) -> Value<'static> {
    Value::string(text.to_string())
}

/// An array.
pub fn list<'i, T>(items: &'i [T], value: impl Fn(&'i T) -> Value<'static>) -> Value<'static> {
    Value::Array(items.iter().map(value).collect())
}

/// What must hold.
#[must_use]
pub fn invariants(genome: &Genome) -> Value<'static> {
    list(&genome.invariants, |invariant| {
        Value::object([
            ("id", text(&invariant.id)),
            ("severity", text(invariant.severity.as_str())),
            ("testable_claim", text(&invariant.testable_claim)),
            ("enforcement_hook", text(&invariant.enforcement_hook)),
        ])
    })
}

/// The lineage, where it was followed.
#[must_use]
pub fn lineage(lineage: Option<&Lineage>) -> Value<'static> {
    let ids = |names: &[GenomeName]| list(names, |name| text(&name.id));
    lineage.map_or(Value::Null, |lineage| {
        Value::object([("ancestors", lineage.ancestors.into()), ("pinned", ids(&lineage.pinned)), ("roots", ids(&lineage.roots))])
    })
}

/// A quorum: how far an authority or policy has signed whose signatures a genome needs.
#[must_use]
pub fn quorum(Quorum { whose, tally, because, .. }: &Quorum) -> Value<'static> {
    let signers = |signers: &[Signer]| {
        let signer = |signer: &Signer| {
            Value::object([
                ("key_id", Value::string(signer.key_id.to_string())),
                ("fingerprint", Value::string(signer.public_key.fingerprint().to_string())),
            ])
        };
        Value::Array(signers.iter().map(signer).collect())
    };
    let (whose, parent) = match whose {
        QuorumOf::Own => ("genome", Value::Null),
        QuorumOf::Parent(parent) => ("parent", Value::string(parent.id.to_string())),
        QuorumOf::Policy => ("policy", Value::Null),
    };
    Value::object([
        ("whose", Value::string(whose)),
        ("parent", parent),
        ("threshold", tally.threshold.into()),
        ("because", because.map_or(Value::Null, |because| Value::string(because.as_str()))),
        ("missing", tally.missing().into()),
        ("signed", signers(&tally.signed)),
        ("may_sign", signers(&tally.unsigned)),
        ("revoked", signers(&tally.revoked)),
    ])
}
