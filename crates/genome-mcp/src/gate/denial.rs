//! Why an action is not done.

use super::event::Reason;
use super::pins::Mismatch;
use genome::{Digest, GenomeId};
use genome_json::text::Quoted;
use std::fmt;

/// How many digits of a digest a person is shown.
const DIGITS: usize = 16;

/// An action that is not done: it is not allowed, or the tool is not what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denial {
    /// Shortened.
    pub(super) action: String,
    pub(super) reason: Reason,
    pub(super) cap_id: Option<String>,
    pub(super) genome: GenomeId,
    /// Of what is pinned.
    pub(super) mismatch: Option<Box<Mismatch>>,
    /// More of why, in words.
    pub(super) detail: Option<&'static str>,
}

/// What the model and its user read: which action, by which genome, what would change it, and whom to ask. Nothing of what is allowed, and no arguments.
impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, genome, .. } = self;
        let action = Quoted(action);
        match self.reason {
            Reason::ToolChanged => {
                write!(formatter, "denied: the server describes {action} otherwise than the genome {genome} was signed for")?;
                self.write_digests(formatter)?;
                formatter.write_str(
                    ". It was not done. Trying again changes nothing: the server has to describe it as before, or those who sign the genome have \
                     to read the new description and sign it",
                )
            }
            Reason::ToolUnpinned => write!(
                formatter,
                "denied: the genome {genome} pins what tools of this server say they are, and does not pin {action}. It was not done. This is final, and \
                 trying again changes nothing: only those who sign the genome can pin it"
            ),
            Reason::ToolUnseen => {
                let why = self.detail.unwrap_or("the server does not list it");
                write!(
                    formatter,
                    "denied: the genome {genome} pins what {action} says it is, and that could not be checked: {why}. It was not done"
                )
            }
            _ => write!(
                formatter,
                "denied: the action {action} is not allowed by the genome {genome}. It was not done. This is final, and trying again changes nothing: \
                 only those who sign the genome can allow it"
            ),
        }
    }
}

impl Denial {
    fn write_digests(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Mismatch { seen, pinned }) = self.mismatch.as_deref() else { return Ok(()) };
        let first = |digest: &Digest| digest.to_string().chars().take(DIGITS).collect::<String>();
        let pinned: Vec<String> = pinned.iter().take(super::pins::SHOWN).map(first).collect();
        match seen {
            Some(seen) => write!(formatter, " (it is {}, and {} was signed)", first(seen), pinned.join(" or ")),
            None => write!(formatter, " (it can be understood in two ways, and {} was signed)", pinned.join(" or ")),
        }
    }
}
