//! A genome that is as its own authority left it.

use crate::digest::GenomeId;
use crate::document::Document;
use crate::model::Genome;
use crate::tally::Tally;
use std::ops::Deref;

/// A document or genome as its own authority left it: the signatures on it verify, and enough of its own signers have signed. It does not say
/// whether that authority is to be trusted; [`Verified`](crate::Verified) is what a verifier has accepted.
///
/// ```compile_fail,E0599
/// # fn boot(file: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let genome = genome::dangerous::verify_self_declared(file)?;
/// let ceiling = genome.to_ceiling();
/// # Ok(())
/// # }
/// ```
///
/// Nothing outside this crate makes one without checking it.
///
/// ```compile_fail,E0451
/// # fn forge(genome: genome::Genome, good: genome::dangerous::Intact<genome::Genome>) {
/// let forged = genome::dangerous::Intact { contents: genome, ..good };
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intact<T> {
    contents: T,
    id: GenomeId,
    canonical: String,
    tally: Tally,
}

impl Intact<Genome> {
    /// A document whose own quorum is met, as this tally of its signatures says.
    pub(crate) fn of(document: Document<'_>, tally: Tally) -> Self {
        let Document { genome, id, canonical, .. } = document;
        Self { contents: genome, id, canonical, tally }
    }
}

impl<T> Intact<T> {
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

    /// The tally of its own authority.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl<T> Deref for Intact<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.contents
    }
}
