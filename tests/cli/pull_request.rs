//! The job for pull requests, as people paste it, over a real repository in both layouts.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome_test_support::git::WorkTree;
use genome_test_support::proposal::capability;
use genome_test_support::{Draft, Ran, assert_ran, programs, repository, run};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

/// What the documents show, to the letter.
const WORKFLOW: &str = "\
on: pull_request
permissions:
  contents: read
  pull-requests: write
jobs:
  genome:
    runs-on: ubuntu-latest
    env:
      GH_TOKEN: ${{ github.token }}
    steps:
      # What is checked out is the merge, whose first parent is the branch that it goes into.
      - uses: actions/checkout@v5
        with: { fetch-depth: 2 }
      - name: Beside the lines
        run: genome-diff --since HEAD^ --format github --fail-on widening,weakening
      - name: What it means
        if: always()
        run: genome-diff --since HEAD^ --format markdown --fail-on widening,weakening > change.md
      - name: Say so
        if: always()
        run: gh pr comment ${{ github.event.number }} --edit-last --create-if-none --body-file change.md
";

#[test]
fn the_job_is_that_of_the_documents() {
    let page = fs::read_to_string(repository().join("docs/src/release/git.md")).unwrap();
    let shown = page.split_once("```yaml\n").unwrap().1.split_once("```\n").unwrap().0;
    assert_eq!(shown, WORKFLOW);
}

/// A branch, and a pull request that goes into it.
struct PullRequest(WorkTree);

/// What the job says: whether each step is green, what it annotates, and its comment.
#[derive(Debug)]
struct Job {
    green: bool,
    annotations: String,
    comment: String,
    /// What the steps say besides.
    said: String,
}

impl PullRequest {
    /// The branch holds what this puts there.
    fn onto(put: impl FnOnce(&WorkTree)) -> Option<Self> {
        let tree = WorkTree::new()?;
        tree.write("README.md", "a project\n");
        tree.write("package.json", "{\"name\": \"a project\"}");
        put(&tree);
        tree.commit();
        tree.git(&["checkout", "--quiet", "-b", "change"]);
        Some(Self(tree))
    }

    /// The pull request changes what this changes; the branch gets another commit meanwhile.
    fn change(&self, change: impl FnOnce(&WorkTree)) -> &Self {
        let tree = &self.0;
        change(tree);
        tree.write("package.json", "{\"name\": \"a project\", \"version\": 2}");
        tree.commit();
        tree.git(&["checkout", "--quiet", "main"]);
        tree.write("other.txt", "of somebody else\n");
        tree.commit();
        tree.git(&["merge", "--quiet", "--no-ff", "--no-edit", "change"]);
        self
    }

    /// Runs the job on the merge, in a clone of the depth that it asks for.
    fn job(&self) -> Job {
        let tree = &self.0;
        let _ = fs::remove_dir_all(tree.path().join("../runner"));
        let depth = WORKFLOW.split_once("fetch-depth: ").unwrap().1.split_once(' ').unwrap().0;
        tree.git(&["clone", "--quiet", "--depth", depth, &format!("file://{}", tree.path().display()), "../runner"]);
        let runner = tree.path().join("../runner");
        fs::create_dir_all(runner.join("../bin")).unwrap();
        let gh = runner.join("../bin/gh");
        // `gh pr comment NUMBER ... --body-file FILE`, whose body has at most 65,536 characters.
        fs::write(&gh, "#!/bin/sh\n[ \"$1 $2 $3\" = 'pr comment 7' ] && for last; do :; done && cp \"$last\" ../comment.md\n")
            .unwrap();
        fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
        let mut job = Job { green: true, annotations: String::new(), comment: String::new(), said: String::new() };
        let steps: Vec<&str> = WORKFLOW.lines().filter_map(|line| line.trim().strip_prefix("run: ")).collect();
        assert_eq!(steps.len(), 3);
        for step in steps {
            // As the runner does it: `bash -e {0}`.
            let mut bash = tree.command("bash");
            let path = bash.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
            let mut first = runner.join("../bin").canonicalize().unwrap().into_os_string();
            first.push(":");
            first.push(path);
            let step = step.replace("${{ github.event.number }}", "7");
            bash.args(["-e", "-c", &step]).current_dir(&runner).env("PATH", first).env("GITHUB_WORKSPACE", &runner);
            let ran = run(&mut bash);
            job.green &= ran.status == Some(0);
            job.annotations += &ran.stdout;
            job.said += &ran.stderr;
        }
        job.comment = fs::read_to_string(runner.join("../comment.md")).unwrap();
        assert!(job.comment.chars().count() <= 65_536);
        job
    }

