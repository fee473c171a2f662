use semver::{BuildMetadata, Prerelease, Version};
use std::cmp::Ordering;
use std::fmt;

/// Which part of a version goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bump {
    /// The first number.
    Major,
    /// The second.
    Minor,
    /// The third.
    Patch,
}

impl Bump {
    /// The version after this one, without pre-release and build metadata; `None` where a number has no successor. After a pre-release
    /// comes the version that it was made for, where that is of the kind asked for: after 2.0.0-rc.1 the next major version is 2.0.0.
    #[must_use]
    pub fn after(self, version: &Version) -> Option<Version> {
        let Version { major, minor, patch, .. } = *version;
        let is_for_it = !version.pre.is_empty()
            && match self {
                Self::Major => minor == 0 && patch == 0,
                Self::Minor => patch == 0,
                Self::Patch => true,
            };
        let up = |number: u64| number.checked_add(1);
        let (major, minor, patch) = match self {
            _ if is_for_it => (major, minor, patch),
            Self::Major => (up(major)?, 0, 0),
            Self::Minor => (major, up(minor)?, 0),
            Self::Patch => (major, minor, up(patch)?),
        };
        Some(Version { major, minor, patch, pre: Prerelease::EMPTY, build: BuildMetadata::EMPTY })
    }

    /// Which part went up from one version to another; `None` where the other does not come after it (Semantic Versioning 2.0.0 section 11). A
    /// pre-release of 2.0.0 is a step like 2.0.0 itself, and so is the next pre-release of it.
    #[must_use]
    pub fn between(from: &Version, to: &Version) -> Option<Self> {
        if to.cmp_precedence(from) != Ordering::Greater {
            return None;
        }
        let is_released = from.pre.is_empty();
        Some(if from.major != to.major || (!is_released && (to.minor, to.patch) == (0, 0)) {
            Self::Major
        } else if from.minor != to.minor || (!is_released && to.patch == 0) {
            Self::Minor
        } else {
            Self::Patch
        })
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_after_another() {
        for (version, major, minor, patch) in [
            ("1.2.3", "2.0.0", "1.3.0", "1.2.4"),
            ("0.0.0", "1.0.0", "0.1.0", "0.0.1"),
            ("1.2.3+build.5", "2.0.0", "1.3.0", "1.2.4"),
            ("2.0.0-rc.1", "2.0.0", "2.0.0", "2.0.0"),
            ("1.2.0-rc.1+b", "2.0.0", "1.2.0", "1.2.0"),
            ("1.2.3-0", "2.0.0", "1.3.0", "1.2.3"),
        ] {
            let version: Version = version.parse().unwrap();
            let after = [Bump::Major, Bump::Minor, Bump::Patch].map(|bump| bump.after(&version).unwrap());
            assert!(after.iter().all(|after| after.cmp_precedence(&version).is_gt()));
            assert_eq!(after.map(|after| after.to_string()), [major, minor, patch], "{version}");
        }
        let last: Version = format!("{0}.{0}.{0}", u64::MAX).parse().unwrap();
        for bump in [Bump::Major, Bump::Minor, Bump::Patch] {
            assert_eq!(bump.after(&last), None);
        }
    }

    #[test]
    fn the_step_between_two_versions() {
        for (from, to, step) in [
            ("1.2.3", "2.0.0", Some(Bump::Major)),
            ("1.2.3", "2.1.1", Some(Bump::Major)),
            ("1.2.3", "2.0.0-rc.1", Some(Bump::Major)),
            ("2.0.0-rc.1", "2.0.0-rc.2", Some(Bump::Major)),
            ("2.0.0-rc.1", "2.0.0", Some(Bump::Major)),
            ("2.0.0-rc.1", "2.1.0", Some(Bump::Minor)),
            ("2.0.0-rc.1", "2.0.1", Some(Bump::Patch)),
            ("1.2.3", "1.3.0", Some(Bump::Minor)),
            ("1.3.0-rc.1", "1.3.0-rc.2", Some(Bump::Minor)),
            ("1.3.0-rc.1", "1.3.0", Some(Bump::Minor)),
            ("1.2.3", "1.2.4", Some(Bump::Patch)),
            ("1.2.4-rc.1", "1.2.4", Some(Bump::Patch)),
            ("0.0.1", "0.0.2", Some(Bump::Patch)),
            ("1.2.3", "1.2.3", None),
            ("1.2.3", "1.2.3+build", None),
            ("1.2.3", "1.2.3-rc.1", None),
            ("1.2.3", "1.1.9", None),
        ] {
            assert_eq!(Bump::between(&from.parse().unwrap(), &to.parse().unwrap()), step, "{from} -> {to}");
        }
    }
}
