//! What the readers refuse and JSON Schema cannot: a closed list.

use super::readers::Objection;
use genome::key::PublicKeyError;
use genome::refusal::Problem;
use serde_json::Value;

/// A kind of fault that JSON Schema has no words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Inexpressible {
    /// A schema sees what a parser has made of the text.
    StrictJson,
    /// `uniqueItems` compares whole items.
    Distinct,
    /// One list cannot be compared with another.
    AllowedAndDenied,
    /// The same.
    NothingToPin,
    /// A number cannot be compared with the length of a list.
    Threshold,
    /// To a schema, 1.0 is an integer.
    Integer,
    /// A pattern does not calculate on a curve.
    Point,
    /// A pattern of the numbers below 2^64 has twenty cases, which nobody would read; 20 digits are as near as one case comes.
    VersionNumber,
    /// It depends on the day, the month and the offset from UTC together.
    LeapSecond,
    /// A schema computes no digest.
    Checksum,
    /// A schema sees one line.
    Chain,
    /// A schema does not see how the text is written.
    Canonical,
    /// A schema does not see how long the text is.
    Length,
}

impl Inexpressible {
    /// Each of them must be seen.
    pub(crate) const ALL: [Self; 13] = [
        Self::StrictJson,
        Self::Distinct,
        Self::AllowedAndDenied,
        Self::NothingToPin,
        Self::Threshold,
        Self::Integer,
        Self::Point,
        Self::VersionNumber,
        Self::LeapSecond,
        Self::Checksum,
        Self::Chain,
        Self::Canonical,
        Self::Length,
    ];

    /// How the comment of a schema names it.
    fn words(self) -> &'static str {
        match self {
            Self::StrictJson => "the rules of strict JSON (RFC 7493), such as that no name stands twice in an object",
            Self::Distinct => "items that must differ in one member do, although they differ in others",
            Self::AllowedAndDenied => "no action is both allowed and denied in one capability",
            Self::NothingToPin => {
                "an action that is pinned is that of a tool which is allowed, or the instructions of a server which are not denied"
            }
            Self::Threshold => "`threshold` is at most the number of signers",
            Self::Integer => "an integer is written as one, where `1.0` and `1e0` are refused",
            Self::Point => "a public key is a canonical point of the curve, without a part of small order",
            Self::VersionNumber => "the numbers of a version are below 2^64",
            Self::LeapSecond => "a second 60 is one that was, at the end of a month in UTC",
            Self::Checksum => "`sha256` is the digest of what stands beside it",
            Self::Chain => "`line`, `previous` and `torn` follow from what stands before the line",
            Self::Canonical => "the line is in canonical form (RFC 8785)",
            Self::Length => "the line is at most 64 KiB long",
        }
    }

    /// The one that is named so.
    pub(crate) fn said(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.words() == words)
    }

    /// The kind of an objection to a document, if no schema could make it.
    pub(crate) fn of(objection: &Objection, document: &Value) -> Option<Self> {
        use genome::audit::AuditProblem as Line;
        let (pointer, problem) = match objection {
            Objection::Json => return Some(Self::StrictJson),
            Objection::Secret => return None,
            Objection::Line(Line::NotCanonical) => return Some(Self::Canonical),
            Objection::Line(Line::TooLong) => return Some(Self::Length),
            Objection::Line(_) => return Some(Self::Chain),
            Objection::Schema(pointer, problem) => (pointer, problem),
        };
        match problem {
            Problem::Repeated { first, .. } if item(document, pointer) != item(document, first) => Some(Self::Distinct),
            Problem::AllowedAndDenied => Some(Self::AllowedAndDenied),
            Problem::NothingToPin => Some(Self::NothingToPin),
            Problem::ThresholdTooHigh { .. } => Some(Self::Threshold),
            Problem::NotAnInteger(text) if text.contains(['.', 'e']) => Some(Self::Integer),
            Problem::PublicKey(PublicKeyError::NotCanonical | PublicKeyError::SmallOrder | PublicKeyError::MixedOrder) => {
                Some(Self::Point)
            }
            Problem::Malformed { text, .. } if text.get(16..19) == Some(":60") => Some(Self::LeapSecond),
            Problem::Malformed { text, .. } if has_number_of_20_digits(text) => Some(Self::VersionNumber),
            Problem::Checksum => Some(Self::Checksum),
            _ => None,
        }
    }
}

/// The innermost item of a list that a pointer is in.
fn item<'d>(document: &'d Value, pointer: &str) -> Option<&'d Value> {
    let is_index = |step: &str| step.bytes().all(|byte| byte.is_ascii_digit());
    let (list, member) = pointer.rsplit_once('/')?;
    if is_index(member) { document.pointer(pointer) } else { item(document, list) }
}

fn has_number_of_20_digits(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').any(|number| number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit()))
}
