//! The refusal of a genome, with all its reasons.

use super::Refusal;
use crate::checklist::Checklist;
use crate::listing::joined;
use std::fmt;

/// The refusal of a genome: every reason, and the checklist. Where a check fails on which the others rest, it is the only reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    first: Box<Refusal>,
    others: Vec<Refusal>,
    checklist: Checklist,
}

impl Refused {
    pub(crate) fn new(first: Refusal, others: Vec<Refusal>, checklist: Checklist) -> Self {
        Self { first: Box::new(first), others, checklist }
    }

    /// The refusal that decides.
    #[must_use]
    pub fn first(&self) -> &Refusal {
        &self.first
    }

    /// Every refusal, in the order of the checks.
    pub fn iter(&self) -> impl Iterator<Item = &Refusal> {
        std::iter::once(&*self.first).chain(&self.others)
    }

    /// Every check that was asked for, with its result.
    #[must_use]
    pub fn checklist(&self) -> &Checklist {
        &self.checklist
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&joined(self.iter().map(|refusal| format!("{}: {refusal}", refusal.code())), "; "))
    }
}

impl std::error::Error for Refused {}
