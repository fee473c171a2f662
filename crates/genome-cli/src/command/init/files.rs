//! The files of `genome init`: all of them are written, or none.

pub(crate) use crate::source::{DRAFT, GENOME, KEY};
use crate::unwritten::Unwritten;
use crate::{Destination, Failure, Finding, NewSecretFile, ReplaceError, tell_waiting};
use genome::Refusal;
use genome_files::{open_directory, see_missing};
use genome_json::text::BarePath;
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

pub(crate) const TRUST: &str = "trust.json";
pub(crate) const ENVIRONMENT: &str = "genome.env";
/// Names what git must not keep.
pub(crate) const IGNORED: &str = ".gitignore";
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
            Err(error) => return Err(unwritten(directory, &error)),
        };
        Ok(Self { directory, is_there, made: Vec::new() })
    }

    /// Makes the directory, if it is not there. Nobody else may write to it, whatever the umask: production refuses what others can change.
    pub(crate) fn take(self) -> Result<Self, Failure> {
        if !self.is_there {
            DirBuilder::new().mode(0o755).create(self.directory).map_err(|error| unwritten(self.directory, &error))?;
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
        fs::canonicalize(self.directory).map_err(|error| unwritten(self.directory, &error))
    }

    /// Keeps the private key and the state out of git, before they are there. A file of the user's own stays as it is.
    pub(crate) fn ignore(&mut self) -> Result<(), Failure> {
        if self.path(IGNORED).symlink_metadata().is_ok() {
            return Ok(());
        }
        self.write(IGNORED, &format!("# The private key, and what the server remembers of this machine.\n/{KEY}\n/{STATE}\n"))
    }

    /// Whether this program has written the file.
    pub(crate) fn has_made(&self, name: &str) -> bool {
        self.made.contains(&name)
    }

    pub(crate) fn write_secret(&mut self, secret: &[u8]) -> Result<(), Failure> {
        NewSecretFile::at(&self.path(KEY))?.write(secret)?;
        self.made.push(KEY);
        Ok(())
    }

    pub(crate) fn write(&mut self, name: &'static str, text: &str) -> Result<(), Failure> {
        let path = self.path(name);
        let wait = || tell_waiting("writes in the same directory");
        let file = Destination::take(&path, wait).map_err(|error| unwritten(&path, &error))?;
        match file.create(text.as_bytes()) {
            Ok(()) => self.made.push(name),
            Err(ReplaceError::Unchanged(error)) => return Err(unwritten(&path, &error)),
            Err(ReplaceError::Unsettled(error)) => {
                self.made.push(name);
                return Err(unwritten(&path, &error));
            }
        }
        Ok(())
    }

    /// Removes what was written: a key that has signed nothing which is left, and texts that can be made again.
    /// The failure then also names what could not be removed.
    pub(crate) fn undo(&self, failure: Failure) -> Failure {
        let stays = |name: &&&str| fs::remove_file(self.path(name)).is_err();
        let left: Vec<String> = self.made.iter().filter(stays).map(|name| BarePath(&self.path(name)).to_string()).collect();
        if !self.is_there {
            // Where another program has written there, it stays.
            drop(fs::remove_dir(self.directory));
        }
        if left.is_empty() {
            failure
        } else {
            failure.with_hint(|hint| format!("{hint}; remove {}, which is left", left.join(", ")))
        }
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    const STATE: &str = "nothing was made";
    let failure = Unwritten { what: "it", state: STATE, verb: "start", otherwise: "name another directory" }.at(path, error);
    if error.kind() == ErrorKind::NotFound {
        return failure.with_hint(|_| format!("{STATE}; the directory above it must be there"));
    }
    failure
}
