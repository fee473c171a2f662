//! Why a change is proposed, in words.

use super::{Mismatch, Proposal};
use crate::refusal::Refusal;
use crate::schema::Faults;
use genome_json as json;
use genome_json::bytes_hold_private_key;
use genome_json::text::Printable;
use std::fmt::Write as _;

/// The sections of a rationale, and what belongs in each.
const SECTIONS: [(&str, &str); 7] = [
    ("What cannot be done today", "who needs the change, for what, and what happens without it"),
    ("What changes", "the change in words, for somebody who does not read the genome"),
    ("What it allows at worst", "the worst use of the new ceiling, not only the intended one"),
    ("What was considered instead", "other ways, and why they are not enough"),
    ("How it is tested", "what shows that it does what it should, besides the probes in `tests`"),
    ("How it is taken back", "what to do where it turns out wrong"),
    ("Decision", "what the reviewers decided, and why; that it is open, until they have"),
];

/// The start of each line that is to be replaced.
const MARK: &str = "TO FILL IN:";

/// Why a change is proposed: a `rationale.md`.
#[derive(Debug, Clone, Copy)]
pub struct Rationale<'t>(pub &'t [u8]);

impl Rationale<'_> {
    /// A rationale to fill in.
    #[must_use]
    pub fn template(proposal: &Proposal) -> String {
        let mut text = format!("# {}: {}\n", proposal.number, Printable(&proposal.title));
        for (heading, instruction) in SECTIONS {
            // Writing to a string does not fail.
            let _ = write!(text, "\n## {heading}\n\n{MARK} {instruction}\n");
        }
        text
    }

    /// Refuses a rationale with a private key in it, which everybody who sees the proposal would see.
    ///
    /// # Errors
    /// [`Refusal::SecretExposed`].
    pub fn refuse_secrets(&self) -> Result<(), Refusal> {
        let exposed = bytes_hold_private_key(self.0);
        let refusal = || Refusal::SecretExposed { pointers: Vec::new(), faults: Faults::default() };
        if exposed { Err(refusal()) } else { Ok(()) }
    }

    /// Where it is not filled in yet: the lines of the template that are left, or that it has nothing but headings.
    #[must_use]
    pub fn mismatches(&self) -> Vec<Mismatch> {
        let is_template = |line: &str| {
            let line = line.trim();
            line.contains(MARK) || SECTIONS.iter().any(|(_, instruction)| line == *instruction)
        };
        if self.0.len() > json::MAX_BYTES {
            return vec![Mismatch::RationaleTooLarge];
        }
        let Ok(text) = str::from_utf8(self.0) else { return vec![Mismatch::RationaleNotText] };
        let lines = || (1..).zip(text.lines());
        if lines().all(|(_, line)| line.starts_with('#') || !line.contains(char::is_alphanumeric)) {
            return vec![Mismatch::NoRationale];
        }
        lines().filter(|(_, text)| is_template(text)).map(|(line, _)| Mismatch::NotFilledIn { line }).collect()
    }
}
