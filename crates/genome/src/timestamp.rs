//! Instants as a genome writes them.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;
use thiserror::Error;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// A date and time of RFC 3339, as it was written. Two are equal, or one comes first, as instants.
#[derive(Debug, Clone)]
pub struct Timestamp {
    text: String,
    instant: OffsetDateTime,
}

/// The longest text: room for nanoseconds and an offset. No clock needs more.
const LONGEST: usize = "2026-01-31T00:00:00.000000000+00:00".len();

/// The text is not a date and time of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a date and time of RFC 3339, such as 2026-01-31T00:00:00Z")]
pub struct TimestampError;

impl Timestamp {
    /// The time this many seconds after 1970-01-01T00:00:00Z, in UTC; `None` where RFC 3339 has no text for it, after the year 9999.
    #[must_use]
    pub fn from_unix_seconds(seconds: u64) -> Option<Self> {
        let instant = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
        let (date, time) = (instant.date(), instant.time());
        let (year, month, day) = date.to_calendar_date();
        let (hour, minute, second) = time.as_hms();
        let text = format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", u8::from(month));
        text.parse().ok()
    }

    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.instant.unix_timestamp()
    }

    /// How far it lies ahead of a clock; how far back, if negative.
    pub(crate) fn ahead_of(&self, clock: SystemTime) -> Duration {
        let clock = match clock.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Duration::try_from(after).unwrap_or(Duration::MAX),
            Err(error) => Duration::try_from(error.duration()).map_or(Duration::MIN, |before| -before),
        };
        (self.instant - OffsetDateTime::UNIX_EPOCH).saturating_sub(clock)
    }

    /// How much later it is than another, in the largest unit of which there is one, rounded down.
    pub(crate) fn after(&self, other: &Self) -> String {
        let difference = self.instant - other.instant;
        let (days, hours, minutes) = (difference.whole_days(), difference.whole_hours(), difference.whole_minutes());
        let (number, unit) = match (days, hours, minutes) {
            _ if difference.is_zero() => return "the same instant".to_owned(),
            (0, 0, 0) => (difference.whole_seconds(), "second"),
            (0, 0, _) => (minutes, "minute"),
            (0, _, _) => (hours, "hour"),
            (_, _, _) => (days, "day"),
        };
        let plural = if number.unsigned_abs() == 1 { "" } else { "s" };
        let direction = if difference.is_negative() { "earlier" } else { "later" };
        format!("{} {unit}{plural} {direction}", number.unsigned_abs())
    }

    /// The instant in UTC: one text for each instant, such as `2026-01-31T00:00:00.5Z`.
    #[must_use]
    pub fn in_utc(&self) -> String {
        let Some(instant) = self.instant.checked_to_offset(UtcOffset::UTC) else {
            // It has no year of four digits there.
            return format!("{} nanoseconds after 1970-01-01T00:00:00Z", self.instant.unix_timestamp_nanos());
        };
        let (year, month, day) = instant.date().to_calendar_date();
        let (hour, minute, second, nanosecond) = instant.time().as_hms_nano();
        let fraction = format!(".{nanosecond:09}");
        let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
        format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z", u8::from(month))
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        // RFC 3339 section 5.6: date-time = full-date "T" full-time. The library takes any separator.
        if text.len() > LONGEST || !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
            return Err(TimestampError);
        }
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimestampError)?;
        Ok(Self { text: text.to_owned(), instant })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.instant == other.instant
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.instant.cmp(&other.instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn instants_are_compared() {
        // RFC 3339 section 5.8: the first two examples, in UTC and in another offset.
        assert_eq!(timestamp("1996-12-19T16:39:57-08:00"), timestamp("1996-12-20T00:39:57Z"));
        assert!(timestamp("2025-12-31T00:00:00.1Z") > timestamp("2025-12-31T00:00:00Z"));
        assert_eq!(timestamp("1970-01-01T00:01:00Z").unix_seconds(), 60);
        let clock = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(30_500);
        assert_eq!(timestamp("1970-01-01T02:01:00+02:00").ahead_of(clock), Duration::milliseconds(29_500));
        assert_eq!(timestamp("1970-01-01T00:00:00Z").ahead_of(clock), Duration::milliseconds(-30_500));
    }

    #[test]
    fn ages_are_said_in_the_largest_unit() {
        let from = timestamp("2026-01-31T00:00:00Z");
        for (to, said) in [
            ("2026-01-31T01:00:00+01:00", "the same instant"),
            ("2026-01-31T00:00:00.5Z", "0 seconds later"),
            ("2026-01-31T00:00:01Z", "1 second later"),
            ("2026-01-31T00:02:59Z", "2 minutes later"),
            ("2026-01-30T23:00:00Z", "1 hour earlier"),
            ("2026-02-02T23:00:00Z", "2 days later"),
            ("2025-01-31T00:00:00Z", "365 days earlier"),
        ] {
            assert_eq!(timestamp(to).after(&from), said);
        }
    }

    #[test]
    fn seconds_have_a_text_in_utc() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-01-31T01:02:03Z", "9999-12-31T23:59:59Z"] {
            let seconds = u64::try_from(timestamp(text).unix_seconds()).unwrap();
            assert_eq!(Timestamp::from_unix_seconds(seconds).unwrap().as_str(), text);
        }
        for seconds in [253_402_300_800, u64::MAX] {
            assert!(Timestamp::from_unix_seconds(seconds).is_none());
        }
    }

    #[test]
    fn only_rfc_3339_is_read() {
        for text in
            ["2025-12-31", "2025-12-31 00:00:00Z", "2025-12-31T00:00:00", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", ""]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        for text in
            ["2025-12-31T24:00:00Z", "2025-12-31T00:00:00Z ", "20251231T000000Z", "2025-12-31T00:00Z", "+002025-12-31T00:00:00Z"]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
