//! The phrases with which hints ask for what only the caller can provide, as in [`genome::concept`].

/// Where the key is.
pub const KEY: &str = "name the key in a `key reference`";

/// More time for an agent, after what it may be doing.
pub const LONGER: &str = "or give it a longer `timeout`";

/// More time for a program, as a sentence.
pub const LONGER_FOR_PROGRAM: &str = "a longer `timeout` gives it more";
