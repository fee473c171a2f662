//! `genome-diff NEW`: the parent is found by its id, wherever people keep their genomes.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome_test_support::git::WorkTree;
use genome_test_support::proposal::capability;
use genome_test_support::{Draft, Ran, assert_ran, failing_after_search, has, printed, program, programs, run};
use std::fs;
use std::ops::RangeInclusive;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

fn old() -> Draft {
    Draft::new("1.0.0", &[1], 1)
}

/// The next version, which allows one action more.
fn new() -> Draft {
    old().with("version", "1.1.0").with("capabilities", capability(&["memory_search", "send"], &[])).after(&[&old()])
}

const WIDER: &str = "  widening       action `send` is allowed by `CAP` (risk class B) now, and was allowed by nobody\n";

/// It was compared with the genome that this document shows as its place.
fn assert_compared(ran: &Ran, place: &str) {
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.starts_with(&format!("from  `TEST` 1.0.0  {}  {place}\n", old().id())), "expected {place}: {ran:?}");
    assert!(ran.stdout.contains(WIDER) && ran.stdout.contains("  ok  `parents` names `TEST` 1.0.0"), "{ran:?}");
}

#[test]
fn with_a_directory_for_each_version() {
    let directory = tempfile::tempdir().unwrap();
    let at = |path: &str, text: &str| {
        fs::create_dir_all(directory.path().join(path).parent().unwrap()).unwrap();
        fs::write(directory.path().join(path), text).unwrap();
    };
    at("genomes/v1.1/genome-unsigned.json", &new().document.to_string());
    let diff = |arguments: &[&str]| run(program("genome-diff", directory.path()).args(arguments));
    let ran = diff(&["genomes/v1.1"]);
    let said = format!(
        "its parent {} was not found: it is not in genomes or right in one of its directories; git could not be asked about genome-unsigned.json (git says `not a git repository",
        old().id()
    );
    assert_ran(&ran, 2, &said);
    assert!(ran.stderr.contains("name it: `genome-diff OLD NEW`") && ran.stdout.is_empty(), "{ran:?}");
    // The signed copy counts, wherever it lies.
    at("genomes/a-draft/genome-unsigned.json", &old().document.to_string());
    assert_compared(&diff(&["genomes/v1.1"]), "genomes/a-draft/genome-unsigned.json");
    at("genomes/v1.0/genome.json", &old().signed(&[1]));
    for new in ["genomes/v1.1", "genomes/v1.1/", "./genomes/v1.1/genome-unsigned.json"] {
        let ran = diff(&[new]);
        assert_compared(&ran, "genomes/v1.0/genome.json");
        assert!(ran.stdout.contains("  ok  its parent: 1 of the 1 signatures required"), "{ran:?}");
    }
    // Both named, as directories too, is the same.
    assert_eq!(diff(&["genomes/v1.1"]).stdout, diff(&["genomes/v1.0", "genomes/v1.1"]).stdout);
    assert_eq!(diff(&["--fail-on", "weakening", "genomes/v1.1"]).status, Some(0));
    let report = printed::read("diff-report", &diff(&["--format", "json", "genomes/v1.1"]).stdout);
    assert_eq!((&report["old"]["path"], &report["rightful"]), (&"genomes/v1.0/genome.json".into(), &false.into()));
    // What was found and cannot be read then is said to be that.
    if has("strace") {
        let mut command = program("genome-diff", directory.path());
        let path = directory.path().canonicalize().unwrap().join("genomes/v1.0/genome.json");
        fs::remove_dir_all(directory.path().join("genomes/a-draft")).unwrap();
        let mut failing = failing_after_search(command.arg("genomes/v1.1"), path.to_str().unwrap());
        let ran = run(failing.current_dir(directory.path()));
        assert_ran(&ran, 2, "; a copy cannot be read (genomes/v1.0/genome.json: Input/output error (os error 5))");
    }
    // Nothing is near what comes through a pipe.
    let mut piped = program("genome-diff", directory.path());
    let file = fs::File::open(directory.path().join("genomes/v1.1/genome-unsigned.json")).unwrap();
    let output = piped.arg("-").stdin(file).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("standard input has no place near which it could be"), "{said}");
}

