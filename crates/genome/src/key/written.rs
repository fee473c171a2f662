//! Public keys as other programs write them: lines of OpenSSH (`id_ed25519.pub`, `authorized_keys`), and PEM (RFC 7468 section 13).

mod fault;
mod openssh;
mod pem;

use super::{KeyId, PublicKey};
pub use fault::{WrittenKeyFault, WrittenKeyProblem};
use genome_json::holds_spaced_private_key;
use std::borrow::Cow;

/// A key in such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenKey {
    pub(crate) key: PublicKey,
    /// The comment of its line, where that can be a key id.
    pub(crate) comment: Option<KeyId>,
    /// The line, counted from 1.
    line: usize,
}

/// The most keys that are read from one file.
const MOST: usize = 256;

/// Reads the keys of a file, at least one; `None` where it does not look like such a file at all.
pub(crate) fn read_written(bytes: &[u8]) -> Option<Result<Vec<WrittenKey>, WrittenKeyFault>> {
    let text = text(bytes)?;
    if holds_spaced_private_key(&text) {
        return Some(Err(WrittenKeyProblem::PrivateKey.somewhere()));
    }
    if pem::is_pem(&text) {
        return Some(pem::read(&text).and_then(distinct));
    }
    if openssh::is_openssh(&text) {
        return Some(openssh::read(&text).and_then(distinct));
    }
    // The member of a signer object alone.
    text.trim().parse::<PublicKey>().is_ok().then(|| Err(WrittenKeyProblem::Bare.somewhere()))
}

/// Whether a file looks like one of public keys.
pub(crate) fn is_public_key_file(bytes: &[u8]) -> bool {
    text(bytes).is_some_and(|text| pem::is_pem(&text) || openssh::is_openssh(&text))
}

/// Whether a file that is not JSON holds a private key.
pub(crate) fn is_private_key_file(bytes: &[u8]) -> bool {
    text(bytes).is_some_and(|text| holds_spaced_private_key(&text))
}

/// The text of a file that does not start as JSON does. A comment may be in any encoding.
fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_none_or(|first| b"{[\"".contains(first));
    (!is_json).then(|| String::from_utf8_lossy(bytes))
}

