//! What a schema refuses.

use crate::concept::{KEY_GENERATOR, SIGNING};
use crate::hint::Hint;
use crate::key::PublicKeyError;
use crate::named::nearest;
use genome_json::text::{Bare, Quoted, excerpt};
use std::fmt;
use thiserror::Error;

/// Everything in a document that the schema refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    pub(crate) first: Vec<Fault>,
    pub(crate) more: usize,
}

impl Faults {
    /// The faults, in the order in which they were found; of very many, the first 1000.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.first.iter()
    }

    /// How many there are beyond those.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

impl<'f> IntoIterator for &'f Faults {
    type Item = &'f Fault;
    type IntoIter = std::slice::Iter<'f, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A value that the schema refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The JSON Pointer (RFC 6901) of the value; the empty one is the whole document.
    pub pointer: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What the schema refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A required field is absent.
    #[error("the field `{0}` is missing")]
    MissingField(&'static str),
    /// A field that the schema does not name.
    #[error("the schema has no field {}", Quoted(name))]
    UnknownField {
        /// Its name.
        name: String,
        /// The name of the schema that is nearest to it, if one is near.
        nearest: Option<&'static str>,
    },
    /// A value of another JSON type.
    #[error("expected {expected}, found {found}")]
    WrongKind {
        /// What the schema asks for.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// Another version of the schema.
    #[error("unknown schema version {}", Quoted(found))]
    SchemaVersion {
        /// The version, or its start.
        found: String,
        /// The versions that are read.
        expected: &'static [&'static str],
    },
    /// A text that its type does not take.
    #[error("{} is refused: {reason}", Quoted(text))]
    Malformed {
        /// The text, or its start.
        text: String,
        /// What the type says.
        reason: String,
    },
    /// A text that is none of the few that are allowed.
    #[error("{} is not one of {}", Quoted(found), OneOf(allowed))]
    NotOneOf {
        /// The text.
        found: String,
        /// The texts that are allowed.
        allowed: Vec<&'static str>,
    },
    /// An empty text.
    #[error("an empty text")]
    Empty,
    /// White space at either end of a text.
    #[error("white space at the start or the end of the text")]
    Padded,
    /// A character that does not show, or changes how others show.
    #[error("the character U+{:04X}, which does not show", u32::from(*.0))]
    Invisible(char),
    /// A text of too many characters.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A number that is not written as an integer of 0 or more.
    #[error("{} is not written as a plain integer", Quoted(.0))]
    NotAnInteger(String),
    /// A number of days that is 0.
    #[error("0 days: nothing would be young enough")]
    NoDays,
    /// A value that is not a number of approvals.
    #[error("{} is not a number of approvals", Quoted(.0))]
    NotApprovals(String),
    /// A checksum of other contents.
    #[error("not the digest of what stands beside it")]
    Checksum,
    /// A value that must be unique and is not.
    #[error("the same {what} as at {}", Bare(first))]
    Repeated {
        /// What must differ.
        what: &'static str,
        /// The pointer of the first.
        first: String,
    },
    /// An authority without signers.
    #[error("an authority without signers")]
    NoSigners,
    /// An authority with more signers than are read.
    #[error("more than {0} signers")]
    TooManySigners(usize),
    /// A genome with more signatures than are read.
    #[error("more than {0} signatures")]
    TooManySignatures(usize),
    /// A threshold of 0.
    #[error("a threshold of 0: nobody would have to sign")]
    ThresholdZero,
    /// A threshold that can never be met.
    #[error("a threshold of {threshold} can never be met by {signers} signers")]
    ThresholdTooHigh {
        /// The threshold.
        threshold: usize,
        /// The number of signers listed.
        signers: usize,
    },
    /// Not a public key.
    #[error("not a public key: {0}")]
    PublicKey(PublicKeyError),
    /// A private key.
    #[error("a private key")]
    PrivateKey,
    /// An action that one capability both allows and denies.
    #[error("the capability both allows and denies this action")]
    AllowedAndDenied,
    /// Pins in a genome of the version that has none.
    #[error("`genome.v0.1` has no `tools`")]
    PinsBeforeTheirVersion,
    /// A genome of the version with pins that pins nothing.
    #[error("`genome.v0.2` without a pin in `tools`")]
    NoPins,
    /// More pins than are read.
    #[error("more than {0} pins")]
    TooManyPins(usize),
    /// A pin of an action that is not allowed, or that has no definition: that of a method.
    #[error("a pin for nothing: the capabilities do not allow this action, or it is that of a method")]
    NothingToPin,
    /// A file of probes that asks for nothing.
    #[error("no action is probed")]
    NoProbes,
    /// `signature` and `signatures` in one document.
    #[error("both `signature` and `signatures`")]
    TwoSignatureFields,
    /// Not the text of a signature.
    #[error("not the padded base64 of a 64-byte signature, in its one canonical form (RFC 4648 section 4)")]
    SignatureText,
}

impl Problem {
    pub(crate) fn malformed(text: &str, reason: &impl fmt::Display) -> Self {
        Self::Malformed { text: excerpt(text), reason: reason.to_string() }
    }

