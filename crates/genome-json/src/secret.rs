//! Recognizes private keys.

/// The marks of a private key, in base64 or PEM.
const PRIVATE_KEY_MARKS: [&str; 5] = [
    // RFC 8410 section 7: the end of the algorithm identifier and the start of the key, 06 03 2b 65 70 04 22 04 20, as base64 shows
    // them at each of the three offsets that they can have. Version and attributes make no difference.
    "BgMrZXAEIgQg",
    "YDK2VwBCIEI",
    "GAytlcAQiBC",
    // The start of an OpenSSH private key, `openssh-key-v1`.
    "b3BlbnNzaC1rZXktdjE",
    MARK_OF_A_LABEL,
];

/// The end of a PEM label, whatever the algorithm (RFC 7468 section 10).
pub(crate) const MARK_OF_A_LABEL: &str = "PRIVATE KEY-----";

/// Whether a text holds a private key, or a good part of one.
#[must_use]
pub fn holds_private_key(text: &str) -> bool {
    PRIVATE_KEY_MARKS.iter().any(|mark| text.contains(mark))
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
}
