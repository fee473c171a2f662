//! What is around a key: PEM, base64, or nothing. White space is never significant, every other character is.
//!
//! By hand, because nothing that is kept reads what OpenSSL and ssh-keygen read: `pem-rfc7468` wants one width for all lines, the usual one for encrypted
//! keys, and nothing inside a line; `rustls-pki-types` reads by lines, knows no OpenSSH key, and lets what it has decoded lie in memory; `pem` wants UTF-8
//! around a key and line breaks alone inside it, and wipes nothing either.

use super::{AlgorithmName, Damage, Foreign, PrivateKey, PrivateKeyError, PublicKey, foreign, jwk, openssh, structure};
use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN";
const END: &[u8] = b"-----END";
const DASHES: &[u8] = b"-----";

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest label: that of a key has up to 22 characters.
const LONGEST_LABEL: usize = 64;

/// Reads a private key in any envelope.
pub(super) fn read(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<PrivateKey, PrivateKeyError> {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(PrivateKeyError::Empty);
    }
    if foreign::is_utf16(bytes) {
        return Err(Foreign::Utf16.into());
    }
    let blocks = blocks(bytes)?;
    if !blocks.is_empty() {
        return read_blocks(&blocks, passphrase);
    }
    let Some(text) = text(bytes) else {
        // Binary: DER begins with a SEQUENCE, OpenSSH's form with its name.
        let is_binary = bytes.starts_with(b"0") || bytes.starts_with(b"openssh-key-v1");
        let known = foreign::by_start(&String::from_utf8_lossy(bytes));
        return match known {
            Some(foreign) => Err(foreign.into()),
            None if is_binary => structure::read(bytes, passphrase),
            None => Err(PrivateKeyError::NotBase64),
        };
    };
    if let Some(foreign) = foreign::by_start(text) {
        return Err(foreign.into());
    }
    if text.starts_with('{') {
        return jwk::read(text);
    }
    let Some(decoded) = decode(text) else {
        return Err(foreign::by_characters(text).map_or(PrivateKeyError::NotBase64, Into::into));
    };
    if decoded.trim_ascii_start().starts_with(BEGIN) {
        return Err(Foreign::Base64OfPem.into());
    }
    structure::read(&decoded, passphrase)
}

/// The public half that an OpenSSH key says it has, also where that is encrypted.
pub(super) fn claimed_public_key(bytes: &[u8]) -> Option<PublicKey> {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let blocks = blocks(bytes).ok()?;
    let body = match blocks.as_slice() {
        [] if openssh::is_openssh(bytes) => return openssh::claimed_public_key(bytes),
        [] => text(bytes)?,
        [block] if block.is_private_key() => std::str::from_utf8(block.body).ok()?,
        // Which of several it is shows when they are open.
        _ => return None,
    };
    openssh::claimed_public_key(&decode(body)?)
}

/// The bytes as text without white space around it; `None` if there is anything in them that does not show.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.contains(|character: char| character.is_control() && !character.is_whitespace())).then(|| text.trim())
}

/// The bytes that base64 stands for; `None` if it is none. What was decoded before a fault is wiped too.
fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut body = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut buffer = [0; 4];
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        body.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }
    let mut decoded = Zeroizing::new(vec![0; body.len()]);
    // Nothing is lost: `base64ct` says of a fault neither where it is nor what.
    let length = Base64::decode(body.as_slice(), &mut decoded).ok()?.len();
    decoded.truncate(length);
    Some(decoded)
}

/// One PEM (RFC 7468).
struct Block<'a> {
    /// What it says it is, without its blanks.
    label: String,
    /// What stands between its labels.
    body: &'a [u8],
}

impl Block<'_> {
    fn is_private_key(&self) -> bool {
        self.label.ends_with("PRIVATEKEY")
    }
}

/// The PEMs in a text, and what is around them passed over.
fn blocks(bytes: &[u8]) -> Result<Vec<Block<'_>>, Foreign> {
    let mut blocks = Vec::new();
    let mut rest = bytes;
    while let Some((_, after)) = split(rest, BEGIN) {
        rest = after;
        let Some((label, after)) = split_label(after) else { continue };
        let (body, end) = split(after, END).ok_or(Foreign::Unterminated)?;
        match split_label(end) {
            Some((closing, after)) if closing == label => rest = after,
            _ => return Err(Foreign::Unterminated),
        }
        blocks.push(Block { label, body });
    }
    Ok(blocks)
}

