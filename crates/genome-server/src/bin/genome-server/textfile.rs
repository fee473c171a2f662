//! The counts of boots, in a file for the textfile collector of `node_exporter`.

use crate::log::warn_of_file;
use genome_cli::{Destination, ReplaceError, Source};
use genome_files::place_hint;
use genome_server::Boots;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::SystemTime;
use tracing::warn;

/// How the text of the counts begins.
const START: &[u8] = b"# HELP genome_";

/// Counts a boot in a file for the textfile collector of `node_exporter`, which can be read when no server runs. A failure
/// to write it is logged, and changes nothing else. Returns the counts so far, with this boot.
///
/// `prometheus` 0.14.0 writes the text of metrics and reads none; `prometheus-parse` 0.2.5 was tried, and passes over a line that is damaged,
/// where the counts must start anew. So [`Boots`] reads the three metrics that it wrote itself.
pub(crate) fn count(path: Option<&Path>, succeeded: bool, happened: impl FnOnce(&mut Boots)) -> Boots {
    let Some(path) = path else { return with(Boots::default(), happened) };
    // Held from before it is read until it is replaced: two servers may start at once.
    let destination =
        match Destination::take(path, || warn!("waiting for another program that writes metrics in the same directory")) {
            Ok(destination) => destination,
            Err(error) => {
                unwritten(path, &error);
                return with(Boots::default(), happened);
            }
        };
    let is_new = !destination.path().exists();
    let before = if is_new { Ok(Boots::default()) } else { read(destination.path()) };
    let boots = match before {
        Ok(before) => with(before, happened),
        Err(error) => {
            unwritten(path, &error);
            return with(Boots::default(), happened);
        }
    };
    let place = destination.path().to_owned();
    let written = boots.to_text(succeeded, SystemTime::now()).map_err(io::Error::other).and_then(|text| {
        destination.replace(text.as_bytes()).map_err(|error| match error {
            ReplaceError::Unchanged(error) | ReplaceError::Unsettled(error) => error,
        })
    });
    // The collector is another user, whatever this one's umask is.
    let mode = || if is_new { fs::set_permissions(&place, fs::Permissions::from_mode(0o644)) } else { Ok(()) };
    if let Err(error) = written.and_then(|()| mode()) {
        unwritten(path, &error);
    }
    boots
}

fn with(mut boots: Boots, happened: impl FnOnce(&mut Boots)) -> Boots {
    happened(&mut boots);
    boots
}

/// The counts in a file. Those that are damaged count from the start; a file that is something else, such as a genome whose path was given by
/// mistake, is an error.
fn read(path: &Path) -> io::Result<Boots> {
    let bytes = Source::File(path.to_owned()).read().ok();
    if let Some(bytes) = &bytes
        && !START.starts_with(bytes.get(..START.len()).unwrap_or(bytes))
    {
        return Err(io::Error::other("the file holds something else, and was left as it is"));
    }
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text.as_deref().and_then(Boots::read).unwrap_or_else(|| {
        let message = "the metrics of earlier boots are damaged, and are counted from the start";
        warn_of_file(path, message, "see what else writes this file");
        Boots::default()
    }))
}

fn unwritten(path: &Path, error: &io::Error) {
    let message = format!("the metrics of this boot cannot be written: {error}");
    let hint = place_hint(error).unwrap_or("name a file in a directory that is there and that this user may write");
    warn_of_file(path, &message, hint);
}
