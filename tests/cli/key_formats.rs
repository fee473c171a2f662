//! Private keys in every form: what genome-keygen writes, OpenSSL and ssh-keygen read; what they write, `--public-from` reads.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test stop where it fails")]

use genome::{PublicKey, json};
use genome_test_support::{PIN, Ran, SoftToken, assert_ran, has, programs, run};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn try_shell(directory: &Path, script: &str) -> Ran {
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    run(Command::new("sh").args(["-euc", script]).current_dir(directory).env("PATH", path))
}

/// Runs a shell script in a directory; every step must succeed.
fn shell(directory: &Path, script: &str) -> String {
    let ran = try_shell(directory, script);
    assert_eq!(ran.status, Some(0), "{script}\n{}", ran.stderr);
    ran.stdout
}

/// The public key in a signer object.
fn public_key(object: &str) -> PublicKey {
    let json::Value::Object(members) = json::parse(object.as_bytes()).unwrap() else { panic!("an object") };
    members.iter().find(|member| &*member.name == "public_key").unwrap().value.as_str().unwrap().parse().unwrap()
}

/// A directory with passphrases in `right` and `wrong`.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, passphrase) in [("right", "correct horse"), ("wrong", "correct house")] {
        let path = directory.path().join(name);
        fs::write(&path, format!("{passphrase}\n")).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
    directory
}

/// What reads the public half of the file `key` of ours, in base64, with the passphrase of a file.
const OPENSSL: &str = "openssl pkey -in key -passin file:PASS -pubout -outform DER | openssl base64 -A";
const OPENSSL_BASE64: &str = "openssl base64 -d -A -in key | openssl pkey -inform DER -pubout -outform DER | openssl base64 -A";
const SSH_KEYGEN: &str = "ssh-keygen -y -P \"$(cat PASS)\" -f key > key.pub; ssh-keygen -lf key.pub";
const OURS: &str = "genome-keygen --public-from file:key --passphrase-file PASS";

#[test]
fn others_read_what_we_write() {
    if !has("openssl") || !has("ssh-keygen") {
        return;
    }
    for (format, encrypted, first_line, reader) in [
        ("pkcs8", false, "MC4CAQAwBQYDK2VwBCIEI", OPENSSL_BASE64),
        ("pem", false, "-----BEGIN PRIVATE KEY-----", OPENSSL),
        ("pem", true, "-----BEGIN ENCRYPTED PRIVATE KEY-----", OPENSSL),
        ("openssh", false, "-----BEGIN OPENSSH PRIVATE KEY-----", SSH_KEYGEN),
        ("openssh", true, "-----BEGIN OPENSSH PRIVATE KEY-----", SSH_KEYGEN),
    ] {
        let directory = directory();
        let encrypt = if encrypted { "--encrypt --passphrase-file right" } else { "" };
        let object = shell(directory.path(), &format!("genome-keygen {encrypt} --format {format} --secret-file key alice"));
        let (key, text) = (public_key(&object), fs::read_to_string(directory.path().join("key")).unwrap());
        assert!(text.starts_with(first_line) && text.ends_with('\n') && !text.ends_with("\n\n"), "{format} {encrypted}");
        let named = if reader == SSH_KEYGEN { format!("{} alice ", key.fingerprint()) } else { key.to_string() };
        assert!(shell(directory.path(), &reader.replace("PASS", "right")).contains(&named), "{format} {encrypted}");
        assert_eq!(shell(directory.path(), &OURS.replace("PASS", "right")), object.replace("alice", "dev-key-001"));
        for reader in [reader, OURS] {
            let ran = try_shell(directory.path(), &reader.replace("PASS", "wrong"));
            let read = ran.stdout.contains(&named) || ran.stdout.contains(&key.to_string());
            assert_eq!(read, !encrypted, "{format} {encrypted}, with the wrong passphrase: {reader}");
        }
        // On standard error it is the same.
        let streams = format!("genome-keygen {encrypt} --format {format} alice 2> stream > object; head -n 1 stream");
        assert!(shell(directory.path(), &streams).starts_with(first_line), "{format} {encrypted}");
    }
}

