//! Paths from the environment. Files of variables, units and manifests of containers pass on what a shell would have taken away: quotes,
//! a carriage return, a blank at the end. Taken to the letter, such a path names another file, and where one is made that is not there, a
//! safeguard begins anew.

use genome_json::text::{EscapedPath, Printable};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A malformed path in a variable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{variable} is `{prefix}{shown}`, {problem}")]
pub struct VariableError {
    variable: &'static str,
    /// What stands before the path, as `file:`.
    prefix: &'static str,
    shown: String,
    problem: &'static str,
}

impl VariableError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        let Self { variable, prefix, .. } = self;
        let wanted = if prefix.is_empty() { "the path alone".to_owned() } else { format!("`{prefix}` and the path alone") };
        format!("set {variable} to {wanted}; a file whose name is really so has to be renamed")
    }
}

/// The path in a variable, if it is set.
///
/// # Errors
/// It begins or ends with white space, with a character that does not show, or with a quotation mark. It is shown with that escaped.
pub fn path_in_variable(variable: &'static str) -> Result<Option<PathBuf>, VariableError> {
    env::var_os(variable).map(|value| plain_path(variable, "", value)).transpose()
}

/// A path that was taken from this variable, if it is plain. `prefix` is what stands before it there, such as `file:`.
///
/// # Errors
/// As [`path_in_variable`].
pub fn plain_path(variable: &'static str, prefix: &'static str, value: OsString) -> Result<PathBuf, VariableError> {
    // What is not UTF-8 is a name on a disk, and nobody wrote it by mistake.
    let text = value.to_string_lossy();
    let blank = |character: char| character.is_whitespace() || Printable::escapes(character);
    let ends = [text.chars().next(), text.chars().next_back()];
    let problem = match ends {
        [_, Some(last)] if blank(last) => "which ends in white space or a character that does not show",
        [Some(first), _] if blank(first) => "which begins with white space or a character that does not show",
        [Some('"' | '\''), _] | [_, Some('"' | '\'')] => "which begins or ends with a quotation mark",
        _ => return Ok(value.into()),
    };
    Err(VariableError { variable, prefix, shown: shown_value(&value), problem })
}

/// The value of a variable with invisible characters escaped, and blanks at its ends too.
#[must_use]
pub fn shown_value(value: &OsStr) -> String {
    let shown = EscapedPath(Path::new(value)).to_string();
    let inner = shown.trim_matches(char::is_whitespace);
    let escaped = |blank: &str| blank.chars().map(|blank| blank.escape_unicode().to_string()).collect::<String>();
    let start = shown.len() - shown.trim_start().len();
    let before = shown.get(..start).unwrap_or_default();
    let after = shown.get(start + inner.len()..).unwrap_or_default();
    format!("{}{inner}{}", escaped(before), escaped(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt as _;

    fn refused(value: &str) -> String {
        plain_path("PATH_OF_IT", "", value.into()).unwrap_err().to_string()
    }

    #[test]
    fn a_path_is_taken_to_the_letter_or_not_at_all() {
        for plain in ["q/s", "a b", "it's", "a\nb", "é", "-", ""] {
            assert_eq!(plain_path("PATH_OF_IT", "", plain.into()), Ok(plain.into()));
        }
        let bytes = OsString::from_vec(b"a/\xff".to_vec());
        assert_eq!(plain_path("PATH_OF_IT", "", bytes.clone()), Ok(bytes.into()));
        for (value, shown) in [
            ("q/s\r", "q/s\\u{d}"),
            ("q/s\n", "q/s\\u{a}"),
            ("q/s \t ", "q/s \\u{9}\\u{20}"),
            ("q/s\u{a0}", "q/s\\u{a0}"),
            ("q/s\u{feff}", "q/s\\u{feff}"),
            ("q/s\u{200b}", "q/s\\u{200b}"),
            (" ", "\\u{20}"),
        ] {
            assert!(
                refused(value).starts_with(&format!("PATH_OF_IT is `{shown}`, which ends in white space")),
                "{}",
                refused(value)
            );
        }
        assert!(refused(" q/s").starts_with("PATH_OF_IT is `\\u{20}q/s`, which begins with white space"));
        assert!(refused("\u{feff}q/s").starts_with("PATH_OF_IT is `\\u{feff}q/s`, which begins with white space"));
        for quoted in ["\"q/s\"", "'q/s'", "\"q/s", "q/s'"] {
            assert_eq!(refused(quoted), format!("PATH_OF_IT is `{quoted}`, which begins or ends with a quotation mark"));
        }
        let refused = plain_path("KEY", "file:", "q/s ".into()).unwrap_err();
        assert!(refused.to_string().starts_with("KEY is `file:q/s\\u{20}`, which ends in white space"), "{refused}");
        assert!(refused.hint().starts_with("set KEY to `file:` and the path alone; "), "{}", refused.hint());
    }
}
