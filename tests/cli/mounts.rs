//! Files on mounts, as containers have them: what cannot be done there, and what to mount instead.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, assert_ran, has, names, program, programs, run, say};
use std::fs;
use std::os::unix::fs::symlink;
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
    assert_ran(&ran, 2, "error: the state cannot be written: Read-only file system (os error 30), in the directory `mounts`\n");
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

/// A disk without room, a quota without room: what the system says, with what to do about it, and where.
#[test]
fn what_has_no_room_says_so() {
    if !has("strace") {
        return;
    }
    let release = release();
    for (error, said, hint) in [
        ("ENOSPC", "No space left on device", "make room where its directory is"),
        ("EDQUOT", "quota exceeded", "make room in the quota"),
        ("EROFS", "Read-only file system", "mount its directory so that it can be written"),
    ] {
        for (program, arguments, calls, when, at) in [
            (
                "genome-verify",
                &["--state", "state.json", "1.1.0.json"][..],
                "linkat,renameat2,renameat",
                "",
                "in the directory `.`",
            ),
            ("genome-sign", &["draft.json", "signed.json"], "linkat,renameat2,renameat", "", "in the directory `.`"),
            ("genome-sign", &["draft.json", "-", "--audit-log", "audit.jsonl"], "fsync", ":when=1", "audit.jsonl"),
            ("genome-keygen", &["--secret-file", "secret", "k"], "fsync", ":when=1", "secret"),
        ] {
            let mut traced = Command::new("strace");
            traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject={calls}:error={error}{when}")]);
            traced.arg(programs().join(program)).args(arguments).current_dir(release.path());
            let ran = run(traced.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]));
            assert_ran(&ran, 2, said);
            assert!(ran.stderr.contains(hint) && ran.stderr.contains(at), "{program} {error}: {}", ran.stderr);
        }
    }
}

/// As the kubelet links what it mounts, and as releases are linked by hand.
#[test]
fn what_several_links_lead_to_is_verified_once() {
    let release = release();
    let at = |path: &str| release.path().join(path);
    for version in ["1.0.0", "1.1.0"] {
        fs::create_dir_all(at(&format!("releases/v{version}"))).unwrap();
        fs::copy(at(&format!("{version}.json")), at(&format!("releases/v{version}/genome.json"))).unwrap();
        fs::create_dir_all(at(&format!("map/..2026_11_29/v{version}"))).unwrap();
        fs::copy(at(&format!("{version}.json")), at(&format!("map/..2026_11_29/v{version}/genome.json"))).unwrap();
        symlink(format!("..data/v{version}"), at(&format!("map/v{version}"))).unwrap();
    }
    symlink("v1.1.0", at("releases/current")).unwrap();
    symlink("..2026_11_29", at("map/..data")).unwrap();
    let verified = |directory: &str| {
        let ran = release.verify(&["--format", "json", directory]);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let files = report["genomes"].as_array().unwrap().iter().map(|genome| genome["path"].as_str().unwrap().to_owned());
        (ran.status, files.collect::<Vec<_>>())
    };
    let both = |directory: &str| ["1.0.0", "1.1.0"].map(|version| format!("{directory}/v{version}/genome.json")).to_vec();
    // `current` is before the others in their order, and is the same directory as one of them.
    assert_eq!(verified("releases"), (Some(0), both("releases")));
    assert_eq!(verified("map"), (Some(0), both("map")));
    // A link to the directory itself, to the one that is searched, and to itself.
    symlink(".", at("releases/here")).unwrap();
    symlink("..", at("releases/v1.0.0/up")).unwrap();
    symlink("../../..data", at("map/..2026_11_29/v1.0.0/loop")).unwrap();
    assert_eq!(verified("releases"), (Some(0), both("releases")));
    assert_eq!(verified("map").0, Some(0));
    // What is not the kubelet's is searched, whatever its name.
    fs::create_dir(at("releases/..hidden")).unwrap();
    fs::write(at("releases/..hidden/genome.json"), "{}").unwrap();
    assert_eq!(verified("releases").0, Some(1));
    // Out of what is searched, no link is followed.
    symlink("../releases", at("map/out")).unwrap();
    let ran = release.verify(&["map"]);
    assert_ran(&ran, 2, "error[GENOME_UNREADABLE]: a link to a directory is not followed\n  --> map/out\n");
    fs::remove_file(at("map/out")).unwrap();
    // One genome in a volume is one, also for a state, which remembers one at a time.
    fs::create_dir(at("one")).unwrap();
    fs::create_dir(at("one/..a")).unwrap();
    fs::copy(at("1.1.0.json"), at("one/..a/genome.json")).unwrap();
    symlink("..a", at("one/..data")).unwrap();
    symlink("..data/genome.json", at("one/genome.json")).unwrap();
    assert_ran(&release.verify(&["--state", "state.json", "one"]), 0, "");
}

