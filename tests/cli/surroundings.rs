//! The machine around a genome: whether the files of its manifest are there, and who may write the files that decide.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Ran, Release, run, run_unprivileged};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

/// What the first refusal says of each file, by its JSON Pointer.
fn faults(ran: &Ran) -> Vec<(String, String)> {
    let report = ran.report();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    report["refusal"]["faults"].as_array().unwrap().iter().map(|fault| (text(&fault["pointer"]), text(&fault["message"]))).collect()
}

fn assert_mismatch(ran: &Ran, expected: &[(usize, &str)]) {
    assert_eq!(ran.codes(), ["GENOME_MANIFEST_MISMATCH"], "{ran:?}");
    let found = faults(ran);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((pointer, message), (index, said)) in found.iter().zip(expected) {
        assert_eq!(*pointer, format!("/build_manifest/files/{index}"), "{found:?}");
        assert!(message.contains(said), "expected `{said}` in: {message}");
    }
}

#[test]
fn what_was_signed_lies_on_the_disk() {
    let release = Release::deployed();
    assert_eq!(release.production(&[]).codes(), [""; 0]);
    let at = |path: &str| release.path().join(path);
    let good = fs::read(at("lib/deep/data.bin")).unwrap();
    let verify = || run(&mut release.verifying_deployed(&["--verify-manifest"]));
    // Every byte counts, and so does each that is added or taken away.
    for index in 0..good.len() {
        let mut changed = good.clone();
        changed[index] ^= 1;
        fs::write(at("lib/deep/data.bin"), changed).unwrap();
        assert_mismatch(&release.production(&[]), &[(1, "`lib/deep/data.bin`: its SHA-256 is ")]);
        assert_mismatch(&verify(), &[(1, "`lib/deep/data.bin`: its SHA-256 is ")]);
    }
    for changed in [&[][..], &good[..1], &[&good[..], b"\n"].concat()] {
        fs::write(at("lib/deep/data.bin"), changed).unwrap();
        assert_mismatch(&verify(), &[(1, "the manifest says ")]);
    }
    // What is in the place of a file is not waited for and not followed.
    fs::remove_file(at("lib/deep/data.bin")).unwrap();
    assert_mismatch(&verify(), &[(1, "there is no such file")]);
    fs::create_dir(at("lib/deep/data.bin")).unwrap();
    assert_mismatch(&verify(), &[(1, "expected a regular file, found a directory")]);
    fs::remove_dir(at("lib/deep/data.bin")).unwrap();
    assert!(Command::new("mkfifo").arg(at("lib/deep/data.bin")).status().unwrap().success());
    assert_mismatch(&verify(), &[(1, "expected a regular file, found a FIFO")]);
    fs::write(at("elsewhere"), &good).unwrap();
    for target in ["../../elsewhere", "/dev/zero", "nowhere", "data.bin"] {
        fs::remove_file(at("lib/deep/data.bin")).unwrap();
        symlink(target, at("lib/deep/data.bin")).unwrap();
        assert_mismatch(&verify(), &[(1, "`lib/deep/data.bin` is a symbolic link")]);
    }
    fs::rename(at("lib"), at("real")).unwrap();
    symlink("real", at("lib")).unwrap();
    assert_mismatch(&verify(), &[(1, "`lib` is a symbolic link")]);
}

#[test]
fn every_file_at_fault_is_named() {
    let release = Release::deployed();
    release.write("app.js", "console.log(2)\n");
    fs::remove_dir_all(release.path().join("lib")).unwrap();
    release.write("empty", "\n");
    let expected = [(0, "`app.js`: its SHA-256 is "), (1, "there is no such file"), (2, "`empty`: its SHA-256 is ")];
    let ran = release.production(&[]);
    assert_mismatch(&ran, &expected);
    assert_eq!(ran.report()["refusal"]["message"], "3 files are not as the manifest says");
    let arguments = ["--verify-manifest", "--trust", "trust.json", "etc/genome.json", "--format"];
    let human = release.verify(&[&arguments[..], &["human"]].concat());
    let github = release.verify(&[&arguments[..], &["github"]].concat());
    for (index, said) in expected {
        assert!(
            human.stderr.contains(&format!("  - /build_manifest/files/{index}: `")) && human.stderr.contains(said),
            "{human:?}"
        );
        let start = format!(",title=GENOME_MANIFEST_MISMATCH::/build_manifest/files/{index}: `");
        assert!(github.stdout.contains(&start) && github.stdout.contains(said), "{github:?}");
    }
    assert!(human.stdout.contains("\n  NO  the files of the manifest match: GENOME_MANIFEST_MISMATCH\n"), "{}", human.stdout);
}