#[test]
fn a_root_is_all_new() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("genome.json"), old().signed(&[1])).unwrap();
    let diff = |arguments: &[&str]| run(program("genome-diff", directory.path()).args(arguments));
    let ran = diff(&["."]);
    let expected = format!(
        "new   `TEST` 1.0.0  {}  ./genome.json\n      it names no parent: it starts a lineage of its own, and all of it is new\n  widening       action `memory_search` is allowed by `CAP` (risk class B) now, and was allowed by nobody\n  weakening      signer `signer-1` (SHA256:",
        old().id()
    );
    assert!(ran.status == Some(1) && ran.stdout.starts_with(&expected), "{ran:?}");
    assert!(ran.stdout.contains("\n  strengthening  threshold: 1 must sign now") && !ran.stdout.contains("successor"), "{ran:?}");
    let report = printed::read("diff-report", &diff(&["--format", "json", "genome.json"]).stdout);
    assert_eq!((&report["old"], &report["rightful"], &report["counts"]["widening"]), (&().into(), &().into(), &1.into()));
    assert_eq!((&report["verdict"], &report["fails"]), (&"differs".into(), &true.into()));
    let markdown = diff(&["--format", "markdown", "genome.json"]).stdout;
    assert!(
        markdown.starts_with("### Genome a new lineage → ``  `TEST` 1.0.0 ``\n") || markdown.contains("a new lineage → "),
        "{markdown}"
    );
    assert!(markdown.contains(&format!("\nGenome id: `{}`\n", old().id())), "{markdown}");
    let github = diff(&["--format", "github", "genome.json"]).stdout;
    assert!(github.contains("compared with nothing, as it names no parent"), "{github}");
    // A root that says nothing but who may sign it fails by that.
    assert_eq!(diff(&["--fail-on", "narrowing", "genome.json"]).status, Some(0));
    assert_eq!(diff(&["--fail-on", "widening", "genome.json"]).status, Some(1));
}

#[test]
fn each_of_several_parents() {
    let directory = tempfile::tempdir().unwrap();
    let at = |path: &str, text: &str| {
        fs::create_dir_all(directory.path().join(path).parent().unwrap()).unwrap();
        fs::write(directory.path().join(path), text).unwrap();
    };
    let other = old().with("name", "OTHER");
    at("g/one/genome.json", &old().signed(&[1]));
    at("g/new/genome-unsigned.json", &new().after(&[&old(), &other]).document.to_string());
    let diff = |arguments: &[&str]| run(program("genome-diff", directory.path()).args(arguments));
    assert_ran(&diff(&["g/new"]), 2, &format!("its parent {} was not found", other.id()));
    at("g/two/genome.json", &other.signed(&[1]));
    let ran = diff(&["g/new"]);
    let froms: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("from  ")).collect();
    assert!(froms.len() == 2 && froms[0].ends_with("g/one/genome.json") && froms[1].ends_with("g/two/genome.json"), "{ran:?}");
    assert_eq!(diff(&["--format", "markdown", "g/new"]).stdout.matches("### Genome ").count(), 2);
    assert_eq!(diff(&["--format", "github", "g/new"]).stdout.matches("a valid successor").count(), 2);
    let ran = diff(&["--format", "json", "g/new"]);
    assert_ran(&ran, 2, "it has 2 parents, and a JSON report is about one: g/one/genome.json, g/two/genome.json");
    assert_eq!(ran.stdout, "");
    // Whoever makes a genome with very many keeps nobody waiting.
    let ids: Vec<String> = (0..17).map(|number| format!("{number:064x}")).collect();
    at("g/new/genome-unsigned.json", &new().with("parents", ids).document.to_string());
    assert_ran(&diff(&["g/new"]), 2, "it names 17 parents");
}

