//! Whether a trust policy trusts more or less than it did.

use super::{PolicyChange, TrustPolicy};
use crate::change::Class;
use std::collections::HashSet;
use std::fmt;

/// Whether a trust policy trusts more than before, or less. Where both hold, it accepts what it refused, and refuses what it accepted.
///
/// It is about signatures that verify. One that does not, by the key of a signer whom the policy knows, refuses its genome: who is added can so refuse a
/// genome that was accepted, and who is removed or revoked no longer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there is no third way")]
pub struct TrustShift {
    /// It accepts some genome that it refused before.
    pub trusts_more: bool,
    /// It refuses some genome that it accepted before.
    pub trusts_less: bool,
}

/// The keys of which some must sign, and how many.
struct Pinning {
    keys: HashSet<[u8; 32]>,
    required: usize,
}

impl Pinning {
    /// Of a policy whose keys can pin a genome at all.
    fn of(policy: &TrustPolicy) -> Option<Self> {
        let able = policy.able_signers().map(|signer| signer.public_key.point_without_sign());
        let pinning = Self { keys: able.collect(), required: policy.approvals_to_pin()?.signatures };
        (pinning.required <= pinning.keys.len()).then_some(pinning)
    }

    /// Whether some choice of signers is enough for this one, and not for the other: those that the other does not know sign first.
    fn reaches_beyond(&self, other: &Self) -> bool {
        let unknown = self.keys.difference(&other.keys).count();
        self.required.saturating_sub(unknown) < other.required
    }
}

impl TrustShift {
    /// From one policy to what an editor made of it, which differs from it by these changes.
    pub(super) fn between(before: &TrustPolicy, after: &TrustPolicy, changes: &[PolicyChange]) -> Self {
        let (was, is) = (Pinning::of(before), Pinning::of(after));
        let reaches = |one: &Option<Pinning>, other: &Option<Pinning>| match (one, other) {
            (Some(one), Some(other)) => one.reaches_beyond(other),
            (one, _) => one.is_some(),
        };
        // What the signers and their number make of it is known as a whole.
        let others = changes.iter().filter(|change| {
            !matches!(
                change,
                PolicyChange::SignerAdded(_)
                    | PolicyChange::SignerRemoved(_)
                    | PolicyChange::Threshold { .. }
                    | PolicyChange::Approvals { .. }
            )
        });
        let has = |class: Class| others.clone().any(|change| change.class() == class || change.goes_both_ways());
        Self {
            trusts_more: reaches(&is, &was) || has(Class::Weakening),
            trusts_less: reaches(&was, &is) || has(Class::Strengthening),
        }
    }
}

impl fmt::Display for TrustShift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match (self.trusts_more, self.trusts_less) {
            (false, false) => "it trusts the same as before",
            (true, false) => "it trusts more than before",
            (false, true) => "it trusts less than before",
            (true, true) => "it trusts more than before in one way, and less in another",
        })
    }
}
