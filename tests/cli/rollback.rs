//! Never back: what `genome-verify` remembers with `--state`, and that it remembers only what it has accepted.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, assert_ran, file, has, inherited, names, policy, run};
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Stdio};

/// A directory where `1.0.0.json` and so on are the genome `TEST` of these versions.
fn versions(versions: &[&str]) -> Release {
    let release = Release::new(1, 1);
    for version in versions {
        release.write(&format!("{version}.json"), &Draft::new(version, &[1], 1).signed(&[1]));
    }
    release
}

fn verify(release: &Release, genome: &str) -> Ran {
    release.verify(&["--state", "state.json", genome])
}

/// The version that is remembered under a name.
fn remembered(release: &Release, name: &str) -> Value {
    let state: Value = serde_json::from_str(&release.read("state.json")).unwrap();
    assert_eq!(state["schema_version"], "state.v0.1");
    state["accepted"][name]["version"].clone()
}

#[test]
fn the_highest_version_is_remembered() {
    let release = versions(&["1.0.0", "1.1.0-rc.1", "1.1.0", "1.1.0+build", "1.9.0", "1.10.0"]);
    let ran = verify(&release, "1.0.0.json");
    assert_ran(
        &ran,
        0,
        "warning: there was no state here, so nothing says what was accepted before; from now on it does\n  --> state.json\n",
    );
    assert!(ran.stdout.contains("\n  ok  not below a version that was accepted before\n"), "{}", ran.stdout);
    let first: Value = serde_json::from_str(&release.read("state.json")).unwrap();
    assert_eq!(first["accepted"], json!({"TEST": {"version": "1.0.0", "genome_id": Draft::new("1.0.0", &[1], 1).id()}}));
    for (genome, status, after) in [
        ("1.1.0-rc.1", 0, "1.1.0-rc.1"),
        ("1.0.0", 1, "1.1.0-rc.1"),
        ("1.1.0", 0, "1.1.0"),
        ("1.1.0-rc.1", 1, "1.1.0"),
        ("1.1.0+build", 1, "1.1.0"),
        ("1.9.0", 0, "1.9.0"),
        ("1.10.0", 0, "1.10.0"),
        ("1.9.0", 1, "1.10.0"),
        ("1.10.0", 0, "1.10.0"),
    ] {
        let before = file(release.path(), "state.json");
        let same = remembered(&release, "TEST") == after;
        let ran = verify(&release, &format!("{genome}.json"));
        assert_ran(&ran, status, if status == 1 { "error[GENOME_ROLLBACK]: `TEST` 1." } else { "" });
        assert_eq!(remembered(&release, "TEST"), after, "after {genome}");
        assert_eq!(
            file(release.path(), "state.json") == before,
            same,
            "after {genome} the file is written only if something changes"
        );
        assert!(!ran.stderr.contains("there was no state"), "{}", ran.stderr);
    }
}

/// CVE-2026-44544: an older document is in order by itself, and must not take the place of the newer.
#[test]
fn an_older_genome_that_is_still_valid_is_shown_again() {
    let release = versions(&["1.0.0", "1.0.1"]);
    assert_ran(&verify(&release, "1.0.1.json"), 0, "");
    assert_ran(&release.verify(&["1.0.0.json"]), 0, "");
    let ran = verify(&release, "1.0.0.json");
    let [old, new] = ["1.0.0", "1.0.1"].map(|version| Draft::new(version, &[1], 1).id());
    assert_ran(&ran, 1, &format!("error[GENOME_ROLLBACK]: `TEST` 1.0.0 ({old}) goes back: 1.0.1 ({new}) was accepted before\n"));
    assert!(
        ran.stderr.contains("  --> 1.0.0.json at /version\n  help: deploy 1.0.1 or higher; to step back on purpose, "),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("\n  NO  not below a version that was accepted before: GENOME_ROLLBACK\n"), "{}", ran.stdout);
    // The deliberate way back: a policy that says how far, and a fresh state.
    release.write("trust.json", &policy(&[1], 1, &json!({"minimum_versions": {"TEST": "1.0.0"}})));
    let back = ["--trust", "trust.json", "--state", "state.json", "1.0.0.json"];
    assert_ran(&release.verify(&back), 1, "error[GENOME_ROLLBACK]");
    fs::remove_file(release.path().join("state.json")).unwrap();
    assert_ran(&release.verify(&back), 0, "there was no state");
}

