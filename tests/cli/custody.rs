//! Every kind of key from end to end: `genome-keygen --public-from` names it, `genome-sign --key` signs with it, the audit log says where
//! it is, and `genome-verify` trusts it.

use genome_custody::Custody;
use genome_test_support::{
    Agent, PIN, Ran, Release, SoftToken, assert_ran, has, openssh_key, openssl_key, program, programs, repository, run,
};
use memchr::memmem::find;
use serde_json::Value;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

const LOG: &str = "audit.jsonl";

/// A program that signs with `key.pem`, and says with whose key.
const PROGRAM: &str = r#"#!/bin/sh
set -e
if [ "$GENOME_EXEC" = public-key ]; then exec openssl pkey -in key.pem -pubout; fi
message=$(mktemp); trap 'rm -f "$message"' EXIT; cat > "$message"
openssl pkeyutl -sign -rawin -inkey key.pem -in "$message" | openssl base64
"#;

/// A directory with keys, and what holds others.
struct Keys {
    release: Release,
    agent: Option<Agent>,
    token: Option<SoftToken>,
}

impl Keys {
    /// A file `key`, an agent with the key `ada`, a token with the key `ops-1`, and where there is OpenSSL a program.
    fn make() -> Self {
        let release = Release::new(1, 1);
        let keys = Self { agent: Agent::start(), token: SoftToken::make(), release };
        assert_ran(&keys.keygen(&["--secret-file", "key"]), 0, "made");
        if let Some(agent) = &keys.agent {
            let _ = openssh_key(keys.release.path(), "ada", "");
            agent.does(&keys.release, "ssh-add -q ada; rm ada");
        }
        if let Some(token) = &keys.token {
            let _ = token.make_key("ops-1", "01");
        }
        if has("openssl") {
            let _ = openssl_key(keys.release.path(), "key.pem");
            keys.release.write("program", PROGRAM);
            keys.release.set_mode("program", 0o755);
        }
        keys
    }

    /// The kinds that are there, each with a reference.
    fn references(&self) -> Vec<(&'static str, String)> {
        let mut references = vec![("env", "env:MY_KEY".to_owned()), ("file", "file:key".to_owned())];
        references.extend(self.agent.iter().map(|_| ("ssh-agent", "ssh-agent:ada".to_owned())));
        references.extend(self.token.iter().map(|token| ("pkcs11", pin_source(token))));
        if has("openssl") {
            references.push(("exec", "exec:./program".to_owned()));
        }
        references
    }

    /// A program of ours that can reach all of them.
    fn program(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = program(name, self.release.path());
        command.args(arguments);
        if let Some(agent) = &self.agent {
            command.env("SSH_AUTH_SOCK", agent.socket());
        }
        if let Some(token) = &self.token {
            command.env("SOFTHSM2_CONF", token.path().join("conf")).env("PKCS11_PROVIDER_MODULE", token.module());
        }
        command
    }

    fn keygen(&self, arguments: &[&str]) -> Ran {
        run(&mut self.program("genome-keygen", arguments))
    }
}

fn pin_source(token: &SoftToken) -> String {
    format!("pkcs11:token=release;object=ops-1?pin-source={}/pin", token.path().display())
}

