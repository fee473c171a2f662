//! Why a program does not sign.

use super::EXEC;
use crate::concept::LONGER_FOR_PROGRAM;
use genome::hint::Hint;
use genome::key::PublicKeyError;
use genome_json::holds_spaced_private_key;
use genome_json::text::Quoted;
use thiserror::Error;

/// Why a program does not sign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProgramFault {
    /// There is no such program.
    #[error("there is no program {}", Quoted(.0))]
    NotFound(String),
    /// It cannot be started.
    #[error("the program {} cannot be started: {reason}", Quoted(program))]
    NotStarted {
        /// The program.
        program: String,
        /// What the system says.
        reason: String,
    },
    /// It ended with a status other than 0.
    #[error("the program {} failed, {status}{}", Quoted(program), said(stderr))]
    Failed {
        /// The program.
        program: String,
        /// The request, as in `GENOME_EXEC`.
        purpose: &'static str,
        /// How it ended.
        status: String,
        /// The start of what it wrote on standard error.
        stderr: String,
    },
    /// It takes too long, and was killed.
    #[error("the program {} had not finished after {seconds} seconds, and was killed{}", Quoted(program), said(stderr))]
    Slow {
        /// The program.
        program: String,
        /// How long it had.
        seconds: u64,
        /// The start of what it wrote on standard error.
        stderr: String,
    },
    /// It prints more than a signature or a key takes, and was killed.
    #[error("the program {} prints more than a signature takes, and was killed", Quoted(.0))]
    TooMuch(String),
    /// It prints something else than a signature.
    #[error(
        "what the program {} printed ({bytes} bytes) is not the base64 of the 64 bytes of an Ed25519 signature",
        Quoted(program)
    )]
    NoSignature {
        /// The program.
        program: String,
        /// How much it printed.
        bytes: usize,
    },
    /// It prints something else than a public key.
    #[error("what the program {} printed is not a public key: {error}", Quoted(program))]
    NoPublicKey {
        /// The program.
        program: String,
        /// Why not.
        error: PublicKeyError,
    },
}

/// The lines that a program wrote, in one; none of them where there is a private key, as each line of a wrapped key is a part of it, and
/// only the first shows it.
fn said(stderr: &str) -> String {
    if holds_spaced_private_key(stderr) {
        return "; it said a private key, which is not shown".to_owned();
    }
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(|line| Quoted(line).to_string()).collect();
    if lines.is_empty() { String::new() } else { format!("; it said: {}", lines.join(", ")) }
}

impl ProgramFault {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::NotFound(_) => {
                "name a program on the PATH, or its whole path; no shell reads the command, so a pipe needs `sh -c '...'`".into()
            }
            Self::NotStarted { .. } => "check that it is a program for this machine, and that this user may run it".into(),
            Self::Failed { purpose, .. } => format!("run it by hand, with {EXEC}={purpose} and anything on its standard input").into(),
            Self::Slow { .. } => {
                "it cannot ask on the terminal, and must find what it needs in files or variables; " + LONGER_FOR_PROGRAM
            }
            Self::TooMuch(_) | Self::NoSignature { .. } => {
                "it must print the base64 of the raw signature on standard output, and nothing else".into()
            }
            Self::NoPublicKey { .. } => format!(
                "with {EXEC}=public-key it must print the public key, in PEM or as the base64 of its SubjectPublicKeyInfo, and nothing else"
            ).into(),
        }
    }
}
