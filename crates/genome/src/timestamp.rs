//! Instants as a genome writes them: any date and time of RFC 3339 section 5.6, compared exactly.
//!
//! `time` 0.3.55 reads nanoseconds. Further digits of a fraction, of which the RFC allows any number, are compared as text. In a leap second
//! (`23:59:60`, which only the last second of a month in UTC can be) `time` stops at the last nanosecond before it, so that its whole fraction is
//! compared as text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
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

/// Where the second of a text stands, and the digits of its fraction.
const SECOND: Range<usize> = 17..19;
const FRACTION: usize = "2026-01-31T00:00:00.".len();
/// How many digits of it `time` reads.
const NANOSECONDS: usize = 9;

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

    /// The text of RFC 3339, in UTC and with milliseconds, of the time so long after 1970-01-01T00:00:00Z; without its date and time of day where
    /// [`Self::from_unix_seconds`] has none.
    #[must_use]
    pub fn with_milliseconds(since_epoch: std::time::Duration) -> String {
        let seconds = Self::from_unix_seconds(since_epoch.as_secs()).map(|time| time.to_string()).unwrap_or_default();
        format!("{}.{:03}Z", seconds.trim_end_matches('Z'), since_epoch.subsec_millis())
    }

    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.instant.unix_timestamp()
    }

    /// How far it lies ahead of a clock; how far back, if negative. Rounded down to nanoseconds: what [`Self::is_between_nanoseconds`] says of
    /// the rest.
    pub(crate) fn ahead_of(&self, clock: SystemTime) -> Duration {
        let clock = match clock.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Duration::try_from(after).unwrap_or(Duration::MAX),
            Err(error) => Duration::try_from(error.duration()).map_or(Duration::MIN, |before| -before),
        };
        (self.instant - OffsetDateTime::UNIX_EPOCH).saturating_sub(clock)
    }

    /// Whether it is a little later than the nanosecond that [`Self::ahead_of`] counts from.
    pub(crate) fn is_between_nanoseconds(&self) -> bool {
        let (is_leap, rest) = self.rest();
        is_leap || !rest.is_empty()
    }

    /// What of it `time` does not know: whether it is a leap second, and the digits of the fraction that count beside the instant.
    fn rest(&self) -> (bool, &str) {
        let is_leap = self.text.get(SECOND) == Some("60");
        let digits = fraction(&self.text);
        let rest = if is_leap { digits } else { digits.get(NANOSECONDS..).unwrap_or_default() };
        (is_leap, rest.trim_end_matches('0'))
    }

    /// How much later it is than another, in the largest unit of which there is one, rounded down.
    pub(crate) fn after(&self, other: &Self) -> String {
        let difference = self.instant - other.instant;
        let (days, hours, minutes) = (difference.whole_days(), difference.whole_hours(), difference.whole_minutes());
        let (number, unit) = match (days, hours, minutes) {
            _ if self == other => return "the same instant".to_owned(),
            (0, 0, 0) => (difference.whole_seconds(), "second"),
            (0, 0, _) => (minutes, "minute"),
            (0, _, _) => (hours, "hour"),
            (_, _, _) => (days, "day"),
        };
        let plural = if number.unsigned_abs() == 1 { "" } else { "s" };
        let direction = if self < other { "earlier" } else { "later" };
        format!("{} {unit}{plural} {direction}", number.unsigned_abs())
    }

    /// The instant in UTC: one text for each instant, such as `2026-01-31T00:00:00.5Z`.
    #[must_use]
    pub fn in_utc(&self) -> String {
        let (is_leap, rest) = self.rest();
        let Some(instant) = self.instant.checked_to_offset(UtcOffset::UTC) else {
            // It has no year of four digits there.
            let (nanoseconds, leap) = (self.instant.unix_timestamp_nanos(), if is_leap { ", in a leap second" } else { "" });
            let point = if rest.is_empty() { "" } else { "." };
            return format!("{nanoseconds}{point}{rest} nanoseconds after 1970-01-01T00:00:00Z{leap}");
        };
        let (year, month, day) = instant.date().to_calendar_date();
        let (hour, minute, second, nanosecond) = instant.time().as_hms_nano();
        let (second, fraction) = if is_leap { (60, rest.to_owned()) } else { (second, format!("{nanosecond:09}{rest}")) };
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}Z", u8::from(month))
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
        if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
            return Err(TimestampError);
        }
        let instant = OffsetDateTime::parse(&to_nanoseconds(text), &Rfc3339).map_err(|_| TimestampError)?;
        Ok(Self { text: text.to_owned(), instant })
    }
}

