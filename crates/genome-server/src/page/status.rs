//! How things stand with the genome: a strip that always shows, and a note about each of its items with what to do. The gravest comes first, and
//! each is said in words, with an icon, and in a colour.

use super::html::{each, message, sentence};
use super::icon::Icon;
use crate::active::Active;
use crate::disk::DiskStatus;
use crate::warning::GenomeWarning;
use genome::{Code, Trust};
use std::fmt::Write as _;

/// How many warnings are shown; `GET /genome` has all of them.
const MOST_SHOWN: usize = 10;

/// The constant items; the state of the disk is checked each time.
#[derive(Debug)]
pub(crate) struct Status {
    before_disk: Items,
    after_disk: Items,
    /// The gravest of them in a word or two, for the title.
    pub(super) verdict: &'static str,
    /// What there is to say of a genome that allows something, where it is not simply trusted.
    pub(super) but: Option<&'static str>,
}

/// Items in both places.
#[derive(Debug, Default)]
struct Items {
    strip: String,
    notes: String,
    gravest: Option<Tone>,
}

/// The gravity of an item. The names are classes of the style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tone {
    Good,
    Plain,
    Caution,
    Danger,
}

impl Status {
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
        let has_test_key = !test_keys.is_empty();
        let mut before_disk = Items::default();
        if has_test_key {
            before_disk.add(Tone::Danger, "Published test key: anybody can sign", "Published test key", &listed(&test_keys));
        }
        if is_self_declared {
            before_disk.add(Tone::Danger, "Not trusted", "Not trusted: it is self-declared", &listed(&self_declared));
        }
        let mut after_disk = Items::default();
        let title = if others.len() == 1 { "1 warning".to_owned() } else { format!("{} warnings", others.len()) };
        if !others.is_empty() {
            after_disk.add(Tone::Caution, &title, &title, &listed(&others));
        }
        if !is_self_declared {
            let meaning = format!("<p>{}</p>", message(trust.meaning()));
            // A key with which anybody can sign is bad news, even if the policy names it.
            let (tone, word) = if has_test_key { (Tone::Plain, "Trust policy") } else { (Tone::Good, "Trusted") };
            let title = format!("{word}: {}", trust.as_str());
            after_disk.add(tone, &title, &title, &meaning);
        }
        let (verdict, but) = match (has_test_key, is_self_declared) {
            (true, _) => ("Test key", Some("by a genome that anybody can sign")),
            (false, true) => ("Not trusted", Some("by a genome that is not trusted")),
            (false, false) => ("Trusted", None),
        };
        Self { before_disk, after_disk, verdict, but }
    }

    /// The strip and the notes, each a list.
    pub(crate) fn show(&self, status: Option<DiskStatus>) -> (String, String) {
        let disk = status.map(disk).unwrap_or_default();
        let all = [&self.before_disk, &disk, &self.after_disk];
        let gravest = all.iter().filter_map(|items| items.gravest).max().unwrap_or(Tone::Plain).class();
        let [strip, notes] = [all.map(|items| &*items.strip), all.map(|items| &*items.notes)].map(|items| items.concat());
        (format!("<ul role=\"list\" class=\"{gravest}\">\n{strip}</ul>"), format!("<ul role=\"list\">\n{notes}</ul>"))
    }
}

impl Items {
    /// Adds an item: its text in the strip, the title of its note, and the HTML of the note.
    fn add(&mut self, tone: Tone, short: &str, title: &str, note: &str) {
        let (class, icon) = (tone.class(), tone.icon());
        // Writing to a string does not fail.
        let _ = writeln!(self.strip, "<li class=\"{class}\"><a href=\"#status-title\">{icon}<span>{short}</span></a></li>");
        let _ = writeln!(self.notes, "<li class=\"{class}\">{icon}<div><strong>{title}</strong>{note}</div></li>");
        self.gravest = self.gravest.max(Some(tone));
    }
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Plain => "plain",
            Self::Caution => "caution",
            Self::Danger => "danger",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Good,
            Self::Plain => Icon::Information,
            Self::Caution => Icon::Attention,
            Self::Danger => Icon::Stop,
        }
    }
}

fn disk(status: DiskStatus) -> Items {
    let still = "Every answer here still comes from the genome that was loaded";
    let (short, title, what) = match status {
        DiskStatus::Same => return Items::default(),
        DiskStatus::Differs => (
            "File changed on disk",
            "The file on disk differs",
            "It is not what was loaded, and the next start loads it or refuses it",
        ),
        DiskStatus::Missing => ("File gone from disk", "The file on disk is gone", "The next start finds no genome there"),
        DiskStatus::Unreadable => {
            ("File on disk unreadable", "The file on disk cannot be read", "It is not known whether it is still what was loaded")
        }
    };
    let mut items = Items::default();
    items.add(Tone::Caution, short, title, &format!("<p>{what}. {still}.</p>"));
    items
}

/// Warnings, each with its hint.
fn listed(warnings: &[&GenomeWarning]) -> String {
    let shown = warnings.get(..MOST_SHOWN).unwrap_or(warnings);
    let mut out = each(shown, |GenomeWarning { message: text, hint, .. }, out| {
        write!(out, "<p>{}</p><p class=\"hint\">Help: {}</p>", message(text), sentence(&hint.to_string()))
    })
    .to_string();
    if shown.len() < warnings.len() {
        let more = warnings.len() - shown.len();
        // Writing to a string does not fail.
        let _ = write!(out, "<p>{more} more are in <a href=\"genome\">the genome as JSON</a>.</p>");
    }
    out
}