#[test]
fn one_version_has_one_content() {
    let release = versions(&["1.0.0"]);
    assert_ran(&verify(&release, "1.0.0.json"), 0, "");
    // The same genome, written in another way and signed by more.
    let draft = Draft::new("1.0.0", &[1], 1);
    release.write(
        "same.json",
        &serde_json::to_string_pretty(&serde_json::from_str::<Value>(&draft.signed(&[2, 1])).unwrap()).unwrap(),
    );
    assert_ran(&verify(&release, "same.json"), 0, "");
    for (other, version) in
        [(draft.clone().with("created_at", "2020-01-31T00:00:01Z"), "1.0.0"), (draft.with("version", "1.0.0+2"), "1.0.0+2")]
    {
        release.write("other.json", &other.signed(&[1]));
        let ran = verify(&release, "other.json");
        assert_ran(
            &ran,
            1,
            &format!("error[GENOME_ROLLBACK]: `TEST` {version} ({}) is another genome than the one of version 1.0.0 (", other.id()),
        );
        assert!(ran.stderr.contains("help: two genomes have one version: find out who signed the second"), "{}", ran.stderr);
    }
}

#[test]
fn names_do_not_know_of_each_other() {
    let release = versions(&["1.0.0", "2.0.0"]);
    for name in ["OTHER", "test", "T\u{e9}ST", "a \"b\" \\c"] {
        release.write("other.json", &Draft::new("1.0.0", &[1], 1).with("name", name).signed(&[1]));
        assert_ran(&verify(&release, "2.0.0.json"), 0, "");
        assert_ran(&verify(&release, "other.json"), 0, "");
        assert_eq!((remembered(&release, "TEST"), remembered(&release, name)), ("2.0.0".into(), "1.0.0".into()));
    }
    release.write("other.json", &Draft::new("0.9.0", &[1], 1).with("name", "OTHER").signed(&[1]));
    assert_ran(&verify(&release, "other.json"), 1, "error[GENOME_ROLLBACK]: `OTHER` 0.9.0");
    assert_ran(&verify(&release, "1.0.0.json"), 1, "error[GENOME_ROLLBACK]: `TEST` 1.0.0");
}

#[test]
fn the_flag_wins_over_the_variable() {
    let release = versions(&["1.0.0", "2.0.0"]);
    let with = |arguments: &[&str], variable: &str| run(release.verifying(arguments).env("MATHISON_GENOME_STATE", variable)).status;
    assert_eq!(with(&["2.0.0.json"], "high.json"), Some(0));
    assert_eq!(with(&["1.0.0.json"], "high.json"), Some(1));
    assert_eq!(with(&["1.0.0.json", "--state", "low.json"], "high.json"), Some(0));
    assert_eq!(with(&["1.0.0.json", "--state", "high.json"], "low.json"), Some(1));
    assert_eq!(with(&["1.0.0.json", "--state", "low.json"], ""), Some(0), "the variable is not looked at");
    assert_eq!(with(&["1.0.0.json"], ""), Some(2), "an empty variable must not mean that nothing is remembered");
    assert_eq!(with(&["1.0.0.json", "--state", ""], "low.json"), Some(2));
    assert_eq!(names(release.path()), ["1.0.0.json", "2.0.0.json", "draft.json", "high.json", "low.json"]);
}

