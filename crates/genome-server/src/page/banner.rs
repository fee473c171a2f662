//! The banner of the page: how far its contents can be trusted. The gravest comes first, and each is said in words, with an
//! icon, and in a colour.

use super::html::{each, html};
use crate::active::Active;
use crate::disk::DiskStatus;
use crate::warning::GenomeWarning;
use genome::{Code, Trust};
use std::fmt::Write as _;

/// How many warnings are shown; `GET /genome` has all of them.
const MOST_SHOWN: usize = 10;

/// The constant items; the state of the disk is checked each time.
#[derive(Debug)]
pub(crate) struct Banner {
    before_disk: String,
    after_disk: String,
}

/// The gravity of an item. The names are classes of the style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Danger,
    Caution,
    Good,
    Plain,
}

impl Banner {
    pub(crate) fn of(active: &Active) -> Self {
        let trust = active.genome().trust();
        let is_self_declared = trust == Trust::SelfDeclared;
        let (mut test_keys, mut self_declared, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for warning in active.warnings() {
            match warning.code {
                Some(Code::TestKey) => test_keys.push(warning),
                Some(Code::Untrusted) if is_self_declared => self_declared.push(warning),
                _ => others.push(warning),
            }
        }
        let mut before_disk = String::new();
        if !test_keys.is_empty() {
            before_disk += &item(Tone::Danger, "Published test key", &listed(&test_keys));
        }
        if is_self_declared {
            before_disk += &item(Tone::Danger, "Self-declared, not trusted", &listed(&self_declared));
        }
        let mut after_disk = String::new();
        match others.len() {
            0 => {}
            1 => after_disk += &item(Tone::Caution, "A warning", &listed(&others)),
            number => after_disk += &item(Tone::Caution, &format!("{number} warnings"), &listed(&others)),
        }
        if !is_self_declared {
            let meaning = format!("<p>{}</p>", html(trust.meaning()));
            // A key with which anybody can sign is bad news, even if the policy names it.
            let tone = if test_keys.is_empty() { Tone::Good } else { Tone::Plain };
            after_disk += &item(tone, &format!("Trusted: {}", trust.as_str()), &meaning);
        }
        Self { before_disk, after_disk }
    }

    /// The items of the list.
    pub(crate) fn show(&self, status: Option<DiskStatus>) -> String {
        [&*self.before_disk, &status.map(disk).unwrap_or_default(), &self.after_disk].concat()
    }
}

fn disk(status: DiskStatus) -> String {
    let still = "every answer here is still from the genome that was loaded";
    let (title, what) = match status {
        DiskStatus::Same => return String::new(),
        DiskStatus::Differs => ("The file on disk differs", "it is not what was loaded, and the next start loads it or refuses it"),
        DiskStatus::Missing => ("The file on disk is gone", "the next start finds no genome there"),
        DiskStatus::Unreadable => ("The file on disk cannot be read", "nobody can say whether it is still what was loaded"),
    };
    item(Tone::Caution, title, &format!("<p>{what}; {still}</p>"))
}

/// The item of a warning, with its hint.
fn listed(warnings: &[&GenomeWarning]) -> String {
    let shown = warnings.get(..MOST_SHOWN).unwrap_or(warnings);
    let mut out = each(shown, |GenomeWarning { message, hint, .. }, out| {
        write!(out, "<p>{}</p><p class=\"hint\">Help: {}</p>", html(message), html(&hint.to_string()))
    })
    .to_string();
    if shown.len() < warnings.len() {
        let more = warnings.len() - shown.len();
        // Writing to a string does not fail.
        let _ = write!(out, "<p>{more} more are in <a href=\"genome\">the genome as JSON</a>.</p>");
    }
    out
}

fn item(tone: Tone, title: &str, text: &str) -> String {
    let (class, icon) = match tone {
        Tone::Danger => ("danger", "M8 2h8l6 6v8l-6 6H8l-6-6V8zM8.5 8.5l7 7m0-7l-7 7"),
        Tone::Caution => ("caution", "M12 3L1.5 21h21zM12 10v5m0 3v.01"),
        Tone::Plain => ("plain", "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20M12 11v6m0-10v.01"),
        Tone::Good => ("good", "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20M7.5 12.5l3 3l6-6.5"),
    };
    // The words say what the icon says.
    let icon = format!("<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\"><path d=\"{icon}\"/></svg>");
    format!("<li class=\"{class}\">{icon}<div><strong>{title}</strong>{text}</div></li>\n")
}
