//! The files of `genome init`: all of them are written, or none.

pub(crate) use crate::source::{DRAFT, GENOME, KEY, TRUST};
use crate::unwritten::Unwritten;
use crate::{Failure, Finding, ReplaceError, tell_waiting, unwritten_secret};
use genome::Refusal;
use genome::exposure::ExposedPath;
use genome_files::{FoundFolder, HeldFolder, OpenError, Undone, see_missing};
use genome_json::text::BarePath;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub(crate) const ENVIRONMENT: &str = "genome.env";
/// Names what git must not keep.
pub(crate) const IGNORED: &str = ".gitignore";
/// Made by the server.
pub(crate) const STATE: &str = "state.json";

/// The directory, which may be missing.
pub(crate) struct Files<'p> {
    directory: &'p Path,
    found: FoundFolder,
}

/// The directory, which is held, and what was written there.
pub(crate) struct HeldFiles<'p> {
    directory: &'p Path,
    folder: HeldFolder,
    /// Whether the file was written that keeps them out of git.
    ignores: bool,
}

/// Who else can change what is in the directory.
pub(crate) struct Surroundings {
    /// The path of the directory, wherever a program starts.
    pub(crate) absolute: PathBuf,
    exposed: Vec<ExposedPath>,
    /// Whether others can change where the path leads that the user named.
    is_named_exposed: bool,
}

impl<'p> Files<'p> {
    /// Finds the directory, and refuses one where something is in the way.
    pub(crate) fn find(directory: &'p Path, with_key: bool) -> Result<Self, Failure> {
        let found = FoundFolder::find(directory).map_err(|error| match error {
            OpenError::NotADirectory(_) => {
                let finding = Finding::error("it is not a directory", "nothing was changed; name another one");
                Failure::undecided(finding.at(directory))
            }
            error => unmade(directory, &error.into()),
        })?;
        let key = with_key.then_some(KEY);
        let mut names = key.into_iter().chain([DRAFT, TRUST, ENVIRONMENT, GENOME, STATE]);
        if let Some(taken) = names.find(|name| found.has(name)) {
            let hint = "nothing was changed; name another directory. genome-draft makes the next version of a genome that is there";
            return Err(Failure::refused(Finding::error("something is there already", hint).at(&directory.join(taken))));
        }
        Ok(Self { directory, found })
    }

    /// The path of one of the files, as a user reaches it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Makes the directory, if it is not there. Nobody else may write to it, whatever the umask: production refuses what others can change.
    pub(crate) fn take(self) -> Result<HeldFiles<'p>, Failure> {
        let Self { directory, found } = self;
        let folder = found.hold().map_err(|error| unmade(directory, &error))?;
        Ok(HeldFiles { directory, folder, ignores: false })
    }
}

