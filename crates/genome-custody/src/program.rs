//! A private key behind a program that signs.

mod fault;
mod run;
mod streams;

use crate::{CustodyError, SigningKey};
use base64ct::{Base64, Encoding as _};
pub use fault::ProgramFault;
use genome::PublicKey;
use std::time::Duration;

/// The variable that tells the program what to do: `sign`, or `public-key`.
pub const EXEC: &str = "GENOME_EXEC";

/// A program that signs, or passes the message to a signer.
///
/// With `GENOME_EXEC=sign` it gets the message on standard input, and prints the base64 of the 64 bytes of the signature, or that with
/// `vault:v1:` before it, as Vault's transit engine does. With `GENOME_EXEC=public-key` it gets nothing, and prints the public key: the
/// base64 of its `SubjectPublicKeyInfo`, or PEM. White space makes no difference. Any status but 0 is a failure.
pub(crate) struct Program {
    name: String,
    arguments: Vec<String>,
    timeout: Duration,
}

impl Program {
    pub(crate) fn new(words: &[String], timeout: Duration) -> Result<Self, ProgramFault> {
        let (name, arguments) = words.split_first().ok_or(ProgramFault::NotFound(String::new()))?;
        Ok(Self { name: name.clone(), arguments: arguments.to_owned(), timeout })
    }

    /// Asks for the public key.
    pub(crate) fn ask_public_key(&self) -> Result<PublicKey, CustodyError> {
        let printed = self.run("public-key", &[])?;
        let text = without_white_space(&printed);
        let base64 = text.strip_prefix("-----BEGINPUBLICKEY-----").and_then(|text| text.strip_suffix("-----ENDPUBLICKEY-----"));
        let key = base64.unwrap_or(&text).parse();
        Ok(key.map_err(|error| ProgramFault::NoPublicKey { program: self.name.clone(), error })?)
    }
}

impl SigningKey for Program {
    fn public_key(&self) -> Option<PublicKey> {
        None
    }

    fn sign(&mut self, _: &PublicKey, message: &[u8]) -> Result<[u8; 64], CustodyError> {
        let printed = self.run("sign", message)?;
        Ok(signature(&printed).ok_or_else(|| ProgramFault::NoSignature { program: self.name.clone(), bytes: printed.len() })?)
    }
}

/// Lines are wrapped at one width or another.
fn without_white_space(printed: &[u8]) -> String {
    String::from_utf8_lossy(printed).split_ascii_whitespace().collect()
}

fn signature(printed: &[u8]) -> Option<[u8; 64]> {
    let text = without_white_space(printed);
    // Vault writes `vault:v1:` before it, with the version of the key.
    let base64 = match text.strip_prefix("vault:v").and_then(|rest| rest.split_once(':')) {
        Some((version, base64)) if version.bytes().all(|byte| byte.is_ascii_digit()) => base64,
        _ => &text,
    };
    let mut bytes = [0; 64];
    let decoded = Base64::decode(base64, &mut bytes).ok()?.len();
    (decoded == bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_base64_of_64_bytes() {
        let base64 = Base64::encode_string(&[7; 64]);
        let (first, second) = base64.split_at(64);
        for text in [&base64, &format!("{base64}\n"), &format!(" {first}\r\n{second}\n"), &format!("vault:v12:{base64}\n")] {
            assert_eq!(signature(text.as_bytes()), Some([7; 64]), "{text}");
        }
        let short = Base64::encode_string(&[7; 63]);
        let long = Base64::encode_string(&[7; 65]);
        let unpadded = base64.trim_end_matches('=');
        for text in ["", "rubbish", &short, &long, unpadded, &format!("vault:vx:{base64}"), &format!("{base64}{base64}")] {
            assert_eq!(signature(text.as_bytes()), None, "{text}");
        }
        assert_eq!(signature(&[0xff; 88]), None);
    }
}
