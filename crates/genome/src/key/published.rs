//! Keys whose private half is published. Anybody can sign with them, so they vouch for nothing.

const PUBLISHED: [[u8; 32]; 11] = [
    // totk-dev-key-001, ours: genomes/TOTK_ROOT_v1.0.0.
    hex(b"f0192ccabd3c2ccbb928b8b11b5ffbdbe51a2191606f1dcd93ed7b249e0dd7d1"),
    // The two of the scripts that this project replaces.
    hex(b"a36655a191f30ca61c28e15559e905880faf0644f9a39ee38100790f444141f6"),
    hex(b"a53822bf4eb7065c5440e01dcf6cc7443b0774f6d1e6ffa878fefbe1fa934b6d"),
    // RFC 8032 section 7.1: TEST 1, TEST 2, TEST 3, TEST 1024 and TEST SHA(abc), which section 7.3 uses too.
    hex(b"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
    hex(b"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    hex(b"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
    hex(b"278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"),
    hex(b"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"),
    // RFC 8032 section 7.2: the keys of its four examples.
    hex(b"dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292"),
    hex(b"0f1d1274943b91415889152e893d80e93275a1fc0b65fd71b4b0dda10ad7d772"),
    // RFC 8410 section 10.
    hex(b"19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"),
];

pub(super) fn contains(key: &[u8; 32]) -> bool {
    PUBLISHED.contains(key)
}

/// The bytes that lowercase hex digits stand for. A mistake above does not compile: the arithmetic overflows.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the bounds")]
const fn hex(digits: &[u8; 64]) -> [u8; 32] {
    const fn value(digit: u8) -> u8 {
        if digit < b'a' { digit - b'0' } else { digit - b'a' + 10 }
    }
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < bytes.len() {
        bytes[at] = value(digits[2 * at]) * 16 + value(digits[2 * at + 1]);
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use crate::key::PublicKey;

    #[test]
    fn published_keys_are_known_by_their_bytes() {
        for text in [
            "MCowBQYDK2VwAyEAo2ZVoZHzDKYcKOFVWekFiA+vBkT5o57jgQB5D0RBQfY=",
            "MCowBQYDK2VwAyEApTgiv063BlxUQOAdz2zHRDsHdPbR5v+oeP774fqTS20=",
            "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            "MCowBQYDK2VwAyEA8Bksyr08LMu5KLixG1/72+UaIZFgbx3Nk+17JJ4N19E=",
        ] {
            assert!(text.parse::<PublicKey>().unwrap().is_published_test_key(), "{text}");
        }
    }

    #[test]
    fn any_other_key_is_not_published() {
        let key = crate::key::PrivateKey::from_seed(&[7; 32]).public_key();
        assert!(!key.is_published_test_key());
    }
}
