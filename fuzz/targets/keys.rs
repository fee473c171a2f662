//! Texts of keys, and the readers of whatever names keys: none panics, what was read is written as the same key, and nothing private is
//! in what they say.

#![no_main]

use arbitrary::{Result, Unstructured};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use genome::proposal::{Probes, Proposal, Rationale};
use genome::{Document, Fingerprint, KeyId, PrivateKey, PublicKey, Refusal, RollbackState, TrustPolicy};
use genome_fuzz::edits::edit;
use genome_fuzz::encrypted::{self, PASSPHRASE};
use genome_json::holds_private_key;
use genome_json::text::Bare;
use libfuzzer_sys::fuzz_target;
use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::sync::LazyLock;

fuzz_target!(|bytes: &[u8]| {
    // Where the choices end, what was made so far is enough.
    let _ = read(bytes);
});

/// Texts in which a key stands, one for each form that is read.
static FORMS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let key = PrivateKey::from_seed(&[42; 32]);
    let signer = format!(r#"{{"key_id": "a", "alg": "ed25519", "public_key": "{}"}}"#, key.public_key());
    let mut forms = vec![
        key.to_base64().to_string(),
        key.to_pem().to_string(),
        key.to_openssh("a comment", None).unwrap().to_string(),
        // RFC 8410 section 10.3, with attributes and the public key.
        ["MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC", V2_END].concat(),
        key.public_key().to_string(),
        key.public_key().fingerprint().to_string(),
        signer.clone(),
        format!(r#"{{"signers": [{signer}], "threshold": 1}}"#),
        signer.replace(&key.public_key().to_string(), &key.to_base64()),
    ];
    forms.extend(encrypted::forms(&key));
    // In the envelopes of others: text and a certificate around a PEM, and a JWK.
    forms.push(format!(
        "Bag Attributes\r\n  a: b\r\n-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n  {}",
        *key.to_pem()
    ));
    forms.push(format!(r#"{{"kty":"OKP","crv":"Ed25519","d":"{}"}}"#, Base64UrlUnpadded::encode_string(&[42; 32])));
    forms
});
const V2_END: &str = "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

const TOKENS: [&str; 24] = [
    "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    "-----BEGIN PUBLIC KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "\n",
    "\r\n",
    " ",
    "=",
    "==",
    "AAAA",
    "\\n",
    "MC4CAQAwBQYDK2VwBCIEI",
    "MCowBQYDK2VwAyEA",
    "ssh-ed25519 ",
    "\"",
    "\u{feff}",
    "-----END OPENSSH PRIVATE KEY-----\n",
    "-----END ENCRYPTED PRIVATE KEY-----\n",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "Proc-Type: 4,ENCRYPTED\n\n",
    "a: b\n\n",
    "\"d\":",
];

/// A byte that is not ASCII chooses a form, and what follows changes it. Anything else is a text as it is.
fn read(bytes: &[u8]) -> Result<()> {
    let text = match bytes.split_first() {
        Some((&form, rest)) if !form.is_ascii() => {
            let mut choices = Unstructured::new(rest);
            let mut text = FORMS[usize::from(form) % FORMS.len()].clone().into_bytes();
            if choices.arbitrary()? {
                inside(&mut text, &mut choices)?;
            } else {
                edit(&mut text, &mut choices, &TOKENS)?;
            }
            text
        }
        _ => bytes.to_vec(),
    };
    documents(&text);
    private(&text);
    if let Ok(text) = std::str::from_utf8(&text) {
        public(text);
    }
    Ok(())
}

/// Changes the bytes that the base64 of a text stands for.
fn inside(text: &mut Vec<u8>, choices: &mut Unstructured<'_>) -> Result<()> {
    let whole = String::from_utf8_lossy(text).into_owned();
    let lines: Vec<&str> = whole.lines().collect();
    let is_label = |line: &&&str| line.starts_with("-----");
    let body: String = lines.iter().filter(|line| !is_label(line)).copied().collect();
    if let Ok(mut der) = Base64::decode_vec(&body) {
        edit(&mut der, choices, &["\0", "\u{1}", "0", "\u{4}"])?;
        let body = Base64::encode_string(&der);
        let labels: Vec<&str> = lines.iter().filter(is_label).copied().collect();
        *text = match labels.as_slice() {
            [begin, end] => {
                let width = if begin.contains("OPENSSH") { 70 } else { 64 };
                let body: Vec<&[u8]> = body.as_bytes().chunks(width).collect();
                [begin.as_bytes(), b"\n", &body.join(&b'\n'), b"\n", end.as_bytes(), b"\n"].concat()
            }
            _ => body.into_bytes(),
        };
    }
    Ok(())
}

fn private(text: &[u8]) {
    let passphrases = if encrypted::is_cheap(text) { &[None, Some(PASSPHRASE)][..] } else { &[None] };
    for passphrase in passphrases {
        match PrivateKey::from_bytes(text, passphrase.map(str::as_bytes)) {
            Ok(key) => {
                let public = key.public_key();
                // Signing verifies with the public half before it returns.
                assert!(key.sign(text).is_ok());
                // White space around it changes nothing, unless the text is binary.
                if text.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
                    let spaced = [b" \r\n", text, b"\n\t "].concat();
                    assert!(
                        PrivateKey::from_bytes(&spaced, passphrase.map(str::as_bytes))
                            .is_ok_and(|again| again.public_key() == public)
                    );
                }
                assert_silent(&key, &key);
                assert_eq!(public.to_string().parse(), Ok(public.clone()));
                let (base64, pem) = (key.to_base64(), key.to_pem());
                for written in [&base64, &pem, &key.to_openssh("", None).unwrap()] {
                    let again = PrivateKey::from_text(written, None).expect("what is written is read");
                    assert!(again.public_key() == public && again.to_base64() == base64);
                    assert!(holds_private_key(written));
                }
                assert!(PrivateKey::from_bytes(text, Some(b"of no use")).is_ok() || passphrase.is_some());
            }
            Err(error) => {
                let said = format!("{error}{error:?}");
                // The words of a library that says where it is damaged, twice.
                assert!(said.len() < 500 && !said.contains('\n'), "{said}");
            }
        }
    }
}

fn public(text: &str) {
    same_again::<PublicKey>(text);
    same_again::<Fingerprint>(text);
    same_again::<KeyId>(text);
    if let Ok(key) = text.parse::<PublicKey>() {
        assert!(!holds_private_key(text) && PublicKey::from_bytes(key.as_bytes()) == Ok(key));
    }
}

/// What is read is written as it was.
fn same_again<T: FromStr<Err: Display> + Display + PartialEq + Debug>(text: &str) {
    match text.parse::<T>() {
        Ok(value) => assert_eq!(value.to_string(), text),
        Err(error) => assert!(!holds_private_key(&error.to_string())),
    }
}

/// All that reads JSON in which keys are named.
fn documents(bytes: &[u8]) {
    refused(TrustPolicy::read(bytes).map(|policy| assert!(policy.signers().len() < bytes.len())));
    refused(Document::read(bytes).map(|document| {
        assert_eq!(Document::read(document.to_json().as_bytes()).map(|again| again.id()), Ok(document.id()));
    }));
    refused(RollbackState::read(bytes).map(|state| {
        assert_eq!(RollbackState::read(state.to_json().as_bytes()), Ok(state));
    }));
    refused(Proposal::read(bytes).map(|proposal| {
        assert_eq!(Proposal::read(proposal.to_json().as_bytes()), Ok(proposal));
    }));
    refused(Probes::read(bytes).map(drop));
    refused(Rationale(bytes).refuse_secrets());
    for mismatch in Rationale(bytes).mismatches() {
        assert_one_line(&mismatch.to_string());
    }
}

fn refused(result: std::result::Result<(), Refusal>) {
    if let Err(refusal) = result {
        assert_one_line(&refusal.to_string());
        assert!(!refusal.hint().to_string().is_empty());
        for fault in refusal.faults().iter().flat_map(|faults| faults.iter()) {
            assert_one_line(&format!("{}: {}", Bare(&fault.pointer), fault.problem));
        }
    }
}

fn assert_one_line(text: &str) {
    assert!(!text.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{text:?}");
    assert!(!holds_private_key(text), "a private key is shown");
}

/// What shows a key shows none of its secret: not in base64, in hex, or as a list of numbers.
fn assert_silent(key: &PrivateKey, shown: &impl Debug) {
    let base64 = key.to_base64();
    let seed = Base64::decode_vec(&base64).unwrap().split_off(16);
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        let [a, b, c, d] = seed[..4] else { unreachable!() };
        let hex = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
        let list = seed[..4].iter().map(ToString::to_string).collect::<Vec<String>>().join(", ");
        let is_shown = text.to_lowercase().contains(&hex) || text.contains(&list) || text.contains(&base64[22..32]);
        assert!(!is_shown, "a private key is shown");
    }
}
