//! The documents: their commands are run, and what they say of codes, flags and fields is compared with the programs.
//!
//! A fence with the info string `console` is a transcript: a line `$ command` starts a command, lines `> ...` right after it continue it,
//! the other lines are what it prints, both streams together. A line `...` stands for any lines, `[..]` for any characters. A command
//! without such lines may print what it likes. Each must exit 0; a document that shows another status asks for it with `echo "$?"`.
//! The transcripts of a document are one bash session, in a copy of the repository. `console,NAME` needs the program NAME.
//!
//! `snapbox` compares. The runner is ours, as `trycmd` 1.2.1 splits each command with `shlex` and starts it by itself: there are no pipes,
//! redirections or variables, and no session in which one command goes on from another.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome::Code;
use genome::json::{self, Value};
use genome_test_support::{has, program, programs, repository, run, test_key};
use snapbox::{Assert, Data};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The documents whose commands are run.
const RUN: [&str; 3] = ["README.md", "DEPLOYMENT.md", "proposals/README.md"];

/// The others, which must not hold commands that look as if they were.
const READ: [&str; 7] = [
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "DESIGN.md",
    "SECURITY.md",
    "proposals/0001-example/rationale.md",
    "schemas/README.md",
    "tests/vectors/README.md",
];

/// What other blocks may hold.
const NOT_RUN: [&str; 6] = ["ini", "json", "rust", "text", "toml", "yaml"];

/// Stands before the one fence that CI runs as it is.
const TEST_COMMAND: &str = "<!-- test-command -->";

const PROGRAMS: [&str; 7] =
    ["genome-diff", "genome-draft", "genome-keygen", "genome-merge", "genome-server", "genome-sign", "genome-verify"];

/// How a release is built here, as no document shows how fast a program is: the same code, with nothing done for its speed. What counts
/// rounds, or points of a curve, is built as for the tests.
const CHEAP_RELEASE: &str = "[profile.release]\nlto = \"off\"\ncodegen-units = 16\nopt-level = 0\n";

#[test]
fn the_readme_tells_the_truth() {
    assert!(run_document("README.md") >= 12);
}

#[test]
fn the_deployment_tells_the_truth() {
    assert!(run_document("DEPLOYMENT.md") >= 20);
}

#[test]
fn the_proposals_tell_the_truth() {
    assert!(run_document("proposals/README.md") >= 1);
}

#[test]
fn the_genomes_tell_the_truth() {
    for entry in fs::read_dir(repository().join("genomes")).unwrap() {
        let readme = format!("genomes/{}/README.md", entry.unwrap().file_name().into_string().unwrap());
        if repository().join(&readme).is_file() {
            run_document(&readme);
        }
    }
}

#[test]
fn no_command_escapes() {
    for name in READ {
        for fence in fences(&read(name)).unwrap_or_else(|why| panic!("{name}: {why}")) {
            assert!(!fence.is_transcript() && !fence.is_test_command, "{name}:{}: nobody runs this", fence.line);
        }
    }
    let readme = read("README.md");
    let run: Vec<String> = steps(&readme, |_| true).unwrap().into_iter().map(|step| step.command).collect();
    for fence in fences(&readme).unwrap().into_iter().filter(|fence| fence.info == "yaml") {
        for command in fence.lines.iter().filter_map(|line| line.trim().strip_prefix("run: ")) {
            // The program by which a workflow speaks on GitHub does nothing elsewhere.
            let is_run = command.starts_with("gh ") || run.iter().any(|run| run == command);
            assert!(is_run, "README.md:{}: nobody runs `{command}`", fence.line);
        }
    }
    let commands: Vec<Vec<&str>> = fences(&readme).unwrap().into_iter().filter(|f| f.is_test_command).map(|f| f.lines).collect();
    assert_eq!(commands, [["cargo test --workspace --locked"]], "the test command is not what CI can run");
}

#[test]
fn each_code_has_a_row_and_no_other_is_named() {
    let readme = read("README.md");
    for code in Code::ALL {
        let row = format!("| `{code}` |");
        assert_eq!(readme.lines().filter(|line| line.starts_with(&row)).count(), 1, "README.md has not one row for {code}");
    }
    let mut known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    known.extend(["GENOME_AUDIT_LOG", "GENOME_EXEC", "GENOME_SIGNING_KEY", "GENOME_SIGNING_PRIVATE_KEY"]);
    for name in RUN.iter().chain(&["CONTRIBUTING.md", "DESIGN.md", "SECURITY.md"]) {
        let text = read(name);
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("GENOME_")) {
            assert!(known.contains(word), "{name} names `{word}`, which does not exist");
        }
    }
}