    fn since(&self, arguments: &[&str]) -> Ran {
        self.0.run("genome-diff", &[&["--since", "HEAD^"], arguments].concat())
    }
}

fn old() -> Draft {
    Draft::new("1.0.0", &[1], 1)
}

fn wider() -> Draft {
    old().with("version", "1.1.0").with("capabilities", capability(&["memory_search", "send"], &[])).after(&[&old()])
}

fn narrower() -> Draft {
    old().with("version", "1.1.0").with("capabilities", capability(&[], &["memory_search"])).after(&[&old()])
}

const WIDER: &str = "widening: action `send` is allowed by `CAP` (risk class B) now, and was allowed by nobody";

#[test]
fn one_file_that_changes_in_history() {
    for (new, green) in [(wider(), false), (narrower(), true)] {
        let Some(request) = PullRequest::onto(|tree| tree.write("genome.json", &old().signed(&[1]))) else { return };
        let job = request.change(|tree| tree.write("genome.json", &new.signed(&[1]))).job();
        assert_eq!(job.green, green, "{job:?}");
        assert!(job.comment.contains("`genome.json is changed`") && job.comment.contains("\n**a valid successor**\n"), "{job:?}");
        assert_eq!(job.annotations.contains(&format!("::error file=genome.json::{WIDER}")), !green, "{job:?}");
        assert_eq!(job.said, "");
    }
}

#[test]
fn a_directory_for_each_version() {
    for (new, green) in [(wider(), false), (narrower(), true)] {
        let Some(request) = PullRequest::onto(|tree| tree.write("genomes/v1.0/genome.json", &old().signed(&[1]))) else { return };
        request.change(|tree| {
            tree.write("genomes/v1.1/genome-unsigned.json", &new.document.to_string());
            tree.write("genomes/v1.1/genome.json", &new.signed(&[1]));
        });
        let job = request.job();
        assert_eq!(job.green, green, "{job:?}");
        // The draft beside it is said once, and what was signed is what counts.
        assert_eq!(job.comment.matches("### Genome ").count(), 1, "{job:?}");
        let said = "`genomes/v1.1/genome.json is added, and the same genome as genomes/v1.1/genome-unsigned.json`";
        assert!(job.comment.contains(said) && job.comment.contains("\n**a valid successor**\n"), "{job:?}");
        assert_eq!(job.annotations.contains(&format!("::error file=genomes/v1.1/genome.json::{WIDER}")), !green, "{job:?}");
    }
}

#[test]
fn nothing_of_a_genome() {
    let Some(request) = PullRequest::onto(|tree| tree.write("genome.json", &old().signed(&[1]))) else { return };
    // White space, and the order of members, say nothing.
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&old().signed(&[1])).unwrap()).unwrap();
    let job = request.change(|tree| tree.write("genome.json", &pretty)).job();
    assert!(job.green && job.comment.starts_with("### ``no genome differs from `HEAD^` ("), "{job:?}");
    assert!(job.annotations.starts_with("::notice ::no genome differs from `HEAD^`") && job.said.is_empty(), "{job:?}");
    assert_eq!(request.since(&[]).status, Some(0));
}

/// Signatures come one after the other, each with a pull request of its own.
#[test]
fn a_genome_that_is_signed_by_one_more() {
    let new = Draft::new("1.0.0", &[1, 2], 2);
    for (before, after, green) in [(&[1][..], &[1, 2][..], true), (&[1, 2], &[2], false)] {
        let Some(request) = PullRequest::onto(|tree| tree.write("genome.json", &new.signed(before))) else { return };
        let job = request.change(|tree| tree.write("genome.json", &new.signed(after))).job();
        let said = format!(
            "only its signatures are others, of which {} by its signers verify, and {} did before",
            after.len(),
            before.len()
        );
        assert!(job.green == green && job.comment.contains(&said) && job.annotations.contains(&said), "{job:?}");
    }
}

