//! Paths of a manifest.

use genome_json::first_invisible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use thiserror::Error;

/// A file's path from the root of a repository: relative, its steps separated by `/`, in normal form. Its text does not lead out
/// of the root; whether a link on the disk does, whoever opens it must check.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ManifestPath(String);

/// Why a text is not such a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManifestPathError {
    /// The empty text.
    #[error("an empty path")]
    Empty,
    /// It starts at the root of a file system or at a drive.
    #[error("an absolute path, where a path from the root of the repository belongs")]
    Absolute,
    /// A step that is empty, `.` or `..`.
    #[error("a path with an empty, `.` or `..` step")]
    NotNormal,
    /// A backslash, which separates steps on some systems and not on others.
    #[error("a backslash in a path; steps are separated by `/`")]
    Backslash,
    /// A character that does not show.
    #[error("a control or format character in a path")]
    Invisible,
}

impl ManifestPath {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ManifestPath {
    type Err = ManifestPathError;

    fn from_str(text: &str) -> Result<Self, ManifestPathError> {
        let drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
        if text.is_empty() {
            Err(ManifestPathError::Empty)
        } else if text.contains('\\') {
            Err(ManifestPathError::Backslash)
        } else if first_invisible(text).is_some() {
            Err(ManifestPathError::Invisible)
        } else if text.starts_with('/') || drive {
            Err(ManifestPathError::Absolute)
        } else if text.as_bytes().split(|byte| *byte == b'/').any(|step| matches!(step, b"" | b"." | b"..")) {
            Err(ManifestPathError::NotNormal)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl AsRef<Path> for ManifestPath {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl fmt::Display for ManifestPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_below_the_root_are_read() {
        for good in ["README.md", "genomes/TOTK_ROOT_v1.0.0/README.md", "..a/b..", "a b/é", "ab:c"] {
            assert_eq!(good.parse::<ManifestPath>().unwrap().as_str(), good);
        }
        for (bad, error) in [
            ("", ManifestPathError::Empty),
            ("/etc/passwd", ManifestPathError::Absolute),
            ("C:/x", ManifestPathError::Absolute),
            ("c:x", ManifestPathError::Absolute),
            ("..", ManifestPathError::NotNormal),
            ("a/../b", ManifestPathError::NotNormal),
            ("./a", ManifestPathError::NotNormal),
            ("a//b", ManifestPathError::NotNormal),
            ("a/", ManifestPathError::NotNormal),
            ("a\\b", ManifestPathError::Backslash),
            ("a\u{0}b", ManifestPathError::Invisible),
            ("a\u{202e}b", ManifestPathError::Invisible),
        ] {
            assert_eq!(bad.parse::<ManifestPath>(), Err(error), "{bad:?}");
        }
    }
}
