//! How many of an authority must have signed, and why more than its threshold.

use crate::change::Class;
use crate::model::Authority;
use std::fmt;

/// How many distinct keys of an authority must have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct RequiredApprovals {
    /// The number: the authority's threshold, or more.
    pub signatures: usize,
    /// Why it is above the threshold.
    pub because: Option<ApprovalReason>,
}

/// Why a trust policy asks an authority for more signatures than its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovalReason {
    /// The step holds changes of this class.
    Change(Class),
    /// Keys may sign that could not before, or may no longer. Later steps count among those who may sign then, so that such a change
    /// needs as many as the strictest class: otherwise a threshold would first turn out those who might not agree, or add keys of its own.
    Signers,
    /// The genome has too many parents to be compared with each of them, so that the step needs as many as the strictest class.
    Parents,
    /// No step above a genome that the policy's own keys pin is checked, so that pinning needs as many as the strictest class.
    Pinned,
}

impl ApprovalReason {
    /// The stable name of the reason: that of the class, where there is one.
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

/// The reason in words.
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

/// The most parents that a genome is compared with: each comparison takes a pass over it, and it may name very many.
pub(crate) const MOST_COMPARED: usize = 16;

impl RequiredApprovals {
    /// The authority's own threshold.
    pub(crate) fn by(authority: &Authority) -> Self {
        Self { signatures: authority.threshold, because: None }
    }
}