#[test]
fn a_genome_that_is_moved() {
    for (layout, to) in [("genome.json", "deploy/genome.json"), ("genomes/v1.0/genome.json", "genomes/v1/genome.json")] {
        let Some(request) = PullRequest::onto(|tree| tree.write(layout, &old().signed(&[1]))) else { return };
        request.change(|tree| {
            tree.remove(layout);
            tree.write(to, &old().signed(&[1]));
        });
        let job = request.job();
        assert!(job.green && job.comment.contains(&format!("`{to} is moved from {layout}`")), "{job:?}");
        assert!(job.comment.contains("**no change of meaning**"), "{job:?}");
        assert_eq!(request.since(&[]).status, Some(0));
        // Moved, and changed too: compared with what it was.
        let Some(request) = PullRequest::onto(|tree| tree.write(layout, &old().signed(&[1]))) else { return };
        request.change(|tree| {
            tree.remove(layout);
            tree.write(to, &wider().signed(&[1]));
        });
        let job = request.job();
        assert!(!job.green && job.comment.contains(&format!("`{to} is added; its parent is gone from {layout}`")), "{job:?}");
        assert!(job.annotations.contains(WIDER), "{job:?}");
    }
}

#[test]
fn two_that_descend_from_one_that_is_gone() {
    let Some(request) = PullRequest::onto(|tree| tree.write("old/genome.json", &old().signed(&[1]))) else { return };
    request.change(|tree| {
        tree.remove("old/genome.json");
        tree.write("x/b/genome.json", &narrower().signed(&[1]));
        tree.write("x/a/genome.json", &narrower().with("created_at", "2021-01-31T00:00:00Z").signed(&[1]));
    });
    let job = request.job();
    assert!(
        job.green && job.said.is_empty() && job.comment.matches("its parent is gone from old/genome.json").count() == 1,
        "{job:?}"
    );
    assert_eq!(job.comment.matches("**1 narrowing, ").count(), 2, "{job:?}");
    assert!(job.comment.find("`x/a/").unwrap() < job.comment.find("`x/b/").unwrap(), "{job:?}");
}

#[test]
fn a_genome_that_is_deleted() {
    for layout in ["genome.json", "genomes/v1.0/genome.json"] {
        let Some(request) = PullRequest::onto(|tree| tree.write(layout, &old().signed(&[1]))) else { return };
        let job = request.change(|tree| tree.remove(layout)).job();
        let said = format!("the genome `TEST` 1.0.0 ({}) is deleted: what descends from it may need it to be verified", old().id());
        assert!(!job.green && job.comment.contains(&said) && job.comment.contains("**1 weakening**"), "{job:?}");
        assert!(job.annotations.contains(&format!("::error file={layout}::weakening: {said}")), "{job:?}");
        assert_eq!(request.since(&["--fail-on", "widening"]).status, Some(0));
        assert_eq!(request.since(&[]).status, Some(1));
    }
    // The draft of what was signed may go.
    let both = |tree: &WorkTree| {
        tree.write("g/genome-unsigned.json", &old().document.to_string());
        tree.write("g/genome.json", &old().signed(&[1]));
    };
    let Some(request) = PullRequest::onto(both) else { return };
    let job = request.change(|tree| tree.remove("g/genome-unsigned.json")).job();
    assert!(job.green && job.comment.contains("is deleted here, and is still in g/genome.json"), "{job:?}");
}

