//! Numbers, as RFC 7493 section 2.2 limits them and RFC 8785 section 3.2.2.3 writes them.

use crate::cursor::{Cursor, Fault};
use crate::{JsonFault, Value};
use std::borrow::Cow;

/// The largest integer that every reader keeps exactly, 2^53 - 1 (RFC 7493 section 2.2).
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// From here on ECMAScript writes a number with an exponent.
const FIRST_WITH_EXPONENT: f64 = 1e21;

/// A number as it was written, known to fit a double, or to be rounded to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number<'a>(Cow<'a, str>);

impl Number<'_> {
    /// The literal, as it was written.
    #[must_use]
    pub fn literal(&self) -> &str {
        &self.0
    }

    /// The number as a double, the nearest to the literal.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        // The reader has accepted the literal, and every JSON number is a number to Rust.
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Whether its canonical form is the same number. Of one that is not, as `9007199254740993`, that form is only the nearest to it.
    #[must_use]
    pub fn is_kept_in_canonical_form(&self) -> bool {
        let mut canonical = String::new();
        crate::canonical::write(&mut canonical, &Value::Number(self.clone()));
        Decimal::of(&canonical) == Decimal::of(&self.0)
    }

    /// The number, if it is written as an integer that is not negative: no fraction, no exponent, no sign.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok().filter(|_| !self.0.starts_with('+'))
    }
}

/// A literal as a decimal number: its digits without zeros at either end, and the power of ten of the last one.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(literal: &str) -> Self {
        let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
        let (integer, fraction) =
            mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa.trim_start_matches('-'), ""));
        let all = format!("{integer}{fraction}");
        let digits = all.trim_end_matches('0');
        let zeros = all.len() - digits.len();
        let digits = digits.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self { is_negative: false, digits, exponent: 0 };
        }
        // Of what a double can hold, none is near these bounds.
        let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
        let shift = |places: usize| i64::try_from(places).unwrap_or(i64::MAX);
        let exponent = exponent.saturating_sub(shift(fraction.len())).saturating_add(shift(zeros));
        Self { is_negative: mantissa.starts_with('-'), digits, exponent }
    }
}

impl From<u64> for Number<'_> {
    fn from(number: u64) -> Self {
        Self(Cow::Owned(number.to_string()))
    }
}

impl From<usize> for Number<'_> {
    fn from(number: usize) -> Self {
        Self(Cow::Owned(number.to_string()))
    }
}

impl<'a> Cursor<'a> {
    /// RFC 8259 section 6.
    pub(crate) fn number(&mut self) -> Result<Number<'a>, Fault> {
        let start = self.at;
        self.accept(b'-');
        if !self.accept(b'0') {
            self.digits()?;
        }
        let integer = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if self.accept(b'.') {
            self.digits()?;
        }
        if self.accept(b'e') || self.accept(b'E') {
            if !self.accept(b'+') {
                self.accept(b'-');
            }
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9')) {
            // RFC 8259 section 6: "Leading zeros are not allowed."
            return Err(self.expected("the end of a number that starts with 0"));
        }
        let literal = self.since(start);
        match if integer { integer_fault(literal) } else { double_fault(literal) } {
            Some(fault) if !(self.rounds && is_finite(literal)) => Err(Fault::new(start, fault)),
            _ => Ok(Number(Cow::Borrowed(literal))),
        }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.expected("a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }
}

/// Whether the nearest double is a number.
fn is_finite(literal: &str) -> bool {
    literal.parse().is_ok_and(f64::is_finite)
}

fn integer_fault(literal: &str) -> Option<JsonFault> {
    let digits = literal.strip_prefix('-').unwrap_or(literal);
    let safe = digits.parse().is_ok_and(|magnitude: u64| magnitude <= MAX_SAFE_INTEGER);
    (!safe).then_some(JsonFault::IntegerOutOfRange)
}

fn double_fault(literal: &str) -> Option<JsonFault> {
    let magnitude = literal.parse().unwrap_or(f64::INFINITY).abs();
    // The canonical form of such a number is an integer that this reader would refuse.
    let unsafe_integers = 9_007_199_254_740_992.0..FIRST_WITH_EXPONENT;
    if magnitude.is_infinite() {
        Some(JsonFault::NumberOverflow)
    } else if unsafe_integers.contains(&magnitude) {
        Some(JsonFault::IntegerOutOfRange)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_its_canonical_form_only_comes_near_is_known() {
        for kept in [
            "0",
            "-0",
            "0.0",
            "0e999999999999999999999",
            "1.0",
            "10e-1",
            "1e20",
            "-12.50",
            "0.1",
            "100",
            "1E+2",
            "9007199254740991",
            "5e-324",
        ] {
            assert!(Number(kept.into()).is_kept_in_canonical_form(), "{kept}");
        }
        for rounded in [
            "9007199254740993",
            "9223372036854775807",
            "0.10000000000000000555",
            "1e-400",
            "-1e-99999999999999999999",
            "1.00000000000000000000001",
        ] {
            assert!(!Number(rounded.into()).is_kept_in_canonical_form(), "{rounded}");
        }
    }
}
