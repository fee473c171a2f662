//! What it may cost to decrypt a key: a file that asks for more would keep a program busy for hours, or take all of its memory.

use super::{Damage, PrivateKeyError};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, ScryptParams};

/// PBKDF2: what NIST SP 800-132 section 5.2 calls fit for very critical keys, where nobody minds the time.
const MOST_ITERATIONS: u32 = 10_000_000;

/// Scrypt: 1 GiB, which is 32 times what OpenSSL takes unless it is told otherwise.
const MOST_BYTES: u64 = 1 << 30;
/// Scrypt: how many blocks of 128 bytes are mixed, less than a minute of it.
const MOST_BLOCKS: u64 = 1 << 26;

/// The bcrypt of OpenSSH, which takes 24 by itself: less than a minute.
const MOST_ROUNDS: u32 = 4096;

/// Refuses a PKCS#8 key (RFC 8018 section 6.2) that costs too much to decrypt.
pub(super) fn check_pkcs8(scheme: &EncryptionScheme) -> Result<(), PrivateKeyError> {
    match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(parameters)) if parameters.iteration_count > MOST_ITERATIONS => Err(PrivateKeyError::TooCostly),
        Some(Kdf::Scrypt(parameters)) => check_scrypt(parameters),
        _ => Ok(()),
    }
}

/// RFC 7914 section 2: memory grows with `r` times `N` and with `r` times `p`, time with all three.
fn check_scrypt(parameters: &ScryptParams) -> Result<(), PrivateKeyError> {
    let [r, p] = [parameters.block_size, parameters.parallelization].map(u64::from);
    let n = parameters.cost_parameter;
    if !n.is_power_of_two() {
        // "N must be larger than 1, a power of 2".
        return Err(Damage::rule("the cost of scrypt is no power of 2").into());
    }
    let bytes = n.saturating_add(p).saturating_mul(r).saturating_mul(128);
    let blocks = n.saturating_mul(r).saturating_mul(p);
    if bytes > MOST_BYTES || blocks > MOST_BLOCKS { Err(PrivateKeyError::TooCostly) } else { Ok(()) }
}

/// Refuses an OpenSSH key that costs too much to decrypt.
pub(super) fn check_bcrypt(rounds: u32) -> Result<(), PrivateKeyError> {
    if rounds > MOST_ROUNDS { Err(PrivateKeyError::TooCostly) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use crate::key::{PrivateKey, PrivateKeyError};
    use base64ct::{Base64, Encoding as _};
    use pkcs8::pkcs5::pbes2::{Kdf, Parameters, Pbkdf2Params, ScryptParams};
    use pkcs8::pkcs5::{EncryptionScheme, scrypt};
    use pkcs8::{EncryptedPrivateKeyInfo, LineEnding, der::EncodePem as _, der::asn1::OctetString};

    /// An encrypted key with these parameters, and no key in it.
    fn pem(kdf: Kdf) -> String {
        let cost = scrypt::Params::new(1, 1, 1).unwrap();
        let parameters = Parameters { kdf, ..Parameters::generate_scrypt_aes256cbc(cost, &[1; 16], [2; 16]).unwrap() };
        let encrypted_data = OctetString::new(vec![3; 64]).unwrap();
        let encryption_algorithm = EncryptionScheme::Pbes2(parameters);
        EncryptedPrivateKeyInfo { encryption_algorithm, encrypted_data }.to_pem(LineEnding::LF).unwrap()
    }

    fn scrypt(n: u64, r: u16, p: u16) -> Kdf {
        let parameters = ScryptParams::from_params_and_salt(scrypt::Params::new(1, 1, 1).unwrap(), &[1; 16]).unwrap();
        Kdf::Scrypt(ScryptParams { cost_parameter: n, block_size: r, parallelization: p, ..parameters })
    }

    fn read(text: &str) -> PrivateKeyError {
        PrivateKey::from_text(text, Some(b"passphrase")).unwrap_err()
    }

    #[test]
    fn what_would_take_hours_or_all_memory_is_refused_at_once() {
        for costly in [(1 << 63, 1, 1), (1 << 40, 8, 1), (1 << 20, 8, 1), (1 << 14, 8, u16::MAX), (1, u16::MAX, u16::MAX)] {
            let (n, r, p) = costly;
            assert_eq!(read(&pem(scrypt(n, r, p))), PrivateKeyError::TooCostly, "{costly:?}");
        }
        for nonsense in [0, 3, u64::MAX] {
            assert!(matches!(read(&pem(scrypt(nonsense, 8, 1))), PrivateKeyError::Malformed(_)), "{nonsense}");
        }
        let pbkdf2 = |iteration_count| {
            let parameters = Pbkdf2Params::hmac_sha256(1, &[1; 16]).unwrap();
            Kdf::Pbkdf2(Pbkdf2Params { iteration_count, ..parameters })
        };
        assert_eq!(read(&pem(pbkdf2(u32::MAX))), PrivateKeyError::TooCostly);
        // A key that is read costs no more than it may.
        for ordinary in [pbkdf2(2048), scrypt(1 << 14, 8, 1)] {
            assert_eq!(read(&pem(ordinary)), PrivateKeyError::WrongPassphrase);
        }
    }

    #[test]
    fn so_is_an_openssh_key_of_endless_rounds() {
        let random = [7; 32];
        let encryption = crate::key::Encryption { passphrase: "passphrase", random: &random };
        let text = PrivateKey::from_seed(&[42; 32]).to_openssh("", Some(encryption)).unwrap();
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let mut bytes = Base64::decode_vec(&body).unwrap();
        // The rounds follow the salt.
        let salt = bytes.windows(16).position(|window| window == [7; 16]).unwrap();
        bytes[salt + 16..salt + 20].copy_from_slice(&u32::MAX.to_be_bytes());
        let body: Vec<String> =
            Base64::encode_string(&bytes).as_bytes().chunks(70).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        let text = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n", body.join("\n"));
        assert_eq!(read(&text), PrivateKeyError::TooCostly);
    }
}
