use super::scan::plain_length;

/// Writes a text as a JSON string, with the minimal escapes of RFC 8785 section 3.2.2.2, which are those of ECMAScript.
#[inline(never)]
pub(super) fn quote(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    let mut rest = text;
    loop {
        let at = plain_length(rest.as_bytes());
        if at == rest.len() {
            break;
        }
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = tail.chars();
        match characters.next().unwrap_or_default() {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control => {
                // Not through `write!`, as there may be millions.
                out.push_str(if control < '\u{10}' { "\\u000" } else { "\\u001" });
                out.extend(char::from_digit(u32::from(control) & 0xf, 16));
            }
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}
