//! Files on mounts, as containers have them: what cannot be done there, and what to mount instead.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, assert_ran, has, names, programs, run, say};
use std::fs;
use std::process::Command;

/// A script in a mount namespace of its own; `None` where that may not be made, which is said.
fn mounted(release: &Release, script: &str) -> Option<Ran> {
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    let in_namespace = |script: &str| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount", "sh", "-ec", script]).current_dir(release.path());
        run(unshare.env("PATH", &path).env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]))
    };
    if !has("unshare") || in_namespace("mount -t tmpfs none .").status != Some(0) {
        say("SKIPPED, this user may mount nothing\n");
        return None;
    }
    Some(in_namespace(script))
}

fn release() -> Release {
    let release = Release::new(1, 1);
    for version in ["1.0.0", "1.1.0"] {
        release.write(&format!("{version}.json"), &Draft::new(version, &[1], 1).signed(&[1]));
    }
    release.write("draft.json", &Draft::new("1.2.0", &[1], 1).document.to_string());
    assert_ran(&release.verify(&["--state", "state.json", "1.0.0.json"]), 0, "");
    for directory in ["volume", "mounts"] {
        fs::create_dir(release.path().join(directory)).unwrap();
    }
    release
}

/// A new file cannot take the place of one that is mounted by itself: rename(2) says EBUSY, which is about neither permissions nor space.
#[test]
fn a_single_file_that_is_mounted_cannot_be_replaced() {
    let release = release();
    fs::copy(release.path().join("state.json"), release.path().join("mounts/state.json")).unwrap();
    fs::copy(release.path().join("1.0.0.json"), release.path().join("mounts/genome.json")).unwrap();
    let before = names(&release.path().join("mounts"));
    let script = |file: &str, command: &str| {
        format!("cp {file} volume/{file}; : >> mounts/{file}; mount --bind volume/{file} mounts/{file}; exec {command}")
    };
    release.write("genome.json", &release.read("1.0.0.json"));
    let Some(ran) = mounted(&release, &script("state.json", "genome-verify --state mounts/state.json 1.1.0.json")) else { return };
    assert_ran(&ran, 2, "error: the state cannot be written: the file is a mount of its own, and cannot be replaced\n");
    assert!(
        ran.stderr.contains("as nobody would remember it: mount the directory that holds it, and not the file alone"),
        "{}",
        ran.stderr
    );
    let ran = mounted(&release, &script("genome.json", "genome-sign --force draft.json mounts/genome.json")).unwrap();
    assert_ran(&ran, 2, "cannot write the signed genome: the file is a mount of its own, and cannot be replaced\n");
    assert!(ran.stderr.contains("mount the directory that holds it, and not the file alone"), "{}", ran.stderr);
    // What changes nothing needs no new file.
    assert_ran(&mounted(&release, &script("state.json", "genome-verify --state mounts/state.json 1.0.0.json")).unwrap(), 0, "");
    assert_eq!(names(&release.path().join("mounts")), before, "nothing is left behind");
    // The remedy.
    let remedy = "cp state.json volume; mount --bind volume mounts; exec genome-verify --state mounts/state.json 1.1.0.json";
    assert_ran(&mounted(&release, remedy).unwrap(), 0, "");
    assert!(release.read("volume/state.json").contains("1.1.0"));
}

#[test]
fn a_mount_that_cannot_be_written_is_named() {
    let release = release();
    fs::copy(release.path().join("state.json"), release.path().join("mounts/state.json")).unwrap();
    let script =
        "mount --bind mounts mounts; mount -o remount,bind,ro mounts; exec genome-verify --state mounts/state.json 1.1.0.json";
    let Some(ran) = mounted(&release, script) else { return };
    assert_ran(&ran, 2, "error: the state cannot be written: Read-only file system");
    assert!(ran.stderr.contains("mount its directory so that it can be written, or name a file elsewhere"), "{}", ran.stderr);
}

/// NFS without its lock service has none; here the system call says so.
#[test]
fn a_file_system_without_locks_holds_no_audit_log() {
    if !has("strace") {
        return;
    }
    let release = release();
    for error in ["ENOLCK", "EOPNOTSUPP", "ENOSYS"] {
        let mut traced = Command::new("strace");
        traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject=flock:error={error}")]).arg(programs().join("genome-sign"));
        traced.args(["draft.json", "signed.json", "--audit-log", "audit.jsonl"]).current_dir(release.path());
        let ran = run(traced.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]));
        assert_ran(&ran, 2, "the audit log cannot be used: its file system has no locks, and two who sign at once would break it");
        assert!(ran.stderr.contains("help: nothing was signed; mount it with locks"), "{}", ran.stderr);
        assert!(!release.path().join("signed.json").exists() && release.read("audit.jsonl").is_empty());
        // Whoever only replaces files takes turns with nobody there, and whoever reads a log reads it.
        let mut traced = Command::new("strace");
        traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject=flock:error={error}")]).arg(programs().join("genome-verify"));
        let ran = run(traced.args(["--state", "state.json", "1.0.0.json"]).current_dir(release.path()));
        assert_ran(&ran, 0, "");
    }
}
