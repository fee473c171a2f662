//! The number of a proposal.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The number of a proposal: four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProposalNumber(u16);

/// The text is not a number of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a number of four digits, such as 0042")]
pub struct ProposalNumberError;

impl ProposalNumber {
    /// The first there is.
    pub const FIRST: Self = Self(1);

    /// The next one; `None` after 9999.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        (self.0 < 9999).then_some(Self(self.0 + 1))
    }

    /// The number with which the name of a proposal's directory starts, before a hyphen and a few words.
    #[must_use]
    pub fn of_directory(name: &str) -> Option<Self> {
        let (number, words) = name.split_once('-')?;
        number.parse().ok().filter(|_| !words.is_empty())
    }
}

impl FromStr for ProposalNumber {
    type Err = ProposalNumberError;

    fn from_str(text: &str) -> Result<Self, ProposalNumberError> {
        let is_number = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().map(Self).map_err(|_| ProposalNumberError) } else { Err(ProposalNumberError) }
    }
}

impl fmt::Display for ProposalNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        for text in ["0000", "0001", "0042", "9999"] {
            assert_eq!(text.parse::<ProposalNumber>().unwrap().to_string(), text);
        }
        for text in ["", "1", "001", "00001", "+001", "-001", "000a", "٠٠٠١"] {
            assert_eq!(text.parse::<ProposalNumber>(), Err(ProposalNumberError), "{text}");
        }
        assert_eq!(ProposalNumber::FIRST.next().unwrap().to_string(), "0002");
        assert_eq!(ProposalNumber(9999).next(), None);
        assert_eq!(ProposalNumber::of_directory("0042-a-title"), Some(ProposalNumber(42)));
        for name in ["0042", "0042-", "42-a", "a-0042", "template"] {
            assert_eq!(ProposalNumber::of_directory(name), None, "{name}");
        }
    }
}
