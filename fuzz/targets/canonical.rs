//! The strict reader and the canonical form, held against `serde_json` and `serde_json_canonicalizer`: exactly what a strict reader must
//! take is taken, and its canonical form is theirs, to the byte.

#![no_main]

use genome::Digest;
use genome::json::{self, JsonError, Value};
use genome_fuzz::strict;
use genome_json::canonicalize;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| compare(bytes));

fn compare(bytes: &[u8]) {
    let (form, parsed) = (canonicalize(bytes), json::parse(bytes));
    match (strict::read(bytes), form, parsed) {
        (None, Err(error), Err(other)) => {
            assert_eq!(error, other, "the reader and the canonical form name different faults");
            assert_is_within(&error, bytes);
        }
        (Some(expected), Ok(form), Ok(value)) => {
            assert_eq!(form, serde_json_canonicalizer::to_string(&expected).unwrap());
            numbers(&expected, &mut |number| assert!(form.contains(&ecmascript(number)), "{number:e} in {form}"));
            assert_is_stable(&form, &expected, &value);
        }
        (expected, form, parsed) => panic!("expected {expected:?}, got {form:?}; parsed: {parsed:?}"),
    }
}

/// The place of a fault is one of the document, and its text is one line.
fn assert_is_within(error: &JsonError, bytes: &[u8]) {
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    let line = lines.get(error.line - 1).unwrap_or_else(|| panic!("{error}: there are {} lines", lines.len()));
    assert!((1..=line.len() + 1).contains(&error.column), "{error}: the line has {} bytes", line.len());
    let text = error.to_string();
    assert!(!text.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{text:?}");
}

/// The form does not change when it is made again, however its value was written in between.
fn assert_is_stable(form: &str, expected: &serde_json::Value, value: &Value<'_>) {
    let texts = [
        form.to_owned(),
        serde_json::to_string(expected).unwrap(),
        serde_json::to_string_pretty(expected).unwrap(),
        value.to_compact(),
        value.to_pretty(),
    ];
    for text in texts {
        let again = canonicalize(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(Digest::of(again.as_bytes()), Digest::of(form.as_bytes()), "of {text}");
    }
}

fn numbers(value: &serde_json::Value, check: &mut impl FnMut(f64)) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| numbers(item, check)),
        serde_json::Value::Object(members) => members.values().for_each(|value| numbers(value, check)),
        serde_json::Value::Number(number) => check(number.as_f64().unwrap()),
        _ => {}
    }
}

/// ECMA-262, `Number::toString`, from the shortest digits that Rust knows: the oracle uses the same library for numbers as we do.
fn ecmascript(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap();
    let digits = even(mantissa.replace('.', ""), number);
    let (k, n) = (i32::try_from(digits.len()).unwrap(), exponent.parse::<i32>().unwrap() + 1);
    let zeros = |many: i32| "0".repeat(usize::try_from(many).unwrap());
    let text = if k <= n && n <= 21 {
        format!("{digits}{}", zeros(n - k))
    } else if 0 < n && n <= 21 {
        let (before, after) = digits.split_at(usize::try_from(n).unwrap());
        format!("{before}.{after}")
    } else if -6 < n && n <= 0 {
        format!("0.{}{digits}", zeros(-n))
    } else {
        let (first, others) = digits.split_at(1);
        let point = if others.is_empty() { "" } else { "." };
        let sign = if n > 0 { "+" } else { "-" };
        format!("{first}{point}{others}e{sign}{}", (n - 1).abs())
    };
    if number < 0.0 { format!("-{text}") } else { text }
}

/// The digits of a number, of which there are as few as can be. Where its exact value lies in the middle between two such, Rust takes the
/// larger and ECMAScript the even one.
fn even(digits: String, number: f64) -> String {
    // No double has so many digits.
    let exact = format!("{:.800e}", number.abs());
    let exact = exact.split_once('e').unwrap().0.replace('.', "");
    match exact.trim_end_matches('0').strip_suffix('5') {
        Some(lower) if lower.len() == digits.len() && lower.ends_with(['0', '2', '4', '6', '8']) => lower.to_owned(),
        _ => digits,
    }
}
