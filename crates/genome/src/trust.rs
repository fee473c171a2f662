//! What the trust in a genome rests on.

use crate::named::named;

named! {
    /// What the trust in an accepted genome rests on, in the words of DESIGN section 6. It has no order: whoever asks for more than its own word
    /// says which of these will do.
    ///
    /// ```compile_fail,E0369
    /// genome::Trust::SelfDeclared >= genome::Trust::Lineage;
    /// ```
    #[non_exhaustive]
    Trust {
        /// The trust policy's own threshold of keys signed it, or the policy names its genome id.
        Pinned = "pinned",
        /// Each step from a pinned ancestor was signed by its parent's threshold as well as its own.
        Lineage = "lineage",
        /// Only its own authority vouches for it: the genome is as its signers left it, but nothing says who they are.
        SelfDeclared = "self-declared",
    }
}

impl Trust {
    /// What it means, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Pinned => "the trust policy's own keys signed it, or the policy names its genome id",
            Self::Lineage => {
                "each step from an ancestor that the trust policy pins was signed by its parent's threshold and its own"
            }
            Self::SelfDeclared => {
                "only its own authority vouches for it, which is integrity, not authenticity: anybody can make a genome and sign it"
            }
        }
    }
}
