//! Why there is no signature, and how that is reported.

use crate::custody::unusable_key;
use crate::{Failure, Finding, Source};
use genome::document::SigningError;
use genome_custody::CustodyError;

/// Why there is no signature.
pub(crate) enum Unsigned {
    /// The genome cannot be signed, or the signature does not fit it.
    Refused(SigningError),
    /// The key does not sign.
    Key(CustodyError),
}

impl From<SigningError> for Unsigned {
    fn from(error: SigningError) -> Self {
        Self::Refused(error)
    }
}

impl Unsigned {
    /// The finding about it, where the genome comes from this source.
    pub(crate) fn into_failure(self, source: &Source) -> Failure {
        match self {
            Self::Refused(error) => refused(&error, source),
            Self::Key(error) => unusable_key(&error),
        }
    }
}

/// The finding about a genome that cannot be signed, or is refused for another reason.
pub(crate) fn refused(error: &SigningError, source: &Source) -> Failure {
    Failure::refused(Finding::from(error).at(source))
}
