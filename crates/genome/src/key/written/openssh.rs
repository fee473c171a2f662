//! Lines of OpenSSH: the type of the key, the base64 of its blob, a comment (sshd(8), section `AUTHORIZED_KEYS FILE FORMAT`).

use super::{MOST, WrittenKey, WrittenKeyFault, WrittenKeyProblem};
use crate::key::PublicKey;
use base64ct::{Base64, Encoding as _};

const TYPE: &str = "ssh-ed25519";

/// RFC 8709 section 4: the blob of a key up to its 32 bytes. RFC 4251 section 5: a string is its length in four bytes, and its bytes.
const BLOB_PREFIX: &[u8] = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20";

/// The other types, as sshd(8) lists them. Only these are shown: another word could be anything.
const OTHERS: [&str; 7] = [
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// What the name of a certificate ends with.
const OF_CERTIFICATE: &str = "-cert-v01@openssh.com";

/// Whether a word is a type of key.
fn is_type(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start))
}

/// White space as OpenSSH knows it: any other stands for nothing, and a key behind it is none.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(is_blank).filter(|word| !word.is_empty())
}

/// Whether a blob follows a type in this line. Each begins with the length of its type, which is below 2^8.
fn has_blob(line: &str) -> bool {
    let words: Vec<&str> = words(line).collect();
    words.array_windows().any(|[kind, blob]| is_type(kind) && blob.starts_with("AAAA"))
}

/// Whether a line looks like one of OpenSSH.
pub(super) fn is_key(line: &str) -> bool {
    !is_passed_over(line) && (words(line).next().is_some_and(is_type) || has_blob(line))
}

/// Whether any line is one of OpenSSH.
pub(super) fn is_openssh(text: &str) -> bool {
    lines(text).any(|(_, line)| is_key(line))
}

/// Whether a line is empty or a comment.
fn is_passed_over(line: &str) -> bool {
    let line = line.trim_start_matches(is_blank);
    line.is_empty() || line.starts_with('#')
}

/// The lines that are not empty and no comments, and their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end_matches('\r').trim_matches(is_blank)));
    numbered.filter(|(_, line)| !is_passed_over(line))
}

pub(super) fn read(text: &str) -> Result<Vec<WrittenKey>, WrittenKeyFault> {
    // One more than there may be shows that there are too many.
    lines(text).take(MOST + 1).map(|(number, line)| key(number, line).map_err(|problem| problem.at(number))).collect()
}

fn key(line: usize, text: &str) -> Result<WrittenKey, WrittenKeyProblem> {
    let (kind, rest) = text.split_once(is_blank).unwrap_or((text, ""));
    if !is_type(kind) {
        return Err(if has_blob(text) { WrittenKeyProblem::Options } else { WrittenKeyProblem::NoKey });
    }
    if kind != TYPE {
        let is_known = OTHERS.contains(&kind)
            || kind.strip_suffix(OF_CERTIFICATE).is_some_and(|of| of == TYPE || OTHERS.iter().any(|other| other.starts_with(of)));
        return Err(if is_known { WrittenKeyProblem::other(kind) } else { WrittenKeyProblem::Damaged });
    }
    let rest = rest.trim_start_matches(is_blank);
    let (blob, comment) = rest.split_once(is_blank).unwrap_or((rest, ""));
    // Nothing is lost: `base64ct` says of a fault neither where it is nor what.
    let blob = Base64::decode_vec(blob).map_err(|_| WrittenKeyProblem::Damaged)?;
    let point = blob.strip_prefix(BLOB_PREFIX).and_then(|point| point.try_into().ok()).ok_or(WrittenKeyProblem::Damaged)?;
    let key = PublicKey::from_bytes(point).map_err(WrittenKeyProblem::Key)?;
    Ok(WrittenKey { key, comment: comment.trim_matches(is_blank).parse().ok(), line })
}
