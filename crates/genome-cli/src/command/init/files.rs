//! The files of `genome init`: all of them are written, or none.

pub(crate) use crate::source::{DRAFT, GENOME, TRUST};
use crate::unwritten::Unwritten;
use crate::{Destination, Failure, Finding, NewSecretFile, ReplaceError, tell_waiting};
use genome::Refusal;
use genome_files::{open_directory, see_missing};
use genome_json::text::BarePath;
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

pub(crate) const KEY: &str = "signing-key.pem";
pub(crate) const ENVIRONMENT: &str = "genome.env";
/// Made by the server.
pub(crate) const STATE: &str = "state.json";

/// The directory, and what is to be written there.
pub(crate) struct Files<'p> {
    directory: &'p Path,
    is_there: bool,
    /// The files that were written.
    made: Vec<&'static str>,
}

impl<'p> Files<'p> {
    /// Finds the directory, and refuses one where something is in the way.
    pub(crate) fn find(directory: &'p Path, with_key: bool) -> Result<Self, Failure> {
        let key = with_key.then_some(KEY);
        let mut names = key.into_iter().chain([DRAFT, TRUST, ENVIRONMENT, GENOME, STATE]);
        if let Some(taken) = names.find(|name| directory.join(name).symlink_metadata().is_ok()) {
            let hint = "nothing was changed; name another directory. genome-draft makes the next version of a genome that is there";
            return Err(Failure::refused(Finding::error("something is there already", hint).at(&directory.join(taken))));
        }
        let is_there = match fs::metadata(directory) {
            Ok(found) if found.is_dir() => true,
            Ok(_) => {
                let finding = Finding::error("it is not a directory", "nothing was changed; name another one");
                return Err(Failure::undecided(finding.at(directory)));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(START.at(directory, &error)),
        };
        Ok(Self { directory, is_there, made: Vec::new() })
    }

    /// Makes the directory, if it is not there. Nobody else may write to it, whatever the umask: production refuses what others can change.
    pub(crate) fn take(self) -> Result<Self, Failure> {
        if !self.is_there {
            DirBuilder::new().mode(0o755).create(self.directory).map_err(|error| {
                let failure = START.at(self.directory, &error);
                let is_missing = error.kind() == ErrorKind::NotFound;
                if is_missing { failure.with_hint(|_| format!("{NOTHING}; the directory above it must be there")) } else { failure }
            })?;
        }
        Ok(self)
    }

    /// The warning that others can change what will be in the directory; nothing where production takes what is there.
    pub(crate) fn exposed(&self) -> Option<Finding> {
        let directory = open_directory(self.directory).ok()?;
        // As production looks at a file there, of which none has this name.
        let evidence = see_missing(&self.absolute().ok()?.join(STATE), &directory).ok()?;
        if evidence.exposed().is_empty() {
            return None;
        }
        let finding = Finding::from(&Refusal::WritableByOthers(evidence.exposed().to_vec()));
        let hint = format!("production refuses what is in it until then: {}", finding.hint);
        Some(Finding { code: finding.code, ..Finding::warning(finding.message, hint) }.at(self.directory))
    }

    /// The path of one of the files, as a user reaches it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The path of the directory, wherever a program starts.
    pub(crate) fn absolute(&self) -> Result<PathBuf, Failure> {
        fs::canonicalize(self.directory).map_err(|error| FILE.at(self.directory, &error))
    }

    pub(crate) fn write_secret(&mut self, secret: &[u8]) -> Result<(), Failure> {
        NewSecretFile::at(&self.path(KEY))?.write(secret)?;
        self.made.push(KEY);
        Ok(())
    }

    pub(crate) fn write(&mut self, name: &'static str, text: &str) -> Result<(), Failure> {
        let path = self.path(name);
        let wait = || tell_waiting("writes in the same directory");
        let file = Destination::take(&path, wait).map_err(|error| FILE.at(&path, &error))?;
        match file.create(text.as_bytes()) {
            Ok(()) => self.made.push(name),
            Err(ReplaceError::Unchanged(error)) => return Err(FILE.at(&path, &error)),
            // It is removed again.
            Err(ReplaceError::Unsettled(error)) => {
                self.made.push(name);
                return Err(FILE.at(&path, &error));
            }
        }
        Ok(())
    }

    /// Removes what was written: a key that has signed nothing which is left, and texts that can be made again.
    /// The failure, whose hint says only what to do, then also says what has become of all of it.
    pub(crate) fn undo(&self, failure: Failure) -> Failure {
        let is_left = |removed: io::Result<()>| removed.is_err_and(|error| error.kind() != ErrorKind::NotFound);
        let files = self.made.iter().map(|name| self.path(name)).filter(|path| is_left(fs::remove_file(path)));
        let mut left: Vec<String> = files.map(|path| BarePath(&path).to_string()).collect();
        if !self.is_there && is_left(fs::remove_dir(self.directory)) {
            left.push(format!("the directory {}", BarePath(self.directory)));
        }
        let outcome = match left.as_slice() {
            [] => NOTHING.to_owned(),
            [one] => format!("remove {one}, which is left"),
            several => format!("remove {}, which are left", several.join(", ")),
        };
        failure.with_hint(|hint| format!("{outcome}; {hint}"))
    }
}

const NOTHING: &str = "nothing was made";

/// What cannot be written before anything is made.
const START: Unwritten = Unwritten { outcome: Some(NOTHING), ..FILE };

/// What cannot be written afterwards, which [`Files::undo`] says the outcome of.
const FILE: Unwritten = Unwritten { what: "it", outcome: None, verb: "start", otherwise: "name another directory" };
