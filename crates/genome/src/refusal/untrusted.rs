//! Why a trust policy does not trust a genome.

use super::key_swap::KeySwap;
use super::quorum::{Quorum, list};
use crate::hint::Hint;
use crate::model::GenomeName;
use std::fmt;

/// Why a trust policy does not trust a genome that is otherwise in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Untrusted {
    /// How far the policy's signers have signed; `None` where the policy pins genome ids alone.
    pub quorum: Option<Quorum>,
    /// The roots at which the lineage ends without having met an ancestor that is pinned; none where the genome has no parents.
    pub roots: Vec<GenomeName>,
    /// The policy's keys that the genome names otherwise.
    pub swaps: Vec<KeySwap>,
}

impl Untrusted {
    /// The next thing to do: who would have to sign.
    pub(crate) fn hint(&self) -> Hint {
        let asking = "if it is meant to be trusted, ask whoever is responsible for the trust policy";
        let Some(Quorum { tally, because, .. }) = &self.quorum else {
            return format!("the policy trusts the genomes of its `genome_ids`, and their descendants; {asking}").into();
        };
        let (missing, left) = (tally.missing(), tally.unsigned.len());
        let listing = "if the policy listed its genome id in `genome_ids`";
        let signing = || format!("if {missing} more of these signed: {}", list(&tally.unsigned, "or"));
        match because {
            None if left < missing => {
                format!("the policy revokes so many of its own keys that the others cannot meet its threshold; {asking}").into()
            }
            Some(because) if left < missing => {
                let (threshold, count) = (tally.threshold, tally.signed.len() + left);
                let reason = format!("the policy requires {threshold} of its keys for {because}, and there are only {count}");
                format!("{reason}; it would be trusted {listing}; {asking}").into()
            }
            None => format!("it would be trusted {}; {asking}", signing()).into(),
            Some(_) => format!("it would be trusted {}; or {listing}; {asking}", signing()).into(),
        }
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the genome is in order, but the trust policy does not trust it")?;
        if let Some(quorum) = &self.quorum {
            write!(formatter, ": {quorum}")?;
        }
        for root in &self.roots {
            write!(formatter, "; its lineage ends at {root}, which the policy does not know")?;
        }
        self.swaps.iter().try_for_each(|swap| write!(formatter, "; beware: {swap}"))
    }
}
