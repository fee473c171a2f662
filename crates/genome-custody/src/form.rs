//! The forms of references to keys, as hints and help name them.

use genome::audit::Custody;

/// The form of a reference, such as `env:NAME`.
pub(crate) fn form(custody: Custody) -> String {
    format!("{}:{}", custody.as_str(), custody.operand())
}

/// The forms of all references, as a list for a person: each in backticks.
#[must_use]
pub fn reference_forms() -> String {
    listed(|custody| Some(format!("`{}`", form(custody))))
}

/// What all kinds say, as a list: `a, b or c`.
pub(crate) fn listed(of: impl Fn(Custody) -> Option<String>) -> String {
    let all: Vec<String> = Custody::ALL.iter().filter_map(|&custody| of(custody)).collect();
    match all.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => all.concat(),
    }
}
