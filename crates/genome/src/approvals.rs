//! How many of an authority must have signed, and why more than its threshold.

use crate::change::Class;
use crate::model::Authority;
use std::fmt;

/// How many distinct keys of an authority must have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequiredApprovals {
    /// How many: the authority's threshold, or more.
    pub signatures: usize,
    /// Why more than the threshold.
    pub because: Option<ApprovalReason>,
}

/// Why a trust policy asks an authority for more signatures than its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovalReason {
    /// The step holds changes of this class.
    Change(Class),
    /// Keys may sign that could not before, or may no more. What later steps need counts among those who may sign then, so that
    /// this needs as much as what is strictest: otherwise a threshold would first turn out who might not agree, or add keys of its own.
    Signers,
    /// The genome has too many parents to be compared with each of them, so that the step needs as much as what is strictest.
    Parents,
    /// No step is looked at above what the policy's own keys pin, so that this needs as much as what is strictest.
    Pinned,
}

impl ApprovalReason {
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

/// What it is that needs more, in words.
impl fmt::Display for ApprovalReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(Class::Neutral) => formatter.write_str("a neutral change"),
            Self::Change(class) => write!(formatter, "a {class}"),
            Self::Signers => formatter.write_str("a change of the signers"),
            Self::Parents => write!(formatter, "a genome of more than {MOST_COMPARED} parents"),
            Self::Pinned => formatter.write_str("a genome that is trusted without its parents"),
        }
    }
}

/// With so many parents a genome is compared, no more: each comparison takes a pass over it, and it may name very many.
pub(crate) const MOST_COMPARED: usize = 16;

impl RequiredApprovals {
    /// What an authority asks for itself.
    pub(crate) fn by(authority: &Authority) -> Self {
        Self { signatures: authority.threshold, because: None }
    }
}
