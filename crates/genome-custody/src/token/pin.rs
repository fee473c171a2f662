//! The PIN of a token: where it comes from, and what is known of it before it is tried. A token locks itself after a few wrong ones.

use super::fault::{PinProblem, TriesLeft};
use super::{TokenFault, TokenUri};
use crate::file::read_private;
use crate::{Answer, Ask, CustodyError};
use cryptoki::slot::TokenInfo;
use cryptoki::types::AuthPin;
use genome_files::secret_line;
use genome_json::text::Quoted;
use std::path::Path;

/// The PIN for a token of this label. `None` where the token asks for it by itself.
///
/// # Errors
/// There is none, or it cannot be right; or one more wrong one locks the token, and nobody typed it. None of these costs a try.
pub(super) fn obtain(label: &str, uri: &TokenUri, info: &TokenInfo, ask: &mut Ask<'_>) -> Result<Option<AuthPin>, CustodyError> {
    let token = || label.to_owned();
    if info.user_pin_locked() {
        return Err(TokenFault::PinLocked { token: token() }.into());
    }
    if info.protected_authentication_path() {
        return Ok(None);
    }
    let is_final_try = info.user_pin_final_try();
    let pin = match &uri.pin_source {
        // A stored PIN that is wrong is wrong each time, such as when a service is started again and again: the last try is for a person.
        Some(_) if is_final_try => return Err(TokenFault::LastTry { token: token() }.into()),
        Some(path) => in_file(label, path)?,
        None => {
            let last = if is_final_try { " (if it is wrong, the token locks itself)" } else { "" };
            ask(&format!("the PIN of the token {}{last}", Quoted(label)))?
        }
    };
    if is_final_try && !pin.is_typed() {
        return Err(TokenFault::LastTry { token: token() }.into());
    }
    if let Some(problem) = problem(&pin, info.min_pin_length(), info.max_pin_length()) {
        return Err(TokenFault::UnfitPin { token: token(), problem }.into());
    }
    // A box of the exact size: nothing is copied and left behind.
    Ok(Some(AuthPin::new((*pin).into())))
}

/// How many tries a token says are left after a wrong PIN. PKCS#11 has no number for it (section 3.2 of version 3.0, `CK_TOKEN_INFO`).
pub(super) fn tries_left(info: Option<&TokenInfo>) -> TriesLeft {
    match info {
        Some(info) if info.user_pin_locked() => TriesLeft::None,
        Some(info) if info.user_pin_final_try() => TriesLeft::One,
        _ => TriesLeft::Untold,
    }
}

fn in_file(label: &str, path: &Path) -> Result<Answer, CustodyError> {
    let pin = secret_line(&read_private(path)?);
    let unfit = |error| TokenFault::UnfitPin { token: label.to_owned(), problem: PinProblem::Line(error) };
    Ok(Answer::stored(pin.map_err(unfit)?))
}

/// Why a PIN cannot be right, by what the token says of the PINs that it takes.
fn problem(pin: &str, least: usize, most: usize) -> Option<PinProblem> {
    // Some modules leave both 0, and some say that they do not know (`CK_UNAVAILABLE_INFORMATION`, which is the largest number).
    let are_told = least <= most && most > 0 && most != usize::MAX;
    if pin.is_empty() {
        Some(PinProblem::Line(genome_files::SecretLineError::Empty))
    } else if pin.chars().any(char::is_control) {
        Some(PinProblem::Control)
    } else if are_told && pin.len() < least {
        Some(PinProblem::TooShort { least })
    } else if are_told && pin.len() > most {
        Some(PinProblem::TooLong { most })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_cannot_be_right_is_known_before_it_is_tried() {
        for (pin, limits, expected) in [
            ("1234", (4, 8), None),
            ("12345678", (4, 8), None),
            (" 12 34 ", (4, 8), None),
            ("", (0, 8), Some(PinProblem::Line(genome_files::SecretLineError::Empty))),
            ("123", (4, 8), Some(PinProblem::TooShort { least: 4 })),
            ("123456789", (4, 8), Some(PinProblem::TooLong { most: 8 })),
            // Four characters of five bytes: PKCS#11 counts bytes.
            ("123\u{e9}", (4, 4), Some(PinProblem::TooLong { most: 4 })),
            ("1234\r", (4, 8), Some(PinProblem::Control)),
            ("12\u{1b}34", (4, 8), Some(PinProblem::Control)),
            // What a token does not tell is not held against a PIN.
            ("1", (0, 0), None),
            ("1", (4, 0), None),
            ("1", (usize::MAX, usize::MAX), None),
            ("1", (4, usize::MAX), None),
        ] {
            assert_eq!(problem(pin, limits.0, limits.1), expected, "{pin:?} {limits:?}");
        }
    }
}
