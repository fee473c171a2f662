//! The relay: a thread for each direction, which waits for its own two sides alone.

use crate::ending::Happened;
use crate::heard::Heard;
use crate::input::{Input, Steps};
use crate::lines::{Line, Lines};
use crate::log::Log;
use crate::metrics::{Measured, MetricsFile};
use crate::speaker::Speaker;
use crate::until::{Until, Waiting};
use genome_cli::unbuffered;
use genome_mcp::{Gate, Outcome, Side};
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, pipe};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::Builder;
use std::time::Duration;

/// How many answers of our own may wait for a server that reads nothing. What it would be told after that is lost: to wait for it could stop both.
const MOST_WAITING: usize = 256;

/// How long the end waits for the metrics to be written. The server is gone by then: a client that loses patience kills nobody else.
const LAST: Duration = Duration::from_secs(1);

/// What the threads share.
#[derive(Debug)]
struct Shared {
    gate: Gate,
    log: Log,
    measured: Measured,
    client: Speaker<File>,
    server: Speaker<PipeWriter>,
    happened: Sender<Happened>,
}

/// A relay whose threads are there.
#[derive(Debug)]
pub(crate) struct Relay {
    shared: Arc<Shared>,
    steps: Steps,
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
}

impl Relay {
    /// Makes the threads, and the streams of a server that is to be started.
    ///
    /// # Errors
    /// The system does not give what it needs.
    pub(crate) fn prepare(
        gate: Gate,
        log: Log,
        metrics: Option<MetricsFile>,
        most: usize,
        happened: &Sender<Happened>,
    ) -> io::Result<(Self, ServerStreams)> {
        let (input, to_server) = pipe()?;
        let (from_server, output) = pipe()?;
        let steps = Steps::default();
        let shared = Arc::new(Shared {
            gate,
            log,
            measured: Measured::default(),
            client: Speaker::new(unbuffered(&io::stdout())?, Until::End, &steps),
            server: Speaker::closable(to_server, &steps)?,
            happened: happened.clone(),
        });
        let (server, until) = Until::dropped()?;
        let from_server = Lines::new(Input::new(from_server, until, &steps).counted(shared.measured.bytes(Side::Server)), most);
        let (client, until) = Until::dropped()?;
        let gone = happened.clone();
        let heard = Heard::watched(unbuffered(&io::stdin())?, move || {
            // Nobody may wait any more.
            let _ = gone.send(Happened::ClientGone);
        })?;
        let from_client = Lines::new(Input::new(heard, until, &steps).counted(shared.measured.bytes(Side::Client)), most);
        let (begin, to_begin) = channel();
        let (answers, to_answer) = sync_channel(MOST_WAITING);
        let thread = |name: &str| Builder::new().name(name.to_owned());
        let of_answers = Arc::clone(&shared);
        thread("answers").spawn(move || of_answers.answer_server(&to_answer))?;
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
        Ok((Self { shared, steps, begin, client: Some(client), server: Some(server), last }, ServerStreams { input, output }))
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

    /// How often something was read or written.
    pub(crate) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Whether the client has to take a message that is being written.
    pub(crate) fn is_client_behind(&self) -> bool {
        self.shared.client.is_writing()
    }

    /// Writes what is still to be logged, and the metrics.
    pub(crate) fn finish(&self) {
        if self.is_client_behind() {
            self.shared.log.tell("cut_off", None);
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
            let Outcome { forward, answer, events } = match lines.next() {
                Ok(Line::Whole(line)) => self.measured.time(Side::Client, || self.gate.from_client(line)),
                Ok(Line::TooLong(passing)) => self.gate.oversized_from_client(&passing),
                Ok(Line::End) | Err(_) => break,
            };
            for event in &events {
                self.log.write(event);
            }
            if forward.is_some_and(|message| self.server.say(&message).is_err()) {
                // What is open is answered when its output ends, which is soon.
                self.tell(Happened::ServerDeaf);
            }
            if answer.is_some_and(|message| self.client.say(&message).is_err()) {
                break;
            }
        }
        self.tell(Happened::ClientEnded);
    }

    fn relay_server(&self, mut lines: Lines<impl Read>, answers: &SyncSender<String>) {
        loop {
            let Outcome { forward, answer, events } = match lines.next() {
                Ok(Line::Whole(line)) => self.measured.time(Side::Server, || self.gate.from_server(line)),
                Ok(Line::TooLong(passing)) => self.gate.oversized_from_server(&passing),
                Ok(Line::End) | Err(_) => break,
            };
            for event in &events {
                self.log.write(event);
            }
            if forward.is_some_and(|message| self.client.say(&message).is_err()) {
                self.tell(Happened::ClientDeaf);
                break;
            }
            if answer.is_some_and(|answer| answers.try_send(answer).is_err()) {
                self.log.count_lost();
            }
        }
        // Nothing more comes: whoever waits must know.
        let _ = self.gate.close().iter().try_for_each(|message| self.client.say(message));
        self.tell(Happened::ServerSilent);
    }

    fn answer_server(&self, answers: &Receiver<String>) {
        // A server that takes no answers is known by what it is sent.
        for answer in answers {
            let _ = self.server.say(&answer);
        }
    }
}