/// The digits of the fraction of a second.
fn fraction(text: &str) -> &str {
    // RFC 3339 section 5.6: time-secfrac = "." 1*DIGIT. What is before it has a fixed length.
    let digits = text.get(FRACTION..).filter(|_| text.get(FRACTION - 1..FRACTION) == Some(".")).unwrap_or_default();
    digits.find(|character: char| !character.is_ascii_digit()).and_then(|end| digits.get(..end)).unwrap_or(digits)
}

/// The text without the digits that `time` would count as nothing.
fn to_nanoseconds(text: &str) -> Cow<'_, str> {
    let end = FRACTION + fraction(text).len();
    match (text.get(..FRACTION + NANOSECONDS), text.get(end..)) {
        (Some(start), Some(offset)) if end > FRACTION + NANOSECONDS => format!("{start}{offset}").into(),
        _ => text.into(),
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        // Digits behind a point are in the order of their texts, and an offset does not change them.
        self.instant.cmp(&other.instant).then_with(|| self.rest().cmp(&other.rest()))
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

    /// From the earliest to the latest; those of one line are one instant.
    #[test]
    fn fractions_of_any_length_are_compared_exactly() {
        let long = |last: char| format!("2016-12-31T23:59:59.{}{last}Z", "9".repeat(5000));
        let lines = [
            vec!["2016-12-31T23:59:58Z".to_owned()],
            vec!["2016-12-31T23:59:59.000000000000001Z".to_owned(), "2017-01-01T01:29:59.0000000000000010+01:30".to_owned()],
            vec!["2016-12-31T23:59:59.00000000000001Z".to_owned()],
            vec!["2016-12-31T23:59:59.999999999Z".to_owned(), "2016-12-31T23:59:59.99999999900000Z".to_owned()],
            vec![long('1'), long('1').replace('Z', "00z")],
            vec![long('2')],
            vec!["2016-12-31T23:59:60Z".to_owned(), "2016-12-31T15:59:60.000-08:00".to_owned()],
            vec!["2016-12-31T23:59:60.5Z".to_owned(), "2016-12-31T23:59:60.50000000000000000Z".to_owned()],
            vec!["2017-01-01T00:00:00Z".to_owned()],
        ];
        let all: Vec<(usize, Timestamp)> =
            lines.iter().enumerate().flat_map(|(line, texts)| texts.iter().map(move |text| (line, timestamp(text)))).collect();
        for (line, one) in &all {
            for (other_line, other) in &all {
                assert_eq!(one.cmp(other), line.cmp(other_line), "{one} {other}");
                assert_eq!(one.in_utc() == other.in_utc(), line == other_line, "{one} {other}");
                assert_eq!(one.after(other) == "the same instant", line == other_line, "{one} {other}");
            }
            let utc = one.in_utc();
            assert_eq!((timestamp(&utc), timestamp(&utc).in_utc()), (one.clone(), utc));
        }
        assert_eq!(timestamp("2016-12-31T23:59:59.0000000001Z").after(&timestamp("2016-12-31T23:59:59Z")), "0 seconds later");
        assert_eq!(timestamp("2016-12-31T23:59:59Z").after(&timestamp("2016-12-31T23:59:60Z")), "0 seconds earlier");
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
    fn milliseconds_are_written_with_all_their_digits() {
        for (milliseconds, text) in [(0, "1970-01-01T00:00:00.000Z"), (1_769_821_323_007, "2026-01-31T01:02:03.007Z")] {
            assert_eq!(Timestamp::with_milliseconds(std::time::Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn only_rfc_3339_is_read() {
        for text in
            ["2025-12-31", "2025-12-31 00:00:00Z", "2025-12-31T00:00:00", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", ""]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        for text in [
            "2025-12-30T23:59:60Z",
            "2025-12-31T00:00:00.Z",
            "2025-12-31T00:00:00.1234567890x",
            "2025-12-31T24:00:00Z",
            "2025-12-31T00:00:00Z ",
            "20251231T000000Z",
            "2025-12-31T00:00Z",
            "+002025-12-31T00:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
