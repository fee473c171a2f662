//! `genome-diff` as git calls it, with the two lines of configuration that the page about git shows.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, assert_ran, has, programs, repository, run, test_key};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A repository that knows `genome-diff`.
struct Repository(TempDir);

impl Repository {
    /// With the lines of that page that hold these words. `None` where there is no git.
    fn new(driver: &str) -> Option<Self> {
        has("git").then(|| {
            let repository = Self(tempfile::tempdir().unwrap());
            repository.git(&["init", "--quiet", "--initial-branch=main"]);
            let page = fs::read_to_string(genome_test_support::repository().join("docs/src/release/git.md")).unwrap();
            for words in [".gitattributes", driver] {
                let line = page.lines().find(|line| line.starts_with("$ ") && line.contains("diff") && line.contains(words));
                let line = line.unwrap_or_default().trim_start_matches("$ ");
                assert_ran(&repository.run(Command::new("sh").args(["-euc", line])), 0, "");
            }
            repository.git(&["add", ".gitattributes"]);
            repository.git(&["commit", "--quiet", "--message=attributes"]);
            repository
        })
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, command: &mut Command) -> Ran {
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([programs().to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
        command.current_dir(self.path()).env("PATH", path).env("HOME", self.path()).env_remove("XDG_CONFIG_HOME");
        run(command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C"))
    }

    fn try_git(&self, arguments: &[&str]) -> Ran {
        self.run(Command::new("git").args(["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]).args(arguments))
    }

    /// What git prints; it must succeed, and have nothing to complain of.
    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let ran = self.try_git(arguments);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}: {ran:?}");
        ran.stdout
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=change"]);
    }
}

fn old() -> String {
    Draft::new("1.0.0", &[1], 1).document.to_string()
}

/// It allows one action more.
fn new() -> String {
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_search", "send"], "deny_actions": []});
    Draft::new("1.1.0", &[1], 1).with("capabilities", json!([capability])).document.to_string()
}

const WIDENED: &str = "  widening       action `send` is allowed by `CAP` (risk class B) now, and was allowed by nobody
  neutral        version: 1.0.0 -> 1.1.0
1 widening, 1 neutral
";

#[test]
fn the_driver_shows_what_a_change_means() {
    let Some(repository) = Repository::new("diff.genome.command") else { return };
    // As it is written on another machine, in another order.
    for name in ["genome.json", "genome with spaces.json", "genome's $(touch hacked) `x`.json"] {
        repository.write(name, &old());
        repository.commit();
        repository.write(name, &new());
        let shown = genome_json::text::Bare(name);
        assert_eq!(repository.git(&["diff"]), format!("genome-diff {shown} {shown}\n{WIDENED}"));
        repository.git(&["add", "--all"]);
        assert_eq!(repository.git(&["diff", "--cached"]), format!("genome-diff {shown} {shown}\n{WIDENED}"));
        repository.git(&["commit", "--quiet", "--message=change"]);
        assert_eq!(repository.git(&["show", "--ext-diff", "--format="]), format!("genome-diff {shown} {shown}\n{WIDENED}"));
        // Git itself does not ask it for a log, or where it is told not to.
        assert!(repository.git(&["diff", "--no-ext-diff", "HEAD~"]).starts_with("diff --git "));
    }
    assert!(!repository.path().join("hacked").exists());
    // In a directory, seen from there.
    fs::create_dir(repository.path().join("genomes")).unwrap();
    repository.git(&["mv", "genome.json", "genomes/genome.json"]);
    repository.commit();
    repository.write("genomes/genome.json", &old());
    let said = repository.git(&["-C", "genomes", "diff"]);
    assert!(said.starts_with("genome-diff genomes/genome.json genomes/genome.json\n  narrowing      action `send` "), "{said}");
}

#[test]
fn the_driver_on_files_that_come_and_go() {
    let Some(repository) = Repository::new("diff.genome.command") else { return };
    repository.write("genome.json", &old());
    repository.git(&["add", "--all"]);
    let added = repository.git(&["diff", "--cached"]);
    assert!(added.starts_with("genome-diff genome.json genome.json\n  + name `TEST`\n  + version 1.0.0\n"), "{added}");
    assert!(added.contains("\n  + capability `CAP` allows `memory_search`\n"), "{added}");
    repository.commit();
    fs::remove_file(repository.path().join("genome.json")).unwrap();
    let deleted = repository.git(&["diff"]);
    assert_eq!(deleted, added.replace("\n  + ", "\n  - "));
    // Moved, and changed too.
    repository.write("genome-next.json", &new());
    repository.git(&["add", "--all"]);
    let moved = repository.git(&["diff", "--cached", "--find-renames=10%"]);
    assert_eq!(moved, format!("genome-diff genome.json genome-next.json\n{WIDENED}"));
    repository.commit();
    // Only moved, or only with another mode.
    repository.git(&["mv", "genome-next.json", "genome-last.json"]);
    repository.git(&["update-index", "--chmod=+x", "genome-last.json"]);
    let moved = repository.git(&["diff", "--cached", "--find-renames"]);
    assert!(moved.ends_with("no change of meaning\n") || moved.is_empty(), "{moved}");
}

#[test]
fn the_driver_on_what_is_no_genome() {
    let Some(repository) = Repository::new("diff.genome.command") else { return };
    repository.write("genome.json", &old());
    repository.commit();
    let key = test_key();
    let secret = Draft::new("1.0.0", &[1], 1).with("name", key.as_str()).document.to_string();
    for (text, said) in [
        ("{", "  cannot be compared: "),
        ("{}", "  cannot be compared: "),
        ("", "  cannot be compared: "),
        ("\u{0}\u{1b}[31m\n\n", "  cannot be compared: "),
        (&secret, "  cannot be compared: a private key stands in the document"),
    ] {
        repository.write("genome.json", text);
        let shown = repository.git(&["diff"]);
        assert!(shown.starts_with(&format!("genome-diff genome.json genome.json\n{said}")), "{shown}");
        assert!(!shown.contains('\u{1b}') && !shown.contains(&key), "{shown:?}");
    }
    fs::remove_file(repository.path().join("genome.json")).unwrap();
    symlink("elsewhere.json", repository.path().join("genome.json")).unwrap();
    let shown = repository.git(&["diff"]);
    assert!(shown.contains("  cannot be compared: "), "{shown}");
    // The others that changed are shown all the same.
    repository.write("genome-a.json", &old());
    repository.commit();
    repository.write("genome-a.json", &new());
    fs::remove_file(repository.path().join("genome.json")).unwrap();
    repository.write("genome.json", "{");
    let shown = repository.git(&["diff"]);
    assert!(shown.contains(WIDENED) && shown.contains("cannot be compared"), "{shown}");
}

#[test]
fn the_driver_on_names_of_strangers() {
    let Some(repository) = Repository::new("diff.genome.command") else { return };
    repository.write(".gitattributes", "*.json diff=genome\n-- diff=genome\n- diff=genome\n");
    let names = ["--help.json", "-x.json", "--", "-", "--driver=x.json", "a\nb.json", "\u{1b}[31m.json"];
    for name in names {
        repository.write(name, &old());
    }
    repository.commit();
    for name in names {
        repository.write(name, &new());
        let shown = genome_json::text::Bare(name).to_string();
        assert_eq!(repository.git(&["diff"]), format!("genome-diff {shown} {shown}\n{WIDENED}"));
        repository.write(name, &old());
    }
}

#[test]
fn the_driver_on_a_path_in_conflict() {
    let Some(repository) = Repository::new("diff.genome.command") else { return };
    repository.write("genome.json", &old());
    repository.commit();
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.write("genome.json", &new());
    repository.commit();
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("genome.json", &old().replace("1.0.0", "1.2.0"));
    repository.commit();
    assert_eq!(repository.try_git(&["merge", "other"]).status, Some(1));
    // Between both sides git shows text.
    assert!(repository.git(&["diff"]).contains("\n++<<<<<<< HEAD\n"));
    let shown = repository.git(&["diff", "--cached"]);
    assert!(shown.starts_with("genome-diff genome.json\n  not merged yet\n"), "{shown}");
}

#[test]
fn the_text_that_git_compares() {
    let Some(repository) = Repository::new("diff.genome.textconv") else { return };
    let genome = |version: &str, actions: &[&str]| {
        let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": actions, "deny_actions": []});
        Draft::new(version, &[1, 2], 1).with("capabilities", json!([capability]))
    };
    repository.write("genome.json", &genome("1.0.0", &["a", "b", "c"]).document.to_string());
    repository.commit();
    // Another order, other white space.
    let mut reordered = genome("1.0.0", &["c", "b", "a"]);
    reordered.document["authority"]["signers"].as_array_mut().unwrap().reverse();
    repository.write("genome.json", &serde_json::to_string_pretty(&reordered.document).unwrap());
    assert!(!repository.git(&["diff"]).contains("@@"), "a reordering is shown");
    repository.commit();
    repository.write("genome.json", &genome("1.1.0", &["c", "a", "d"]).signed(&[1]));
    repository.commit();
    let log = repository.git(&["log", "-p", "--format=", "-1"]);
    let changed: Vec<&str> = log.lines().filter(|line| line.starts_with(['+', '-']) && !line.contains("genome.json")).collect();
    let expected =
        ["-version 1.0.0", "+version 1.1.0", "-capability `CAP` allows `b`", "+capability `CAP` allows `d`", "+signature signer-1"];
    assert_eq!(changed, expected, "{log}");
    // What is not a genome is compared as it is, but for a private key.
    repository.write("genome.json", "one\ntwo\n");
    repository.commit();
    repository.write("genome.json", &format!("one\n{}\nthree\n", test_key()));
    repository.commit();
    let log = repository.git(&["log", "-p", "--format=", "-1"]);
    assert!(log.ends_with("   one\n-  two\n+  [a private key, not shown]\n+  three\n"), "another diff");
    let all = repository.git(&["log", "-p", "--format="]);
    assert!(!all.contains(&test_key()), "a private key is shown");
    // Of PEM, each line of the block.
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nsecret\n-----END OPENSSH PRIVATE KEY-----\n";
    repository.write("genome.json", &format!("one\n{pem}two\n"));
    repository.commit();
    let log = repository.git(&["log", "-p", "--format="]);
    assert!(!log.contains("secret") && log.contains("+  [a private key, not shown]\n+  two\n"), "a part of a private key is shown");
    // A file whose name is an option.
    repository.write(".gitattributes", "*.json diff=genome\n");
    repository.write("--help.json", &old());
    repository.commit();
    repository.write("--help.json", &new());
    assert!(repository.git(&["diff"]).contains("\n+capability `CAP` allows `send`\n"));
}

/// Where the first of two capabilities decides, their order is more than an order.
#[test]
fn the_text_says_who_decides() {
    let Some(repository) = Repository::new("diff.genome.textconv") else { return };
    let capability =
        |id: &str, risk: &str| json!({"cap_id": id, "risk_class": risk, "allow_actions": ["erase"], "deny_actions": []});
    let (high, low) = (capability("HIGH", "D"), capability("LOW", "A"));
    let genome = |capabilities| Draft::new("1.0.0", &[1], 1).with("capabilities", capabilities).document.to_string();
    repository.write("genome.json", &genome(json!([high, low])));
    repository.commit();
    repository.write("genome.json", &genome(json!([low, high])));
    assert!(repository.git(&["diff"]).contains("+capability `HIGH` allows `erase`, which `LOW` allows before it\n"));
}

/// No genome of this repository is shown by its text where its meaning can be.
#[test]
fn the_text_of_a_real_genome() {
    let ran =
        run(genome_test_support::program("genome-diff", repository()).args(["--textconv", "genomes/TOTK_ROOT_v1.0.0/genome.json"]));
    assert_ran(&ran, 0, "");
    assert!(ran.stdout.contains("\ncapability `CAP-GOVERNANCE` denies `genome_write`\n"), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("invariant ")).count(), 6);
}
