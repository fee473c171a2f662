//! A file of metrics for the textfile collector of `node_exporter`.

use crate::{Destination, ReadFile, ReplaceError};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Whose metrics a file holds: no program of ours writes over those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsOf {
    /// Of `genome-server`.
    Server,
    /// Of `genome-mcp`.
    Gate,
}

/// How the text of our metrics begins.
const START: &[u8] = b"# HELP genome_";

/// How that of `genome-mcp` does.
const START_OF_GATE: &[u8] = b"# HELP genome_mcp_";

impl MetricsOf {
    /// Whether a text can be one of these, or the beginning of one that was cut off.
    fn begins(self, text: &[u8]) -> bool {
        let begins = |start: &[u8]| start.starts_with(text.get(..start.len()).unwrap_or(text));
        match self {
            Self::Server => begins(START) && !text.starts_with(START_OF_GATE),
            Self::Gate => begins(START_OF_GATE),
        }
    }
}

/// How much of a file is read, in bytes.
const MOST: u64 = 4 * 1024 * 1024;

/// A file of metrics for the textfile collector of `node_exporter`, which can be read when the program does not run. It is held from before it is read
/// until it is replaced: two programs may count at once.
#[derive(Debug)]
pub struct Textfile {
    destination: Destination,
    before: Option<String>,
}

impl Textfile {
    /// Holds the file at this path, or the place for it. Waits for other programs of ours that hold a file in the directory, after calling `wait`, but not
    /// for ever.
    ///
    /// # Errors
    /// As for [`Destination::take`]; or the file holds something else than these metrics, such as those of another program, or a genome whose path was given
    /// by mistake, and is left as it is.
    pub fn take(path: &Path, metrics: MetricsOf, wait: impl FnOnce()) -> io::Result<Self> {
        let destination = Destination::take(path, wait)?;
        if !destination.exists()? {
            return Ok(Self { destination, before: None });
        }
        // What cannot be read may be that of another program.
        let file = destination.existing().map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
        let bytes = file.read(MOST).map(ReadFile::into_bytes)?;
        if !metrics.begins(&bytes) {
            return Err(io::Error::other("the file holds something else, and was left as it is"));
        }
        let before = match (String::from_utf8(bytes), metrics) {
            (Ok(before), _) => before,
            // Its counts start anew, and it says so.
            (Err(_), MetricsOf::Server) => String::new(),
            (Err(_), MetricsOf::Gate) => return Err(io::Error::other("the file is damaged, and was left as it is")),
        };
        Ok(Self { destination, before: Some(before) })
    }

    /// What it holds: nothing where there is no file, and an empty text where it is damaged.
    #[must_use]
    pub fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// Replaces it as a whole. A new one can be read by everybody, whatever the umask is: the collector is another user.
    ///
    /// # Errors
    /// It cannot be replaced, and is as it was; or it is uncertain whether the new one survives a power cut.
    pub fn replace(self, text: &str) -> io::Result<()> {
        let place = self.destination.path().to_owned();
        self.destination.replace(text.as_bytes()).map_err(|error| match error {
            ReplaceError::Unchanged(error) | ReplaceError::Unsettled(error) => error,
        })?;
        if self.before.is_none() { fs::set_permissions(place, fs::Permissions::from_mode(0o644)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_something_else_is_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("genome.prom");
        let take = || Textfile::take(&path, MetricsOf::Server, || {});
        let written = |text: &str| take().and_then(|file| file.replace(text));
        let first = "# HELP genome_one One\n";
        assert_eq!(take().unwrap().before(), None);
        written(first).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        // Its mode is kept.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(take().unwrap().before(), Some(first));
        written("# HELP genome_two Two\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for other in ["{}", "# HELP go_threads", "x", "# HELP genome", "# HELP genome_mcp_requests_total Requests"] {
            fs::write(&path, other).unwrap();
            let is_start = "# HELP genome_".starts_with(other);
            assert_eq!(written(first).is_ok(), is_start, "{other}");
            assert_eq!(fs::read_to_string(&path).unwrap(), if is_start { first } else { other });
        }
        fs::write(&path, b"# HELP genome_\xff").unwrap();
        assert_eq!(take().unwrap().before(), Some(""));
        fs::write(&path, "").unwrap();
        written(first).unwrap();
        assert!(Textfile::take(&path, MetricsOf::Gate, || {}).is_err());
        fs::write(&path, "# HELP genome_mcp_requests_total Requests\n").unwrap();
        assert!(Textfile::take(&path, MetricsOf::Gate, || {}).is_ok() && take().is_err());
        fs::write(&path, b"# HELP genome_mcp_requests_total \xff").unwrap();
        assert!(Textfile::take(&path, MetricsOf::Gate, || {}).is_err());
    }
}
