//! JSON in which every character shows, and texts that are values of it.

use super::Printable;
use super::quoted::hex_digit;
use crate::secret::holds_private_key;
use std::borrow::Cow;

/// JSON text of any layout that says the same, and in which every character shows: the others are written as escapes.
#[must_use]
pub fn visible_json(json: String) -> String {
    // Bytes take less time than characters, and there may be millions of escapes.
    let (mut out, mut written, mut start) = (Vec::new(), 0, 0);
    // The line feeds stand between the tokens.
    for line in json.split_inclusive('\n') {
        for (at, character) in Printable(line.trim_end_matches('\n')).escaped() {
            let at = start + at;
            if written < at {
                out.extend_from_slice(json.as_bytes().get(written..at).unwrap_or_default());
            }
            written = at + character.len_utf8();
            for unit in character.encode_utf16(&mut [0; 2]) {
                let digit = |shift| hex_digit(u32::from(*unit >> shift));
                out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
            }
        }
        start += line.len();
    }
    if written == 0 {
        return json;
    }
    out.extend_from_slice(json.as_bytes().get(written..).unwrap_or_default());
    String::from_utf8(out).unwrap_or_else(|_| unreachable!("whole characters in a row are text"))
}

/// A text of anybody as the value of a string of JSON: to the letter, unless it holds a private key.
#[must_use]
pub fn verbatim(text: &str) -> Cow<'_, str> {
    if holds_private_key(text) { Printable(text).to_string().into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_and_all_of_it_shows() {
        let json = "{\n  \"a\": \"##vso[x]##[y] ## z\u{7f}\u{202e}\u{e0001}é\u{a0}\"\n}\n";
        let shown = visible_json(json.to_owned());
        assert_eq!(shown, "{\n  \"a\": \"#\\u0023vso[x]#\\u0023[y] ## z\\u007f\\u202e\\udb40\\udc01é\u{a0}\"\n}\n");
        assert_eq!(crate::parse(shown.as_bytes()), crate::parse(json.as_bytes()));
    }

    #[test]
    fn a_value_is_to_the_letter_unless_it_is_a_private_key() {
        assert_eq!(verbatim("a\u{202e}`b"), "a\u{202e}`b");
        assert_eq!(verbatim("-----BEGIN PRIVATE KEY-----"), "[a private key, not shown]");
    }
}