#[test]
fn where_the_paths_of_the_manifest_start() {
    let release = Release::deployed();
    fs::create_dir(release.path().join("elsewhere")).unwrap();
    let with = |arguments: &[&str], variable: Option<&str>| {
        let mut verify = release.verifying_deployed(&[&["--verify-manifest"], arguments].concat());
        run(variable.iter().fold(&mut verify, |verify, value| verify.env("MATHISON_REPO_ROOT", value)))
    };
    let missing = [(0, "no such file"), (1, "no such file"), (2, "no such file")];
    assert_eq!(with(&[], None).codes(), [""; 0], "the working directory");
    assert_eq!(with(&[], Some(".")).codes(), [""; 0]);
    assert_mismatch(&with(&[], Some("elsewhere")), &missing);
    assert_mismatch(&with(&["--manifest-root", "elsewhere"], Some(".")), &missing);
    assert_eq!(with(&["--manifest-root", "."], Some("elsewhere")).codes(), [""; 0], "the flag wins");
    assert_eq!(with(&["--manifest-root", "."], Some("")).codes(), [""; 0], "the variable is not looked at");
    // Links may lead to it: it is the operator's, not the genome's.
    symlink(".", release.path().join("link")).unwrap();
    assert_eq!(with(&["--manifest-root", "link"], None).codes(), [""; 0]);
    for (root, code) in [("nowhere", "GENOME_MISSING"), ("app.js", "GENOME_UNREADABLE")] {
        for ran in [with(&["--manifest-root", root], None), with(&[], Some(root))] {
            let refusal = ran.report()["refusal"].clone();
            assert_eq!((ran.status, &refusal["code"], &refusal["file"]), (Some(2), &code.into(), &root.into()), "{ran:?}");
        }
    }
    assert_eq!(with(&[], Some("")).status, Some(2), "an empty variable must not mean the working directory");
}

#[test]
fn the_manifest_is_checked_where_somebody_asks_for_it() {
    let release = Release::deployed();
    release.write("app.js", "console.log(2)\n");
    let with = |value: &str| run(release.verifying_deployed(&[]).env("MATHISON_VERIFY_MANIFEST", value));
    assert_mismatch(&with("true"), &[(0, "`app.js`: its SHA-256 is ")]);
    assert_mismatch(&run(&mut release.verifying_deployed(&["--verify-manifest"])), &[(0, "`app.js`: its SHA-256 is ")]);
    for value in ["false", ""] {
        assert_eq!(with(value).codes(), [""; 0], "{value}");
        let ran = run(release.verifying_deployed(&["--verify-manifest"]).env("MATHISON_VERIFY_MANIFEST", value));
        assert_mismatch(&ran, &[(0, "`app.js`: its SHA-256 is ")]);
    }
    for value in ["TRUE", "True", "1", "yes", " true", "true ", "\"true\"", "on"] {
        let ran = with(value);
        assert_eq!((ran.status, &ran.report()["genome"]), (Some(2), &Value::Null), "{value:?} says neither yes nor no: {ran:?}");
    }
}

/// What production says of the modes of files.
fn exposed(ran: &Ran) -> String {
    let report = ran.report();
    match ran.codes().as_slice() {
        [] => String::new(),
        [code] if code == "GENOME_UNTRUSTED" => report["refusal"]["message"].as_str().unwrap().to_owned(),
        other => panic!("{other:?}: {report}"),
    }
}

#[test]
fn nobody_else_may_write_what_decides() {
    let release = Release::deployed();
    fs::create_dir(release.path().join("var")).unwrap();
    let real = fs::canonicalize(release.path()).unwrap();
    let production = || exposed(&release.production(&["--state", "var/state.json"]));
    release.set_mode("var", 0o755);
    assert_eq!(production(), "");
    release.set_mode("var/state.json", 0o600);
    for (path, good) in [("etc/genome.json", 0o644), ("trust.json", 0o600), ("var/state.json", 0o600)] {
        for (mode, is_exposed) in
            [(0o664, true), (0o646, true), (0o622, true), (0o777, true), (0o644, false), (0o755, false), (0o400, false)]
        {
            release.set_mode(path, mode);
            let expected = if is_exposed {
                format!("others than root and this user can change `{}`", real.join(path).display())
            } else {
                String::new()
            };
            assert_eq!(production(), expected, "{path} {mode:o}");
        }
        release.set_mode(path, good);
    }
    for directory in ["etc", "var", "."] {
        let named = real.join(directory).components().collect::<std::path::PathBuf>();
        for (mode, is_exposed) in [(0o775, true), (0o757, true), (0o733, true), (0o1777, false), (0o1775, false), (0o755, false)] {
            release.set_mode(directory, mode);
            let expected =
                if is_exposed { format!("others than root and this user can change `{}`", named.display()) } else { String::new() };
            assert_eq!(production(), expected, "{directory} {mode:o}");
        }
    }
    release.set_mode("etc/genome.json", 0o666);
    let ran = run(&mut release.verifying_deployed(&["--verify-manifest", "--state", "var/state.json"]));
    assert_eq!(ran.codes(), [""; 0], "only production minds");
}

