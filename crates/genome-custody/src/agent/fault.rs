//! Why an agent does not sign.

use crate::concept::LONGER;
use genome::hint::Hint;
use genome_files::VariableError;
use genome_json::text::{Bare, BarePath, Quoted, shell_word};
use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// A key that an agent holds, as `ssh-add -l` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// OpenSSH's name of the algorithm.
    pub algorithm: String,
    /// `SHA256:` and the digest of the public key.
    pub fingerprint: String,
    /// What its owner wrote beside it.
    pub comment: String,
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, fingerprint, comment } = self;
        write!(formatter, "{fingerprint} {} ({})", Quoted(comment), Bare(algorithm))
    }
}

/// Why an agent does not sign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AgentFault {
    /// Nothing says where the agent is.
    #[error("SSH_AUTH_SOCK is not set, so there is no agent to ask")]
    Unset,
    /// The variable that names the agent's socket holds a malformed path.
    #[error(transparent)]
    Variable(VariableError),
    /// Nobody listens at the socket.
    #[error("no agent answers at {}, to which SSH_AUTH_SOCK points: {reason}", BarePath(socket))]
    Gone {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The agent takes too long.
    #[error("the agent did not answer within {0} seconds")]
    Slow(u64),
    /// The agent hangs up.
    #[error("the agent hung up without an answer{}", .message.map_or_else(String::new, |bytes| format!(" to a message of {bytes} bytes")))]
    HungUp {
        /// The size of the message to sign, if that may be the cause.
        message: Option<usize>,
    },
    /// The answer does not follow the protocol.
    #[error("what answers at SSH_AUTH_SOCK does not speak the protocol of ssh-agent")]
    Garbled,
    /// The agent shows no keys.
    #[error("the agent holds no key, or is locked")]
    Empty,
    /// The agent does not answer the request for its keys.
    #[error("the agent refuses to say what it holds")]
    ListRefused,
    /// The agent does not want to sign.
    #[error("the agent refuses to sign")]
    SignRefused,
    /// No key has the name.
    #[error("the agent holds no such key; it holds {}", listed(.0))]
    NoSuchKey(Vec<Held>),
    /// No key is one of those that may sign.
    #[error("the agent holds no Ed25519 key that would do; it holds {}", listed(.0))]
    NoneFits(Vec<Held>),
    /// Several keys would do.
    #[error("several keys of the agent would do: {}", listed(.0))]
    Several(Vec<Held>),
    /// The key is on a security key, which does not sign the bytes alone.
    #[error(
        "{0} is a key on a security key, which signs its own flags and counter with the message, so that no Ed25519 verifier can check it"
    )]
    SecurityKey(Held),
    /// The key is of another kind.
    #[error("{0} is not an Ed25519 key")]
    OtherAlgorithm(Held),
}

/// As many as a person reads.
fn listed(held: &[Held]) -> String {
    const MOST: usize = 10;
    let mut shown: Vec<String> = held.iter().take(MOST).map(ToString::to_string).collect();
    if held.len() > MOST {
        shown.push(format!("{} more", held.len() - MOST));
    }
    shown.join(", ")
}

impl AgentFault {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::Unset => "start one with `eval \"$(ssh-agent)\"`, and give it the key with `ssh-add FILE`".into(),
            Self::Variable(error) => error.hint().into(),
            Self::Gone { .. } => "start an agent, or set SSH_AUTH_SOCK to the socket of one that runs".into(),
            Self::Slow(_) => "see whether it waits for a confirmation, " + LONGER,
            Self::HungUp { message: Some(_) } => {
                "OpenSSH's agent takes at most 256 KiB: sign a genome of this size with a key that is elsewhere".into()
            }
            Self::HungUp { message: None } => "see why it ended, and start it again".into(),
            Self::Garbled => "set SSH_AUTH_SOCK to the socket of an ssh-agent".into(),
            Self::Empty => "`ssh-add FILE` gives it the key, `ssh-add -X` unlocks it".into(),
            Self::ListRefused => "see whether `ssh-add -l` lists its keys".into(),
            Self::SignRefused => {
                "confirm it where the agent asks, unlock the agent (`ssh-add -X`), or see what the key is restricted to".into()
            }
            Self::NoSuchKey(_) => "name one that it holds, or add the key with `ssh-add FILE`".into(),
            Self::NoneFits(_) => {
                "add the key of a signer with `ssh-add FILE`, or put the public half of one that it holds into the genome".into()
            }
            Self::Several(held) => match held.first() {
                Some(Held { fingerprint, .. }) => {
                    format!("name one by its fingerprint, such as ssh-agent:{}", shell_word(fingerprint.as_ref())).into()
                }
                None => "name one by its fingerprint".into(),
            },
            Self::SecurityKey(_) => "use an ssh-ed25519 key, or a token over pkcs11:".into(),
            Self::OtherAlgorithm(_) => "genomes are signed with Ed25519: make a key with `ssh-keygen -t ed25519`".into(),
        }
    }
}