/// A draft is not what was approved, so it does not stand for it.
#[test]
fn a_draft_does_not_stand_for_what_was_signed() {
    type Change = fn(&WorkTree);
    let both = |tree: &WorkTree| {
        tree.write("g/genome-unsigned.json", &old().document.to_string());
        tree.write("g/genome.json", &old().signed(&[1]));
    };
    let said = "weakening: the genome `TEST` 1.0.0 (";
    // The draft stays, or is put elsewhere, or is of a child.
    let cases: [(Change, &str); 3] = [
        (|_| (), "is deleted here, and g/genome-unsigned.json is the same genome, but signed by fewer"),
        (
            |tree| {
                tree.remove("g/genome-unsigned.json");
                tree.write("h/draft.json", &old().document.to_string());
            },
            "is deleted here, and h/draft.json is the same genome, but signed by fewer",
        ),
        (
            |tree| {
                tree.remove("g/genome-unsigned.json");
                tree.write("h/draft.json", &narrower().document.to_string());
            },
            "is deleted: what descends from it may need it to be verified",
        ),
    ];
    for (change, words) in cases {
        let Some(request) = PullRequest::onto(both) else { return };
        request.change(|tree| {
            tree.remove("g/genome.json");
            change(tree);
        });
        let job = request.job();
        assert!(!job.green && job.annotations.contains(&format!("::error file=g/genome.json::{said}")), "{job:?}");
        assert!(job.comment.contains(words), "{words}: {job:?}");
        assert_eq!(request.since(&["--fail-on", "weakening"]).status, Some(1), "{words}");
    }
    // What is signed enough does.
    let Some(request) = PullRequest::onto(both) else { return };
    request.change(|tree| {
        tree.remove("g/genome.json");
        tree.remove("g/genome-unsigned.json");
        tree.write("h/genome.json", &narrower().signed(&[1]));
    });
    let job = request.job();
    assert!(job.green && job.comment.contains("its parent is gone from "), "{job:?}");
}

#[test]
fn each_copy_that_goes_is_said() {
    let Some(request) = PullRequest::onto(|tree| {
        for name in ["a", "b", "c"] {
            tree.write(format!("{name}/genome.json"), &old().signed(&[1]));
        }
    }) else {
        return;
    };
    request.change(|tree| {
        for name in ["a", "b", "c"] {
            tree.remove(format!("{name}/genome.json"));
        }
        tree.write("d/genome.json", &old().signed(&[1]));
    });
    let job = request.job();
    assert!(job.green && job.comment.contains("`d/genome.json is moved from a/genome.json`"), "{job:?}");
    for name in ["b", "c"] {
        assert!(job.comment.contains(&format!("{name}/genome.json: the genome")), "{job:?}");
    }
    assert_eq!(job.comment.matches("is deleted here, and is still in d/genome.json").count(), 2, "{job:?}");
}