/// The words in backticks of a part of a document, in order, of which this is so.
fn quoted_words<'t>(text: &'t str, from: &str, to: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<&'t str> {
    let (_, part) = text.split_once(from).unwrap();
    let (part, _) = part.split_once(to).unwrap();
    part.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).filter(|word| is_wanted(word)).collect()
}

#[test]
fn the_design_names_each_code_in_order_and_each_variable() {
    let (design, readme) = (read("DESIGN.md"), read("README.md"));
    let codes = quoted_words(&design, "`GENOME_MISSING`", "Exit status", |word| word.starts_with("GENOME_"));
    let mut named = vec!["GENOME_MISSING"];
    // The diagnosis of a legacy signature is explained once more.
    named.extend(codes.into_iter().take(Code::ALL.len() - 1));
    assert_eq!(named, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<&str>>());

    let is_ours = |word: &str| ["GENOME_", "MATHISON_", "SOURCE_"].iter().any(|start| word.starts_with(start));
    let variables = |document| -> BTreeSet<String> {
        let words = quoted_words(document, "Environment\n", "\n## ", is_ours);
        words.into_iter().map(|word| word.split('=').next().unwrap_or(word).to_owned()).collect()
    };
    assert_eq!(variables(&design), variables(&readme));
    assert!(variables(&design).len() > 8);
}

#[test]
fn each_flag_is_a_flag() {
    let directory = tempfile::tempdir().unwrap();
    let help: Vec<(&str, String)> =
        PROGRAMS.into_iter().map(|name| (name, run(program(name, directory.path()).arg("--help")).stdout)).collect();
    let knows = |help: &str, flag: &str| help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == flag);
    let mut seen = 0;
    for name in RUN {
        let text = read(name);
        let commands = steps(&text, |_| true).unwrap().into_iter().map(|step| step.command);
        // Code in the running text stands between backticks.
        let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).map(ToOwned::to_owned);
        for command in commands.chain(spans) {
            for part in command.split(['|', ';', '&', '(', '\n']) {
                let words: Vec<&str> =
                    part.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with("--")).collect();
                let Some(first) = words.first() else { continue };
                let ours: Vec<&String> =
                    help.iter().filter(|(program, _)| first.starts_with("--") || program == first).map(|(_, help)| help).collect();
                let flags = words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap_or(word));
                for flag in flags.filter(|_| !ours.is_empty()) {
                    seen += 1;
                    assert!(ours.iter().any(|help| knows(help, flag)), "{name}: `{part}`: there is no {flag}");
                }
            }
        }
    }
    assert!(seen >= 5, "only {seen} flags were found");
}

#[test]
fn each_variable_names_the_programs_that_read_it() {
    let directory = tempfile::tempdir().unwrap();
    let help: Vec<(&str, String)> =
        PROGRAMS.into_iter().map(|name| (name, run(program(name, directory.path()).arg("--help")).stdout)).collect();
    // The help of genome-keygen says who reads what it prints.
    let reads = |name: &str, help: &str, variable: &str| {
        help.contains(variable) && (name, variable) != ("genome-keygen", "GENOME_SIGNING_PRIVATE_KEY")
    };
    let readme = read("README.md");
    let (_, section) = readme.split_once("\n## Environment\n").unwrap();
    let rows: Vec<Vec<&str>> =
        section.lines().take_while(|line| !line.starts_with("## ")).map(|line| line.split('|').collect()).collect();
    let rows = rows.iter().filter_map(|cells| cells.get(1)?.trim().strip_prefix('`')?.strip_suffix('`').zip(cells.get(2)));
    let mut seen = 0;
    for (variable, named) in rows {
        let readers: Vec<String> =
            help.iter().filter(|(name, help)| reads(name, help, variable)).map(|(name, _)| format!("`{name}`")).collect();
        let named: Vec<&str> = named.split(',').map(str::trim).collect();
        assert_eq!(BTreeSet::from_iter(named), readers.iter().map(String::as_str).collect(), "README.md: who reads {variable}");
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} variables were found");
}