#[test]
fn who_can_take_the_state_away_can_go_back() {
    let release = Release::deployed();
    fs::create_dir(release.path().join("var")).unwrap();
    release.set_mode("var", 0o777);
    let ran = release.production(&["--state", "var/state.json"]);
    assert!(exposed(&ran).contains("/var`"), "a state that is not there is as good as its directory: {ran:?}");
    assert!(!release.path().join("var/state.json").exists());
    release.set_mode("var", 0o1777);
    assert_eq!(exposed(&release.production(&["--state", "var/state.json"])), "");
}

#[test]
fn the_hint_is_a_command_that_helps() {
    let release = Release::deployed();
    fs::rename(release.path().join("trust.json"), release.path().join("etc/it's a \"policy\".json")).unwrap();
    symlink("etc/it's a \"policy\".json", release.path().join("trust.json")).unwrap();
    for (path, mode) in [("etc/genome.json", 0o666), ("etc", 0o777), (".", 0o777), ("trust.json", 0o622)] {
        release.set_mode(path, mode);
    }
    let ran = release.production(&[]);
    let real = fs::canonicalize(release.path()).unwrap();
    let (etc, top) = (real.join("etc"), real);
    let (etc, top) = (etc.display(), top.display());
    let expected = format!("`{top}`, `{etc}`, `{etc}/genome.json` and `{etc}/it's a \"policy\".json`");
    assert_eq!(exposed(&ran), format!("others than root and this user can change {expected}"), "each is named once");
    let report = ran.report();
    let command = report["refusal"]["hint"].as_str().unwrap().strip_prefix("find out whether somebody did, then: ").unwrap();
    assert_eq!(run(Command::new("sh").args(["-c", command]).current_dir(release.path())).status, Some(0), "{command}");
    assert_eq!(exposed(&release.production(&[])), "");
}

#[test]
fn a_link_is_as_good_as_the_directory_that_holds_it() {
    let release = Release::deployed();
    fs::create_dir(release.path().join("links")).unwrap();
    symlink("../etc/genome.json", release.path().join("links/genome.json")).unwrap();
    let production = |genome: &str| {
        release.verify(&["--production", "--trust", "trust.json", "--format", "json", "--manifest-root", ".", genome])
    };
    for (mode, is_exposed) in [(0o755, false), (0o777, true), (0o1777, false)] {
        release.set_mode("links", mode);
        assert_eq!(exposed(&production("links/genome.json")).contains("/links`"), is_exposed, "{mode:o}");
        assert_eq!(exposed(&production("etc/genome.json")), "", "{mode:o}");
    }
    release.set_mode("etc", 0o777);
    assert!(exposed(&production("links/genome.json")).contains("/etc`"), "the directory of the file itself");
}

#[test]
fn what_may_not_be_read_is_no_yes() {
    let release = Release::deployed();
    release.set_mode(".", 0o755);
    release.set_mode("app.js", 0o600);
    let mut verify = release.verifying_deployed(&["--production"]);
    let Some(ran) = run_unprivileged(&mut verify) else { return };
    if ran.status == Some(0) {
        // The owner runs the tests himself.
        release.set_mode("app.js", 0o000);
    }
    let Some(ran) = run_unprivileged(&mut verify) else { return };
    assert_mismatch(&ran, &[(0, "`app.js`: it cannot be read: Permission denied")]);
    release.set_mode("trust.json", 0o000);
    let ran = run_unprivileged(&mut verify).unwrap();
    assert_eq!((ran.status, &ran.report()["refusal"]["code"]), (Some(2), &"GENOME_UNREADABLE".into()), "{ran:?}");
}
