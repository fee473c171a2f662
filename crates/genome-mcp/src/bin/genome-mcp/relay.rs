//! The relay: a thread for each direction, which waits for its own two sides alone.

use crate::ending::Happened;
use crate::heard::Heard;
use crate::input::{Input, Steps};
use crate::lines::{Line, Lines};
use crate::log::Log;
use crate::metrics::{Measured, MetricsFile};
use crate::patience::{Alarm, Patient};
use crate::speaker::Speaker;
use crate::until::{Until, Waiting};
use genome_cli::unbuffered;
use genome_mcp::{Gate, Outcome, Side};
use rustix::fs::{FileType, fstat};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// How many answers of our own may wait for a server that reads nothing. What it would be told after that is lost: to wait for it could stop both.
const MOST_WAITING: usize = 256;

/// How long the end waits for the metrics to be written. The server is gone by then: a client that loses patience kills nobody else.
const LAST: Duration = Duration::from_secs(1);

/// How the gate holds the server to what is pinned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding {
    /// How long calls wait until the tools of the server are listed.
    pub(crate) longest: Duration,
    /// Whether the session ends when the server is not what was signed.
    pub(crate) ends: bool,
}

/// What the thread that writes to the server is told.
#[derive(Debug)]
enum Said {
    /// An answer.
    Answer(String),
    /// More is due.
    Due,
}

/// What the threads share.
#[derive(Debug)]
struct Shared {
    gate: Gate,
    log: Log,
    measured: Measured,
    ends_on_drift: bool,
    alarm: Alarm,
    /// Held by the thread that writes what is due, so that it stays in its order.
    due: Mutex<()>,
    /// Tells whoever waits for it that perhaps no call waits any more.
    settled: (Mutex<()>, Condvar),
    client: Speaker<File>,
    server: Speaker<PipeWriter>,
    happened: Sender<Happened>,
}

/// A relay whose threads are there.
#[derive(Debug)]
pub(crate) struct Relay {
    shared: Arc<Shared>,
    /// What the server took of what the client says.
    taken: Steps,
    /// What the client took.
    told: Steps,
    /// The client is heard once this is sent something; until then its messages are somebody else's.
    begin: Sender<()>,
    client: Option<Waiting>,
    server: Option<Waiting>,
    /// The metrics are written once more when this is sent something, and that is answered.
    last: Sender<Sender<()>>,
}

/// What a server reads and writes.
#[derive(Debug)]
pub(crate) struct ServerStreams {
    pub(crate) input: PipeReader,
    pub(crate) output: PipeWriter,
    /// Whether its standard error goes nowhere.
    pub(crate) is_mute: bool,
}

