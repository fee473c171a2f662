//! The answer to the question of a person.

use super::html::{badge, html, sentence};
use super::icon::Icon;
use crate::problem::Problem;
use genome::Decision;
use std::fmt::{self, Display};

/// What is decided about the action that was asked for.
pub(super) fn decided(decision: &Decision<'_>) -> String {
    let risk = fmt::from_fn(|out| match decision.risk_class() {
        Some(class) => write!(out, " {}", badge(&format!("risk-{class}"), format_args!("Risk class {class}"))),
        None => Ok(()),
    });
    let verdict = if decision.is_allowed() { allowed() } else { denied() };
    format!("{verdict} <span class=\"why\">{}</span>{risk}", sentence(&decision.to_string()))
}

/// Why there is no answer, neither yes nor no.
pub(super) fn missing(problem: &Problem) -> String {
    format!("{} <span class=\"why\">{}</span>", none(), html(problem.detail()))
}

/// The verdicts, which the script takes from the page.
pub(super) fn allowed() -> String {
    verdict("allow", Icon::Good, "Allowed")
}

pub(super) fn denied() -> String {
    verdict("deny", Icon::Stop, "Denied")
}

pub(super) fn none() -> String {
    verdict("none", Icon::Unknown, "No answer")
}

fn verdict(class: &str, icon: impl Display, word: &str) -> String {
    format!("<strong class=\"{class}\">{icon}{word}</strong>")
}
