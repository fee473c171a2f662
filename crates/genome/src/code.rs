//! The stable codes of refusals. A new one takes an entry here, in the place that DESIGN section 7 gives it; lists of the codes come from
//! [`Code::ALL`].

use crate::named::{named, nearest};

named! {
    /// The stable code of a refusal, in the order of DESIGN section 7.
    #[derive(PartialOrd, Ord)]
    #[non_exhaustive]
    Code {
        /// There is no such file.
        Missing = "GENOME_MISSING",
        /// The file cannot be read.
        Unreadable = "GENOME_UNREADABLE",
        /// Not strict JSON.
        InvalidJson = "GENOME_INVALID_JSON",
        /// It does not follow the schema.
        InvalidSchema = "GENOME_INVALID_SCHEMA",
        /// No signature.
        Unsigned = "GENOME_UNSIGNED",
        /// A signature by a known signer that does not verify.
        InvalidSignature = "GENOME_INVALID_SIGNATURE",
        /// Fewer signatures than the threshold.
        InsufficientSignatures = "GENOME_INSUFFICIENT_SIGNATURES",
        /// A signature of the replaced scripts, which covered the top-level texts only.
        LegacySignature = "GENOME_LEGACY_SIGNATURE",
        /// A private key in the document.
        SecretExposed = "GENOME_SECRET_EXPOSED",
        /// A signer whose private key is published.
        TestKey = "GENOME_TEST_KEY",
        /// The trust policy does not trust the genome.
        Untrusted = "GENOME_UNTRUSTED",
        /// A quorum would be met only with a key that the trust policy revokes.
        RevokedKey = "GENOME_REVOKED_KEY",
        /// A version below one that was accepted before, or that the trust policy asks for.
        Rollback = "GENOME_ROLLBACK",
        /// Older than the trust policy allows.
        Stale = "GENOME_STALE",
        /// Dated in the future.
        NotYetValid = "GENOME_NOT_YET_VALID",
        /// A step from an ancestor that is not good.
        LineageBroken = "GENOME_LINEAGE_BROKEN",
        /// A file that is not as the manifest says.
        ManifestMismatch = "GENOME_MANIFEST_MISMATCH",
        /// An audit log that is not as it was written, or a signature that it does not record.
        AuditMismatch = "GENOME_AUDIT_MISMATCH",
        /// A proposal that is not what it is about.
        ProposalMismatch = "GENOME_PROPOSAL_MISMATCH",
        /// An action that the ceiling does not allow.
        CapabilityDenied = "GENOME_CAPABILITY_DENIED",
    }
}

/// What each code begins with.
const PREFIX: &str = "GENOME_";

impl Code {
    /// The code of this name, in capitals or not, which may have been typed without its beginning.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is_meant = |code: &&Self| [code.as_str(), code.word()].iter().any(|known| known.eq_ignore_ascii_case(name));
        Self::ALL.iter().find(is_meant).copied()
    }

    /// The code that this name, which is none, may be a typing error of.
    #[must_use]
    pub fn resembling(name: &str) -> Option<Self> {
        let start = name.get(..PREFIX.len()).filter(|start| start.eq_ignore_ascii_case(PREFIX))?;
        let word = nearest(name.get(start.len()..)?, Self::ALL.iter().map(|code| code.word()))?;
        Self::named(word)
    }

    /// What tells it from the others.
    fn word(self) -> &'static str {
        self.as_str().trim_start_matches(PREFIX)
    }

    /// The rank of a finding with this code, or with none, among others of its level; 0 is the gravest: first that anybody can sign, then
    /// that anybody can have made it, then what has a code.
    #[must_use]
    pub fn gravity(code: Option<Self>) -> u8 {
        match code {
            Some(Self::TestKey | Self::SecretExposed) => 0,
            Some(Self::Untrusted) => 1,
            Some(_) => 2,
            None => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_a_person_types_it() {
        for name in ["GENOME_STALE", "genome_stale", "Stale"] {
            assert_eq!(Code::named(name), Some(Code::Stale), "{name}");
        }
        for (name, meant) in [
            ("GENOME_UNTRUSTD", Some(Code::Untrusted)),
            ("genome_roll_back", Some(Code::Rollback)),
            ("GENOME_OTHER", None),
            ("GENOME_", None),
            ("UNTRUSTD", None),
            ("é", None),
        ] {
            assert_eq!(Code::resembling(name), meant, "{name}");
        }
    }
}
