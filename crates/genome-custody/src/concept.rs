//! The phrases with which hints ask for what only the caller can provide, as in [`genome::concept`].

use genome::hint::Concept;

/// Every concept of this library.
pub const ALL: &[Concept] = &[KEY, LONGER, LONGER_FOR_PROGRAM];

/// Where the key is.
pub const KEY: Concept = Concept::new("say in a key reference where the key is");

/// More time for an agent, after what it may be doing.
pub const LONGER: Concept = Concept::new("or give it a longer timeout");

/// More time for a program, as a sentence.
pub const LONGER_FOR_PROGRAM: Concept = Concept::new("a longer timeout gives it more");
