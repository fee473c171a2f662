//! Recognizes private keys.
//!
//! Every genome is searched, so all marks are looked for in one pass (`aho-corasick`): one pass for each took a fifth of the time in which a large
//! genome is read.

use aho_corasick::packed::Searcher;
use std::sync::LazyLock;

/// The marks of a private key, in base64 or PEM.
const PRIVATE_KEY_MARKS: [&str; 9] = [
    // RFC 8410 section 7: the end of the algorithm identifier and the start of the key, 06 03 2b 65 70 04 22 04 20, as base64 shows
    // them at each of the three offsets that they can have. Version and attributes make no difference.
    "BgMrZXAEIgQg",
    "YDK2VwBCIEI",
    "GAytlcAQiBC",
    // The start of an OpenSSH private key, `openssh-key-v1`.
    "b3BlbnNzaC1rZXktdjE",
    MARK_OF_A_LABEL,
    // A key of PuTTY.
    "Private-Lines: ",
    // The same label in base64, as secret managers hold a PEM, at each of three offsets.
    "UFJJVkFURSBLRVktLS0tL",
    "BSSVZBVEUgS0VZLS0tLS",
    "QUklWQVRFIEtFWS0tLS0t",
];

/// A member of each private JWK (RFC 7517 section 4, RFC 8037 section 2), and the member that is its private half.
const JWK: [&str; 2] = ["\"kty\"", "\"d\""];

/// The end of a PEM label, whatever the algorithm (RFC 7468 section 10).
pub(crate) const MARK_OF_A_LABEL: &str = "PRIVATE KEY-----";

/// Whether a text holds a private key, or a good part of one: base64 or PEM of PKCS#8 or of OpenSSH's form, base64 of a PEM, or a JWK. White
/// space inside the base64 makes no difference where the text is nothing else.
#[must_use]
pub fn holds_private_key(text: &str) -> bool {
    holds_mark(text) || (is_spaced_base64(text) && is_marked(&without_blanks(text)))
}

/// As [`holds_private_key`], of bytes that may not be UTF-8: each part that is UTF-8 is looked at, and then all parts together, as the marks
/// of one key can stand in several of them.
#[must_use]
pub fn bytes_hold_private_key(bytes: &[u8]) -> bool {
    match str::from_utf8(bytes) {
        Ok(text) => holds_private_key(text),
        Err(_) => {
            holds_private_key(&String::from_utf8_lossy(bytes)) || bytes.utf8_chunks().any(|chunk| holds_private_key(chunk.valid()))
        }
    }
}

/// As [`holds_private_key`], with white space passed over in any text: for what a program printed, or somebody put into a variable.
#[must_use]
pub fn holds_spaced_private_key(text: &str) -> bool {
    holds_private_key(text) || is_marked(&without_blanks(text))
}

/// Finds the marks, and the member that only a JWK has; `None` on a processor for which it has no code.
static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(PRIVATE_KEY_MARKS.iter().chain(&JWK[..1])));

/// Whether a mark stands in a text, or the members of a JWK.
fn holds_mark(text: &str) -> bool {
    let may_hold = SEARCHER.as_ref().is_none_or(|searcher| searcher.find(text).is_some());
    may_hold && (is_marked(text) || JWK.iter().all(|member| text.contains(member)))
}

fn is_marked(text: &str) -> bool {
    PRIVATE_KEY_MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether there is white space in a text, and nothing else but what base64 and the labels of PEM are made of. Of other texts this sees the
/// first few characters.
fn is_spaced_base64(text: &str) -> bool {
    let is_of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-".contains(&byte);
    text.bytes().all(|byte| is_of_base64(byte) || byte.is_ascii_whitespace()) && text.bytes().any(|byte| byte.is_ascii_whitespace())
}

/// The text without its white space, but for the blank in the mark of a label.
fn without_blanks(text: &str) -> String {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    text.replace("PRIVATEKEY-----", MARK_OF_A_LABEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_known_by_its_marks() {
        // The key of RFC 8410 section 10.3 after 0, 1 and 2 other bytes, and the start of an OpenSSH key.
        for mark in [
            "BgMrZXAEIgQg1O5y2/kTWErVttjx",
            "AAYDK2VwBCIEINTuctv5E1hK1bbY",
            "AAAGAytlcAQiBCDU7nLb+RNYStW2",
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU",
        ] {
            assert!(holds_private_key(mark), "{mark}");
        }
        assert!(!holds_private_key("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="));
    }

    /// As `openssl genpkey | base64` writes it, after 0, 1 and 2 other bytes; as a JWK; and with white space inside.
    #[test]
    fn a_private_key_is_known_in_other_envelopes() {
        for text in [
            "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3",
            "AC0tLS0tQkVHSU4gUFJJVkFURSBLRVktLS0tLQpNQzRDQVFBd0JR",
            "AAAtLS0tLUJFR0lOIFBSSVZBVEUgS0VZLS0tLS0KTUM0Q0FRQXdC",
            r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#,
            "MC4C AQAw BQYD K2Vw BCIE INTu ctv5",
            "-----BEGIN\tPRIVATE\nKEY----- MC4C",
        ] {
            assert!(holds_private_key(text) && holds_spaced_private_key(text), "{text}");
        }
        assert!(!bytes_hold_private_key(b"\"kty\" \xff") && bytes_hold_private_key(b"\"kty\" \xff \"d\""));
        assert!(bytes_hold_private_key(b"\xffMC4C AQAw BQYD K2Vw BCIE INTu ctv5"));
        let within = "it said: MC4C AQAw BQYD K2Vw BCIE INTu ctv5";
        assert!(holds_spaced_private_key(within) && !holds_private_key(within));
        for text in [
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=",
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            "the PRIVATE KEY stays where it is",
            "",
        ] {
            assert!(!holds_spaced_private_key(text), "{text}");
        }
    }
}
