//! Why there is no proposal.

use crate::unwritten::Unwritten;
use crate::{Failure, Finding};
use std::path::Path;

/// The failure about a path.
pub(super) fn trouble(place: &Path, message: &str, hint: &str) -> Failure {
    Failure::undecided(Finding::error(message, hint).at(place))
}

/// A proposal that cannot be written.
pub(super) const PROPOSAL: Unwritten = Unwritten {
    what: "the proposal",
    outcome: Some("nothing was changed"),
    verb: "propose",
    otherwise: "name a directory, in which each proposal has its own",
};