impl Relay {
    /// Makes the threads, and the streams of a server that is to be started.
    ///
    /// # Errors
    /// The system does not give what it needs.
    pub(crate) fn prepare(
        gate: Gate,
        holding: Holding,
        log: Log,
        metrics: Option<MetricsFile>,
        most: usize,
        happened: &Sender<Happened>,
    ) -> io::Result<(Self, ServerStreams)> {
        let (input, to_server) = pipe()?;
        let (from_server, output) = pipe()?;
        let (taken, told) = (Steps::default(), Steps::default());
        let (alarm, patient) = Alarm::new(holding.longest);
        let shared = Arc::new(Shared {
            gate,
            log,
            measured: Measured::default(),
            ends_on_drift: holding.ends,
            alarm,
            due: Mutex::default(),
            settled: (Mutex::default(), Condvar::new()),
            client: Speaker::new(unbuffered(&io::stdout())?, Until::End, &told),
            server: Speaker::closable(to_server, &taken)?,
            happened: happened.clone(),
        });
        let (server, until) = Until::dropped()?;
        // What it says counts as told, when it is.
        let said = Input::new(from_server, until, &Steps::default()).counted(shared.measured.bytes(Side::Server));
        let from_server = Lines::new(said, most);
        let (client, until) = Until::dropped()?;
        let gone = happened.clone();
        let heard = Heard::watched(unbuffered(&io::stdin())?, move || {
            // Nobody may wait any more.
            let _ = gone.send(Happened::ClientGone);
        })?;
        let from_client = Lines::new(Input::new(heard, until, &taken).counted(shared.measured.bytes(Side::Client)), most);
        let (begin, to_begin) = channel();
        let (answers, to_answer) = sync_channel(MOST_WAITING);
        let thread = |name: &str| Builder::new().name(name.to_owned());
        let of_answers = Arc::clone(&shared);
        thread("answers").spawn(move || of_answers.answer_server(&to_answer))?;
        if shared.gate.is_pinned() {
            let (of_patient, answers) = (Arc::clone(&shared), answers.clone());
            thread("patience").spawn(move || of_patient.lose_patience(&patient, &answers))?;
        }
        let of_server = Arc::clone(&shared);
        thread("from-server").spawn(move || of_server.relay_server(from_server, &answers))?;
        let of_client = Arc::clone(&shared);
        thread("from-client").spawn(move || {
            if to_begin.recv().is_ok() {
                of_client.relay_client(from_client);
            }
        })?;
        let (last, to_last) = channel();
        if let Some(metrics) = metrics {
            let of_metrics = Arc::clone(&shared);
            thread("metrics").spawn(move || metrics.write_all(|| of_metrics.gate.counts(), &of_metrics.measured, &to_last))?;
        }
        // A client that has given us one stream for both would read what the server writes there.
        let is_mute = is_one_stream(&io::stdout(), &io::stderr())?;
        let streams = ServerStreams { input, output, is_mute };
        Ok((Self { shared, taken, told, begin, client: Some(client), server: Some(server), last }, streams))
    }

    /// Hears the client.
    pub(crate) fn begin(&self) {
        // The thread is there as long as this is.
        let _ = self.begin.send(());
    }

    /// Closes the input of the server. What it has not taken is cut off.
    pub(crate) fn close_server(&self) {
        self.shared.server.close();
    }

    /// Reads what the server has said, and waits for no more. What is open is answered.
    pub(crate) fn stop_server(&mut self) {
        drop(self.server.take());
    }

    /// Whether more of the server is waited for.
    pub(crate) fn hears_server(&self) -> bool {
        self.server.is_some()
    }

    /// Reads what the client has said, and waits for no more. What it says later, it cannot write.
    pub(crate) fn stop_client(&mut self) {
        drop(self.client.take());
    }

    /// How often something that the client says was read, or written to the server.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether calls wait for the list of tools.
    pub(crate) fn holds_calls(&self) -> bool {
        self.shared.gate.holds_calls()
    }

    /// How often something was written to the client. What the server says and the client does not get is no step.
    pub(crate) fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }

    /// Whether the client has to take a message that is being written.
    pub(crate) fn is_client_behind(&self) -> bool {
        self.shared.client.is_writing()
    }

    /// Writes what is still to be logged, and the metrics.
    pub(crate) fn finish(&self) {
        if self.is_client_behind() {
            self.shared.log.tell("cut_off");
        }
        let (written, all) = channel();
        if self.last.send(written).is_ok() {
            let _ = all.recv_timeout(LAST);
        }
        self.shared.log.finish();
    }
}

impl Shared {
    fn tell(&self, happened: Happened) {
        // Nobody waits any more at the very end.
        let _ = self.happened.send(happened);
    }

    fn relay_client(&self, mut lines: Lines<impl Read>) {
        loop {
            let outcome = match lines.next() {
                Ok(Line::Whole(line)) => self.measured.time(Side::Client, || self.gate.from_client(line)),
                Ok(Line::TooLong(passing)) => self.gate.oversized_from_client(&passing),
                Ok(Line::End) | Err(_) => break,
            };
            self.log(&outcome);
            if outcome.to_server.is_some_and(|message| self.server.say(&message).is_err()) {
                // What is open is answered when its output ends, which is soon.
                self.tell(Happened::ServerDeaf);
            }
            if outcome.is_due {
                self.say_due();
            }
            if self.say_to_client(&outcome.to_client).is_err() {
                break;
            }
        }
        self.settle();
        self.tell(Happened::ClientEnded);
    }