#[test]
fn each_field_of_the_json_report_is_described() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("json.json"), "{\"a\":1,}").unwrap();
    fs::write(directory.path().join("schema.json"), "{}").unwrap();
    let root = repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json");
    let report = run(program("genome-verify", directory.path()).args(["--format", "json", "json.json", "schema.json"]).arg(&root));
    fs::write(directory.path().join("audit.jsonl"), "").unwrap();
    let audited = run(program("genome-verify", directory.path()).args(["--format", "json", "--audit-log", "audit.jsonl", "-"]));
    let mut names = BTreeSet::new();
    field_names(&json::parse(audited.stdout.as_bytes()).unwrap(), &mut names);
    field_names(&json::parse(report.stdout.as_bytes()).unwrap(), &mut names);
    let draft = fs::read_to_string(root.with_file_name("genome-unsigned.json")).unwrap().replace("\"1.0.0\"", "\"1.0.1\"");
    fs::write(directory.path().join("next.json"), draft).unwrap();
    let compared = run(program("genome-diff", directory.path()).args(["--format", "json"]).arg(&root).arg("next.json"));
    field_names(&json::parse(compared.stdout.as_bytes()).unwrap(), &mut names);
    let readme = read("README.md");
    for name in
        ["faults", "trust", "column", "head", "rightful", "quorum", "subject"].into_iter().chain(names.iter().map(String::as_str))
    {
        assert!(names.contains(name), "the report has no `{name}`");
        assert!(readme.contains(&format!("`{name}`")), "README.md does not describe `{name}`");
    }
}

#[test]
fn the_library_example_is_tested() {
    let documentation = read("crates/genome/src/lib.rs");
    let readme = read("README.md");
    let lines: Vec<&str> =
        fences(&readme).unwrap().into_iter().filter(|fence| fence.info == "rust").flat_map(|f| f.lines).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(documentation.contains(&format!("//! {line}\n")), "the crate's own example, which is tested, lacks `{line}`");
    }
}

/// The example is one that our own program accepts, and starts from the root genome.
#[test]
fn the_example_proposal_is_about_the_root_genome() {
    let ran = run(program("genome-verify", repository()).args(["--format", "json", "--proposal", "proposals/0001-example"]));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &report["verdict"]), (Some(0), &"accepted".into()), "{report}");
    let root = fs::read(repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json")).unwrap();
    let id = genome::dangerous::verify_self_declared(&root).unwrap().id().to_string();
    let proposal = &report["proposals"][0]["proposal"];
    assert_eq!((&proposal["from_genome_id"], &proposal["status"]), (&id.into(), &"approved".into()));
}

// --- The runner, tested ---

fn run_text(document: &str) -> Result<usize, String> {
    let directory = tempfile::tempdir().unwrap();
    steps(document, |_| true).and_then(|steps| run_steps("test.md", &steps, directory.path()))
}

#[test]
fn the_runner_accepts_what_is_true() {
    let document = "\
        ```console\n$ export A=1; b=2\n$ mkdir d && cd d\n```\n\n```console\n$ echo \"$A $b\" ${PWD##*/}; echo error >&2\n1 2 d\nerror\n\
        $ printf '1\\n2\\n3\\nid 77 x\\n'\n1\n...\nid [..] x\n$ cat <<END\n> $A\n>\n> it's\n> END\n1\n\nit's\n\
        $ false; echo \"exit status $?\"\nexit status 1\n$ cat\n$ env | grep -c -e ^GENOME_ -e ^MATHISON_ || true\n0\n```\n";
    assert_eq!(run_text(document), Ok(8));
}

#[test]
fn the_runner_refuses_what_is_not() {
    for (transcript, fault) in [
        ("$ echo one\ntwo\n", "the output is another"),
        ("$ echo one\none\ntwo\n", "the output is another"),
        ("$ echo one; echo two\none\n", "the output is another"),
        ("$ echo one; echo two\n...\none\n", "the output is another"),
        ("$ true\nanything\n", "the output is another"),
        ("$ printf one\none[..]two\n", "the output is another"),
        ("$ false\n", "exit status 1"),
        ("$ echo one; exit 3\none\n", "the session ended"),
        ("$ exit 0\n", "the session ended"),
        ("$ echo 'one\n", "exit status 2"),
        ("$ no-such-program\n", "exit status 127"),
        ("output of nothing\n", "before any command"),
        ("\n", "no command"),
    ] {
        let said = run_text(&format!("# Title\n\n```console\n{transcript}```\n")).expect_err(transcript);
        assert!(said.contains(fault), "{transcript}: {said}");
        assert!(said.contains(":4") || said.contains("line 3") || said.contains("line 4"), "{transcript}: {said}");
    }
}

