//! The answer to the question of a person.

use super::html::{badge, html, sentence};
use super::icon::Icon;
use crate::problem::Problem;
use genome::Decision;
use std::fmt::{self, Display};

/// What is decided about the action that was asked for; `allowed` is the verdict where it is.
pub(super) fn decided(decision: &Decision<'_>, allowed: &str) -> String {
    let risk = fmt::from_fn(|out| match decision.risk_class() {
        Some(class) => write!(out, " {}", badge(&format!("risk-{class}"), format_args!("Risk class {class}"))),
        None => Ok(()),
    });
    let verdict = if decision.is_allowed() { allowed } else { &denied() };
    format!("{verdict} <span class=\"why\">{}</span>{risk}", sentence(&decision.to_string()))
}

/// Why there is no answer, neither yes nor no.
pub(super) fn missing(problem: &Problem) -> String {
    format!("{} <span class=\"why\">{}</span>", none(), html(problem.detail()))
}

/// The verdicts, which the script takes from the page. What a genome allows that nobody has reason to trust is not said without saying so.
pub(super) fn allowed(but: Option<&str>) -> String {
    let verdict = verdict("allow", Icon::Good, "Allowed");
    but.map_or_else(|| verdict.clone(), |but| format!("{verdict} {}", badge("danger", but)))
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
