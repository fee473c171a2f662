//! Where a proposal does not match its subject.

use crate::change::DeclaredChange;
use crate::concept::PROPOSING_AGAIN;
use crate::digest::GenomeId;
use crate::hint::Hint;
use crate::lineage::SuccessionCheck;
use crate::named::named;
use genome_json::text::{Quoted, QuotedPath, excerpt};
use std::fmt;
use std::path::PathBuf;

named! {
    /// A field of a proposal that may not match its subject.
    ProposalField {
        /// The genome that is changed.
        FromGenomeId = "from_genome_id",
        /// The genome that results.
        ToGenomeId = "to_genome_id",
        /// The invariants that the change touches.
        InvariantsImpacted = "invariants_impacted",
        /// The capabilities that it touches.
        CapabilitiesImpacted = "capabilities_impacted",
    }
}

named! {
    /// A list of probes.
    ProbeList {
        /// Actions that the ceiling must allow.
        MustAllow = "must_allow",
        /// Actions that it must not.
        MustDeny = "must_deny",
    }
}

/// A difference between a proposal and its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "`field` is the proposal's, `list` that of the probes, `index` where it stands there, from 0; the rest says what it is"
)]
pub enum Mismatch {
    /// Another genome than the one that is named.
    Id { field: ProposalField, stated: GenomeId, id: GenomeId },
    /// A change that is not declared.
    Undeclared(DeclaredChange),
    /// A declared change that does not exist.
    NotFound { index: usize, change: DeclaredChange },
    /// An invariant or a capability that the change touches, and that is not listed.
    NotListed { field: ProposalField, id: String },
    /// An invariant or a capability that is listed, and that neither genome has.
    NotThere { field: ProposalField, id: String },
    /// It breaks what worked, and declares that it does not.
    Breaking,
    /// The step from the one genome to the other is not good.
    Step(SuccessionCheck),
    /// An invariant was critical, and is gone or is not critical any more.
    CriticalInvariant(String),
    /// The ceiling's answer is not the one that a probe demands.
    Probe { list: ProbeList, index: usize, action: String, reason: String },
    /// A line of the rationale is still the template's. Counted from 1.
    NotFilledIn { line: usize },
    /// The rationale says nothing.
    NoRationale,
    /// The rationale is not a text that every reader understands in the same way.
    RationaleNotText,
    /// The rationale is so large that it was not read to its end.
    RationaleTooLarge,
    /// The directory's name says another number.
    Number { directory: PathBuf },
    /// Another proposal has the same number.
    NumberTaken { directory: PathBuf },
}

impl Mismatch {
    /// Where it stands, as a JSON Pointer (RFC 6901); empty where it stands in no JSON document.
    #[must_use]
    pub fn pointer(&self) -> String {
        match self {
            Self::Id { field, .. } | Self::NotListed { field, .. } | Self::NotThere { field, .. } => format!("/{field}"),
            Self::Undeclared(_) => "/changes".to_owned(),
            Self::NotFound { index, .. } => format!("/changes/{index}"),
            Self::Breaking => "/breaking".to_owned(),
            Self::Step(_) | Self::CriticalInvariant(_) => "/to_genome_id".to_owned(),
            Self::Probe { list, index, .. } => format!("/{list}/{index}"),
            Self::Number { .. } | Self::NumberTaken { .. } => "/proposal".to_owned(),
            Self::NotFilledIn { .. } | Self::NoRationale | Self::RationaleNotText | Self::RationaleTooLarge => String::new(),
        }
    }

    /// The next thing to do.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::Id { .. } => "name the genome that is meant".into(),
            Self::Undeclared(_) => "declare it, and have the proposal reviewed again; " + PROPOSING_AGAIN + " writes all of them",
            Self::NotFound { .. } => "take it out, or draft a genome that does it".into(),
            Self::NotListed { .. } => "list it".into(),
            Self::NotThere { .. } => "correct the name, or take it out".into(),
            Self::Breaking => "set it to true, and say in the rationale what breaks".into(),
            Self::Step(check) => check.hint.clone().unwrap_or_default(),
            Self::CriticalInvariant(_) => "no proposal takes away what is critical: draft it again with the invariant".into(),
            Self::Probe { .. } => "correct the genome, or the probe".into(),
            Self::NotFilledIn { .. } => "write what it asks for in its place".into(),
            Self::NoRationale => "say why the change is needed, and what it allows at worst".into(),
            Self::RationaleNotText => "save it as UTF-8".into(),
            Self::RationaleTooLarge => "say it in fewer words, and point to the rest".into(),
            Self::Number { .. } => "give both the same number".into(),
            Self::NumberTaken { .. } => "take the next free number".into(),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id { stated, id, .. } => write!(formatter, "it is {stated}, and the genome is {id}"),
            Self::Undeclared(DeclaredChange { class, message, .. }) => write!(formatter, "not declared: {class}: {message}"),
            Self::NotFound { change: DeclaredChange { class, message, .. }, .. } => {
                write!(formatter, "declared, and not so: {}: {}", class, Quoted(&excerpt(message)))
            }
            Self::NotListed { id, .. } => write!(formatter, "the change touches {}, which is not listed", Quoted(id)),
            Self::NotThere { id, .. } => write!(formatter, "neither genome has {}", Quoted(&excerpt(id))),
            Self::Breaking => formatter.write_str("the change breaks what worked before, and the proposal says that it does not"),
            Self::Step(check) => formatter.write_str(&check.message),
            Self::CriticalInvariant(id) => {
                write!(formatter, "the critical invariant {} went missing, or is not critical any more", Quoted(id))
            }
            Self::Probe { list: ProbeList::MustAllow, action, reason, .. } => {
                write!(formatter, "{} must be allowed, and is not: {reason}", Quoted(&excerpt(action)))
            }
            Self::Probe { list: ProbeList::MustDeny, action, reason, .. } => {
                write!(formatter, "{} must be denied, and is not: {reason}", Quoted(&excerpt(action)))
            }
            Self::NotFilledIn { line } => write!(formatter, "line {line} is still the template's"),
            Self::NoRationale => formatter.write_str("it says nothing"),
            Self::RationaleNotText => formatter.write_str("it is not UTF-8"),
            Self::RationaleTooLarge => formatter.write_str("it is larger than 16 MiB"),
            Self::Number { directory } => write!(formatter, "its directory is called {}", QuotedPath(directory)),
            Self::NumberTaken { directory } => write!(formatter, "{} has the same number", QuotedPath(directory)),
        }
    }
}