/// What stands before a mark, and after it.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    let (before, after) = bytes.split_at_checked(at)?;
    Some((before, after.get(mark.len()..)?))
}

/// A label without its blanks, and what follows its dashes.
fn split_label(bytes: &[u8]) -> Option<(String, &[u8])> {
    let near = bytes.get(..bytes.len().min(LONGEST_LABEL + DASHES.len()))?;
    let (label, _) = split(near, DASHES)?;
    let after = bytes.get(label.len() + DASHES.len()..)?;
    let label = std::str::from_utf8(label).ok()?;
    Some((label.chars().filter(|character| !character.is_whitespace()).collect(), after))
}

/// The private key among several PEMs, such as a key with its certificates.
fn read_blocks(blocks: &[Block<'_>], passphrase: Option<&[u8]>) -> Result<PrivateKey, PrivateKeyError> {
    let mut private = blocks.iter().filter(|block| block.is_private_key());
    let Some(first) = private.next() else {
        let label = blocks.first().map(|block| block.label.as_str()).unwrap_or_default();
        return Err(Foreign::of_label(label).map_or(Damage::rule("its label is not that of a key").into(), Into::into));
    };
    let body = first.body;
    let first = read_block(first, passphrase);
    // What is tried takes as long as it may for the whole file.
    if matches!(first, Err(PrivateKeyError::WrongPassphrase | PrivateKeyError::TooCostly)) {
        return first;
    }
    for other in private.filter(|other| other.body != body) {
        match (&first, read_block(other, passphrase)) {
            (Ok(first), Ok(other)) if first.public_key() == other.public_key() => {}
            // Whether they are the same key shows when both are open.
            (Err(PrivateKeyError::Encrypted), _) | (_, Err(PrivateKeyError::Encrypted)) => return Err(PrivateKeyError::Encrypted),
            (Err(_), Err(_)) => {}
            _ => return Err(PrivateKeyError::Several),
        }
    }
    first
}

fn read_block(block: &Block<'_>, passphrase: Option<&[u8]>) -> Result<PrivateKey, PrivateKeyError> {
    match block.label.as_str() {
        "RSAPRIVATEKEY" => return Err(PrivateKeyError::OtherAlgorithm(AlgorithmName::known("RSA"))),
        "DSAPRIVATEKEY" => return Err(PrivateKeyError::OtherAlgorithm(AlgorithmName::known("DSA"))),
        "ENCRYPTEDSIGSTOREPRIVATEKEY" | "ENCRYPTEDCOSIGNPRIVATEKEY" => return Err(Foreign::Cosign.into()),
        _ => {}
    }
    let (is_encrypted, body) = without_headers(block.body);
    if is_encrypted && block.label == "ECPRIVATEKEY" {
        return Err(PrivateKeyError::OtherAlgorithm(AlgorithmName::known("ECDSA")));
    }
    if is_encrypted {
        return Err(PrivateKeyError::Pkcs8Encryption(AlgorithmName::known(
            "the encryption of RFC 1421 (`Proc-Type: 4,ENCRYPTED`)",
        )));
    }
    // Nothing is lost: what is not UTF-8 is no base64, wherever that shows.
    let text = std::str::from_utf8(body).ok();
    let Some(decoded) = text.and_then(decode) else {
        let known = text.and_then(foreign::by_characters);
        return Err(known.map_or(Damage::rule("what stands between its labels is not base64").into(), Into::into));
    };
    match structure::read(&decoded, passphrase) {
        // The label says what a key is that is encrypted or damaged.
        Err(PrivateKeyError::Malformed(_)) if block.label == "ECPRIVATEKEY" => {
            Err(PrivateKeyError::OtherAlgorithm(AlgorithmName::known("ECDSA")))
        }
        key => key,
    }
}

/// What follows the headers of RFC 1421, and whether they say that it is encrypted. They end with an empty line.
fn without_headers(body: &[u8]) -> (bool, &[u8]) {
    let ends: [&[u8]; 2] = [b"\n\n", b"\r\n\r\n"];
    let parts = ends.iter().find_map(|end| split(body.trim_ascii_start(), end));
    match parts {
        Some((headers, rest)) if headers.contains(&b':') => (split(headers, b"4,ENCRYPTED").is_some(), rest),
        _ => (false, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(label_blank: &str, between: &str) -> String {
        let base64 = PrivateKey::from_seed(&[42; 32]).to_base64();
        let body: String = base64.chars().flat_map(|character| between.chars().chain([character])).collect();
        let label = ["PRIVATE", "KEY"].join(label_blank);
        format!("-----BEGIN{label_blank}{label}-----{body}{between}-----END{label_blank}{label}-----{between}")
    }

    fn read(text: &str) -> Result<[u8; 32], PrivateKeyError> {
        PrivateKey::from_text(text, None).map(|key| key.0.to_bytes())
    }

    #[test]
    fn white_space_is_never_significant() {
        for between in ["", " ", "\t", "\n", "\r\n", "\r", "\n\n", "\u{b}\u{c}", "\u{a0}", "\u{2028}", "\u{3000}"] {
            for label_blank in ["", " ", "\n", "\t \r\n"] {
                assert_eq!(read(&pem(label_blank, between)), Ok([42; 32]), "{label_blank:?} {between:?}");
            }
            let base64: String =
                PrivateKey::from_seed(&[42; 32]).to_base64().chars().flat_map(|c| [between.to_owned(), c.to_string()]).collect();
            assert_eq!(read(&base64), Ok([42; 32]), "{between:?}");
        }
    }

    #[test]
    fn every_other_character_is_significant() {
        let text = pem(" ", "");
        let (start, end) = (text.find('M').unwrap(), text.find("-----END").unwrap());
        for (at, character) in
            (start..=end).flat_map(|at| ['.', '-', '=', '\\', '\0', ':', '\u{200b}', '"'].map(|character| (at, character)))
        {
            let mut changed = text.clone();
            changed.insert(at, character);
            assert!(read(&changed).is_err(), "{character:?} at {at}");
        }
    }

    #[test]
    fn headers_are_passed_over_and_an_encryption_among_them_is_named() {
        let with = |headers: &str| pem(" ", "\n").replacen("KEY-----\n", &format!("KEY-----\n{headers}\n\n"), 1);
        assert_eq!(read(&with("Comment: a: b\n continued")), Ok([42; 32]));
        let encrypted = read(&with("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00")).unwrap_err();
        assert!(matches!(encrypted, PrivateKeyError::Pkcs8Encryption(_)), "{encrypted}");
    }

    #[test]
    fn of_several_keys_none_is_chosen() {
        let [one, other] = [PrivateKey::from_seed(&[1; 32]).to_pem(), PrivateKey::from_seed(&[2; 32]).to_pem()];
        assert_eq!(read(&[one.as_str(), &one].concat()), Ok([1; 32]));
        assert_eq!(read(&[one.as_str(), &other].concat()), Err(PrivateKeyError::Several));
        assert_eq!(read(&[one.as_str(), &one, &other].concat()), Err(PrivateKeyError::Several));
        let rsa = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(read(&[one.as_str(), rsa].concat()), Err(PrivateKeyError::Several));
        assert!(matches!(read(&[rsa, rsa].concat()), Err(PrivateKeyError::OtherAlgorithm(_))));
        let encryption = super::super::Encryption { passphrase: "words", random: &[7; 32] };
        let encrypted = PrivateKey::from_seed(&[1; 32]).to_encrypted_pem(encryption).unwrap();
        let both = [encrypted.as_str(), &one].concat();
        assert_eq!(read(&both), Err(PrivateKeyError::Encrypted));
        assert!(PrivateKey::from_text(&both, Some(b"words")).is_ok());
        assert_eq!(
            PrivateKey::from_text(&[encrypted.as_str(), &other].concat(), Some(b"words")).unwrap_err(),
            PrivateKeyError::Several
        );
    }
}