    pub(crate) fn not_one_of(text: &str, allowed: Vec<&'static str>) -> Self {
        Self::NotOneOf { found: excerpt(text), allowed }
    }

    pub(crate) fn unknown_field(name: &str, known: impl Iterator<Item = &'static str>) -> Self {
        Self::UnknownField { name: excerpt(name), nearest: nearest(name, known) }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::MissingField(name) => format!("add `{name}`").into(),
            Self::UnknownField { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?").into(),
            Self::UnknownField { nearest: None, .. } => "remove it: what the schema does not know, nobody would enforce".into(),
            Self::WrongKind { expected, .. } => format!("write {expected}").into(),
            Self::SchemaVersion { expected, .. } => format!("this version reads {}", OneOf(expected)).into(),
            Self::Malformed { .. } => "correct the text".into(),
            Self::NotOneOf { allowed, .. } => format!("write {}", OneOf(allowed)).into(),
            Self::Empty => "write what is meant".into(),
            Self::Padded => "remove the white space".into(),
            Self::Invisible(_) => "remove the character: a reader cannot see it".into(),
            Self::TooLong(longest) => format!("use at most {longest} characters").into(),
            Self::NotAnInteger(_) => "write an integer such as 1: no sign, fraction, exponent or quotes".into(),
            Self::NoDays => "set it to 1 or more, or remove it".into(),
            Self::NotApprovals(_) => "write `all`, or an integer of 1 or more without quotes".into(),
            Self::Checksum => "the file was damaged or edited".into(),
            Self::Repeated { what, .. } => format!("give each its own {what}, or remove one").into(),
            Self::NoSigners => "add the signer object that " + KEY_GENERATOR + " printed",
            Self::TooManySigners(most) => format!("name at most {most}").into(),
            Self::TooManySignatures(most) => {
                format!("keep at most {most}, those of the authority and of its parents' authorities").into()
            }
            Self::ThresholdZero => "set it to 1 or more".into(),
            Self::ThresholdTooHigh { signers: 0, .. } => "add signers first: nobody can sign it".into(),
            Self::ThresholdTooHigh { signers, .. } => format!("set it to at most {signers}, or add signers").into(),
            Self::PublicKey(PublicKeyError::NotCanonical | PublicKeyError::SmallOrder | PublicKeyError::MixedOrder) => {
                "no key generator makes such a key: ask where it comes from, and use one that " + KEY_GENERATOR + " printed"
            }
            Self::PublicKey(_) => "use `public_key` as " + KEY_GENERATOR + " printed it",
            Self::PrivateKey => "the key is compromised: make a new one with " + KEY_GENERATOR + ", and put its `public_key` here",
            Self::AllowedAndDenied => "remove it from `allow_actions` or from `deny_actions`".into(),
            Self::PinsBeforeTheirVersion => "write `genome.v0.2` in `schema_version`, or remove the pins".into(),
            Self::NoPins => "pin a tool, or write `genome.v0.1` in `schema_version` and leave `tools` out".into(),
            Self::TooManyPins(most) => format!("keep at most {most}, those of the tools that are used").into(),
            Self::NothingToPin => {
                "let a capability allow the action, and none deny it, or remove the pin; tools are pinned as `NAME/TOOL`, and instructions of a server as `NAME:instructions`".into()
            }
            Self::NoProbes => "name one that must be allowed or denied: a file that asks for nothing proves nothing".into(),
            Self::TwoSignatureFields => "keep `signature` for one signature, or `signatures` for several".into(),
            Self::SignatureText => "sign again with " + SIGNING,
        }
    }
}

/// Texts as a list with `or`.
struct OneOf<'t>(&'t [&'static str]);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, text) in self.0.iter().enumerate() {
            let separator = match index {
                0 => "",
                _ if index + 1 == self.0.len() => " or ",
                _ => ", ",
            };
            write!(formatter, "{separator}`{text}`")?;
        }
        Ok(())
    }
}
