//! The log for a person at a terminal.
//!
//! ```text
//! event = time " " level "  " message *( "  " name "=" value ) LF [ "  help: " hint LF ]
//! ```
//!
//! `message` and `hint` are words of ours, in which all that others wrote is quoted; what a library says is quoted as a whole. They hold no two
//! blanks outside of quotes. `value` is [`Bare`]. So a line can be parsed back, after its continuations were joined.

use super::line::Scalar;
use anstyle::{AnsiColor, Style};
use genome::GenomeId;
use genome_cli::{Exit, Finding, Paint, ShownIds};
use genome_json::text::{Bare, Printable, Quoted};
use std::fmt::Write as _;

/// An event. `is_ours` says that its message is a sentence of ours.
pub(super) fn event(time: &str, level: &str, fields: &[(&str, Scalar)], is_ours: bool, paint: Paint) -> String {
    let (dimmed, style) = (paint.style(Style::new().dimmed()), paint.style(style(level)));
    let mut out = format!("{dimmed}{time}{dimmed:#} {style}{level}{style:#}  ");
    let text = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    // Writing to a string does not fail.
    let _ = match text("message") {
        Some(Scalar::Text(message)) if is_ours => write!(out, "{}", Printable(message)),
        Some(Scalar::Text(message)) => write!(out, "{}", Quoted(message)),
        _ => Ok(()),
    };
    for (name, value) in fields.iter().filter(|(name, _)| !["message", "hint"].contains(name)) {
        let _ = match value {
            Scalar::Text(text) if text.is_empty() => Ok(()),
            Scalar::Text(text) if *name == "genome_id" => write!(out, "  {name}={}", Bare(&shown_id(text, paint))),
            Scalar::Text(text) => write!(out, "  {name}={}", Bare(text)),
            Scalar::Bool(value) => write!(out, "  {name}={value}"),
            Scalar::Number(value) => write!(out, "  {name}={value}"),
        };
    }
    out.push('\n');
    if let Some(Scalar::Text(hint)) = text("hint").filter(|_| is_ours) {
        let _ = writeln!(out, "  help: {}", Printable(hint));
    }
    out
}

/// A genome id as reports on a terminal show it. `GET /genome` has all of it.
fn shown_id(text: &str, paint: Paint) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |id: GenomeId| ShownIds::on(paint).with([id]).show(id))
}

/// A boot that did not come about, as genome-verify says it.
pub(super) fn refusal(time: &str, findings: &[Finding], exit: Exit, paint: Paint) -> String {
    let fields = [
        ("message", Scalar::Text("the server does not start".to_owned())),
        ("verdict", Scalar::Text(exit.verdict().to_owned())),
        ("exit", Scalar::Number(exit.status().into())),
    ];
    findings.iter().map(|finding| finding.to_text(paint)).fold(event(time, "ERROR", &fields, true, paint), |out, text| out + &text)
}

fn style(level: &str) -> Style {
    match level {
        "ERROR" => AnsiColor::Red.on_default().bold(),
        "WARN" => AnsiColor::Yellow.on_default().bold(),
        "INFO" => AnsiColor::Green.on_default(),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Scalar {
        Scalar::Text(value.to_owned())
    }

    #[test]
    fn a_strangers_text_is_a_value_and_no_more() {
        let hostile = "x`  exit=0\n2026-01-01T00:00:00Z INFO  listening \u{202e}";
        let fields = [
            ("name", text(hostile)),
            ("message", text("it is `a`")),
            ("hint", text("do it")),
            ("n", Scalar::Number(2)),
            ("file", text("")),
        ];
        let shown = event("T", "WARN", &fields, true, Paint::NONE);
        let quoted = Quoted(hostile).to_string();
        assert_eq!(shown, format!("T WARN  it is `a`  name={quoted}  n=2\n  help: do it\n"));
        // What a library says is no sentence of ours.
        let shown = event("T", "DEBUG", &[("message", text("it is `a`  exit=0"))], false, Paint::NONE);
        assert_eq!(shown, "T DEBUG  `it is \\u{60}a\\u{60}  exit=0`\n");
    }

    #[test]
    fn a_refusal_is_said_as_genome_verify_says_it() {
        let shown = refusal("T", &[Finding::error("it is bad", "make it good")], Exit::Refused, Paint::NONE);
        assert_eq!(shown, "T ERROR  the server does not start  verdict=refused  exit=1\nerror: it is bad\n  help: make it good\n");
    }
}
