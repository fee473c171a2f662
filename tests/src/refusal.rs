//! Every kind of refusal, what it shows, and what it must not show.

#![expect(clippy::unwrap_used, reason = "a harness stops where it cannot go on")]

use crate::{Draft, Release, fingerprint, policy, repository, signer, test_key};
use genome::{PrivateKey, Refusal};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;

/// A code, the arguments that ask for the check, and what is done to a deployment that was in order.
pub type Spoil = (&'static str, &'static [&'static str], fn(&Release));

/// Every kind of refusal.
pub const REFUSALS: [Spoil; 23] = [
    ("GENOME_INVALID_JSON", &[], |r| r.deploy("etc/genome.json", "{")),
    ("GENOME_INVALID_SCHEMA", &[], |r| r.deploy("etc/genome.json", "{}")),
    ("GENOME_SECRET_EXPOSED", &[], |r| r.deploy("etc/genome.json", &Release::draft().with("name", test_key()).signed(&[1]))),
    ("GENOME_UNSIGNED", &[], |r| r.deploy("etc/genome.json", &Release::draft().document.to_string())),
    ("GENOME_INVALID_SIGNATURE", &[], |r| {
        r.deploy("etc/genome.json", &Release::draft().signed(&[1]).replace("memory_search", "memory_erase"));
    }),
    ("GENOME_INSUFFICIENT_SIGNATURES", &[], |r| r.deploy("etc/genome.json", &Release::draft().signed(&[2]))),
    ("GENOME_LEGACY_SIGNATURE", &[], |r| {
        let vector = fs::read_to_string(repository().join("tests/vectors/hostile/legacy-signature")).unwrap();
        r.deploy("etc/genome.json", vector.split_once("\n\n").unwrap().1);
    }),
    ("GENOME_TEST_KEY", &["--production"], |r| {
        let key = PrivateKey::from_text(&test_key(), None).unwrap().public_key().to_string();
        let published = json!({"key_id": "published", "alg": "ed25519", "public_key": key});
        let authority = json!({"signers": [signer(1), published], "threshold": 1});
        r.deploy("etc/genome.json", &Release::draft().with("authority", authority).signed(&[1]));
    }),
    ("GENOME_UNTRUSTED", &[], |r| r.deploy("trust.json", &policy(&[2], 1, &json!({})))),
    ("GENOME_UNTRUSTED", &["--production"], |r| r.set_mode("etc/genome.json", 0o666)),
    ("GENOME_UNTRUSTED", &["--production"], |r| r.set_mode("etc", 0o777)),
    ("GENOME_INVALID_SCHEMA", &[], |r| r.deploy("trust.json", "{}")),
    ("GENOME_REVOKED_KEY", &[], |r| {
        r.deploy("trust.json", &policy(&[1], 1, &json!({"revoked": [fingerprint(1)]})));
    }),
    ("GENOME_STALE", &[], |r| r.deploy("trust.json", &policy(&[1], 1, &json!({"maximum_age_days": 1})))),
    ("GENOME_NOT_YET_VALID", &["--production"], |r| {
        r.deploy("etc/genome.json", &Release::draft().with("created_at", "9000-01-01T00:00:00Z").signed(&[1]));
    }),
    ("GENOME_ROLLBACK", &[], |r| r.deploy("trust.json", &policy(&[1], 1, &json!({"minimum_versions": {"TEST": "9.0.0"}})))),
    ("GENOME_LINEAGE_BROKEN", &["--lineage", "."], |r| {
        r.deploy("etc/genome.json", &Release::draft().after(&[&Draft::new("1.1.0", &[1], 1)]).signed(&[1]));
    }),
    ("GENOME_MANIFEST_MISMATCH", &["--verify-manifest"], |r| r.deploy("app.js", "changed")),
    ("GENOME_MANIFEST_MISMATCH", &["--production"], |r| fs::remove_file(r.path().join("empty")).unwrap()),
    ("GENOME_AUDIT_MISMATCH", &["--audit-log", "audit.jsonl"], |r| r.deploy("audit.jsonl", "")),
    ("GENOME_MISSING", &[], |r| fs::remove_file(r.path().join("etc/genome.json")).unwrap()),
    ("GENOME_MISSING", &[], |r| fs::remove_file(r.path().join("trust.json")).unwrap()),
    ("GENOME_UNREADABLE", &[], |r| {
        fs::remove_file(r.path().join("etc/genome.json")).unwrap();
        // It leads to itself.
        symlink("genome.json", r.path().join("etc/genome.json")).unwrap();
    }),
];

/// The exit status of a program that refuses with this code.
#[must_use]
pub fn status(code: &str) -> i32 {
    if matches!(code, "GENOME_MISSING" | "GENOME_UNREADABLE") { 2 } else { 1 }
}

/// Where a refusal is: `line:column` of a fault of JSON, otherwise a JSON Pointer.
#[must_use]
pub fn place(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Json(error) => format!("{}:{}", error.line, error.column),
        other => other.pointer().to_owned(),
    }
}

/// Everything that a report could show of a refusal.
#[must_use]
pub fn texts(refusal: &Refusal) -> Vec<String> {
    let mut texts = vec![refusal.to_string(), refusal.hint().to_string(), refusal.pointer().to_owned()];
    if let Refusal::SecretExposed { pointers, .. } = refusal {
        texts.extend(pointers.iter().cloned());
    }
    for fault in refusal.faults().into_iter().flatten() {
        texts.extend([fault.pointer.clone(), fault.problem.to_string(), fault.problem.hint().to_string()]);
    }
    texts
}

/// A refusal must quote nothing of a private key that stands in the document.
///
/// # Errors
/// It does.
pub fn keeps_secrets(document: &[u8], refusal: &Refusal) -> Result<(), String> {
    const WINDOW: usize = 12;
    for seed in seeds(document) {
        for text in texts(refusal) {
            let shown = |window: &[u8]| text.as_bytes().windows(WINDOW).any(|other| other == window);
            if genome_json::holds_private_key(&text) || seed.as_bytes().windows(WINDOW).any(shown) {
                return Err("the refusal shows a private key".to_owned());
            }
        }
    }
    Ok(())
}

/// The private keys of a document, without the start that is the same for all: base64 of PKCS#8 with a 32-byte seed.
#[must_use]
pub fn seeds(document: &[u8]) -> Vec<String> {
    const STARTS: [&str; 2] = ["MC4CAQAwBQYDK2VwBCIEI", "MFECAQEwBQYDK2VwBCIEI"];
    // The rest of the seed, from the last digit of the start on.
    const REST: usize = 43;
    let text = String::from_utf8_lossy(document);
    let plain = unescape(&text);
    let found = STARTS.iter().flat_map(|start| plain.match_indices(start).map(|(at, start)| at + start.len()));
    found.filter_map(|at| plain.get(at..at + REST)).map(str::to_owned).collect()
}

/// Replaces `\uXXXX` of ASCII characters; enough to find a key that is written in escapes.
fn unescape(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits {
            Some(byte) if byte.is_ascii() => {
                plain.push(char::from(byte));
                plain.push_str(&part[4..]);
            }
            _ => plain.push_str(part),
        }
    }
    plain
}
