//! The actions that the first genome allows, as they are given.

use crate::{Failure, Finding};
use genome::model::RiskClass;
use genome_json::text::Quoted;
use std::str::FromStr;

/// An action, and the risk class of the capability that allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAction {
    given: Option<RiskClass>,
    pub(crate) action: String,
}

impl FromStr for GivenAction {
    type Err = String;

    /// `CLASS=ACTION`, or an action alone. What nobody has classified counts as the gravest class.
    ///
    /// A genome may call an action anything. What a person types here is refused where it looks like a slip: it would be an action that nobody asks for,
    /// and the one that was meant would be denied.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err("an action belongs here, such as B=memory_search".to_owned());
        }
        if text.contains(char::is_whitespace) {
            return Err(
                "an action has no white space in it: put a comma between several, as in B=memory_search,A=health_check".to_owned()
            );
        }
        let (class, action) = match text.split_once('=') {
            Some((name, action)) if is_letter(name) => (Some(risk_class(name).ok_or_else(no_class)?), action),
            Some(("", action)) => return Err(format!("a risk class belongs before the `=`, as in B={action}")),
            _ => (None, text),
        };
        if action.is_empty() || (class.is_none() && risk_class(action).is_some()) {
            return Err("an action belongs behind the risk class, as in B=memory_search".to_owned());
        }
        if action.starts_with('=') {
            return Err(format!(
                "one `=` belongs between the risk class and the action, as in B={}",
                action.trim_start_matches('=')
            ));
        }
        if class.is_none()
            && let Some((name, rest)) = with_other_separator(action)
        {
            let (meant, whole) = (format!("{name}={rest}"), format!("D={action}"));
            return Err(format!(
                "`=` belongs behind the risk class: write {}, or {} if that is the whole action",
                Quoted(&meant),
                Quoted(&whole)
            ));
        }
        Ok(Self { given: class, action: action.to_owned() })
    }
}

impl GivenAction {
    /// The action.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Another action, in the same class.
    #[must_use]
    pub fn for_action(&self, action: String) -> Self {
        Self { given: self.given, action }
    }

    /// The class, which is the gravest where none is given.
    #[must_use]
    pub fn class(&self) -> RiskClass {
        self.given.unwrap_or(RiskClass::D)
    }

    /// The warning about actions without a class beside others that have one: in `B=a,b` the class seems to be that of both.
    pub(crate) fn unclassified(actions: &[Self]) -> Option<Finding> {
        let without: Vec<&str> = actions.iter().filter(|given| given.given.is_none()).map(|given| given.action.as_str()).collect();
        let class = actions.iter().find_map(|given| given.given)?;
        let first = without.first()?;
        let names = without.iter().map(|action| Quoted(action).to_string()).collect::<Vec<_>>().join(", ");
        let message = format!("no risk class stands before {names}: without one an action is of class D");
        let hint = format!("a class counts for one action: write it before each, as in {}", Quoted(&format!("{class}={first}")));
        Some(Finding::warning(message, hint))
    }
}

/// What is said of a class that there is not.
fn no_class() -> String {
    format!("the risk classes are {}, as in B=memory_search", RiskClass::listed("and"))
}

/// Refuses an action that is given twice: the capability of the lower class would speak for it where others show the genome.
pub(crate) fn check_distinct(actions: &[GivenAction]) -> Result<(), Failure> {
    for (index, given) in actions.iter().enumerate() {
        let (action, class) = (&given.action, given.class());
        if let Some(first) = actions.iter().take(index).find(|other| other.action == *action) {
            let message = format!("the action {} is given twice, as {} and as {class}", Quoted(action), first.class());
            return Err(Failure::refused(Finding::error(message, "nothing was made; give it once, with the class that it has")));
        }
    }
    Ok(())
}

fn risk_class(name: &str) -> Option<RiskClass> {
    RiskClass::ALL.iter().copied().find(|class| class.as_str() == name)
}

fn is_letter(name: &str) -> bool {
    name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A class and what stands behind another mark than `=`. Behind a small letter only a colon is one: `d-bus` may be an action.
fn with_other_separator(text: &str) -> Option<(String, &str)> {
    let (name, rest) = text.split_at_checked(1)?;
    let mark = rest.chars().next()?;
    let is_mark =
        if risk_class(name).is_some() { !mark.is_alphanumeric() && mark != '_' } else { matches!(mark, ':' | '\u{ff1a}') };
    let upper = name.to_ascii_uppercase();
    let rest = rest.trim_start_matches(|character: char| !character.is_alphanumeric());
    (is_mark && risk_class(&upper).is_some() && !rest.is_empty()).then_some((upper, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_stands_before_the_action() {
        for (text, class, action) in [
            ("B=memory_search", RiskClass::B, "memory_search"),
            ("erase", RiskClass::D, "erase"),
            ("A=a=b", RiskClass::A, "a=b"),
            ("ab=x", RiskClass::D, "ab=x"),
            (" B=x ", RiskClass::B, "x"),
            ("D=b:x", RiskClass::D, "b:x"),
            ("files:resources/read", RiskClass::D, "files:resources/read"),
            ("d-bus", RiskClass::D, "d-bus"),
            ("b/tool", RiskClass::D, "b/tool"),
            ("x:y", RiskClass::D, "x:y"),
            ("A_team", RiskClass::D, "A_team"),
        ] {
            let given: GivenAction = text.parse().unwrap();
            assert_eq!((given.class(), given.action.as_str()), (class, action), "{text}");
        }
    }

    #[test]
    fn a_slip_is_refused_with_the_right_spelling() {
        for (text, said) in [
            ("E=x", "A, B, C and D"),
            ("b=x", "A, B, C and D"),
            ("", "an action belongs here"),
            (" ", "an action belongs here"),
            ("B=", "behind the risk class"),
            ("B", "behind the risk class"),
            ("x y", "no white space"),
            ("B=x\u{a0}y", "no white space"),
            ("B = x", "no white space"),
            ("=x", "as in B=x"),
            ("=", "as in B="),
            ("B==x", "as in B=x"),
            ("B:x", "write `B=x`, or `D=B:x` if"),
            ("b:x", "write `B=x`, or `D=b:x` if"),
            ("C->x", "write `C=x`, or `D=C->x` if"),
            ("A-x", "write `A=x`"),
            ("A\u{ff1d}x", "write `A=x`"),
        ] {
            let refused = text.parse::<GivenAction>().unwrap_err();
            assert!(refused.contains(said), "{text}: {refused}");
        }
    }
}
