//! What we write, others read; what others write, we read: OpenSSL, OpenSSH, and `WebCrypto` in Node.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome::dangerous::verify_self_declared;
use genome::{Document, PrivateKey, PublicKey, json::Value};
use genome_test_support::{Release, has, openssh_public_key, program, run, shell};
use std::fs;

/// Signs a draft whose one signer is this public key with this private key, as a user would, and gives whether it verifies.
fn signs(key_text: &str, public_key: &PublicKey) -> bool {
    let release = Release::new(1, 1);
    let ours = PrivateKey::from_text(&release.keys[0], None).unwrap().public_key().to_string();
    release.write("draft.json", &release.read("draft.json").replace(&ours, &public_key.to_string()));
    let mut sign = program("genome-sign", release.path());
    let ran = run(sign.args(["draft.json", "genome.json"]).env("GENOME_SIGNING_PRIVATE_KEY", key_text));
    ran.status == Some(0) && release.verify(&["genome.json"]).status == Some(0)
}

/// A draft with a signature that somebody else made, put into the document as text.
fn with_signature(draft: &str, signature: &str) -> String {
    let member =
        format!(r#", "signature": {{"alg": "ed25519", "signer_key_id": "signer-1", "sig_base64": "{}"}}}}"#, signature.trim());
    format!("{}{member}", draft.trim_end().strip_suffix('}').unwrap())
}

/// A release whose files `canonical`, `key.pem` and `public.pem` are what OpenSSL needs to sign it or to check our signature.
fn release_for_openssl() -> Release {
    let release = Release::new(1, 1);
    let draft = release.read("draft.json");
    assert_eq!(release.sign(1, &["draft.json", "genome.json"]).status, Some(0));
    let canonical = release.verify(&["--print", "canonical", "genome.json"]).stdout;
    assert_eq!(Document::read(draft.as_bytes()).unwrap().id(), genome::GenomeId::of_canonical_form(canonical.as_bytes()));
    release.write("canonical", &canonical);
    release.write("key.pem", &format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", release.keys[0]));
    release
}

#[test]
fn openssl_signs_what_we_verify() {
    if !has("openssl") {
        return;
    }
    let release = release_for_openssl();
    let signature =
        shell(release.path(), "openssl pkeyutl -sign -rawin -in canonical -inkey key.pem -out sig; openssl base64 -A -in sig");
    let signed = with_signature(&release.read("draft.json"), &signature);
    assert_eq!(verify_self_declared(signed.as_bytes()).unwrap().tally().signed.len(), 1);
    // Ed25519 is deterministic: it is the signature that we make.
    assert!(release.read("genome.json").contains(signature.trim()));
}

#[test]
fn openssl_verifies_what_we_sign() {
    if !has("openssl") {
        return;
    }
    let release = release_for_openssl();
    let genome = release.read("genome.json");
    let signature = genome.split("\"sig_base64\": \"").nth(1).unwrap().split('"').next().unwrap();
    release.write("sig.base64", signature);
    let public = PrivateKey::from_text(&release.keys[0], None).unwrap().public_key();
    release.write("public.pem", &format!("-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n"));
    shell(release.path(), "openssl base64 -d -A -in sig.base64 -out sig");
    let verify = "openssl pkeyutl -verify -pubin -inkey public.pem -rawin -sigfile sig -in canonical";
    assert!(shell(release.path(), verify).contains("Verified Successfully"));
    // And it would say no.
    shell(release.path(), &format!("printf x >> canonical; if {verify}; then exit 1; fi"));
}

#[test]
fn keys_of_openssl_sign_and_ours_are_read_by_it() {
    if !has("openssl") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let public = shell(
        directory.path(),
        "openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -outform DER | openssl base64 -A",
    );
    let public: PublicKey = public.trim().parse().unwrap();
    let pem = fs::read_to_string(directory.path().join("key.pem")).unwrap();
    assert!(signs(&pem, &public), "PEM");
    let base64 = shell(directory.path(), "openssl pkey -in key.pem -outform DER | openssl base64 -A");
    assert!(signs(&base64, &public), "base64");

    let ours = shell(
        directory.path(),
        "genome-keygen k >key.json 2>secret.txt; openssl base64 -d -A -in secret.txt | openssl pkey -inform DER -pubout -outform DER | openssl base64 -A",
    );
    assert!(fs::read_to_string(directory.path().join("key.json")).unwrap().contains(ours.trim()));
}

#[test]
fn an_encrypted_key_of_openssl_is_read_with_its_passphrase() {
    if !has("openssl") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for scheme in ["-v2 aes-256-cbc", "-scrypt", "-v2 aes-128-cbc -v2prf hmacWithSHA512"] {
        let script = format!(
            "openssl genpkey -algorithm ed25519 -out key.pem; openssl pkcs8 -topk8 {scheme} -passout pass:correct -in key.pem -out encrypted.pem; openssl pkey -in key.pem -pubout -outform DER | openssl base64 -A"
        );
        let public = shell(directory.path(), &script);
        let pem = fs::read_to_string(directory.path().join("encrypted.pem")).unwrap();
        let key = PrivateKey::from_text(&pem, Some(b"correct")).unwrap();
        assert_eq!(key.public_key().to_string(), public.trim(), "{scheme}");
        assert_eq!(PrivateKey::from_text(&pem, Some(b"wrong")).unwrap_err(), genome::key::PrivateKeyError::WrongPassphrase);
        assert_eq!(PrivateKey::from_text(&pem, None).unwrap_err(), genome::key::PrivateKeyError::Encrypted);
        assert!(!signs(&pem, &key.public_key()), "nobody asks for the passphrase of a variable");
    }
}

#[test]
fn keys_and_fingerprints_of_openssh() {
    if !has("ssh-keygen") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    shell(
        directory.path(),
        "ssh-keygen -q -t ed25519 -N '' -C test -f plain; ssh-keygen -q -t ed25519 -N secret -f locked; ssh-keygen -q -t rsa -N '' -f rsa; ssh-keygen -q -t rsa -N secret -f locked-rsa",
    );
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    let key = PrivateKey::from_text(&read("plain"), None).unwrap();
    let listed = shell(directory.path(), "ssh-keygen -lf plain.pub");
    assert!(listed.contains(&key.public_key().fingerprint().to_string()), "{listed}");
    assert!(signs(&read("plain"), &key.public_key()));
    let locked: PublicKey = openssh_public_key(&read("locked.pub"));
    assert_eq!(PrivateKey::from_text(&read("locked"), Some(b"secret")).unwrap().public_key(), locked);
    assert_eq!(PrivateKey::from_text(&read("locked"), Some(b"Secret")).unwrap_err(), genome::key::PrivateKeyError::WrongPassphrase);
    assert_eq!(PrivateKey::from_text(&read("locked"), None).unwrap_err(), genome::key::PrivateKeyError::Encrypted);
    assert!(!signs(&read("locked"), &locked), "nobody asks for the passphrase of a variable");
    for rsa in ["rsa", "locked-rsa"] {
        let refused = PrivateKey::from_text(&read(rsa), None).unwrap_err();
        assert_eq!(refused.to_string(), "it is a private key for RSA, and not an Ed25519 one");
    }
    assert_eq!(PrivateKey::from_text(&read("plain.pub"), None).unwrap_err(), genome::key::Foreign::PublicKey.into());
    let mut damaged = read("plain");
    let middle = damaged.len() / 2;
    damaged.replace_range(middle..=middle, if &damaged[middle..=middle] == "A" { "B" } else { "A" });
    assert!(PrivateKey::from_text(&damaged, None).is_err());
}

/// Signs and verifies with `WebCrypto`, given our keys and bytes in a JSON file; prints what it found.
const WEBCRYPTO: &str = r#"
const { subtle } = globalThis.crypto ?? require("node:crypto").webcrypto;
const input = JSON.parse(require("node:fs").readFileSync("input.json", "utf8"));
const bytes = (base64) => Buffer.from(base64, "base64");
(async () => {
  const message = Buffer.from(input.canonical, "utf8");
  const publicKey = await subtle.importKey("spki", bytes(input.public_key), "Ed25519", true, ["verify"]);
  const privateKey = await subtle.importKey("pkcs8", bytes(input.private_key), "Ed25519", true, ["sign"]);
  const pair = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const exported = async (format, key) => Buffer.from(await subtle.exportKey(format, key)).toString("base64");
  console.log(JSON.stringify({
    verified: await subtle.verify("Ed25519", publicKey, bytes(input.signature), message),
    tampered: await subtle.verify("Ed25519", publicKey, bytes(input.signature), Buffer.concat([message, message])),
    signature: Buffer.from(await subtle.sign("Ed25519", privateKey, message)).toString("base64"),
    public_key: await exported("spki", pair.publicKey),
    private_key: await exported("pkcs8", pair.privateKey),
  }));
})().catch((error) => { console.error(error); process.exit(1); });
"#;

#[test]
fn webcrypto_signs_and_verifies() {
    if !has("node") {
        return;
    }
    let release = release_for_openssl();
    let genome = release.read("genome.json");
    let signature = genome.split("\"sig_base64\": \"").nth(1).unwrap().split('"').next().unwrap();
    let private = &release.keys[0];
    let public = PrivateKey::from_text(private, None).unwrap().public_key().to_string();
    let text = |text: &str| Value::string(text.to_owned());
    let input = Value::object([
        ("canonical", text(&release.read("canonical"))),
        ("public_key", text(&public)),
        ("private_key", text(private)),
        ("signature", text(signature)),
    ]);
    release.write("input.json", &input.to_pretty());
    release.write("webcrypto.cjs", WEBCRYPTO);
    let output: serde_json::Value = serde_json::from_str(&shell(release.path(), "node --no-warnings webcrypto.cjs")).unwrap();
    assert_eq!((&output["verified"], &output["tampered"]), (&true.into(), &false.into()));
    assert_eq!(output["signature"], signature);
    let signed = with_signature(&release.read("draft.json"), output["signature"].as_str().unwrap());
    assert!(verify_self_declared(signed.as_bytes()).is_ok());
    let theirs: PublicKey = output["public_key"].as_str().unwrap().parse().unwrap();
    assert!(signs(output["private_key"].as_str().unwrap(), &theirs));
}

/// The replaced scripts' signature, made by the very call that they made.
const OLD_SCRIPT: &str = r#"
const { createPrivateKey, sign } = require("node:crypto");
const { readFileSync } = require("node:fs");
const genome = JSON.parse(readFileSync("draft.json", "utf8"));
const covered = JSON.stringify(genome, Object.keys(genome).sort(), 2);
const key = createPrivateKey({ key: Buffer.from(readFileSync("key.txt", "utf8"), "base64"), format: "der", type: "pkcs8" });
console.log(sign(null, Buffer.from(covered, "utf8"), key).toString("base64"));
"#;

#[test]
fn signatures_of_the_replaced_scripts_are_told_from_forgeries() {
    if !has("node") {
        return;
    }
    let release = Release::new(1, 1);
    // Names and texts that the two ways of writing could treat differently.
    release.write("draft.json", &release.read("draft.json").replace("TOTK_ROOT\"", "T\u{e9}\u{1f600}/\\\"\""));
    release.write("key.txt", &release.keys[0]);
    release.write("old.cjs", OLD_SCRIPT);
    let signature = shell(release.path(), "node old.cjs");
    let signed = with_signature(&release.read("draft.json"), &signature);
    release.write("genome.json", &signed);
    let ran = release.verify(&["genome.json"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.contains("error[GENOME_LEGACY_SIGNATURE]"), "{}", ran.stderr);
    // What it did not cover may be changed; what it covered may not.
    release.write("genome.json", &signed.replace("memory_search", "memory_erase"));
    assert!(release.verify(&["genome.json"]).stderr.contains("error[GENOME_LEGACY_SIGNATURE]"));
    release.write("genome.json", &signed.replace("2025-12-31", "2025-12-30"));
    assert!(release.verify(&["genome.json"]).stderr.contains("error[GENOME_INVALID_SIGNATURE]"));
    // Signing again is the cure that the hint names.
    release.write("genome.json", &signed);
    let ran = release.sign(1, &["genome.json", "genome.json"]);
    assert!(ran.status == Some(0) && ran.stderr.contains("warning[GENOME_LEGACY_SIGNATURE]"), "{}", ran.stderr);
    assert_eq!(release.verify(&["genome.json"]).status, Some(0));
}
