//! The line and column of a JSON Pointer.

use crate::cursor::Cursor;
use crate::reader::position;

/// Where a document holds the value of a JSON Pointer (RFC 6901): line and column, counted from 1, the column in characters. `None` where
/// it holds none, or is no JSON up to there. Time and memory are linear in the document.
#[must_use]
pub fn locate(document: &[u8], pointer: &str) -> Option<(usize, usize)> {
    let mut steps = pointer.split('/');
    // RFC 6901 section 3: a pointer is empty, or starts with `/`.
    steps.next().filter(|before| before.is_empty())?;
    // RFC 6901 section 4: `~1` first, so that `~01` becomes `~1`.
    let steps: Vec<String> = steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let mut cursor = Cursor::new(std::str::from_utf8(document).ok()?);
    find(&mut cursor, &steps)?;
    Some(position(document, cursor.at))
}

/// Moves to the start of the value.
fn find(cursor: &mut Cursor<'_>, steps: &[String]) -> Option<()> {
    for step in steps {
        match cursor.next_token()? {
            b'{' => enter_object(cursor, step)?,
            b'[' => enter_array(cursor, step.parse().ok()?)?,
            _ => return None,
        }
    }
    cursor.next_token().map(drop)
}

fn enter_object(cursor: &mut Cursor<'_>, wanted: &str) -> Option<()> {
    loop {
        // Over the brace, or the comma.
        cursor.at += 1;
        if cursor.next_token()? != b'"' {
            return None;
        }
        let is_wanted = *cursor.string().ok()? == *wanted;
        cursor.next_token().filter(|token| *token == b':')?;
        cursor.at += 1;
        if is_wanted {
            return Some(());
        }
        skip(cursor)?;
        cursor.next_token().filter(|token| *token == b',')?;
    }
}

fn enter_array(cursor: &mut Cursor<'_>, index: usize) -> Option<()> {
    cursor.at += 1;
    for _ in 0..index {
        skip(cursor)?;
        cursor.next_token().filter(|token| *token == b',')?;
        cursor.at += 1;
    }
    cursor.next_token().filter(|token| *token != b']').map(drop)
}

/// Steps over a value.
fn skip(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut depth = 0_usize;
    loop {
        match cursor.next_token()? {
            b'"' => drop(cursor.string().ok()?),
            b'{' | b'[' => {
                depth += 1;
                cursor.at += 1;
                continue;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                cursor.at += 1;
            }
            b',' | b':' if depth > 0 => {
                cursor.at += 1;
                continue;
            }
            _ => {
                let is_literal = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                let length = cursor.bytes().iter().take_while(is_literal).count();
                if length == 0 {
                    return None;
                }
                cursor.at += length;
            }
        }
        if depth == 0 {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_found() {
        let text = "{\n  \"é\": [ 1.5e+3, {\"a/b\": \"}\"}, [],\n true ], \"\\u006e~\": {\n\"x\" : null}\n}";
        for (pointer, place) in [
            ("", Some((1, 1))),
            ("/é", Some((2, 8))),
            ("/é/0", Some((2, 10))),
            ("/é/1/a~1b", Some((2, 26))),
            ("/é/2", Some((2, 32))),
            ("/é/3", Some((3, 2))),
            ("/n~0/x", Some((4, 7))),
            ("/é/4", None),
            ("/é/2/0", None),
            ("/é/0/x", None),
            ("/gone", None),
            ("é", None),
        ] {
            assert_eq!(locate(text.as_bytes(), pointer), place, "{pointer}");
        }
    }

    #[test]
    fn what_is_no_json_is_searched_to_its_fault() {
        for text in ["", "{", "{\"a\"", "{\"b\":}", "{\"b\":1", "{\"b\":[1}", "[1,2", "{\"b\":\"", "{1:2}", "{\"b\":,\"a\":1}"] {
            assert_eq!(locate(text.as_bytes(), "/a"), None, "{text}");
        }
        assert_eq!(locate(b"{\"a\":1,", "/a"), Some((1, 6)));
        assert_eq!(locate(b"\xff", ""), None);
    }
}
