//! The log: what was denied or dropped, one JSON object a line.

use genome::Timestamp;
use genome::mcp::ServerName;
use genome_cli::{Failure, Finding, note};
use genome_files::LogFile;
use genome_json::Value;
use genome_mcp::{Event, Side};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;
use std::time::{Duration, SystemTime};

/// How each line begins.
const START: &[u8] = b"{\"time\":\"";

/// How many lines a second are written of what one side did; what is more is counted. So a server that writes rubbish hides no denial.
const MOST_A_SECOND: u32 = 100;

/// How many lines wait for whoever reads standard error; what is more is counted.
const MOST_WAITING: usize = 1024;

/// How long the end waits for what is still to be written.
const LAST: Duration = Duration::from_millis(200);

/// The log. No message waits for it: some clients never read standard error.
#[derive(Debug)]
pub(crate) struct Log {
    server: ServerName,
    lines: SyncSender<Line>,
    count: Mutex<Count>,
}

/// What the thread that writes is told.
#[derive(Debug)]
enum Line {
    Text(String),
    /// All that came before is written, if this is answered.
    Last(Sender<()>),
}

#[derive(Debug, Default)]
struct Count {
    second: u64,
    /// Of the client, and of the server.
    sides: [SideCount; 2],
    /// Answers to the server that it did not read in time.
    lost: u64,
}

#[derive(Debug, Default)]
struct SideCount {
    written: u32,
    left_out: u64,
}

impl Log {
    /// Opens the log.
    ///
    /// # Errors
    /// The file cannot be opened, is no regular file, or something other than such a log; or no thread can be had.
    pub(crate) fn open(server: &ServerName, path: Option<&Path>) -> Result<Self, Failure> {
        let opened = |path: &Path| {
            LogFile::open(path, START).map_err(|error| {
                let hint = "name with --log-file a file that this user may write, in a directory that is there: a new one, or a log of genome-mcp";
                Failure::undecided(Finding::error(format!("the log cannot be opened: {error}"), hint).at(path))
            })
        };
        let file = path.map(opened).transpose()?;
        let (lines, to_write) = sync_channel(MOST_WAITING);
        let writing = Builder::new().name("log".to_owned()).spawn(move || write_all(file, &to_write));
        writing.map_err(|error| {
            let hint = "see what the system lets this user have: threads (TasksMax, LimitNPROC), memory";
            Failure::undecided(Finding::error(format!("no threads can be had: {error}"), hint))
        })?;
        Ok(Self { server: server.clone(), lines, count: Mutex::default() })
    }

    /// Writes a line, soon.
    pub(crate) fn write(&self, event: &Event) {
        let now = since_epoch();
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        if count.second != now.as_secs() {
            self.say_counts(&mut count);
            count.second = now.as_secs();
            count.sides.iter_mut().for_each(|side| side.written = 0);
        }
        let [client, server] = &mut count.sides;
        let side = if event.from == Side::Client { client } else { server };
        let has_room = side.written < MOST_A_SECOND && self.send(event.to_json(self.first(now)));
        if has_room { side.written += 1 } else { side.left_out += 1 }
    }

    /// Counts an answer to the server that is lost. The next line says how many were.
    pub(crate) fn count_lost(&self) {
        self.count.lock().unwrap_or_else(PoisonError::into_inner).lost += 1;
    }

    /// Writes a line about no message, soon.
    pub(crate) fn tell(&self, reason: &'static str) {
        self.send(Value::object(self.first(since_epoch()).into_iter().chain([("reason", Value::string(reason))])).to_compact());
    }

    /// Writes how many there were of something, of one side.
    fn tell_count(&self, from: Side, reason: &'static str, count: u64) -> bool {
        let members = [("from", Value::string(from.as_str())), ("reason", Value::string(reason)), ("count", count.into())];
        self.send(Value::object(self.first(since_epoch()).into_iter().chain(members)).to_compact())
    }

    /// Writes what is still to be written, if it is read.
    pub(crate) fn finish(&self) {
        self.say_counts(&mut self.count.lock().unwrap_or_else(PoisonError::into_inner));
        let (written, all) = channel();
        if self.lines.try_send(Line::Last(written)).is_ok() {
            let _ = all.recv_timeout(LAST);
        }
    }

    fn say_counts(&self, count: &mut Count) {
        let Count { sides: [client, server], lost, .. } = count;
        let left_out = [(Side::Client, "left_out", &mut client.left_out), (Side::Server, "left_out", &mut server.left_out)];
        for (side, reason, number) in left_out.into_iter().chain([(Side::Client, "lost", lost)]) {
            if *number > 0 && self.tell_count(side, reason, *number) {
                *number = 0;
            }
        }
    }

    fn send(&self, line: String) -> bool {
        self.lines.try_send(Line::Text(line + "\n")).is_ok()
    }

    fn first(&self, now: Duration) -> Vec<(&'static str, Value<'_>)> {
        vec![("time", Value::string(Timestamp::with_milliseconds(now))), ("server", Value::string(self.server.as_str()))]
    }
}

/// Writes lines to the file, or else to standard error.
fn write_all(mut file: Option<LogFile>, lines: &Receiver<Line>) {
    for line in lines {
        match line {
            Line::Text(line) => {
                let is_in_file = file.as_mut().is_some_and(|file| file.append(line.as_bytes()).is_ok());
                if !is_in_file {
                    note(&line);
                }
            }
            // Nobody may wait any more.
            Line::Last(written) => {
                let _ = written.send(());
            }
        }
    }
}

pub(crate) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