/// Whatever hides a change from the job, the job is not green.
#[test]
fn what_would_hide_a_change() {
    type Change = fn(&WorkTree);
    let cases: [(&str, Change, &str); 12] = [
        (
            "a root that allows something",
            |tree| tree.write("new/genome.json", &old().with("name", "NEW").signed(&[1])),
            "it names no parent",
        ),
        (
            "a parent that is not there",
            |tree| {
                tree.write("new/genome.json", &wider().after(&[&old().with("version", "0.9.0")]).signed(&[1]));
            },
            "was not found",
        ),
        (
            "a link to the version in use",
            |tree| {
                tree.remove("genomes/current");
                symlink("../d", tree.path().join("genomes/current")).unwrap();
            },
            "genomes/current: a link, which is not followed, leads to ../d now, and led to v1.0",
        ),
        (
            "a parent that nobody has signed",
            |tree| {
                tree.write("new/genome.json", &wider().with("version", "1.2.0").after(&[&wider()]).signed(&[1]));
            },
            "is added: the genome before is signed by too few",
        ),
        ("a genome that cannot be read any more", |tree| tree.write("genome.json", "{"), "error[GENOME_INVALID_JSON]"),
        ("a genome that is none any more", |tree| tree.write("config/old.json", "{}"), "a genome was here at "),
        (
            "a new one that cannot be read",
            |tree| tree.write("v/genome.json", "{\"schema_version\": 1}"),
            "error[GENOME_INVALID_SCHEMA]",
        ),
        (
            "one by another name that says what it is",
            |tree| {
                let broken = wider().with("threshold", 7).document.to_string();
                tree.write("config/ceiling.json", &broken);
            },
            "error[GENOME_INVALID_SCHEMA]",
        ),
        (
            "a link in its place",
            |tree| {
                tree.remove("genome.json");
                symlink("../elsewhere.json", tree.path().join("genome.json")).unwrap();
            },
            "a link, which is not followed, leads to ../elsewhere.json now, and led to nothing",
        ),
        (
            "parents that name only an older one",
            |tree| {
                tree.write("genome.json", &wider().with("version", "1.2.0").signed(&[1]));
            },
            "widening",
        ),
        ("a draft that was there is signed", |tree| tree.write("d/genome.json", &wider().signed(&[1])), "is added"),
        (
            "a name that git ignores by default",
            |tree| tree.write("genomes/v1.1 $(touch hacked)\n::error::x/genome.json", &wider().signed(&[1])),
            "widening",
        ),
    ];
    for (what, change, said) in cases {
        let start = |tree: &WorkTree| {
            tree.write("genome.json", &old().signed(&[1]));
            tree.write("d/genome-unsigned.json", &wider().document.to_string());
            tree.write("config/old.json", &old().signed(&[1]));
            tree.write("genomes/v1.0/genome.json", &old().signed(&[1]));
            symlink("v1.0", tree.path().join("genomes/current")).unwrap();
            symlink("elsewhere", tree.path().join("link")).unwrap();
        };
        let Some(request) = PullRequest::onto(start) else { return };
        let job = request.change(change).job();
        assert!(
            !job.green && !job.comment.contains("no genome differs") && job.annotations.contains("::error "),
            "{what}: {job:?}"
        );
        assert!(format!("{}{}", job.comment, job.said).contains(said), "{what}: {job:?}");
        assert!(
            job.annotations.lines().all(|line| ["::error ", "::warning ", "::notice "].iter().any(|level| line.starts_with(level)))
        );
        assert_ne!(request.since(&[]).status, Some(0), "{what}");
    }
}

#[test]
fn many_genomes_fit_a_comment() {
    let Some(request) = PullRequest::onto(|tree| tree.write("genomes/0/genome.json", &old().signed(&[1]))) else { return };
    let actions: Vec<String> = (0..200).map(|number| format!("action_{number}")).collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    request.change(|tree| {
        for number in 1..120 {
            let new = old().with("version", format!("1.{number}.0")).after(&[&old()]);
            let new = if number == 77 { new.with("capabilities", capability(&actions, &[])) } else { new };
            tree.write(format!("genomes/{number}/genome.json"), &new.signed(&[1]));
        }
    });
    let job = request.job();
    assert!(!job.green && job.comment.contains("**200 widening"), "{}", job.comment.len());
    // What widens comes first, and what is left out is counted.
    assert!(job.comment.find("genomes/77/").unwrap() < job.comment.find("genomes/1/").unwrap());
    assert_eq!(job.annotations.lines().filter(|line| line.starts_with("::error ")).count(), 10);
}

