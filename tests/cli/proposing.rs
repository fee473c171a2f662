//! What `genome-diff --propose` makes, and what it leaves behind where it cannot.

use genome_test_support::proposal::{DIRECTORY, PROPOSAL, RATIONALE, Repository, capability, new, old};
use genome_test_support::{assert_ran, has, names, program, programs, run, run_unprivileged, test_key};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

#[test]
fn a_proposal_says_all_that_changes() {
    let repository = Repository::of(&old(), &new());
    let ran = repository.propose(DIRECTORY);
    assert_ran(&ran, 0, "proposed 0001: `let memory be updated`\n");
    for said in [
        &format!("  from        `TEST` 1.0.0  {}\n", old().id()),
        &format!("  to          `TEST` 1.1.0  {}\n  changes     3\n  breaking    no\n", new().id()),
        &format!("  written to  {PROPOSAL}\n  to fill in  {RATIONALE}\n"),
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    assert_eq!(
        (ran.stdout.as_str(), names(&repository.0.path().join(DIRECTORY))),
        ("", ["proposal.json", "rationale.md"].map(str::to_owned).into())
    );
    let change = |class: &str, kind: &str, subject: &str, from: &str, to: &str, message: &str| json!({"class": class, "kind": kind, "subject": subject, "from": from, "to": to, "message": message});
    let allowed = "allowed by `CAP` (risk class B)";
    assert_eq!(
        repository.proposal(),
        json!({
            "schema_version": "proposal.v0.1",
            "proposal": "0001",
            "title": "let memory be updated",
            "status": "draft",
            "from_genome_id": old().id(),
            "to_genome_id": new().id(),
            "changes": [
                change(
                    "widening",
                    "action_allowed",
                    "memory_update",
                    "allowed by nobody",
                    allowed,
                    &format!("action `memory_update` is {allowed} now, and was allowed by nobody"),
                ),
                change("neutral", "version", "", "1.0.0", "1.1.0", "version: 1.0.0 -> 1.1.0"),
                change("neutral", "parents", "", "none", &old().id(), &format!("parents: none -> {}", old().id())),
            ],
            "invariants_impacted": [],
            "capabilities_impacted": ["CAP"],
            "breaking": false,
        })
    );
    assert_eq!(
        repository.0.read(RATIONALE).matches("\n## ").count(),
        repository.0.read(RATIONALE).matches("\nTO FILL IN: ").count()
    );
    assert!(repository.0.read(RATIONALE).starts_with("# 0001: let memory be updated\n\n## What cannot be done today\n"));
}

#[test]
fn numbers_follow_on() {
    let repository = Repository::of(&old(), &new());
    assert_ran(&repository.propose("proposals/0002-second"), 2, "0002 is not the next number");
    assert_ran(&repository.propose("proposals/0000-none"), 2, "the next proposal has the number 0001");
    assert_ran(&repository.propose("proposals/0001-first"), 0, "proposed 0001: `first`");
    assert_ran(&repository.propose("proposals/0001-other"), 2, "the next proposal has the number 0002");
    assert_ran(&repository.propose("proposals/0001-first"), 2, "the next proposal has the number 0002");
    // From where it stands, with a slash at its end, and after a gap.
    let mut here = program("genome-diff", &repository.0.path().join("proposals"));
    let ran = run(here.args(["--propose", "0002-second_one/", "../genomes/v1/genome.json", "../genomes/v2/draft.json"]));
    assert_ran(&ran, 0, "proposed 0002: `second one`");
    fs::create_dir(repository.0.path().join("proposals/9998-far")).unwrap();
    assert_ran(&repository.propose("proposals/0003-third"), 2, "the next proposal has the number 9999");
    assert_ran(&repository.propose("proposals/9999-last"), 0, "proposed 9999: `last`");
    assert_ran(&repository.propose("proposals/0000-after"), 2, "there is no number after 9999");
    let expected = ["0001-first", "0002-second_one", "9998-far", "9999-last"];
    assert_eq!(names(&repository.0.path().join("proposals")), expected);
}

#[test]
fn what_cannot_be_proposed_leaves_nothing_behind() {
    let repository = Repository::of(&old(), &new());
    repository.0.write("genomes/none.json", "{");
    let secret = new().with("name", test_key()).document.to_string();
    repository.0.write("genomes/secret.json", &secret);
    repository.0.write("proposals/notes.md", "not a proposal");
    symlink("nowhere", repository.0.path().join("proposals/dangling")).unwrap();
    let (v1, v2) = ("genomes/v1/genome.json", "genomes/v2/draft.json");
    let long = format!("proposals/0001-{}", "x".repeat(260));
    for (arguments, said) in [
        ([DIRECTORY, v1, v1], "both are one genome"),
        ([DIRECTORY, v1, "genomes/missing.json"], "error[GENOME_MISSING]"),
        ([DIRECTORY, "genomes", v2], "error[GENOME_UNREADABLE]"),
        ([DIRECTORY, v1, "genomes/none.json"], "error[GENOME_INVALID_JSON]"),
        ([DIRECTORY, v1, "genomes/secret.json"], "error[GENOME_SECRET_EXPOSED]"),
        ([DIRECTORY, "-", "-"], "standard input can be read only once"),
        (["proposals/first", v1, v2], "its name is not that of a proposal"),
        (["proposals/0001", v1, v2], "its name is not that of a proposal"),
        (["proposals/0001-", v1, v2], "its name is not that of a proposal"),
        (["proposals/0001- _", v1, v2], "its name is not that of a proposal"),
        (["proposals/1-first", v1, v2], "its name is not that of a proposal"),
        (["proposals/0001-a\u{202e}b", v1, v2], "its name is not that of a proposal"),
        (["proposals/0001-a\nb", v1, v2], "its name is not that of a proposal"),
        (["proposals/..", v1, v2], "its name is not that of a proposal"),
        (["", v1, v2], "a value is required for '--propose <DIR>'"),
        (["missing/0001-first", v1, v2], "the other proposals cannot be read: No such file or directory"),
        (
            ["proposals/notes.md/0001-first", v1, v2],
            "the other proposals cannot be read: `proposals/notes.md`: it is a file, not a directory",
        ),
        ([&long, v1, v2], "cannot write the proposal: File name too long"),
    ] {
        let ran = run(&mut repository.proposing(&arguments));
        assert_eq!(ran.stdout, "");
        assert_ran(&ran, 2, said);
        assert_eq!(names(&repository.0.path().join("proposals")), ["dangling", "notes.md"], "{arguments:?}");
        assert_eq!(names(repository.0.path()), ["draft.json", "genomes", "proposals"], "{arguments:?}");
    }
    for conflicting in [&["--format", "json"][..], &["--fail-on", "widening"], &["--trust", "trust.json"]] {
        let ran = run(repository.proposing(&[DIRECTORY, v1, v2]).args(conflicting));
        assert_ran(&ran, 2, "cannot be used with");
    }
    assert!(!repository.0.path().join(DIRECTORY).exists());
}

#[test]
fn a_directory_that_cannot_be_written_and_a_full_disk() {
    let repository = Repository::of(&old(), &new());
    let v = ["genomes/v1/genome.json", "genomes/v2/draft.json"];
    let proposals = repository.0.path().join("proposals");
    for directory in [".", "genomes", "genomes/v1", "genomes/v2", "proposals"] {
        repository.0.set_mode(directory, 0o755);
    }
    if let Some(ran) = run_unprivileged(&mut repository.proposing(&[DIRECTORY, v[0], v[1]])) {
        assert_ran(&ran, 2, "cannot write the proposal: Permission denied");
    }
    assert_eq!(names(&proposals), [""; 0]);
    // A limit on the size of files stands in for a full disk: the first file has no room, or the second.
    let long = "x".repeat(4000);
    let changed = new().with("capabilities", capability(&["memory_search", &long], &["memory_erase"]));
    for (draft, blocks) in [(changed, 8), (new(), 1)] {
        repository.0.write(v[1], &draft.document.to_string());
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let mut limited = Command::new("sh");
        limited.args(["-c", &script, "sh"]).arg(programs().join("genome-diff")).args(["--propose", DIRECTORY]).args(v);
        assert_ran(&run(limited.current_dir(repository.0.path())), 2, "cannot write the proposal: File too large");
        assert_eq!(names(&proposals), [""; 0]);
    }
}

/// Whatever system call it dies in, there is no proposal or a whole one.
#[test]
fn an_interrupted_proposal_is_none() {
    if !has("strace") {
        return;
    }
    let repository = Repository::of(&old(), &new());
    let proposals = repository.0.path().join("proposals");
    let mut whole = 0;
    for calls in ["mkdir,mkdirat", "openat", "write", "fsync", "linkat", "rename,renameat,renameat2"] {
        for when in 1.. {
            let mut traced = Command::new("strace");
            traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject={calls}:signal=KILL:when={when}")]);
            traced.arg(programs().join("genome-diff")).args([
                "--propose",
                DIRECTORY,
                "genomes/v1/genome.json",
                "genomes/v2/draft.json",
            ]);
            let ran = run(traced.current_dir(repository.0.path()));
            let visible: Vec<String> = names(&proposals).into_iter().filter(|name| !name.starts_with('.')).collect();
            if !visible.is_empty() {
                whole += 1;
                assert_eq!(visible, ["0001-let-memory-be-updated"]);
                assert_eq!(names(&repository.0.path().join(DIRECTORY)), ["proposal.json", "rationale.md"], "{calls}:{when}");
                assert_eq!(repository.proposal()["to_genome_id"], new().id());
                assert!(repository.0.read(RATIONALE).contains("## Decision"));
            }
            fs::remove_dir_all(&proposals).unwrap();
            fs::create_dir(&proposals).unwrap();
            if ran.status == Some(0) {
                break;
            }
        }
    }
    assert!(whole >= 6, "each kind of call was tried to its end");
    // Where a call fails, what was made is taken away again; unless it is there, and nothing says that it will stay.
    let failing = |injected: &str| {
        let mut traced = Command::new("strace");
        traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject={injected}")]);
        traced.arg(programs().join("genome-diff")).args([
            "--propose",
            DIRECTORY,
            "genomes/v1/genome.json",
            "genomes/v2/draft.json",
        ]);
        run(traced.current_dir(repository.0.path()))
    };
    for injected in ["fsync:error=EIO:when=1", "fsync:error=ENOSPC:when=2", "rename,renameat,renameat2:error=EIO:when=3+"] {
        assert_ran(&failing(injected), 2, "cannot write the proposal: ");
        assert_eq!(names(&proposals), [""; 0], "{injected}");
    }
    assert_ran(&failing("fsync:error=EIO:when=5"), 2, "the proposal was written, but may not survive a power cut: ");
    assert_eq!(names(&proposals), ["0001-let-memory-be-updated"]);
}

#[test]
fn of_several_at_once_one_gets_the_number() {
    let repository = Repository::of(&old(), &new());
    let titles: Vec<String> = (0..8).map(|title| format!("proposals/0001-title-{title}")).collect();
    let start = |title: &String| {
        repository.proposing(&[title, "genomes/v1/genome.json", "genomes/v2/draft.json"]).stderr(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = titles.iter().map(start).collect();
    let done = children.into_iter().map(|mut child| child.wait().unwrap().code().unwrap());
    let mut statuses: Vec<i32> = done.collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 2, 2, 2, 2, 2, 2, 2]);
    assert_eq!(names(&repository.0.path().join("proposals")).len(), 1);
}