impl HeldFiles<'_> {
    /// Looks at the way to the directory, before anything is in it.
    pub(crate) fn surroundings(&self) -> Result<Surroundings, Failure> {
        let absolute = fs::canonicalize(self.directory).map_err(|error| FILE.at(self.directory, &error))?;
        // As production looks at a file there, of which none has this name.
        let exposed = |path: &Path| {
            let evidence = see_missing(&path.join(STATE), self.folder.directory());
            evidence.map(|evidence| evidence.exposed().to_vec()).map_err(|fault| {
                let message = format!("nothing says who else can change what is in it: {fault}");
                let hint = "see who moves it, and start again in a directory that only you can change";
                Failure::undecided(Finding::error(message, hint).at(self.directory))
            })
        };
        let is_named_exposed = !exposed(self.directory)?.is_empty();
        Ok(Surroundings { exposed: exposed(&absolute)?, absolute, is_named_exposed })
    }

    /// The path of one of the files, as a user reaches it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Keeps the private key and the state out of git, before they are there. A file of the user's own stays as it is.
    pub(crate) fn ignore(&mut self) -> Result<(), Failure> {
        if self.folder.has(IGNORED) {
            return Ok(());
        }
        self.ignores = true;
        self.write(IGNORED, &format!("# The private key, and what the server remembers of this machine.\n/{KEY}\n/{STATE}\n"))
    }

    /// Whether this program keeps the private key and the state out of git.
    pub(crate) fn ignores(&self) -> bool {
        self.ignores
    }

    pub(crate) fn write_secret(&mut self, secret: &[u8]) -> Result<(), Failure> {
        let path = self.path(KEY);
        self.folder.create_secret(KEY, secret).map_err(|error| unwritten_secret(&path, &error))
    }

    pub(crate) fn write(&mut self, name: &'static str, text: &str) -> Result<(), Failure> {
        let path = self.path(name);
        let wait = || tell_waiting("writes in the same directory");
        self.folder.create(name, text.as_bytes(), wait).map_err(|error| match error {
            ReplaceError::Unchanged(error) | ReplaceError::Unsettled(error) => FILE.at(&path, &error),
        })
    }

    /// Removes what was written: a key that has signed nothing which is left, and texts that can be made again.
    /// The failure, whose hint says only what to do, then also says what has become of all of it.
    pub(crate) fn undo(&mut self, failure: Failure) -> Failure {
        let Undone { left, lost, is_directory_left, is_elsewhere } = self.folder.undo();
        // Its path would name a file of somebody else.
        let name = |name: &String| if is_elsewhere { name.clone() } else { BarePath(&self.path(name)).to_string() };
        let listed = |names: &[String]| names.iter().map(name).collect::<Vec<_>>();
        let mut left = listed(&left);
        if is_directory_left {
            left.push(format!("the directory {}", BarePath(self.directory)));
        }
        let mut outcome = Vec::new();
        if is_elsewhere {
            outcome.push("the directory was moved meanwhile".to_owned());
        }
        if !left.is_empty() {
            let (are, place) = (if left.len() == 1 { "is" } else { "are" }, if is_elsewhere { " there" } else { "" });
            outcome.push(format!("remove {}, which {are} left{place}", left.join(", ")));
        }
        if !lost.is_empty() {
            outcome.push(format!(
                "others have moved or replaced {} meanwhile: find out who, and where it is",
                listed(&lost).join(", ")
            ));
        }
        if outcome.is_empty() {
            outcome.push(NOTHING.to_owned());
        }
        failure.with_hint(|hint| format!("{}; {hint}", outcome.join("; ")))
    }
}

impl Surroundings {
    /// The warning that others can change what will be in the directory; nothing where production takes what is there.
    pub(crate) fn warning(&self, directory: &Path) -> Option<Finding> {
        if self.exposed.is_empty() {
            return None;
        }
        let finding = Finding::from(&Refusal::WritableByOthers(self.exposed.clone()));
        let hint = format!("production refuses what is in it until then: {}", finding.hint);
        Some(Finding { code: finding.code, ..Finding::warning(finding.message, hint) }.at(directory))
    }

    /// The path of the directory for a command that runs what is in it: one on which nobody else can put something of their own in its place.
    pub(crate) fn safe_path<'d>(&'d self, directory: &'d Path) -> Option<&'d Path> {
        let path = if self.is_named_exposed { &self.absolute } else { directory };
        self.exposed.is_empty().then_some(path)
    }
}

/// The failure of a directory that cannot be had.
fn unmade(directory: &Path, error: &io::Error) -> Failure {
    let failure = START.at(directory, error);
    let is_missing = error.kind() == ErrorKind::NotFound;
    if is_missing { failure.with_hint(|_| format!("{NOTHING}; the directory above it must be there")) } else { failure }
}

const NOTHING: &str = "nothing was made";

/// What cannot be written before anything is made.
const START: Unwritten = Unwritten { outcome: Some(NOTHING), ..FILE };

/// What cannot be written afterwards, which [`HeldFiles::undo`] says the outcome of.
const FILE: Unwritten = Unwritten { what: "it", outcome: None, verb: "start", otherwise: "name another directory" };
