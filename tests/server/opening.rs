//! What stands at a path that a program is given, and is no file: it is named, and nobody waits for it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome::PrivateKey;
use genome::key::Encryption;
use genome_test_support::{Draft, Ran, Release, policy, program, programs, run};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A command line: the program, its arguments and its variables, in which `{}` stands for the path.
struct Line {
    program: &'static str,
    arguments: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    wants: Wants,
}

#[derive(Clone, Copy, PartialEq)]
enum Wants {
    File,
    Directory,
    /// Nothing may be there yet, whatever it is.
    Nothing,
    /// A path as a manifest has it, which is looked up in its root, by rules of its own.
    Beneath,
    /// A file that no link leads to.
    Log,
}
use Wants::{Beneath, Directory, File, Log, Nothing};

const fn line(program: &'static str, arguments: &'static [&'static str], wants: Wants) -> Line {
    Line { program, arguments, variables: &[], wants }
}

const fn variable(
    program: &'static str,
    arguments: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    wants: Wants,
) -> Line {
    Line { program, arguments, variables, wants }
}

const SERVED: &[(&str, &str)] = &[("MATHISON_GENOME_PATH", "old.json")];
const PIN: &str = "pkcs11:token=a;object=b?module-path={}";

/// Every way by which a program gets a path that it reads, or the path of a directory in which it writes.
const LINES: &[Line] = &[
    line("genome-verify", &["{}"], File),
    line("genome-verify", &["old.json", "{}"], File),
    line("genome-verify", &["--production", "{}"], File),
    line("genome-verify", &["--trust", "{}", "old.json"], File),
    line("genome-verify", &["--production", "--trust", "{}", "old.json"], File),
    line("genome-verify", &["--state", "{}", "old.json"], File),
    line("genome-verify", &["--state", "{}/state.json", "old.json"], Directory),
    line("genome-verify", &["--audit-log", "{}", "old.json"], File),
    line("genome-verify", &["--lineage", "{}", "old.json"], Directory),
    line("genome-verify", &["--verify-manifest", "--manifest-root", "{}", "old.json"], Directory),
    line("genome-verify", &["--verify-manifest", "--strict-manifest", "{}", "old.json"], Beneath),
    line("genome-verify", &["--proposal", "{}"], Directory),
    variable("genome-verify", &[], &[("MATHISON_GENOME_PATH", "{}")], File),
    variable("genome-verify", &["old.json"], &[("MATHISON_GENOME_TRUST", "{}")], File),
    variable("genome-verify", &["old.json"], &[("MATHISON_GENOME_STATE", "{}")], File),
    variable("genome-verify", &["--verify-manifest", "old.json"], &[("MATHISON_REPO_ROOT", "{}")], Directory),
    line("genome-diff", &["{}"], File),
    line("genome-diff", &["{}", "new.json"], File),
    line("genome-diff", &["old.json", "{}"], File),
    line("genome-diff", &["--trust", "{}", "old.json", "new.json"], File),
    variable("genome-diff", &["old.json", "new.json"], &[("MATHISON_GENOME_TRUST", "{}")], File),
    line("genome-diff", &["--definitions", "{}", "old.json", "new.json"], File),
    line("genome-diff", &["--textconv", "{}"], File),
    line("genome-diff", &["--propose", "{}/0001-first", "old.json", "new.json"], Directory),
    line("genome-diff", &["--propose", "{}/0001-first", "new.json"], Directory),
    line("genome", &["propose", "A title", "{}"], File),
    line("genome", &["propose", "--from", "{}", "A title", "new.json"], File),
    line("genome", &["propose", "--directory", "{}", "A title", "new.json"], Directory),
    line("genome", &["propose", "--refresh", "{}", "new.json"], Directory),
    line("genome-draft", &["--bump", "patch", "--from", "{}", "draft.json"], File),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--trust", "{}", "draft.json"], File),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--pin-all", "{}", "draft.json"], File),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--lineage", "{}", "draft.json"], Directory),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--signer", "{}", "draft.json"], File),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--add-signer", "{}", "draft.json"], File),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--add-capability", "{}", "draft.json"], File),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--add-invariant", "{}", "draft.json"], File),
    line("genome-draft", &["--bump", "patch", "--from", "old.json", "--refresh", "--root", "{}", "draft.json"], Directory),
    line("genome-draft", &["--from", "old.json", "--file", "{}", "--bump", "patch", "draft.json"], Beneath),
    line("genome-draft", &["--from", "old.json", "--bump", "patch", "{}"], File),
    line("genome-draft", &["--from", "old.json", "--bump", "patch", "--force", "{}"], File),
    line("genome-draft", &["--from", "old.json", "--bump", "patch", "{}/draft.json"], Directory),
    variable("genome-draft", &["--bump", "patch", "--from", "old.json", "draft.json"], &[("MATHISON_GENOME_TRUST", "{}")], File),
    variable(
        "genome-draft",
        &["--bump", "patch", "--from", "old.json", "--refresh", "draft.json"],
        &[("MATHISON_REPO_ROOT", "{}")],
        Directory,
    ),
    line("genome-sign", &["{}", "signed.json"], File),
    line("genome-sign", &["new.json", "{}"], File),
    line("genome-sign", &["new.json", "{}/signed.json"], Directory),
    line("genome-sign", &["--parent", "{}", "new.json", "signed.json"], File),
    line("genome-sign", &["--audit-log", "{}", "new.json", "signed.json"], Log),
    line("genome-sign", &["--audit-log", "{}/log", "new.json", "signed.json"], Directory),
    line("genome-sign", &["--key", "file:{}", "new.json", "signed.json"], File),
    line("genome-sign", &["--key", "file:encrypted.pem", "--passphrase-file", "{}", "new.json", "signed.json"], File),
    line("genome-sign", &["--key", PIN, "new.json", "signed.json"], File),
    variable("genome-sign", &["new.json", "signed.json"], &[("GENOME_AUDIT_LOG", "{}")], Log),
    variable("genome-sign", &["new.json", "signed.json"], &[("GENOME_SIGNING_KEY", "file:{}")], File),
    variable(
        "genome-sign",
        &["--key", "pkcs11:token=a;object=b", "new.json", "signed.json"],
        &[("PKCS11_PROVIDER_MODULE", "{}")],
        File,
    ),
    line("genome-keygen", &["--secret-file", "{}", "k"], Nothing),
    line("genome-keygen", &["--secret-file", "{}/secret", "k"], Directory),
    line("genome-keygen", &["--public-file", "{}", "--secret-file", "public-secret", "k"], File),
    line("genome-keygen", &["--public-file", "{}/public", "--secret-file", "public-secret", "k"], Directory),
    line("genome-keygen", &["--encrypt", "--passphrase-file", "{}", "--secret-file", "secret", "k"], File),
    line("genome-keygen", &["--public-from", "file:{}", "k"], File),
    line("genome-keygen", &["--public-from", PIN, "k"], File),
    variable("genome-keygen", &["--public-from", "pkcs11:token=a", "k"], &[("PKCS11_PROVIDER_MODULE", "{}")], File),
    line("genome-merge", &["{}", "old.json", "--output", "merged.json"], File),
    line("genome-merge", &["old.json", "{}", "--output", "merged.json"], File),
    line("genome-merge", &["old.json", "old.json", "--output", "{}"], File),
    line("genome-merge", &["old.json", "old.json", "--output", "{}/merged.json"], Directory),
    line("genome-merge", &["--driver", "{}", "ours.json", "old.json"], File),
    line("genome-merge", &["--driver", "old.json", "{}", "old.json"], File),
    line("genome-merge", &["--driver", "old.json", "ours.json", "{}"], File),
    variable("genome-server", &["--listen", "127.0.0.1:0"], &[("MATHISON_GENOME_PATH", "{}")], File),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--trust", "{}"], SERVED, File),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--state", "{}"], SERVED, File),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--state", "{}/state.json"], SERVED, Directory),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--audit-log", "{}"], SERVED, File),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--lineage", "{}"], SERVED, Directory),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--verify-manifest", "--manifest-root", "{}"], SERVED, Directory),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--verify-manifest", "--strict-manifest", "{}"], SERVED, Beneath),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--decision-log", "{}"], SERVED, Log),
    variable("genome-server", &["--listen", "127.0.0.1:0", "--decision-log", "{}/log"], SERVED, Directory),
    // This is a warning only, and the boot fails for want of a genome.
    variable(
        "genome-server",
        &["--listen", "127.0.0.1:0", "--metrics-textfile", "{}"],
        &[("MATHISON_GENOME_PATH", "missing.json")],
        File,
    ),
    variable(
        "genome-server",
        &["--listen", "127.0.0.1:0"],
        &[("MATHISON_GENOME_PATH", "old.json"), ("MATHISON_GENOME_TRUST", "{}")],
        File,
    ),
    variable(
        "genome-server",
        &["--listen", "127.0.0.1:0"],
        &[("MATHISON_GENOME_PATH", "old.json"), ("MATHISON_GENOME_STATE", "{}")],
        File,
    ),
];

