//! Asking a person, who answers on the terminal.
//!
//! Text that was typed or pasted before the question is not an answer. Nor may the shell get it, which would run it whatever the answer is.
//! So it is taken and shown.
//!
//! By hand, as `dialoguer` 0.12.0 was tried: a `y` that was typed before the question agrees to it, also one after other characters, and the
//! lines of what was pasted go on to the shell.

use super::controlling::ControllingTerminal;
use super::typed::{holds_key, lines_of, listed};
use std::fmt;
use std::io;

/// How often a question is asked.
pub(super) const MOST_TIMES: usize = 10;

/// The answer that agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// `y` or `yes`.
    Yes,
    /// This number, so that nobody agrees out of habit.
    Number(usize),
}

/// Why a question has no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// There is no terminal on which to ask it.
    NoTerminal(io::Error),
    /// Something else was typed, each time that it was asked.
    SomethingElse,
    /// The input ended, or the terminal has gone.
    Nobody(io::Error),
}

impl Unanswered {
    /// What to do about it: give the answer that agrees, such as "`y`", or do `without` a question, such as "--yes signs without a question".
    #[must_use]
    pub fn hint(&self, answer: &str, without: &str) -> String {
        match self {
            Self::NoTerminal(_) => without.to_owned(),
            Self::SomethingElse | Self::Nobody(_) => {
                format!("answer {answer} or `n`, and press Enter; without a terminal, and in scripts, {without}")
            }
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTerminal(error) => write!(formatter, "there is no terminal on which to ask: {error}"),
            Self::SomethingElse => {
                write!(formatter, "the question was asked {MOST_TIMES} times, and what was typed was never an answer")
            }
            Self::Nobody(error) => write!(formatter, "nobody answered the question: {error}"),
        }
    }
}

impl From<io::Error> for Unanswered {
    fn from(error: io::Error) -> Self {
        Self::Nobody(error)
    }
}

/// Asks a question on the controlling terminal, until somebody agrees, or says no with `n` or `no`. After any other input the
/// question is asked again. Returns whether somebody agreed.
///
/// `show` shows what the question is about, also where there is no terminal on which to ask it. What is listed of other things that were typed stands above it, so that it is not off the screen
/// when the question is answered; and before a pager starts, which would take what was typed ahead for its own commands.
///
/// # Errors
/// There is no terminal, or nobody answers.
pub fn ask(question: &str, consent: Consent, show: impl Fn()) -> Result<bool, Unanswered> {
    let terminal = ControllingTerminal::open().map_err(|error| {
        show();
        Unanswered::NoTerminal(error)
    })?;
    // What is longer than the screen is not shown again: its number says that it was seen.
    let is_shown_once = consent != Consent::Yes;
    let mut is_shown = false;
    for times in 1..=MOST_TIMES {
        is_shown &= list_typed_ahead(&terminal)? || is_shown_once;
        while !is_shown {
            show();
            // What was typed while a pager ran is listed, too.
            is_shown = list_typed_ahead(&terminal)? || is_shown_once;
        }
        terminal.show(&format!("{question} [{}] ", consent.choices()))?;
        let typed = terminal.line()?;
        // An answer stands alone: what has more behind it was pasted.
        let more = terminal.take_waiting()?;
        if let (true, Some(answer)) = (more.is_empty(), consent.answer(&typed)) {
            terminal.show(line_end(&typed))?;
            return Ok(answer);
        }
        // All of it at once, as the lines of a private key show only together that they are one.
        let typed = [typed, more, terminal.take_typed_ahead()?].concat();
        let (no_answer, is_one_line) = no_answer(&typed);
        let request = if times == MOST_TIMES { String::new() } else { format!(": {}", consent.request()) };
        terminal.show(&format!("{}{no_answer}{request}\n", line_end(&typed)))?;
        // One line leaves what was shown where it is; many may push it off the screen.
        is_shown = is_shown_once || is_one_line;
    }
    Err(Unanswered::SomethingElse)
}