/// One secret signs for both signs of a point, and must not be two signers.
fn distinct(keys: Vec<WrittenKey>) -> Result<Vec<WrittenKey>, WrittenKeyFault> {
    if keys.len() > MOST {
        return Err(WrittenKeyProblem::TooMany(MOST).somewhere());
    }
    for (index, key) in keys.iter().enumerate() {
        let point = key.key.point_without_sign();
        if let Some(first) = keys.iter().take(index).find(|other| other.key.point_without_sign() == point) {
            return Err(WrittenKeyProblem::Repeated { first: first.line }.at(key.line));
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410 section 10.1.
    const EXAMPLE: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    const LINE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh";

    fn read(text: &str) -> Option<Result<Vec<Option<String>>, WrittenKeyFault>> {
        let comments = |keys: Vec<WrittenKey>| {
            assert!(keys.iter().all(|key| key.key.to_string() == EXAMPLE));
            keys.into_iter().map(|key| key.comment.map(|id| id.to_string())).collect()
        };
        read_written(text.as_bytes()).map(|read| read.map(comments))
    }

    #[test]
    fn a_line_of_openssh_is_read_and_its_comment_is_the_key_id_where_it_fits() {
        for (text, comment) in [
            (LINE.to_owned(), None),
            (format!("{LINE} ada@example.org\n"), Some("ada@example.org")),
            (format!("\u{feff}\r\n# keys of the release\r\n {LINE}\t ops-2026 \r\n"), Some("ops-2026")),
            (format!("{LINE} Ada Lovelace"), None),
            (format!("{LINE} é"), None),
            (format!("{LINE} -x"), None),
        ] {
            assert_eq!(read(&text), Some(Ok(vec![comment.map(ToOwned::to_owned)])), "{text}");
        }
        let latin = [LINE.as_bytes(), b" caf\xe9\n"].concat();
        assert_eq!(read_written(&latin).unwrap().unwrap()[0].comment, None);
    }

    #[test]
    fn a_pem_of_any_width_is_read_with_text_around_it() {
        let folded: String = EXAMPLE.chars().flat_map(|character| [character, '\r', '\n']).collect();
        for body in [EXAMPLE.to_owned(), folded, format!("{}\n {}", &EXAMPLE[..40], &EXAMPLE[40..])] {
            let text = format!("\u{feff}Bag Attributes\n-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\r\nend\n");
            assert_eq!(read(&text), Some(Ok(vec![None])), "{text}");
        }
    }

    #[test]
    fn what_is_something_else_is_named() {
        use WrittenKeyProblem::{Bare, Damaged, NoKey, Options, Other, PrivateKey, Repeated};
        let pem = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        let other = |what: &str| Other(what.to_owned());
        for (text, problem, line) in [
            (format!("{LINE}\n{LINE} again\n"), Repeated { first: 1 }, Some(2)),
            (format!("{LINE}\nssh-rsa AAAAB3NzaC1yc2E\n"), other("ssh-rsa"), Some(2)),
            ("sk-ssh-ed25519@openssh.com AAAA x".to_owned(), other("sk-ssh-ed25519@openssh.com"), Some(1)),
            (format!("restrict {LINE}"), Options, Some(1)),
            (format!("{LINE}\nhello\n"), NoKey, Some(2)),
            (LINE.replace("MWbh", "MWb"), Damaged, Some(1)),
            (LINE.replace("AAAAIB", "AAAAIA"), Damaged, None),
            (pem("PUBLIC KEY", &EXAMPLE[..40]), Damaged, Some(1)),
            (pem("PUBLIC KEY", "MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="), other("X25519"), Some(1)),
            (pem("CERTIFICATE", "AAAA"), WrittenKeyProblem::Certificate, Some(1)),
            (pem("PRIVATE KEY", "AAAA"), PrivateKey, None),
            (format!("{}{}", pem("PUBLIC KEY", EXAMPLE), pem("ENCRYPTED PRIVATE KEY", "AAAA")), PrivateKey, None),
            (EXAMPLE.to_owned(), Bare, None),
        ] {
            let fault = read(&text).unwrap_or_else(|| panic!("not looked at: {text}")).unwrap_err();
            if problem == Damaged && line.is_none() {
                assert!(matches!(fault.problem, Damaged | WrittenKeyProblem::Key(_)), "{text}: {fault:?}");
                continue;
            }
            assert_eq!((fault.problem, fault.line), (problem, line), "{text}");
        }
        for json in ["", "{}", " [1]", "\"ssh-ed25519 AAAA\"", "nothing", "1"] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    /// What OpenSSL and ssh-keygen do not see as a key is none, wherever it stands.
    #[test]
    fn a_key_in_a_comment_or_behind_another_sign_is_none() {
        let other = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        let pem = |begin: &str, key: &str| format!("{begin}-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n");
        let in_a_line = pem("", other).replace('\n', " ");
        for text in [
            format!("{LINE}\n# left in 2025: {in_a_line}\n"),
            format!("{LINE} {in_a_line}\n"),
            pem("", EXAMPLE) + &pem("# ", other),
            pem("", EXAMPLE) + &pem(" ", other),
        ] {
            assert_eq!(read(&text).unwrap().unwrap().len(), 1, "{text}");
        }
        let mallory = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea m";
        for blank in ["\u{a0}", "\u{2028}", "\u{b}", "\u{c}", "\u{85}"] {
            assert_eq!(problem(&format!("{LINE}\n{blank}{mallory}\n")), WrittenKeyProblem::NoKey, "{blank:?}");
            assert!(read(&mallory.replacen(' ', blank, 1)).is_none_or(|read| read.is_err()), "{blank:?}");
        }
        assert_eq!(problem(&(pem("", EXAMPLE) + mallory + "\n")), WrittenKeyProblem::Mixed);
    }

    fn problem(text: &str) -> WrittenKeyProblem {
        read(text).unwrap().unwrap_err().problem
    }

    /// A text that is no label and no type can be anything, a private key too.
    #[test]
    fn nothing_of_a_damaged_file_is_shown() {
        let secret = "d7Vf0kK9bZ2mQ4xT";
        for text in [
            format!("-----BEGIN PRIVATE KEY----\n{secret}\n-----END PRIVATE KEY----\n-----\n"),
            format!("-----BEGIN PRIVATE KEY -----\n{secret}\n-----END PRIVATE KEY -----\n"),
            format!("-----BEGIN {secret}-----\n"),
            format!("ssh-{secret} AAAA\n"),
        ] {
            let fault = read(&text).unwrap().unwrap_err();
            assert!(!format!("{fault} {fault:?}").contains(secret), "{text}");
        }
    }

    #[test]
    fn too_many_keys_are_not_read_to_their_end() {
        let many = format!("{LINE}\n").repeat(100_000);
        assert_eq!(problem(&many), WrittenKeyProblem::TooMany(MOST));
    }
}
