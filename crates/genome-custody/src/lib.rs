//! Where private keys live, and who signs with them.
//!
//! A [`KeyReference`] names a key: in a variable of the environment, in a file, in an `ssh-agent`, on a PKCS#11 token, or behind a program
//! that signs. [`KeyReference::open`] returns the [`SigningKey`], which is the same for all of them. Each kind has a file of its own.
//!
//! # What it does not do
//!
//! - It does not verify what a key has signed: `Document::sign_with` in `genome` does, with the public key of the signer.
//! - It knows no terminal and no command line. Where it needs a passphrase or a PIN it calls the function that it is given, and only
//!   then.

mod agent;
mod answer;
pub mod concept;
mod environment;
mod fault;
mod file;
mod program;
mod reference;
mod token;
mod unusable;

pub use agent::{AgentFault, Held};
pub use answer::{Answer, Ask};
pub use environment::{KEY_REFERENCE, PRIVATE_KEY, without_secrets};
pub use fault::{CustodyError, Unanswered};
pub use file::FileFault;
pub use program::{EXEC, ProgramFault};
pub use reference::{KeyReference, ReferenceError};
use std::time::Duration;
pub use token::{PinProblem, TokenFault, TriesLeft, UriAttribute, UriError};

pub use genome::audit::Custody;
use genome::{PrivateKey, PublicKey};

/// How long an agent or a program may take, unless the caller says otherwise: long enough for a person who must confirm.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);

/// A key that can sign, wherever it is.
pub trait SigningKey {
    /// The public half; `None` where only the holder of the key knows it.
    fn public_key(&self) -> Option<PublicKey>;

    /// Signs a message with plain Ed25519 (RFC 8032) as this signer. The signature has not been verified.
    ///
    /// # Errors
    /// The holder of the key fails.
    fn sign(&mut self, signer: &PublicKey, message: &[u8]) -> Result<[u8; 64], CustodyError>;
}

/// A key in the memory of this process.
impl SigningKey for PrivateKey {
    fn public_key(&self) -> Option<PublicKey> {
        Some(self.public_key())
    }

    fn sign(&mut self, _: &PublicKey, message: &[u8]) -> Result<[u8; 64], CustodyError> {
        // Nothing is lost: a signature just made that does not verify is one thing, however it fails.
        PrivateKey::sign(self, message).map_err(|_| CustodyError::FaultyComputation)
    }
}
