//! The active genome, as programs are told of it.

use crate::active::{Active, time_of};
use crate::warning::GenomeWarning;
use genome::model::{Capability, GenomeName, Invariant, Signer};
use genome::{Code, Lineage};
use genome_json::text::{Printable, verbatim};
use serde::Serialize;
use std::borrow::Cow;

/// What `GET /genome` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Genome", deny_unknown_fields))]
pub(crate) struct GenomeAnswer<'g> {
    #[cfg_attr(test, schemars(extend("pattern" = "^[0-9a-f]{64}$")))]
    genome_id: String,
    name: &'g str,
    /// Semantic Versioning 2.0.0.
    version: String,
    /// Genome ids.
    parents: Vec<String>,
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    created_at: &'g str,
    authority: AuthorityAnswer,
    signatures: SignaturesAnswer,
    /// Why it is trusted.
    #[cfg_attr(test, schemars(extend("enum" = ["pinned", "lineage", "self-declared"])))]
    trust: &'static str,
    /// `null` where no ancestor was looked at.
    lineage: Option<LineageAnswer>,
    /// What there is to know of this genome although it was accepted, the gravest first.
    warnings: Vec<WarningAnswer<'g>>,
    invariants: Vec<InvariantAnswer<'g>>,
    capabilities: Vec<CapabilityAnswer<'g>>,
    ceiling: CeilingAnswer,
    /// `null` where the time has no text in RFC 3339.
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    loaded_at: Option<String>,
    server_version: &'static str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Authority", deny_unknown_fields))]
struct AuthorityAnswer {
    threshold: usize,
    signers: Vec<SignerAnswer>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Signer", deny_unknown_fields))]
struct SignerAnswer {
    key_id: String,
    #[cfg_attr(test, schemars(extend("const" = "ed25519")))]
    alg: &'static str,
    #[cfg_attr(test, schemars(extend("pattern" = "^SHA256:[A-Za-z0-9+/]{43}$")))]
    fingerprint: String,
    /// Whether there is a signature by this key that counts.
    signed: bool,
}

/// How many signatures count, and how many must.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Signatures", deny_unknown_fields))]
struct SignaturesAnswer {
    counted: usize,
    required: usize,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Lineage", deny_unknown_fields))]
struct LineageAnswer {
    /// How many ancestors were looked at.
    ancestors: usize,
    /// The genome ids of those that the trust policy pins.
    pinned: Vec<String>,
    /// The genome ids of the roots that nothing pins.
    roots: Vec<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Warning", deny_unknown_fields))]
struct WarningAnswer<'g> {
    /// What it is a refusal with where more is asked.
    #[cfg_attr(test, schemars(extend("pattern" = "^GENOME_[A-Z_]+$")))]
    code: Option<&'static str>,
    message: String,
    /// The file that it is about, such as the state; `null` for the genome itself.
    file: Option<Cow<'g, str>>,
    /// Where in the genome's document, as a JSON Pointer (RFC 6901).
    pointer: Cow<'g, str>,
    /// The next thing to do.
    hint: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Invariant", deny_unknown_fields))]
struct InvariantAnswer<'g> {
    id: &'g str,
    #[cfg_attr(test, schemars(extend("enum" = ["CRITICAL", "HIGH", "MEDIUM"])))]
    severity: &'static str,
    testable_claim: &'g str,
    enforcement_hook: &'g str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Capability", deny_unknown_fields))]
struct CapabilityAnswer<'g> {
    cap_id: &'g str,
    #[cfg_attr(test, schemars(extend("enum" = ["A", "B", "C", "D"])))]
    risk_class: &'static str,
    allow_count: usize,
    allow_actions: &'g [String],
    deny_count: usize,
    deny_actions: &'g [String],
}

/// How many actions are allowed, and how many denied by name; all others are denied.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Ceiling", deny_unknown_fields))]
struct CeilingAnswer {
    allowed: usize,
    denied: usize,
}

impl<'g> GenomeAnswer<'g> {
    pub(crate) fn of(active: &'g Active) -> Self {
        let (genome, ceiling) = (active.genome(), active.ceiling());
        let tally = genome.tally();
        let signer = |signer: &Signer| SignerAnswer {
            key_id: signer.key_id.to_string(),
            alg: "ed25519",
            fingerprint: signer.public_key.fingerprint().to_string(),
            signed: tally.signed.contains(signer),
        };
        let signers = genome.authority.signers.iter().map(signer).collect();
        Self {
            genome_id: genome.id().to_string(),
            name: &genome.name,
            version: genome.version.to_string(),
            parents: genome.parents.iter().map(ToString::to_string).collect(),
            created_at: genome.created_at.as_str(),
            authority: AuthorityAnswer { threshold: genome.authority.threshold, signers },
            signatures: SignaturesAnswer { counted: tally.counted(), required: tally.threshold },
            trust: genome.trust().as_str(),
            lineage: genome.lineage().map(LineageAnswer::from),
            warnings: active.warnings().iter().map(WarningAnswer::from).collect(),
            invariants: genome.invariants.iter().map(InvariantAnswer::from).collect(),
            capabilities: genome.capabilities.iter().map(CapabilityAnswer::from).collect(),
            ceiling: CeilingAnswer { allowed: ceiling.allowed(), denied: ceiling.denied() },
            loaded_at: time_of(active.loaded_at()).map(|time| time.to_string()),
            server_version: env!("CARGO_PKG_VERSION"),
        }
    }
}

impl From<&Lineage> for LineageAnswer {
    fn from(lineage: &Lineage) -> Self {
        let ids = |names: &[GenomeName]| names.iter().map(|name| name.id.to_string()).collect();
        Self { ancestors: lineage.ancestors, pinned: ids(&lineage.pinned), roots: ids(&lineage.roots) }
    }
}

impl<'g> From<&'g GenomeWarning> for WarningAnswer<'g> {
    fn from(warning: &'g GenomeWarning) -> Self {
        let GenomeWarning { code, message, file, pointer, hint } = warning;
        Self {
            code: code.map(Code::as_str),
            message: Printable(message).to_string(),
            file: file.as_deref().map(verbatim),
            pointer: verbatim(pointer),
            hint: Printable(&hint.to_string()).to_string(),
        }
    }
}

impl<'g> From<&'g Invariant> for InvariantAnswer<'g> {
    fn from(invariant: &'g Invariant) -> Self {
        let Invariant { id, severity, testable_claim, enforcement_hook, .. } = invariant;
        Self { id, severity: severity.as_str(), testable_claim, enforcement_hook }
    }
}

impl<'g> From<&'g Capability> for CapabilityAnswer<'g> {
    fn from(capability: &'g Capability) -> Self {
        let Capability { cap_id, risk_class, allow_actions, deny_actions, .. } = capability;
        Self {
            cap_id,
            risk_class: risk_class.as_str(),
            allow_count: allow_actions.len(),
            allow_actions,
            deny_count: deny_actions.len(),
            deny_actions,
        }
    }
}
