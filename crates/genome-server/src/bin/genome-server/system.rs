//! The process and its system: threads, memory, file descriptors, signals.

use genome_cli::is_ignored;
use nix::sys::signal::Signal as Number;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::future::pending;
use std::hint::black_box;
use std::io;
use std::num::NonZero;
use std::os::fd::AsFd as _;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread::{self, Builder};
use tokio::runtime::{self, Runtime};
use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::warn;

/// How many files are open besides the connections: those of the runtime, the log, the genome.
const OTHER_FILES: u64 = 64;

/// How many files a server opens at least: six of the runtime, the listener, a connection, the genome, and a few.
const FEWEST_FILES: usize = 10;

/// How much memory a boot takes at least, in bytes.
const LEAST_MEMORY: usize = 8 * 1024 * 1024;

/// Fails where there is hardly any memory. Later on, the standard library ends a program that gets none (SIGABRT), with a line of its own.
pub(crate) fn reserve_memory() -> io::Result<()> {
    // It is not touched, and so costs nothing.
    Vec::<u8>::new().try_reserve_exact(LEAST_MEMORY).map_err(|_| io::ErrorKind::OutOfMemory.into())
}

/// Makes the runtime, with as many threads as there are processors, or as many as can be had.
///
/// # Errors
/// Not one thread can be had, or too few files can be opened. Tokio itself would panic.
pub(crate) fn runtime() -> io::Result<Runtime> {
    reserve_files()?;
    let wanted = thread::available_parallelism().map_or(1, NonZero::get);
    // One more than are used: the runtime takes memory between two threads, and panics where that leaves too little for the next.
    let threads = count_threads(wanted + 1)?.checked_sub(1).filter(|&threads| threads > 0).ok_or(io::ErrorKind::OutOfMemory)?;
    runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}

/// How many threads can be had at once, up to this many, which are there together for a moment.
fn count_threads(wanted: usize) -> io::Result<usize> {
    // Each holds its place until all are counted, and has what memory a thread takes that allocates: its stack, and with glibc an arena.
    let held = Mutex::new(());
    let (ready, started) = sync_channel(wanted);
    thread::scope(|scope| {
        let _guard = held.lock();
        let mut count = 0;
        while count < wanted {
            let (ready, held) = (ready.clone(), &held);
            let counted = move || {
                drop(black_box(Vec::<u8>::with_capacity(1024)));
                // Whoever counts waits for it.
                let _ = ready.send(());
                drop(held.lock());
            };
            match Builder::new().spawn_scoped(scope, counted) {
                Ok(_) => {
                    let _ = started.recv();
                    count += 1;
                }
                Err(error) if count == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(count)
    })
}

/// Fails where fewer files can be opened than a server opens at least.
pub(crate) fn reserve_files() -> io::Result<()> {
    let opened: io::Result<Vec<_>> = (0..FEWEST_FILES).map(|_| io::stdin().as_fd().try_clone_to_owned()).collect();
    opened.map(drop)
}

/// Raises the limit of open files for this many connections, if it may.
pub(crate) fn raise_file_limit(connections: u64) {
    let needed = connections + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return;
    }
    let current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
    if setrlimit(Resource::Nofile, Rlimit { current, ..limit }).is_err() || current < Some(needed) {
        let hint = "raise the limit of open files (LimitNOFILE), or lower --max-connections";
        warn!(message = "fewer connections can be open at once than --max-connections says", hint);
    }
}

/// The signals that tell a server to end.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// `None` where it is ignored: whoever starts the server with `nohup` wants it to stay.
    hangup: Option<Signal>,
}

impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        let hangup = if is_ignored(Number::SIGHUP) { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())?, hangup })
    }

    pub(crate) async fn next(&mut self) -> &'static str {
        let hangup = async {
            match &mut self.hangup {
                Some(signal) => signal.recv().await,
                None => pending().await,
            }
        };
        let name = select! {
            biased;
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = hangup => "SIGHUP",
        };
        // It comes along with another (`SendSIGHUP=` of systemd), or twice from a terminal that is closed, and means no more than that.
        self.hangup = None;
        name
    }
}
