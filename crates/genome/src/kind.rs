//! The kinds of documents that this project reads and prints, and how one is known that stands where another belongs.

use crate::concept::{
    AS_AUDIT_LOG, AS_DEFINITIONS, AS_GENOME, AS_PROPOSAL, AS_STATE, AS_TRUST_POLICY, KEY_GENERATOR, LISTING, PROPOSING, SIGNING,
    STATE, TRUST_POLICY,
};
use crate::hint::Hint;
use crate::key::{is_private_key_file, is_public_key_file};
use genome_json::{self as json, JsonError, JsonFault, Value};
use std::fmt;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A genome that somebody has signed.
    Genome,
    /// A genome that nobody has signed yet.
    Draft,
    /// A trust policy, or an authority, which is one.
    TrustPolicy,
    /// A signer object, as the key generator prints it.
    Signer,
    /// A state of accepted versions.
    State,
    /// An audit log.
    AuditLog,
    /// What a change is declared to be.
    Proposal,
    /// Probes of a proposal.
    Probes,
    /// What an MCP server says of its tools.
    Definitions,
    /// The report of a comparison.
    ComparisonReport,
    /// The report of a verification.
    VerificationReport,
    /// One invariant of a genome.
    Invariant,
    /// One capability of a genome.
    Capability,
    /// A public key as OpenSSH or OpenSSL writes it.
    PublicKey,
    /// A public key as JWK (RFC 7517).
    Jwk,
    /// A private key.
    PrivateKey,
}

/// A kind: its name in `schema_version` up to the number, and without that member the names that it has and no other kind.
struct Mark {
    kind: DocumentKind,
    schema: Option<&'static str>,
    names: &'static [&'static str],
}

const fn mark(kind: DocumentKind, schema: Option<&'static str>, names: &'static [&'static str]) -> Mark {
    Mark { kind, schema, names }
}

const MARKS: [Mark; 14] = [
    mark(DocumentKind::Genome, Some("genome"), &["authority", "capabilities", "build_manifest"]),
    mark(DocumentKind::TrustPolicy, Some("trust"), &["signers", "threshold"]),
    mark(DocumentKind::Signer, None, &["key_id", "alg", "public_key"]),
    mark(DocumentKind::State, Some("state"), &["accepted", "sha256"]),
    mark(DocumentKind::AuditLog, Some("audit"), &["line", "previous", "sig_base64"]),
    mark(DocumentKind::Proposal, Some("proposal"), &["proposal", "from_genome_id", "to_genome_id"]),
    mark(DocumentKind::Probes, None, &["must_allow"]),
    mark(DocumentKind::Probes, None, &["must_deny"]),
    mark(DocumentKind::Definitions, Some("definitions"), &["server", "tools"]),
    mark(DocumentKind::ComparisonReport, Some("genome-diff"), &[]),
    mark(DocumentKind::VerificationReport, Some("genome-verify"), &[]),
    mark(DocumentKind::Invariant, None, &["id", "severity", "testable_claim"]),
    mark(DocumentKind::Capability, None, &["cap_id", "allow_actions", "deny_actions"]),
    mark(DocumentKind::Jwk, None, &["kty"]),
];

impl DocumentKind {
    /// The kind of a document, whatever else is wrong with it.
    fn of(document: &Value<'_>) -> Option<Self> {
        let Value::Object(members) = document else { return None };
        let find = |name: &str| members.iter().find(|member| &*member.name == name).map(|member| &member.value);
        let schema = find("schema_version").and_then(Value::as_str).map(|version| version.split(".v").next().unwrap_or_default());
        let is_of = |mark: &&Mark| match schema {
            Some(schema) => mark.schema == Some(schema),
            None => !mark.names.is_empty() && mark.names.iter().all(|name| find(name).is_some()),
        };
        let is_signed = ["signature", "signatures"].iter().any(|name| find(name).is_some());
        match MARKS.iter().find(is_of)?.kind {
            Self::Genome if !is_signed => Some(Self::Draft),
            kind => Some(kind),
        }
    }

    /// The kind of a text that is not one JSON document.
    fn of_text(bytes: &[u8], error: &JsonError) -> Option<Self> {
        // Each line of an audit log is a document.
        if matches!(error.fault, JsonFault::Trailing(_)) {
            let line = bytes.split(|byte| *byte == b'\n').next()?;
            return json::parse(line).ok().and_then(|line| Self::of(&line)).filter(|kind| *kind == Self::AuditLog);
        }
        if is_private_key_file(bytes) { Some(Self::PrivateKey) } else { is_public_key_file(bytes).then_some(Self::PublicKey) }
    }

    /// Whether a reader of this kind takes documents of that one.
    fn takes(self, found: Self) -> bool {
        match self {
            Self::Genome => matches!(found, Self::Genome | Self::Draft),
            Self::TrustPolicy => matches!(found, Self::TrustPolicy | Self::Signer),
            kind => kind == found,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Genome => "a genome",
            Self::Draft => "an unsigned draft of a genome",
            Self::TrustPolicy => "a trust policy",
            Self::Signer => "the public key of a signer",
            Self::State => "a state of accepted versions",
            Self::AuditLog => "an audit log",
            Self::Proposal => "a proposal",
            Self::Probes => "a file of probes",
            Self::Definitions => "a file of definitions",
            Self::ComparisonReport => "a report that compares genomes",
            Self::VerificationReport => "a report on verified genomes",
            Self::Invariant => "one invariant of a genome",
            Self::Capability => "one capability of a genome",
            Self::PublicKey => "a public key",
            Self::Jwk => "a public key as JWK",
            Self::PrivateKey => "a private key",
        }
    }

    /// What to give where this kind is expected.
    fn wanted(self) -> Hint {
        match self {
            Self::TrustPolicy => TRUST_POLICY.into(),
            Self::Signer | Self::PublicKey => {
                "give the signer object that " + KEY_GENERATOR + " printed, or a public key as OpenSSH or OpenSSL writes it"
            }
            Self::State => STATE.into(),
            Self::Proposal => "put there what " + PROPOSING + " writes",
            Self::Probes => "put there an object with `must_allow`, `must_deny` or both".into(),
            Self::Definitions => "put there what " + LISTING + " writes",
            Self::Invariant | Self::Capability => format!("give {}, a JSON object as it stands there", self.noun()).into(),
            _ => format!("name {}", self.noun()).into(),
        }
    }

    /// Where a document of this kind belongs.
    fn place(self) -> Option<Hint> {
        match self {
            Self::Genome => Some("this file is for " + AS_GENOME),
            Self::Draft => Some("this file is for " + SIGNING),
            Self::TrustPolicy | Self::Signer | Self::PublicKey => Some("this file is for " + AS_TRUST_POLICY),
            Self::State => Some("this file is for " + AS_STATE),
            Self::AuditLog => Some("this file is for " + AS_AUDIT_LOG),
            Self::Proposal => Some("the directory of this file is for " + AS_PROPOSAL),
            Self::Probes => Some("this file belongs into the directory `tests` of a proposal".into()),
            Self::Definitions => Some("this file is for " + AS_DEFINITIONS),
            Self::Jwk => Some(
                "a JWK is not read here: give the key as OpenSSH or OpenSSL writes it, or the signer object that "
                    + KEY_GENERATOR
                    + " prints of it",
            ),
            Self::PrivateKey => Some("keep this file where only its owner can read it".into()),
            _ => None,
        }
    }
}

/// A document of another kind than the one that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherDocument {
    /// The kind that it is.
    pub found: DocumentKind,
    /// The kind that belongs there.
    pub expected: DocumentKind,
    /// Whether it is a JSON document.
    pub(crate) is_json: bool,
}

