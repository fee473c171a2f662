//! Asking a person for a line of text on the terminal.

use super::controlling::ControllingTerminal;
use super::question::{MOST_TIMES, Unanswered};
use genome_json::holds_spaced_private_key;
use std::io::{self, ErrorKind};

/// Asks for a line, until `check` takes it. An empty line means the default, which stands in brackets; an empty default is no answer.
///
/// Lines that were typed ahead are answers here, as with any program that asks for several things: nothing is agreed to by them.
///
/// # Errors
/// There is no terminal, or nobody answers.
pub(crate) fn ask_line<T>(question: &str, default: &str, check: impl Fn(&str) -> Result<T, String>) -> Result<T, Unanswered> {
    let terminal = ControllingTerminal::open().map_err(Unanswered::NoTerminal)?;
    let shown = if default.is_empty() { String::new() } else { format!(" [{default}]") };
    for _ in 0..MOST_TIMES {
        terminal.show(&format!("{question}{shown}: "))?;
        let typed = terminal.line().map_err(|error| {
            // What is said of it stands on a line of its own.
            let _ = terminal.show("\n");
            if error.kind() == ErrorKind::UnexpectedEof { io::Error::new(error.kind(), "the input ended (Ctrl-D)") } else { error }
        })?;
        let typed = String::from_utf8_lossy(&typed);
        let text = if typed.trim().is_empty() { default } else { typed.trim() };
        let problem = match check(text) {
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
