//! Whether a change gives more away.

use crate::named::named;
use crate::version::Bump;

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

impl Class {
    /// The smallest step of a version that fits a change of this class: a patch must not change what a running system may or must do.
    #[must_use]
    pub fn smallest_step(self) -> Bump {
        match self {
            Self::Widening | Self::Weakening | Self::Narrowing => Bump::Minor,
            Self::Strengthening | Self::Neutral => Bump::Patch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use semver::Version;

    #[test]
    fn the_smallest_step_is_one_that_fits() {
        for version in ["0.0.0", "1.2.3", "1.2.3+build", "2.0.0-rc.1", "1.3.0-rc.1", "1.2.4-rc.1"] {
            let version: Version = version.parse().unwrap();
            for class in Class::ALL {
                let next = class.smallest_step().after(&version).unwrap();
                let step = Bump::between(&version, &next);
                let is_grave = matches!(class, Class::Widening | Class::Weakening | Class::Narrowing);
                assert!(step.is_some() && (!is_grave || step != Some(Bump::Patch)), "{version} -> {next}, {class}");
            }
        }
    }
}
