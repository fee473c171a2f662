//! Asking a person for a line of text on the terminal.

use super::controlling::ControllingTerminal;
use super::question::{MOST_TIMES, Unanswered};
use genome_json::holds_spaced_private_key;
use genome_json::text::Quoted;

/// A question whose answer is a line of text.
#[derive(Debug, Clone, Copy)]
pub struct LineQuestion<'q> {
    /// The words, without a mark at their end.
    pub words: &'q str,
    /// What an empty line means, which stands in brackets; where it is empty itself, that is no answer.
    pub default: &'q str,
    /// What to type, for a person who has answered with yes or no.
    pub example: &'q str,
}

/// Asks for a line, until `check` takes it. A yes or a no is none: it was meant for another question.
///
/// Lines that were typed ahead are answers here, as with any program that asks for several things: nothing is agreed to by them.
///
/// # Errors
/// There is no terminal, or nobody answers.
pub fn ask_line<T>(question: &LineQuestion<'_>, check: impl Fn(&str) -> Result<T, String>) -> Result<T, Unanswered> {
    let &LineQuestion { words, default, example } = question;
    let terminal = ControllingTerminal::open().map_err(Unanswered::NoTerminal)?;
    let shown = if default.is_empty() { String::new() } else { format!(" [{default}]") };
    for _ in 0..MOST_TIMES {
        terminal.show(&format!("{words}{shown}: "))?;
        let typed = terminal.line()?;
        let typed = String::from_utf8_lossy(&typed);
        let text = if typed.trim().is_empty() { default } else { typed.trim() };
        let problem = match check(text) {
            _ if is_yes_or_no(&typed) => format!("{} answers yes or no, which is not asked here: {example}", Quoted(typed.trim())),
            _ if holds_spaced_private_key(text) => {
                "that is a private key, which is compromised now: it was shown on a screen. Say where a key is".to_owned()
            }
            Ok(value) => return Ok(value),
            Err(problem) => problem,
        };
        terminal.show(&format!("  {problem}\n"))?;
    }
    Err(Unanswered::SomethingElse)
}

fn is_yes_or_no(typed: &str) -> bool {
    ["y", "n", "yes", "no"].iter().any(|word| typed.trim().eq_ignore_ascii_case(word))
}
