//! Keys: Ed25519 (RFC 8032) in the forms of RFC 8410, known by OpenSSH's fingerprints.

mod fingerprint;
mod id;
mod private;
mod public;
mod published;
mod revoked;
mod torsion;
mod written;

pub use fingerprint::{Fingerprint, FingerprintError};
pub use id::{KeyId, KeyIdError};
pub use private::{AlgorithmName, Damage, Encryption, EncryptionError, Foreign, PrivateKey, PrivateKeyError};
pub use public::{PublicKey, PublicKeyError, SignatureFault};
pub(crate) use revoked::RevokedKeys;
pub(crate) use written::{WrittenKey, is_private_key_file, is_public_key_file, read_written};
pub use written::{WrittenKeyFault, WrittenKeyProblem};
