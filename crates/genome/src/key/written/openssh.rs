//! Lines of OpenSSH: the type of the key, the base64 of its blob, a comment (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").

use super::{WrittenKey, WrittenKeyFault, WrittenKeyProblem};
use crate::key::PublicKey;
use base64ct::{Base64, Encoding as _};

const TYPE: &str = "ssh-ed25519";

/// RFC 8709 section 4: the blob of a key up to its 32 bytes. RFC 4251 section 5: a string is its length in four bytes, and its bytes.
const BLOB_PREFIX: &[u8] = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20";

/// Whether a word is a type of key.
fn is_type(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start))
}

/// Whether a blob follows a type in this line. Each begins with the length of its type, which is below 2^8.
fn has_blob(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.array_windows().any(|[kind, blob]| is_type(kind) && blob.starts_with("AAAA"))
}

/// Whether any line is one of OpenSSH.
pub(super) fn is_openssh(text: &str) -> bool {
    lines(text).any(|(_, line)| line.split_whitespace().next().is_some_and(is_type) || has_blob(line))
}

/// The lines that are not empty and no comments, and their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

pub(super) fn read(text: &str) -> Result<Vec<WrittenKey>, WrittenKeyFault> {
    lines(text).map(|(number, line)| key(number, line).map_err(|problem| problem.at(number))).collect()
}

fn key(line: usize, text: &str) -> Result<WrittenKey, WrittenKeyProblem> {
    let (kind, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if !is_type(kind) {
        return Err(if has_blob(text) { WrittenKeyProblem::Options } else { WrittenKeyProblem::NoKey });
    }
    if kind != TYPE {
        return Err(WrittenKeyProblem::other(kind));
    }
    let rest = rest.trim_start();
    let (blob, comment) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let blob = Base64::decode_vec(blob).map_err(|_| WrittenKeyProblem::Damaged)?;
    let point = blob.strip_prefix(BLOB_PREFIX).and_then(|point| point.try_into().ok()).ok_or(WrittenKeyProblem::Damaged)?;
    let key = PublicKey::from_bytes(point).map_err(WrittenKeyProblem::Key)?;
    Ok(WrittenKey { key, comment: comment.trim().parse().ok(), line })
}
