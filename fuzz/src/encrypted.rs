//! Encrypted private keys that are cheap to decrypt: what is mutated has to be tried thousands of times a second.

use genome::PrivateKey;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, EncodePem as _};
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::pkcs5::scrypt;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding};
use ssh_key::Cipher;

/// What decrypts them.
pub const PASSPHRASE: &str = "passphrase";

/// The bounds of the library itself, above which a key must be refused at once, are far above these.
const MOST_ROUNDS: u32 = 100;
const MOST_BLOCKS: u64 = 1 << 12;
const NEVER_ROUNDS: u32 = 10_000_000;
const NEVER_BLOCKS: u64 = 1 << 26;

/// A key in each encrypted form that is read.
///
/// # Panics
/// It cannot be encrypted.
#[must_use]
pub fn forms(key: &PrivateKey) -> Vec<String> {
    use base64ct::{Base64, Encoding as _};
    let der = Base64::decode_vec(&key.to_base64()).expect("it is base64");
    let cost = scrypt::Params::new(1, 1, 1).expect("a cost");
    let (salt, vector) = ([1; 16], [2; 16]);
    let schemes = [
        Parameters::generate_scrypt_aes256cbc(cost, &salt, vector),
        Parameters::generate_pbkdf2_sha256_aes256cbc(2, &salt, vector),
        Parameters::generate_pbkdf2_sha256_aes128cbc(2, &salt, vector),
    ];
    let mut forms: Vec<String> = schemes
        .into_iter()
        .map(|scheme| {
            let scheme = scheme.expect("a scheme");
            let data = scheme.encrypt(PASSPHRASE, &der).expect("encrypted");
            let encrypted_data = OctetStringRef::new(&data).expect("short");
            let info = EncryptedPrivateKeyInfoRef { encryption_algorithm: scheme.into(), encrypted_data };
            info.to_pem(LineEnding::LF).expect("PEM")
        })
        .collect();
    let plain = ssh_key::PrivateKey::from_openssh(key.to_openssh("", None).expect("a key").as_bytes()).expect("a key");
    for cipher in [Cipher::Aes256Ctr, Cipher::Aes256Cbc] {
        let kdf = ssh_key::Kdf::Bcrypt { salt: salt.to_vec(), rounds: 1 };
        let encrypted = plain.encrypt_with(cipher, kdf, 7, PASSPHRASE).expect("encrypted");
        forms.push(encrypted.to_openssh(LineEnding::LF).expect("a text").to_string());
    }
    forms
}

/// Whether a text is decrypted, or refused, within milliseconds: it asks for little, or for so much that nobody may try.
#[must_use]
pub fn is_cheap(text: &[u8]) -> bool {
    use base64ct::{Base64, Encoding as _};
    // Whatever stands between dashes, as a reader takes it that passes over all white space; and the text itself, if it is binary.
    let bare: String = String::from_utf8_lossy(text).chars().filter(|character| !character.is_whitespace()).collect();
    bare.split("-----").filter_map(|part| Base64::decode_vec(part).ok()).chain([text.to_vec()]).all(|bytes| is_cheap_binary(&bytes))
}

fn is_cheap_binary(bytes: &[u8]) -> bool {
    let is_cheap_bcrypt = |at: usize| {
        // Its options follow: their length, that of the salt, the salt, the rounds.
        let number = |at: usize| bytes.get(at..at + 4).map(|bytes| u32::from_be_bytes(bytes.try_into().expect("four bytes")));
        let salt = number(at + 10).and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        // A round of bcrypt takes as long as thousands of the others.
        !number((at + 14).saturating_add(salt).min(bytes.len())).is_some_and(|rounds| (2..=4096).contains(&rounds))
    };
    let mut bcrypts = bytes.windows(6).enumerate().filter(|(_, window)| *window == b"bcrypt").map(|(at, _)| at);
    if bytes.starts_with(b"openssh-key-v1") {
        return bcrypts.all(is_cheap_bcrypt);
    }
    let Ok(info) = EncryptedPrivateKeyInfoRef::from_der(bytes) else { return true };
    match info.encryption_algorithm.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(parameters)) => !(MOST_ROUNDS..=NEVER_ROUNDS).contains(&parameters.iteration_count),
        Some(Kdf::Scrypt(parameters)) => {
            let [r, p] = [parameters.block_size, parameters.parallelization].map(u64::from);
            let blocks = parameters.cost_parameter.saturating_mul(r).saturating_mul(p);
            !(MOST_BLOCKS..=NEVER_BLOCKS).contains(&blocks)
        }
        _ => true,
    }
}