#[test]
fn with_one_file_in_history() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    let first = tree.commit();
    tree.write("genome.json", &new().document.to_string());
    // Not committed yet, committed, and with other versions after it.
    let place = format!("genome.json (at {})", &first[..12]);
    assert_compared(&tree.run("genome-diff", &["genome.json"]), &place);
    tree.commit();
    assert_compared(&tree.run("genome-diff", &["."]), &place);
    let later = new().with("version", "1.2.0").after(&[&new()]);
    tree.write("genome.json", &later.signed(&[1]));
    tree.commit();
    tree.write("genome.json", &new().document.to_string());
    assert_compared(&tree.run("genome-diff", &["genome.json"]), &place);
    // From elsewhere, through a link, and from another work tree of the repository.
    let mut outside = tree.command("genome-diff");
    assert_compared(&run(outside.current_dir("/").arg(tree.path().join("genome.json"))), &place);
    symlink(tree.path(), tree.path().join("../link")).unwrap();
    let mut linked = tree.command("genome-diff");
    assert_compared(&run(linked.current_dir(tree.path().join("..")).arg("link/genome.json")), &place);
    tree.git(&["worktree", "add", "--quiet", "../second"]);
    fs::copy(tree.path().join("genome.json"), tree.path().join("../second/genome.json")).unwrap();
    let mut second = tree.command("genome-diff");
    assert_compared(&run(second.current_dir(tree.path().join("../second")).arg("genome.json")), &place);
    // As git runs a hook.
    let mut hook = tree.command("genome-diff");
    assert_compared(&run(hook.env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/index").arg("genome.json")), &place);
}

#[test]
fn a_file_that_was_renamed_or_is_another() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    let first = tree.commit();
    tree.git(&["rm", "--quiet", "genome.json"]);
    tree.write("releases/now/genome.json", &new().document.to_string());
    tree.commit();
    let ran = tree.run("genome-diff", &["releases/now"]);
    assert_compared(&ran, &format!("genome.json (at {})", &first[..12]));
    // The directory of the old version is gone, and the draft is no version of any file.
    tree.write("genomes/v1.0/genome.json", &old().signed(&[1]));
    let second = tree.commit();
    tree.git(&["rm", "--quiet", "-r", "genomes/v1.0"]);
    tree.commit();
    tree.write("genomes/v1.1/genome-unsigned.json", &new().document.to_string());
    assert_compared(&tree.run("genome-diff", &["genomes/v1.1"]), &format!("genomes/v1.0/genome.json (at {})", &second[..12]));
    // A draft that was overwritten does not hide what was signed.
    tree.write("one/genome.json", &old().signed(&[1]));
    tree.write("one/genome-unsigned.json", &old().document.to_string());
    tree.commit();
    for name in ["one/genome.json", "one/genome-unsigned.json"] {
        tree.write(name, &new().document.to_string());
    }
    tree.git(&["rm", "--quiet", "--cached", "-r", "genomes"]);
    tree.git(&["add", "--all"]);
    let ran = tree.run("genome-diff", &["one/genome-unsigned.json"]);
    assert!(ran.status == Some(1) && ran.stdout.contains("  ok  its parent: 1 of the 1 signatures required"), "{ran:?}");
}

#[test]
fn what_a_shallow_clone_does_not_have() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.commit();
    tree.write("genome.json", &new().document.to_string());
    tree.commit();
    let from = format!("file://{}", tree.path().display());
    tree.git(&["clone", "--quiet", "--depth", "1", &from, "../shallow"]);
    let diff = || run(tree.command("genome-diff").current_dir(tree.path().join("../shallow")).arg("genome.json"));
    let ran = diff();
    assert_ran(&ran, 2, "and not in the history of genome.json and the files near it");
    assert!(ran.stderr.contains("help: the clone is shallow: fetch the rest with `git fetch --unshallow`"), "{ran:?}");
    // What is not here is not fetched behind anybody's back.
    tree.git(&["config", "uploadpack.allowFilter", "true"]);
    tree.git(&["clone", "--quiet", "--filter=blob:none", &from, "../partial"]);
    let ran = run(tree.command("genome-diff").current_dir(tree.path().join("../partial")).arg("genome.json"));
    assert_ran(&ran, 2, "help: the clone is partial, and some versions are not in it");
    tree.git(&["-C", "../shallow", "fetch", "--quiet", "--unshallow"]);
    assert_eq!(diff().status, Some(1));
}

