use std::fmt;

/// The stable name of a verdict of no, DESIGN section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// There is no such file.
    Missing,
    /// The file cannot be read.
    Unreadable,
    /// Not strict JSON.
    InvalidJson,
    /// Not what the schema asks for.
    InvalidSchema,
    /// No signature.
    Unsigned,
    /// A signature by a known signer that does not verify.
    InvalidSignature,
    /// Fewer signatures than the threshold.
    InsufficientSignatures,
    /// A signature of the replaced scripts, which covered the top-level texts only.
    LegacySignature,
    /// A private key in the document.
    SecretExposed,
    /// A signer whose private key is published.
    TestKey,
    /// Nobody whom the trust policy believes vouches for the genome.
    Untrusted,
    /// A quorum would need a key that the trust policy revokes.
    RevokedKey,
    /// A version below one that was accepted before, or that the trust policy asks for.
    Rollback,
    /// Older than the trust policy allows.
    Stale,
    /// Dated in the future.
    NotYetValid,
    /// A step from an ancestor that is not good.
    LineageBroken,
    /// A file that is not as the manifest says.
    ManifestMismatch,
    /// An audit log that is not as it was written, or a signature that it does not record.
    AuditMismatch,
    /// A proposal that is not what it is about.
    ProposalMismatch,
    /// An action that the ceiling does not allow.
    CapabilityDenied,
}

impl Code {
    /// Every code, in the order of DESIGN section 7.
    pub const ALL: [Self; 20] = [
        Self::Missing,
        Self::Unreadable,
        Self::InvalidJson,
        Self::InvalidSchema,
        Self::Unsigned,
        Self::InvalidSignature,
        Self::InsufficientSignatures,
        Self::LegacySignature,
        Self::SecretExposed,
        Self::TestKey,
        Self::Untrusted,
        Self::RevokedKey,
        Self::Rollback,
        Self::Stale,
        Self::NotYetValid,
        Self::LineageBroken,
        Self::ManifestMismatch,
        Self::AuditMismatch,
        Self::ProposalMismatch,
        Self::CapabilityDenied,
    ];

    /// Where something with this code, or with none, stands among others of its kind, the gravest (0) first: first that anybody can sign,
    /// then that anybody can have made it, then what has a code.
    #[must_use]
    pub fn gravity(code: Option<Self>) -> u8 {
        match code {
            Some(Self::TestKey | Self::SecretExposed) => 0,
            Some(Self::Untrusted) => 1,
            Some(_) => 2,
            None => 3,
        }
    }

    /// The code as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "GENOME_MISSING",
            Self::Unreadable => "GENOME_UNREADABLE",
            Self::InvalidJson => "GENOME_INVALID_JSON",
            Self::InvalidSchema => "GENOME_INVALID_SCHEMA",
            Self::Unsigned => "GENOME_UNSIGNED",
            Self::InvalidSignature => "GENOME_INVALID_SIGNATURE",
            Self::InsufficientSignatures => "GENOME_INSUFFICIENT_SIGNATURES",
            Self::LegacySignature => "GENOME_LEGACY_SIGNATURE",
            Self::SecretExposed => "GENOME_SECRET_EXPOSED",
            Self::TestKey => "GENOME_TEST_KEY",
            Self::Untrusted => "GENOME_UNTRUSTED",
            Self::RevokedKey => "GENOME_REVOKED_KEY",
            Self::Rollback => "GENOME_ROLLBACK",
            Self::Stale => "GENOME_STALE",
            Self::NotYetValid => "GENOME_NOT_YET_VALID",
            Self::LineageBroken => "GENOME_LINEAGE_BROKEN",
            Self::ManifestMismatch => "GENOME_MANIFEST_MISMATCH",
            Self::AuditMismatch => "GENOME_AUDIT_MISMATCH",
            Self::ProposalMismatch => "GENOME_PROPOSAL_MISMATCH",
            Self::CapabilityDenied => "GENOME_CAPABILITY_DENIED",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
