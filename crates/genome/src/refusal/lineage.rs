//! What is wrong with a step of a lineage.

use super::copies::{BadCopy, UnreadableCopy, Unsearched};
use crate::code::Code;
use crate::concept::ANCESTORS;
use crate::digest::GenomeId;
use crate::hint::Hint;
use crate::listing::joined;
use crate::model::GenomeName;
use crate::refusal::{Quorum, Refusal};
use crate::signature::BadSignature;
use genome_json::text::BarePath;
use std::fmt;
use std::path::PathBuf;

/// A step of a lineage that is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineageFault {
    /// The genome at the lower end of the step.
    pub child: GenomeName,
    /// The path of the child's file; `None` for the genome itself that was to be verified.
    pub source: Option<PathBuf>,
    /// Where the child's document names the parent, or carries the wrong signature, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong.
    pub problem: LineageProblem,
    /// The copies of the child that cannot be read, where the signatures on them may be those that are missing.
    pub unreadable: Vec<UnreadableCopy>,
    /// The trust policy's own quorum, where some of it has signed and the others still may: then nobody would ask for this step.
    pub instead: Option<Quorum>,
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineageProblem {
    /// The parent was not found.
    Missing {
        /// Its genome id.
        parent: GenomeId,
        /// The places where it may be, if not everything could be searched.
        unsearched: Option<Unsearched>,
    },
    /// The parent was found and cannot be read.
    Unreadable {
        /// Its genome id.
        parent: GenomeId,
        /// The path of its file, if that is known.
        source: Option<PathBuf>,
        /// What the system says.
        error: String,
    },
    /// The parent itself is refused.
    Refused {
        /// Its genome id.
        parent: GenomeId,
        /// The path of its file.
        source: PathBuf,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// The genome is its own ancestor.
    Cycle,
    /// The child carries signatures that name keys of the policy or of a parent and do not verify with them.
    InvalidSignature(Vec<BadSignature>),
    /// Too few of the parent's signers have signed the child, for each such parent.
    Quorum(Vec<Quorum>),
    /// The child says that it was made before its parent.
    Older {
        /// The parent.
        parent: GenomeName,
    },
    /// Under the same name, the child's version is not higher than its parent's.
    NotHigher {
        /// The parent.
        parent: GenomeName,
    },
    /// The child has a name that an ancestor had before its parent, and its version is not higher than that ancestor's.
    NotHigherThanAncestor {
        /// The ancestor.
        ancestor: GenomeName,
    },
}

/// Where there is no good copy.
impl From<BadCopy> for LineageProblem {
    fn from(BadCopy { id, source, refusal }: BadCopy) -> Self {
        Self::Refused { parent: id, source, refusal }
    }
}

/// Where there is no good copy.
impl From<UnreadableCopy> for LineageProblem {
    fn from(UnreadableCopy { id, source, error }: UnreadableCopy) -> Self {
        Self::Unreadable { parent: id, source: Some(source), error }
    }
}

impl LineageFault {
    /// The next thing to do.
    pub(crate) fn hint(&self) -> Hint {
        let mut hint = self.problem.hint();
        if !self.unreadable.is_empty() {
            hint = Hint::from("check that this user may read that copy too, as others may have signed it; otherwise: ") + hint;
        }
        match &self.instead {
            Some(quorum) => quorum.hint() + "; or " + hint,
            None => hint,
        }
    }

    /// The fault, with the quorum of the trust policy that would make the step unimportant, if it is on its way. A genome or a lineage that is not in
    /// order is mended first.
    pub(crate) fn or_signed_by(self, policy: Option<Quorum>) -> Self {
        let is_about_others = match self.problem {
            LineageProblem::Missing { .. } | LineageProblem::Unreadable { .. } | LineageProblem::Quorum(_) => true,
            LineageProblem::Refused { .. }
            | LineageProblem::Cycle
            | LineageProblem::InvalidSignature(_)
            | LineageProblem::Older { .. }
            | LineageProblem::NotHigher { .. }
            | LineageProblem::NotHigherThanAncestor { .. } => false,
        };
        let is_begun = |quorum: &Quorum| {
            let tally = &quorum.tally;
            !tally.is_met() && !tally.signed.is_empty() && tally.missing() <= tally.unsigned.len()
        };
        Self { instead: policy.filter(|quorum| is_about_others && is_begun(quorum)), ..self }
    }
}

impl LineageProblem {
    fn hint(&self) -> Hint {
        match self {
            Self::Missing { unsearched: Some(_), .. } => {
                "check that this user may read what cannot be read; otherwise put the signed parent beside the other genomes, under any name, or " + ANCESTORS
            }
            Self::Missing { unsearched: None, .. } => {
                "put the signed parent beside the other genomes, under any name, or " + ANCESTORS
            }
            Self::Unreadable { .. } => "check that this user may read it".into(),
            Self::Refused { refusal, .. } if refusal.code() == Code::RevokedKey => {
                "nothing that follows from a revoked key is trusted: let the trust policy's own keys sign the genome, or draft one that starts a lineage of its own".into()
            }
            Self::Refused { refusal, .. } => Hint::from("in the parent: ") + refusal.hint(),
            Self::Cycle => {
                "a genome cannot come after itself: draft it anew, with the genome id of the one before".into()
            }
            Self::InvalidSignature(_) => {
                "the contents or the signature were changed after signing: fetch the file again, or have it signed again".into()
            }
            Self::Quorum(quorums) => Hint::joined(quorums.iter().map(Quorum::hint), "; "),
            Self::Older { .. } => "draft it anew with the time of now in `created_at`".into(),
            Self::NotHigher { .. } => "draft it anew with a higher version".into(),
            Self::NotHigherThanAncestor { ancestor } => {
                format!("a lineage that comes back to a name goes on above the version that it had there: draft it anew above {}", ancestor.version).into()
            }
        }
    }
}

impl fmt::Display for LineageFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { child, problem, unreadable, instead, .. } = self;
        match problem {
            LineageProblem::Missing { parent, unsearched } => {
                write!(formatter, "{child} names the parent {parent}, which was not found")?;
                unsearched.as_ref().map_or(Ok(()), |unsearched| write!(formatter, "; {unsearched}"))
            }
            LineageProblem::Unreadable { parent, source, error } => {
                let file = source.as_ref().map(|source| format!(" ({})", BarePath(source))).unwrap_or_default();
                write!(formatter, "{child} names the parent {parent}, which cannot be read{file}: {error}")
            }
            LineageProblem::Refused { parent, source, refusal } => {
                let code = refusal.code();
                write!(formatter, "the parent {parent} of {child} is refused itself ({}: {code}): {refusal}", BarePath(source))
            }
            LineageProblem::Cycle => write!(formatter, "{child} is its own ancestor"),
            LineageProblem::InvalidSignature(bad) => write!(formatter, "{child}: {}", Refusal::InvalidSignature(bad.clone())),
            LineageProblem::Quorum(quorums) => {
                write!(formatter, "the step to {child} lacks a quorum: {}", joined(quorums, "; "))
            }
            LineageProblem::Older { parent } => write!(formatter, "{child} is older than its parent {parent}"),
            LineageProblem::NotHigher { parent } => {
                write!(formatter, "the version of {child} is not higher than that of its parent {parent}")
            }
            LineageProblem::NotHigherThanAncestor { ancestor } => {
                write!(formatter, "{child} comes back to the name of its ancestor {ancestor}, and its version is not higher")
            }
        }?;
        if let Some((UnreadableCopy { source, error, .. }, more)) = unreadable.split_first() {
            write!(formatter, "; a copy of {} cannot be read ({}): {error}", child.id, BarePath(source))?;
            if !more.is_empty() {
                write!(formatter, "; nor can {} more", more.len())?;
            }
        }
        let Some(quorum) = instead else { return Ok(()) };
        write!(formatter, "; the lineage is asked for because too few have signed for the trust policy itself: {quorum}")
    }
}