#[test]
fn names_that_git_could_take_for_something_else() {
    let Some(tree) = WorkTree::new() else { return };
    for name in ["--output=x", ":(top)genome.json", "*.json", "a\nb\t\"'.json", ":100644 100644 M", "g\u{e9}nome.json"] {
        tree.write(name, &old().signed(&[1]));
        tree.commit();
        tree.write(name, &new().document.to_string());
        let ran = run(tree.command("genome-diff").arg(Path::new(".").join(name)));
        assert_eq!(ran.status, Some(1), "{name}: {ran:?}");
        assert!(ran.stdout.contains(WIDER) && ran.stdout.contains(" (at "), "{name}: {ran:?}");
        assert!(ran.stdout.lines().count() > 8 && ran.stdout.lines().next().unwrap().ends_with(')'), "{name}: {ran:?}");
        tree.remove(name);
        tree.commit();
    }
    assert!(!tree.path().join("x").exists());
}

/// A program `git` that is the real one, but for what this script does first.
fn with_git_that(tree: &WorkTree, does: &str) -> impl Fn(&[&str]) -> Ran {
    let bin = tree.path().join("../bin");
    fs::create_dir_all(&bin).unwrap();
    let git = run(tree.command("sh").args(["-c", "command -v git"])).stdout;
    fs::write(bin.join("git"), format!("#!/bin/sh\n{does}\nexec {} \"$@\"\n", git.trim())).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    move |arguments| run(tree.command(programs().join("genome-diff")).env("PATH", &bin).args(arguments))
}

#[test]
fn what_was_found_counts_where_git_then_fails() {
    let Some(tree) = WorkTree::new() else { return };
    // It is not signed, so that git is asked for a signed one near it.
    tree.write("genome.json", &old().document.to_string());
    let first = tree.commit();
    tree.write("genome.json", &new().document.to_string());
    tree.commit();
    let diff = with_git_that(&tree, "case \"$*\" in *--max-count*) echo 'fatal: broken' >&2; exit 128;; esac");
    assert_compared(&diff(&["genome.json"]), &format!("genome.json (at {})", &first[..12]));
    // Also for the parent after it; and where one is not found, that is said.
    let other = old().with("name", "OTHER");
    tree.write("genome.json", &new().after(&[&old(), &other]).document.to_string());
    let said = format!(
        "its parent {} was not found: it is not in .. or right in one of its directories, and not in the history of genome.json; git could not be asked about the files near genome.json (git says `broken`, asked in .)",
        other.id()
    );
    let top = tree.path().canonicalize().unwrap().join("..").canonicalize().unwrap();
    assert_ran(&diff(&["genome.json"]), 2, &said.replace("in ..", &format!("in {}", top.display())));
}

#[test]
fn a_history_that_is_not_read_to_its_beginning() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("old/genome.json", &old().signed(&[1]));
    tree.commit();
    // It is gone before the other is there, so that git does not take it for the same file.
    tree.remove("old/genome.json");
    tree.commit();
    tree.write("genome.json", &new().document.to_string());
    tree.commit();
    let more = |numbers: RangeInclusive<usize>| {
        let first = *numbers.start();
        let commits = numbers.map(|number| {
            let from = if number == first { "from refs/heads/main^0\n" } else { "" };
            let file = format!("{{\"number\": {number}}}");
            let commit = format!("commit refs/heads/main\ncommitter A <a@example.org> {number} +0000\ndata 1\nx\n{from}");
            format!("{commit}M 100644 inline x/a.json\ndata {}\n{file}\n", file.len())
        });
        let stream: Vec<String> = commits.collect();
        fs::write(tree.path().join("../stream"), stream.concat()).unwrap();
        assert_eq!(run(tree.command("sh").args(["-c", "git fast-import --quiet < ../stream"])).status, Some(0));
        tree.git(&["reset", "--quiet", "--hard"]);
    };
    // With the three before these all that are read.
    more(1..=1997);
    let ran = tree.run("genome-diff", &["genome.json"]);
    assert!(ran.status == Some(1) && ran.stdout.contains(" old/genome.json (at "), "{ran:?}");
    more(1998..=1999);
    let ran = tree.run("genome-diff", &["genome.json"]);
    assert_ran(&ran, 2, "and not in the newest 2000 commits of the history of genome.json and the files near it\n");
}