/// The options whose value is no path of anything that is opened.
const NO_PATHS: [(&str, &str); 0] = [];

/// Genomes, a policy and a key, and what is no file: `fifo`, `socket`, and links to them and to a device.
fn scratch() -> (Release, UnixListener) {
    let release = Release::new(1, 1);
    fs::create_dir(work(&release)).unwrap();
    let old = Draft::new("1.0.0", &[1], 1);
    release.write("work/old.json", &old.signed(&[1]));
    release.write("work/ours.json", &old.signed(&[1]));
    release.write("work/new.json", &Draft::new("1.1.0", &[1], 1).after(&[&old]).document.to_string());
    release.write("work/trust.json", &policy(&[1], 1, &json!({})));
    let at = |name: &str| work(&release).join(name);
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(at("fifo")).status().unwrap().success());
    let listener = UnixListener::bind(at("socket")).unwrap();
    for (target, link) in [("fifo", "to-fifo"), ("/dev/zero", "to-device")] {
        std::os::unix::fs::symlink(target, at(link)).unwrap();
    }
    let encryption = Encryption { passphrase: "correct horse", random: &[7; 32] };
    release
        .write("work/encrypted.pem", &PrivateKey::from_text(&release.keys[0], None).unwrap().to_encrypted_pem(encryption).unwrap());
    release.write("work/phrase", "correct horse\n");
    for name in ["work/phrase", "work/encrypted.pem"] {
        release.set_mode(name, 0o600);
    }
    (release, listener)
}

