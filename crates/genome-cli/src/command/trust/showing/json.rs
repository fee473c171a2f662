//! A trust policy as one JSON object: a type for each part, of which its JSON Schema is made.

use crate::{Finding, FindingShape, Source, file, json_text};
use genome::approvals::RequiredApprovals;
use genome::change::Class;
use genome::key::PublicKey;
use genome::model::Signer;
use genome::policy::{Approvals, PolicyEditor, PolicyForm};
use genome::{Fingerprint, GenomeId, KeyId, TrustPolicy};
use serde::Serialize;

const VERSION: &str = "genome-trust.v0.1";

/// What `genome trust show --format json` prints.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(title = "genome-trust.v0.1", deny_unknown_fields))]
pub(super) struct PolicyShape<'p> {
    #[cfg_attr(feature = "schemars", schemars(extend("const" = VERSION)))]
    schema_version: &'static str,
    /// The file, or `standard input`.
    path: String,
    /// In which form the file holds the policy.
    form: PolicyForm,
    /// Who may sign.
    signers: Vec<SignerShape<'p>>,
    /// How many of them must sign; `null` where there are none.
    threshold: Option<usize>,
    /// How many of them must sign a genome that is trusted without its parents; `null` where there are none.
    required: Option<RequiredApprovals>,
    /// Whether so many of them can sign: their keys are not revoked.
    can_be_met: bool,
    /// What `quorum` asks for.
    quorum: Vec<ClassShape>,
    /// The genomes that are trusted by their ids.
    genome_ids: Vec<GenomeId>,
    /// The lowest version that is accepted under each name.
    minimum_versions: Vec<MinimumShape<'p>>,
    /// How old a genome may be at most, in days.
    maximum_age_days: Option<u64>,
    /// The fingerprints of the keys that count nowhere.
    revoked: Vec<Fingerprint>,
    /// What its user should know.
    warnings: Vec<FindingShape>,
}

/// A signer who may sign.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "TrustedSigner", deny_unknown_fields))]
struct SignerShape<'p> {
    key_id: &'p KeyId,
    public_key: &'p PublicKey,
    fingerprint: Fingerprint,
    /// Whether the policy revokes the key too, which then does not count.
    revoked: bool,
    /// Whether its private half is published.
    test_key: bool,
}

/// How many must sign a change of some class.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "ClassQuorum", deny_unknown_fields))]
struct ClassShape {
    class: Class,
    /// A number, or all.
    approvals: ApprovalsShape,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(untagged)]
enum ApprovalsShape {
    Count(usize),
    All(#[cfg_attr(feature = "schemars", schemars(extend("const" = "all")))] &'static str),
}

/// The lowest version that is accepted under a name.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "MinimumVersion", deny_unknown_fields))]
struct MinimumShape<'p> {
    name: &'p str,
    /// Semantic Versioning 2.0.0.
    version: String,
}

/// One JSON object.
pub(super) fn json(editor: &PolicyEditor<'_>, source: &Source, warnings: &[Finding]) -> String {
    let policy = editor.before();
    json_text(&PolicyShape {
        schema_version: VERSION,
        path: file(source),
        form: editor.form(),
        signers: policy.signers().iter().map(|signer| shape(policy, signer)).collect(),
        threshold: policy.authority().map(|authority| authority.threshold),
        required: policy.approvals_to_pin(),
        can_be_met: policy.unmet().is_none(),
        quorum: policy.approvals_by_class().map(|(class, approvals)| ClassShape { class, approvals: approvals.into() }).collect(),
        genome_ids: policy.genome_ids(),
        minimum_versions: policy
            .minimum_versions()
            .iter()
            .map(|(name, version)| MinimumShape { name, version: version.to_string() })
            .collect(),
        maximum_age_days: policy.maximum_age_days(),
        revoked: policy.revoked_keys(),
        warnings: warnings.iter().map(FindingShape::from).collect(),
    })
}

fn shape<'p>(policy: &TrustPolicy, signer: &'p Signer) -> SignerShape<'p> {
    let Signer { key_id, public_key, .. } = signer;
    SignerShape {
        key_id,
        public_key,
        fingerprint: public_key.fingerprint(),
        revoked: policy.revokes(public_key),
        test_key: public_key.is_published_test_key(),
    }
}

impl From<Approvals> for ApprovalsShape {
    fn from(approvals: Approvals) -> Self {
        match approvals {
            Approvals::All => Self::All("all"),
            Approvals::Count(count) => Self::Count(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PolicyShape;
    use genome_test_support::printed;

    #[test]
    fn the_schema_that_is_committed_is_that_of_the_types() {
        printed::assert_committed::<PolicyShape<'_>>("trust-report");
    }
}
