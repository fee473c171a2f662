//! What a step costs: how many of the parent's signers a trust policy asks for, beyond their threshold, where a step gives more away.

use crate::change::{Change, Class};
use crate::model::{Authority, Genome};
use crate::policy::TrustPolicy;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How many of an authority must sign a change of some class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Price {
    /// Everybody whose key the policy does not revoke.
    All,
    /// So many, 1 or more.
    Count(usize),
}

/// The prices of a policy; a class that is not there costs nothing.
pub(crate) type Prices = BTreeMap<Class, Price>;

/// How many distinct keys of an authority must have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asked {
    /// How many: the authority's threshold, or more.
    pub signatures: usize,
    /// Why more than the threshold.
    pub because: Option<Because>,
}

/// Why a trust policy asks an authority for more signatures than its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because {
    /// The step holds changes of this class.
    Change(Class),
    /// Keys may sign that could not before, or may no more. Later prices count among those who may sign then, so that this costs as
    /// much as what is dearest: otherwise a threshold would first turn out who might not agree, or add keys of its own.
    Signers,
    /// The genome has too many parents to be compared with each of them, so that the step costs as much as what is dearest.
    Parents,
    /// No step is looked at above what the policy's own keys pin, so that this costs as much as what is dearest.
    Pinned,
}

impl Because {
    /// A name that stays the same; that of the class, where there is one.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change(class) => class.as_str(),
            Self::Signers => "signers",
            Self::Parents => "parents",
            Self::Pinned => "pinned",
        }
    }
}

/// What it is that costs more, in words.
impl fmt::Display for Because {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(Class::Neutral) => formatter.write_str("a neutral change"),
            Self::Change(class) => write!(formatter, "a {class}"),
            Self::Signers => formatter.write_str("a change of the signers"),
            Self::Parents => write!(formatter, "a genome of more than {MOST_COMPARED} parents"),
            Self::Pinned => formatter.write_str("a genome that is believed without its parents"),
        }
    }
}

/// With so many parents a genome is compared, no more: each comparison takes a pass over it, and it may name very many.
const MOST_COMPARED: usize = 16;

impl Asked {
    /// What a step costs: the parent's threshold, where no policy asks for more.
    pub(crate) fn for_step(policy: Option<&TrustPolicy>, parent: &Genome, child: &Genome) -> Self {
        policy.map_or_else(|| Self::by(&parent.authority), |policy| policy.asks_for_step(parent, child))
    }

    /// What an authority asks for itself.
    pub(crate) fn by(authority: &Authority) -> Self {
        Self { signatures: authority.threshold, because: None }
    }
}

impl TrustPolicy {
    /// Whether some changes cost more signatures than a threshold.
    pub(crate) fn has_prices(&self) -> bool {
        !self.prices.is_empty()
    }

    /// How many of the parent's signers must sign the step to a child. Without prices the two are not compared.
    #[must_use]
    pub fn asks_for_step(&self, parent: &Genome, child: &Genome) -> Asked {
        if !self.has_prices() {
            Asked::by(&parent.authority)
        } else if child.parents.len() > MOST_COMPARED {
            self.dearest(&parent.authority, self.prices_of(|_| true).map(|(_, price)| (Because::Parents, price)))
        } else {
            self.asks_for_changes(&parent.authority, &parent.changes_to(child))
        }
    }

    /// How many of this authority must sign a step that holds these changes.
    fn asks_for_changes(&self, authority: &Authority, changes: &[Change]) -> Asked {
        let classes: BTreeSet<Class> = changes.iter().map(Change::class).collect();
        let of_classes = self.prices_of(|class| classes.contains(&class)).map(|(class, price)| (Because::Change(class), price));
        let other_keys = changes.iter().any(changes_keys);
        let of_signers = self.prices_of(|_| other_keys).map(|(_, price)| (Because::Signers, price));
        self.dearest(authority, of_classes.chain(of_signers))
    }

    /// How many of the policy's own signers pin a genome, if it has any.
    pub(crate) fn asks_to_pin(&self) -> Option<Asked> {
        let prices = self.prices_of(|_| true).map(|(_, price)| (Because::Pinned, price));
        self.authority.as_ref().map(|authority| self.dearest(authority, prices))
    }

    fn prices_of(&self, is_due: impl Fn(Class) -> bool) -> impl Iterator<Item = (Class, Price)> {
        self.prices.iter().map(|(&class, &price)| (class, price)).filter(move |(class, _)| is_due(*class))
    }

    /// The first of the highest prices, where it is above the threshold.
    fn dearest(&self, authority: &Authority, prices: impl Iterator<Item = (Because, Price)>) -> Asked {
        let all = || authority.signers.iter().filter(|signer| !self.revokes(&signer.public_key)).count();
        prices.fold(Asked::by(authority), |dearest, (because, price)| {
            let signatures = match price {
                Price::All => all(),
                Price::Count(count) => count,
            };
            if signatures > dearest.signatures { Asked { signatures, because: Some(because) } } else { dearest }
        })
    }
}

/// Whether other keys than before may sign; what they are called makes no difference.
fn changes_keys(change: &Change) -> bool {
    matches!(change, Change::SignerAdded(_) | Change::SignerRemoved(_) | Change::SignerKey { .. })
}