#[test]
fn the_runner_ends_what_a_document_started() {
    let said = run_text("```console\n$ sleep 600 & echo \"started $!,\"; false\n```\n").unwrap_err();
    let started = said.split_once("actual\nstarted ").unwrap().1.split_once(',').unwrap().0;
    // Of one that has ended and that nobody has asked about yet, there is no command line.
    let runs = || fs::read(format!("/proc/{started}/cmdline")).is_ok_and(|line| !line.is_empty());
    let ended = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(50));
        !runs()
    });
    assert!(ended, "{started} still runs");
}

#[test]
fn the_runner_knows_each_fence() {
    for (document, fault) in [
        ("```sh\nrm x\n```\n", "`sh`"),
        ("```bash\nrm x\n```\n", "`bash`"),
        ("```\nrm x\n```\n", "``"),
        ("````console\n$ rm x\n````\n", "``console`"),
        ("~~~console\n$ rm x\n~~~\n", "at the start"),
        ("- item\n  ```console\n  $ rm x\n  ```\n", "at the start"),
        ("```text\n$ rm x\n```\n", "a command"),
        ("```console\n$ rm x\n", "does not end"),
    ] {
        let said = run_text(document).expect_err(document);
        assert!(said.contains(fault), "{document}: {said}");
    }
    assert_eq!(run_text("<!-- test-command -->\n```sh\nfalse\n```\n\n```json\n{}\n```\n"), Ok(0));
    assert_eq!(steps("```console,nothing\n$ false\n```\n", |name| name != "nothing").unwrap().len(), 0);
}

#[test]
fn the_runner_shows_no_private_key() {
    let said = run_text(&format!("```console\n$ echo {}\n```\n", test_key())).unwrap_err();
    assert!(said.contains("private key") && !said.contains(&test_key()), "it shows the key");
}

// --- The runner ---

fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs the transcripts of a document. Gives the number of commands.
fn run_document(name: &str) -> usize {
    // The copies share the target directory, and a build takes a program away for a moment.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

    let steps = steps(&read(name), has).unwrap_or_else(|why| panic!("{name}: {why}"));
    if steps.is_empty() || !has("bash") {
        return steps.len();
    }
    let directory = scratch(name);
    let ran = run_steps(name, &steps, &directory).unwrap_or_else(|why| panic!("{why}"));
    fs::remove_dir_all(directory).unwrap();
    genome_test_support::say(&format!("{name}: {ran} commands\n"));
    ran
}

/// A fenced block.
struct Fence<'d> {
    /// The line of the opening fence, from 1.
    line: usize,
    info: &'d str,
    lines: Vec<&'d str>,
    is_test_command: bool,
}

impl Fence<'_> {
    fn is_transcript(&self) -> bool {
        self.info.split(',').next() == Some("console")
    }
}

/// Every fenced block of a document, which must be one that this test knows.
fn fences(document: &str) -> Result<Vec<Fence<'_>>, String> {
    let mut fences = Vec::new();
    let mut lines = (1..).zip(document.lines());
    let mut before = "";
    while let Some((line, text)) = lines.next() {
        if let Some(info) = text.strip_prefix("```") {
            let is_test_command = info == "sh" && before == TEST_COMMAND;
            let mut fence = Fence { line, info, lines: Vec::new(), is_test_command };
            if !is_test_command && !fence.is_transcript() && !NOT_RUN.contains(&info) {
                return Err(format!("line {line}: a block `{info}` is not run, and may not be here"));
            }
            loop {
                match lines.next() {
                    None => return Err(format!("line {line}: the block does not end")),
                    Some((_, "```")) => break,
                    Some((_, text)) => fence.lines.push(text),
                }
            }
            if !fence.is_transcript() && fence.lines.iter().any(|line| line.starts_with("$ ")) {
                return Err(format!("line {line}: a command stands in a block that is not run"));
            }
            fences.push(fence);
        } else if text.contains("```") || text.contains("~~~") {
            return Err(format!("line {line}: a block must open and close with three backticks at the start of a line"));
        }
        before = text;
    }
    Ok(fences)
}

