//! Whoever has this repository has every private key in it, and every seed that a key is made of: the library knows each as published, so
//! that production refuses it.

use genome::{PrivateKey, PublicKey};
use genome_test_support::{has, repository, run};
use regex::Regex;
use std::fs;
use std::process::Command;

/// Where a key is made of something else than one byte 32 times: of what is drawn when it runs, which is in no file.
const DRAWN: [(&str, &str); 15] = [
    ("crates/genome-cli/src/command/keygen/pair.rs", "&*random()"),
    ("crates/genome-server/tests/router/service.rs", "drawn.as_bytes()"),
    ("crates/genome/benches/core.rs", "drawn.as_bytes()"),
    ("crates/genome/examples/sign.rs", "&seed);"),
    ("crates/genome/src/key/private.rs", "seed"),
    ("crates/genome/src/key/private/jwk.rs", "&seed))"),
    ("crates/genome/src/key/private/pkcs8.rs", "seed))"),
    ("crates/genome/src/key/published.rs", "drawn.as_bytes()"),
    ("crates/genome/tests/rules/bounds.rs", "drawn.as_bytes()"),
    // By proptest; one byte 32 times where it is not.
    ("crates/genome/tests/rules/properties.rs", "seed)"),
    ("crates/genome/tests/rules/properties.rs", "&stranger)"),
    ("crates/genome/tests/rules/scale.rs", "drawn.as_bytes()"),
    ("tests/cli/schemas/samples.rs", "drawn.as_bytes()"),
    ("tests/support/src/draft.rs", "drawn.as_bytes()"),
    // Those of the vectors, which `each_key_of_the_vectors` looks at.
    ("tests/cli/vectors.rs", "&vector.bytes(\"seed\")"),
];

/// The texts of the repository and their paths; none where there is no git.
fn texts() -> Vec<(String, String)> {
    if !has("git") {
        return Vec::new();
    }
    let listed =
        run(Command::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(repository()));
    let names = listed.stdout.split_terminator('\0').map(ToOwned::to_owned);
    // What is no text, or was removed and is still in the index.
    let texts: Vec<(String, String)> =
        names.filter_map(|name| Some((name.clone(), fs::read_to_string(repository().join(name)).ok()?))).collect();
    assert!(texts.len() > 100, "{listed:?}");
    texts
}

fn assert_published(key: &PublicKey, place: &str) {
    let digits = key.as_bytes().iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    assert!(
        key.is_published_test_key(),
        "{place}: whoever reads this has the private half of {digits}: draw it, or add it to key/published.rs"
    );
}

#[test]
fn each_key_of_the_vectors() {
    let lines = fs::read_to_string(repository().join("tests/vectors/published-keys")).unwrap();
    assert!(lines.lines().count() > 10);
    for line in lines.lines() {
        let bytes: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect();
        assert_published(&PublicKey::from_bytes(&bytes.try_into().unwrap()).unwrap(), "tests/vectors/published-keys");
    }
}

#[test]
fn each_private_key_in_a_text() {
    let forms = [
        r"(?s)-----BEGIN (?:OPENSSH )?PRIVATE KEY-----.*?-----END (?:OPENSSH )?PRIVATE KEY-----",
        // RFC 8410: how the base64 of a private key starts, in both versions and with attributes.
        r"M[A-Za-z0-9+/]{4}CAQ[AE]wBQYDK2Vw[A-Za-z0-9+/]{40,}={0,2}",
        r"MC4CAQAwBQYDK2Vw[A-Za-z0-9+/]{40,}={0,2}",
    ];
    let texts = texts();
    let mut found = 0;
    for form in forms.map(|form| Regex::new(form).unwrap()) {
        for (path, text) in &texts {
            let text = text.replace("\\n", "\n");
            for key in form.find_iter(&text).filter_map(|text| PrivateKey::from_text(text.as_str(), None).ok()) {
                assert_published(&key.public_key(), path);
                found += 1;
            }
        }
    }
    assert!(texts.is_empty() || found > 10, "{found}");
}

#[test]
fn each_key_that_a_program_makes_of_a_seed() {
    let call = Regex::new(r"\b(?:PrivateKey::from_seed|SigningKey::from_bytes|fn from_seed)\(([^\n]*)").unwrap();
    let uniform = Regex::new(r"^&\[(?:([0-9]+)|[a-z][a-z0-9 +]*); 32\]\)").unwrap();
    let mut found = 0;
    for (path, text) in texts().iter().filter(|(path, _)| path != "tests/cli/published_keys.rs") {
        for call in call.captures_iter(text) {
            found += 1;
            let argument = &call[1];
            if let Some(seed) = uniform.captures(argument) {
                // Where the byte has a name, each that it can be is published.
                let seeds = seed.get(1).map_or(0..=255, |byte| byte.as_str().parse().map(|byte: u8| byte..=byte).unwrap());
                seeds.for_each(|seed| assert_published(&PrivateKey::from_seed(&[seed; 32]).public_key(), path));
            } else {
                let is_drawn = DRAWN.iter().any(|(drawn, start)| path == drawn && argument.starts_with(start));
                assert!(is_drawn, "{path} makes a key of `{argument}`: make it of one byte, or draw it");
            }
        }
    }
    assert!(found == 0 || found > 20, "{found}");
}
