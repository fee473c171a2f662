//! What pipelines of others run: the scripts of the Action in the environment of a runner, and the hooks of pre-commit in a real repository.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::git::WorkTree;
use genome_test_support::proposal::capability;
use genome_test_support::{Draft, Ran, Release, has, programs, repository, run};
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// What a stranger would have a shell do.
const INJECTION: &str = "$(touch pwned)`touch pwned`;touch pwned;\"'";

fn script(name: &str) -> String {
    repository().join("action/scripts").join(name).display().to_string()
}

/// Runs the script that verifies, as the runner does. Returns what it wrote besides: its outputs and the summary.
fn verify(release: &Release, variables: &[(&str, &str)]) -> (Ran, String, String) {
    let [output, summary] = ["output", "summary"].map(|name| release.path().join(name));
    for file in [&output, &summary] {
        fs::write(file, "").unwrap();
    }
    let path = std::env::join_paths([programs(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let mut command = Command::new("bash");
    command.arg(script("verify")).current_dir(release.path()).env("PATH", path).env("GITHUB_WORKSPACE", release.path());
    command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary).envs(variables.iter().copied());
    let ran = run(&mut command);
    (ran, fs::read_to_string(output).unwrap(), fs::read_to_string(summary).unwrap())
}

fn release() -> Release {
    let release = Release::new(2, 1);
    assert_eq!(release.sign(1, &["draft.json", "good.json", "signer-1"]).status, Some(0));
    release.write("tampered.json", &release.read("good.json").replace("memory_search", "memory_erase"));
    release
}

#[test]
fn the_action_says_what_genome_verify_says() {
    if !has("bash") {
        return;
    }
    let release = release();
    for (paths, status, verdict) in [
        ("good.json", 0, "accepted"),
        ("good.json\ntampered.json\n", 1, "refused"),
        ("good.json\nmissing.json", 2, "undecided"),
        ("missing.json\ntampered.json", 1, "refused"),
        ("", 2, "undecided"),
        ("--version", 2, "undecided"),
    ] {
        let (ran, output, summary) = verify(&release, &[("INPUT_PATHS", paths), ("INPUT_SARIF", "log.sarif")]);
        assert_eq!((ran.status, output), (Some(status), format!("verdict={verdict}\n")), "{paths:?}: {ran:?}");
        assert!(summary.contains(verdict) && ran.stdout.contains("::"), "{paths:?}: {ran:?} {summary}");
        if !paths.is_empty() {
            assert!(release.read("log.sarif").contains("\"version\": \"2.1.0\""));
        }
    }
    // Where there is nothing, nothing was found to be in order.
    fs::create_dir(release.path().join("empty")).unwrap();
    let (ran, output, _) = verify(&release, &[("INPUT_PROPOSALS", "empty")]);
    assert_eq!((ran.status, output.as_str()), (Some(2), "verdict=undecided\n"), "{ran:?}");
    // Those whom the policy names have not signed.
    release.write("trust.json", &genome_test_support::policy(&[2], 1, &json!({})));
    let (ran, ..) = verify(&release, &[("INPUT_PATHS", "good.json"), ("INPUT_TRUST", "trust.json")]);
    assert!(ran.status == Some(1) && ran.stdout.contains("GENOME_UNTRUSTED"), "{ran:?}");
}

#[test]
fn the_action_runs_nothing_that_a_value_or_a_name_says() {
    if !has("bash") {
        return;
    }
    let release = release();
    let proposals = format!("proposals{INJECTION}");
    fs::create_dir_all(release.path().join(&proposals).join(format!("0001-{INJECTION}"))).unwrap();
    release.write(&format!("{INJECTION}.json"), &release.read("good.json"));
    let paths = format!("{INJECTION}.json");
    let variables =
        [("INPUT_PATHS", paths.as_str()), ("INPUT_TRUST", INJECTION), ("INPUT_PROPOSALS", &proposals), ("INPUT_SARIF", "")];
    let (ran, output, _) = verify(&release, &variables);
    assert_eq!((ran.status, output.as_str()), (Some(2), "verdict=undecided\n"), "{ran:?}");
    assert!(!release.path().join("pwned").exists());
    let (ran, ..) = verify(&release, &[("INPUT_PATHS", &paths)]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(!release.path().join("pwned").exists());
}

/// A work tree with a merge, of which the last step allows more; and a `gh` that keeps what it is told.
fn merged() -> Option<WorkTree> {
    let old = Draft::new("1.0.0", &[1], 1);
    let wider = old.clone().with("version", "1.1.0").with("capabilities", capability(&["memory_search", "send"], &[]));
    let tree = WorkTree::new()?;
    tree.write("genome.json", &old.signed(&[1]));
    tree.commit();
    tree.write("genome.json", &wider.after(&[&old]).signed(&[1]));
    tree.commit();
    let gh = "#!/bin/sh\nprintf '%s\\n' \"$@\" > ../told\nfor last; do :; done\ncp \"$last\" ../comment.md\n";
    tree.write("../bin/gh", gh);
    fs::set_permissions(tree.path().join("../bin/gh"), Permissions::from_mode(0o755)).unwrap();
    Some(tree)
}

fn compare(tree: &WorkTree, event: &serde_json::Value, variables: &[(&str, &str)]) -> Ran {
    tree.write("../event.json", &event.to_string());
    tree.write("../summary", "");
    let mut command = tree.command("bash");
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let path = std::env::join_paths([tree.path().join("../bin")].into_iter().chain(std::env::split_paths(&path))).unwrap();
    command.arg(script("compare")).env("PATH", path).env("GITHUB_WORKSPACE", tree.path());
    command.env("GITHUB_EVENT_PATH", "../event.json").env("GITHUB_STEP_SUMMARY", "../summary").env("INPUT_SINCE", "HEAD^");
    run(command.envs(variables.iter().copied()))
}

#[test]
fn the_action_comments_on_the_pull_request_of_the_event_by_its_number_alone() {
    if !["bash", "jq"].into_iter().all(has) {
        return;
    }
    let Some(tree) = merged() else { return };
    let read = |name: &str| fs::read_to_string(tree.path().join(name)).unwrap_or_default();
    let event = json!({"pull_request": {"number": 7, "title": INJECTION, "head": {"ref": INJECTION}}});
    let ran = compare(&tree, &event, &[("INPUT_COMMENT", "true"), ("INPUT_FAIL_ON", "widening")]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("::error file=genome.json::widening: action `send`"), "{ran:?}");
    assert!(read("../told").starts_with("pr\ncomment\n7\n--edit-last\n"), "{}", read("../told"));
    assert!(read("../comment.md").contains("`send`") && read("../summary") == read("../comment.md"), "{}", read("../comment.md"));
    assert!(!tree.path().join("pwned").exists());

    // Without the class it is said, and fails nothing; without a number, or without being asked, nobody is told.
    for (event, comment) in
        [(&event, "false"), (&json!({"pull_request": {"number": "7;touch pwned"}}), "true"), (&json!({}), "true")]
    {
        tree.write("../told", "");
        let ran = compare(&tree, event, &[("INPUT_COMMENT", comment)]);
        assert_eq!((ran.status, read("../told").as_str()), (Some(0), ""), "{ran:?}");
        assert_eq!(ran.stdout.contains("there is no pull request"), comment == "true", "{ran:?}");
    }
    assert!(!tree.path().join("pwned").exists());
    assert_eq!(compare(&tree, &event, &[("INPUT_SINCE", "--output=pwned")]).status, Some(2));
}

/// Prints each command of the YAML files, as a parser of others reads them, and the scripts of an Action.
const COMMANDS: &str = "
import json, sys, yaml
def commands(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ('run', 'script'):
                yield from member if isinstance(member, list) else [member]
            else:
                yield from commands(member)
    elif isinstance(value, list):
        for item in value:
            yield from commands(item)
print(json.dumps({path: [c for document in yaml.safe_load_all(open(path)) for c in commands(document)] for path in sys.argv[1:]}))
";

/// An expression in a command is text that becomes a part of it.
#[test]
fn no_command_of_a_pipeline_holds_an_expression() {
    if !has("python3") {
        return;
    }
    let files = ["action.yml", ".github/workflows/genomes.yml", "templates/verify.yml"];
    let ran = run(Command::new("python3").args(["-c", COMMANDS]).args(files).current_dir(repository()));
    if ran.stderr.contains("No module named 'yaml'") {
        return genome_test_support::say("SKIPPED, python3 has no yaml\n");
    }
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let commands: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    for file in files {
        let commands: Vec<&str> = commands[file].as_array().unwrap().iter().filter_map(serde_json::Value::as_str).collect();
        assert!(commands.len() >= 2, "{file}: {commands:?}");
        for command in commands {
            assert!(!command.contains("${{") && !command.contains("$[["), "{file}: {command}");
            if let Some((_, script)) = command.split_once("/action/scripts/") {
                let path = repository().join("action/scripts").join(script.trim_end_matches('"'));
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o111, 0o111, "{file}: {command}");
            }
        }
    }
}

#[test]
fn the_component_of_gitlab_writes_a_test_for_each_genome() {
    if !has("bash") {
        return;
    }
    let component = fs::read_to_string(repository().join("templates/verify.yml")).unwrap();
    let command = component.lines().find_map(|line| line.trim().strip_prefix("- genome-verify ")).unwrap();
    let release = release();
    let run = |paths: &str| {
        let path = std::env::join_paths([programs(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
        let mut bash = Command::new("bash");
        bash.args(["-ec", &format!("set -f\ngenome-verify {command}")]).current_dir(release.path());
        run(bash.env("PATH", path).env("INPUT_PATHS", paths).env("INPUT_TRUST", "")).status
    };
    assert_eq!(run("good.json tampered.json"), Some(1));
    assert!(release.read("genome-verify.xml").contains("tests=\"2\" failures=\"1\" errors=\"0\""));
    assert_eq!(run("good.json"), Some(0));
    assert_eq!(run(INJECTION), Some(2));
    assert!(!release.path().join("pwned").exists());
}

#[test]
fn the_hooks_refuse_a_genome_that_is_not_in_order_and_a_private_key() {
    let hooks = fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap();
    let own = fs::read_to_string(repository().join(".pre-commit-config.yaml")).unwrap();
    let entry = |text: &str| text.lines().find_map(|line| line.trim().strip_prefix("entry: 'BQ").map(ToOwned::to_owned)).unwrap();
    assert_eq!(entry(&hooks), entry(&own), "the expression is that of this repository");
    if !has("pre-commit") {
        return;
    }
    let (Some(of_hooks), Some(tree)) = (WorkTree::new(), WorkTree::new()) else { return };
    of_hooks.write(".pre-commit-hooks.yaml", &hooks);
    let revision = of_hooks.commit();
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {revision}\n    hooks: [{{id: genome-verify}}, {{id: genome-private-key}}]\n",
        of_hooks.path().display()
    );
    tree.write(".pre-commit-config.yaml", &config);
    let good = Draft::new("1.0.0", &[1], 1).signed(&[1]);
    let hook = || {
        tree.git(&["add", "--all"]);
        run(tree.command("pre-commit").args(["run", "--all-files"]).env("PRE_COMMIT_COLOR", "never"))
    };
    tree.write("--quiet/genome.json", &good);
    tree.write("genome.json", &good);
    let ran = hook();
    assert!(ran.status == Some(0) && ran.stdout.matches("Passed").count() == 2, "{ran:?}");
    tree.write("genome.json", &good.replace("1.0.0", "1.0.1"));
    let ran = hook();
    assert!(ran.status == Some(1) && ran.stdout.contains("GENOME_INVALID_SIGNATURE"), "{ran:?}");
    tree.write("genome.json", &good);
    let key = "MC4CAQAwBQYDK2VwBCIEI".to_owned() + &"A".repeat(43);
    tree.write("notes.txt", &key);
    let ran = hook();
    assert!(ran.status == Some(1) && ran.stdout.contains("notes.txt:"), "{ran:?}");
}
