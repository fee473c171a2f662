//! Words of a line that a person copies together: commands, options with their values, paths.

/// The commands of `genome`. A test of their table finds one that is missing here.
pub(crate) const COMMANDS: [&str; 15] = [
    "completions",
    "diff",
    "draft",
    "help",
    "init",
    "keygen",
    "man",
    "mcp",
    "merge",
    "propose",
    "schema",
    "server",
    "sign",
    "trust",
    "verify",
];

/// Whether a command begins with these two words that stands in a sentence without backticks. It is not to be broken, up to its end: what goes on in
/// the next row could be run alone. `genome`, `genome-sign` and `git` alone are also words of a sentence.
pub(super) fn begins_bare(word: &str, next: &str) -> bool {
    match word.trim_start_matches('(') {
        "chmod" | "chown" | "cp" => true,
        "git" => next == "show",
        "genome" => COMMANDS.contains(&inside(next)),
        word => word.starts_with("genome-") && !ends_command(word) && is_argument(next),
    }
}

/// Whether a command that stands in a sentence, without backticks, ends with this word and the blanks behind it but for the last.
pub(super) fn ends_command(word: &str) -> bool {
    word.ends_with([' ', '`']) || ends_clause(word)
}

/// Whether a word ends with a sign of punctuation. One that has nothing else is a directory, such as `.`.
fn ends_clause(word: &str) -> bool {
    !inside(word).is_empty() && word.ends_with(['.', ',', ';', ':', ')'])
}

/// Whether two words belong together, as a person may copy them: a command and its arguments, an option and its value, a path.
pub(super) fn are_of_one_command(word: &str, next: &str) -> bool {
    let is_quoted = word.contains('`') || next.contains('`');
    !ends_clause(word) && !is_quoted && (begins_command(word) || is_option(word) || is_value(word) || is_argument(next))
}

/// Whether a text, or a word, is a command to be copied, or its beginning.
pub(super) fn begins_command(text: &str) -> bool {
    const PROGRAMS: [&str; 12] =
        ["chmod", "chown", "cp", "curl", "eval", "export", "git", "ip", "openssl", "pkcs11-tool", "ssh-add", "ssh-keygen"];
    let word = first_word(text);
    word.starts_with("genome-") || word.starts_with("(umask") || PROGRAMS.contains(&word) || text.starts_with("genome ")
}

fn is_option(word: &str) -> bool {
    word.starts_with('-') && word != "->"
}

/// A path or an assignment.
fn is_value(word: &str) -> bool {
    inside(word).contains(['/', '.', '=', ':'])
}

fn is_argument(word: &str) -> bool {
    let name = inside(word);
    let is_name = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_option(word) || is_value(word) || is_name || [">", "<", "|", "&&"].contains(&word)
}

fn inside(word: &str) -> &str {
    word.trim_matches(|character: char| ".,;:()".contains(character))
}

/// What is before the first blank.
pub(super) fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}
