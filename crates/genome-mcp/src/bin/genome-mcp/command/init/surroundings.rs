//! What the command line of a server says of the directory in which its genome is to stand.

use genome_cli::Finding;
use genome_json::text::QuotedPath;
use std::ffi::OsString;
use std::path::Path;

/// What a person should know before files are made in this directory, given by its full path.
pub(super) fn exposed(command: &[OsString], directory: &Path) -> Vec<Finding> {
    let given = paths(command).filter(|argument| argument.is_dir() && holds(argument, directory)).map(|argument| {
        let message = format!(
            "the server is given the directory {}, in which the key and the genome would stand: what it may write there, it can replace",
            QuotedPath(argument)
        );
        Finding::warning(message, "make them in a directory that the server does not get: name one behind `init`")
    });
    given.collect()
}

/// What a person should know who puts this command into the configuration of a client.
pub(super) fn relative(command: &[OsString]) -> Vec<Finding> {
    let relative = paths(command).filter(|argument| argument.is_relative()).map(|argument| {
        let message = format!("the server is given the path {}, which a client takes from another directory", QuotedPath(argument));
        Finding::warning(message, "give its full path in the configuration of the client")
    });
    relative.collect()
}

/// The arguments that name something that is there.
fn paths(command: &[OsString]) -> impl Iterator<Item = &Path> {
    command.iter().skip(1).map(Path::new).filter(|argument| argument.exists())
}

/// Whether a directory holds another one, which may have to be made.
fn holds(outer: &Path, inner: &Path) -> bool {
    let Ok(outer) = outer.canonicalize() else { return false };
    inner.ancestors().find_map(|path| path.canonicalize().ok()).is_some_and(|there| there.starts_with(outer))
}
