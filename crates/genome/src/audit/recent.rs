//! Where the keys are that signed of late, as the last lines of a log say.

use super::custody::Custody;
use super::reading;
use crate::key::Fingerprint;
use std::collections::HashMap;

/// The kind of place where each key is, as the last bytes of a log say; of several lines about one key, the last says it. A line that is not whole,
/// or names a kind that is not known, says nothing. It is a hint for a person, and proves nothing: no chain is checked.
#[must_use]
pub fn recent_custodies(end: &[u8]) -> HashMap<Fingerprint, Custody> {
    let lines = end.split_inclusive(|&byte| byte == b'\n').filter_map(|line| reading::read(line).ok());
    lines.filter_map(|line| Some((line.record.fingerprint, Custody::of_scheme(&line.record.custody)?))).collect()
}
