//! Keys whose private half is published. Anybody can sign with them, so they prove nothing.
//!
//! Every key that this repository holds the private half of is among them: `tests/cli/published_keys.rs` looks for them.

use crate::digest::Digest;
use std::collections::HashSet;
use std::sync::LazyLock;

/// In hexadecimal, as RFC 8032 encodes them.
const PUBLISHED: [&str; 20] = [
    // totk-dev-key-001, ours: genomes/TOTK_ROOT_v1.0.0.
    "f0192ccabd3c2ccbb928b8b11b5ffbdbe51a2191606f1dcd93ed7b249e0dd7d1",
    // The two of the scripts that this project replaces.
    "a36655a191f30ca61c28e15559e905880faf0644f9a39ee38100790f444141f6",
    "a53822bf4eb7065c5440e01dcf6cc7443b0774f6d1e6ffa878fefbe1fa934b6d",
    // RFC 8032 section 7.1: TEST 1, TEST 2, TEST 3, TEST 1024 and TEST SHA(abc), which section 7.3 uses too.
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    // RFC 8032 section 7.2: the keys of its four examples.
    "dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292",
    "0f1d1274943b91415889152e893d80e93275a1fc0b65fd71b4b0dda10ad7d772",
    // RFC 8410 section 10.
    "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
    // Those of tests/vectors, whose generator holds their seeds. `published-keys` beside it lists them.
    "18037f2fb704740606a7ad37b029d6a79b0a941cca8f28b1398b87555f686c23",
    "3f64656c3aa2e888583c73e51c4cf58622cab80f05f0468924cfd052f47029a0",
    "8192d0c46321d027241c068d4b371e55fdd6e5ff3805629ecd6d1b04c1cba06e",
    "82a0c94b3f56a322e03bae816c97418021dbdcf7e290b4d7e4ee32f91b6cf63d",
    "9dc3180063b5b8db4752f7a83398c01b9ab61e15addbd343144dabd42ed12923",
    "af358655127a2025c22162fb4979ea6d1c65f0f3828cfa5ac281b75649d6e908",
    "c7fc8bfa0f7277d0e41f83b91be591574ae3b20387cd52ba015eb039ba380a91",
    "cd7c6d148da0647951354c22c48b925ca16954eb2c01ab1fb0861b2407ac6bbb",
    "de6132a0f6c9b513a864f57868be2ea0af283e022c8c95d90b471a638f6491fe",
];

/// Those whose seed is one byte 32 times, from 0 to 255: the keys of everybody's examples and tests, ours among them.
const OF_UNIFORM_SEEDS: &str = include_str!("published/uniform-seeds");

/// Without the sign of x.
static POINTS: LazyLock<HashSet<[u8; 32]>> = LazyLock::new(|| {
    let keys = PUBLISHED.into_iter().chain(OF_UNIFORM_SEEDS.lines());
    keys.filter_map(|digits| digits.parse::<Digest>().ok()).map(|key| without_sign(*key.as_bytes())).collect()
});

/// Whether the private half of a key is published, or that of the key with the other sign.
pub(super) fn contains(key: &[u8; 32]) -> bool {
    POINTS.contains(&without_sign(*key))
}

pub(super) fn without_sign(mut key: [u8; 32]) -> [u8; 32] {
    key[31] &= 0x7f;
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{PrivateKey, PublicKey};
    use std::hash::{BuildHasher as _, RandomState};

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
    fn the_lists_are_what_they_say() {
        assert_eq!(POINTS.len(), PUBLISHED.len() + 256, "each is read, and none stands twice");
        for (seed, listed) in (0..=255).zip(OF_UNIFORM_SEEDS.lines()) {
            let key = PrivateKey::from_seed(&[seed; 32]).public_key();
            assert_eq!(Digest::from_bytes(*key.as_bytes()).to_string(), listed, "seed {seed}");
        }
    }

    #[test]
    fn the_other_sign_is_as_published() {
        for seed in [0, 42, 255] {
            let mut key = *PrivateKey::from_seed(&[seed; 32]).public_key().as_bytes();
            key[31] ^= 0x80;
            assert!(PublicKey::from_bytes(&key).unwrap().is_published_test_key());
        }
    }

    #[test]
    fn any_other_key_is_not_published() {
        let drawn = Digest::of(&RandomState::new().hash_one(()).to_le_bytes());
        assert!(!PrivateKey::from_seed(drawn.as_bytes()).public_key().is_published_test_key());
    }
}
