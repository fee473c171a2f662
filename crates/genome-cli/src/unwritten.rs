//! What is said of a file that cannot be written.

use crate::{Failure, Finding};
use genome_files::place_hint;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What a program writes, in the words of a failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unwritten {
    /// What it is, such as `the draft`.
    pub(crate) what: &'static str,
    /// What has become of the file, such as `nothing was changed`.
    pub(crate) state: &'static str,
    /// What to do again once another program is done.
    pub(crate) verb: &'static str,
    /// What to do where that is no place for a file.
    pub(crate) otherwise: &'static str,
}

impl Unwritten {
    /// The failure, which undoes nothing.
    pub(crate) fn at(self, path: &Path, error: &io::Error) -> Failure {
        let Self { what, state, verb, otherwise } = self;
        let hint = match error.kind() {
            ErrorKind::TimedOut => format!("see what the other program waits for, and {verb} again"),
            ErrorKind::InvalidInput | ErrorKind::IsADirectory => otherwise.to_owned(),
            _ => place_hint(error).unwrap_or("check the directory, its permissions and the space on its disk").to_owned(),
        };
        Failure::undecided(Finding::error(format!("cannot write {what}: {error}"), format!("{state}; {hint}")).at(path))
    }
}