impl OtherDocument {
    /// The kind of a document that its reader has refused, where that explains it.
    pub(crate) fn of(expected: DocumentKind, document: &Value<'_>) -> Option<Self> {
        let found = DocumentKind::of(document).filter(|found| !expected.takes(*found))?;
        Some(Self { found, expected, is_json: true })
    }

    /// The same for a text that is not one JSON document.
    pub(crate) fn of_text(expected: DocumentKind, bytes: &[u8], error: &JsonError) -> Option<Self> {
        let found = DocumentKind::of_text(bytes, error).filter(|found| !expected.takes(*found))?;
        Some(Self { found, expected, is_json: false })
    }

    /// The kind of a file of which a reader has not all, as an audit log is read by its lines.
    #[must_use]
    pub fn of_bytes(expected: DocumentKind, bytes: &[u8]) -> Option<Self> {
        match json::parse(bytes) {
            Ok(document) => Self::of(expected, &document),
            Err(error) => Self::of_text(expected, bytes, &error),
        }
    }

    /// The next thing to do.
    #[must_use]
    pub fn hint(&self) -> Hint {
        let wanted = self.expected.wanted();
        match self.found.place() {
            Some(place) => wanted + "; " + place,
            None => wanted,
        }
    }
}

impl fmt::Display for OtherDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "this is {}, and {} was expected", self.found.noun(), self.expected.noun())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<DocumentKind> {
        match json::parse(text.as_bytes()) {
            Ok(document) => DocumentKind::of(&document),
            Err(error) => DocumentKind::of_text(text.as_bytes(), &error),
        }
    }

    #[test]
    fn a_kind_is_known_by_its_version_or_else_by_its_names() {
        use DocumentKind::{AuditLog, Draft, Genome, Jwk, Probes, PublicKey, Signer, State, TrustPolicy, VerificationReport};
        for (text, expected) in [
            (r#"{"schema_version": "genome.v0.1"}"#, Some(Draft)),
            (r#"{"schema_version": "genome.v0.2", "signatures": []}"#, Some(Genome)),
            (r#"{"schema_version": "trust.v0.1", "accepted": 1, "sha256": 1}"#, Some(TrustPolicy)),
            (r#"{"signers": 1, "threshold": 1}"#, Some(TrustPolicy)),
            (r#"{"key_id": 1, "alg": 1, "public_key": 1}"#, Some(Signer)),
            (r#"{"must_deny": []}"#, Some(Probes)),
            (r#"{"accepted": {}, "sha256": ""}"#, Some(State)),
            (r#"{"schema_version": "genome-verify.v0.1"}"#, Some(VerificationReport)),
            ("{\"schema_version\": \"audit.v0.1\"}\n{\"schema_version\": \"audit.v0.1\"}\n", Some(AuditLog)),
            ("ssh-rsa AAAA", Some(PublicKey)),
            (r#"{"kty": "OKP", "crv": "Ed25519", "x": ""}"#, Some(Jwk)),
            ("{\"schema_version\": \"genome.v0.1\"}\n{}\n", None),
            (r#"{"schema_version": "other.v0.1", "must_deny": []}"#, None),
            (r#"{"schema_version": "genomes.v0.1"}"#, None),
            ("{}", None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_reader_takes_is_no_other_document() {
        let signer = json::parse(br#"{"key_id": 1, "alg": 1, "public_key": 1}"#).unwrap();
        assert_eq!(OtherDocument::of(DocumentKind::TrustPolicy, &signer), None);
        let other = OtherDocument::of(DocumentKind::Genome, &signer).unwrap();
        assert_eq!(other.to_string(), "this is the public key of a signer, and a genome was expected");
    }
}