#[test]
fn the_encryption_is_what_the_documents_say() {
    if !has("openssl") {
        return;
    }
    let directory = directory();
    shell(
        directory.path(),
        "genome-keygen --encrypt --passphrase-file right --secret-file key; genome-keygen --encrypt --format openssh --passphrase-file right --secret-file ssh",
    );
    let parsed = shell(directory.path(), "openssl asn1parse -in key");
    let values =
        parsed.lines().filter(|line| line.contains("prim:") && !line.contains("[HEX")).filter_map(|line| line.rsplit_once(':'));
    let values: Vec<&str> = values.map(|(_, value)| value).collect();
    assert_eq!(values, ["PBES2", "scrypt", "4000", "08", "05", "aes-256-cbc"], "N = 2^14, r = 8, p = 5");
    let dump = shell(directory.path(), "sed '1d;$d' ssh | openssl base64 -d | od -An -v -tx1 | tr -d ' \\n'");
    // PROTOCOL.key: the names `aes256-ctr` and `bcrypt`, then its options: a salt of 16 bytes, and 24 rounds.
    let start = "6165733235362d637472000000066263727970740000001800000010";
    let (_, options) = dump.split_once(start).unwrap();
    assert_eq!(&options[32..40], "00000018", "{dump}");
    // Two keys that are encrypted with the same passphrase show it by nothing.
    shell(directory.path(), "genome-keygen --encrypt --passphrase-file right --secret-file other; ! cmp -s key other");
}

#[test]
fn we_read_what_others_write() {
    if !has("openssl") || !has("ssh-keygen") {
        return;
    }
    let openssl = "openssl genpkey -algorithm ed25519 -out plain; openssl pkey -in plain -pubout -outform DER | openssl base64 -A";
    for (make, reader) in [
        (format!("{openssl}; cp plain key"), OPENSSL),
        (format!("{openssl}; openssl pkey -in plain -outform DER | openssl base64 -A > key"), OPENSSL_BASE64),
        (format!("{openssl}; openssl pkcs8 -topk8 -scrypt -passout file:right -in plain -out key"), OPENSSL),
        (format!("{openssl}; openssl pkcs8 -topk8 -v2 aes-256-cbc -passout file:right -in plain -out key"), OPENSSL),
        (format!("{openssl}; openssl genpkey -algorithm ed25519 -aes256 -pass file:right -out key"), OPENSSL),
        ("ssh-keygen -q -t ed25519 -N '' -C alice -f key".to_owned(), SSH_KEYGEN),
        ("ssh-keygen -q -t ed25519 -N \"$(cat right)\" -C alice -f key".to_owned(), SSH_KEYGEN),
    ] {
        let directory = directory();
        shell(directory.path(), &format!("{make}; chmod 600 key"));
        let key = public_key(&shell(directory.path(), &OURS.replace("PASS", "right")));
        let theirs = shell(directory.path(), &reader.replace("PASS", "right"));
        assert!(theirs.contains(&key.to_string()) || theirs.contains(&key.fingerprint().to_string()), "{make}");
    }
}

#[test]
fn the_public_half_comes_from_wherever_the_key_is() {
    let directory = directory();
    let object = shell(directory.path(), "genome-keygen --secret-file key alice");
    let from = |script: &str| shell(directory.path(), script);
    assert_eq!(from("genome-keygen --public-from file:key alice"), object);
    assert_eq!(from("SOME_KEY=\"$(cat key)\" genome-keygen --public-from env:SOME_KEY alice"), object);
    if has("ssh-agent") && has("ssh-add") {
        let script = "genome-keygen --format openssh --secret-file ssh alice > ssh.json
            eval \"$(ssh-agent -a \"$PWD/agent\")\" > /dev/null; trap 'kill $SSH_AGENT_PID' EXIT; ssh-add -q ssh
            genome-keygen --public-from ssh-agent:alice alice | cmp - ssh.json; genome-keygen --public-from ssh-agent: alice | cmp - ssh.json";
        shell(directory.path(), script);
    }
    if let Some(token) = SoftToken::make() {
        token.does(&format!(
            "genome-keygen --format pem --secret-file pem alice > pem.json
            softhsm2-util --import pem --token release --label alice --id 01 --pin {PIN} > log
            export PKCS11_PROVIDER_MODULE=\"$M\"; key='pkcs11:token=release;object=alice'
            genome-keygen --public-from \"$key\" --passphrase-file pin alice | cmp - pem.json
            genome-keygen --public-from \"$key?pin-source=$PWD/pin\" alice | cmp - pem.json"
        ));
    }
    let ran = try_shell(directory.path(), "chmod 644 key; genome-keygen --public-from file:key alice");
    assert_ran(&ran, 2, "chmod 600 key");
}
