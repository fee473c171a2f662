//! What is written in another shape than it has in memory.

use crate::approvals::ApprovalReason;
use crate::change::{Change, DeclaredChange};
use crate::checklist::{Check, CheckResult, Checklist};
use crate::digest::GenomeId;
use crate::key::{Fingerprint, KeyId, PublicKey};
use crate::lineage::Lineage;
use crate::model::{Authority, Capability, Genome, GenomeName, Invariant, ManifestFile, Signer, ToolPin};
use crate::refusal::{Quorum, QuorumOf};
use crate::timestamp::Timestamp;
use semver::Version;
use serde::{Serialize, Serializer};

/// A type that is written as another, which can be made of it.
macro_rules! written_as {
    ($type:ty, $shape:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$shape>::from(self).serialize(serializer)
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                <$shape as schemars::JsonSchema>::inline_schema()
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                <$shape as schemars::JsonSchema>::schema_name()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <$shape as schemars::JsonSchema>::json_schema(generator)
            }
        }
    };
}

pub(super) use written_as;

/// What a genome says, as its document does.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Genome", deny_unknown_fields))]
struct GenomeShape<'g> {
    name: &'g str,
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    version: &'g Version,
    parents: &'g [GenomeId],
    created_at: &'g Timestamp,
    authority: &'g Authority,
    invariants: &'g [Invariant],
    capabilities: &'g [Capability],
    /// Absent where nothing is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Vec<ToolPin>"))]
    tools: Option<&'g [ToolPin]>,
    build_manifest: ManifestShape<'g>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Manifest", deny_unknown_fields))]
struct ManifestShape<'g> {
    files: &'g [ManifestFile],
}

impl<'g> From<&'g Genome> for GenomeShape<'g> {
    fn from(genome: &'g Genome) -> Self {
        let Genome { name, version, parents, created_at, authority, invariants, capabilities, tools, files } = genome;
        let build_manifest = ManifestShape { files };
        let tools = Some(tools.as_slice()).filter(|tools| !tools.is_empty());
        Self { name, version, parents, created_at, authority, invariants, capabilities, tools, build_manifest }
    }
}

written_as!(Genome, GenomeShape<'_>);

/// A key that may sign, as `authority.signers` holds it.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Signer", deny_unknown_fields))]
struct SignerShape<'s> {
    key_id: &'s KeyId,
    #[cfg_attr(feature = "schemars", schemars(extend("const" = "ed25519")))]
    alg: &'static str,
    public_key: &'s PublicKey,
}

impl<'s> From<&'s Signer> for SignerShape<'s> {
    fn from(Signer { key_id, public_key }: &'s Signer) -> Self {
        Self { key_id, alg: "ed25519", public_key }
    }
}

written_as!(Signer, SignerShape<'_>);

/// How far one of those has signed whose signatures a genome needs.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Quorum", deny_unknown_fields))]
struct QuorumShape<'q> {
    /// Whose threshold it is.
    #[cfg_attr(feature = "schemars", schemars(extend("enum" = ["genome", "parent", "policy"])))]
    whose: &'static str,
    /// The genome id of that parent.
    parent: Option<GenomeId>,
    /// How many distinct keys must have signed.
    threshold: usize,
    /// Why it is more than that authority asks for.
    because: Option<ApprovalReason>,
    /// How many more have to sign.
    missing: usize,
    signed: Vec<Named<'q>>,
    may_sign: Vec<Named<'q>>,
    /// Who has signed with a key that the trust policy revokes, which does not count.
    revoked: Vec<Named<'q>>,
}

/// A signer as people call him.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "NamedKey", deny_unknown_fields))]
struct Named<'s> {
    key_id: &'s KeyId,
    fingerprint: Fingerprint,
}

impl<'q> From<&'q Quorum> for QuorumShape<'q> {
    fn from(Quorum { whose, tally, because }: &'q Quorum) -> Self {
        fn named(signers: &[Signer]) -> Vec<Named<'_>> {
            signers.iter().map(|signer| Named { key_id: &signer.key_id, fingerprint: signer.public_key.fingerprint() }).collect()
        }
        let (whose, parent) = match whose {
            QuorumOf::Own => ("genome", None),
            QuorumOf::Parent(parent) => ("parent", Some(parent.id)),
            QuorumOf::Policy => ("policy", None),
        };
        Self {
            whose,
            parent,
            threshold: tally.threshold,
            because: *because,
            missing: tally.missing(),
            signed: named(&tally.signed),
            may_sign: named(&tally.unsigned),
            revoked: named(&tally.revoked),
        }
    }
}

written_as!(Quorum, QuorumShape<'_>);

/// A lineage that was followed.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Lineage", deny_unknown_fields))]
struct LineageShape {
    /// How many ancestors were looked at.
    ancestors: usize,
    /// The genome ids of those that the trust policy pins.
    pinned: Vec<GenomeId>,
    /// The genome ids of the roots that nothing pins.
    roots: Vec<GenomeId>,
}

impl From<&Lineage> for LineageShape {
    fn from(Lineage { ancestors, pinned, roots, .. }: &Lineage) -> Self {
        let ids = |names: &[GenomeName]| names.iter().map(|name| name.id).collect();
        Self { ancestors: *ancestors, pinned: ids(pinned), roots: ids(roots) }
    }
}

written_as!(Lineage, LineageShape);

#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
struct ChangeShape(DeclaredChange);

impl From<&Change> for ChangeShape {
    fn from(change: &Change) -> Self {
        Self(change.declared())
    }
}

written_as!(Change, ChangeShape);

/// A check, and how it went.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Check", deny_unknown_fields))]
struct CheckShape {
    check: Check,
    state: CheckResult,
}

/// In order.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Checklist"))]
struct ChecklistShape(Vec<CheckShape>);

impl From<&Checklist> for ChecklistShape {
    fn from(checklist: &Checklist) -> Self {
        Self(checklist.iter().map(|(check, state)| CheckShape { check, state }).collect())
    }
}

written_as!(Checklist, ChecklistShape);
