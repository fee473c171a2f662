//! Proposals that somebody wrote to deceive, to stop or to burden who checks them.

use genome_test_support::proposal::{DIRECTORY, PROBES, PROPOSAL, RATIONALE, Repository, capability, new, old};
use genome_test_support::{assert_ran, names, programs, run, run_unprivileged, test_key};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

/// What is pasted where: the file, and the key as a line and as PEM.
type Pasted = (&'static str, fn(&Repository, &str, &str));

/// Texts that would do something to a terminal, a CI system, or a reader's eye.
#[test]
fn hostile_texts_stay_texts() {
    let hostile = "x##[error]y";
    let draft = new().with("capabilities", capability(&["memory_search", hostile, "-->", "::error::z"], &["memory_erase"]));
    let repository = Repository::proposed(&old(), &draft);
    assert_eq!(repository.mismatches(), [""; 0]);
    repository.edit(|proposal| proposal["title"] = format!("{hostile}%0A").into());
    let probes = json!({"must_deny": [hostile, "\u{41}::error::"], "must_allow": ["##[group]"]});
    repository.0.write(PROBES, &probes.to_string());
    repository.0.write(RATIONALE, "##[error]\n\u{1b}[2J\u{202e}\n");
    for format in ["human", "json", "github"] {
        let ran = repository.verify(&["--format", format]);
        assert_eq!(ran.status, Some(1));
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!shown.contains("##[") && !shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
        let commands = shown.lines().filter(|line| line.starts_with("::") && !line.starts_with("::error file=proposals/"));
        assert_eq!(commands.count(), 0, "{shown}");
        assert!(shown.contains("must_deny/0") && shown.contains("must_allow/0"), "{shown}");
    }
    repository.0.write(PROBES, r#"{"must_deny": ["memory_erase"]}"#);
    for format in ["human", "json", "github"] {
        let ran = repository.verify(&["--format", format]);
        assert!(ran.status == Some(0) && !ran.stdout.contains("##["), "{ran:?}");
    }
    // Two actions that differ do not show as the same text, so that neither is hidden behind the other.
    let draft = new().with("capabilities", capability(&["memory_search", "x##[y", "x#\\u{23}[y"], &["memory_erase"]));
    let twins = Repository::proposed(&old(), &draft);
    assert_ran(&twins.verify(&[]), 0, "");
    twins.edit(|proposal| drop(proposal["changes"].as_array_mut().unwrap().remove(1)));
    let found = twins.mismatches();
    let expected = r"proposal.json /changes not declared: widening: action `x#\\u{23}[y` is allowed";
    assert!(matches!(found.as_slice(), [found] if found.starts_with(expected)), "{found:?}");
    // Something that many mismatches quote is not quoted whole.
    let long = "y".repeat(1 << 20);
    repository.edit(|proposal| {
        let change = |index: usize| json!({"class": "neutral", "kind": "x", "subject": "x", "from": index.to_string(), "to": null, "message": long});
        proposal["changes"].as_array_mut().unwrap().extend((0..4).map(change));
        proposal["capabilities_impacted"].as_array_mut().unwrap().push(long.as_str().into());
    });
    let probes = json!({"must_allow": [long]});
    repository.0.write(PROBES, &probes.to_string());
    let ran = repository.verify(&[]);
    assert_ran(&ran, 1, "declared, and not so");
    assert!(ran.stderr.len() < 1 << 14, "{} bytes were said", ran.stderr.len());
}

#[test]
fn what_is_too_large_is_refused() {
    const LARGE: usize = 17 << 20;
    let repository = Repository::proposed(&old(), &new());
    let good = repository.0.read(PROPOSAL);
    for (file, contents, code) in [
        (PROPOSAL, format!("{good}{}", " ".repeat(LARGE)), "GENOME_INVALID_JSON"),
        (PROBES, " ".repeat(LARGE), "GENOME_INVALID_JSON"),
        (RATIONALE, format!("Because.\n{}", "x\n".repeat(LARGE / 2)), "GENOME_PROPOSAL_MISMATCH"),
    ] {
        let before = repository.0.read(file);
        repository.0.write(file, &contents);
        assert_ran(&repository.verify(&[]), 1, &format!("error[{code}]"));
        repository.0.write(file, &before);
    }
    // What would say more than can be read is not written.
    let actions: Vec<String> = (0..60_000).map(|number| format!("memory_update_{number}_{}", "x".repeat(20))).collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let draft = new().with("capabilities", capability(&actions, &[]));
    let repository = Repository::of(&old(), &draft);
    assert_ran(&repository.propose(DIRECTORY), 2, "the proposal would be larger than 16 MiB");
    assert_eq!(names(&repository.0.path().join("proposals")), [""; 0]);
}

/// A private key is refused wherever it is pasted, and shown nowhere.
#[test]
fn a_private_key_is_refused_in_each_file() {
    let key = test_key();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    let pasted: [Pasted; 6] = [
        ("proposal.json", |r, key, _| r.edit(|p| p["title"] = format!("allow {key}").into())),
        ("proposal.json", |r, key, _| r.edit(|p| p["changes"][0]["message"] = key.into())),
        ("proposal.json", |r, key, _| r.edit(|p| p[key] = 1.into())),
        ("rationale.md", |r, key, _| r.0.write(RATIONALE, &format!("Because.\n\n{key}\n"))),
        ("rationale.md", |r, _, pem| r.0.write(RATIONALE, pem)),
        ("ceiling.json", |r, key, _| r.0.write(PROBES, &json!({"must_deny": [key]}).to_string())),
    ];
    for (file, paste) in pasted {
        let repository = Repository::proposed(&old(), &new());
        paste(&repository, &key, &pem);
        let (status, report) = repository.report(&[]);
        let refusal = &report["refusal"];
        assert_eq!((status, refusal["code"].as_str()), (Some(1), Some("GENOME_SECRET_EXPOSED")), "{file}");
        assert!(refusal["file"].as_str().unwrap().ends_with(file));
        for format in ["human", "github"] {
            let ran = repository.verify(&["--format", format]);
            let seed = &key[30..];
            assert!(!ran.stdout.contains(seed) && !ran.stderr.contains(seed), "{file}: the key is shown");
        }
    }
}

/// What lies in a proposal's directory is found, and nobody has asked for it by name: it is not waited for.
#[test]
fn what_is_no_file_is_not_waited_for() {
    let promptly = |repository: &Repository| {
        let mut limited = Command::new("timeout");
        limited.arg("60").arg(programs().join("genome-verify")).args(["--proposal", DIRECTORY]);
        run(limited.current_dir(repository.0.path()))
    };
    let fifo =
        |repository: &Repository, name: &str| assert_ran(&run(Command::new("mkfifo").arg(repository.0.path().join(name))), 0, "");
    for name in ["tests/x.json", "tests/ceiling.json", "proposal.json", "rationale.md"] {
        let repository = Repository::proposed(&old(), &new());
        let path = format!("{DIRECTORY}/{name}");
        if repository.0.path().join(&path).exists() {
            fs::remove_file(repository.0.path().join(&path)).unwrap();
        }
        fifo(&repository, &path);
        let said = format!("error[GENOME_UNREADABLE]: it is a FIFO, not a regular file\n  --> {path}\n");
        assert_ran(&promptly(&repository), 2, &said);
    }
    let repository = Repository::proposed(&old(), &new());
    fs::create_dir(repository.0.path().join(DIRECTORY).join("tests/x.json")).unwrap();
    assert_ran(&promptly(&repository), 2, "error[GENOME_UNREADABLE]: it is a directory, not a regular file");
    // Neither are the other files of the directory, among which a draft may be.
    let repository = Repository::proposed(&old(), &new());
    fifo(&repository, &format!("{DIRECTORY}/draft.json"));
    fifo(&repository, &format!("{DIRECTORY}/tests/notes"));
    fifo(&repository, "genomes/v2/pipe.json");
    symlink("/dev/zero", repository.0.path().join(DIRECTORY).join("zero.json")).unwrap();
    symlink(".", repository.0.path().join(DIRECTORY).join("loop")).unwrap();
    assert_ran(&promptly(&repository), 0, "");
    symlink("/dev/zero", repository.0.path().join(DIRECTORY).join("tests/zero.json")).unwrap();
    assert_ran(&promptly(&repository), 2, "not a regular file");
}

#[test]
fn what_cannot_be_read_is_not_passed_over() {
    let repository = Repository::proposed(&old(), &new());
    let root = repository.0.path();
    symlink("nowhere", root.join(DIRECTORY).join("tests/gone.json")).unwrap();
    assert_ran(&repository.verify(&[]), 2, "error[GENOME_MISSING]");
    fs::remove_file(root.join(DIRECTORY).join("tests/gone.json")).unwrap();
    // A link stands for what it leads to.
    fs::rename(root.join(PROBES), root.join("probes")).unwrap();
    symlink(root.join("probes"), root.join(PROBES)).unwrap();
    assert_eq!(repository.mismatches(), [""; 0]);
    for directory in [".", "proposals", "genomes", "genomes/v1", "genomes/v2", DIRECTORY, &format!("{DIRECTORY}/tests")] {
        repository.0.set_mode(directory, 0o755);
    }
    for unreadable in ["probes", RATIONALE, PROPOSAL] {
        repository.0.set_mode(unreadable, 0);
        if let Some(ran) = run_unprivileged(&mut repository.0.verifying(&["--proposal", DIRECTORY])) {
            assert_ran(&ran, 2, "error[GENOME_UNREADABLE]");
        }
        repository.0.set_mode(unreadable, 0o644);
    }
    repository.0.set_mode(&format!("{DIRECTORY}/tests"), 0);
    if let Some(ran) = run_unprivileged(&mut repository.0.verifying(&["--proposal", DIRECTORY])) {
        assert_ran(&ran, 2, "error[GENOME_UNREADABLE]");
    }
    repository.0.set_mode(&format!("{DIRECTORY}/tests"), 0o755);
    fs::remove_dir_all(root.join(DIRECTORY).join("tests")).unwrap();
    repository.0.write(&format!("{DIRECTORY}/tests"), "");
    assert_ran(&repository.verify(&[]), 2, "error[GENOME_UNREADABLE]: it is a file, not a directory");
    fs::remove_file(root.join(DIRECTORY).join("tests")).unwrap();
    assert_ran(&repository.verify(&[]), 0, "warning: no probe tries the new ceiling");
    symlink("nowhere", root.join(DIRECTORY).join("tests")).unwrap();
    assert_ran(&repository.verify(&[]), 2, "error[GENOME_MISSING]: there is no such file\n  --> proposals/");
    fs::remove_file(root.join(DIRECTORY).join("tests")).unwrap();
    // What looks like a probe and is not tried is said.
    fs::create_dir_all(root.join(DIRECTORY).join("tests/more")).unwrap();
    for name in ["more/a.json", "b.JSON"] {
        repository.0.write(&format!("{DIRECTORY}/tests/{name}"), r#"{"must_allow": ["never"]}"#);
    }
    let ran = repository.verify(&[]);
    for name in ["more", "b.JSON"] {
        assert_ran(&ran, 0, &format!("warning: it is not tried\n  --> {DIRECTORY}/tests/{name}\n"));
    }
    fs::remove_file(root.join(RATIONALE)).unwrap();
    assert_ran(&repository.verify(&[]), 2, "error[GENOME_MISSING]");
}