/// Where the programs run: genomes are looked for in the directory above, which is none that others write to.
fn work(release: &Release) -> PathBuf {
    release.path().join("work")
}

impl Line {
    /// Runs it with this path, and kills it if it waits.
    fn run(&self, release: &Release, path: &str) -> Ran {
        let filled = |text: &str| text.replace("{}", path);
        let mut command = program(self.program, &work(release));
        let mut limited = Command::new("timeout");
        limited
            .args(["--signal=KILL", "60"])
            .arg(programs().join(self.program))
            .args(self.arguments.iter().map(|text| filled(text)));
        for (name, value) in command.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]).get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        limited.envs(self.variables.iter().map(|(name, value)| (name, filled(value))));
        run(limited.current_dir(work(release)))
    }

    fn check(&self, release: &Release, path: &str, kind: &str) {
        let ran = self.run(release, path);
        let shown = format!("{} {:?} {:?} with {path}: {ran:?}", self.program, self.arguments, self.variables);
        assert!(matches!(ran.status, Some(1 | 2)), "{shown}");
        let said = match self.wants {
            Log if path.starts_with("./to-") => "it is a symbolic link".to_owned(),
            File | Log => kind.to_owned(),
            Directory => format!("is {kind}, not a directory"),
            Nothing => "there".to_owned(),
            Beneath => String::new(),
        };
        let all = ran.stdout + &ran.stderr;
        assert!(all.contains(&said), "expected `{said}`: {shown}");
        assert!(!all.contains("os error 6"), "{shown}");
    }
}

