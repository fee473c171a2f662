//! A program that is killed at any moment leaves the old file or the new one.

use genome_test_support::{Draft, Moments, Release, assert_ran, has, names, programs, run, say};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Instant;

const KILLS: u32 = 200;

#[test]
fn a_killed_signing_leaves_the_old_genome_or_the_new_one() {
    let release = Release::new(1, 1);
    release.write("next.json", &release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
    for (draft, signed) in [("draft.json", "old.json"), ("next.json", "new.json")] {
        assert_eq!(release.sign(1, &[draft, signed]).status, Some(0));
    }
    let (old, new) = (release.read("old.json"), release.read("new.json"));
    let output = release.path().join("genome.json");
    let arguments = |draft| [draft, "genome.json", "signer-1", "--force"];
    fs::write(&output, &old).unwrap();
    fs::set_permissions(&output, fs::Permissions::from_mode(0o640)).unwrap();

    let start = Instant::now();
    assert_eq!(run(&mut release.signing(1, &arguments("next.json"))).status, Some(0));
    // A little longer than a whole run, so that some runs end by themselves.
    let whole = start.elapsed().mul_f64(1.2);

    let mut moments = Moments(0x9e37_79b9_7f4a_7c15);
    let (mut killed, mut replaced) = (0, 0);
    for round in 0..KILLS {
        let before = fs::read_to_string(&output).unwrap();
        let draft = if before == old { "next.json" } else { "draft.json" };
        let mut signing = release.signing(1, &arguments(draft));
        let mut child = signing.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moments.before(whole));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let after = fs::read_to_string(&output).unwrap();
        assert!(after == old || after == new, "round {round}: the output is neither the old genome nor the new one");
        replaced += u32::from(after != before);
        for entry in fs::read_dir(release.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with(".genome.json") {
                // Between its link and its rename the new file has a name of its own for a moment; it is complete, and no
                // more readable than the one it replaces.
                assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o7777, 0o640, "round {round}");
                assert!([&old, &new].contains(&&fs::read_to_string(entry.path()).unwrap()), "round {round}: a partial file");
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
    assert_eq!(release.verify(&["genome.json"]).status, Some(0));
    say(&format!("{killed} of {KILLS} were killed before their end, {replaced} had replaced the file\n"));
    assert!(killed > 0 && replaced > 0, "the moments were not spread over the whole run");
}

/// A directory with `state.json`, which remembers version 1.0.0, and what it would be if it remembered the next.
fn remembering() -> (Release, String, String) {
    let release = Release::new(1, 1);
    let next = Draft::new("1.0.1", &[1], 1).signed(&[1]);
    release.write("1.0.0.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    release.write("1.0.1.json", &next);
    release.write("refused.json", &next.replace("memory_search", "memory_erase"));
    let state = |genome| {
        assert_ran(&release.verify(&["--state", "state.json", genome]), 0, "");
        release.read("state.json")
    };
    let (old, new) = (state("1.0.0.json"), state("1.0.1.json"));
    release.write("state.json", &old);
    (release, old, new)
}

#[test]
fn a_killed_verification_remembers_what_it_accepts_or_nothing() {
    let (release, old, new) = remembering();
    let verifying = |genome| release.verifying(&["--state", "state.json", genome]);
    let start = Instant::now();
    assert_eq!(run(&mut verifying("1.0.1.json")).status, Some(0));
    let whole = start.elapsed().mul_f64(1.2);
    let mut moments = Moments(0x2545_f491_4f6c_dd1d);
    let (mut killed, mut remembered) = (0, 0);
    for round in 0..KILLS {
        release.write("state.json", &old);
        let genome = if round % 4 == 0 { "refused.json" } else { "1.0.1.json" };
        let mut child = verifying(genome).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moments.before(whole));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        killed += u32::from(output.status.code().is_none());
        let after = release.read("state.json");
        assert!(after == old || after == new, "round {round}: the state is neither the old one nor the new one");
        assert!(after == old || genome == "1.0.1.json", "round {round}: what is refused is remembered");
        let is_accepted = String::from_utf8(output.stdout).unwrap().starts_with("accepted");
        assert!(!is_accepted || after == new, "round {round}: what is accepted is not remembered");
        remembered += u32::from(after == new);
        for name in names(release.path()).iter().filter(|name| name.starts_with(".state.json")) {
            assert_eq!(release.read(name), new, "round {round}: a partial file");
            fs::remove_file(release.path().join(name)).unwrap();
        }
    }
    say(&format!("{killed} of {KILLS} were killed before their end, {remembered} had remembered the genome\n"));
    assert!(killed > 0 && remembered > 0, "the moments were not spread over the whole run");
}

#[test]
fn a_verification_that_ends_between_two_system_calls() {
    if !has("strace") {
        return;
    }
    let (release, old, new) = remembering();
    for (calls, is_written) in [
        ("openat:when=1", false),
        ("flock", false),
        ("fchmod", false),
        ("fsync:when=1", false),
        ("linkat", false),
        ("rename,renameat,renameat2", false),
        // What comes after that: the directory, and the report.
        ("fsync:when=2", true),
    ] {
        let (calls, when) = calls.split_once(':').map_or((calls, String::new()), |(calls, when)| (calls, format!(":{when}")));
        for (genome, expected) in [("1.0.1.json", if is_written { &new } else { &old }), ("refused.json", &old)] {
            release.write("state.json", &old);
            let mut traced = Command::new("strace");
            traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject={calls}:signal=KILL{when}")]);
            traced.arg(programs().join("genome-verify")).args(["--state", "state.json", genome]);
            let ran = run(traced.current_dir(release.path()));
            assert!(!ran.stdout.starts_with("accepted"), "{calls}{when}: {ran:?}");
            assert!(
                genome == "refused.json" || ran.status.is_none_or(|status| status > 2),
                "{calls}{when}: it was not killed: {ran:?}"
            );
            assert!(release.read("state.json") == *expected, "{calls}{when} of {genome}: the state is another");
            for name in names(release.path()).iter().filter(|name| name.starts_with(".state.json")) {
                assert_eq!(release.read(name), new, "{calls}{when}: a partial file");
                fs::remove_file(release.path().join(name)).unwrap();
            }
        }
    }
    assert_ran(&release.verify(&["--state", "state.json", "1.0.1.json"]), 0, "");
}
