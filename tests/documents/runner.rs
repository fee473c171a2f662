//! The runner: the transcripts of a document, each in one shell session in a copy of the repository.
//!
//! A fence with the info string `console` is a transcript: a line `$ command` starts a command, lines `> ...` right after it continue it,
//! the other lines are what it prints, both streams together. A line `...` stands for any lines, `[..]` for any characters. A command
//! without such lines may print what it likes. Each must exit 0; a document that shows another status asks for it with `echo "$?"`.
//! `console,NAME` needs the program NAME. A page of the book that names a script in `<!-- setup: NAME -->` starts after it.
//!
//! `snapbox` compares. The runner is ours, as `trycmd` 1.2.1 splits each command with `shlex` and starts it by itself: there are no pipes,
//! redirections or variables, and no session in which one command goes on from another.

use genome_test_support::inherited::isolate;
use genome_test_support::{has, programs, repository};
use snapbox::{Assert, Data};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What other blocks may hold.
const NOT_RUN: [&str; 6] = ["ini", "json", "rust", "text", "toml", "yaml"];

/// Stands before the one fence that CI runs as it is.
const TEST_COMMAND: &str = "<!-- test-command -->";

pub(crate) fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Held by all that builds or runs programs: a document that builds shares the target directory, and a build takes a program away for a moment.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the transcripts of a document that may build. Returns the number of commands.
pub(crate) fn run_document(name: &str) -> usize {
    let _turn = turn();
    let steps = steps(&read(name), has).unwrap_or_else(|why| panic!("{name}: {why}"));
    if steps.is_empty() || !has("bash") {
        return steps.len();
    }
    let directory = scratch();
    let ran = run_steps(name, &steps, &directory).unwrap_or_else(|why| panic!("{why}"));
    fs::remove_dir_all(directory).unwrap();
    genome_test_support::say(&format!("{name}: {ran} commands\n"));
    ran
}

/// Runs the transcripts of a page of the book, which builds nothing, in a copy of what the pages work with. Returns the number of commands.
///
/// # Errors
/// All that is wrong. The copy is kept then.
pub(crate) fn run_page(name: &str) -> Result<usize, String> {
    let steps = steps(&read(name), has).map_err(|why| format!("{name}: {why}"))?;
    if steps.is_empty() || !has("bash") {
        return Ok(steps.len());
    }
    let directory = tempfile::tempdir().unwrap();
    for used in OF_THE_PAGES {
        let (from, to) = (repository().join(used), directory.path().join(used));
        if from.is_dir() {
            copy_directory(&from, &to);
        } else {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        }
    }
    run_steps(name, &steps, directory.path()).map_err(|why| format!("{why}\nit ran in {}", directory.keep().display()))
}

/// What the pages of the book find of the repository.
const OF_THE_PAGES: [&str; 7] = [
    ".gitignore",
    "LICENSE",
    "deploy",
    "docs/setup",
    "genomes",
    "proposals",
    "tests/vectors/hostile/legacy-signature-capabilities-changed",
];

/// A fenced block.
pub(crate) struct Fence<'d> {
    /// The line of the opening fence, from 1.
    pub(crate) line: usize,
    pub(crate) info: &'d str,
    pub(crate) lines: Vec<&'d str>,
    pub(crate) is_test_command: bool,
}

impl Fence<'_> {
    pub(crate) fn is_transcript(&self) -> bool {
        self.info.split(',').next() == Some("console")
    }
}

/// Every fenced block of a document, which must be one that this test knows.
pub(crate) fn fences(document: &str) -> Result<Vec<Fence<'_>>, String> {
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
pub(crate) struct Step {
    /// Its line, from 1.
    line: usize,
    pub(crate) command: String,
    /// What it prints, if the document shows it.
    output: Option<String>,
    /// Whether it is the script from which a page starts, which ends the session where a command of it fails.
    is_start: bool,
}

