//! The findings about keys that cannot be used, and the answers to what they ask for.

use crate::hints::with_options;
use crate::{Failure, Finding, PassphraseArguments};
use genome_custody::{Answer, CustodyError, Unanswered};

/// A key that cannot be used.
pub(crate) fn unusable_key(error: &CustodyError) -> Failure {
    let finding = Finding::error(error.to_string(), with_options(error.hint()));
    Failure::undecided(match error.file() {
        Some(file) => finding.at(file),
        None => finding,
    })
}

/// What a key that asks for a passphrase or a PIN gets: what the command line names, or what a person types.
pub(crate) fn answers(passphrase: &PassphraseArguments) -> impl FnMut(&str) -> Result<Answer, Unanswered> {
    let answer = if passphrase.are_given() { Answer::stored } else { Answer::typed };
    let mut is_again = false;
    move |what| {
        let asked = if is_again { passphrase.ask_again(what) } else { passphrase.ask(what) };
        is_again = true;
        asked.map(answer).map_err(|failure| failure.said().into())
    }
}
