//! Integrity without trust. Whoever puts his own key into a genome can sign it, and everything here accepts that.
//!
//! A genome whose integrity was checked is [`Intact`]. That is enough to sign a child of it, to draft the next version, and to compare it
//! with another; it is not enough to act upon it. What acts upon a genome takes a [`Verified`](crate::Verified) one, and without a
//! [`TrustPolicy`](crate::TrustPolicy) the only way to that is [`accept_self_declared`].

pub use crate::document::Intact;
use crate::model::Genome;
use crate::refusal::Refusal;
use crate::verify::{self, Verifier};
use std::time::SystemTime;

/// Verifies a genome by itself: strict JSON, the schema, its canonical form, every signature over it, the threshold. Nobody but its own
/// authority vouches for it.
///
/// # Errors
/// The first of these that fails; every fault of the schema at once.
pub fn verify_self_declared(bytes: &[u8]) -> Result<Intact<Genome>, Refusal> {
    let (document, _, tally) = verify::integrity(bytes, None, None)?;
    Ok(Intact::of(document, tally))
}

/// A verifier with this clock and no trust policy: it accepts whatever vouches for itself ([`Trust::SelfDeclared`](crate::Trust)), whoever
/// has signed it. Production refuses all that it verifies.
///
/// ```
/// use genome::dangerous;
/// use std::time::SystemTime;
///
/// # fn try_out(file: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let genome = dangerous::accept_self_declared(SystemTime::now()).verify(file)?;
/// let ceiling = genome.to_ceiling();
/// # Ok(())
/// # }
/// ```
pub fn accept_self_declared<'v>(clock: SystemTime) -> Verifier<'v> {
    Verifier::without_policy(clock)
}