/// The commands of a document, without those that need a program that is absent.
pub(crate) fn steps(document: &str, has: impl Fn(&str) -> bool) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = start(document).into_iter().collect();
    for fence in fences(document)?.into_iter().filter(Fence::is_transcript) {
        if !fence.info.split(',').skip(1).all(&has) {
            continue;
        }
        let first = steps.len();
        for (line, text) in (fence.line + 1..).zip(fence.lines) {
            let step = steps.get_mut(first..).and_then(<[Step]>::last_mut);
            match (step, text.strip_prefix("$ "), text.strip_prefix('>')) {
                (_, Some(command), _) => steps.push(Step { line, command: command.to_owned(), output: None, is_start: false }),
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
    // Nothing is to be made ready for a page without commands.
    let is_empty = steps.iter().all(|step| step.is_start);
    Ok(if is_empty { Vec::new() } else { steps })
}

/// The script from which a page starts, where it names one: `<!-- setup: NAME -->` is `docs/setup/NAME.sh`.
fn start(document: &str) -> Option<Step> {
    let name = |line: &str| Some(line.strip_prefix("<!-- setup: ")?.strip_suffix(" -->")?.to_owned());
    let (line, name) = (1..).zip(document.lines()).find_map(|(number, line)| Some((number, name(line)?)))?;
    Some(Step { line, command: format!(". docs/setup/{name}.sh"), output: None, is_start: true })
}

/// Runs commands in one bash session, up to the first that fails. Gives their number, or all that is wrong.
pub(crate) fn run_steps(document: &str, steps: &[Step], directory: &Path) -> Result<usize, String> {
    // Each command has a file of its own for what it prints, so that nothing that it prints can be taken for another's.
    let results = tempfile::tempdir().unwrap();
    let result = |name: &str| results.path().join(name);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let quoted_path = |name: &str| quoted(result(name).to_str().unwrap());
    let statuses = quoted_path("statuses");
    let end = format!("end {:016x}", RandomState::new().build_hasher().finish());
    let commands = (0..).zip(steps).map(|(index, step)| {
        let output = quoted_path(&format!("output-{index}"));
        if step.is_start {
            return format!("set -e; {{ {}; }} >{output} 2>&1 </dev/null; set +e; echo 0 >>{statuses}\n", step.command);
        }
        let command = quoted(&step.command);
        format!("if eval {command} >{output} 2>&1 </dev/null; then echo 0 >>{statuses}; else echo $? >>{statuses}; exit; fi\n")
    });
    // A server of a document that fails would run for ever.
    let start = "trap 'kill $(jobs -p) 2>/dev/null' EXIT\n".to_owned();
    let script: String = [start].into_iter().chain(commands).chain([format!("echo {} >>{statuses}\n", quoted(&end))]).collect();
    fs::write(result("script"), script).unwrap();
    let home = result("home");
    // Whatever the umask, production accepts what is made below it.
    DirBuilder::new().mode(0o700).create(&home).unwrap();
    let bash = bash(directory, &home).args(["--noprofile", "--norc"]).arg(result("script")).output().unwrap();
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
    let Step { line, command, output: expected, .. } = step;
    let expected = expected.as_deref().map_or_else(|| "(anything)\n".to_owned(), ToOwned::to_owned);
    let text = format!("{document}:{line}: {what}\n$ {command}\n--- expected\n{expected}--- actual\n{output}\n");
    let shown = text.split_inclusive('\n');
    shown.map(|line| if genome_json::holds_private_key(line) { "[a private key, not shown]\n" } else { line }).collect()
}

/// A shell in a directory, with our programs first on its path. Of what this process inherits it has only what cargo needs to build.
fn bash(directory: &Path, home: &Path) -> Command {
    let mut bash = Command::new("bash");
    bash.current_dir(directory).stdin(Stdio::null()).env_clear();
    bash.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_passed_on)));
    // The cargo that runs this test is there even where none is on the path.
    let cargo = Path::new(env!("CARGO")).parent().map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: OsString =
        std::env::join_paths([programs().to_owned()].into_iter().chain(std::env::split_paths(&path)).chain(cargo)).unwrap();
    bash.env("PATH", path).env("HOME", home).env("GIT_CONFIG_GLOBAL", home.join(".gitconfig")).env("GIT_CONFIG_NOSYSTEM", "1");
    // What a document leaves in a temporary directory is removed with its home.
    bash.env("TMPDIR", home);
    // Where these are not set, they are below the home that is another here.
    for (name, below) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        if let Some(found) = std::env::home_dir().map(|home| home.join(below)).filter(|_| std::env::var_os(name).is_none()) {
            bash.env(name, found);
        }
    }
    // What is needed has been fetched, or this test could not run.
    bash.env("LC_ALL", "C.UTF-8").env("CARGO_NET_OFFLINE", "true").env("GITHUB_WORKSPACE", directory);
    isolate(&mut bash);
    bash
}

/// Whether cargo builds with this variable, and not only says with it what it runs here, or where.
fn is_passed_on(name: &str) -> bool {
    const NAMES: [&str; 3] = ["CC", "RUSTC_WRAPPER", "RUSTFLAGS"];
    const STARTS: [&str; 2] = ["CARGO_", "RUSTUP_"];
    const OF_THIS_RUN: [&str; 9] = [
        "CARGO_BIN_",
        "CARGO_BUILD_TARGET_DIR",
        "CARGO_CRATE_NAME",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_DIR",
        "CARGO_TARGET_TMPDIR",
        "CARGO_TERM_",
    ];
    let starts = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
    NAMES.contains(&name) || (starts(&STARTS) && !starts(&OF_THIS_RUN))
}

/// A fresh copy of the repository, always at the same path and with the times of the files, so that cargo builds it once for all documents.
fn scratch() -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let copy = temporary.join("documents/repository");
    match fs::remove_dir_all(&copy) {
        Err(error) if error.kind() != ErrorKind::NotFound => panic!("{}: {error}", copy.display()),
        _ => {}
    }
    copy_directory(repository(), &copy);
    // What the outer cargo has built is not built again.
    fs::create_dir(copy.join("target")).unwrap();
    symlink(temporary.with_file_name("debug"), copy.join("target/debug")).unwrap();
    copy
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

#[path = "runner_tested.rs"]
mod tested;
