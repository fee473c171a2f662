//! What the operating system counts of the programs that were run, for benchmarks.

use nix::sys::resource::{UsageWho, getrusage};
use std::time::Duration;

/// The CPU time, of user and system, of the children that have ended.
///
/// # Panics
/// The system does not say.
#[must_use]
pub fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap_or_else(|error| panic!("the use of children: {error}"));
    let time = |time: nix::sys::time::TimeVal| {
        let microseconds = u32::try_from(time.tv_usec()).unwrap_or_default();
        Duration::new(time.tv_sec().unsigned_abs(), microseconds * 1000)
    };
    time(usage.user_time()) + time(usage.system_time())
}
