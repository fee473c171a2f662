//! JSON as the server prints it, in which every character shows.

use genome_json::text::visible_json;
use serde::Serialize;

/// A value for people: indented, with a line feed at the end.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    let mut json = serde_json::to_string_pretty(value).unwrap_or_else(|_| unreachable!("{WRITTEN}"));
    json.push('\n');
    visible_json(json)
}

/// A value on one line, without white space; invisible characters are not escaped.
pub(crate) fn compact(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| unreachable!("{WRITTEN}"))
}

/// A text as JSON, in which every character shows.
pub(crate) fn visible(text: &str) -> String {
    let json = compact(text);
    // What does not show is written as an escape.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { json } else { visible_json(json) }
}

const WRITTEN: &str = "the answers are text, numbers, arrays and objects with names";
