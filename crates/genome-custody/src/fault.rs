//! Why a key cannot be used, and what to do about it.

use crate::concept::KEY;
use crate::environment::PRIVATE_KEY;
use crate::unusable::{self, TextPlace};
use crate::{AgentFault, FileFault, ProgramFault, ReferenceError, TokenFault};
use genome::concept::KEY_GENERATOR;
use genome::hint::Hint;
use genome::key::PrivateKeyError;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a key does not sign. It never holds any of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CustodyError {
    /// The text is not the reference of a key.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The variable is not set.
    #[error("{0} is not set")]
    Unset(String),
    /// The variable does not hold a usable key.
    #[error("{name} holds no usable key: {error}")]
    Variable {
        /// The variable.
        name: String,
        /// Why not.
        error: PrivateKeyError,
    },
    /// The file cannot be used, or does not hold a usable key.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The agent does not sign.
    #[error(transparent)]
    Agent(#[from] AgentFault),
    /// The token does not sign.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The program does not sign.
    #[error(transparent)]
    Program(#[from] ProgramFault),
    /// The passphrase or the PIN was not given.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The signature just made does not verify: the machine computes wrongly.
    #[error("the signature that was just made does not verify")]
    FaultyComputation,
}

/// Why there is no passphrase or PIN, in the words of whoever was to ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Unanswered {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The file from which it was to come, if that is what is wrong.
    pub file: Option<PathBuf>,
}

impl From<(String, String, Option<PathBuf>)> for Unanswered {
    /// A message, a hint, and the file that they are about.
    fn from((message, hint, file): (String, String, Option<PathBuf>)) -> Self {
        Self { message, hint, file }
    }
}

impl CustodyError {
    /// The file that it is about, where the message does not say so.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Unanswered(unanswered) => unanswered.file.as_deref(),
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::Reference(error) => error.hint(),
            Self::Unset(name) if name == PRIVATE_KEY => {
                KEY + ", such as file:PATH; or export "
                    + PRIVATE_KEY
                    + "=\"$(cat FILE)\", with the file of the private key that "
                    + KEY_GENERATOR
                    + " wrote"
            }
            Self::Unset(name) => {
                format!("export it, with the private key in it; `env:{name}` is the variable's name, not the key").into()
            }
            Self::Variable { name, error } => unusable::hint(error, TextPlace::Variable(name)),
            Self::File(fault) => fault.hint(),
            Self::Agent(fault) => fault.hint(),
            Self::Token(fault) => fault.hint().into(),
            Self::Program(fault) => fault.hint(),
            Self::Unanswered(unanswered) => unanswered.hint.clone().into(),
            Self::FaultyComputation => "do not trust this machine: sign on another, and have this one's memory checked".into(),
        }
    }
}
