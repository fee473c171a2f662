//! Why a text is not the URI of a key.

use super::{Feature, OBJECT, QUERY};
use std::fmt;
use thiserror::Error;

/// Why a text is not the URI of a key. It names attributes, and repeats no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UriError {
    /// An attribute without a value.
    #[error("{0} of the PKCS#11 URI has no `=` and no value")]
    NoValue(UriAttribute),
    /// A `%` that must be written as `%25`.
    #[error("{0} of the PKCS#11 URI has a `%` without two hexadecimal digits after it")]
    Percent(UriAttribute),
    /// A text with bytes that are none.
    #[error("{0} of the PKCS#11 URI is not UTF-8 text")]
    NotText(UriAttribute),
    /// A path or a name that is empty.
    #[error("{0} of the PKCS#11 URI is empty")]
    Empty(UriAttribute),
    /// Not the number of a slot or a version.
    #[error("{0} of the PKCS#11 URI is not a number")]
    NotNumber(UriAttribute),
    /// The URI carries the PIN itself.
    #[error("the PIN stands in the PKCS#11 URI, where others can read it")]
    Pin,
    /// A program is to print the PIN.
    #[error("`pin-source` is a command, and only a file can be read")]
    PinCommand,
    /// An attribute stands there twice.
    #[error("{0} stands twice in the PKCS#11 URI")]
    Repeated(UriAttribute),
    /// An unknown attribute, which would be ignored.
    #[error("{0} of the PKCS#11 URI is not known here")]
    Unknown(UriAttribute),
    /// An attribute of the query, in front of it.
    #[error("{0} of the PKCS#11 URI stands before the `?`")]
    BelongsInQuery(UriAttribute),
    /// An attribute of the path, in the query.
    #[error("{0} of the PKCS#11 URI stands after the `?`")]
    BelongsInPath(UriAttribute),
    /// An object of another class.
    #[error("`type` of the PKCS#11 URI names {0}, and the private key signs")]
    NotPrivate(&'static str),
}

/// An attribute of a URI, as far as it can be shown: what stands where a name should may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UriAttribute {
    /// By what looks like a name.
    Named(String),
    /// By its place among the attributes, counted from 1.
    Number(usize),
}

impl UriAttribute {
    /// What stands before the `=`.
    pub(super) fn new(name: &str, number: usize) -> Self {
        // The longest name that the RFC knows has 20 characters; a key in base64 has 43 and more.
        let is_name = name.len() <= 24
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if is_name { Self::Named(name.to_owned()) } else { Self::Number(number) }
    }

    /// What stands there without a `=`, which is a name only where it is one that is known.
    pub(super) fn without_value(text: &str, number: usize) -> Self {
        let is_known = Feature::of_name(text).is_some() || OBJECT.contains(&text) || QUERY.contains(&text);
        if is_known { Self::Named(text.to_owned()) } else { Self::Number(number) }
    }
}

impl fmt::Display for UriAttribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(formatter, "the attribute `{name}`"),
            Self::Number(number) => write!(formatter, "attribute {number}"),
        }
    }
}

impl UriError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoValue(_) | Self::Percent(_) | Self::NotText(_) | Self::Empty(_) => {
                "write it as in 'pkcs11:token=release;object=production-key-001?pin-source=/etc/genome/pin', any other sign as %xx, and quote it for the shell"
            }
            Self::NotNumber(_) => {
                "write `slot-id` as a decimal number, and `library-version` as two with a dot between them, such as 2.6"
            }
            Self::Pin => "set a new PIN, and put it into a file that `pin-source` names, or leave it away, and it is asked for",
            Self::PinCommand => "let `pin-source` be the path of a file, or leave it away, and the PIN is asked for",
            Self::Repeated(_) => "name each once",
            Self::Unknown(_) => {
                "leave it out; the URI may have token, serial, model, manufacturer, object, id, type, slot-id, slot-description, slot-manufacturer, library-description, library-manufacturer and library-version, and after the `?` module-path, module-name and pin-source"
            }
            Self::BelongsInQuery(_) => "write it after the `?`, and `&` between what stands there",
            Self::BelongsInPath(_) => "write it before the `?`, and `;` between what stands there",
            Self::NotPrivate(_) => "write type=private, or leave it away",
        }
    }
}
