//! The decision log: one JSON object a line, in a file that another program may rename, after which a new one is made. It is written by a thread
//! of its own, for which no answer waits.

use crate::log::warn_of_file;
use genome_cli::{Failure, Finding, json_line};
use genome_files::{OpenError, open_appending};
use genome_server::DecisionRecords;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How many lines are written at once.
const MOST_AT_ONCE: usize = 1024;

/// How long the end waits for what is still to be written.
const LAST: Duration = Duration::from_secs(2);

/// How long nothing more is said of lines that cannot be written.
const QUIET: Duration = Duration::from_mins(1);

/// The thread that writes.
#[derive(Debug)]
pub(crate) struct Writing(Receiver<()>);

/// The options of the decision log.
#[derive(Debug, clap::Args)]
pub(crate) struct DecisionLogArguments {
    /// Append each decision to this file, one JSON object a line: the time, the request id, the route, the projection, the action, the
    /// decision, the capability and the genome. Rename it to rotate it: a new one is made. An answer never waits for it; lines that
    /// cannot be written are counted in the metrics
    #[arg(long, value_name = "FILE")]
    decision_log: Option<PathBuf>,
    /// Write the type and id of the subject to the decision log, too, where a request has one
    #[arg(long, requires = "decision_log")]
    log_subject: bool,
}

impl DecisionLogArguments {
    /// The file, if there is to be one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.decision_log.as_deref()
    }

    /// Whether subjects are written.
    pub(crate) fn has_subjects(&self) -> bool {
        self.log_subject
    }
}

/// Opens the log.
///
/// # Errors
/// It cannot be opened, or is no regular file.
pub(crate) fn open(path: &Path) -> Result<Log, Failure> {
    Log::open(path).map_err(|error| {
        let hint = "name a file that this user may write, in a directory that is there, with --decision-log";
        let message = format!("the decision log cannot be opened: {error}");
        Failure::undecided(Finding::error(message, hint).at(path))
    })
}

/// Writes what is decided from now on.
///
/// # Errors
/// No thread can be had.
pub(crate) fn write(log: Log, records: DecisionRecords) -> io::Result<Writing> {
    let (ended, done) = channel();
    thread::Builder::new().name("decision-log".to_owned()).spawn(move || {
        log.write_all(&records);
        // Nobody may wait any more.
        let _ = ended.send(());
    })?;
    Ok(Writing(done))
}

impl Writing {
    /// Waits a moment for the last lines, after the decision point is gone.
    pub(crate) fn finish(self) {
        let _ = self.0.recv_timeout(LAST);
    }
}

/// The open log.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    /// `None` after it could not be opened again.
    file: Option<File>,
    warned: Option<Instant>,
}

impl Log {
    fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { file: Some(opened(path)?), path: path.to_owned(), warned: None })
    }

    fn write_all(mut self, records: &DecisionRecords) {
        while let Some(first) = records.recv() {
            let (mut text, mut lines) = (format!("{}\n", json_line(&first)), 1);
            while lines < MOST_AT_ONCE
                && let Some(record) = records.try_recv()
            {
                text.push_str(&json_line(&record));
                text.push('\n');
                lines += 1;
            }
            if let Err(error) = self.append(text.as_bytes()) {
                records.count_lost(u64::try_from(lines).unwrap_or_default());
                self.warn(&error);
            }
        }
    }

    fn append(&mut self, text: &[u8]) -> Result<(), String> {
        if !self.is_in_place() {
            self.file = None;
            self.file = Some(opened(&self.path).map_err(|error| error.to_string())?);
        }
        let file = self.file.as_mut().ok_or("it is not open")?;
        file.write_all(text).map_err(|error| {
            // What was written of it may end within a line: opened again, it goes on with the next.
            self.file = None;
            error.to_string()
        })
    }

    /// Whether the file at the path is still the one that is open.
    fn is_in_place(&self) -> bool {
        let identity = |found: &fs::Metadata| (found.dev(), found.ino());
        let open = self.file.as_ref().and_then(|file| file.metadata().ok());
        let named = fs::symlink_metadata(&self.path).ok();
        open.is_some() && open.as_ref().map(identity) == named.as_ref().map(identity)
    }

    fn warn(&mut self, error: &str) {
        if self.warned.is_none_or(|at| at.elapsed() >= QUIET) {
            self.warned = Some(Instant::now());
            let message = format!("lines of the decision log are lost: {error}");
            warn_of_file(&self.path, &message, "see genome_decision_log_dropped_total, and make room or put the file back");
        }
    }
}

/// Opens the file so that the next line stands alone: the last one may have been torn.
fn opened(path: &Path) -> Result<File, OpenError> {
    let mut file = open_appending(path)?;
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    if last != [b'\n'] {
        file.write_all(b"\n")?;
    }
    Ok(file)
}
