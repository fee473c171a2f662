//! The phrases with which hints ask for what only the caller can provide. The library knows no command line: a program puts the name of its
//! option in the place of the phrase.
//!
//! Each phrase has a word in backticks. What a hint quotes from a document stands between backticks as a whole, so that no document can
//! hold a phrase.

/// A trust policy.
pub const TRUST_POLICY: &str = "name a `trust policy`";

/// A state, which remembers what was accepted.
pub const STATE: &str = "keep the accepted versions in a `state`";

/// The ancestors of a genome.
pub const ANCESTORS: &str = "name the place of its `ancestors`";

/// An audit log in which a signing is recorded.
pub const AUDIT_LOG: &str = "with an `audit log`";

/// Permission to replace another genome.
pub const REPLACE: &str = "or `replace` it";
