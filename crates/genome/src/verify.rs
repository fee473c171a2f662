//! The one verifier.

use crate::GenomeId;
use crate::document::Document;
use crate::genome::{Genome, Signer};
use crate::refusal::{Code, Refusal};
use crate::signature::{Signature, Tally};
use std::fmt;
use std::ops::Deref;

/// Something that the verifier has accepted. There is no other way to make one, so what takes a `Verified<Genome>` cannot be given
/// a genome that was not checked.
///
/// ```compile_fail,E0451
/// # fn forge(genome: genome::Genome, good: genome::Verified<genome::Genome>) {
/// let forged = genome::Verified { contents: genome, ..good };
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    contents: T,
    id: GenomeId,
    canonical: String,
    tally: Tally,
    trust: Trust,
}

/// Why a genome is believed, DESIGN section 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// Only its own authority vouches for it: the genome is as its signers left it, but nothing says who they are.
    SelfDeclared,
}

impl Trust {
    /// The word of DESIGN section 6.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SelfDeclared => "self-declared",
        }
    }

    /// What it is worth, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::SelfDeclared => {
                "only its own authority vouches for it, which is integrity, not authenticity: anybody can make a genome and sign it"
            }
        }
    }
}

/// Something about an accepted genome that its user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A signer's private key is published.
    TestKey {
        /// Where the signer stands, as a JSON Pointer.
        pointer: String,
        /// The signer.
        signer: Signer,
    },
    /// A signature by a key that the authority does not name.
    UnknownSigner(Signature),
}

impl Warning {
    /// The code, for what is a refusal under stricter rules.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::TestKey { .. } => Some(Code::TestKey),
            Self::UnknownSigner(_) => None,
        }
    }

    /// Where it is, as a JSON Pointer (RFC 6901).
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::TestKey { pointer, .. } => pointer,
            Self::UnknownSigner(signature) => signature.pointer(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TestKey { .. } => "never use this genome in production: make a key with genome-keygen, as DEPLOYMENT.md says",
            Self::UnknownSigner(_) => "it counts for nothing; a rotated genome carries the signatures of its parent's keys",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TestKey { signer, .. } => write!(
                formatter,
                "the signer `{}` ({}) is a published test key: anybody can sign with it",
                signer.key_id,
                signer.public_key.fingerprint()
            ),
            Self::UnknownSigner(signature) => {
                write!(formatter, "a signature by `{}`, whom the authority does not name", signature.key_id)
            }
        }
    }
}

/// Verifies a genome: strict JSON, the schema, its canonical form, every signature over it, the threshold.
///
/// # Errors
/// The first of these that does not hold; every fault of the schema at once.
pub fn verify(bytes: &[u8]) -> Result<Verified<Genome>, Refusal> {
    let document = Document::read(bytes)?;
    if document.signatures.is_empty() {
        return Err(Refusal::Unsigned);
    }
    let tally = document.tally()?;
    if !tally.is_met() {
        return Err(Refusal::InsufficientSignatures(tally));
    }
    let Document { genome, id, canonical, .. } = document;
    Ok(Verified { contents: genome, id, canonical, tally, trust: Trust::SelfDeclared })
}

impl<T> Verified<T> {
    /// The genome id: the SHA-256 digest of the canonical form.
    #[must_use]
    pub fn id(&self) -> GenomeId {
        self.id
    }

    /// The bytes that were signed (RFC 8785).
    #[must_use]
    pub fn canonical_form(&self) -> &[u8] {
        self.canonical.as_bytes()
    }

    /// Who signed.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Why it is believed.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }
}

impl Verified<Genome> {
    /// What its user should know.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let signers = self.authority.signers.iter().enumerate().filter(|(_, signer)| signer.public_key.is_published_test_key());
        let test_keys = signers
            .map(|(index, signer)| Warning::TestKey { pointer: format!("/authority/signers/{index}"), signer: signer.clone() });
        test_keys.chain(self.tally.unknown.iter().cloned().map(Warning::UnknownSigner)).collect()
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.contents
    }
}
