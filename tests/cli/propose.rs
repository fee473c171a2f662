//! `genome propose`: the next number, a directory for it, and a draft that changes.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome_test_support::git::WorkTree;
use genome_test_support::proposal::{Repository, capability, invariants, new, old};
use genome_test_support::terminal::Typist;
use genome_test_support::{Draft, Ran, assert_ran, has, names, program, programs, run, run_unprivileged};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

fn proposing(repository: &Repository, arguments: &[&str]) -> Command {
    let mut command = program("genome", repository.0.path());
    command.arg("propose").args(arguments);
    command
}

fn propose(repository: &Repository, arguments: &[&str]) -> Ran {
    run(&mut proposing(repository, arguments))
}

/// Two genomes, and no directory for proposals.
fn repository() -> Repository {
    let repository = Repository::of(&old(), &new());
    fs::remove_dir(repository.0.path().join("proposals")).unwrap();
    repository
}

fn read(repository: &Repository, directory: &str) -> Value {
    serde_json::from_str(&repository.0.read(&format!("{directory}/proposal.json"))).unwrap()
}

const TITLE: &str = "Let memory be *updated*, “now”";
const FIRST: &str = "proposals/0001-let-memory-be-updated-now";
const NEW: &str = "genomes/v2/draft.json";

#[test]
fn a_title_and_the_draft_are_enough() {
    let repository = repository();
    let ran = propose(&repository, &[TITLE, NEW]);
    assert_ran(&ran, 0, "proposed 0001: `Let memory be *updated*, “now”`\n");
    assert_eq!(ran.stdout, format!("{FIRST}\n"));
    assert!(ran.stderr.contains(&format!("  to fill in  {FIRST}/rationale.md\n")), "{}", ran.stderr);
    assert!(repository.0.read(&format!("{FIRST}/rationale.md")).starts_with(&format!("# 0001: {TITLE}\n")));
    // It is what genome-diff --propose makes, with the title as it was typed.
    assert_ran(&repository.propose("proposals/0002-let-memory-be-updated-now"), 0, "proposed 0002");
    let mut other = read(&repository, "proposals/0002-let-memory-be-updated-now");
    other["proposal"] = "0001".into();
    other["title"] = TITLE.into();
    assert_eq!(read(&repository, FIRST), other);
    // The number after the highest, in any directory; and the genome before by its name.
    fs::create_dir(repository.0.path().join("proposals/0041-elsewhere")).unwrap();
    let ran = propose(&repository, &["--from", "genomes/v1", "Löschen erlauben", NEW]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "proposals/0042-loschen-erlauben\n"), "{ran:?}");
    let ran = propose(&repository, &["--directory", "changes/", "削除", NEW]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "changes/0001-change\n"), "{ran:?}");
    // What was filled in is accepted.
    repository.0.write(&format!("{FIRST}/rationale.md"), "# Why\n\nBecause.\n");
    assert_ran(&repository.0.verify(&["--quiet", "--proposal", FIRST]), 0, "no probe tries the new ceiling");
    // A draft beside its proposal finds the genome before in `genomes`.
    repository.0.write(&format!("{FIRST}/draft.json"), &new().document.to_string());
    assert_eq!(propose(&repository, &["Once more", &format!("{FIRST}/draft.json")]).stdout, "proposals/0043-once-more\n");
    // As genome-diff does too.
    let mut diff = program("genome-diff", repository.0.path());
    assert_ran(&run(diff.args(["--propose", "proposals/0044-last", NEW])), 0, "proposed 0044: `last`");
}

