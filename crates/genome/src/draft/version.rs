use semver::{BuildMetadata, Prerelease, Version};

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
}
