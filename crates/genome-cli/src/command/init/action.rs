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
            ("E=x", RiskClass::D, "E=x"),
        ] {
            assert_eq!(text.parse(), Ok(GivenAction { class, action: action.to_owned() }));
        }
        assert!("B=".parse::<GivenAction>().is_err() && " ".parse::<GivenAction>().is_err());
    }
}