#[test]
fn what_cannot_be_proposed_leaves_nothing_behind() {
    let repository = repository();
    repository.0.write("genomes/root.json", &old().document.to_string());
    let other = old().with("name", "OTHER");
    repository.0.write("genomes/other.json", &other.document.to_string());
    repository.0.write("genomes/two.json", &new().after(&[&old(), &other]).document.to_string());
    repository.0.write("genomes/lost.json", &new().with("parents", json!(["0".repeat(64)])).document.to_string());
    repository.0.write("notes", "a file");
    for (arguments, said) in [
        (&["A title"][..], "a title and the genome after the change are needed"),
        (&[], "<TITLE>"),
        (&["A title", NEW, "more"], "error: "),
        (&["", NEW], "/title: an empty text"),
        (&[" ", NEW], "/title"),
        (&["padded ", NEW], "/title"),
        (&["two\nlines", NEW], "/title"),
        (&["A title", "genomes/missing.json"], "error[GENOME_MISSING]"),
        (&["A title", "genomes/root.json"], "it names no parent from which it changes anything"),
        (&["A title", "genomes/two.json"], "it names 2 parents, and a proposal is about one"),
        (
            &["A title", "genomes/lost.json"],
            "its parent 0000000000000000000000000000000000000000000000000000000000000000 was not found",
        ),
        (&["A title", "--from", NEW, NEW], "both are one genome"),
        (&["A title", "--from", "-", "-"], "standard input can be read only once"),
        (&["A title", NEW, "--directory", "a/b"], "cannot write the directory of the proposals: No such file"),
        (&["A title", NEW, "--directory", "notes"], "the other proposals cannot be read: `notes`: it is a file, not a directory"),
        (&["--refresh", "0001", NEW], "--> proposals"),
        (&["--refresh", "proposals/0001-x", "A title", NEW], "with --refresh the title stays"),
    ] {
        let ran = propose(&repository, arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(said), "{arguments:?}: expected `{said}`: {}", ran.stderr);
        // No place is named that nobody has named.
        assert!(!ran.stderr.contains("NNNN"), "{arguments:?}: {}", ran.stderr);
        assert_eq!(names(repository.0.path()), ["draft.json", "genomes", "notes"], "{arguments:?}");
    }
    // On a full disk the directory for proposals is not left behind either; one that was there is.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let limited = || {
        let mut limited = Command::new("sh");
        limited.args(["-c", script, "sh"]).arg(programs().join("genome")).args(["propose", "A title", NEW]);
        run(limited.current_dir(repository.0.path()))
    };
    assert_ran(&limited(), 2, "cannot write the proposal: File too large");
    assert_eq!(names(repository.0.path()), ["draft.json", "genomes", "notes"]);
    fs::create_dir(repository.0.path().join("proposals")).unwrap();
    assert_ran(&limited(), 2, "cannot write the proposal: File too large");
    assert_eq!(names(&repository.0.path().join("proposals")), [""; 0]);
    repository.0.set_mode(".", 0o755);
    for directory in ["genomes", "genomes/v1", "genomes/v2"] {
        repository.0.set_mode(directory, 0o755);
    }
    if let Some(ran) = run_unprivileged(&mut proposing(&repository, &["A title", NEW, "--directory", "changes"])) {
        assert_ran(&ran, 2, "cannot write the directory of the proposals: Permission denied");
    }
}

#[test]
fn several_at_once_get_a_number_each() {
    let repository = repository();
    let titles: Vec<String> = (0..8).map(|number| format!("title {number}")).collect();
    let start = |title: &String| {
        let mut command = proposing(&repository, &[title, NEW]);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = titles.iter().map(start).collect();
    let printed: BTreeSet<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        })
        .collect();
    let made = names(&repository.0.path().join("proposals"));
    assert_eq!(made.iter().map(|name| format!("proposals/{name}")).collect::<BTreeSet<_>>(), printed);
    let numbers: Vec<&str> = made.iter().map(|name| name.split_once('-').unwrap().0).collect();
    assert_eq!(numbers, ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"]);
    for name in &made {
        assert_eq!(read(&repository, &format!("proposals/{name}"))["proposal"], name.split_once('-').unwrap().0);
    }
}

/// The next draft of the same change: it allows one action more, and takes one away.
fn changed() -> Draft {
    new().with("capabilities", capability(&["memory_update", "memory_count"], &["memory_erase"]))
}

