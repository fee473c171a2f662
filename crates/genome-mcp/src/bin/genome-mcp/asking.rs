//! Asking a server for its tools: it is started as the gate starts it, asked for its list, and ended.

use crate::child::Child;
use crate::ending::{self, Happened, Patience};
use crate::input::{Input, Steps};
use crate::lines::{Line, Lines};
use crate::relay::ServerStreams;
use crate::speaker::Speaker;
use crate::until::{Until, Waiting};
use clap::Args;
use genome::mcp::ServerName;
use genome_cli::{Failure, Finding, forbid_core_dumps};
use genome_mcp::listing::{Listed, Listing, ListingFault, Step};
use genome_mcp::message::Passing;
use std::ffi::OsString;
use std::io::{self, PipeWriter, Read, pipe};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// How long a server may take that is killed, until the system has let go of it.
const LAST: Duration = Duration::from_millis(400);

/// A server whose tools are asked for.
#[derive(Debug, Args)]
pub(crate) struct AskedServer {
    /// The name of the server in the genome: a-z, 0-9 and `-`
    #[arg(id = "server", long, value_name = "NAME")]
    pub(crate) name: ServerName,
    /// How long the server may take to list its tools, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    timeout: u32,
    /// How long a message of the server may be, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 32 * 1024 * 1024, value_parser = clap::value_parser!(u32).range(1024..=1024 * 1024 * 1024))]
    max_message: u32,
    /// How long the server may take to end, in milliseconds, when it has listed them, before it gets SIGTERM
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1200)]
    end_timeout: u32,
    /// How long it may take after SIGTERM, in milliseconds, before it gets SIGKILL
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 400)]
    kill_timeout: u32,
    /// The command of the server, and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

impl AskedServer {
    /// Starts the server, asks it for its tools, and ends it.
    ///
    /// # Errors
    /// It cannot be started, or does not list them.
    pub(crate) fn list(&self) -> Result<Listed, Failure> {
        self.list_by(Listing::begin)
    }

    /// Lists its tools in each era that it speaks: the gate lists in the era of a call.
    ///
    /// # Errors
    /// As [`Self::list`], in either that the server says it speaks.
    pub(crate) fn list_in_each_era(&self) -> Result<Vec<Listed>, Failure> {
        let first = self.list()?;
        let second = if first.has_handshake {
            Some(self.list_by(Listing::begin_with_handshake)?)
        } else if first.is_modern() {
            // It may answer clients of the other era without saying so. Where it does not, there is nothing to compare.
            self.list_by(Listing::begin_with_handshake).ok()
        } else {
            None
        };
        Ok([first].into_iter().chain(second).collect())
    }

    fn list_by(&self, begin: fn() -> (Listing, String)) -> Result<Listed, Failure> {
        // The server runs as the same user, and shall not read the environment of this program, which may hold a signing key.
        forbid_core_dumps()?;
        let most = usize::try_from(self.max_message).unwrap_or(usize::MAX);
        let until = Instant::now() + Duration::from_secs(self.timeout.into());
        let mut session = Session::start(&self.command, most, until)?;
        let (mut listing, first) = begin();
        let listed = session.converse(&mut listing, &first, until);
        let ended = session.end(&self.patience());
        match listed {
            Ok(()) => Ok(listing.finish()),
            Err(unlisted) => Err(self.failure(&listing, &unlisted, ended)),
        }
    }

    fn patience(&self) -> Patience {
        let milliseconds = |number: u32| Duration::from_millis(number.into());
        Patience { before_term: milliseconds(self.end_timeout), before_kill: milliseconds(self.kill_timeout) }
    }

    fn failure(&self, listing: &Listing, unlisted: &Unlisted, status: i32) -> Failure {
        let (message, hint) = match unlisted {
            Unlisted::Fault(fault) => {
                (fault.to_string(), "see what the server says on standard error, and whether it is an MCP server that speaks stdio")
            }
            Unlisted::TooLate => (
                format!(
                    "it has not answered `{}` for as long as --timeout lets it, {} seconds in all",
                    listing.waits_for(),
                    self.timeout
                ),
                "see whether the command starts an MCP server that speaks stdio, or give it more time with --timeout",
            ),
            Unlisted::Ended => (
                format!("it closed its output before it had listed its tools (exit status {status})"),
                "see what the server says on standard error, and whether the command is right",
            ),
            Unlisted::Told => ("this program was told to end before the server had listed its tools".to_owned(), "start it again"),
        };
        Failure::undecided(Finding::error(format!("the tools of the server {} are not known: {message}", self.name), hint))
    }
}

/// Why there is no list.
#[derive(Debug)]
enum Unlisted {
    Fault(ListingFault),
    TooLate,
    Ended,
    Told,
}

impl From<ListingFault> for Unlisted {
    fn from(fault: ListingFault) -> Self {
        Self::Fault(fault)
    }
}

/// What is waited for.
#[derive(Debug)]
enum Event {
    /// The server has said something, which waits.
    Line,
    /// Anything else.
    Happened(Happened),
}

impl From<Happened> for Event {
    fn from(happened: Happened) -> Self {
        Self::Happened(happened)
    }
}

