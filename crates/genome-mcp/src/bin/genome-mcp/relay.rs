//! The relay: a thread for each direction, which waits for its own two sides alone.

mod shared;

use crate::ending::Happened;
use crate::heard::Heard;
use crate::input::{Input, Steps};
use crate::lines::Lines;
use crate::log::Log;
use crate::metrics::{Measured, MetricsFile};
use crate::patience::Alarm;
use crate::speaker::Speaker;
use crate::until::{Until, Waiting};
use genome_cli::unbuffered;
use genome_mcp::{Gate, Side};
use rustix::fs::{FileType, fstat};
use shared::Shared;
use std::io::{self, PipeReader, PipeWriter, pipe};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
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
            has_drifted: AtomicBool::new(false),
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

/// Whether two streams are one pipe, socket or file. A terminal is that of a person, and may be both.
fn is_one_stream(one: &impl AsFd, other: &impl AsFd) -> io::Result<bool> {
    let (one, other) = (fstat(one)?, fstat(other)?);
    let is_terminal = FileType::from_raw_mode(one.st_mode) == FileType::CharacterDevice;
    Ok(!is_terminal && (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino))
}
