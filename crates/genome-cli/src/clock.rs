//! The time of this machine's clock.

use crate::{Failure, Finding};
use genome::Timestamp;
use std::time::SystemTime;

/// The time of this machine's clock, in UTC.
///
/// # Errors
/// RFC 3339 has no text for it.
pub fn now() -> Result<Timestamp, Failure> {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs());
    seconds.and_then(Timestamp::from_unix_seconds).ok_or_else(|| {
        Failure::undecided(Finding::error("the clock of this machine shows no time that can be written", "set the clock"))
    })
}
