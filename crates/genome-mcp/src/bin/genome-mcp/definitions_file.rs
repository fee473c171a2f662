//! The file of definitions beside a genome, `tools/NAME.json`.

use genome::definition::Definitions;
use genome::mcp::ServerName;
use genome_cli::{Destination, Failure, Finding, MadeDirectories, Source, Unwritten, tell_waiting};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where it is looked for, from the directory of the genome.
pub(crate) fn usual(server: &ServerName) -> PathBuf {
    Path::new("tools").join(format!("{server}.json"))
}

/// Reads one.
///
/// # Errors
/// It cannot be read, or is none.
pub(crate) fn read(path: &Path) -> Result<Definitions, Failure> {
    let source = Source::File(path.to_owned());
    let bytes = source.read()?;
    Definitions::read(&bytes)
        .map_err(|refusal| Failure::undecided(Finding::of_unsigned(&refusal, "the file of definitions").at(&source)))
}

/// Reads one that may be missing.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Definitions>, Failure> {
    if path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) { Ok(None) } else { read(path).map(Some) }
}

/// Refuses to replace what is there, unless these are definitions of this server.
///
/// # Errors
/// They are not.
pub(crate) fn check(path: &Path, server: &ServerName) -> Result<(), Failure> {
    match read_if_there(path) {
        Ok(None) => Ok(()),
        Ok(Some(definitions)) => owned(path, server, &definitions),
        Err(failure) => Err(refused(failure)),
    }
}

/// Replaces it, as a whole, or makes it, and its directory.
///
/// # Errors
/// Something else is there, or it cannot be written.
pub(crate) fn write(path: &Path, definitions: &Definitions) -> Result<(), Failure> {
    let made = MadeDirectories::above(path).map_err(|error| FILE.at(path, &error))?;
    replace(path, definitions).inspect_err(|_| made.remove())
}

fn replace(path: &Path, definitions: &Definitions) -> Result<(), Failure> {
    let wait = || tell_waiting("writes in the same directory");
    let destination = Destination::take(path, wait).map_err(|error| FILE.at(path, &error))?;
    // Once more, while nobody else of ours can change it.
    check(destination.path(), definitions.server())?;
    let written = destination.replace(definitions.to_json().as_bytes());
    written.map_err(|error| FILE.replacing(path, &error, "look at the file"))
}

fn owned(path: &Path, server: &ServerName, definitions: &Definitions) -> Result<(), Failure> {
    if definitions.server() == server {
        return Ok(());
    }
    let message = format!("it holds the definitions of another server, {}", definitions.server());
    Err(Failure::refused(Finding::error(message, ANOTHER).at(path)))
}

/// What cannot be read as definitions is not replaced by them.
fn refused(failure: Failure) -> Failure {
    let failure = failure.with_hint(|_| ANOTHER.to_owned());
    failure.finding().cloned().map_or(failure, Failure::refused)
}

const ANOTHER: &str = "nothing was changed; name another file with --output";

const FILE: Unwritten = Unwritten {
    what: "the file of definitions",
    outcome: Some("nothing was changed"),
    verb: "pin",
    otherwise: "name a file with --output",
};
