use crate::json::JsonError;
use crate::key::KeyId;
use crate::schema::Faults;
use crate::signature::{BadSignature, Tally};
use std::fmt;

/// The stable name of a verdict of no, DESIGN section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// There is no such file.
    Missing,
    /// The file cannot be read.
    Unreadable,
    /// Not strict JSON.
    InvalidJson,
    /// Not what the schema asks for.
    InvalidSchema,
    /// No signature.
    Unsigned,
    /// A signature by a known signer that does not verify.
    InvalidSignature,
    /// Fewer signatures than the threshold.
    InsufficientSignatures,
    /// A signature of the replaced scripts, which covered the top-level texts only.
    LegacySignature,
    /// A private key in the document.
    SecretExposed,
    /// A signer whose private key is published.
    TestKey,
    /// An action that the ceiling does not allow.
    CapabilityDenied,
}

impl Code {
    /// Every code, in the order of DESIGN section 7.
    pub const ALL: [Self; 11] = [
        Self::Missing,
        Self::Unreadable,
        Self::InvalidJson,
        Self::InvalidSchema,
        Self::Unsigned,
        Self::InvalidSignature,
        Self::InsufficientSignatures,
        Self::LegacySignature,
        Self::SecretExposed,
        Self::TestKey,
        Self::CapabilityDenied,
    ];

    /// The code as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "GENOME_MISSING",
            Self::Unreadable => "GENOME_UNREADABLE",
            Self::InvalidJson => "GENOME_INVALID_JSON",
            Self::InvalidSchema => "GENOME_INVALID_SCHEMA",
            Self::Unsigned => "GENOME_UNSIGNED",
            Self::InvalidSignature => "GENOME_INVALID_SIGNATURE",
            Self::InsufficientSignatures => "GENOME_INSUFFICIENT_SIGNATURES",
            Self::LegacySignature => "GENOME_LEGACY_SIGNATURE",
            Self::SecretExposed => "GENOME_SECRET_EXPOSED",
            Self::TestKey => "GENOME_TEST_KEY",
            Self::CapabilityDenied => "GENOME_CAPABILITY_DENIED",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why a document is not a verified genome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are not strict JSON.
    Json(JsonError),
    /// The document does not follow the schema.
    Schema(Faults),
    /// Private keys stand at these JSON Pointers.
    SecretExposed {
        /// Where.
        pointers: Vec<String>,
        /// What else is wrong with the document.
        faults: Faults,
    },
    /// The document carries no signature.
    Unsigned,
    /// Signatures by known signers that do not verify; at least one.
    InvalidSignature(Vec<BadSignature>),
    /// Signatures that would have satisfied the replaced scripts, and protect nothing; at least one.
    LegacySignature(Vec<BadSignature>),
    /// Too few have signed.
    InsufficientSignatures(Tally),
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Json(_) => Code::InvalidJson,
            Self::Schema(_) => Code::InvalidSchema,
            Self::SecretExposed { .. } => Code::SecretExposed,
            Self::Unsigned => Code::Unsigned,
            Self::InvalidSignature(_) => Code::InvalidSignature,
            Self::LegacySignature(_) => Code::LegacySignature,
            Self::InsufficientSignatures(_) => Code::InsufficientSignatures,
        }
    }

    /// The JSON Pointer (RFC 6901) of the first thing at fault; the empty one is the whole document.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::Json(_) | Self::Unsigned => "",
            Self::Schema(faults) => faults.iter().next().map_or("", |fault| &fault.pointer),
            Self::SecretExposed { pointers, .. } => pointers.first().map_or("", String::as_str),
            Self::InvalidSignature(bad) | Self::LegacySignature(bad) => bad.first().map_or("", |bad| bad.signature.pointer()),
            Self::InsufficientSignatures(_) => "/authority/threshold",
        }
    }

    /// The faults of the schema, where there are any.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Self::Schema(faults) | Self::SecretExposed { faults, .. } => Some(faults),
            _ => None,
        }
    }

    /// The next thing to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Json(_) => "correct the file at that line and column".to_owned(),
            Self::Schema(_) => "correct each field, then sign again".to_owned(),
            Self::SecretExposed { .. } => {
                "the key is burnt, whoever has seen the file can sign: make a new one with genome-keygen, and put only its `public_key` here".to_owned()
            }
            Self::Unsigned => "sign it with genome-sign".to_owned(),
            Self::InvalidSignature(_) => {
                "the contents or the signature were changed after signing: compare with the file that was signed, or sign these contents again with genome-sign".to_owned()
            }
            Self::LegacySignature(_) => {
                "it never covered the signers, the invariants or the capabilities: review the contents, then sign again with genome-sign".to_owned()
            }
            Self::InsufficientSignatures(tally) => {
                let who = names(tally.unsigned.iter().map(|signer| &signer.key_id), "or");
                format!("{} more must sign with genome-sign: {who}", tally.missing())
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(formatter),
            Self::Schema(faults) => match faults.iter().len() + faults.more() {
                1 => formatter.write_str("one field is not what the schema asks for"),
                several => write!(formatter, "{several} fields are not what the schema asks for"),
            },
            Self::SecretExposed { pointers, .. } => {
                const SHOWN: usize = 8;
                let shown: Vec<&str> = pointers.iter().take(SHOWN).map(String::as_str).collect();
                let more = if pointers.len() > SHOWN { ", and elsewhere" } else { "" };
                write!(formatter, "a private key stands in the document at {}{more}", shown.join(", "))
            }
            Self::Unsigned => formatter.write_str("the genome carries no signature"),
            Self::InvalidSignature(bad) => {
                for (index, bad) in bad.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    let BadSignature { signer, fault, .. } = bad;
                    write!(
                        formatter,
                        "{separator}the signature of `{}` ({}) is not valid: {fault}",
                        signer.key_id,
                        signer.public_key.fingerprint()
                    )?;
                }
                Ok(())
            }
            Self::LegacySignature(bad) => {
                let who = names(bad.iter().map(|bad| &bad.signer.key_id), "and");
                write!(formatter, "the signature of {who} was made by the old scripts, over the top-level texts only")
            }
            Self::InsufficientSignatures(tally) => {
                write!(formatter, "{} of the {} signatures required", tally.counted(), tally.threshold)
            }
        }
    }
}

impl std::error::Error for Refusal {}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

/// Names as a list, each in backticks.
pub(crate) fn names<'k>(ids: impl IntoIterator<Item = &'k KeyId>, conjunction: &str) -> String {
    let quoted: Vec<String> = ids.into_iter().map(|id| format!("`{id}`")).collect();
    match quoted.as_slice() {
        [] => "nobody".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}
