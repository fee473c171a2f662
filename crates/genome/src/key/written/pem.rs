//! PEM (RFC 7468), read as leniently as OpenSSL reads it: any width, any text around it. A label stands on a line of its own, from its start:
//! what stands in a comment, or behind a `#`, is no key.

use super::{MOST, WrittenKey, WrittenKeyFault, WrittenKeyProblem, openssh};
use crate::key::{PublicKey, PublicKeyError};
use base64ct::{Base64, Encoding as _};
use pkcs8::der::Decode as _;
use pkcs8::spki::SubjectPublicKeyInfoRef;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
const END: &str = "-----END PUBLIC KEY-----";
/// RFC 4716 section 3.2: four dashes and a blank.
const RFC_4716: &str = "---- BEGIN SSH2 PUBLIC KEY ----";

/// The longest label that is one: that of a key has up to 22 characters.
const LONGEST_LABEL: usize = 40;

pub(super) fn is_pem(text: &str) -> bool {
    text.lines().any(|line| line.starts_with(BEGIN) || line.starts_with(RFC_4716))
}

pub(super) fn read(text: &str) -> Result<Vec<WrittenKey>, WrittenKeyFault> {
    let mut keys = Vec::new();
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    while let Some((number, line)) = lines.next() {
        let problem = |problem: WrittenKeyProblem| problem.at(number);
        if let Some(label) = line.strip_prefix(BEGIN) {
            check_label(label).map_err(problem)?;
            let (body, is_whole) = body(&mut lines);
            let base64 = is_whole.then_some(body).ok_or(WrittenKeyProblem::Damaged).map_err(problem)?;
            let key: PublicKey = base64.parse().map_err(|error| problem(unusable(error, &base64)))?;
            keys.push(WrittenKey { key, comment: None, line: number });
        } else if openssh::is_key(line) {
            // One of the two would be passed over.
            return Err(problem(WrittenKeyProblem::Mixed));
        }
        if keys.len() > MOST {
            break;
        }
    }
    if keys.is_empty() { Err(WrittenKeyProblem::Rfc4716.somewhere()) } else { Ok(keys) }
}

/// What follows up to the line that ends the block, without white space, and whether there is such a line.
fn body<'t>(lines: &mut impl Iterator<Item = (usize, &'t str)>) -> (String, bool) {
    let mut body = String::new();
    for (_, line) in lines {
        if line.trim_ascii_end() == END {
            return (body, true);
        }
        body.extend(line.chars().filter(|character| !character.is_ascii_whitespace()));
    }
    (body, false)
}

/// Refuses a label, and the dashes behind it, that is not that of a public key. A text that is no label could be anything, and is not shown.
fn check_label(label: &str) -> Result<(), WrittenKeyProblem> {
    let label = label.trim_ascii_end().strip_suffix(DASHES).ok_or(WrittenKeyProblem::Damaged)?;
    let is_of_label = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
    match label {
        "PUBLIC KEY" => Ok(()),
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Err(WrittenKeyProblem::Certificate),
        _ if label.contains("PRIVATE") => Err(WrittenKeyProblem::PrivateKey),
        _ if label.len() > LONGEST_LABEL || !label.bytes().all(is_of_label) => Err(WrittenKeyProblem::Damaged),
        _ => Err(WrittenKeyProblem::other(label.strip_suffix(" PUBLIC KEY").unwrap_or(label))),
    }
}

fn unusable(error: PublicKeyError, base64: &str) -> WrittenKeyProblem {
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