#[test]
fn where_to_look_and_since_when() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("a/genome.json", &old().signed(&[1]));
    tree.write("b/odd-name", &old().signed(&[1]));
    tree.write(".gitignore", "ignored\n");
    tree.commit();
    tree.git(&["tag", "v1"]);
    let diff = |arguments: &[&str]| tree.run("genome-diff", &[&["--since", "v1"], arguments].concat());
    assert_ran(&diff(&[]), 0, "");
    // Not committed, not even tracked.
    tree.write("a/genome.json", &narrower().signed(&[1]));
    tree.write("b/odd-name", &wider().signed(&[1]));
    tree.write("c/genome-unsigned.json", &wider().document.to_string());
    tree.write("ignored/genome.json", &wider().signed(&[1]));
    let firsts = |ran: &Ran| {
        ran.stdout.lines().filter(|line| !line.starts_with(' ') && line.contains(" is ")).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(firsts(&diff(&[])), ["c/genome-unsigned.json is added", "a/genome.json is changed"]);
    assert_eq!(firsts(&diff(&["a"])), ["a/genome.json is changed"]);
    assert_eq!(firsts(&diff(&["./a/../a/genome.json"])), ["a/genome.json is changed"]);
    // What is named is looked at whatever its name is.
    assert_eq!(firsts(&diff(&["b/odd-name", "a"])), ["b/odd-name is changed", "a/genome.json is changed"]);
    let mut below = tree.command("genome-diff");
    let ran = run(below.current_dir(tree.path().join("a")).args(["--since", "v1", "."]));
    assert_eq!(firsts(&ran), ["genome.json is changed"]);
    assert_eq!(diff(&["--fail-on", "widening", "a"]).status, Some(0));
    assert_ran(&diff(&["nowhere"]), 2, "nothing is there, neither at ");
    assert_ran(&diff(&["/"]), 2, "it is not in the work tree of this repository");
    assert_ran(&tree.run("genome-diff", &["--since", "v2"]), 2, "there is no commit `v2`: git says `Needed a single revision`");
    assert_ran(&tree.run("genome-diff", &["--since", "v1:a"]), 2, "there is no commit `v1:a`");
    // A sparse checkout deletes nothing.
    tree.git(&["stash", "--quiet", "--include-untracked"]);
    tree.git(&["sparse-checkout", "set", "--no-cone", "/b/"]);
    assert!(!tree.path().join("a").exists());
    assert_ran(&diff(&[]), 0, "");
    // Nor does it hide what is committed.
    tree.git(&["sparse-checkout", "disable"]);
    tree.write("a/genome.json", &wider().signed(&[1]));
    tree.commit();
    tree.git(&["sparse-checkout", "set", "--no-cone", "/b/"]);
    assert_ran(&diff(&[]), 2, "it is another, and a sparse checkout leaves it out\n  --> a/genome.json\n");
}

/// That there is no such commit is said only where git says so; and a shallow clone is to blame only where it may be.
#[test]
fn a_revision_that_is_not_found() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.commit();
    tree.commit();
    tree.git(&["clone", "--quiet", "--depth", "1", &format!("file://{}", tree.path().display()), "../shallow"]);
    let since = |at: &str, revision: &str| {
        let mut diff = tree.command(programs().join("genome-diff"));
        run(diff.current_dir(tree.path().join(at)).args(["--since", revision]))
    };
    let name = "help: name a commit, a branch or a tag, as for git diff";
    for (at, revision, help) in [
        ("../shallow", "HEAD^", "help: the clone is shallow: fetch more, in GitHub Actions"),
        ("../shallow", "HEAD~7^2", "help: the clone is shallow: fetch more, in GitHub Actions"),
        ("../shallow", "mian", &format!("{name}; the clone is shallow, and may lack it: fetch it then\n")),
        ("../shallow", "mian^", &format!("{name}; the clone is shallow, and may lack it: fetch it then\n")),
        (".", "HEAD~7", &format!("{name}\n")),
    ] {
        let ran = since(at, revision);
        assert_ran(&ran, 2, &format!("error: there is no commit `{revision}`: git says `Needed a single revision`\n"));
        assert!(ran.stderr.contains(help), "{at} {revision}: {ran:?}");
    }
    // A program that is gone once it has said where the top is.
    let bin = tree.path().join("../bin");
    fs::create_dir(&bin).unwrap();
    let git = run(tree.command("sh").args(["-c", "command -v git"])).stdout;
    let script = format!("#!/bin/sh\ncase \"$*\" in *--show-toplevel*) /bin/rm \"$0\";; esac\nexec {} \"$@\"\n", git.trim());
    fs::write(bin.join("git"), script).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut diff = tree.command(programs().join("genome-diff"));
    let ran = run(diff.env("PATH", &bin).args(["--since", "HEAD"]));
    assert_ran(&ran, 2, "error: git could not be asked which commit `HEAD` is: git cannot be asked: No such file or directory");
    assert!(!ran.stderr.contains("there is no commit") && !ran.stderr.contains("shallow"), "{ran:?}");
}

