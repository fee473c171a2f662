//! Numbers, as RFC 7493 section 2.2 limits them and RFC 8785 section 3.2.2.3 writes them.

use crate::JsonFault;
use crate::cursor::{Cursor, Fault};
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

    /// The number, if it is written as an integer that is not negative: no fraction, no exponent, no sign.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok().filter(|_| !self.0.starts_with('+'))
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
