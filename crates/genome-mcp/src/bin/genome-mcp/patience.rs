//! How long calls wait until the tools of the server are listed.

use genome_mcp::Wait;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Notes when calls begin to wait.
#[derive(Debug)]
pub(crate) struct Alarm {
    longest: Duration,
    waits: Sender<(Wait, Instant)>,
}

/// Waits until calls have waited long enough.
#[derive(Debug)]
pub(crate) struct Patient(Receiver<(Wait, Instant)>);

impl Alarm {
    /// An alarm for waits of this length, and who hears it.
    pub(crate) fn new(longest: Duration) -> (Self, Patient) {
        let (waits, ends) = channel();
        (Self { longest, waits }, Patient(ends))
    }

    /// A wait begins.
    pub(crate) fn set(&self, wait: Wait) {
        // Where nothing is pinned, nobody waits.
        let _ = self.waits.send((wait, Instant::now() + self.longest));
    }
}

impl Patient {
    /// The next wait that has lasted long enough, whether or not anything still waits. As all are of one length, they end in the order in which they began.
    pub(crate) fn next(&self) -> Option<Wait> {
        let (wait, end) = self.0.recv().ok()?;
        thread::sleep(end.saturating_duration_since(Instant::now()));
        Some(wait)
    }
}
