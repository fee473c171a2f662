//! What a verifier has accepted.

use crate::ceiling::Ceiling;
use crate::checklist::Checklist;
use crate::document::Intact;
use crate::key::PublicKey;
use crate::lineage::Lineage;
use crate::model::Genome;
use crate::trust::Trust;
use crate::warning::Warning;
use std::collections::HashSet;
use std::ops::Deref;

/// Something that a [`Verifier`](crate::Verifier) has accepted: it is [`Intact`], and its trust is known. There is no other way to make
/// one, so a function that takes a `Verified<Genome>` cannot be called with a genome that was not checked.
///
/// ```compile_fail,E0451
/// # fn forge(genome: genome::dangerous::Intact<genome::Genome>, good: genome::Verified<genome::Genome>) {
/// let forged = genome::Verified { intact: genome, ..good };
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    pub(crate) intact: Intact<T>,
    pub(crate) trust: Trust,
    pub(crate) lineage: Option<Lineage>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) checklist: Checklist,
    /// The keys that the trust policy names; `None` without a policy.
    pub(crate) policy_keys: Option<HashSet<PublicKey>>,
}

impl<T> Verified<T> {
    /// What the trust in it rests on.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// The lineage, where it was followed.
    #[must_use]
    pub fn lineage(&self) -> Option<&Lineage> {
        self.lineage.as_ref()
    }

    /// The warnings for its user.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Every check that was made.
    #[must_use]
    pub fn checklist(&self) -> &Checklist {
        &self.checklist
    }

    /// Whether the trust policy names this key; `None` where there was no policy.
    #[must_use]
    pub fn policy_names(&self, key: &PublicKey) -> Option<bool> {
        self.policy_keys.as_ref().map(|keys| keys.contains(key))
    }
}

impl Verified<Genome> {
    /// Makes the ceiling, which answers what the genome allows. That takes a pass over all actions: keep it. Only a verified genome has one.
    #[must_use]
    pub fn to_ceiling(&self) -> Ceiling {
        Ceiling::of_capabilities(&self.capabilities)
    }
}

impl<T> Deref for Verified<T> {
    type Target = Intact<T>;

    fn deref(&self) -> &Intact<T> {
        &self.intact
    }
}

/// For uses where only integrity matters, such as the parent of a genome that is signed.
impl<T> From<Verified<T>> for Intact<T> {
    fn from(verified: Verified<T>) -> Self {
        verified.intact
    }
}