#[test]
fn a_changed_draft_is_taken_and_the_rest_stays() {
    let repository = repository();
    assert_ran(&propose(&repository, &[TITLE, NEW]), 0, "proposed 0001");
    repository.0.write(&format!("{FIRST}/rationale.md"), "# Why\n\nBecause.\n");
    fs::create_dir(repository.0.path().join(FIRST).join("tests")).unwrap();
    repository
        .0
        .write(&format!("{FIRST}/tests/ceiling.json"), r#"{"must_allow": ["memory_update"], "must_deny": ["memory_erase"]}"#);
    // What its author has added.
    let mut proposal = read(&repository, FIRST);
    proposal["status"] = "review".into();
    proposal["invariants_impacted"] = json!(["INV-1"]);
    repository.0.write(&format!("{FIRST}/proposal.json"), &proposal.to_string());
    let kept = |name: &str| repository.0.read(&format!("{FIRST}/{name}"));
    let (rationale, probes, text) = (kept("rationale.md"), kept("tests/ceiling.json"), kept("proposal.json"));
    // The same draft is nothing to do.
    let ran = propose(&repository, &["--refresh", "0001", NEW]);
    assert_ran(&ran, 0, "nothing to do, proposed before: 0001");
    assert_eq!((ran.stdout, kept("proposal.json")), (format!("{FIRST}\n"), text));
    repository.0.write(NEW, &changed().document.to_string());
    assert_ran(&repository.0.verify(&["--quiet", "--proposal", FIRST]), 2, "was not found");
    for name in ["0001", FIRST] {
        let ran = propose(&repository, &["--refresh", name, NEW]);
        assert_ran(&ran, 0, if name == "0001" { "refreshed 0001" } else { "nothing to do" });
        assert!(ran.stderr.contains("  breaking    yes\n") && ran.stderr.contains("  status      review\n"), "{}", ran.stderr);
    }
    assert_eq!((kept("rationale.md"), kept("tests/ceiling.json")), (rationale, probes));
    let after = read(&repository, FIRST);
    assert_eq!(
        (&after["title"], &after["status"], &after["to_genome_id"]),
        (&TITLE.into(), &"review".into(), &changed().id().into())
    );
    assert_eq!((&after["invariants_impacted"], &after["breaking"]), (&json!(["INV-1"]), &true.into()));
    assert_ran(&repository.0.verify(&["--quiet", "--proposal", FIRST]), 0, "");
    // An invariant that neither genome has any more is not listed any more.
    let without = |draft: Draft| draft.with("invariants", invariants(&[("INV-2", "HIGH")]));
    let before = without(old());
    repository.0.write("genomes/v1/genome.json", &before.signed(&[1]));
    repository.0.write(NEW, &without(changed()).after(&[&before]).document.to_string());
    assert_ran(&propose(&repository, &["--refresh", FIRST, NEW]), 0, "refreshed 0001");
    let after = read(&repository, FIRST);
    assert_eq!((&after["invariants_impacted"], &after["from_genome_id"]), (&json!([]), &before.id().into()));
}

/// What was decided was decided about another genome: no approval goes over to one that nobody has seen.
#[test]
fn what_was_decided_is_not_refreshed() {
    let repository = repository();
    assert_ran(&propose(&repository, &[TITLE, NEW]), 0, "proposed 0001");
    for status in ["approved", "deployed", "rejected"] {
        let mut proposal = read(&repository, FIRST);
        proposal["status"] = status.into();
        repository.0.write(&format!("{FIRST}/proposal.json"), &proposal.to_string());
        let text = repository.0.read(&format!("{FIRST}/proposal.json"));
        repository.0.write(NEW, &changed().document.to_string());
        let ran = propose(&repository, &["--refresh", "0001", NEW]);
        assert_ran(&ran, 1, &format!("its status is `{status}`, and that was decided about another genome"));
        assert_eq!((ran.stdout.as_str(), repository.0.read(&format!("{FIRST}/proposal.json"))), ("", text));
        repository.0.write(NEW, &new().document.to_string());
        assert_ran(&propose(&repository, &["--refresh", "0001", NEW]), 0, "nothing to do");
    }
    // Two with one number, a directory that is none of a proposal, and a proposal that is none.
    fs::create_dir(repository.0.path().join("proposals/0001-other")).unwrap();
    assert_ran(
        &propose(&repository, &["--refresh", "0001", NEW]),
        2,
        "2 proposals have the number 0001: 0001-let-memory-be-updated-now, 0001-other",
    );
    assert_ran(&propose(&repository, &["--refresh", "0007", NEW]), 2, "no proposal has the number 0007");
    assert_ran(
        &propose(&repository, &["--refresh", "proposals/0001-other", NEW]),
        2,
        "error[GENOME_MISSING]: there is no such file\n  --> proposals/0001-other/proposal.json",
    );
    repository.0.write("proposals/0001-other/proposal.json", "{}");
    assert_ran(&propose(&repository, &["--refresh", "proposals/0001-other", NEW]), 1, "error[GENOME_INVALID_SCHEMA]");
}

/// Whatever system call a refresh dies in, the proposal is the old one or the new one.
#[test]
fn an_interrupted_refresh_leaves_a_whole_proposal() {
    if !has("strace") {
        return;
    }
    let repository = repository();
    assert_ran(&propose(&repository, &[TITLE, NEW]), 0, "proposed 0001");
    let file = format!("{FIRST}/proposal.json");
    let before = repository.0.read(&file);
    repository.0.write(NEW, &changed().document.to_string());
    let mut replaced = 0;
    for calls in ["write", "fsync", "linkat", "rename,renameat,renameat2"] {
        for when in 1.. {
            let mut traced = Command::new("strace");
            traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject={calls}:signal=KILL:when={when}")]);
            traced.arg(programs().join("genome")).args(["propose", "--refresh", "0001", NEW]);
            let ran = run(traced.current_dir(repository.0.path()));
            let text = repository.0.read(&file);
            replaced += usize::from(text != before);
            assert!(text == before || read(&repository, FIRST)["to_genome_id"] == changed().id(), "{calls}:{when}");
            let visible = names(&repository.0.path().join(FIRST));
            let stray: Vec<&String> = visible.iter().filter(|name| name.starts_with('.')).collect();
            for name in stray {
                fs::remove_file(repository.0.path().join(FIRST).join(name)).unwrap();
            }
            repository.0.write(&file, &before);
            if ran.status == Some(0) {
                break;
            }
        }
    }
    assert!(replaced >= 4, "each kind of call was tried to its end");
}

/// What `genome propose` takes from elsewhere, and what to do so that `genome verify --proposal` finds it.
#[test]
fn the_printed_command_finds_the_genomes() {
    let path =
        std::env::join_paths([programs().to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
    let check = |repository: &Repository, said: &str, directory: &str| {
        repository.0.write(&format!("{directory}/rationale.md"), "# Why\n\nBecause.\n");
        let printed = said.lines().skip_while(|line| !line.starts_with("  next  ")).filter_map(|line| line.strip_prefix("  "));
        let commands: Vec<&str> = printed.filter(|line| !line.starts_with("next  ")).collect();
        let mut sh = Command::new("sh");
        sh.args(["-ec", &commands.join("\n")]).current_dir(repository.0.path()).env("PATH", path.as_ref().unwrap());
        assert_ran(&run(&mut sh), 0, "no probe tries the new ceiling");
        commands.join("\n")
    };
    // As people lay it out.
    let usual = repository();
    let ran = propose(&usual, &["A title", NEW]);
    assert!(
        ran.stderr
            .ends_with("  next        check it, now and with each change:\n  genome verify --proposal proposals/0001-a-title\n"),
        "{ran:?}"
    );
    check(&usual, &ran.stderr, "proposals/0001-a-title");
    // Another directory of genomes, one of another depth, and files right here.
    for (directories, lineage) in
        [(["releases/v1", "releases/v2"], "releases"), (["genomes/a/b/v1", "genomes/a/b/v2"], "genomes/a/b"), (["one", "two"], ".")]
    {
        let elsewhere = repository();
        fs::remove_dir_all(elsewhere.0.path().join("genomes")).unwrap();
        for (directory, draft) in directories.iter().zip([old().signed(&[1]), new().document.to_string()]) {
            fs::create_dir_all(elsewhere.0.path().join(directory)).unwrap();
            elsewhere.0.write(&format!("{directory}/genome.json"), &draft);
        }
        let ran = propose(&elsewhere, &["A title", directories[1]]);
        assert_ran(&ran, 0, &format!("  genome verify --proposal proposals/0001-a-title --lineage {lineage}\n"));
        check(&elsewhere, &ran.stderr, "proposals/0001-a-title");
        let ran = propose(&elsewhere, &["--refresh", "1", directories[1]]);
        assert_ran(&ran, 0, &format!("  genome verify --proposal proposals/0001-a-title --lineage {lineage}\n"));
    }
    // One file, whose last version is in git alone.
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.commit();
    tree.write("genome.json", &new().document.to_string());
    let ran = tree.run("genome", &["propose", "A title", "genome.json"]);
    assert_ran(&ran, 0, "  next        put what it is about into the directory of the proposal, where it is found:\n  git show ");
    tree.write("proposals/0001-a-title/rationale.md", "# Why\n\nBecause.\n");
    let commands: Vec<&str> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| ["git ", "cp ", "genome "].iter().any(|start| line.starts_with(start)))
        .collect();
    assert_eq!(commands.len(), 3, "{ran:?}");
    assert_ran(&run(tree.command("sh").args(["-ec", &commands.join("\n")])), 0, "no probe tries the new ceiling");
}

/// A person on a terminal has read where it is: a bare path at the end says nothing to them.
#[test]
fn a_terminal_gets_no_bare_path() {
    if !has("python3") {
        return;
    }
    let repository = repository();
    let typed = Typist { sits_there: true, ..Typist::default() }.run(&proposing(&repository, &["A title", NEW]));
    let shown = typed.shown.replace("\r\n", "\n");
    assert!(shown.ends_with("\n  genome verify --proposal proposals/0001-a-title\n"), "{shown}");
}

#[test]
fn a_genome_of_another_name_is_not_taken() {
    let repository = repository();
    assert_ran(&propose(&repository, &[TITLE, NEW]), 0, "proposed 0001");
    let before = read(&repository, FIRST);
    let other = old().with("name", "OTHER");
    repository.0.write("genomes/other.json", &other.document.to_string());
    for draft in [new().with("name", "OTHER"), new().with("name", "OTHER").after(&[&other])] {
        repository.0.write(NEW, &draft.document.to_string());
        let ran = propose(&repository, &["--refresh", "0001", NEW]);
        assert_ran(&ran, 1, "the genome is called `OTHER`, and the proposal is about `TEST`\n  --> ");
        assert_eq!((ran.stdout.as_str(), read(&repository, FIRST)), ("", before.clone()));
    }
    // What cannot be known is said.
    fs::remove_file(repository.0.path().join("genomes/v1/genome.json")).unwrap();
    assert_ran(&propose(&repository, &["--refresh", "0001", NEW]), 0, "nothing says whether it had the same name");
    // A proposal to change the name goes on with that name.
    let repository = self::repository();
    repository.0.write(NEW, &new().with("name", "OTHER").document.to_string());
    assert_ran(&propose(&repository, &[TITLE, NEW]), 0, "proposed 0001");
    repository.0.write(NEW, &changed().with("name", "OTHER").document.to_string());
    assert_ran(&propose(&repository, &["--refresh", "01", NEW]), 0, "refreshed 0001");
    repository.0.write(NEW, &changed().document.to_string());
    assert_ran(&propose(&repository, &["--refresh", "1", NEW]), 1, "is called `TEST`, and the proposal is about `OTHER`");
}

#[test]
fn a_number_without_its_zeros_is_a_number() {
    let repository = repository();
    assert_ran(&propose(&repository, &[TITLE, NEW]), 0, "proposed 0001");
    for number in ["1", "01", "001", "0001"] {
        assert_ran(&propose(&repository, &["--refresh", number, NEW]), 0, "nothing to do, proposed before: 0001");
    }
    assert_ran(&propose(&repository, &["--refresh", "7", NEW]), 2, "no proposal has the number 0007");
    assert_ran(&propose(&repository, &["--refresh", "./1", NEW]), 2, "  --> ./1/proposal.json");
}

#[test]
fn a_directory_with_the_last_number() {
    let repository = repository();
    fs::create_dir_all(repository.0.path().join("proposals/9999-x")).unwrap();
    let ran = propose(&repository, &[TITLE, NEW]);
    assert_ran(&ran, 2, "there is no number after 9999, which 9999-x has\n");
    assert!(ran.stderr.contains("the next number is 0001 then"), "{ran:?}");
    fs::create_dir(repository.0.path().join("proposals/0041-y")).unwrap();
    assert_ran(&propose(&repository, &[TITLE, NEW]), 2, "the next number is 0042 then; or start another directory of proposals");
    fs::rename(repository.0.path().join("proposals/9999-x"), repository.0.path().join("proposals/x")).unwrap();
    assert_ran(&propose(&repository, &[TITLE, NEW]), 0, "proposed 0042");
}
