//! What is said of a file that cannot be written.

use crate::{Failure, Finding, ReplaceError};
use genome_files::place_hint;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What a program writes, in the words of a failure.
#[derive(Debug, Clone, Copy)]
pub struct Unwritten {
    /// What it is, such as `the draft`.
    pub what: &'static str,
    /// What has become of the file, such as `nothing was changed`; `None` where a caller knows more, and says it.
    pub outcome: Option<&'static str>,
    /// What to do again once another program is done.
    pub verb: &'static str,
    /// What to do where that is no place for a file.
    pub otherwise: &'static str,
}

impl Unwritten {
    /// The failure of a file that is as it was.
    #[must_use]
    pub fn at(self, path: &Path, error: &io::Error) -> Failure {
        let Self { what, outcome, verb, otherwise } = self;
        let hint = match error.kind() {
            ErrorKind::TimedOut => format!("see what the other program waits for, and {verb} again"),
            ErrorKind::InvalidInput | ErrorKind::IsADirectory => otherwise.to_owned(),
            _ => place_hint(error).unwrap_or("check the directory, its permissions and the space on its disk").to_owned(),
        };
        let hint = outcome.map_or_else(|| hint.clone(), |outcome| format!("{outcome}; {hint}"));
        Failure::undecided(Finding::error(format!("cannot write {what}: {error}"), hint).at(path))
    }

    /// The failure of a file that was written all the same. `then` is what to do once the disk was checked.
    #[must_use]
    pub fn unsettled(self, path: &Path, error: &io::Error, then: impl Display) -> Failure {
        let message = format!("{} was written, but may not survive a power cut: {error}", self.what);
        Failure::undecided(Finding::error(message, format!("check the disk, then {then}")).at(path))
    }

    /// The failure to replace a file, which says whether it was written.
    #[must_use]
    pub fn replacing(self, path: &Path, error: &ReplaceError, then: impl Display) -> Failure {
        match error {
            ReplaceError::Unchanged(error) => self.at(path, error),
            ReplaceError::Unsettled(error) => self.unsettled(path, error, then),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAFT: Unwritten =
        Unwritten { what: "the draft", outcome: Some("nothing was changed"), verb: "draft", otherwise: "name a file" };

    #[test]
    fn the_hint_fits_the_error() {
        for (kind, hint) in [
            (ErrorKind::TimedOut, "see what the other program waits for, and draft again"),
            (ErrorKind::IsADirectory, "name a file"),
            (ErrorKind::StorageFull, "make room where its directory is"),
            (ErrorKind::Other, "check the directory, its permissions"),
        ] {
            let (message, said, _) = DRAFT.at(Path::new("draft.json"), &kind.into()).said();
            assert!(message.starts_with("cannot write the draft: "), "{message}");
            assert!(said.starts_with(&format!("nothing was changed; {hint}")), "{said}");
            let silent = Unwritten { outcome: None, ..DRAFT };
            assert!(silent.at(Path::new("draft.json"), &kind.into()).said().1.starts_with(hint));
        }
    }

    #[test]
    fn a_file_that_was_written_is_not_said_to_be_as_it_was() {
        let error = ReplaceError::Unsettled(ErrorKind::StorageFull.into());
        let (message, hint, _) = DRAFT.replacing(Path::new("draft.json"), &error, "look at it").said();
        assert!(message.starts_with("the draft was written, but may not survive a power cut: "), "{message}");
        assert_eq!(hint, "check the disk, then look at it");
    }
}