/// What the server has said.
#[derive(Debug)]
enum Said {
    Line(Vec<u8>),
    TooLong(Passing),
}

/// A server that runs.
struct Session {
    child: Child,
    server: Speaker<PipeWriter>,
    /// The server is heard as long as this is there.
    hearing: Waiting,
    lines: Receiver<Said>,
    events: Receiver<Event>,
    has_ended: bool,
}

impl Session {
    /// Starts a server, as the last thing that can fail.
    fn start(command: &[OsString], most: usize, until: Instant) -> Result<Self, Failure> {
        let (happened, events) = channel();
        let prepare = || {
            let (input, to_server) = pipe()?;
            let (from_server, output) = pipe()?;
            let steps = Steps::default();
            let (hearing, dropped) = Until::dropped()?;
            let lines = Lines::new(Input::new(from_server, dropped, &steps), most);
            let (said, to_hear) = sync_channel(0);
            let told = happened.clone();
            Builder::new().name("from-server".to_owned()).spawn(move || hear(lines, &said, &told))?;
            let started = ending::watch(&happened)?;
            let server = Speaker::new(to_server, Until::Time(until), &steps);
            io::Result::Ok((started, server, hearing, to_hear, ServerStreams { input, output, is_mute: false }))
        };
        let (started, server, hearing, lines, streams) = prepare().map_err(|error| {
            let hint = "see what the system lets this user have: threads (TasksMax, LimitNPROC), files (LimitNOFILE), memory";
            Failure::undecided(Finding::error(format!("the server cannot be asked: {error}"), hint))
        })?;
        let child = Child::start(command, streams)?;
        // The thread is there as long as this is.
        let _ = started.send(child.pid());
        Ok(Self { child, server, hearing, lines, events, has_ended: false })
    }

    /// Talks to the server until the list is whole.
    fn converse(&mut self, listing: &mut Listing, first: &str, mut until: Instant) -> Result<(), Unlisted> {
        // What it does not read, it does not answer; and what it has said before it ended counts.
        let say = |message: &str| drop(self.server.say(message));
        say(first);
        // One that does not know the question, and leaves it at that, is asked the other one in time.
        let mut next_question = Some(Instant::now() + until.saturating_duration_since(Instant::now()) / 3);
        loop {
            let wait_until = next_question.map_or(until, |next| next.min(until));
            let event = match self.events.recv_timeout(wait_until.saturating_duration_since(Instant::now())) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) if next_question.is_some() && !self.has_ended => {
                    next_question = None;
                    if let Some(message) = listing.give_up_discovery() {
                        say(&message);
                    }
                    continue;
                }
                Err(_) if self.has_ended => return Err(Unlisted::Ended),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(Unlisted::TooLate),
            };
            match event {
                Event::Line => match self.lines.recv() {
                    Ok(Said::Line(line)) => match listing.take(&line)? {
                        Step::Wait => {}
                        Step::Say(messages) => messages.iter().for_each(|message| say(message)),
                        Step::Done => return Ok(()),
                    },
                    Ok(Said::TooLong(passing)) => listing.take_oversized(&passing)?,
                    // Its end is an event, too.
                    Err(_) => {}
                },
                Event::Happened(Happened::ServerSilent) => return Err(Unlisted::Ended),
                Event::Happened(Happened::Told) => return Err(Unlisted::Told),
                // It may have said something before. What it has left behind may hold its output open.
                Event::Happened(_) => {
                    self.has_ended = true;
                    until = until.min(Instant::now() + LAST);
                }
            }
            if Instant::now() >= until && !self.has_ended {
                return Err(Unlisted::TooLate);
            }
        }
    }

    /// Ends the server, as the gate does: its input is closed; then SIGTERM; then SIGKILL. Returns its exit status.
    fn end(self, patience: &Patience) -> i32 {
        let Self { mut child, server, hearing, lines, events, has_ended } = self;
        server.close();
        // What it still says is read, and thrown away.
        drop(lines);
        if !has_ended && !ends_within(&events, patience.before_term) {
            child.terminate();
            if !ends_within(&events, patience.before_kill) {
                child.kill();
                ends_within(&events, LAST);
            }
        }
        drop(hearing);
        child.status()
    }
}

/// Waits for the end of the server, but not longer.
fn ends_within(events: &Receiver<Event>, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Event::Happened(Happened::ServerEnded)) => return true,
            Ok(Event::Happened(Happened::Told)) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// Reads what the server says to its end, also when nobody wants to know any more: it may have to write it before it can end.
fn hear(mut lines: Lines<impl Read>, said: &SyncSender<Said>, happened: &Sender<Event>) {
    let mut is_wanted = true;
    loop {
        let heard = match lines.next() {
            Ok(Line::Whole(line)) => Said::Line(line.to_vec()),
            Ok(Line::TooLong(passing)) => Said::TooLong(passing),
            Ok(Line::End) | Err(_) => break,
        };
        is_wanted = is_wanted && happened.send(Event::Line).is_ok() && said.send(heard).is_ok();
    }
    // Nobody may wait any more.
    let _ = happened.send(Happened::ServerSilent.into());
}
