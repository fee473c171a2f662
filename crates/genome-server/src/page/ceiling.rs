//! What the genome allows, on the page: a row for each capability, from risk class D to A. An action is shown under the answer that it gets, so that one
//! that another capability denies is not among what is allowed.

use super::html::{badge, cell, count, each, field, foreign, grouped, name_cell, table};
use crate::active::Active;
use genome::model::{Capability, RiskClass};
use genome::{Ceiling, Decision};
use genome_json::text::Field;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt::{self, Display, Formatter};

/// How many actions are shown; a person who wants to know of another asks.
const MOST_ACTIONS: usize = 2000;

/// How many capabilities are shown.
const MOST_CAPABILITIES: usize = 500;

/// How many actions are suggested while a person types.
const MOST_SUGGESTED: usize = 1000;

/// A capability, with what is shown of it.
struct Row<'g> {
    capability: &'g Capability,
    allowed: Vec<&'g str>,
    /// With the decision that denies it.
    denied: Vec<(&'g str, Decision<'g>)>,
    /// How many of both are shown.
    shown: usize,
}

/// How many actions are allowed, and how many denied by name.
pub(super) fn summary(ceiling: &Ceiling) -> impl Display {
    let (allowed, denied) = (ceiling.allowed(), grouped(ceiling.denied()));
    let are = if allowed == 1 { "is" } else { "are" };
    format!("{} {are} allowed, {denied} denied by name", count(allowed, "action"))
}

/// The table of the capabilities, with as much of them as is shown.
pub(super) struct Table<'g> {
    rows: Vec<Row<'g>>,
    /// How many capabilities are not shown.
    more: usize,
    /// How many actions are not shown, which a search in the table does not find.
    pub(super) unshown: usize,
}

impl<'g> Table<'g> {
    pub(super) fn of(active: &'g Active) -> Self {
        let mut sorted: Vec<&Capability> = active.genome().capabilities.iter().collect();
        sorted.sort_by_key(|capability| Reverse(capability.risk_class));
        let listed = sorted.iter().map(|capability| capability.allow_actions.len() + capability.deny_actions.len());
        let all: usize = listed.sum();
        let mut left = MOST_ACTIONS;
        let shown = sorted.iter().take(MOST_CAPABILITIES);
        let rows: Vec<Row<'_>> = shown.map(|capability| Row::of(capability, active.ceiling(), &mut left)).collect();
        Self { more: sorted.len() - rows.len(), rows, unshown: all - (MOST_ACTIONS - left) }
    }
}

impl Display for Table<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { rows, more, .. } = self;
        if rows.is_empty() {
            return out.write_str("<p>The genome names no capability: every action is denied.</p>");
        }
        table("From risk class D to A", &["Risk", "Capability", "Actions"], each(rows, Display::fmt)).fmt(out)?;
        if *more > 0 {
            write!(out, "<p>{} more are in <a href=\"genome\">the genome as JSON</a>.</p>", grouped(*more))?;
        }
        Ok(())
    }
}

/// The actions to suggest. One that would not show as it is could not be told from another.
pub(super) fn suggestions(active: &Active) -> impl Display {
    fmt::from_fn(|out| {
        let capabilities = &active.genome().capabilities;
        let all = capabilities.iter().flat_map(|capability| capability.allow_actions.iter().chain(&capability.deny_actions));
        let mut seen = HashSet::new();
        let mut plain = all.filter(|action| Field(action).to_string() == **action && seen.insert(*action));
        plain.by_ref().take(MOST_SUGGESTED).try_for_each(|action| writeln!(out, "<option value=\"{}\"></option>", field(action)))
    })
}

impl<'g> Row<'g> {
    /// What is shown of a capability, of as many actions as are left to show.
    fn of(capability: &'g Capability, ceiling: &'g Ceiling, left: &mut usize) -> Self {
        let Capability { allow_actions, deny_actions, .. } = capability;
        let (mut allowed, mut denied) = (Vec::new(), Vec::new());
        for action in allow_actions.iter().chain(deny_actions) {
            let decision = ceiling.decide(action);
            if decision.is_allowed() { allowed.push(action.as_str()) } else { denied.push((action.as_str(), decision)) }
        }
        let shown = (*left).min(allowed.len() + denied.len());
        *left -= shown;
        Self { capability, allowed, denied, shown }
    }

    fn summary(&self) -> String {
        format!("{} allowed, {} denied", grouped(self.allowed.len()), grouped(self.denied.len()))
    }

    fn actions(&self, out: &mut Formatter<'_>) -> fmt::Result {
        // They are open: without the script all is simply visible.
        write!(out, "<details open><summary>{}</summary>", self.summary())?;
        let allowed = self.allowed.get(..self.shown).unwrap_or(&self.allowed);
        let denied = self.denied.get(..self.shown - allowed.len()).unwrap_or(&self.denied);
        let allow = |action: &&str, out: &mut Formatter<'_>| write!(out, "<li><code>{}</code></li>", foreign(action));
        list(out, "Allowed", "allowed", allowed, allow)?;
        list(out, "Denied", "denied", denied, |(action, decision), out| {
            write!(out, "<li><code>{}</code>", foreign(action))?;
            match decision.cap_id() {
                Some(cap_id) if cap_id != self.capability.cap_id => {
                    write!(out, " <span class=\"note\">by {}</span></li>", foreign(cap_id))
                }
                _ => out.write_str("</li>"),
            }
        })?;
        let more = self.allowed.len() + self.denied.len() - self.shown;
        if more > 0 {
            write!(out, "<p class=\"note\">{} more are not shown: check them above.</p>", grouped(more))?;
        }
        out.write_str("</details>")
    }
}

impl Display for Row<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Capability { cap_id, risk_class, .. } = self.capability;
        let risk = badge(&format!("risk-{risk_class}"), risk_class).to_string();
        writeln!(
            out,
            "<tr role=\"row\" data-group=\"{risk_class}\">{}{}{}</tr>",
            cell("Risk", format_args!("{risk} <span class=\"note\">{}</span>", meaning(*risk_class))),
            name_cell("Capability", foreign(cap_id)),
            cell("Actions", fmt::from_fn(|out| self.actions(out))),
        )
    }
}

fn list<T>(
    out: &mut Formatter<'_>,
    title: &str,
    class: &str,
    items: &[T],
    item: impl Fn(&T, &mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    write!(out, "<p class=\"label\">{title}</p><ul role=\"list\" class=\"actions {class}\">")?;
    items.iter().try_for_each(|one| item(one, out))?;
    out.write_str("</ul>")
}

fn meaning(class: RiskClass) -> &'static str {
    match class {
        RiskClass::A => "harmless",
        RiskClass::B => "reads",
        RiskClass::C => "writes",
        RiskClass::D => "cannot be undone",
    }
}