/// systemd gives a service its credentials with the mode 0440 and an access control list (systemd.exec(5), `LoadCredential=`).
#[test]
fn a_credential_of_systemd_is_read() {
    let release = release();
    let at = |path: &str| release.path().join(path);
    fs::create_dir(at("credentials")).unwrap();
    fs::write(at("credentials/key"), &release.keys[0]).unwrap();
    release.set_mode("credentials/key", 0o440);
    release.set_mode("credentials", 0o550);
    let sign = |credentials: Option<&str>| {
        let mut sign = release.signing(1, &["--yes", "--key", "file:credentials/key", "draft.json", "-", "signer-1"]);
        sign.env_remove("GENOME_SIGNING_PRIVATE_KEY");
        credentials.map(|credentials| sign.env("CREDENTIALS_DIRECTORY", at(credentials)));
        run(&mut sign)
    };
    assert_ran(&sign(Some("credentials")), 0, "signed by `signer-1`");
    for without in [None, Some("volume"), Some("missing")] {
        assert_ran(&sign(without), 2, "credentials/key holds a secret and is not private: others than its owner can get at it");
    }
    // Into another directory all can look, whatever the variable says.
    release.set_mode("credentials", 0o755);
    assert_ran(&sign(Some("credentials")), 2, "is not private");
    release.set_mode("credentials", 0o700);
    release.set_mode("credentials/key", 0o460);
    assert_ran(&sign(Some("credentials")), 2, "is not private");
}

/// git, which checks text out with the line ends of the machine, and back.
#[test]
fn line_ends_that_git_changed_are_named_as_that() {
    if !has("git") {
        return;
    }
    let release = release();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "core.autocrlf=true", "-c", "core.safecrlf=false"]);
        let ran = run(git.args(arguments).current_dir(release.path().join("work")).env("HOME", release.path()));
        assert_eq!(ran.status, Some(0), "{arguments:?}: {ran:?}");
    };
    fs::create_dir(release.path().join("work")).unwrap();
    git(&["init", "-q"]);
    let text = "line\n".repeat(100_000);
    let draft = Draft::new("1.0.0", &[1], 1).with_file("text", &text).with_file("other", "one\n");
    for (name, contents) in [("text", text.as_str()), ("other", "one\n"), ("genome.json", &draft.signed(&[1]))] {
        release.write(&format!("work/{name}"), contents);
    }
    git(&["add", "."]);
    git(&["commit", "-qm", "Add"]);
    let check_out = || {
        fs::remove_file(release.path().join("work/text")).unwrap();
        git(&["checkout", "-q", "--", "text"]);
    };
    let verify = || release.verify(&["--verify-manifest", "--manifest-root", "work", "work/genome.json"]);
    let refresh = |more: &[&str]| {
        let _ = fs::remove_file(release.path().join("next.json"));
        let mut draft = program("genome-draft", release.path());
        run(draft.args(["--from", "work/genome.json", "--bump", "patch", "--refresh", "--root", "work", "next.json"]).args(more))
    };
    assert_ran(&verify(), 0, "");
    check_out();
    assert!(release.read("work/text").contains("\r\n"), "git changes it");
    let ran = verify();
    assert_ran(
        &ran,
        1,
        "  - /build_manifest/files/0: `text`: it differs only in its line ends from what was signed: its SHA-256 is ",
    );
    assert!(ran.stderr.contains("put `* -text` into .gitattributes"), "{}", ran.stderr);
    let ran = refresh(&[]);
    assert_ran(&ran, 1, "one file has other line ends, and no other change");
    assert!(ran.stderr.contains("put `* -text` into .gitattributes") && !release.path().join("next.json").exists(), "{ran:?}");
    // A change that is one is told from that, and whoever means it says so.
    release.write("work/other", "two\r\n");
    let ran = verify();
    assert_ran(&ran, 1, "- /build_manifest/files/1: `other`: its SHA-256 is ");
    assert_ran(&refresh(&["--file", "text"]), 0, "drafted");
    release.write("work/other", "one\n");
    // What the hint says helps.
    release.write("work/.gitattributes", "* -text\n");
    check_out();
    assert_ran(&verify(), 0, "");
    assert_ran(&refresh(&[]), 0, "drafted");
    // The other way round: it was signed with both, and is checked out with line feeds.
    let crlf = text.replace('\n', "\r\n");
    release.write("work/genome.json", &Draft::new("1.0.0", &[1], 1).with_file("text", &crlf).signed(&[1]));
    assert_ran(&verify(), 1, "`text`: it differs only in its line ends");
}
