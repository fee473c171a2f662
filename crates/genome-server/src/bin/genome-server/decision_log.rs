//! The decision log: one JSON object a line, in a file that another program may rename, or that is renamed when it is large, after which a new one
//! is made. It is written by a thread of its own, for which no answer waits.

use crate::log::warn_of_file;
use genome_cli::{Failure, Finding, json_line};
use genome_files::LogFile;
use genome_server::DecisionRecords;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};
use tracing::warn;

/// How each line begins.
const START: &[u8] = b"{\"timestamp\":\"";

/// How many lines are written at once.
const MOST_AT_ONCE: usize = 1024;

/// How long the end waits for what is still to be written.
const LAST: Duration = Duration::from_secs(2);

/// How long nothing more is said of the same trouble.
const QUIET: Duration = Duration::from_mins(1);

fn log_path(text: &str) -> Result<PathBuf, &'static str> {
    if text == "-" { Err("it is a file: name it ./- if that is its name") } else { Ok(text.into()) }
}

/// The options of the decision log.
#[derive(Debug, clap::Args)]
pub(crate) struct DecisionLogArguments {
    /// Append each decision to this file, one JSON object a line: the time, the request id, the route, the projection, the action, the
    /// decision, the capability and the genome. Rename it to rotate it: a new one is made. An answer never waits for it; lines that
    /// cannot be written are counted in the metrics
    #[arg(long, value_name = "FILE", value_parser = log_path)]
    decision_log: Option<PathBuf>,
    /// Rotate the decision log by size: when it has reached so many MiB, it is renamed to FILE.1, which replaces an older one, and a new file
    /// is begun
    #[arg(long, value_name = "MIB", requires = "decision_log", value_parser = clap::value_parser!(u32).range(1..))]
    decision_log_size: Option<u32>,
    /// Write the type and id of the subject to the decision log, too, where a request has one
    #[arg(long, requires = "decision_log")]
    log_subject: bool,
}

impl DecisionLogArguments {
    /// Whether subjects are written.
    pub(crate) fn has_subjects(&self) -> bool {
        self.log_subject
    }

    /// Opens the log, if there is to be one.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file.
    pub(crate) fn open(&self) -> Result<Option<DecisionLogFile>, Failure> {
        let Some(path) = &self.decision_log else { return Ok(None) };
        let file = LogFile::open(path, START).map_err(|error| {
            let hint = "name with --decision-log a file that this user may write, in a directory that is there: a new one, or a decision log";
            let message = format!("the decision log cannot be opened: {error}");
            Failure::undecided(Finding::error(message, hint).at(path))
        })?;
        let most_bytes = self.decision_log_size.map(|mebibytes| u64::from(mebibytes) << 20);
        Ok(Some(DecisionLogFile { file, most_bytes, unrotated: RareWarning::default(), lost: RareWarning::default() }))
    }
}

/// The open log.
#[derive(Debug)]
pub(crate) struct DecisionLogFile {
    file: LogFile,
    /// The size at which it is rotated.
    most_bytes: Option<u64>,
    unrotated: RareWarning,
    lost: RareWarning,
}

impl DecisionLogFile {
    /// Writes what is decided from now on.
    ///
    /// # Errors
    /// No thread can be had.
    pub(crate) fn write(self, records: DecisionRecords) -> io::Result<DecisionLogWriter> {
        let (ended, done) = channel();
        thread::Builder::new().name("decision-log".to_owned()).spawn(move || {
            self.write_all(&records);
            // Nobody may wait any more.
            let _ = ended.send(());
        })?;
        Ok(DecisionLogWriter(done))
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
            self.rotate();
            if let Err(error) = self.file.append(text.as_bytes()) {
                records.count_lost(lines.try_into().unwrap_or(u64::MAX));
                let hint = "see genome_decision_log_dropped_total, and make room or put the file back";
                self.lost.say(self.file.path(), &format!("lines of the decision log are lost: {error}"), hint);
            }
        }
    }

    fn rotate(&mut self) {
        let Some(Err(error)) = self.most_bytes.map(|bytes| self.file.rotate_at(bytes)) else { return };
        let message = format!("the decision log is large and cannot be renamed, so that it grows on: {error}");
        let hint = "let this user write in its directory, and take away what is no file at the same path with .1 at its end";
        self.unrotated.say(self.file.path(), &message, hint);
    }
}

/// A warning that is not repeated at once.
#[derive(Debug, Default)]
struct RareWarning(Option<Instant>);

impl RareWarning {
    fn say(&mut self, path: &Path, message: &str, hint: &'static str) {
        if self.0.is_none_or(|at| at.elapsed() >= QUIET) {
            self.0 = Some(Instant::now());
            warn_of_file(path, message, hint);
        }
    }
}

/// The thread that writes.
#[derive(Debug)]
pub(crate) struct DecisionLogWriter(Receiver<()>);

impl DecisionLogWriter {
    /// Waits a moment for the last lines, after the decision point is gone.
    pub(crate) fn finish(self) {
        if self.0.recv_timeout(LAST) == Err(RecvTimeoutError::Timeout) {
            let hint = "see whether its disk answers, and whether requests were cut off";
            warn!(message = "the last lines of the decision log are not waited for any longer", hint);
        }
    }
}
