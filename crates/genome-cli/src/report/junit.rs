//! Verdicts as JUnit XML, which CI systems show as tests: a test for each genome and each proposal.
//!
//! By hand, as `quick-junit` 0.5.1 was looked at: it drops the characters that XML cannot hold, and here they are to be seen.

use super::{Finding, Level, Paint};
use crate::{Exit, Source};
use genome_json::text::Printable;
use std::fmt::Write as _;

/// One test: what was verified, how that ended, and what there is to say about it.
pub(crate) struct Case {
    pub(crate) subject: String,
    pub(crate) exit: Exit,
    pub(crate) findings: Vec<Finding>,
}

impl Case {
    /// The test of a genome or a proposal.
    pub(crate) fn of(source: &Source, exit: Exit, findings: Vec<Finding>) -> Self {
        Self { subject: source.to_string(), exit, findings }
    }
}

/// The tests of a run of `genome-verify`. One that is refused has failed, one that is undecided is an error, and warnings are its output.
#[must_use]
pub(crate) fn junit(cases: &[Case]) -> String {
    let count = |exit| cases.iter().filter(|case| case.exit == exit).count();
    let counts = format!(
        "name=\"genome-verify\" tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        cases.len(),
        count(Exit::Refused),
        count(Exit::Undecided)
    );
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite {counts}>\n");
    for case in cases {
        write_case(&mut out, case);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn write_case(out: &mut String, Case { subject, exit, findings }: &Case) {
    let text = |is_error: bool| {
        let findings = findings.iter().filter(|finding| (finding.level == Level::Error) == is_error);
        findings.map(|finding| finding.to_text(Paint::NONE)).collect::<String>()
    };
    // Writing to a string does not fail.
    let _ = writeln!(out, "    <testcase classname=\"genome-verify\" name=\"{}\">", escaped(subject));
    if *exit != Exit::Done {
        let element = if *exit == Exit::Refused { "failure" } else { "error" };
        let first = findings.iter().find(|finding| finding.level == Level::Error);
        let kind = first.and_then(|finding| finding.code).map_or(exit.verdict(), |code| code.as_str());
        let message = first.map(|finding| Printable(&finding.message).to_string()).unwrap_or_default();
        let (message, text) = (escaped(&message), escaped(&text(true)));
        let _ = writeln!(out, "      <{element} type=\"{kind}\" message=\"{message}\">{text}</{element}>");
    }
    let others = text(false);
    if !others.is_empty() {
        let _ = writeln!(out, "      <system-out>{}</system-out>", escaped(&others));
    }
    out.push_str("    </testcase>\n");
}

/// Text for an element or an attribute. What XML 1.0 cannot hold (section 2.2) is made visible.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | ' '..='\u{7e}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}' => out.push(character),
            // Writing to a string does not fail.
            other => drop(write!(out, "\\u{{{:x}}}", u32::from(other))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_visible() {
        assert_eq!(
            escaped("a<b>&\"]]>\n\u{1b}\u{0}\u{fffe}\r\u{85}é\u{1f600}"),
            "a&lt;b&gt;&amp;&quot;]]&gt;\n\\u{1b}\\u{0}\\u{fffe}\\u{d}\\u{85}é\u{1f600}"
        );
    }
}