#[test]
fn what_is_no_file_is_named_and_not_waited_for() {
    let (release, _listener) = scratch();
    let before = genome_test_support::names(&work(&release));
    for line in LINES {
        for (path, kind) in [
            ("./fifo", "a FIFO"),
            ("./to-fifo", "a FIFO"),
            ("./socket", "a socket"),
            ("/dev/zero", "a character device"),
            ("./to-device", "a character device"),
        ] {
            line.check(&release, path, kind);
        }
    }
    assert_eq!(genome_test_support::names(&work(&release)), before, "nothing was made");
}

/// Whoever follows a hint gets further: not all that a program reads may come through a pipe.
#[test]
fn the_hint_is_one_that_helps() {
    const SPACED: &[(&str, &str)] = &[("MATHISON_GENOME_PATH", "{} ")];
    const PIPED: &[(&str, &str)] = &[("MATHISON_GENOME_PATH", "{}")];
    let (release, _listener) = scratch();
    fs::File::create(work(&release).join("large.jsonl")).unwrap().set_len((1 << 30) + 1).unwrap();
    let save = "save what comes through it to a regular file, and name that";
    let regular = "name a regular file, or a new one, which is then made";
    let inside = "name a file in a directory";
    let rename = "set MATHISON_GENOME_PATH to the path alone; a file whose name is really so has to be renamed";
    let large = "move it away and keep it, so that signings go to a new one";
    for (tried, path, hint) in [
        (line("genome-verify", &["{}"], File), "./fifo", save),
        (line("genome-verify", &["--production", "{}"], File), "./fifo", save),
        (line("genome-verify", &["--trust", "{}", "old.json"], File), "./fifo", save),
        (line("genome-verify", &["--production", "--trust", "{}", "old.json"], File), "./fifo", save),
        (line("genome-verify", &["--audit-log", "{}", "old.json"], File), "./fifo", save),
        (variable("genome-server", &[], PIPED, File), "./fifo", save),
        (line("genome-verify", &["{}"], File), "./socket", "name a regular file"),
        (line("genome-verify", &["--state", "{}", "old.json"], File), "./fifo", regular),
        (line("genome-verify", &["--state", "{}", "old.json"], File), ".", regular),
        (line("genome-sign", &["--yes", "--audit-log", "{}", "old.json", "signed.json"], Log), "./fifo", regular),
        (line("genome-sign", &["--yes", "--audit-log", "{}", "old.json", "signed.json"], Log), "./fifo/x", inside),
        (line("genome-sign", &["--yes", "old.json", "{}"], File), "./fifo/x", inside),
        (line("genome-draft", &["--from", "old.json", "--bump", "patch", "{}"], File), "./fifo/x", inside),
        (line("genome-verify", &["--trust", "{}", "old.json"], File), "-", "standard input is /dev/stdin here"),
        (
            line("genome-sign", &["--yes", "--parent", "{}", "old.json", "signed.json"], File),
            "-",
            "standard input is /dev/stdin here",
        ),
        (line("genome-verify", &["{}"], File), "/dev/fd/77", "open it, as in `7< FILE` for 7, or name a file"),
        (line("genome-verify", &["{}"], File), "/proc/self/fd/77", "open it, as in `7< FILE` for 7, or name a file"),
        (line("genome-verify", &["--audit-log", "{}", "old.json"], File), "large.jsonl", large),
        (variable("genome-server", &[], SPACED, File), "old.json", rename),
    ] {
        let ran = tried.run(&release, path);
        assert_eq!(ran.status, Some(2), "{ran:?}");
        let hints = [
            format!("\n  help: {hint}"),
            format!("\"hint\":\"{hint}"),
            format!("help: nothing was signed; {hint}"),
            format!("; {hint}"),
            format!(": {hint}"),
        ];
        assert!(hints.iter().any(|hint| ran.stderr.contains(hint)), "{hint}: {ran:?}");
    }
    let piped = "genome-verify --production <(cat old.json)";
    let mut shell = Command::new("bash");
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    let ran = run(shell.args(["-c", piped]).env("PATH", path).current_dir(work(&release)));
    assert!(ran.stderr.contains("help: save it to a regular file that only its owner can write, and name that"), "{ran:?}");
}