#[test]
fn each_kind_of_key_is_named_signs_and_is_recorded() {
    let keys = Keys::make();
    let root = repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json");
    let references = keys.references();
    for ((kind, reference), line) in references.iter().zip(1..) {
        let with_key =
            |name: &str, arguments: &[&str]| run(keys.program(name, arguments).env("MY_KEY", keys.release.read("key").trim_end()));
        let [signer, draft, genome] = ["signer", "draft", "genome"].map(|what| format!("{kind}-{what}.json"));
        let named = with_key("genome-keygen", &["--public-from", reference, "ops-1"]);
        assert_ran(&named, 0, "");
        keys.release.write(&signer, &named.stdout);
        let drafting = ["--new-root", "--name", "KEYS", "--version", "1.0.0", "--threshold", "1", "--signer", &signer, &draft];
        assert_ran(&run(keys.program("genome-draft", &["--from"]).arg(&root).args(drafting)), 0, "");

        let ran = with_key("genome-sign", &["--key", reference, "--audit-log", LOG, &draft, &genome]);
        assert_ran(&ran, 0, &format!("in {LOG}, line {line}\n"));
        let verified = run(&mut keys.program("genome-verify", &["--trust", &signer, "--audit-log", LOG, &genome]));
        assert!(verified.status == Some(0) && verified.stdout.contains("pinned"), "{kind}: {verified:?}");
        // Nobody else's.
        if *kind != "env" && *kind != "file" {
            let verified = run(&mut keys.program("genome-verify", &["--trust", "file-signer.json", &genome]));
            assert_ran(&verified, 1, "GENOME_UNTRUSTED");
        }
    }
    let log = keys.release.read(LOG);
    let recorded: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = recorded.iter().filter_map(|line| line.get("custody")?.as_str()).collect();
    assert_eq!(kinds, references.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
    assert!(!genome_json::holds_private_key(&log) && !log.contains(PIN));
}

#[test]
fn what_hinders_signing_hinders_naming() {
    let mut keys = Keys::make();
    let refused = |keys: &Keys, reference: &str, said: &str| {
        let ran = keys.keygen(&["--public-from", reference, "--key-timeout", "1"]);
        assert_ran(&ran, 2, said);
        assert_eq!(ran.stdout, "", "{reference}");
    };
    if let Some(token) = &keys.token {
        refused(&keys, &pin_source(token).replace("ops-1", "none"), "the token holds no such Ed25519 private key");
        token.does("echo pin-9418 > pin");
        refused(&keys, &pin_source(token), "the PIN of the token `release` is wrong; it was tried once");
    }
    if let Some(agent) = &mut keys.agent {
        agent.end();
        refused(&keys, "ssh-agent:", "no agent answers at ");
    }
    refused(&keys, "exec:false", "help: run it by hand, with GENOME_EXEC=public-key");
    let start = Instant::now();
    refused(&keys, "exec:sleep 1000", "the program `sleep` had not finished after 1 seconds, and was killed");
    assert!(start.elapsed() < Duration::from_secs(30), "what was asked for on the command line does not count");
    assert_ran(&keys.keygen(&["--key-timeout", "1"]), 2, "--public-from <REF>");
}

#[test]
fn every_kind_of_key_is_documented() {
    let mut texts: Vec<(&str, String)> = ["docs/src/keys/where.md", "DESIGN.md"]
        .map(|name| (name, fs::read_to_string(repository().join(name)).unwrap()))
        .into_iter()
        .collect();
    for name in ["genome-sign", "genome-keygen"] {
        texts.push((name, run(program(name, repository()).arg("--help")).stdout));
    }
    for custody in Custody::ALL {
        for (name, text) in &texts {
            assert!(text.contains(&format!("`{}:", custody.as_str())), "{name} says nothing of {}", custody.as_str());
        }
    }
}

/// All programs are one package. Code that loads what a variable names belongs into those alone that sign or name a key.
#[test]
fn only_programs_that_use_private_keys_hold_code_of_pkcs11() {
    // What a module is asked for when it is loaded (PKCS#11 version 3.0 section 5.4).
    const ENTRY: &[u8] = b"C_GetFunctionList";
    for (name, holds) in [
        ("genome-sign", true),
        ("genome-keygen", true),
        ("genome-verify", false),
        ("genome-draft", false),
        ("genome-diff", false),
        ("genome-merge", false),
    ] {
        let program = fs::read(programs().join(name)).unwrap();
        assert_eq!(find(&program, ENTRY).is_some(), holds, "{name}");
    }
}

#[test]
fn the_verifier_is_built_without_code_of_custody() {
    for (features, holds) in [(&["--no-default-features"][..], false), (&[], true)] {
        let mut tree = Command::new(env!("CARGO"));
        tree.args(["tree", "--offline", "--locked", "--package", "genome-cli", "--edges", "normal", "--prefix", "none"]);
        let tree = run(tree.args(features).current_dir(repository()));
        assert_eq!(tree.status, Some(0), "{tree:?}");
        for package in ["genome-custody ", "cryptoki ", "libloading "] {
            assert_eq!(tree.stdout.lines().any(|line| line.starts_with(package)), holds, "{package}: {tree:?}");
        }
    }
}
