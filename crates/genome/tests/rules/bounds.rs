//! What a large hostile document can make the verifier say and do is bounded, and nothing that is wrong hides anything else.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::dangerous::verify_self_declared;
use genome::refusal::Problem;
use genome::{Digest, PrivateKey, Refusal};
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};

const DRAFT: &str = include_str!("../../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

fn refusal(document: &str) -> Refusal {
    verify_self_declared(document.as_bytes()).unwrap_err()
}

/// The pointers and problems of a refused document.
fn faults(document: &str) -> Vec<(String, Problem)> {
    refusal(document).faults().unwrap().iter().map(|fault| (fault.pointer.clone(), fault.problem.clone())).collect()
}

#[test]
fn many_private_keys_under_a_long_name() {
    let name = "a".repeat(100_000);
    let keys = vec!["\"PRIVATE KEY-----\""; 20_000].join(",");
    let Refusal::SecretExposed { pointers, faults } = refusal(&format!("{{\"{name}\":[{keys}]}}")) else { panic!("a secret") };
    assert_eq!(pointers.len(), 1000);
    assert!(pointers.iter().all(|pointer| pointer.len() < 200));
    let refusal = Refusal::SecretExposed { pointers, faults };
    assert!(refusal.to_string().len() < 2000, "{} bytes", refusal.to_string().len());
}

#[test]
fn many_faults() {
    let unknown: Vec<String> = (0..200_000).map(|number| format!("\"{number}\":0")).collect();
    let refusal = refusal(&format!("{{{}}}", unknown.join(",")));
    let faults = refusal.faults().unwrap();
    assert_eq!((faults.iter().len(), faults.more()), (1000, 200_000 + 9 - 1000));
}

#[test]
fn long_texts_are_not_repeated() {
    let long = "9".repeat(1_000_000);
    let documents = [
        format!("{{\"x{long}\":1,\"x{long}\":2}}"),
        DRAFT.replace("\"threshold\": 1", &format!("\"threshold\": 1.{long}")),
        DRAFT.replace("\"1.0.0\"", &format!("\"{long}\"")),
        DRAFT.replace("\"CRITICAL\"", &format!("\"{long}\"")),
        DRAFT.replace("\"genome.v0.1\"", &format!("\"{long}\"")),
        DRAFT.replacen("\"name\"", &format!("\"x{long}\": 1, \"name\""), 1),
    ];
    for document in documents {
        assert!(format!("{:?}", refusal(&document)).len() < 5000);
    }
}

#[test]
fn an_authority_has_at_most_256_signers() {
    let of_this_run = RandomState::new().hash_one(());
    let with_signers = |number: u32| {
        let mut signers = String::new();
        for signer in 0..number {
            let drawn = Digest::of(format!("{of_this_run} {signer}").as_bytes());
            let key = PrivateKey::from_seed(drawn.as_bytes()).public_key();
            write!(signers, "{{\"key_id\": \"k{signer}\", \"alg\": \"ed25519\", \"public_key\": \"{key}\"}},").unwrap();
        }
        let start = DRAFT.find("\"signers\": [").unwrap() + 12;
        let end = DRAFT.find("],\n    \"threshold\"").unwrap();
        format!("{}{}{}", &DRAFT[..start], signers.trim_end_matches(','), &DRAFT[end..])
    };
    assert!(matches!(refusal(&with_signers(256)), Refusal::Unsigned(_)));
    assert_eq!(faults(&with_signers(257)), [("/authority/signers".to_owned(), Problem::TooManySigners(256))]);
}

#[test]
fn at_most_16384_pins() {
    let pinned = |number: usize| {
        let pins: Vec<String> = (0..number)
            .map(|pin| format!(r#"{{"action": "files:instructions", "sha256": "{}"}}"#, Digest::of(&pin.to_ne_bytes())))
            .collect();
        let tools = format!("\"schema_version\": \"genome.v0.2\", \"tools\": [{}]", pins.join(","));
        DRAFT.replacen("\"schema_version\": \"genome.v0.1\"", &tools, 1)
    };
    assert!(matches!(refusal(&pinned(16_384)), Refusal::Unsigned(_)));
    assert_eq!(faults(&pinned(16_385)), [("/tools".to_owned(), Problem::TooManyPins(16_384))]);
}

#[test]
fn a_fault_beside_it_hides_nothing() {
    let actions = DRAFT.replace("\"genome_read\"", "\"genome_write\", \" padded\"");
    let found = faults(&actions);
    assert_eq!(found[0], ("/capabilities/5/allow_actions/1".to_owned(), Problem::Padded));
    assert_eq!(found[1], ("/capabilities/5/deny_actions/0".to_owned(), Problem::AllowedAndDenied));

    // What refused capabilities would allow nobody knows.
    let pins = format!(r#""tools": [{{"action": "none", "sha256": "{}"}}]"#, Digest::of(b""));
    let pinned = |text: &str| text.replacen("\"genome.v0.1\"", &format!("\"genome.v0.2\", {pins}"), 1);
    assert_eq!(faults(&pinned(&actions)), found);
    assert_eq!(faults(&pinned(DRAFT)), [("/tools/0/action".to_owned(), Problem::NothingToPin)]);

    let entry = r#"{"alg": "ed25519", "signer_key_id": "k", "sig_base64": "!"}"#;
    let signed = |fields: &str| DRAFT.replacen('{', &format!("{{{fields},"), 1);
    let pointers = |document: &str| faults(document).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
    let twice = pointers(&signed(&format!("\"signatures\": [{entry}, {entry}]")));
    assert_eq!(twice, ["/signatures/0/sig_base64", "/signatures/1/signer_key_id", "/signatures/1/sig_base64"]);
    let both = pointers(&signed(&format!("\"signature\": {entry}, \"signatures\": [{entry}]")));
    assert_eq!(both, ["/signature/sig_base64", "/signatures/0/sig_base64", "/signature"]);
}