/// A link that chooses the genome in use, whatever it is called and wherever it leads.
#[test]
fn a_link_that_leads_to_a_genome() {
    // The link, where it led, where it leads now, the arguments, and why that cannot be told, if it cannot.
    let cases: [(&str, &str, &str, &[&str], &str); 11] = [
        ("genome", "genomes/v1/genome.json", "genomes/v2/genome.json", &[], ""),
        ("file", "odd/one", "odd/two", &[], ""),
        ("live", "genomes", "README.md", &[], ""),
        ("live", "here/v1", "here/v2", &[], ""),
        ("live", "hop", "nowhere", &[], ""),
        ("live", "nowhere", "/opt/genomes", &[], "it leads through an absolute path"),
        ("live", "genomes/v1", "../outside", &[], "it leads out of the work tree"),
        ("live", "genomes/v1", "live", &[], "it leads back to itself, or through more than 40 links"),
        ("live", "genomes/v1", ".git/config", &[], "it leads into the directory .git"),
        ("live", "genomes/v1", "ignored", &[], "git does not track what is there"),
        ("links/live", "../genomes/v1", "../genomes/v2", &["links"], ""),
    ];
    for (link, from, to, arguments, untold) in cases {
        let Some(request) = PullRequest::onto(|tree| {
            for (name, genome) in [("1", old()), ("2", wider())] {
                tree.write(format!("genomes/v{name}/genome.json"), &genome.signed(&[1]));
                tree.write(format!("here/v{name}/ceiling.json"), &genome.signed(&[1]));
            }
            tree.write("odd/one", &old().signed(&[1]));
            tree.write("odd/two", &wider().signed(&[1]));
            tree.write("links/README.md", "links\n");
            tree.write(".gitignore", "ignored\n");
            tree.write("ignored/genome.json", &wider().signed(&[1]));
            symlink("genomes/v1", tree.path().join("hop")).unwrap();
            symlink(from, tree.path().join(link)).unwrap();
            symlink("README.md", tree.path().join("unrelated")).unwrap();
        }) else {
            return;
        };
        request.change(|tree| {
            for (name, to) in [(link, to), ("unrelated", "package.json")] {
                tree.remove(name);
                symlink(to, tree.path().join(name)).unwrap();
            }
        });
        let ran = request.since(arguments);
        let said = format!("{link}: a link, which is not followed, leads to {to} now, and led to {from}\n");
        assert!(ran.stdout.contains(&said) && !ran.stdout.contains("unrelated"), "{link} {to}: {ran:?}");
        assert_eq!(ran.status, Some(if untold.is_empty() { 1 } else { 2 }), "{link} {to}: {ran:?}");
        let why = format!("which genome this link leads to cannot be told, as {untold}\n");
        assert!(ran.stderr.contains(&why) != untold.is_empty(), "{link} {to}: {ran:?}");
        assert_eq!(ran.stderr.contains("cannot be told"), !untold.is_empty(), "{link} {to}: {ran:?}");
    }
}

/// What the index says of a file hides nothing that is there.
#[test]
fn marks_of_the_index_hide_nothing() {
    for mark in ["--skip-worktree", "--assume-unchanged"] {
        let Some(tree) = WorkTree::new() else { return };
        tree.write("genome.json", &old().signed(&[1]));
        tree.commit();
        tree.git(&["update-index", mark, "genome.json"]);
        tree.write("genome.json", &wider().signed(&[1]));
        let ran = tree.run("genome-diff", &["--since", "HEAD"]);
        assert!(ran.status == Some(1) && ran.stdout.starts_with("genome.json is changed"), "{mark}: {ran:?}");
    }
}

#[test]
fn a_submodule_that_changes() {
    let Some(inner) = WorkTree::new() else { return };
    let Some(tree) = WorkTree::new() else { return };
    inner.write("genome.json", &old().signed(&[1]));
    let first = inner.commit();
    inner.write("genome.json", &wider().signed(&[1]));
    let second = inner.commit();
    tree.write("genome.json", &old().signed(&[1]));
    let link = |commit: &str| {
        tree.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},module")]);
    };
    link(&first);
    tree.git(&["add", "genome.json"]);
    tree.git(&["commit", "--quiet", "--message=change"]);
    assert_ran(&tree.run("genome-diff", &["--since", "HEAD"]), 0, "");
    link(&second);
    // As git leaves it where it is not checked out.
    fs::create_dir(tree.path().join("module")).unwrap();
    let said = "a submodule is at another commit, and what it holds is not compared\n  --> module\n";
    assert_ran(&tree.run("genome-diff", &["--since", "HEAD"]), 2, said);
    tree.git(&["update-index", "--force-remove", "module"]);
    assert_ran(&tree.run("genome-diff", &["--since", "HEAD"]), 2, said);
}