/// What a repository configures, and what its attributes name, is never run.
#[test]
fn nothing_that_the_repository_configures_is_run() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.write(".gitattributes", "*.json diff=evil filter=evil merge=evil\n");
    tree.commit();
    // A merge of two versions, which git can be told to do once more (`--remerge-diff`).
    tree.git(&["checkout", "--quiet", "-b", "side"]);
    tree.write("genome.json", &old().with("version", "0.9.0").signed(&[1]));
    tree.commit();
    tree.git(&["checkout", "--quiet", "main"]);
    tree.write("genome.json", &old().with("version", "0.8.0").signed(&[1]));
    tree.commit();
    tree.git(&["merge", "--quiet", "--strategy=ours", "--no-edit", "side"]);
    tree.write("genome.json", &new().document.to_string());
    tree.commit();
    let evil = tree.path().join("../evil");
    let ran_file = tree.path().join("../ran");
    fs::write(&evil, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", ran_file.display())).unwrap();
    fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).unwrap();
    let evil = evil.display().to_string();
    let hooks = tree.path().join("../hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in ["post-index-change", "reference-transaction", "fsmonitor-watchman", "post-checkout"] {
        symlink(&evil, hooks.join(hook)).unwrap();
    }
    for name in [
        "core.fsmonitor",
        "core.pager",
        "pager.log",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "gpg.program",
        "core.sshCommand",
        "core.gitProxy",
        "core.editor",
        "core.askPass",
        "credential.helper",
        "alias.log",
        "alias.rev-parse",
        "alias.cat-file",
    ] {
        tree.git(&["config", name, &evil]);
    }
    for (name, value) in [
        ("core.hooksPath", hooks.to_str().unwrap()),
        ("log.showSignature", "true"),
        ("log.diffMerges", "remerge"),
        ("log.follow", "false"),
        ("diff.renames", "false"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("log.date", "raw"),
        ("format.pretty", "fuller"),
        ("log.mailmap", "true"),
        ("diff.noprefix", "true"),
    ] {
        tree.git(&["config", name, value]);
    }
    // Setting these may have run something; what counts comes now. Its times say that the file may have changed.
    let _ = fs::remove_file(&ran_file);
    tree.write("genome.json", &new().document.to_string());
    assert_eq!(tree.run("genome-diff", &["genome.json"]).status, Some(1));
    assert_eq!(tree.run("genome-diff", &["--since", "HEAD^"]).status, Some(1));
    assert!(!ran_file.exists(), "{}", fs::read_to_string(&ran_file).unwrap());
    // The trap is set: git itself springs it.
    assert!(run(tree.command("git").args(["diff", "HEAD^"])).status.is_some() && ran_file.exists());
}

#[test]
fn without_git_and_with_a_program_of_that_name_in_the_working_directory() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.commit();
    tree.write("genome.json", &new().document.to_string());
    tree.write("git", "#!/bin/sh\ntouch ran\n");
    fs::set_permissions(tree.path().join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    for path in ["", ".", ":.", "/nowhere"] {
        let mut command = program("genome-diff", &tree.path());
        let ran = run(command.env("PATH", path).arg("genome.json"));
        assert_ran(&ran, 2, "; git could not be asked about genome.json (the program git is not in PATH, asked in .)");
    }
    assert!(!tree.path().join("ran").exists());
}