/// A command of a transcript.
struct Step {
    /// Its line, from 1.
    line: usize,
    command: String,
    /// What it prints, if the document shows it.
    output: Option<String>,
}

/// The commands of a document, without those that need a program that is absent.
fn steps(document: &str, has: impl Fn(&str) -> bool) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for fence in fences(document)?.into_iter().filter(Fence::is_transcript) {
        if !fence.info.split(',').skip(1).all(&has) {
            continue;
        }
        let first = steps.len();
        for (line, text) in (fence.line + 1..).zip(fence.lines) {
            let step = steps.get_mut(first..).and_then(<[Step]>::last_mut);
            match (step, text.strip_prefix("$ "), text.strip_prefix('>')) {
                (_, Some(command), _) => steps.push(Step { line, command: command.to_owned(), output: None }),
                (Some(step), _, Some(more)) if step.output.is_none() => {
                    step.command += "\n";
                    step.command += more.strip_prefix(' ').unwrap_or(more);
                }
                (Some(step), ..) => {
                    let output = step.output.get_or_insert_default();
                    output.push_str(text);
                    output.push('\n');
                }
                (None, ..) if text.is_empty() => {}
                (None, ..) => return Err(format!("line {line}: output stands before any command")),
            }
        }
        if steps.len() == first {
            return Err(format!("line {}: a transcript with no command", fence.line));
        }
    }
    Ok(steps)
}

/// Runs commands in one bash session, up to the first that fails. Gives their number, or all that is wrong.
fn run_steps(document: &str, steps: &[Step], directory: &Path) -> Result<usize, String> {
    // Each command has a file of its own for what it prints, so that nothing that it prints can be taken for another's.
    let results = tempfile::tempdir().unwrap();
    let result = |name: &str| results.path().join(name);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let quoted_path = |name: &str| quoted(result(name).to_str().unwrap());
    let statuses = quoted_path("statuses");
    let end = format!("end {:016x}", RandomState::new().build_hasher().finish());
    let commands = (0..).zip(steps).map(|(index, step)| {
        let output = quoted_path(&format!("output-{index}"));
        let command = quoted(&step.command);
        format!("if eval {command} >{output} 2>&1 </dev/null; then echo 0 >>{statuses}; else echo $? >>{statuses}; exit; fi\n")
    });
    // A server of a document that fails would run for ever.
    let start = "trap 'kill $(jobs -p) 2>/dev/null' EXIT\n".to_owned();
    let script: String = [start].into_iter().chain(commands).chain([format!("echo {} >>{statuses}\n", quoted(&end))]).collect();
    fs::write(result("script"), script).unwrap();
    let bash = bash(directory).args(["--noprofile", "--norc"]).arg(result("script")).output().unwrap();
    let statuses = fs::read_to_string(result("statuses")).unwrap_or_default();
    let mut statuses = statuses.lines();

    let mut faults = Vec::new();
    for (index, step) in (0..).zip(steps) {
        let output = fs::read(result(&format!("output-{index}"))).unwrap_or_default();
        let output = String::from_utf8_lossy(&output);
        let mut fault = |what: &str| faults.push(describe(document, step, what, &output));
        let status = statuses.next().filter(|status| *status != end);
        if genome_json::holds_private_key(&output) {
            fault("it prints a private key");
        }
        match status {
            Some("0") => {
                if step.output.as_deref().is_some_and(|expected| !matches(&output, expected)) {
                    fault("the output is another");
                }
            }
            Some(status) => {
                fault(&format!("exit status {status}"));
                break;
            }
            None => {
                fault("the session ended here");
                break;
            }
        }
    }
    if faults.is_empty() && statuses.next() != Some(&end) {
        faults.push(format!("{document}: bash did not come to the end: {}", String::from_utf8_lossy(&bash.stderr)));
    }
    if faults.is_empty() { Ok(steps.len()) } else { Err(faults.join("\n")) }
}

/// Whether the output is what the document shows: a line `...` is any lines, `[..]` any characters.
fn matches(output: &str, expected: &str) -> bool {
    let (output, expected) = Assert::new().normalize_paths(false).normalize(Data::text(output), Data::text(expected));
    output.render() == expected.render()
}

