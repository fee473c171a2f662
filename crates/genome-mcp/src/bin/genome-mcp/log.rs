//! The log: what was denied or dropped, one JSON object a line.

use genome::Timestamp;
use genome::mcp::ServerName;
use genome_cli::{Failure, Finding, note};
use genome_files::open_appending;
use genome_json::Value;
use genome_mcp::Event;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How many lines a second are written; what is more is counted.
const MOST_A_SECOND: u32 = 100;

/// Where lines go.
#[derive(Debug)]
pub(crate) struct Log {
    server: ServerName,
    output: Mutex<Output>,
}

#[derive(Debug, Default)]
struct Output {
    /// Standard error, where it is `None`.
    file: Option<File>,
    second: u64,
    written: u32,
    left_out: u64,
}

impl Log {
    /// Opens the log.
    ///
    /// # Errors
    /// The file cannot be opened, or is no regular file.
    pub(crate) fn open(server: &ServerName, path: Option<&Path>) -> Result<Self, Failure> {
        let opened = |path: &Path| {
            open_appending(path).map_err(|error| {
                let hint = "name a file that this user may write, in a directory that is there, with --log-file";
                Failure::undecided(Finding::error(format!("the log cannot be opened: {error}"), hint).at(path))
            })
        };
        let file = path.map(opened).transpose()?;
        Ok(Self { server: server.clone(), output: Mutex::new(Output { file, ..Output::default() }) })
    }

    /// Writes a line.
    pub(crate) fn write(&self, event: &Event) {
        let now = since_epoch();
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        if output.second != now.as_secs() {
            self.count_left_out(&mut output, now);
            (output.second, output.written) = (now.as_secs(), 0);
        }
        if output.written >= MOST_A_SECOND {
            output.left_out += 1;
            return;
        }
        output.written += 1;
        output.line(event.to_json(self.first(now)));
    }

    /// Writes how much was left out.
    pub(crate) fn finish(&self) {
        self.count_left_out(&mut self.output.lock().unwrap_or_else(PoisonError::into_inner), since_epoch());
    }

    fn count_left_out(&self, output: &mut Output, now: Duration) {
        if output.left_out > 0 {
            let mut members = self.first(now);
            members.extend([("reason", Value::string("left_out")), ("count", output.left_out.into())]);
            output.left_out = 0;
            output.line(Value::object(members).to_compact());
        }
    }

    fn first(&self, now: Duration) -> Vec<(&'static str, Value<'_>)> {
        vec![("time", Value::string(rfc_3339(now))), ("server", Value::string(self.server.as_str()))]
    }
}

impl Output {
    fn line(&mut self, mut line: String) {
        line.push('\n');
        let is_in_file = self.file.as_mut().is_some_and(|file| file.write_all(line.as_bytes()).is_ok());
        if !is_in_file {
            note(&line);
        }
    }
}

pub(crate) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// A time as RFC 3339 writes it, in UTC, with milliseconds.
pub(crate) fn rfc_3339(since_epoch: Duration) -> String {
    let seconds = Timestamp::from_unix_seconds(since_epoch.as_secs()).map(|time| time.to_string()).unwrap_or_default();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), since_epoch.subsec_millis())
}
