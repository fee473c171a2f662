//! The relay: a thread for each direction, which waits for its own two sides alone.

use crate::child::Streams;
use crate::ending::Happened;
use crate::lines::{Line, Lines};
use crate::log::Log;
use crate::speaker::Speaker;
use genome_cli::unbuffered;
use genome_mcp::{Gate, Outcome};
use std::fs::File;
use std::io::{self, Read};
use std::process::{ChildStdin, ChildStdout};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::thread::Builder;

/// How many answers of our own may wait for a server that reads nothing. What it would be told after that is dropped: to wait for it could stop both.
const MOST_WAITING: usize = 256;

/// What the threads share.
#[derive(Debug)]
struct Shared {
    gate: Gate,
    log: Log,
    client: Speaker<File>,
    server: Speaker<ChildStdin>,
    happened: Sender<Happened>,
}

/// A relay that has begun.
#[derive(Debug)]
pub(crate) struct Relay(Arc<Shared>);

impl Relay {
    /// Starts the threads.
    ///
    /// # Errors
    /// There are none to be had.
    pub(crate) fn start(gate: Gate, log: Log, streams: Streams, most: usize, happened: &Sender<Happened>) -> io::Result<Self> {
        let Streams { input, output } = streams;
        let shared = Arc::new(Shared {
            gate,
            log,
            client: Speaker::new(unbuffered(&io::stdout())?),
            server: Speaker::new(input),
            happened: happened.clone(),
        });
        let (answers, to_answer) = sync_channel(MOST_WAITING);
        let thread = |name: &str| Builder::new().name(name.to_owned());
        let from_client = Lines::new(unbuffered(&io::stdin())?, most);
        let from_server = Lines::new(output, most);
        let of_answers = Arc::clone(&shared);
        thread("answers").spawn(move || of_answers.answer_server(&to_answer))?;
        let of_server = Arc::clone(&shared);
        thread("from-server").spawn(move || of_server.relay_server(from_server, &answers))?;
        let of_client = Arc::clone(&shared);
        thread("from-client").spawn(move || of_client.relay_client(from_client))?;
        Ok(Self(shared))
    }

    /// Closes the input of the server.
    pub(crate) fn close_server(&self) {
        self.0.server.close();
    }

    /// Writes what is still to be logged.
    pub(crate) fn finish(&self) {
        self.0.log.finish();
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
                Ok(Line::Whole(line)) => self.gate.from_client(line),
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

    fn relay_server(&self, mut lines: Lines<ChildStdout>, answers: &SyncSender<String>) {
        loop {
            let Outcome { forward, answer, events } = match lines.next() {
                Ok(Line::Whole(line)) => self.gate.from_server(line),
                Ok(Line::TooLong(passing)) => self.gate.oversized_from_server(&passing),
                Ok(Line::End) | Err(_) => break,
            };
            for event in &events {
                self.log.write(event);
            }
            if forward.is_some_and(|message| self.client.say(&message).is_err()) {
                self.tell(Happened::ClientEnded);
                break;
            }
            if let Some(answer) = answer {
                // Where too many wait, this one is lost.
                let _ = answers.try_send(answer);
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
