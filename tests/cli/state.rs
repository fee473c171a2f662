//! The state's file: where it may be, how it is written, and what becomes of one that is damaged.

use genome::RollbackState;
use genome_test_support::{Draft, Ran, Release, assert_ran, file, names, programs, run, run_unprivileged};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;

/// A directory with the genomes `1.0.0.json` and `1.1.0.json`, and `state.json`, which remembers the newer.
fn release() -> Release {
    let release = Release::new(1, 1);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        release.write(&format!("{version}.json"), &Draft::new(version, &[1], 1).signed(&[1]));
    }
    assert_ran(&verify(&release, "state.json", "1.1.0.json"), 0, "there was no state");
    release
}

fn verify(release: &Release, state: &str, genome: &str) -> Ran {
    release.verify(&["--state", state, genome])
}

/// Nothing was decided, and nothing looks like a yes; the files are as they were.
fn assert_undecided(release: &Release, before: &[String], ran: &Ran, said: &str) {
    assert_ran(ran, 2, said);
    assert!(ran.stdout.starts_with("undecided  ") && !ran.stdout.contains("accepted  "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("genome id"), "{}", ran.stdout);
    assert_eq!(names(release.path()), before, "{ran:?}");
}

#[test]
fn a_state_with_any_byte_changed_lets_nothing_go_back() {
    let release = release();
    let good = release.read("state.json").into_bytes();
    let meant = RollbackState::read(&good).unwrap();
    for index in 0..good.len() {
        for byte in [good[index] ^ 1, good[index] ^ 0x20, b' ', b'0'] {
            let mut changed = good.clone();
            changed[index] = byte;
            fs::write(release.path().join("state.json"), &changed).unwrap();
            let ran = verify(&release, "state.json", "1.0.0.json");
            assert_ran(&ran, 1, "error[GENOME_ROLLBACK]: ");
            assert_eq!(fs::read(release.path().join("state.json")).unwrap(), changed, "byte {index}: a refusal changes nothing");
            match RollbackState::read(&changed) {
                Ok(state) => assert_eq!(state, meant, "byte {index} as {byte:#x}"),
                Err(_) => assert_ran(&verify(&release, "state.json", "1.2.0.json"), 1, "is damaged"),
            }
        }
    }
}

#[test]
fn a_state_that_ends_early_is_not_a_fresh_one() {
    let release = release();
    let good = release.read("state.json");
    // All that may be missing is the line feed at the end.
    for length in 0..good.len() - 1 {
        release.write("state.json", &good[..length]);
        let ran = verify(&release, "state.json", "1.2.0.json");
        assert_ran(&ran, 1, "error[GENOME_ROLLBACK]: the state, which says what was accepted before, is damaged: ");
        assert_eq!(release.read("state.json"), good[..length], "{length}");
    }
    release.write("state.json", good.trim_end());
    assert_ran(&verify(&release, "state.json", "1.0.0.json"), 1, "error[GENOME_ROLLBACK]: `TEST` 1.0.0");
}

#[test]
fn what_is_no_state_is_damaged_and_says_how_to_start_anew() {
    let release = release();
    let good = release.read("state.json");
    let unit: Value = serde_json::from_str(&good).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut state = unit.clone();
        *state.pointer_mut(pointer).unwrap() = value;
        state.to_string()
    };
    let digest = unit["sha256"].as_str().unwrap();
    for (text, said) in [
        (String::new(), "damaged: "),
        ("{}".to_owned(), "damaged: 3 fields are not what the schema asks for: "),
        ("[]".to_owned(), "expected an object"),
        (good.repeat(2), "damaged: "),
        (format!("\u{feff}{good}"), "damaged: "),
        (release.read("1.0.0.json").replacen("genome.v0.1", "unknown.v0.1", 1), "damaged: "),
        (with("/schema_version", "state.v0.2".into()), "damaged: "),
        (with("/accepted/TEST/version", "1.0.0".into()), "damaged: "),
        (with("/accepted/TEST/genome_id", digest.into()), "damaged: "),
        (with("/accepted", Value::Object(serde_json::Map::new())), "damaged: "),
        (with("/sha256", "0".repeat(64).into()), "damaged: "),
        (with("/sha256", digest.to_uppercase().into()), "damaged: "),
        (good.replacen("\"accepted\"", "\"more\": 1, \"accepted\"", 1), "damaged: "),
        (good.replacen("\"TEST\": {", "\"TEST\": {\"version\": \"0.1.0\", ", 1), "stands twice"),
    ] {
        release.write("state.json", &text);
        let ran = verify(&release, "state.json", "1.2.0.json");
        assert_ran(&ran, 1, said);
        assert!(
            ran.stderr.starts_with("error[GENOME_ROLLBACK]: the state, which says what was accepted before, is "),
            "{text}: {ran:?}"
        );
        assert!(ran.stderr.contains("\n  --> state.json"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("  help: restore it from a backup; or to start anew, set `minimum_versions` "),
            "{}",
            ran.stderr
        );
        assert_eq!(release.read("state.json"), text);
        let report = release.verify(&["--state", "state.json", "--format", "json", "1.2.0.json"]).report();
        assert_eq!((&report["refusal"]["code"], &report["refusal"]["file"]), (&"GENOME_ROLLBACK".into(), &"state.json".into()));
    }
}

#[test]
fn places_that_cannot_hold_a_state() {
    let release = release();
    fs::create_dir(release.path().join("directory")).unwrap();
    assert!(Command::new("mkfifo").arg(release.path().join("fifo")).status().unwrap().success());
    symlink("nowhere", release.path().join("dangling")).unwrap();
    symlink("fifo", release.path().join("to-fifo")).unwrap();
    symlink("loop", release.path().join("loop")).unwrap();
    let before = names(release.path());
    for (state, said) in [
        ("directory", "it is a directory, not a regular file"),
        (".", "it is a directory, not a regular file"),
        ("fifo", "it is a FIFO, not a regular file"),
        ("to-fifo", "it is a FIFO, not a regular file"),
        ("/dev/null", "it is a character device, not a regular file"),
        ("/dev/full", "it is a character device, not a regular file"),
        ("dangling", "it is a link to `nowhere`, which cannot be followed"),
        ("loop", "it is a link to `loop`, which cannot be followed"),
        ("nowhere/state.json", "No such file or directory"),
        ("1.0.0.json/state.json", "`1.0.0.json`: it is a file, not a directory"),
        ("new.json/", "that is the path of a directory, not of a file"),
    ] {
        for genome in ["1.0.0.json", "1.2.0.json"] {
            let ran = verify(&release, state, genome);
            assert_undecided(&release, &before, &ran, "]: the state, which says what was accepted before, cannot be used: ");
            assert!(ran.stderr.contains(said) && ran.stderr.contains(&format!("\n  --> {state}\n")), "{state}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_link_stands_for_the_state_that_it_leads_to() {
    let release = release();
    fs::create_dir(release.path().join("var")).unwrap();
    fs::rename(release.path().join("state.json"), release.path().join("var/state.json")).unwrap();
    symlink("var/state.json", release.path().join("state.json")).unwrap();
    assert_ran(&verify(&release, "state.json", "1.0.0.json"), 1, "error[GENOME_ROLLBACK]");
    assert_ran(&verify(&release, "state.json", "1.2.0.json"), 0, "");
    assert!(release.path().join("state.json").is_symlink());
    assert!(release.read("var/state.json").contains("\"1.2.0\""));
    assert_eq!(names(&release.path().join("var")), ["state.json"]);
}

#[test]
fn a_state_keeps_its_mode_and_a_new_one_is_its_owners() {
    let release = release();
    for mode in [0o600, 0o640, 0o444] {
        let previous = ["1.0.0.json", "1.1.0.json", "1.2.0.json"];
        fs::remove_file(release.path().join("state.json")).unwrap();
        for (index, genome) in previous.into_iter().enumerate() {
            assert_ran(&verify(&release, "state.json", genome), 0, "");
            if index == 0 {
                release.set_mode("state.json", mode);
            }
        }
        assert_eq!(fs::metadata(release.path().join("state.json")).unwrap().permissions().mode() & 0o7777, mode);
    }
    // Whatever the umask: production refuses a state that others can write, and must not make one.
    let release = Release::deployed();
    for umask in ["000", "002", "022", "077"] {
        let script =
            format!("umask {umask}; exec \"$0\" \"$@\" --production --trust trust.json --state etc/state.json etc/genome.json");
        for _ in 0..2 {
            assert_ran(
                &run(Command::new("sh").args(["-c", &script]).arg(programs().join("genome-verify")).current_dir(release.path())),
                0,
                "",
            );
        }
        fs::remove_file(release.path().join("etc/state.json")).unwrap();
    }
}

#[test]
fn what_cannot_be_remembered_is_not_accepted() {
    let release = release();
    let (before, state) = (names(release.path()), file(release.path(), "state.json"));
    // A limit on the size of files stands in for a full disk.
    let full = |arguments: &str| {
        let script = format!("trap '' XFSZ; ulimit -f 0; exec \"$0\" {arguments}");
        run(Command::new("sh").args(["-c", &script]).arg(programs().join("genome-verify")).current_dir(release.path()))
    };
    for path in ["state.json", "new.json"] {
        let ran = full(&format!("--state {path} 1.2.0.json"));
        assert_undecided(&release, &before, &ran, "error: the state cannot be written: ");
        assert!(ran.stderr.contains("the genome is in order, and is not accepted, as nobody would remember it"), "{}", ran.stderr);
        let report = full(&format!("--state {path} --format json 1.2.0.json")).report();
        assert_eq!((&report["verdict"], &report["genome"]), (&"undecided".into(), &Value::Null), "{report}");
        let ran = full(&format!("--state {path} --print id 1.2.0.json"));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        let ran = full(&format!("--state {path} --format github 1.2.0.json"));
        assert!(ran.status == Some(2) && !ran.stdout.contains("accepted:"), "{ran:?}");
    }
    assert_eq!(file(release.path(), "state.json"), state);
    assert_ran(&full("--state state.json 1.1.0.json"), 0, "");
    assert_ran(&full("--state state.json 1.0.0.json"), 1, "error[GENOME_ROLLBACK]");

    // A directory in which this user may make no files; root may.
    release.set_mode(".", 0o555);
    let verify = |path: &str, genome: &str| run_unprivileged(&mut release.verifying(&["--state", path, genome]));
    if let Some(ran) = verify("state.json", "1.2.0.json") {
        assert_undecided(&release, &before, &ran, "error: the state cannot be written: Permission denied");
        assert_undecided(&release, &before, &verify("new.json", "1.2.0.json").unwrap(), "error: the state cannot be written: ");
        assert_ran(&verify("state.json", "1.1.0.json").unwrap(), 0, "");
        assert_ran(&verify("state.json", "1.0.0.json").unwrap(), 1, "error[GENOME_ROLLBACK]");
        release.set_mode("state.json", 0o000);
        assert_undecided(&release, &before, &verify("state.json", "1.2.0.json").unwrap(), "error[GENOME_UNREADABLE]");
    }
    release.set_mode(".", 0o700);
    assert_eq!(fs::metadata(release.path().join("state.json")).unwrap().ino(), state.unwrap().1);
}

#[test]
fn a_verdict_that_nobody_got_is_no_yes() {
    let release = release();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut verify = release.verifying(&["--state", "state.json", "1.2.0.json"]);
    assert_eq!(verify.stdout(full).output().unwrap().status.code(), Some(2));
    // It is remembered all the same, and verifying again says so.
    assert_ran(&release.verify(&["--state", "state.json", "1.1.0.json"]), 1, "error[GENOME_ROLLBACK]");
    assert_ran(&release.verify(&["--state", "state.json", "1.2.0.json"]), 0, "");
}