/// What nobody has committed in a submodule, or in one of that, is no less there.
#[test]
fn a_submodule_that_is_edited() {
    let Some(tree) = WorkTree::new() else { return };
    let Some(inner) = WorkTree::new() else { return };
    inner.write("genome.json", &old().signed(&[1]));
    inner.write("notes.txt", "notes\n");
    inner.commit();
    let Some(middle) = WorkTree::new() else { return };
    middle.write("config.json", "{}");
    let add = |to: &WorkTree, from: &WorkTree, name: &str| {
        let from = from.path().display().to_string();
        to.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, name]);
        to.commit();
    };
    add(&middle, &inner, "inner");
    add(&tree, &middle, "module");
    tree.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--recursive"]);
    let since = |arguments: &[&str]| tree.run("genome-diff", &[&["--since", "HEAD"], arguments].concat());
    assert_ran(&since(&[]), 0, "");
    let said =
        |file: &str| format!("a submodule holds what is not committed there, {file}, and that is not compared\n  --> module\n");
    let changes: [(&str, String); 3] = [
        ("module/inner/genome.json", wider().signed(&[1])),
        ("module/new/genome.json", wider().signed(&[1])),
        ("module/config.json", "{\"a\": 1}".to_owned()),
    ];
    for (path, text) in changes {
        let before = fs::read_to_string(tree.path().join(path)).ok();
        tree.write(path, &text);
        assert_ran(&since(&[]), 2, &said(path.strip_prefix("module/").unwrap()));
        assert_ran(&since(&["README.md"]), 2, "nothing is there");
        match before {
            Some(before) => tree.write(path, &before),
            None => tree.remove(path),
        }
        assert_ran(&since(&[]), 0, "");
    }
    // What cannot hold a genome is none.
    tree.write("module/inner/notes.txt", "other notes\n");
    assert_ran(&since(&[]), 0, "");
}

/// What only this clone leaves out, and what is a repository by itself.
#[test]
fn what_git_does_not_list() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.write(".gitignore", "ignored/\n");
    tree.commit();
    let since = |arguments: &[&str]| tree.run("genome-diff", &[&["--since", "HEAD"], arguments].concat());
    fs::write(tree.path().join(".git/info/exclude"), "hidden/\n").unwrap();
    tree.write("hidden/genome.json", &wider().signed(&[1]));
    let ran = since(&["--fail-on", "widening"]);
    assert!(ran.status == Some(1) && ran.stdout.starts_with("hidden/genome.json is added"), "{ran:?}");
    tree.remove("hidden/genome.json");
    for nested in ["nested", "ignored/nested"] {
        fs::create_dir_all(tree.path().join(nested)).unwrap();
        tree.git(&["init", "--quiet", nested]);
    }
    tree.write("nested/package.json", "{}");
    tree.write("ignored/nested/genome.json", &wider().signed(&[1]));
    assert_ran(&since(&[]), 0, "");
    tree.write("nested/a/genome.json", &wider().signed(&[1]));
    let said =
        "another repository is here, into which git does not look, and nested/a/genome.json in it is not compared\n  --> nested\n";
    assert_ran(&since(&[]), 2, said);
    assert_ran(&since(&["genome.json"]), 0, "");
    assert_ran(&since(&["nested"]), 2, said);
}

/// Git is not made to wait by a file that the settings name.
#[test]
fn a_setting_that_would_make_git_wait() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.commit();
    assert_eq!(run(tree.command("mkfifo").arg("../pipe")).status, Some(0));
    for name in ["core.excludesFile", "core.attributesFile", "diff.orderFile"] {
        tree.git(&["config", name, "../pipe"]);
    }
    let program = programs().join("genome-diff");
    let ran = run(tree.command("timeout").arg("20").arg(program).args(["--since", "HEAD"]));
    assert_ran(&ran, 0, "");
}
