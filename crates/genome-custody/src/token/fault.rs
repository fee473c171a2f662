//! Why a token does not sign.

use cryptoki::error::{Error, RvError};
use genome_files::{SecretLineError, VariableError};
use genome_json::text::{BarePath, Quoted};
use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// Why a token does not sign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// No module for the token is named.
    #[error("neither `module-path` of the URI nor PKCS11_PROVIDER_MODULE names the PKCS#11 module")]
    NoModule,
    /// The variable that names the module holds a malformed path.
    #[error(transparent)]
    Variable(VariableError),
    /// The module cannot be loaded.
    #[error("the PKCS#11 module {} cannot be loaded: {reason}", BarePath(path))]
    NotLoaded {
        /// The module.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// No token is the one that the URI names.
    #[error("the module shows no such token; it shows {}", listed(present))]
    NoToken {
        /// The tokens that are there.
        present: Vec<String>,
    },
    /// Several tokens are.
    #[error("several tokens are meant: {}", listed(present))]
    SeveralTokens {
        /// Those.
        present: Vec<String>,
    },
    /// The module says of itself that it is another.
    #[error("the PKCS#11 module is another than the URI names: its `{attribute}` is {}", Quoted(is))]
    OtherModule {
        /// The attribute of the URI.
        attribute: &'static str,
        /// What the module says.
        is: String,
    },
    /// The PIN is wrong.
    #[error("the PIN of the token {} is wrong; it was tried once{left}", Quoted(token))]
    WrongPin {
        /// The label of the token.
        token: String,
        /// What the token says of further tries.
        left: TriesLeft,
    },
    /// The token takes no such PIN, by its length or its characters.
    #[error("the token {} takes no such PIN: {reason}", Quoted(token))]
    PinNotTaken {
        /// The label of the token.
        token: String,
        /// The error, in the standard's words.
        reason: String,
    },
    /// The PIN cannot be right, so that trying it would be one wrong PIN more.
    #[error("the PIN given for the token {} {problem}, so it was not tried", Quoted(token))]
    UnfitPin {
        /// The label of the token.
        token: String,
        /// Why not.
        problem: PinProblem,
    },
    /// The token takes no PIN any more.
    #[error("the PIN of the token {} is locked, after too many wrong ones", Quoted(token))]
    PinLocked {
        /// The label of the token.
        token: String,
    },
    /// One more wrong PIN locks the token.
    #[error("the token {} locks itself after one more wrong PIN, so only a PIN that is typed is tried", Quoted(token))]
    LastTry {
        /// The label of the token.
        token: String,
    },
    /// The PIN must be changed.
    #[error("the PIN of the token {} has expired", Quoted(token))]
    PinExpired {
        /// The label of the token.
        token: String,
    },
    /// The token has no PIN yet.
    #[error("no PIN of the token {} is set yet", Quoted(token))]
    PinNotSet {
        /// The label of the token.
        token: String,
    },
    /// No key is the one that the URI names.
    #[error("the token holds no such Ed25519 private key; it holds {}", listed(held))]
    NoKey {
        /// The private keys that are there.
        held: Vec<String>,
    },
    /// Several keys are.
    #[error("several private keys of the token are meant: {}", listed(held))]
    SeveralKeys {
        /// Those.
        held: Vec<String>,
    },
    /// No object of the token holds the public half.
    #[error("the token does not show the public half of the key")]
    NoPublicKey,
    /// The key requires the PIN again for each signature, or the token has closed the login.
    #[error("the token wants the PIN again before it signs")]
    LoggedOut,
    /// The token does not know Ed25519.
    #[error("the token does not sign with Ed25519 (CKM_EDDSA): {0}")]
    NoEddsa(String),
    /// The message is too long for the token.
    #[error("the genome is too large for the token")]
    TooLarge,
    /// The signature has another length.
    #[error("the token made a signature of {bytes} bytes, and one by Ed25519 has 64")]
    NoSignature {
        /// Its length.
        bytes: usize,
    },
    /// Any other error of the module.
    #[error("the PKCS#11 module fails: {0}")]
    Module(String),
}

