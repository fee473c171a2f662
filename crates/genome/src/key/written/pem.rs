//! PEM (RFC 7468), read as leniently as OpenSSL reads it: any width, any text around it.

use super::{WrittenKey, WrittenKeyFault, WrittenKeyProblem};
use crate::key::{PublicKey, PublicKeyError};
use base64ct::{Base64, Encoding as _};
use pkcs8::der::Decode as _;
use pkcs8::spki::SubjectPublicKeyInfoRef;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
/// RFC 4716 section 3.2: four dashes and a blank.
const RFC_4716: &str = "---- BEGIN SSH2 PUBLIC KEY ----";

pub(super) fn is_pem(text: &str) -> bool {
    text.contains(BEGIN) || text.contains(RFC_4716)
}

pub(super) fn read(text: &str) -> Result<Vec<WrittenKey>, WrittenKeyFault> {
    let mut keys = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        line += before.matches('\n').count();
        let (key, length) = block(after, line).map_err(|problem| problem.at(line))?;
        keys.push(key);
        line += after.get(..length).unwrap_or_default().matches('\n').count();
        rest = after.get(length..).unwrap_or_default();
    }
    if keys.is_empty() { Err(WrittenKeyProblem::Rfc4716.somewhere()) } else { Ok(keys) }
}

/// The key of a block whose label starts this text, and where the block ends.
fn block(text: &str, line: usize) -> Result<(WrittenKey, usize), WrittenKeyProblem> {
    let (label, after) = text.split_once(DASHES).ok_or(WrittenKeyProblem::Damaged)?;
    match label {
        "PUBLIC KEY" => {}
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => return Err(WrittenKeyProblem::Certificate),
        other => return Err(WrittenKeyProblem::other(other.strip_suffix(" PUBLIC KEY").unwrap_or(other))),
    }
    let (body, _) = after.split_once("-----END PUBLIC KEY-----").ok_or(WrittenKeyProblem::Damaged)?;
    let base64: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let key: PublicKey = base64.parse().map_err(|error| problem(error, &base64))?;
    Ok((WrittenKey { key, comment: None, line }, label.len() + DASHES.len() + body.len()))
}

fn problem(error: PublicKeyError, base64: &str) -> WrittenKeyProblem {
    match error {
        PublicKeyError::NotBase64 | PublicKeyError::Raw => WrittenKeyProblem::Damaged,
        PublicKeyError::PrivateKey => WrittenKeyProblem::PrivateKey,
        PublicKeyError::NotEd25519 => {
            let der = Base64::decode_vec(base64).unwrap_or_default();
            let info = SubjectPublicKeyInfoRef::from_der(&der).ok();
            info.map_or(WrittenKeyProblem::Damaged, |info| match info.algorithm.oid.to_string().as_str() {
                "1.3.101.112" => WrittenKeyProblem::Damaged,
                oid => WrittenKeyProblem::other(algorithm(oid)),
            })
        }
        PublicKeyError::NotCanonical | PublicKeyError::SmallOrder | PublicKeyError::MixedOrder => WrittenKeyProblem::Key(error),
    }
}

/// The name that people know an algorithm by.
fn algorithm(oid: &str) -> &str {
    match oid {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.10045.2.1" => "EC",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.113" => "Ed448",
        other => other,
    }
}
