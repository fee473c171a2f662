//! Text in which some characters are written as escapes, fast.

use crate::scan::plain_length;

/// How many bytes are collected before they are written. There may be millions of escapes, and to write each of them, and the few bytes
/// between two of them, takes longer than to make them.
const PIECE: usize = 512;

/// How many bytes are copied at once, of which only some may count: a copy of a length that is known is one instruction.
const COPIED: usize = 16;

/// Writes a text as a JSON string, with the minimal escapes of RFC 8785 section 3.2.2.2, which are those of ECMAScript.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    if plain_length(text.as_bytes()) == text.len() {
        out.push_str(text);
    } else {
        escape(out, text);
    }
    out.push('"');
}

#[inline(never)]
fn escape(out: &mut String, text: &str) {
    let (mut piece, mut length) = ([0; PIECE], 0);
    let mut rest = text;
    loop {
        let at = plain_length(rest.as_bytes());
        match (rest.as_bytes().first_chunk::<COPIED>(), piece.get_mut(length..length + COPIED)) {
            (Some(start), Some(room)) if at <= COPIED => {
                room.copy_from_slice(start);
                length += at;
            }
            _ => {
                flush(out, &piece, &mut length);
                out.push_str(rest.get(..at).unwrap_or_default());
            }
        }
        let Some(&special) = rest.as_bytes().get(at) else { break };
        let (escape, of) = escaped(special);
        if length + COPIED > PIECE {
            flush(out, &piece, &mut length);
        }
        if let Some(room) = piece.get_mut(length..length + escape.len()) {
            room.copy_from_slice(&escape);
            length += of;
        }
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    flush(out, &piece, &mut length);
}

/// The escape of a byte in a string, and its length.
fn escaped(special: u8) -> ([u8; 8], usize) {
    let short = |letter| ([b'\\', letter, 0, 0, 0, 0, 0, 0], 2);
    match special {
        b'"' | b'\\' => short(special),
        0x8 => short(b'b'),
        b'\t' => short(b't'),
        b'\n' => short(b'n'),
        0xc => short(b'f'),
        b'\r' => short(b'r'),
        control => {
            let low = control & 0xf;
            let digit = if low < 10 { b'0' + low } else { b'a' + low - 10 };
            ([b'\\', b'u', b'0', b'0', b'0' + (control >> 4), digit, 0, 0], 6)
        }
    }
}

/// Writes what was collected. It is valid text, as no character is cut in two: only ASCII is escaped.
fn flush(out: &mut String, piece: &[u8], length: &mut usize) {
    let collected = piece.get(..*length).unwrap_or_default();
    out.push_str(str::from_utf8(collected).unwrap_or_default());
    *length = 0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_others_write(text in "([\u{0}-\u{1f}\"\\\\]|[a-c]|é|あ|😀|[ -~]{0,40}){0,600}") {
            let mut out = "before".to_owned();
            quote(&mut out, &text);
            prop_assert_eq!(out, format!("before{}", serde_json::to_string(&text).unwrap()));
        }
    }
}