/// What is said of something that is no answer, and whether it is a line at most. It is not shown once more: whoever expects to be asked for a
/// passphrase types that.
fn no_answer(typed: &[u8]) -> (String, bool) {
    match lines_of(typed) {
        _ if holds_key(typed) => ("that is a private key, which is compromised now: it was shown on a screen".to_owned(), false),
        0 => ("that is an empty line, and no answer".to_owned(), true),
        1 => ("that is not an answer".to_owned(), true),
        several => (format!("those {several} lines are not an answer, and were not run"), false),
    }
}

/// What ends the line that the terminal shows of this: where Enter was not pressed last, but Ctrl-D, it is still open.
fn line_end(typed: &[u8]) -> &'static str {
    if typed.ends_with(b"\n") { "" } else { "\n" }
}

/// Takes what was typed ahead, and lists it. Returns whether there was nothing.
fn list_typed_ahead(terminal: &ControllingTerminal) -> io::Result<bool> {
    let Some(listed) = listed(&terminal.take_typed_ahead()?) else { return Ok(true) };
    terminal.show(&format!("typed or pasted before the question, so it is not an answer, and was not run:\n{listed}"))?;
    Ok(false)
}

/// Takes what was typed ahead from the shell, and shows it: for a program that has failed. It was meant for after its success, as the `rm` of a
/// secret that has been used. The shell reads the controlling terminal, wherever the standard streams go.
pub fn withhold_typed_ahead() {
    // Where there is nothing to be had, there is nothing to be withheld.
    let Ok(terminal) = ControllingTerminal::open() else { return };
    if let Some(listed) = listed(&terminal.take_typed_ahead().unwrap_or_default()) {
        // Where the terminal has gone, nobody is there to read it.
        let _ = terminal.show(&format!("typed or pasted after the command, which has failed, so it was not run:\n{listed}"));
    }
}

impl Consent {
    /// The text behind the question.
    fn choices(self) -> String {
        match self {
            Self::Yes => "y/n".to_owned(),
            Self::Number(number) => format!("{number}/n"),
        }
    }

    /// The request to a person who has not answered.
    fn request(self) -> String {
        match self {
            Self::Yes => "type y or n".to_owned(),
            Self::Number(number) => format!("type {number} or n"),
        }
    }

    /// Whether a line agrees, or says no; `None` where it does neither.
    fn answer(self, line: &[u8]) -> Option<bool> {
        let line = std::str::from_utf8(line).ok()?.trim().to_lowercase();
        match (self, line.as_str()) {
            (_, "n" | "no") => Some(false),
            (Self::Yes, "y" | "yes") => Some(true),
            (Self::Number(number), typed) if typed == number.to_string() => Some(true),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_terminal_nobody_is_to_press_a_key() {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let without = "--yes signs without a question";
        assert_eq!(Unanswered::NoTerminal(gone()).hint("`y`", without), without);
        let asked = "answer `41` or `n`, and press Enter; without a terminal, and in scripts, --yes signs without a question";
        for unanswered in [Unanswered::SomethingElse, Unanswered::Nobody(gone())] {
            assert_eq!(unanswered.hint("`41`", without), asked);
        }
    }

    #[test]
    fn only_an_answer_is_an_answer() {
        for (line, yes, number) in [
            ("y\n", Some(true), None),
            (" YES \n", Some(true), None),
            ("n\n", Some(false), Some(false)),
            ("No\n", Some(false), Some(false)),
            ("61\n", None, Some(true)),
            ("061\n", None, None),
            ("6 1\n", None, None),
            ("\n", None, None),
            ("yess\n", None, None),
            ("y n\n", None, None),
            ("\u{79}\u{301}\n", None, None),
        ] {
            assert_eq!(Consent::Yes.answer(line.as_bytes()), yes, "{line:?}");
            assert_eq!(Consent::Number(61).answer(line.as_bytes()), number, "{line:?}");
        }
        assert_eq!(Consent::Yes.answer(b"y\xff\n"), None);
    }
}
