//! `genome-draft`, as release engineers run it, and as things go wrong.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome::dangerous::verify_self_declared;
use genome::{Document, Genome};
use genome_test_support::{
    Ran, Release, assert_ran, fingerprint, has, inherited, key, names, policy, program, programs, repository, run, say, test_key,
};
use serde_json::json;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROOT: &str = "genomes/TOTK_ROOT_v1.0.0/genome.json";

/// A directory with a genome of so many signers in `v1/genome.json`, signed by all of them, and files that could belong to it.
fn release(signers: u8, threshold: u8) -> Release {
    let release = Release::new(signers, threshold);
    fs::create_dir(release.path().join("v1")).unwrap();
    for signer in 1..=signers {
        let ran = release.sign(signer.into(), &["draft.json", "v1/genome.json", &format!("signer-{signer}")]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
    }
    fs::remove_file(release.path().join("draft.json")).unwrap();
    for (path, text) in [("src/a.rs", "a"), ("src/b.rs", "b"), ("src/sub/c.rs", "c"), ("src/.hidden", "h"), ("notes.txt", "n")] {
        let path = release.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    // The file that the root genome lists.
    let readme = "genomes/TOTK_ROOT_v1.0.0/README.md";
    fs::create_dir_all(release.path().join(readme).parent().unwrap()).unwrap();
    fs::copy(repository().join(readme), release.path().join(readme)).unwrap();
    release
}

/// A signer file and its private key, which is none of the release's.
fn signer(release: &Release, key_id: &str, seed: u8) -> String {
    let key = key(seed);
    let object = format!(r#"{{"key_id": "{key_id}", "alg": "ed25519", "public_key": "{}"}}"#, key.public_key());
    release.write(&format!("{key_id}.json"), &object);
    key.to_base64().to_string()
}

fn drafting(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = program("genome-draft", directory);
    command.args(arguments);
    command
}

/// `genome-draft --from v1/genome.json` with these arguments.
fn draft(release: &Release, arguments: &[&str]) -> Ran {
    run(drafting(release.path(), &["--from", "v1/genome.json"]).args(arguments))
}

/// The draft that was written there.
fn drafted(release: &Release, name: &str) -> Genome {
    Document::read(release.read(name).as_bytes()).unwrap().unverified().clone()
}

/// Runs the commands as they were printed, each with the key of the signer above it.
fn run_printed(directory: &Path, printed: &str, key: impl Fn(&str) -> String) -> usize {
    let path =
        std::env::join_paths([programs().to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
    let commands = next(printed);
    for (key_id, command) in &commands {
        let mut sh = Command::new("sh");
        sh.args(["-c", &command.replace("--key REF", "--key env:KEY")]).current_dir(directory).env("PATH", path.as_ref().unwrap());
        assert_ran(&run(sh.env("KEY", key(key_id))), 0, &format!("signed by `{key_id}`"));
    }
    commands.len()
}

/// Who is next, and the command on the line below.
fn next(printed: &str) -> Vec<(&str, &str)> {
    let lines = printed.lines().zip(printed.lines().skip(1));
    lines
        .filter_map(|(who, command)| Some((who.strip_prefix("  next        `")?.split('`').next()?, command.trim_start())))
        .collect()
}

#[test]
fn production_starts_a_lineage_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret.txt");
    let mut keygen = program("genome-keygen", directory.path());
    let key = keygen.arg("production-key-001").stderr(File::create(&secret).unwrap()).output().unwrap();
    fs::write(directory.path().join("production-key.json"), key.stdout).unwrap();
    let root = repository().canonicalize().unwrap();
    let from = root.join(ROOT);
    let arguments =
        ["--new-root", "--name", "TOTK_PROD", "--version", "1.0.0", "--signer", "production-key.json", "--threshold", "1"];
    let mut command = drafting(directory.path(), &arguments);
    command.arg("--from").arg(&from).arg("--root").arg(&root).args([
        "--file",
        "DEPLOYMENT.md",
        "--file",
        "crates/genome/src/draft",
    ]);
    let output = "genomes/TOTK_PROD_v1.0.0/genome-unsigned.json";
    let ran = run(command.arg(output));
    assert_ran(
        &ran,
        0,
        "drafted `TOTK_PROD` 1.0.0, from `TOTK_ROOT` 1.0.0 (self-declared)\n  name: `TOTK_ROOT` -> `TOTK_PROD`: versions",
    );
    for line in [
        "  created_at: 2025-12-31T00:00:00Z -> ",
        "  signer `production-key-001` (SHA256:",
        "  signer `totk-dev-key-001` (SHA256:",
        "  file `DEPLOYMENT.md` is in the manifest now (",
        "  file `crates/genome/src/draft/fault.rs` is in the manifest now (",
        "  written to  genomes/TOTK_PROD_v1.0.0/genome-unsigned.json\n  signatures  0 of 1 required\n  may sign    `production-key-001`\n  next  ",
        "):\n  genome sign genomes/TOTK_PROD_v1.0.0 --key REF\n  REF         where that key is: `env:NAME`, `file:PATH`, ",
    ] {
        assert!(ran.stderr.contains(line), "expected `{line}` in: {}", ran.stderr);
    }
    for absent in ["warning", "  version:", "parents:", "invariant", "capability", "--parent"] {
        assert!(!ran.stderr.contains(absent), "{absent}: {}", ran.stderr);
    }
    assert_eq!(run_printed(directory.path(), &ran.stderr, |_| fs::read_to_string(&secret).unwrap()), 1);
    let signed = fs::read(directory.path().join("genomes/TOTK_PROD_v1.0.0/genome.json")).unwrap();
    let genome = verify_self_declared(&signed).unwrap();
    assert!(ran.stderr.contains(&format!("  genome id   {}\n", genome.id())));
    assert_eq!(genome.parents, []);
    let mut check = program("genome-verify", directory.path());
    check.args(["--trust", "production-key.json", "--verify-manifest", "--manifest-root"]).arg(&root);
    let ran = run(check.arg("genomes/TOTK_PROD_v1.0.0/genome.json"));
    assert_ran(&ran, 0, "");
    assert!(ran.stdout.contains("pinned"), "{}", ran.stdout);
    // What was not changed stands where it stood.
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    let (before, after) = (text(&from), text(&directory.path().join(output)));
    let carried = |text: &str| text[text.find("\"invariants\"").unwrap()..text.find("\"build_manifest\"").unwrap()].to_owned();
    assert_eq!(carried(&before), carried(&after));
}

#[test]
fn a_child_of_a_published_test_key_is_warned_of() {
    let release = release(1, 1);
    let root = repository().join(ROOT);
    let from = ["--from", root.to_str().unwrap(), "--bump", "minor"];
    let ran = run(drafting(release.path(), &from).arg("draft.json"));
    assert_ran(&ran, 0, "warning[GENOME_TEST_KEY]: the signer `totk-dev-key-001`");
    let of_parent = ") of the ancestor `TOTK_ROOT` 1.0.0 (";
    assert!(ran.stderr.contains(of_parent) && ran.stderr.contains("nobody can trust a genome with such an ancestor"), "{ran:?}");
    let of_draft = "NxvmHv8NgYy2YamsyozU3MGZRvflQjm3AhrJzc3gWYk) is a published test key: anybody can sign with it\n";
    assert!(ran.stderr.contains(of_draft), "{}", ran.stderr);
    // With signers of its own it descends from that key all the same, and without a parent it may still name it.
    let key = signer(&release, "new", 9);
    let ran = run(drafting(release.path(), &from).args(["--signer", "new.json", "--force", "draft.json"]));
    assert_ran(&ran, 0, "--new-root");
    assert!(!ran.stderr.contains(of_draft), "{}", ran.stderr);
    let ran = run(drafting(release.path(), &from).args(["--new-root", "--force", "draft.json"]));
    assert_ran(&ran, 0, of_draft);
    assert!(!ran.stderr.contains(of_parent), "{}", ran.stderr);
    let ran = draft(&release, &["--bump", "minor", "--force", "draft.json"]);
    assert!(ran.status == Some(0) && !ran.stderr.contains("warning"), "{ran:?}");
    // Where the lineage is followed, so is a child of its child.
    release.write("root.json", &fs::read_to_string(&root).unwrap());
    assert_ran(&run(drafting(release.path(), &from).args(["--signer", "new.json", "--force", "draft.json"])), 0, "");
    let mut sign = program("genome-sign", release.path());
    sign.args(["draft.json", "child.json", "new"]).env("GENOME_SIGNING_PRIVATE_KEY", &key);
    assert_ran(&run(&mut sign), 0, "");
    let mut sign = program("genome-sign", release.path());
    sign.args(["--parent", "root.json", "draft.json", "child.json", "totk-dev-key-001"]);
    assert_ran(&run(sign.env("GENOME_SIGNING_PRIVATE_KEY", test_key())), 0, "");
    let child = ["--from", "child.json", "--lineage", ".", "--bump", "minor", "--force", "draft.json"];
    let ran = run(&mut drafting(release.path(), &child));
    assert_ran(&ran, 0, "of the ancestor `TOTK_ROOT` 1.0.0 (");
    assert!(ran.stderr.contains(": start a lineage of its own: draft with --new-root"), "{}", ran.stderr);
    let ran = run(drafting(release.path(), &child).arg("--new-root"));
    assert!(ran.status == Some(0) && !ran.stderr.contains("of the ancestor"), "{ran:?}");
}

#[test]
fn keys_are_replaced_as_the_printed_commands_say() {
    let release = release(2, 2);
    let key = signer(&release, "ops-2027", 9);
    let output = "it's v2/$(next)/genome-unsigned.json";
    let ran = draft(&release, &["--bump", "minor", "--remove-signer", "signer-2", "--add-signer", "ops-2027.json", output]);
    assert_ran(&ran, 0, "  version: 1.0.0 -> 1.1.0\n  parents: none -> ");
    let expected = "  signer `ops-2027` (SHA256:";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    let quorums = "  signatures  0 of 2 required\n  may sign    `signer-1`, `ops-2027`\n  parent      `TOTK_ROOT` 1.0.0: 0 of 2 required; may sign: `signer-1`, `signer-2`\n";
    assert!(ran.stderr.contains(quorums), "{}", ran.stderr);
    let command = "genome sign it\\'s\\ v2/\\$\\(next\\) --parent v1/genome.json --key REF";
    assert_eq!(next(&ran.stderr), ["signer-1", "ops-2027", "signer-2"].map(|key_id| (key_id, command)));
    let secret = |key_id: &str| match key_id {
        "signer-1" => release.keys[0].clone(),
        "signer-2" => release.keys[1].clone(),
        _ => key.clone(),
    };
    assert_eq!(run_printed(release.path(), &ran.stderr, secret), 3);
    // Whoever trusts the parent trusts its child, through the lineage.
    let parent = release.read("v1/genome.json");
    let authority = &parent[parent.find("\"authority\": ").unwrap() + 13..parent.find(",\n  \"invariants\"").unwrap()];
    release.write("policy.json", authority);
    let ran = release.verify(&["--trust", "policy.json", "--lineage", "v1", "it's v2/$(next)/genome.json"]);
    assert_ran(&ran, 0, "");
    assert!(ran.stdout.contains("lineage"), "{}", ran.stdout);
}

#[test]
fn paths_that_no_shell_takes_as_they_are() {
    let release = release(1, 1);
    for output in ["-draft.json", "line\nbreak/-unsigned.json", "\u{202e}é", "100%\t\\n.tar.json"] {
        let ran = run(drafting(release.path(), &["--from", "v1/genome.json", "--bump", "patch", "--"]).arg(output));
        assert_ran(&ran, 0, "drafted `TOTK_ROOT` 1.0.1");
        assert!(!ran.stderr.contains('\u{202e}') && !ran.stderr.lines().any(|line| line.starts_with("break")), "{}", ran.stderr);
        assert_eq!(run_printed(release.path(), &ran.stderr, |_| release.keys[0].clone()), 1, "{output}");
    }
    for signed in ["-draft-signed.json", "line\nbreak/-unsigned-signed.json", "\u{202e}é-signed", "100%\t\\n.tar-signed.json"] {
        verify_self_declared(release.read(signed).as_bytes()).unwrap();
    }
}

#[test]
fn a_draft_beside_its_parent_leaves_it_alone() {
    let release = release(1, 1);
    let before = release.read("v1/genome.json");
    let ran = draft(&release, &["--bump", "minor", "v1/genome-unsigned.json"]);
    assert_ran(&ran, 0, "):\n  genome sign v1/genome-unsigned.json v1/genome-signed.json --key REF\n");
    assert_eq!(run_printed(release.path(), &ran.stderr, |_| release.keys[0].clone()), 1);
    assert_eq!(release.read("v1/genome.json"), before);
}

#[test]
fn a_key_id_that_changes_hands_shuts_its_owner_out() {
    let release = release(2, 2);
    signer(&release, "signer-2", 9);
    let ran = draft(&release, &["--bump", "minor", "--remove-signer", "signer-2", "--add-signer", "signer-2.json", "draft.json"]);
    assert_ran(&ran, 0, "of the parent cannot sign the draft, which gives that key id to another key");
    assert!(ran.stderr.contains("  signer `signer-2` is another key now: SHA256:"), "{}", ran.stderr);
    let asked: Vec<&str> = next(&ran.stderr).into_iter().map(|(key_id, _)| key_id).collect();
    assert_eq!(asked, ["signer-1", "signer-2"], "the second is the one with the new key");
    assert!(ran.stderr.contains(&format!("  next        `signer-2` ({}):", fingerprint(9))), "{}", ran.stderr);
}

/// Nobody is asked for a signature that the given policy would not count.
#[test]
fn whose_key_the_policy_revokes_is_not_asked() {
    let release = release(3, 1);
    release.write("policy.json", &policy(&[1, 3], 1, &json!({"revoked": [fingerprint(2)], "quorum": {"narrowing": "all"}})));
    signer(&release, "new", 9);
    let asked = |arguments: &[&str]| {
        let ran = draft(&release, &[arguments, &["--trust", "policy.json", "--force", "v2/"]].concat());
        assert_ran(&ran, 0, "drafted");
        (next(&ran.stderr).into_iter().map(|(key_id, _)| key_id.to_owned()).collect::<Vec<_>>(), ran.stderr)
    };
    let (both, said) = asked(&[]);
    assert_eq!(both, ["signer-1", "signer-3"]);
    assert!(said.contains("  may sign    `signer-1`, `signer-3`\n"), "{said}");
    // For the parent as many as the policy asks for, of those that it does not revoke.
    let (both, said) = asked(&["--signer", "new.json", "--deny", "CAP-MEMORY-READ=memory_purge"]);
    assert_eq!(both, ["new", "signer-1", "signer-3"]);
    assert!(said.contains("  parent      `TOTK_ROOT` 1.0.0: 0 of 2 required; may sign: `signer-1`, `signer-3`\n"), "{said}");
    let (both, _) = asked(&["--new-root", "--name", "OTHER"]);
    assert_eq!(both, ["signer-1", "signer-3"]);
}

#[test]
fn versions() {
    let release = release(1, 1);
    let version = |arguments: &[&str]| {
        let ran = draft(&release, &[arguments, &["--force", "draft.json"]].concat());
        assert_ran(&ran, 0, "drafted");
        drafted(&release, "draft.json").version.to_string()
    };
    for (bump, expected) in [("major", "2.0.0"), ("minor", "1.1.0"), ("patch", "1.0.1")] {
        assert_eq!(version(&["--bump", bump]), expected);
    }
    assert_eq!(version(&["--version", "1.0.1-rc.1"]), "1.0.1-rc.1");
    assert_eq!(version(&["--version=0.1.0", "--name", "OTHER"]), "0.1.0");
    assert_eq!(version(&["--version", "0.1.0", "--new-root"]), "0.1.0");
    assert_eq!(version(&["--bump", "major", "--new-root"]), "2.0.0");
    for lower in ["1.0.0", "0.9.0", "1.0.0-rc.1", "1.0.0+build"] {
        let ran = draft(&release, &["--version", lower, "new.json"]);
        assert_ran(&ran, 1, &format!("error: the version {lower} does not come after 1.0.0"));
        assert!(ran.stderr.contains("  --> v1/genome.json at /version\n  help: give a version above 1.0.0"), "{}", ran.stderr);
    }
    for wrong in [&["--bump", "minor", "--version", "2.0.0", "new.json"][..], &["--version", "2", "new.json"]] {
        assert_ran(&draft(&release, wrong), 2, "error: ");
    }
    assert_eq!(draft(&release, &["--bump", "middle", "new.json"]).status, Some(2));
    assert!(!names(release.path()).contains(&"new.json".to_owned()));
}

/// The version that fits is taken where nobody says which, and one that does not is warned of.
#[test]
fn the_smallest_step_that_fits() {
    let release = release(2, 1);
    release.write("inv.json", r#"{"id": "INV-NEW", "severity": "HIGH", "testable_claim": "it holds", "enforcement_hook": "h"}"#);
    for (change, fits) in [
        (&[][..], "1.0.1"),
        (&["--file", "notes.txt"], "1.0.1"),
        (&["--add-invariant", "inv.json"], "1.0.1"),
        (&["--deny", "CAP-JOBS=job_erase"], "1.0.1"),
        (&["--threshold", "2"], "1.0.1"),
        (&["--allow", "CAP-JOBS=job_cancel"], "1.1.0"),
        (&["--remove-action", "CAP-JOBS=job_run"], "1.1.0"),
        (&["--remove-invariant", "INV-001"], "1.1.0"),
        (&["--remove-signer", "signer-2", "--allow", "CAP-JOBS=job_cancel"], "1.1.0"),
        // Under another name versions start anew.
        (&["--name", "OTHER", "--allow", "CAP-JOBS=job_cancel"], "1.0.0"),
        (&["--name", "OTHER", "--new-root"], "1.0.0"),
        (&["--new-root"], "1.0.1"),
        (&["--new-root", "--allow", "CAP-JOBS=job_cancel"], "1.1.0"),
        // Also where it guards more.
        (&["--pin", &format!("files:instructions={}", "a".repeat(64))], "1.1.0"),
    ] {
        for auto in [&[][..], &["--bump", "auto"]] {
            let ran = draft(&release, &[auto, change, &["--force", "draft.json"]].concat());
            assert_ran(&ran, 0, "drafted");
            assert_eq!(drafted(&release, "draft.json").version.to_string(), fits, "{change:?}");
            assert!(!ran.stderr.contains("the version goes up"), "{}", ran.stderr);
            let compared = run(program("genome-diff", release.path()).args(["v1/genome.json", "draft.json"]));
            assert!(!compared.stdout.contains("NO  the version"), "{change:?}: {}", compared.stdout);
        }
        let ran = draft(&release, &[change, &["--bump", "patch", "--force", "draft.json"]].concat());
        let is_warned = ran.stderr.contains("warning: the version goes up by a patch, 1.0.0 -> 1.0.1, and a ");
        assert_eq!((ran.status, is_warned), (Some(0), fits == "1.1.0" && !change.contains(&"--new-root")), "{change:?}: {ran:?}");
        assert!(
            !is_warned || ran.stderr.contains("without --bump and --version, which takes 1.1.0: genome-diff"),
            "{}",
            ran.stderr
        );
    }
    let ran = draft(&release, &["--version", "1.0.7", "--allow", "CAP-JOBS=job_cancel", "--force", "draft.json"]);
    assert_ran(&ran, 0, "warning: the version goes up by a patch, 1.0.0 -> 1.0.7, and a widening is more");
    // What is wrong otherwise is said as it was.
    assert_ran(&draft(&release, &["--threshold", "3", "new.json"]), 1, "the threshold is 3, and 2 may sign");
}

/// A tool may be named so, and a person may have meant several.
#[test]
fn a_list_with_commas_is_one_action_and_warned_of() {
    for (option, action, is_warned) in
        [("--allow", "fly,swim", true), ("--deny", "fly, swim", true), ("--allow", "fly,", false), ("--allow", "fly", false)]
    {
        let release = release(1, 1);
        let ran = draft(&release, &[option, &format!("CAP-JOBS={action}"), "draft.json"]);
        assert_ran(&ran, 0, "");
        let says = ran.stderr.contains(&format!("`{action}` is one action, whose name has a comma"));
        assert_eq!(says, is_warned, "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("repeat the option for each"), is_warned, "{}", ran.stderr);
    }
}

#[test]
fn the_same_draft_can_be_made_twice() {
    let release = release(1, 1);
    let at = |epoch: &str, output: &str| {
        let arguments = ["--from", "v1/genome.json", "--bump", "minor", "--refresh", "--file", "src", "--force", output];
        run(drafting(release.path(), &arguments).env("SOURCE_DATE_EPOCH", epoch))
    };
    assert_ran(&at("1800000000", "one.json"), 0, "2027-01-15T08:00:00Z");
    let second = at("1800000000", "two.json");
    assert_ran(&second, 0, "2027-01-15T08:00:00Z");
    assert_eq!(release.read("one.json"), release.read("two.json"));
    let first = at("1800000000", "two.json");
    assert_eq!(first, second);
    assert_ran(&at("1800000001", "two.json"), 0, "");
    assert_ne!(release.read("one.json"), release.read("two.json"));
    for bad in ["", " ", "now", "-1", "+1", "1.5", "0x10", "1800000000 ", "253402300800", "99999999999999999999"] {
        assert_ran(&at(bad, "new.json"), 2, "error: SOURCE_DATE_EPOCH is `");
    }
    let ran = at("1000000000", "new.json");
    assert_ran(&ran, 1, "error: `created_at` would be 2001-09-09T01:46:40Z, and that of its parent is 2025-12-31T00:00:00Z");
    assert!(ran.stderr.contains("SOURCE_DATE_EPOCH"), "{}", ran.stderr);
    let mut root = drafting(release.path(), &["--from", "v1/genome.json", "--bump", "minor", "--new-root", "root.json"]);
    assert_ran(&run(root.env("SOURCE_DATE_EPOCH", "0")), 0, "1970-01-01T00:00:00Z");
    assert!(!release.path().join("new.json").exists());
    // Without it: now.
    assert_ran(&draft(&release, &["--bump", "minor", "now.json"]), 0, "");
    let written = drafted(&release, "now.json").created_at;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(u64::try_from(written.unix_seconds()).unwrap()) < 600 && written.as_str().ends_with('Z'));
}

#[test]
fn signers() {
    let release = release(3, 2);
    for (key_id, seed) in [("new", 9), ("newer", 10), ("signer-2", 11)] {
        signer(&release, key_id, seed);
    }
    let key = key(2).public_key();
    release.write("alias.json", &format!(r#"{{"key_id": "alias", "alg": "ed25519", "public_key": "{key}"}}"#));
    let ids = |arguments: &[&str]| {
        let ran = draft(&release, &[&["--bump", "minor", "--force"], arguments, &["draft.json"]].concat());
        assert_ran(&ran, 0, "drafted");
        let authority = drafted(&release, "draft.json").authority;
        let ids: Vec<String> = authority.signers.iter().map(|signer| signer.key_id.to_string()).collect();
        (ids.join(" "), authority.threshold, ran.stderr)
    };
    let (all, threshold, said) = ids(&["--signer", "new.json", "--signer", "newer.json"]);
    assert_eq!((all.as_str(), threshold), ("new newer", 2));
    assert_eq!(said.matches("genome sign draft.json draft-signed.json --parent v1/genome.json --key REF").count(), 5, "{said}");
    let (all, threshold, said) = ids(&["--remove-signer", "signer-2", "--add-signer", "new.json", "--threshold", "3"]);
    assert_eq!((all.as_str(), threshold), ("signer-1 signer-3 new", 3));
    assert!(said.contains("  threshold: 3 must sign now, and 2 had to before\n"), "{said}");
    let (all, _, said) = ids(&["--remove-signer", "signer-2", "--add-signer", "alias.json"]);
    assert_eq!(all, "signer-1 signer-3 alias");
    assert!(said.contains("  signer `signer-2` is called `alias` now, with the same key (SHA256:"), "{said}");
    let (_, _, said) = ids(&["--threshold", "3"]);
    assert!(
        said.contains("  parent      `TOTK_ROOT` 1.0.0: 0 of 2 required; may sign: `signer-1`, `signer-2`, `signer-3`\n"),
        "{said}"
    );

    for (arguments, said) in [
        (&["--remove-signer", "nobody"][..], "error: there is no signer `nobody`"),
        (&["--remove-signer", "signer-1", "--remove-signer", "signer-1"], "error: there is no signer `signer-1`"),
        (&["--add-signer", "signer-2.json"], "error: there is a signer `signer-2` already"),
        (&["--add-signer", "alias.json"], "is there already, as `signer-2`"),
        (&["--signer", "new.json", "--signer", "new.json"], "error: there is a signer `new` already"),
        (&["--signer", "new.json"], "error: the threshold is 2, and 1 may sign"),
        (
            &["--signer", "new.json"],
            "  --> new-draft.json at /authority/threshold\n  help: nothing was written; give a threshold of 1, or add signers: --signer replaces all signers, and --add-signer adds one\n",
        ),
        (&["--threshold", "4"], "error: the threshold is 4, and 3 may sign"),
        (&["--threshold", "0"], "error: the threshold is 0, and 3 may sign"),
        (
            &["--remove-signer", "signer-1", "--remove-signer", "signer-2", "--remove-signer", "signer-3"],
            "help: nothing was written; add a signer",
        ),
        (&["--add-signer", "v1/genome.json"], "error[GENOME_INVALID_SCHEMA]"),
        (&["--add-signer", "v1/genome.json"], ": this is a genome, and the public key of a signer was expected\n"),
        (&["--add-signer", "notes.txt"], "error[GENOME_INVALID_JSON]"),
    ] {
        assert_ran(&draft(&release, &[&["--bump", "minor"], arguments, &["new-draft.json"]].concat()), 1, said);
    }
    for (arguments, said) in [
        (&["--add-signer", "missing.json"][..], "error[GENOME_MISSING]"),
        (&["--add-signer", "src"], "error[GENOME_UNREADABLE]"),
        (&["--threshold", "-1"], "error: "),
        (&["--remove-signer", "a b"], "error: "),
        (&["--signer", "-", "--add-signer", "-"], "standard input can be read only once"),
        (&["--signer", "new.json", "--remove-signer", "signer-1"], "cannot be used with"),
    ] {
        assert_ran(&draft(&release, &[&["--bump", "minor"], arguments, &["new-draft.json"]].concat()), 2, said);
    }
    assert!(!release.path().join("new-draft.json").exists());
}

#[test]
fn a_private_key_in_a_file_is_compromised_and_not_repeated() {
    let release = release(1, 1);
    let key = release.keys[0].clone();
    release.write("secret.txt", &format!("{key}\n"));
    release.write("pasted.json", &format!(r#"{{"key_id": "a", "alg": "ed25519", "public_key": "{key}"}}"#));
    release.write("quoted.json", &format!("\"{key}\""));
    release
        .write("capability.json", &format!(r#"{{"cap_id": "{key}", "risk_class": "A", "allow_actions": [], "deny_actions": []}}"#));
    release.write(
        "invariant.json",
        &format!(r#"{{"id": "I", "severity": "HIGH", "testable_claim": "{key}", "enforcement_hook": "h"}}"#),
    );
    for (arguments, hint) in [
        (["--signer", "secret.txt"], "give its public half, which is the signer object that genome-keygen printed"),
        (["--add-signer", "pasted.json"], "the key is compromised"),
        (["--signer", "quoted.json"], "the key is compromised"),
        (["--add-capability", "capability.json"], "the key is compromised"),
        (["--add-invariant", "invariant.json"], "the key is compromised"),
    ] {
        let ran = draft(&release, &["--bump", "minor", arguments[0], arguments[1], "draft.json"]);
        assert_ran(&ran, 1, "error[GENOME_SECRET_EXPOSED]");
        assert!(ran.stderr.contains(hint) && !ran.stderr.contains(&key[20..]), "{arguments:?}");
        assert!(ran.stderr.contains(&format!("  --> {}", arguments[1])), "{}", ran.stderr);
    }
    assert_ran(&draft(&release, &["--bump", "minor", "--name", &key, "draft.json"]), 2, "a private key stands on the command line");
    assert!(!release.path().join("draft.json").exists());
}

#[test]
fn a_published_key_as_a_signer_is_warned_of() {
    let release = release(1, 1);
    let test_signer = repository().join("genomes/TOTK_ROOT_v1.0.0/test-key.json");
    let ran = draft(&release, &["--bump", "minor", "--add-signer", test_signer.to_str().unwrap(), "draft.json"]);
    assert_ran(&ran, 0, "warning[GENOME_TEST_KEY]: the signer `totk-dev-key-001`");
    assert!(!ran.stderr.contains(&test_key()));
}

#[test]
fn what_must_hold_and_what_may_be_done() {
    let release = release(1, 1);
    release.write("cap.json", r#"{"cap_id": "CAP-NEW", "deny_actions": [], "allow_actions": ["fly"], "risk_class": "D"}"#);
    release.write(
        "health.json",
        r#"{"cap_id": "CAP-HEALTH", "risk_class": "B", "allow_actions": ["health_check"], "deny_actions": []}"#,
    );
    release.write("inv.json", r#"{"id": "INV-007", "severity": "MEDIUM", "testable_claim": "a\nb", "enforcement_hook": "h"}"#);
    let arguments = [
        "--bump",
        "minor",
        "--allow",
        "CAP-JOBS=job_cancel",
        "--deny",
        "CAP-JOBS=memory_search",
        "--remove-action",
        "CAP-GOVERNANCE=genome_write",
        "--allow",
        "CAP-JOBS=merge_agent_state",
        "--add-capability",
        "cap.json",
        "--remove-capability",
        "CAP-RECEIPTS",
        "--add-invariant",
        "inv.json",
        "--remove-invariant",
        "INV-001",
        "--remove-capability",
        "CAP-HEALTH",
        "--add-capability",
        "health.json",
        "--remove-action",
        "CAP-JOBS=job_run",
        "--deny",
        "CAP-JOBS=job_run",
        "draft.json",
    ];
    let ran = draft(&release, &arguments);
    assert_ran(&ran, 0, "drafted `TOTK_ROOT` 1.1.0");
    let changes: Vec<&str> = ran.stderr.lines().skip(4).take_while(|line| !line.contains("genome id")).collect();
    assert_eq!(
        changes,
        [
            "  invariant `INV-007` must hold now: MEDIUM, `a\\u{a}b`, enforced by `h`",
            "  invariant `INV-001` need not hold any more: CRITICAL, `consent_wins: when a user says stop, everything done on that user's behalf halts at once, and nothing overrides it`, enforced by `cdi.checkConsent`",
            "  action `memory_search` is denied by `CAP-JOBS` now, and was allowed by `CAP-MEMORY-READ` (risk class B)",
            "  action `job_cancel` is allowed by `CAP-JOBS` (risk class C) now, and was allowed by nobody",
            "  action `job_run` is denied by `CAP-JOBS` now, and was allowed by `CAP-JOBS` (risk class C)",
            "  action `fly` is allowed by `CAP-NEW` (risk class D) now, and was allowed by nobody",
            "  action `receipts_read` is allowed by nobody now, and was allowed by `CAP-RECEIPTS` (risk class B)",
            "  action `genome_write` is allowed by nobody now, and was denied by `CAP-GOVERNANCE`",
            "  capability `CAP-NEW` is new: risk class D, 1 allowed, 0 denied",
            "  capability `CAP-RECEIPTS` is gone: risk class B, 1 allowed, 0 denied",
            "  capability `CAP-JOBS` lists `merge_agent_state` in its allow_actions now",
            "  capability `CAP-HEALTH` is in risk class B now, and was in A",
            "  another order of the capabilities, which means the same",
        ]
    );
    // Members stand in the order of the file that was given.
    assert!(release.read("draft.json").contains("\"cap_id\": \"CAP-NEW\",\n      \"deny_actions\": [],"));

    for (arguments, said) in [
        (["--allow", "CAP-NONE=x"], "error: there is no capability `CAP-NONE`"),
        (["--deny", "CAP-NONE=x"], "error: there is no capability `CAP-NONE`"),
        (["--remove-action", "CAP-NONE=x"], "error: there is no capability `CAP-NONE`"),
        (["--remove-capability", "CAP-NONE"], "error: there is no capability `CAP-NONE`"),
        (["--remove-invariant", "INV-9"], "error: there is no invariant `INV-9`"),
        (["--allow", "CAP-JOBS=job_run"], "error: `CAP-JOBS` allows `job_run` already"),
        (["--deny", "CAP-JOBS=job_run"], "error: `CAP-JOBS` allows `job_run` already"),
        (["--allow", "CAP-GOVERNANCE=genome_write"], "error: `CAP-GOVERNANCE` denies `genome_write` already"),
        (["--remove-action", "CAP-JOBS=fly"], "error: `CAP-JOBS` neither allows nor denies `fly`"),
        (
            ["--add-capability", "health.json"],
            "error: there is a capability `CAP-HEALTH` already\n  --> v1/genome.json at /capabilities\n",
        ),
        (["--add-capability", "inv.json"], "error[GENOME_INVALID_SCHEMA]"),
        (["--add-invariant", "cap.json"], "error[GENOME_INVALID_SCHEMA]"),
        (["--add-invariant", "cap.json"], ": this is one capability of a genome, and one invariant of a genome was expected\n"),
        (["--add-invariant", "notes.txt"], "error[GENOME_INVALID_JSON]"),
        (["--allow", "CAP-JOBS="], "  --> new.json\n  - /capabilities/3/allow_actions/3: an empty text"),
        (["--allow", "CAP-JOBS= x"], "  - /capabilities/3/allow_actions/3: white space"),
        (["--name", "a\nb"], "  - /name: the character U+000A, which does not show"),
        (["--name", ""], "  - /name: an empty text"),
    ] {
        assert_ran(&draft(&release, &["--bump", "minor", arguments[0], arguments[1], "new.json"]), 1, said);
    }
    assert_ran(&draft(&release, &["--bump", "minor", "--allow", "CAP-JOBS", "new.json"]), 2, "such as CAP-JOBS=job_run");
    assert_ran(&draft(&release, &["--bump", "minor", "--add-capability", "missing.json", "new.json"]), 2, "error[GENOME_MISSING]");
    // All that is wrong is said at once.
    let ran = draft(
        &release,
        &["--bump", "minor", "--allow", "CAP-A=x", "--deny", "CAP-B=x", "--file", "gone", "--version=1.0.0", "new.json"],
    );
    assert_eq!(ran.status, Some(2));
    let ran = draft(&release, &["--bump", "minor", "--allow", "CAP-A=x", "--deny", "CAP-B=x", "--file", "gone", "new.json"]);
    assert_eq!((ran.status, ran.stderr.matches("error").count()), (Some(1), 3), "{}", ran.stderr);
    assert!(!release.path().join("new.json").exists());
}

/// A pin is added beside others, and goes alone or with all of its action. The document is of the version that it needs.
#[test]
fn which_definitions_are_good() {
    let release = release(1, 1);
    let [a, b] = ["a", "b"].map(|digit| digit.repeat(64));
    let allow = ["--allow", "CAP-JOBS=files/a=b", "--allow", "CAP-JOBS=job_cancel"];
    let [pin_a, pin_b, cancel] = [format!("files/a=b={a}"), format!("files/a=b={b}"), format!("job_cancel={b}")];
    let pins = ["--pin", &pin_a, "--pin", &pin_b, "--pin", &cancel];
    assert_ran(
        &draft(&release, &[&allow[..], &pins, &["draft.json"]].concat()),
        0,
        &format!("tool `job_cancel` is pinned now: no other definition is good than {b}"),
    );
    let tools = |name: &str| {
        let genome = drafted(&release, name);
        let pins: Vec<String> = genome.tools.iter().map(|pin| format!("{} {}", pin.action, pin.sha256)).collect();
        (genome.schema_version(), pins)
    };
    let all = [format!("files/a=b {a}"), format!("files/a=b {b}"), format!("job_cancel {b}")];
    assert_eq!(tools("draft.json"), ("genome.v0.2", all.to_vec()));
    let signed = release.sign(1, &["--parent", "v1/genome.json", "draft.json", "v2.json", "signer-1"]);
    assert_eq!(signed.status, Some(0), "{signed:?}");
    let from =
        |options: &[&str]| run(drafting(release.path(), &["--from", "v2.json"]).args(options).args(["--force", "next.json"]));
    for (options, left) in [
        (&["--unpin", "files/a=b"][..], &all[2..]),
        (&["--unpin", &pin_a, "--unpin", "job_cancel"], &all[1..2]),
        (&["--unpin", "files/a=b", "--unpin", "job_cancel", "--pin", &pin_b], &all[1..2]),
        (&["--unpin", "job_cancel", "--remove-action", "CAP-JOBS=job_cancel"], &all[..2]),
        (&["--unpin", "files/a=b", "--unpin", "job_cancel"], &[]),
    ] {
        assert_ran(&from(options), 0, "drafted");
        let version = if left.is_empty() { "genome.v0.1" } else { "genome.v0.2" };
        assert_eq!(tools("next.json"), (version, left.to_vec()), "{options:?}");
    }
    for (options, said) in [
        (&["--pin", &pin_a][..], format!("`files/a=b` is pinned to {a} already")),
        (&["--unpin", "files/a"], "there is no pin `files/a`".to_owned()),
        (&["--unpin", &format!("job_cancel={a}")], format!("`job_cancel` is not pinned to {a}")),
        (&["--pin", &format!("job_unknown={a}")], "/tools/3/action: a pin for nothing".to_owned()),
        (
            &["--remove-action", "CAP-JOBS=job_cancel"],
            "a pin for nothing: the capabilities do not allow this action, or it is that of a method".to_owned(),
        ),
    ] {
        assert_ran(&from(options), 1, &said);
    }
    for wrong in [format!("job_cancel={}", a.to_uppercase()), a, "job_cancel".to_owned()] {
        assert_ran(&from(&["--pin", &wrong]), 2, "64 lowercase hex digits");
    }
}

#[test]
fn the_manifest() {
    let release = release(1, 1);
    let paths = |arguments: &[&str]| {
        let ran = draft(&release, &[&["--bump", "minor", "--force"], arguments, &["draft.json"]].concat());
        assert_ran(&ran, 0, "drafted");
        let paths: Vec<String> = drafted(&release, "draft.json").files.iter().skip(1).map(|file| file.path.to_string()).collect();
        (paths.join(" "), ran.stderr)
    };
    for (given, expected) in [
        (&["--file", "src/b.rs"][..], "src/b.rs"),
        (&["--file", "./src/b.rs", "--file", "notes.txt", "--file", "src/b.rs"], "src/b.rs notes.txt"),
        (&["--file", "src"], "src/.hidden src/a.rs src/b.rs src/sub/c.rs"),
        (&["--file", "./src/sub/", "--file", "src/*.rs"], "src/sub/c.rs src/a.rs src/b.rs"),
        (&["--file", "src/*"], "src/a.rs src/b.rs"),
        (&["--file", "src/[!a].rs"], "src/b.rs"),
        (&["--file", "**/?.rs"], "src/a.rs src/b.rs src/sub/c.rs"),
        (&["--file", "src/s*/*.rs"], "src/sub/c.rs"),
        (&["--file", "a.rs", "--file", ".", "--root", "src"], "a.rs .hidden b.rs sub/c.rs"),
        (&["--file", "*.txt"], "notes.txt"),
    ] {
        assert_eq!(paths(given).0, expected, "{given:?}");
    }
    fs::write(release.path().join("src/x[1].rs"), "").unwrap();
    assert_eq!(paths(&["--file", "src/x[1].rs"]).0, "src/x[1].rs", "a file is not a pattern");
    let mut elsewhere = drafting(Path::new("/"), &["--bump", "minor", "--force", "--file", "src/a.rs"]);
    elsewhere.arg("--from").arg(release.path().join("v1/genome.json")).arg(release.path().join("draft.json"));
    assert_ran(
        &run(elsewhere.env("MATHISON_REPO_ROOT", release.path())),
        0,
        "  file `src/a.rs` is in the manifest now (ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb)\n",
    );

    let root = "genomes/TOTK_ROOT_v1.0.0/README.md";
    let (_, said) = paths(&["--refresh"]);
    assert!(!said.contains("file "), "{said}");
    release.write(root, "changed");
    for arguments in [&["--refresh"][..], &["--file", root]] {
        let (_, said) = paths(arguments);
        assert!(
            said.contains(&format!(
                "  file `{root}` has changed (dafdfa2c97cb05e46873a82448fe30f6033a5f1fdec8095ce458a88cda2ff46f -> "
            )),
            "{said}"
        );
    }
    let (_, said) = paths(&[]);
    assert!(!said.contains("file "), "what nobody asked for is not looked at: {said}");
    let (_, said) = paths(&["--remove-file", root]);
    assert!(said.contains(&format!("  file `{root}` is in the manifest no more")), "{said}");
    assert_eq!(drafted(&release, "draft.json").files, []);

    // A draft that is written over names neither itself nor what is signed from it.
    fs::create_dir(release.path().join("v2")).unwrap();
    release.write("v2/genome-unsigned.json", "");
    let ran = draft(&release, &["--bump", "minor", "--force", "--file", "v2", "v2/genome-unsigned.json"]);
    assert_ran(&ran, 1, "error: `v2/genome-unsigned.json` would be listed in itself");
    release.write("v2/genome.json", "");
    let ran = draft(&release, &["--bump", "minor", "--force", "--file", "v2/genome.json", "v2/genome-unsigned.json"]);
    assert_ran(&ran, 1, "error: `v2/genome.json` would be listed in itself");
    // Neither does one whose parent lists them, whether or not their digests are asked for.
    assert_ran(
        &draft(&release, &["--bump", "minor", "--file", "v2", "listing.json"]),
        0,
        "file `v2/genome-unsigned.json` is in the manifest now",
    );
    assert_ran(&release.sign(1, &["listing.json", "listed.json", "signer-1"]), 0, "");
    for arguments in [["--refresh", "--force"], ["--file=notes.txt", "--force"]] {
        let mut onto = drafting(release.path(), &["--from", "listed.json", "--bump", "minor", "v2/genome-unsigned.json"]);
        assert_ran(&run(onto.args(arguments)), 1, "error: `v2/genome-unsigned.json` would be listed in itself");
    }
    assert_eq!(release.read("v2/genome-unsigned.json"), "");
    // Nor does what a shell writes to a file.
    let mut printed = drafting(release.path(), &["--from", "v1/genome.json", "--bump", "minor", "--file", "v2", "-"]);
    printed.stdout(File::create(release.path().join("v2/printed.json")).unwrap());
    assert_eq!(printed.stderr(Stdio::null()).status().unwrap().code(), Some(1));
    assert_eq!(release.read("v2/printed.json"), "");
}

#[test]
fn files_that_cannot_be_listed() {
    let release = release(1, 1);
    let at = |name: &str| release.path().join(name);
    symlink("a.rs", at("src/link.rs")).unwrap();
    symlink("src", at("linked")).unwrap();
    assert!(Command::new("mkfifo").arg(at("src/pipe")).status().unwrap().success());
    let draft_with = |arguments: &[&str]| draft(&release, &[&["--bump", "minor"], arguments, &["new.json"]].concat());
    for (given, status, said) in [
        ("gone", 2, "error[GENOME_MISSING]: one file cannot be put into the manifest\n  - gone: there is no such file"),
        ("gone/*.rs", 2, "error: not every file of `gone/*.rs` can be put into the manifest"),
        ("src/*.py", 2, "error: `src/*.py` stands for no regular file"),
        ("**/s*.rs", 2, "error: `**/s*.rs` stands for no regular file"),
        ("src/***", 2, "error: `src/***` is not a pattern: "),
        ("src/[a", 2, "is not a pattern: "),
        ("", 2, "an empty path"),
        ("/etc/passwd", 2, "an absolute path"),
        ("/etc/*", 2, "an absolute path"),
        ("../x", 2, "a path with an empty, `.` or `..` step"),
        ("src/../../*", 2, "a path with an empty, `.` or `..` step"),
        ("src\\a.rs", 2, "a backslash in a path"),
        ("a\nb", 2, "error: `a\\u{a}b`: a control or format character in a path"),
        ("src/link.rs", 1, "- src/link.rs: `src/link.rs` is a symbolic link"),
        ("linked", 1, "- linked: `linked` is a symbolic link"),
        ("linked/*.rs", 1, "`linked` is a symbolic link"),
        ("linked/sub", 1, "`linked` is a symbolic link"),
        ("src/pipe", 1, "expected a regular file, found a FIFO"),
    ] {
        assert_ran(&draft_with(&["--file", given]), status, said);
    }
    let missing = draft_with(&["--file", "one", "--file", "notes.txt", "--file", "two", "--remove-file", "genomes/nix"]);
    assert_ran(&missing, 1, "error: there is no file `genomes/nix`");
    assert!(
        missing.stderr.contains("2 files cannot be put into the manifest\n  - one: there is no such file\n"),
        "{}",
        missing.stderr
    );
    assert!(missing.stderr.contains("  - two: there is no such file\n"), "{}", missing.stderr);
    fs::remove_file(at("genomes/TOTK_ROOT_v1.0.0/README.md")).unwrap();
    let gone = "genomes/TOTK_ROOT_v1.0.0/README.md";
    assert_ran(
        &draft_with(&["--refresh", "--file", gone]),
        2,
        "error[GENOME_MISSING]: one file cannot be put into the manifest\n  - genomes/",
    );
    assert_ran(&draft_with(&["--refresh", "--remove-file", gone, "--root", "gone"]), 2, "error[GENOME_MISSING]");
    let mut nowhere = drafting(release.path(), &["--from", "v1/genome.json", "--bump", "minor", "--refresh", "new.json"]);
    assert_ran(&run(nowhere.env("MATHISON_REPO_ROOT", "")), 2, "is empty");
    assert_ran(&draft_with(&["--remove-file", "../x"]), 2, "error: ");
    // Two names that are one where case is ignored, and a name that is no text.
    fs::write(at("src/A.rs"), "").unwrap();
    assert_ran(&draft_with(&["--file", "src/a.rs", "--file", "src/A.rs"]), 1, "the same path as at /build_manifest/files/1/path");
    fs::create_dir(at("odd")).unwrap();
    fs::write(at("odd").join(std::ffi::OsStr::from_bytes(b"\xff")), "").unwrap();
    fs::write(at("odd/a\n  genome id   0"), "").unwrap();
    let ran = draft_with(&["--file", "odd"]);
    assert_ran(&ran, 2, "  - `odd/\\xff`: a control or format character in a path\n");
    assert!(ran.stderr.contains("  - `odd/a\\u{a}  genome id   0`: a control"), "{}", ran.stderr);
    assert!(!at("new.json").exists());

    // Below a directory, they are left out and named.
    fs::remove_file(at("src/A.rs")).unwrap();
    let ran = draft_with(&["--file", "src"]);
    assert_ran(&ran, 0, "warning: not put into the manifest, of `src`\n");
    for name in ["src/link.rs", "src/pipe"] {
        assert!(ran.stderr.contains(&format!("  - {name}: it is not a regular file\n")), "{}", ran.stderr);
        assert!(!ran.stderr.contains(&format!("file `{name}` is in the manifest now")), "{}", ran.stderr);
    }
}

#[test]
fn what_is_drafted_from_must_be_verified() {
    let release = release(2, 2);
    let signed = release.read("v1/genome.json");
    let draft = Document::read(signed.as_bytes()).unwrap();
    let unsigned = signed[..signed.find(",\n  \"signatures\"").unwrap()].to_owned() + "\n}\n";
    let digest = draft.unverified().files[0].sha256.unwrap().to_string();
    for (text, said) in [
        (unsigned.clone(), "error[GENOME_UNSIGNED]"),
        (unsigned.replace(&digest, "TO BE COMPUTED"), "error[GENOME_UNSIGNED]"),
        (signed.replace(&digest, "TO BE COMPUTED"), "error[GENOME_INVALID_SCHEMA]"),
        (signed.replace("memory_search", "memory_erase"), "error[GENOME_INVALID_SIGNATURE]"),
        (signed.replace("\"threshold\": 2", "\"threshold\": 1.0"), "error[GENOME_INVALID_SCHEMA]"),
        (signed.replace("consent_wins", &release.keys[0]), "error[GENOME_SECRET_EXPOSED]"),
        (signed.replace("\"TOTK_ROOT\"", "\"A\\u001b[31m\\nerror: x\""), "error[GENOME_INVALID_SCHEMA]"),
        ("[".repeat(100_000), "error[GENOME_INVALID_JSON]"),
        (String::new(), "error[GENOME_INVALID_JSON]"),
    ] {
        release.write("bad.json", &text);
        let ran = run(&mut drafting(release.path(), &["--from", "bad.json", "--bump", "minor", "new.json"]));
        assert_ran(&ran, 1, said);
        assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.contains("\nerror: x"), "{}", ran.stderr);
    }
    assert_ran(
        &run(&mut drafting(release.path(), &["--from", "gone.json", "--bump", "minor", "new.json"])),
        2,
        "error[GENOME_MISSING]",
    );
    assert_ran(&run(&mut drafting(release.path(), &["--from", ".", "--bump", "minor", "new.json"])), 2, "error[GENOME_UNREADABLE]");
    // The trust policy can be named.
    signer(&release, "stranger", 9);
    let ran = genome_draft_with_trust(&release, "stranger.json");
    assert_ran(&ran, 1, "error[GENOME_UNTRUSTED]");
    let parent = release.read("v1/genome.json");
    release
        .write("policy.json", &parent[parent.find("\"authority\": ").unwrap() + 13..parent.find(",\n  \"invariants\"").unwrap()]);
    assert_ran(&genome_draft_with_trust(&release, "policy.json"), 0, "from `TOTK_ROOT` 1.0.0 (pinned)");
    // What production asks for is not asked of a genome that is to be replaced.
    let mut command = drafting(release.path(), &["--from", "v1/genome.json", "--bump", "minor", "production.json"]);
    fs::remove_dir_all(release.path().join("genomes")).unwrap();
    assert_ran(&run(command.env("MATHISON_ENV", "production").env("MATHISON_VERIFY_MANIFEST", "true")), 0, "drafted");
}

fn genome_draft_with_trust(release: &Release, policy: &str) -> Ran {
    draft(release, &["--trust", policy, "--bump", "minor", "new.json"])
}

#[test]
fn names_from_strangers_start_no_line() {
    let release = release(1, 1);
    // The schema takes line feeds and worse in a claim alone.
    let text = release.read("v1/genome.json").replace("consent_wins", "x\\u001b[2K\\n  genome id   0000\\u202e");
    let mut document = Document::read(text.as_bytes()).unwrap();
    let bad = document.signatures().len();
    while let Err(genome::Refusal::InvalidSignature(bad)) = document.tally() {
        document.drop_signatures(&bad);
    }
    assert!(document.signatures().len() < bad);
    document.sign(None, &key(1), &[]).unwrap();
    release.write("hostile.json", &document.to_json());
    let arguments = ["--from", "hostile.json", "--bump", "minor", "--remove-invariant", "INV-001", "new.json"];
    let ran = run(&mut drafting(release.path(), &arguments));
    assert_ran(&ran, 0, "  invariant `INV-001` need not hold any more: CRITICAL, `x\\u{1b}[2K\\u{a}  genome id   0000\\u{202e}: ");
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("  genome id")).count(), 1);
}

#[test]
fn outputs() {
    let release = release(1, 1);
    let to = |arguments: &[&str]| draft(&release, &[&["--bump", "minor"], arguments].concat());
    assert_ran(&to(&["draft.json"]), 0, "written to  draft.json");
    let first = release.read("draft.json");
    let ran = to(&["--name", "OTHER", "draft.json"]);
    assert_ran(&ran, 1, "error: there is a file already\n  --> draft.json\n");
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(release.read("draft.json"), first);
    assert_ran(&to(&["--name", "OTHER", "--force", "draft.json"]), 0, "drafted `OTHER` 1.1.0");
    assert_ne!(release.read("draft.json"), first);
    let before = release.read("v1/genome.json");
    symlink("genome.json", release.path().join("v1/link.json")).unwrap();
    for itself in ["v1/genome.json", "./v1/../v1/genome.json", "v1/link.json"] {
        for force in [&[][..], &["--force"]] {
            assert_ran(&to(&[force, &[itself]].concat()), 1, "error: it is the genome that the draft is made from");
        }
    }
    assert_eq!(release.read("v1/genome.json"), before);
    // Directories are made, and taken away again where nothing was written there.
    assert_ran(&to(&["a/b/c/draft.json"]), 0, "written to  a/b/c/draft.json");
    assert_ran(&to(&["g/../h/draft.json"]), 0, "written to  g/../h/draft.json");
    fs::remove_dir(release.path().join("g")).unwrap();
    fs::remove_dir_all(release.path().join("h")).unwrap();
    assert_ran(&to(&["draft.json/x.json"]), 2, "error: cannot write the draft: ");
    assert_ran(&to(&["draft.json/"]), 2, "error: cannot write the draft: ");
    assert_ran(&to(&["/dev/full"]), 2, "not a regular file");
    assert_ran(&to(&["--allow", "CAP-X=y", "f/draft.json"]), 1, "");
    symlink("nowhere.json", release.path().join("dangling")).unwrap();
    assert_ran(&to(&["dangling"]), 2, "a link to `nowhere.json`");
    assert_eq!(names(release.path()), ["a", "dangling", "draft.json", "genomes", "notes.txt", "src", "v1"]);

    let ran = to(&["-"]);
    assert_ran(&ran, 0, "):\n  genome sign FILE OUTPUT --parent v1/genome.json --key REF\n");
    assert!(!ran.stderr.contains("written to"), "{}", ran.stderr);
    assert!(Document::read(ran.stdout.as_bytes()).is_ok());
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut to_full = drafting(release.path(), &["--from", "v1/genome.json", "--bump", "minor", "-"]);
    assert_eq!(to_full.stdout(full()).stderr(Stdio::null()).status().unwrap().code(), Some(2));
    // A report that nobody reads does not undo the draft.
    let mut unread = drafting(release.path(), &["--from", "v1/genome.json", "--bump", "minor", "unread.json"]);
    assert_eq!(unread.stderr(full()).status().unwrap().code(), Some(0));
    assert!(Document::read(release.read("unread.json").as_bytes()).is_ok());
    // A limit on the size of files stands in for a full disk.
    let mut limited = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" --from v1/genome.json --bump minor new/limited.json";
    let ran = run(limited.args(["-c", script]).arg(programs().join("genome-draft")).current_dir(release.path()));
    assert_ran(&ran, 2, "error: cannot write the draft: ");
    assert!(!release.path().join("new").exists());
}

#[test]
fn what_somebody_else_puts_there_meanwhile_is_left_alone() {
    if !has("strace") {
        return;
    }
    let release = release(1, 1);
    let slowed = |inject: &str| {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &format!("inject=rename,renameat,renameat2:{inject}")]);
        strace.arg(programs().join("genome-draft")).args(["--from", "v1/genome.json", "--bump", "minor", "v2/draft.json"]);
        inherited::isolate(strace.current_dir(release.path()));
        strace
    };
    let mut child = slowed("delay_enter=2000000").stderr(Stdio::piped()).spawn().unwrap();
    // Its new file has a name of its own for these two seconds.
    let start = Instant::now();
    while !release.path().join("v2").is_dir() || names(&release.path().join("v2")).is_empty() {
        assert!(start.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(10));
    }
    release.write("v2/draft.json", "of somebody else");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(release.read("v2/draft.json"), "of somebody else");
    assert_eq!(names(&release.path().join("v2")), ["draft.json"]);
    // Not every file system can promise that.
    fs::remove_file(release.path().join("v2/draft.json")).unwrap();
    assert_ran(&run(&mut slowed("error=EINVAL:when=1")), 0, "written to  v2/draft.json");
}

#[test]
fn a_directory_that_cannot_be_written() {
    let release = release(1, 1);
    // Root may write everywhere, so the test needs another user.
    let script = "chmod 755 . && exec setpriv --reuid 65534 --clear-groups \"$0\" --from v1/genome.json --bump minor \"$1\"";
    for output in ["draft.json", "new/draft.json"] {
        let mut sh = Command::new("sh");
        let ran = run(sh.args(["-c", script]).arg(programs().join("genome-draft")).arg(output).current_dir(release.path()));
        if ran.stderr.contains("setpriv:") || ran.status == Some(127) {
            say(&format!("SKIPPED, only root can become another user: {}\n", ran.stderr));
            return;
        }
        assert_ran(&ran, 2, "error: cannot write the draft: Permission denied");
    }
    let read_only = release.path().join("v1/read-only.json");
    fs::write(&read_only, "").unwrap();
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o444)).unwrap();
    assert_ran(&draft(&release, &["--bump", "minor", "v1/read-only.json"]), 1, "there is a file already");
}

#[test]
fn dashes_are_the_standard_streams() {
    let release = release(1, 1);
    let feed = |arguments: &[&str], text: &str| {
        let mut command = drafting(release.path(), arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    };
    signer(&release, "new", 9);
    let ran = feed(&["--from", "-", "--bump", "minor", "--signer", "new.json", "-"], &release.read("v1/genome.json"));
    assert_ran(&ran, 0, "):\n  genome sign FILE OUTPUT --parent PARENT --key REF\n");
    assert!(Document::read(ran.stdout.as_bytes()).is_ok());
    let ran = feed(&["--from", "v1/genome.json", "--bump", "minor", "--add-signer", "-", "draft.json"], &release.read("new.json"));
    assert_ran(&ran, 0, "signer `new` (SHA256:");
    assert_ran(&feed(&["--from", "-", "--bump", "minor", "--signer", "-", "-"], ""), 2, "standard input can be read only once");
}
