//! The actions that the first genome allows, as they are given.

use genome::model::RiskClass;
use std::str::FromStr;

/// An action, and the risk class of the capability that allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenAction {
    pub(crate) class: RiskClass,
    pub(crate) action: String,
}

impl FromStr for GivenAction {
    type Err = &'static str;

    /// `CLASS=ACTION`, or an action alone. What nobody has classified counts as the gravest class.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let class = |name: &str| RiskClass::ALL.iter().copied().find(|class| class.as_str() == name);
        let classified = text.split_once('=').and_then(|(name, action)| Some((class(name)?, action)));
        let is_letter = |name: &str| name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if classified.is_none() && text.split_once('=').is_some_and(|(name, _)| is_letter(name)) {
            return Err("the risk classes are A, B, C and D, as in B=memory_search");
        }
        let (class, action) = classified.unwrap_or((RiskClass::D, text));
        if action.trim().is_empty() {
            return Err("an action belongs here, such as B=memory_search");
        }
        Ok(Self { class, action: action.to_owned() })
    }
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
        ] {
            assert_eq!(text.parse(), Ok(GivenAction { class, action: action.to_owned() }));
        }
        assert!("E=x".parse::<GivenAction>().is_err() && "b=x".parse::<GivenAction>().is_err());
        assert!("B=".parse::<GivenAction>().is_err() && " ".parse::<GivenAction>().is_err());
    }
}