    /// Waits until no call waits for the list of tools: the client has said all, and may still hear the answers.
    fn settle(&self) {
        let (turn, settled) = &self.settled;
        let mut turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        while self.gate.holds_calls() || self.gate.owes_server() {
            turn = settled.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn tell_settled(&self) {
        let (turn, settled) = &self.settled;
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        settled.notify_all();
    }

    fn relay_server(&self, mut lines: Lines<impl Read>, answers: &SyncSender<Said>) {
        loop {
            let outcome = match lines.next() {
                Ok(Line::Whole(line)) => self.measured.time(Side::Server, || self.gate.from_server(line)),
                Ok(Line::TooLong(passing)) => self.gate.oversized_from_server(&passing),
                Ok(Line::End) | Err(_) => break,
            };
            self.log(&outcome);
            if self.ends_on_drift && outcome.events.iter().any(|event| event.reason.is_drift()) {
                // Nothing more reaches it.
                self.server.close();
                self.tell(Happened::Drifted);
            }
            if self.say_to_client(&outcome.to_client).is_err() {
                self.tell(Happened::ClientDeaf);
                break;
            }
            if outcome.to_server.is_some_and(|answer| answers.try_send(Said::Answer(answer.into_owned())).is_err()) {
                self.log.count_lost();
            }
            if outcome.is_due {
                remind(answers);
            }
            if self.gate.is_pinned() {
                self.tell_settled();
            }
        }
        // Nothing more comes: whoever waits must know.
        let _ = self.gate.close().iter().try_for_each(|message| self.client.say(message));
        self.tell_settled();
        self.tell(Happened::ServerSilent);
    }

    fn answer_server(&self, answers: &Receiver<Said>) {
        for said in answers {
            if let Said::Answer(answer) = said {
                // A server that takes no answers is known by what it is sent.
                let _ = self.server.say(&answer);
            }
            self.say_due();
        }
    }

    /// Denies calls that have waited long enough.
    fn lose_patience(&self, patient: &Patient, answers: &SyncSender<Said>) {
        while let Some(wait) = patient.next() {
            let outcome = self.gate.time_is_up(wait);
            self.log(&outcome);
            // One that takes nothing is known by what it is sent.
            let _ = self.say_to_client(&outcome.to_client);
            if outcome.is_due {
                remind(answers);
            }
            self.tell_settled();
        }
    }

    /// Writes what is due to the server, in its order.
    fn say_due(&self) {
        let _turn = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(message) = self.gate.next_due() {
            if self.server.say(&message).is_err() {
                self.tell(Happened::ServerDeaf);
            }
        }
        self.tell_settled();
    }

    fn say_to_client(&self, messages: &[Cow<'_, str>]) -> io::Result<()> {
        messages.iter().try_for_each(|message| self.client.say(message))
    }

    /// Logs what came of a message, and notes when calls begin to wait.
    fn log(&self, outcome: &Outcome<'_>) {
        outcome.events.iter().for_each(|event| self.log.write(event));
        if let Some(wait) = outcome.wait {
            self.alarm.set(wait);
        }
    }
}

/// Has what is due written. Where there is no room for that, what is there is written first, and what is due after it.
fn remind(answers: &SyncSender<Said>) {
    let _ = answers.try_send(Said::Due);
}

/// Whether two streams are one pipe, socket or file. A terminal is that of a person, and may be both.
fn is_one_stream(one: &impl AsFd, other: &impl AsFd) -> io::Result<bool> {
    let (one, other) = (fstat(one)?, fstat(other)?);
    let is_terminal = FileType::from_raw_mode(one.st_mode) == FileType::CharacterDevice;
    Ok(!is_terminal && (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino))
}