fn describe(document: &str, step: &Step, what: &str, output: &str) -> String {
    let Step { line, command, output: expected } = step;
    let expected = expected.as_deref().map_or_else(|| "(anything)\n".to_owned(), ToOwned::to_owned);
    let text = format!("{document}:{line}: {what}\n$ {command}\n--- expected\n{expected}--- actual\n{output}\n");
    let shown = text.split_inclusive('\n');
    shown.map(|line| if genome_json::holds_private_key(line) { "[a private key, not shown]\n" } else { line }).collect()
}

/// A shell in a directory, with our programs first on its path, and nothing in its environment that is ours or the outer cargo's.
fn bash(directory: &Path) -> Command {
    const NOT_PASSED_ON: [&str; 15] = [
        "BASH_ENV",
        "CARGO",
        "CARGO_BUILD_TARGET_DIR",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_DIR",
        "CARGO_TARGET_TMPDIR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "ENV",
        "FORCE_COLOR",
        "NO_COLOR",
        "RUST_BACKTRACE",
        "SOURCE_DATE_EPOCH",
    ];
    const NOR_THOSE_OF: [&str; 6] = ["CARGO_BIN_", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_TERM_", "GENOME_", "MATHISON_"];
    let mut bash = Command::new("bash");
    bash.current_dir(directory).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if NOT_PASSED_ON.contains(&&*text) || NOR_THOSE_OF.iter().any(|prefix| text.starts_with(prefix)) {
            bash.env_remove(&name);
        }
    }
    // The cargo that runs this test is there even where none is on the path.
    let cargo = Path::new(env!("CARGO")).parent().map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: OsString =
        std::env::join_paths([programs().to_owned()].into_iter().chain(std::env::split_paths(&path)).chain(cargo)).unwrap();
    // What is needed has been fetched, or this test could not run.
    bash.env("PATH", path).env("LC_ALL", "C.UTF-8").env("CARGO_NET_OFFLINE", "true").env("GITHUB_WORKSPACE", directory);
    bash
}

/// A fresh copy of the repository, always at the same path and with the times of the files, so that cargo need not build it again.
fn scratch(document: &str) -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let copy = temporary.join("documents").join(document.replace('/', "-"));
    match fs::remove_dir_all(&copy) {
        Err(error) if error.kind() != ErrorKind::NotFound => panic!("{}: {error}", copy.display()),
        _ => {}
    }
    copy_directory(repository(), &copy);
    let settings = temporary.join("documents/.cargo");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("config.toml"), cheap_release()).unwrap();
    // What the outer cargo has built is not built again. A release of the documents is none that somebody should find and install.
    let built = [("debug", temporary.with_file_name("debug")), ("release", temporary.join("documents-release"))];
    fs::create_dir(copy.join("target")).unwrap();
    for (profile, directory) in built {
        fs::create_dir_all(&directory).unwrap();
        symlink(directory, copy.join("target").join(profile)).unwrap();
    }
    copy
}

/// Cargo's settings for the copies: of the profile of the tests, what it says of single packages.
fn cheap_release() -> String {
    let manifest = read("Cargo.toml");
    let of_packages = manifest.split("\n\n").filter(|table| table.contains("[profile.dev.package.") && !table.contains('*'));
    let tables = of_packages.map(|table| table.replace("profile.dev", "profile.release"));
    [CHEAP_RELEASE.to_owned()].into_iter().chain(tables).collect::<Vec<_>>().join("\n\n")
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (name, kind, path) = (entry.file_name(), entry.file_type().unwrap(), entry.path());
        let to = to.join(&name);
        let name = name.to_string_lossy();
        // Neither what is built, nor a secret that somebody has left lying here.
        if name == "target" || name == ".git" || name.ends_with("-secret.txt") || name.ends_with(".pem") {
            continue;
        }
        if kind.is_dir() {
            copy_directory(&path, &to);
        } else if kind.is_symlink() {
            symlink(fs::read_link(&path).unwrap(), &to).unwrap();
        } else {
            fs::copy(&path, &to).unwrap();
            File::open(&to).unwrap().set_modified(entry.metadata().unwrap().modified().unwrap()).unwrap();
        }
    }
}

/// The names of the members of a value, at every depth.
fn field_names(value: &Value<'_>, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| field_names(item, names)),
        Value::Object(members) => {
            for member in members {
                names.insert((*member.name).to_owned());
                field_names(&member.value, names);
            }
        }
        _ => {}
    }
}
