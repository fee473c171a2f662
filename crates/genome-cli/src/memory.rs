use crate::source::FILE_OR_NEW;
use crate::{Destination, Failure, Finding, ReadError, ReplaceError, Source};
use genome::{Code, Digest, Evidence, Genome, Refusal, RollbackState, Trust, Verified, json};
use genome_files::{ExposureFault, OpenFile, place_hint, see_file, see_missing};
use genome_json::text::Quoted;
use std::io;
use std::path::{Path, PathBuf};

/// The state that remembers what was accepted, held so that no other program of ours changes it meanwhile.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    destination: Destination,
    /// The file, open, and the digest of what was read from it; nothing where there is none.
    seen: Option<(OpenFile, Digest)>,
    /// What it holds; nothing where there is no file.
    before: Result<Option<RollbackState>, Refusal>,
}

impl Memory {
    /// Takes the state at this path, which need not exist. Says what it waits for, if it has to.
    pub(crate) fn take(path: &Path, say: fn(&str)) -> Result<Self, Failure> {
        let wait = || say("waiting for another program that uses the same state");
        let destination = Destination::take(path, wait).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::TimedOut => "see what the other program waits for",
                io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => FILE_OR_NEW,
                _ => "name a file in a directory that is there and that this user may use",
            };
            let message = format!("the state, which says what was accepted before, cannot be used: {error}");
            let code = if error.kind() == io::ErrorKind::NotFound { Code::Missing } else { Code::Unreadable };
            Failure::undecided(Finding::error(message, hint).with_code(code).at(path))
        })?;
        // In the directory that is held, whatever its path leads to by now.
        let source = Source::File(destination.path().to_owned());
        let (seen, before) = match destination.existing().map_err(|error| ReadError::new(source.clone(), error))? {
            None => (None, Ok(None)),
            Some(file) => {
                let read = source.read_open(file)?;
                let (digest, before) = (Digest::of(read.bytes()), RollbackState::read(read.bytes()).map(Some));
                (Some((read.into_file(), digest)), before)
            }
        };
        Ok(Self { path: path.to_owned(), destination, seen, before })
    }

    /// Who else can change the state: the file that was read, or where there is none, its directory.
    pub(crate) fn evidence(&self) -> Result<Evidence, ExposureFault> {
        match &self.seen {
            Some((file, digest)) => see_file(&self.path, file, *digest),
            None => see_missing(&self.path, self.destination.directory()),
        }
    }

    /// What was accepted before.
    pub(crate) fn before(&self) -> Result<Option<&RollbackState>, &Refusal> {
        self.before.as_ref().map(Option::as_ref)
    }

    /// Remembers a genome that has passed every check. What it gives should be said.
    pub(crate) fn remember(self, genome: &Verified<Genome>) -> Result<Vec<Finding>, Failure> {
        let file = self.destination.path().to_owned();
        let before = self.before.map_err(|refusal| Failure::refused(Finding::from(&refusal).at(&file)))?;
        let odd = odd(before.as_ref(), genome);
        let mut state = before.unwrap_or_default();
        if !state.record(genome) {
            return Ok(Vec::new());
        }
        let written = state.to_json();
        if written.len() > json::MAX_BYTES {
            let hint = "the genome is not accepted; start a new state";
            return Err(Failure::undecided(Finding::error("the state would be larger than 16 MiB", hint).at(&file)));
        }
        // What others put there after it was seen that nothing was there is not replaced: the state would get its owner and its mode.
        let replaced = match self.seen {
            Some(_) => self.destination.replace(written.as_bytes()),
            None => self.destination.create(written.as_bytes()),
        };
        replaced.map_err(|error| {
            let (message, hint) = match error {
                ReplaceError::Unchanged(error) if error.kind() == io::ErrorKind::AlreadyExists => (
                    "the state was not there when the genome was verified, and somebody has made it meanwhile".to_owned(),
                    "find out who did, then verify again".to_owned(),
                ),
                ReplaceError::Unchanged(error) => {
                    let hint = place_hint(&error).unwrap_or("check the directory, its permissions and the space on its disk");
                    let hint = format!("the genome is in order, and is not accepted, as nobody would remember it: {hint}");
                    (format!("the state cannot be written: {error}"), hint)
                }
                ReplaceError::Unsettled(error) => (
                    format!("the state was written, but may not survive a power cut: {error}"),
                    "check the disk, then verify again".to_owned(),
                ),
            };
            Failure::undecided(Finding::error(message, hint).at(&file))
        })?;
        Ok(odd.into_iter().map(|finding| finding.at(&file)).collect())
    }
}

/// What is odd about what is remembered for the first time.
fn odd(before: Option<&RollbackState>, genome: &Verified<Genome>) -> Vec<Finding> {
    let mut odd = Vec::new();
    if genome.trust() == Trust::SelfDeclared {
        let message = "without a trust policy the state remembers what anybody has signed";
        odd.push(Finding::warning(
            message,
            "say with --trust FILE or MATHISON_GENOME_TRUST whom to believe, and start a new state",
        ));
    }
    let name = &genome.name;
    match before {
        None => {
            let message = "there was no state here, so nothing says what was accepted before; from now on it does";
            odd.push(Finding::warning(message, "expected the first time; at any other, find out who took the state away"));
        }
        Some(before) if before.accepted(name).is_none() => {
            let others: Vec<String> = before.names().take(3).map(|other| Quoted(other).to_string()).collect();
            let others = if others.is_empty() { "others".to_owned() } else { others.join(", ") };
            let message = format!("nothing was accepted under the name {} before, only under {others}", Quoted(name));
            let hint = "under another name a genome has no earlier version to stay above: see whether that is meant";
            odd.push(Finding::warning(message, hint));
        }
        Some(_) => {}
    }
    odd
}