/// Why a PIN cannot be right: what can be said after "the PIN". It repeats nothing of it, and not its length.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PinProblem {
    /// What was given is not one line of text.
    #[error(transparent)]
    Line(SecretLineError),
    /// There is a control character in it, such as the carriage return of a line that ends in nothing else.
    #[error("holds a control character")]
    Control,
    /// The token takes longer ones only.
    #[error("is shorter than the {least} bytes that it takes at least")]
    TooShort {
        /// What the token says.
        least: usize,
    },
    /// The token takes shorter ones only.
    #[error("is longer than the {most} bytes that it takes at most")]
    TooLong {
        /// What the token says.
        most: usize,
    },
}

/// How many more PINs a token takes after a wrong one, as far as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriesLeft {
    /// It does not say.
    Untold,
    /// One.
    One,
    /// It is locked now.
    None,
}

impl fmt::Display for TriesLeft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Untold => "",
            Self::One => ", and one more wrong one locks the token",
            Self::None => ", and the token is locked now",
        })
    }
}

/// What is there.
fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl TokenFault {
    /// A fault of the module, in the standard's own words.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::Pkcs11(RvError::UserNotLoggedIn, _) => Self::LoggedOut,
            Error::Pkcs11(
                error @ (RvError::MechanismInvalid | RvError::MechanismParamInvalid | RvError::KeyTypeInconsistent),
                _,
            ) => Self::NoEddsa(format!("{error:?}")),
            Error::Pkcs11(RvError::DataLenRange, _) => Self::TooLarge,
            // The texts of these are whole paragraphs.
            Error::Pkcs11(error, function) => Self::Module(format!("{error:?} in {function}")),
            error => Self::Module(error.to_string()),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::NoModule => {
                "add `?module-path=PATH` to the URI, or set PKCS11_PROVIDER_MODULE, to the .so file that came with the token"
            }
            Self::Variable(error) => return error.hint(),
            Self::NotLoaded { .. } => "name the .so file that came with the token, built for this machine",
            Self::NoToken { .. } => "name one that is there, plug the token in, or see whether this user may use it",
            Self::SeveralTokens { .. } => "add the attributes of one to the URI",
            Self::OtherModule { .. } => "name the other module by `module-path` or PKCS11_PROVIDER_MODULE, or correct the URI",
            Self::PinLocked { .. } | Self::WrongPin { left: TriesLeft::None, .. } => {
                "the security officer of the token sets a new PIN"
            }
            Self::WrongPin { .. } => "find the right PIN before you try again: after a few wrong ones the token locks itself",
            Self::UnfitPin { problem: PinProblem::Line(SecretLineError::Empty), .. } => {
                "type it, or put the PIN into the file that `pin-source` names, on one line"
            }
            Self::UnfitPin { problem: PinProblem::Line(error), .. } => {
                return format!("correct the file that `pin-source` names: {}", error.hint());
            }
            Self::UnfitPin { .. } | Self::PinNotTaken { .. } => "check that it is the PIN of this token, and nothing else",
            Self::LastTry { .. } => {
                "type it, instead of giving it from a file or by a program; or log in once by hand with the right PIN, such as with `pkcs11-tool --login --list-objects`"
            }
            Self::PinExpired { .. } => "set a new one, such as with `pkcs11-tool --login --change-pin`",
            Self::PinNotSet { .. } => "the security officer of the token sets the first one, such as with `pkcs11-tool --init-pin`",
            Self::NoKey { .. } => {
                "name one that is there by `object` or `id`; `pkcs11-tool --keypairgen --key-type EC:edwards25519` makes one"
            }
            Self::SeveralKeys { .. } => {
                "add the `object` and `id` of one to the URI; where they are the same, give one of them another id with `pkcs11-tool --set-id`"
            }
            Self::NoPublicKey => "put the public key on the token too, with the same id",
            Self::LoggedOut => "use a key that the token lets sign after one login (without CKA_ALWAYS_AUTHENTICATE)",
            Self::NoEddsa(_) => "use a token that knows Ed25519, or a key that is elsewhere",
            Self::TooLarge => "sign it with a key that is elsewhere",
            Self::NoSignature { .. } => "name an Ed25519 key: one on another curve makes other signatures",
            Self::Module(_) => "see what the module's own tools say of the token, such as `pkcs11-tool --list-slots`",
        };
        hint.to_owned()
    }
}
