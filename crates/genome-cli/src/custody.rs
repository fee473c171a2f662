//! The findings about keys that cannot be used.

use crate::hints::with_options;
use crate::{Failure, Finding};
use genome_custody::CustodyError;

/// A key that cannot be used.
pub(crate) fn unusable_key(error: &CustodyError) -> Failure {
    let finding = Finding::error(error.to_string(), with_options(error.hint()));
    Failure::undecided(match error.file() {
        Some(file) => finding.at(file),
        None => finding,
    })
}
