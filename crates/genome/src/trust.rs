//! Why a genome is believed, and what is odd about whom it names.

use crate::model::{Authority, Signer};
use crate::policy::TrustPolicy;
use crate::refusal::quorum::{GenomeName, Quorum, list};
use std::collections::HashMap;
use std::fmt;

/// Why a genome is believed, DESIGN section 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// The trust policy's own threshold of keys signed it, or the policy names its genome id.
    Pinned,
    /// Each step from a pinned ancestor was signed by its parent's threshold as well as its own.
    Lineage,
    /// Only its own authority vouches for it: the genome is as its signers left it, but nothing says who they are.
    SelfDeclared,
}

impl Trust {
    /// The word of DESIGN section 6.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Lineage => "lineage",
            Self::SelfDeclared => "self-declared",
        }
    }

    /// What it is worth, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Pinned => "the trust policy's own keys signed it, or the policy names its genome id",
            Self::Lineage => {
                "each step from an ancestor that the trust policy pins was signed by its parent's threshold and its own"
            }
            Self::SelfDeclared => {
                "only its own authority vouches for it, which is integrity, not authenticity: anybody can make a genome and sign it"
            }
        }
    }
}

/// Why a trust policy does not believe a genome that is in order otherwise.
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
    pub(crate) fn hint(&self) -> String {
        let asking = "if it is meant to be believed, ask whoever is responsible for the trust policy";
        let Some(Quorum { tally, because, .. }) = &self.quorum else {
            return format!("the policy believes the genomes of its `genome_ids`, and their descendants; {asking}");
        };
        let (missing, left) = (tally.missing(), tally.unsigned.len());
        let listing = "if the policy listed its genome id in `genome_ids`";
        let signing = || format!("if {missing} more of these signed: {}", list(&tally.unsigned, "or"));
        match because {
            None if left < missing => {
                format!("the policy revokes so many of its own keys that the others cannot meet its threshold; {asking}")
            }
            Some(because) if left < missing => {
                let (threshold, count) = (tally.threshold, tally.signed.len() + left);
                let price = format!("the policy asks {threshold} of its keys for {because}, and there are only {count}");
                format!("{price}; it would be believed {listing}; {asking}")
            }
            None => format!("it would be believed {}; {asking}", signing()),
            Some(_) => format!("it would be believed {}; or {listing}; {asking}", signing()),
        }
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the genome is in order, and nobody whom the trust policy believes vouches for it")?;
        if let Some(quorum) = &self.quorum {
            write!(formatter, ": {quorum}")?;
        }
        for root in &self.roots {
            write!(formatter, "; its lineage ends at {root}, which the policy does not know")?;
        }
        self.swaps.iter().try_for_each(|swap| write!(formatter, "; beware: {swap}"))
    }
}

/// A key of the trust policy that the genome names otherwise: an honest mistake, or somebody who passes for another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeySwap {
    /// Where the genome names it, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// As the genome's authority names it.
    pub named: Signer,
    /// As the trust policy names it: the same key id with another key, or the same key under another key id.
    pub trusted: Signer,
}

impl KeySwap {
    /// Every signer of the authority whose key id has another key in the policy, or whose key has another key id there.
    pub(crate) fn all(authority: &Authority, policy: &TrustPolicy) -> Vec<Self> {
        let by_id: HashMap<_, _> = policy.signers().iter().map(|signer| (&signer.key_id, signer)).collect();
        let by_key: HashMap<_, _> = policy.signers().iter().map(|signer| (&signer.public_key, signer)).collect();
        let mut swaps = Vec::new();
        for (index, named) in authority.signers.iter().enumerate() {
            let same_id = by_id.get(&named.key_id).filter(|trusted| trusted.public_key != named.public_key);
            let same_key = by_key.get(&named.public_key).filter(|trusted| trusted.key_id != named.key_id);
            for &&trusted in same_id.iter().chain(&same_key) {
                let pointer = format!("/authority/signers/{index}");
                swaps.push(Self { pointer, named: named.clone(), trusted: trusted.clone() });
            }
        }
        swaps
    }
}

impl fmt::Display for KeySwap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { named, trusted, .. } = self;
        let [named_print, trusted_print] = [named, trusted].map(|signer| signer.public_key.fingerprint());
        if named.key_id == trusted.key_id {
            let id = &named.key_id;
            write!(formatter, "`{id}` is {named_print} in the genome, and {trusted_print} in the trust policy: two different keys")
        } else {
            let (ours, theirs) = (&named.key_id, &trusted.key_id);
            write!(
                formatter,
                "the key {named_print} is `{ours}` in the genome, and `{theirs}` ({trusted_print}) in the trust policy"
            )
        }
    }
}
