//! Pieces of HTML, in which no text of anybody is markup.

use genome_json::text::{Field, Printable};
use std::fmt::{self, Display, Formatter, Write as _};

/// Text of ours, as text or in an attribute between double quotes.
pub(super) fn html(text: &str) -> impl Display {
    escaped(Printable(text))
}

/// Text of anybody, which has an element or an attribute to itself. Where not all of it shows, it is quoted, and what does not show is
/// written out.
pub(super) fn field(text: &str) -> impl Display {
    escaped(Field(text))
}

/// What shows, with what HTML takes for its own written as references.
pub(super) fn escaped(shown: impl Display) -> impl Display {
    fmt::from_fn(move |out| write!(Html(out), "{shown}"))
}

struct Html<'o, 'f>(&'o mut Formatter<'f>);

impl fmt::Write for Html<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
        // The compiler makes a few vector instructions of this, and a text may have millions of characters.
        if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
            return self.0.write_str(text);
        }
        let mut written = 0;
        for (at, byte) in text.bytes().enumerate() {
            let reference = match byte {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&#39;",
                _ => continue,
            };
            self.0.write_str(text.get(written..at).unwrap_or_default())?;
            self.0.write_str(reference)?;
            written = at + 1;
        }
        self.0.write_str(text.get(written..).unwrap_or_default())
    }
}

/// Several pieces, one after the other.
pub(super) fn each<'i, T>(items: &'i [T], piece: impl Fn(&'i T, &mut Formatter<'_>) -> fmt::Result) -> impl Display {
    fmt::from_fn(move |out| items.iter().try_for_each(|item| piece(item, out)))
}

/// A table, which scrolls by itself where it is too wide.
pub(super) fn table(label: &str, heads: &[&str], rows: impl Display) -> impl Display {
    fmt::from_fn(move |out| {
        let heads = each(heads, |head, out| write!(out, "<th scope=\"col\">{head}</th>"));
        write!(
            out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table>\n<thead><tr>{heads}</tr></thead>\n\
             <tbody>\n{rows}</tbody>\n</table></div>"
        )
    })
}