#[test]
fn a_state_is_for_one_genome() {
    let release = versions(&["1.0.0", "1.1.0"]);
    fs::create_dir(release.path().join("tree")).unwrap();
    for name in ["a", "b"] {
        fs::create_dir(release.path().join("tree").join(name)).unwrap();
        fs::copy(release.path().join("1.0.0.json"), release.path().join("tree").join(name).join("genome.json")).unwrap();
    }
    for genomes in [&["1.0.0.json", "1.1.0.json"][..], &["1.0.0.json", "1.0.0.json"], &["tree"], &["1.0.0.json", "missing.json"]] {
        for format in ["human", "json", "github"] {
            let ran = release.verify(&[&["--state", "state.json", "--format", format], genomes].concat());
            assert_ran(&ran, 2, "a state remembers one genome at a time, and there are 2");
            assert_eq!(ran.stdout, "", "{genomes:?}");
            assert!(!release.path().join("state.json").exists(), "{genomes:?}");
        }
    }
    assert_ran(&verify(&release, "tree/a"), 0, "");
}

#[test]
fn the_policy_knows_a_lowest_version() {
    let release = versions(&["1.0.0", "1.1.0-rc.1", "1.1.0", "1.1.0+build", "1.2.0"]);
    release.write("trust.json", &policy(&[1], 1, &json!({"minimum_versions": {"TEST": "1.1.0", "OTHER": "9.0.0"}})));
    for (version, status) in [("1.0.0", 1), ("1.1.0-rc.1", 1), ("1.1.0", 0), ("1.1.0+build", 0), ("1.2.0", 0)] {
        let ran = release.verify(&["--trust", "trust.json", &format!("{version}.json")]);
        let said = "is below 1.1.0, the lowest version that the trust policy allows\n";
        assert_ran(&ran, status, if status == 1 { said } else { "" });
        assert_eq!(ran.stdout.contains("\n  NO  not below a version that was accepted before: GENOME_ROLLBACK\n"), status == 1);
    }
}

/// Ten times eight programs that start at once: whatever the order, the highest is remembered in the end.
#[test]
fn many_at_once_never_go_back() {
    let all: Vec<String> = (1..=8).map(|number| format!("1.0.{number}")).collect();
    let release = versions(&all.iter().map(String::as_str).collect::<Vec<_>>());
    for round in 0..10 {
        let start = |version: &String| {
            let mut verify = release.verifying(&["--state", "state.json", &format!("{version}.json")]);
            verify.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<_> = all.iter().map(start).collect();
        for (child, version) in children.into_iter().zip(&all) {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            match output.status.code() {
                Some(0) => {}
                Some(1) if version != "1.0.8" => {
                    assert!(said.contains("error[GENOME_ROLLBACK]"), "round {round}, {version}: {said}");
                }
                other => panic!("round {round}, {version}: {other:?}, {said}"),
            }
        }
        assert_eq!(remembered(&release, "TEST"), "1.0.8", "round {round}");
        fs::remove_file(release.path().join("state.json")).unwrap();
    }
    assert_eq!(names(release.path()).len(), 9, "nothing is left behind");
}

#[test]
fn a_slow_one_does_not_undo_what_a_fast_one_remembers() {
    if !has("strace") {
        return;
    }
    let release = versions(&["1.0.1", "1.0.8"]);
    let mut slow = Command::new("strace");
    slow.args(["-f", "-o", "/dev/null", "-e", "inject=rename,renameat,renameat2:delay_enter=2000000"]);
    slow.arg(genome_test_support::programs().join("genome-verify")).args(["--state", "state.json", "1.0.1.json"]);
    let mut slow =
        inherited::isolate(&mut slow).current_dir(release.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Its new state has a name, and takes the state's place two seconds later.
    while !names(release.path()).iter().any(|name| name.contains("state.json")) && slow.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let ran = verify(&release, "1.0.8.json");
    assert!(slow.wait().unwrap().success());
    assert_ran(&ran, 0, "");
    assert_eq!(remembered(&release, "TEST"), "1.0.8");
}