#[test]
fn a_directory_is_no_file_either() {
    let (release, _listener) = scratch();
    fs::create_dir(work(&release).join("directory")).unwrap();
    for line in LINES.iter().filter(|line| line.wants == File) {
        let is_last = line.arguments.last().is_none_or(|last| ["{}", ""].contains(last));
        // There genomes are searched for, and a draft is put into it.
        if !is_last || !["genome-verify", "genome-draft"].contains(&line.program) {
            line.check(&release, "./directory", "a directory");
        }
    }
}

/// So that a new option is not forgotten here.
#[test]
fn every_option_that_takes_a_path_is_in_the_list() {
    for name in ["verify", "diff", "draft", "sign", "keygen", "merge", "server"] {
        let name = format!("genome-{name}");
        let help = run(program(&name, Path::new("/")).arg("--help")).stdout;
        let values = ["<FILE>", "<DIR>", "<PATH>", "<REF>", "<OUTPUT>"];
        let options: BTreeSet<&str> = help
            .lines()
            .filter(|line| values.iter().any(|value| line.contains(value)))
            .filter_map(|line| line.split_whitespace().find(|word| word.starts_with("--")))
            .collect();
        assert!(options.len() > 1 || name == "genome-merge", "{name}: {options:?}");
        for option in options {
            let is_listed = LINES.iter().any(|line| line.program == name && line.arguments.contains(&option));
            let is_shared = name == "genome-draft" && option == "--remove-file";
            assert!(is_listed || is_shared || NO_PATHS.contains(&(&name, option)), "{name} {option} is not tried");
        }
    }
}

/// What works today goes on working: a pipe that the caller has opened.
#[test]
fn what_the_caller_has_open_is_read_as_it_comes() {
    let (release, _listener) = scratch();
    for script in [
        "genome-verify - < old.json",
        "genome-verify /dev/stdin < old.json",
        "cat old.json | genome-verify /dev/stdin",
        "cat old.json | genome-verify --trust <(cat trust.json) -",
        "genome-verify --trust <(cat trust.json) <(cat old.json)",
        "genome-verify /dev/fd/7 7< old.json",
        "genome-verify /proc/self/fd/7 7< <(cat old.json)",
        "ln -s /dev/fd/7 seven; genome-verify seven 7< <(cat old.json)",
        "genome-diff --fail-on widening <(cat old.json) <(cat new.json)",
        "genome-diff --textconv /dev/stdin < old.json",
        "genome-draft --from <(cat old.json) --signer <(genome-keygen --public-from file:encrypted.pem --passphrase-file phrase k) --threshold 1 --bump patch -",
        "genome-sign --parent <(cat old.json) <(cat new.json) -",
        "genome-sign --key file:encrypted.pem --passphrase-file <(cat phrase) new.json signed.json",
        "genome-sign --key file:encrypted.pem --passphrase-fd 3 new.json fd.json 3< <(cat phrase)",
        "genome-sign --yes --key file:<(cat encrypted.pem) --passphrase-file <(cat phrase) new.json piped.json",
        "genome-keygen --encrypt --passphrase-file /dev/stdin --secret-file piped.pem k < phrase",
        "genome-merge <(cat old.json) <(cat ours.json) --output merged.json",
        // As the book and SECURITY.md say, also through a link, but not in production.
        "ln -s /dev/stdin link.json && cat old.json | genome-verify link.json",
        "cat old.json | genome-verify --production link.json 2>&1 | grep -q 'production reads files only'",
        // As they say, too, some must be regular files.
        "genome-verify --audit-log <(: > log) old.json 2>&1 | grep -q 'it is a FIFO, not a regular file'",
        ": | genome-verify --state /dev/stdin old.json 2>&1 | grep -q 'the state, which says what was accepted before, cannot be used'",
    ] {
        let mut bash = Command::new("bash");
        let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
        let ran = run(bash
            .args(["-c", script])
            .current_dir(work(&release))
            .env("PATH", path)
            .env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]));
        assert_eq!(ran.status, Some(0), "{script}: {ran:?}");
    }
}
