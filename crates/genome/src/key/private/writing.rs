//! Private keys as text and as files.

use super::{Damage, PrivateKey};
use base64ct::{Base64, Encoding as _};
use pkcs8::der::{Decode as _, pem::PemLabel as _};
use pkcs8::pkcs5::{pbes2::Parameters, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef};
use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::public::Ed25519PublicKey;
use ssh_key::{Cipher, Kdf};
use thiserror::Error;
use zeroize::Zeroizing;

/// The PKCS#8 version 1 structure of an Ed25519 key up to its 32-byte seed (RFC 8410 section 7).
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const PKCS8_LENGTH: usize = PKCS8_PREFIX.len() + 32;

/// Scrypt with N = 2^14, r = 8, p = 5: what OWASP asks of those who have 16 MiB for it. OpenSSL refuses more than 32 MiB, and so
/// N = 2^15, unless it is told otherwise; its own p is 1.
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 5;

/// As many as OpenSSH takes since its version 9.4.
const BCRYPT_ROUNDS: u32 = 24;

/// How a private key is encrypted.
#[derive(Clone, Copy)]
pub struct Encryption<'p> {
    /// What decrypts it.
    pub passphrase: &'p str,
    /// Bytes from a source fit for cryptography that were never used before. They are not secret.
    pub random: &'p [u8; 32],
}

/// The encryption of a private key fails, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the private key cannot be encrypted: {0}")]
pub struct EncryptionError(Damage);

impl<T: Into<Damage>> From<T> for EncryptionError {
    fn from(cause: T) -> Self {
        Self(cause.into())
    }
}

impl PrivateKey {
    /// The base64 of the key's 48 bytes of PKCS#8 version 1 (RFC 8410 section 7), which OpenSSL and `WebCrypto` read: 64 characters.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64::encode_string(&*self.to_pkcs8()))
    }

    /// The key as PEM (RFC 7468 section 10).
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        let base64 = self.to_base64();
        let lines = ["-----BEGIN PRIVATE KEY-----\n", &base64, "\n-----END PRIVATE KEY-----\n"];
        // As a whole, in one piece of memory: a text that grows leaves copies behind.
        Zeroizing::new(lines.concat())
    }

    /// PEM of the key encrypted by PBES2 (RFC 8018 section 6.2, RFC 7468 section 11), with scrypt (RFC 7914) and AES-256-CBC.
    ///
    /// # Errors
    /// It cannot be encrypted.
    pub fn to_encrypted_pem(&self, encryption: Encryption<'_>) -> Result<Zeroizing<String>, EncryptionError> {
        let ([salt, vector], _) = encryption.random.as_chunks() else {
            return Err(Damage::rule("there are too few random bytes").into());
        };
        // Nothing is lost: `scrypt` says of constants that it does not take no more than that.
        let cost = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
            .map_err(|_| Damage::rule("the cost of scrypt is out of bounds"))?;
        let parameters = Parameters::generate_scrypt_aes256cbc(cost, salt, *vector)?;
        let der = self.to_pkcs8();
        let encrypted = PrivateKeyInfoRef::from_der(&*der)?.encrypt_with_params(parameters, encryption.passphrase)?;
        Ok(encrypted.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?)
    }

    /// The key as OpenSSH keeps it (PROTOCOL.key), with a comment; encrypted with bcrypt and AES-256-CTR where that is asked for.
    ///
    /// # Errors
    /// It cannot be encrypted.
    pub fn to_openssh(&self, comment: &str, encryption: Option<Encryption<'_>>) -> Result<Zeroizing<String>, EncryptionError> {
        let pair = Ed25519Keypair {
            public: Ed25519PublicKey(*self.public_key().as_bytes()),
            private: Ed25519PrivateKey::from_bytes(self.0.as_bytes()),
        };
        let plain = ssh_key::PrivateKey::new(KeypairData::Ed25519(pair), comment)?;
        let key = match encryption {
            None => plain,
            Some(Encryption { passphrase, random: &[salt @ .., a, b, c, d] }) => {
                // The salt of OpenSSH has 16 bytes; the check number, found twice, shows that the passphrase was right.
                let kdf = Kdf::Bcrypt { salt: salt.iter().copied().take(16).collect(), rounds: BCRYPT_ROUNDS };
                let check = u32::from_be_bytes([a, b, c, d]);
                plain.encrypt_with(Cipher::Aes256Ctr, kdf, check, passphrase)?
            }
        };
        Ok(key.to_openssh(LineEnding::LF)?)
    }

    fn to_pkcs8(&self) -> Zeroizing<[u8; PKCS8_LENGTH]> {
        let mut der = Zeroizing::new([0; PKCS8_LENGTH]);
        for (byte, value) in der.iter_mut().zip(PKCS8_PREFIX.iter().chain(self.0.as_bytes())) {
            *byte = *value;
        }
        der
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKeyError;

    const RANDOM: [u8; 32] = [7; 32];
    const ENCRYPTION: Encryption<'_> = Encryption { passphrase: "correct horse", random: &RANDOM };

    fn key() -> PrivateKey {
        PrivateKey::from_seed(&[42; 32])
    }

    #[test]
    fn what_is_written_is_read() {
        let key = key();
        let read = |text: &str, passphrase| {
            PrivateKey::from_text(text, passphrase).map(|read: PrivateKey| *read.to_base64() == *key.to_base64())
        };
        assert_eq!(read(&key.to_base64(), None), Ok(true));
        assert_eq!(read(&key.to_pem(), None), Ok(true));
        assert_eq!(read(&key.to_openssh("a comment", None).unwrap(), None), Ok(true));
        let encrypted = key.to_encrypted_pem(ENCRYPTION).unwrap();
        assert_eq!(read(&encrypted, Some(b"correct horse")), Ok(true));
        assert_eq!(read(&encrypted, Some(b"correct")), Err(PrivateKeyError::WrongPassphrase));
        assert_eq!(read(&encrypted, None), Err(PrivateKeyError::Encrypted));
    }

    #[test]
    fn an_encrypted_openssh_key_is_read_back() {
        let text = key().to_openssh("a comment", Some(ENCRYPTION)).unwrap();
        let encrypted = ssh_key::PrivateKey::from_openssh(&*text).unwrap();
        assert!(encrypted.is_encrypted() && encrypted.decrypt("wrong").is_err());
        let read = encrypted.decrypt("correct horse").unwrap();
        assert_eq!(read.key_data().ed25519().unwrap().private.to_bytes(), [42; 32]);
        assert_eq!(read.comment(), "a comment");
    }

    #[test]
    fn other_random_bytes_give_another_text() {
        let other = Encryption { random: &[8; 32], ..ENCRYPTION };
        assert_ne!(*key().to_encrypted_pem(ENCRYPTION).unwrap(), *key().to_encrypted_pem(other).unwrap());
        assert_ne!(*key().to_openssh("", Some(ENCRYPTION)).unwrap(), *key().to_openssh("", Some(other)).unwrap());
    }
}
