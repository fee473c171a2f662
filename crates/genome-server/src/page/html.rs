//! Pieces of HTML, in which no text of anybody is markup.

use genome::Timestamp;
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

/// Text of anybody as [`field`], in an element of its own, whose direction (right to left, say) cannot reorder what stands beside it.
pub(super) fn foreign(text: &str) -> impl Display {
    fmt::from_fn(move |out| write!(out, "<bdi>{}</bdi>", field(text)))
}

/// A sentence of ours, in which what others wrote stands in backticks: each such part has a direction of its own.
pub(super) fn sentence(text: &str) -> impl Display + use<> {
    let shown = Printable(text).to_string();
    fmt::from_fn(move |out| {
        let mut parts = shown.split('`');
        escaped(parts.next().unwrap_or_default()).fmt(out)?;
        while let Some(quoted) = parts.next() {
            write!(out, "<bdi>`{}", escaped(quoted))?;
            match parts.next() {
                Some(after) => write!(out, "`</bdi>{}", escaped(after))?,
                None => out.write_str("</bdi>")?,
            }
        }
        Ok(())
    })
}

/// A message of ours as a sentence that stands alone: it begins with a capital letter, if it begins with a word. What others wrote never begins it.
pub(super) fn message(text: &str) -> impl Display + use<> {
    let word = text.split(' ').next().unwrap_or_default();
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let (first, rest) = text.split_at(usize::from(is_word));
    sentence(&[&first.to_uppercase(), rest].concat())
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

/// A table. Where the screen is narrow, each row is shown as a card, and each cell has its label. The roles say to a screen reader that it still is a
/// table then.
pub(super) fn table(caption: impl Display, heads: &[&str], rows: impl Display) -> impl Display {
    fmt::from_fn(move |out| {
        let heads = each(heads, |head, out| write!(out, "<th role=\"columnheader\" scope=\"col\">{head}</th>"));
        write!(
            out,
            "<table role=\"table\"><caption>{caption}</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">{heads}</tr></thead>\n\
             <tbody role=\"rowgroup\">\n{rows}</tbody></table>\n"
        )
    })
}

/// A cell under this head.
pub(super) fn cell(head: &str, contents: impl Display) -> impl Display {
    fmt::from_fn(move |out| write!(out, "<td role=\"cell\" data-label=\"{head}\">{contents}</td>"))
}

/// The cell that names its row.
pub(super) fn name_cell(head: &str, contents: impl Display) -> impl Display {
    fmt::from_fn(move |out| write!(out, "<th role=\"rowheader\" scope=\"row\" data-label=\"{head}\">{contents}</th>"))
}

/// A word on a colour, which is the class of the style.
pub(super) fn badge(class: &str, word: impl Display) -> impl Display {
    fmt::from_fn(move |out| write!(out, "<span class=\"badge {class}\">{word}</span>"))
}

/// A time, which the script shows as how long ago it was.
pub(super) fn time(at: Option<&Timestamp>) -> impl Display {
    fmt::from_fn(move |out| {
        let Some(at) = at else { return Ok(()) };
        let at = html(at.as_str());
        write!(out, "<time datetime=\"{at}\">{at}</time>")
    })
}

/// A number of things, each called so: `1 action`, `2 actions`, `1,000 actions`.
pub(super) fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// A number as people read it: `1,000`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_apart_from_what_is_ours() {
        for (text, shown) in [
            ("no capability allows it", "no capability allows it"),
            ("`a<b` denies it", "<bdi>`a&lt;b`</bdi> denies it"),
            ("`a` and `b\u{202e}`", "<bdi>`a`</bdi> and <bdi>`b\\u{202e}`</bdi>"),
            ("a ` that ends nowhere", "a <bdi>` that ends nowhere</bdi>"),
        ] {
            assert_eq!(sentence(text).to_string(), shown);
        }
        for (text, shown) in [
            ("the key `a`", "The key <bdi>`a`</bdi>"),
            ("created_at is late", "created_at is late"),
            ("`a` is odd", "<bdi>`a`</bdi> is odd"),
            ("", ""),
        ] {
            assert_eq!(message(text).to_string(), shown);
        }
        assert_eq!(foreign("\u{5d0}&").to_string(), "<bdi>\u{5d0}&amp;</bdi>");
    }

    #[test]
    fn numbers_are_readable() {
        let counts = [0, 1, 999, 1000, 1_234_567].map(|number| count(number, "action"));
        assert_eq!(counts, ["0 actions", "1 action", "999 actions", "1,000 actions", "1,234,567 actions"]);
    }
}
