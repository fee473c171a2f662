//! The rules that keep private keys out of git, as the page about git and keys shows them: they find every form that we write, and nothing else.
//!
//! gitleaks itself is not run: its expression is tried with an engine of the same syntax (RE2). pre-commit is.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Release, assert_ran, has, program, repository, run, test_key};
use regex::Regex;
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A file of the repository that the page about git and keys shows as it is.
fn shown(name: &str, language: &str) -> String {
    let file = fs::read_to_string(repository().join(name)).unwrap();
    let document = fs::read_to_string(repository().join("docs/src/keys/git.md")).unwrap();
    assert!(document.contains(&format!("\n```{language}\n{file}```\n")), "docs/src/keys/git.md does not show {name}");
    file
}

/// What stands between three apostrophes after this key.
fn literals<'t>(toml: &'t str, key: &str) -> Vec<&'t str> {
    let line = toml.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
    line.split("'''").skip(1).step_by(2).collect()
}

/// The rule of gitleaks, with what it lets pass.
struct Rule {
    regex: Regex,
    allowed: Vec<Regex>,
    allowed_paths: Vec<Regex>,
}

impl Rule {
    fn of_the_document() -> Self {
        let toml = shown(".gitleaks.toml", "toml");
        let regexes = |key| literals(&toml, key).into_iter().map(|text| Regex::new(text).unwrap()).collect::<Vec<_>>();
        let [regex] = regexes("regex").try_into().unwrap();
        Self { regex, allowed: regexes("regexes"), allowed_paths: regexes("paths") }
    }

    fn finds(&self, path: &str, text: &str) -> bool {
        let allowed = |found: &str| self.allowed.iter().any(|allowed| allowed.is_match(found));
        !self.allowed_paths.iter().any(|allowed| allowed.is_match(path))
            && self.regex.find_iter(text).any(|found| !allowed(found.as_str()))
    }
}

/// A directory with private keys in every form that we write, in files called `bad-...`, and with what is public, in `good-...`.
fn samples() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write("phrase", "correct horse\n");
    fs::set_permissions(directory.path().join("phrase"), Permissions::from_mode(0o600)).unwrap();
    for (form, arguments) in [
        ("pkcs8", &["--format", "pkcs8"][..]),
        ("pem", &["--format", "pem"]),
        ("openssh", &["--format", "openssh"]),
        ("pem-encrypted", &["--encrypt", "--passphrase-file", "phrase"]),
        ("openssh-encrypted", &["--encrypt", "--passphrase-file", "phrase", "--format", "openssh"]),
    ] {
        let file = format!("bad-{form}");
        let ran = run(program("genome-keygen", directory.path()).args(arguments).args(["--secret-file", &file]));
        assert_ran(&ran, 0, "made");
        let text = fs::read_to_string(directory.path().join(&file)).unwrap();
        write(&format!("good-{form}.json"), &ran.stdout);
        write(&format!("bad-{form}.env"), &format!("export GENOME_SIGNING_PRIVATE_KEY=\"{}\"\n", text.trim_end()));
        write(&format!("bad-{form}-bare.env"), &format!("GENOME_SIGNING_PRIVATE_KEY={text}"));
        write(&format!("bad-{form}.json"), &json!({"a": 1, "key": text}).to_string());
        write(&format!("bad-{form}.yaml"), &format!("key: |\n    {}\n", text.trim_end().replace('\n', "\n    ")));
        write(&format!("bad-{form}.windows"), &text.replace('\n', "\r\n"));
        // Without the lines around it.
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        write(&format!("bad-{form}-body"), &format!("key={body}\n"));
    }
    let release = Release::new(2, 2);
    for signer in [1, 2] {
        assert_ran(&release.sign(signer, &["draft.json", "genome.json", &format!("signer-{signer}")]), 0, "");
    }
    for name in ["draft.json", "genome.json"] {
        write(&format!("good-{name}"), &release.read(name));
    }
    write("good-trust.json", &genome_test_support::policy(&[1, 2], 2, &json!({"revoked": [genome_test_support::fingerprint(3)]})));
    write("good.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEh01XrDTyOGIGhmffmTcg536vV8t8yFYB37yzufa6cE alice\n");
    let public = genome_test_support::key(1).public_key();
    write("good.pem", &format!("-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n"));
    write("good.md", "A PEM file starts with `-----BEGIN PRIVATE KEY-----`; its base64 starts with MC4CAQAwBQYDK2VwBCIEI.\n");
    fs::remove_file(directory.path().join("phrase")).unwrap();
    directory
}

#[test]
fn the_rule_of_gitleaks_finds_what_we_write() {
    let rule = Rule::of_the_document();
    let samples = samples();
    let names = genome_test_support::names(samples.path());
    for name in &names {
        let text = fs::read_to_string(samples.path().join(name)).unwrap();
        assert_eq!(rule.finds(name, &text), name.starts_with("bad"), "{name}");
    }
    assert!(names.iter().filter(|name| name.starts_with("bad")).count() >= 30 && names.iter().any(|name| name.starts_with("good")));
}

#[test]
fn the_rule_of_gitleaks_lets_this_repository_pass() {
    if !has("git") {
        return;
    }
    let rule = Rule::of_the_document();
    let listed = run(Command::new("git").args(["ls-files", "-z"]).current_dir(repository()));
    let names: Vec<&str> = listed.stdout.split_terminator('\0').collect();
    assert!(names.len() > 100, "{listed:?}");
    for name in names {
        // What is no text, or was removed and is still in the index.
        let Ok(text) = fs::read_to_string(repository().join(name)) else { continue };
        assert!(!rule.finds(name, &text), "{name}");
    }
    let test_key = test_key();
    assert!(rule.regex.is_match(&test_key) && !rule.finds("anywhere", &test_key), "it is allowed by its bytes");
    let (seed, other) = (test_key.split_at(21).1, "A".repeat(43));
    assert!(rule.finds("anywhere", &test_key.replace(seed, &other)), "no other is");
}

fn pre_commit(directory: &Path, home: &Path, arguments: &[&str]) -> genome_test_support::Ran {
    run(Command::new("pre-commit")
        .args(arguments)
        .current_dir(directory)
        .env("PRE_COMMIT_HOME", home)
        .env("PRE_COMMIT_COLOR", "never"))
}

#[test]
fn the_hook_of_pre_commit_refuses_what_we_write() {
    let config = shown(".pre-commit-config.yaml", "yaml");
    if !has("pre-commit") || !has("git") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let samples = samples();
    let names = genome_test_support::names(samples.path());
    fs::write(samples.path().join(".pre-commit-config.yaml"), config).unwrap();
    for arguments in [&["init", "--quiet"][..], &["add", "--all"]] {
        assert_ran(&run(Command::new("git").args(arguments).current_dir(samples.path())), 0, "");
    }
    assert_eq!(pre_commit(samples.path(), home.path(), &["validate-config"]).status, Some(0));
    let ran = pre_commit(samples.path(), home.path(), &["run", "--all-files"]);
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    // It names each file with a line of it.
    for name in names {
        let refused = ran.stdout.lines().any(|line| line.starts_with(&format!("{name}:")));
        assert_eq!(refused, name.starts_with("bad"), "{name}");
    }
}

#[test]
fn the_hook_of_pre_commit_lets_this_repository_pass() {
    if !has("pre-commit") || !has("git") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let ran = pre_commit(repository(), home.path(), &["run", "--all-files", "genome-private-key"]);
    assert!(ran.status == Some(0) && ran.stdout.contains("Passed"), "{}", ran.stderr);
}
