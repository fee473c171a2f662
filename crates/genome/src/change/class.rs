//! Whether a change gives more away.

use crate::named::named;

named! {
    /// Whether a change gives more away, or less.
    #[derive(PartialOrd, Ord)]
    Class {
        /// The ceiling allows more.
        Widening = "widening",
        /// What guards the system, or the genome itself, is less than it was, or may be.
        Weakening = "weakening",
        /// The ceiling allows less.
        Narrowing = "narrowing",
        /// What guards the system, or the genome itself, is more than it was.
        Strengthening = "strengthening",
        /// Neither.
        Neutral = "neutral",
    }
}
