//! The active genome, as programs are told of it.

use crate::active::time_of;
use crate::authzen::{Projection, PublicUrl};
use crate::point::DecisionPoint;
use crate::warning::GenomeWarning;
use genome::key::Fingerprint;
use genome::mcp::ServerName;
use genome::model::{Capability, Invariant, RiskClass, Signer, ToolPin};
use genome::{Code, GenomeId, KeyId, Lineage, Timestamp, Trust};
use genome_json::text::{Printable, verbatim};
use serde::Serialize;
use std::borrow::Cow;

/// What `GET /genome` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Genome", deny_unknown_fields))]
pub(crate) struct GenomeAnswer<'g> {
    genome_id: GenomeId,
    name: &'g str,
    /// Semantic Versioning 2.0.0.
    version: String,
    /// Genome ids.
    parents: &'g [GenomeId],
    created_at: &'g Timestamp,
    authority: AuthorityAnswer<'g>,
    signatures: SignaturesAnswer,
    /// Why it is trusted.
    trust: Trust,
    /// `null` where no ancestor was looked at.
    lineage: Option<&'g Lineage>,
    /// What there is to know of this genome although it was accepted, the gravest first.
    warnings: Vec<WarningAnswer<'g>>,
    invariants: &'g [Invariant],
    capabilities: Vec<CapabilityAnswer<'g>>,
    /// The definitions of tools that are good, where the genome pins any.
    tools: &'g [ToolPin],
    ceiling: CeilingAnswer,
    authzen: AuthzenAnswer<'g>,
    /// `null` where the time has no text in RFC 3339.
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    loaded_at: Option<String>,
    server_version: &'static str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Authority", deny_unknown_fields))]
struct AuthorityAnswer<'g> {
    threshold: usize,
    signers: Vec<SignerAnswer<'g>>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Signer", deny_unknown_fields))]
struct SignerAnswer<'g> {
    key_id: &'g KeyId,
    #[cfg_attr(test, schemars(extend("const" = "ed25519")))]
    alg: &'static str,
    fingerprint: Fingerprint,
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
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Warning", deny_unknown_fields))]
struct WarningAnswer<'g> {
    /// What it is a refusal with where more is asked.
    code: Option<Code>,
    message: String,
    /// The file that it is about, such as the state; `null` for the genome itself.
    file: Option<Cow<'g, str>>,
    /// Where in the genome's document, as a JSON Pointer (RFC 6901).
    pointer: Cow<'g, str>,
    /// The next thing to do.
    hint: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Capability", deny_unknown_fields))]
struct CapabilityAnswer<'g> {
    cap_id: &'g str,
    risk_class: RiskClass,
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

/// How the AuthZEN endpoints understand requests.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Authzen", deny_unknown_fields))]
struct AuthzenAnswer<'g> {
    projection: Projection,
    /// The MCP server after which actions are named; absent where they have plain names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    mcp_server: Option<&'g str>,
    /// The address for clients; absent where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String"))]
    public_url: Option<&'g str>,
}

impl<'g> GenomeAnswer<'g> {
    pub(crate) fn of(point: &'g DecisionPoint) -> Self {
        let active = point.active();
        let (genome, ceiling) = (active.genome(), active.ceiling());
        let tally = genome.tally();
        let signer = |signer: &'g Signer| SignerAnswer {
            key_id: &signer.key_id,
            alg: "ed25519",
            fingerprint: signer.public_key.fingerprint(),
            signed: tally.signed.contains(signer),
        };
        let signers = genome.authority.signers.iter().map(signer).collect();
        Self {
            genome_id: genome.id(),
            name: &genome.name,
            version: genome.version.to_string(),
            parents: &genome.parents,
            created_at: &genome.created_at,
            authority: AuthorityAnswer { threshold: genome.authority.threshold, signers },
            signatures: SignaturesAnswer { counted: tally.counted(), required: tally.threshold },
            trust: genome.trust(),
            lineage: genome.lineage(),
            warnings: active.warnings().iter().map(WarningAnswer::from).collect(),
            invariants: &genome.invariants,
            capabilities: genome.capabilities.iter().map(CapabilityAnswer::from).collect(),
            tools: &genome.tools,
            ceiling: CeilingAnswer { allowed: ceiling.allowed(), denied: ceiling.denied() },
            authzen: point.into(),
            loaded_at: time_of(active.loaded_at()).map(|time| time.to_string()),
            server_version: env!("CARGO_PKG_VERSION"),
        }
    }
}

impl<'g> From<&'g DecisionPoint> for AuthzenAnswer<'g> {
    fn from(point: &'g DecisionPoint) -> Self {
        let settings = &point.authzen;
        Self {
            projection: settings.projection,
            mcp_server: point.action_names.server().map(ServerName::as_str),
            public_url: settings.public_url.as_ref().map(PublicUrl::as_str),
        }
    }
}

impl<'g> From<&'g GenomeWarning> for WarningAnswer<'g> {
    fn from(warning: &'g GenomeWarning) -> Self {
        let GenomeWarning { code, message, file, pointer, hint } = warning;
        Self {
            code: *code,
            message: Printable(message).to_string(),
            file: file.as_deref().map(verbatim),
            pointer: verbatim(pointer),
            hint: Printable(&hint.to_string()).to_string(),
        }
    }
}

impl<'g> From<&'g Capability> for CapabilityAnswer<'g> {
    fn from(capability: &'g Capability) -> Self {
        let Capability { cap_id, risk_class, allow_actions, deny_actions, .. } = capability;
        Self {
            cap_id,
            risk_class: *risk_class,
            allow_count: allow_actions.len(),
            allow_actions,
            deny_count: deny_actions.len(),
            deny_actions,
        }
    }
}
