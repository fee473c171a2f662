//! The time that the draft gets.

use crate::{Failure, Finding};
use genome::Timestamp;
use genome_json::text::QuotedPath;
use std::env;

/// The time that the draft gets: now, or what `SOURCE_DATE_EPOCH` says (<https://reproducible-builds.org/specs/source-date-epoch/>), so
/// that the same draft can be made twice.
pub(crate) fn now() -> Result<Timestamp, Failure> {
    const VARIABLE: &str = "SOURCE_DATE_EPOCH";
    let Some(value) = env::var_os(VARIABLE) else { return crate::now() };
    let digits = value.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()).and_then(Timestamp::from_unix_seconds).ok_or_else(|| {
        let message = format!("{VARIABLE} is {}, which is not a time in seconds since 1970", QuotedPath(value.as_ref()));
        Failure::undecided(Finding::error(message, format!("set {VARIABLE} as `date +%s` prints it, or unset it")))
    })
}
