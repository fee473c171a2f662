//! `genome-verify`, as CI and operators run it.

use genome::Document;
use genome_json::canonicalize;
use genome_test_support::{Ran, Release, assert_ran, has, program, repository, run, say};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

/// A directory with a good genome, a tampered one and a draft.
fn release() -> Release {
    let release = Release::new(2, 1);
    assert_eq!(release.sign(1, &["draft.json", "good.json", "signer-1"]).status, Some(0));
    release.write("tampered.json", &release.read("good.json").replace("memory_search", "memory_erase"));
    release
}

fn verify(arguments: &[&str]) -> (Release, Ran) {
    let release = release();
    let ran = release.verify(arguments);
    (release, ran)
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let (_release, ran) = verify(&["tampered.json", "good.json", "draft.json"]);
    assert_eq!(ran.status, Some(1));
    for line in ["refused  tampered.json\n", "accepted, not trusted  good.json\n", "refused  draft.json\n"] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    for code in ["error[GENOME_INVALID_SIGNATURE]", "error[GENOME_UNSIGNED]"] {
        assert!(ran.stderr.contains(code), "{}", ran.stderr);
    }
    assert!(ran.stdout.contains("  NO  every signature by a known signer verifies: GENOME_INVALID_SIGNATURE\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("  --  the threshold is met (not evaluated)\n"), "{}", ran.stdout);
}

#[test]
fn what_could_not_be_decided_is_neither_yes_nor_no() {
    let (release, ran) = verify(&["good.json", "missing.json"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("error[GENOME_MISSING]"), "{}", ran.stderr);
    assert_eq!(release.verify(&["missing.json", "tampered.json", "good.json"]).status, Some(1), "a refusal outweighs it");
    assert_eq!(release.verify(&["--no-such-option"]).status, Some(2));
    fs::create_dir(release.path().join("empty")).unwrap();
    let ran = release.verify(&["empty"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("no file named genome.json"), "{}", ran.stderr);
}

#[test]
fn a_file_that_this_user_may_not_read() {
    // Root may read everything, so the test needs another user.
    if !has("setpriv") {
        return;
    }
    let release = release();
    let ran = run(Command::new("sh")
        .args(["-c", "chmod 711 . && chmod 600 good.json && exec setpriv --reuid 65534 --clear-groups \"$0\" good.json"])
        .arg(genome_test_support::programs().join("genome-verify"))
        .current_dir(release.path()));
    if ran.stderr.contains("setpriv:") || ran.status == Some(127) {
        say(&format!("SKIPPED, only root can become another user: {}\n", ran.stderr));
        return;
    }
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("error[GENOME_UNREADABLE]"), "{}", ran.stderr);
}

#[test]
fn directories_are_searched() {
    let release = release();
    for directory in ["tree/a", "tree/b/c"] {
        fs::create_dir_all(release.path().join(directory)).unwrap();
        fs::copy(release.path().join("good.json"), release.path().join(directory).join("genome.json")).unwrap();
    }
    let ran = release.verify(&["tree", "--print", "id"]);
    assert_eq!((ran.status, ran.stdout.lines().count()), (Some(0), 2));
    fs::write(release.path().join("tree/b/genome.json"), "{}").unwrap();
    assert_eq!(release.verify(&["tree"]).status, Some(1));
}

#[test]
fn nothing_in_a_directory_is_passed_over_or_waited_for() {
    let release = release();
    let at = |path: &str| release.path().join(path);
    for directory in ["tree/a", "elsewhere"] {
        fs::create_dir_all(at(directory)).unwrap();
        fs::copy(at("good.json"), at(directory).join("genome.json")).unwrap();
    }
    symlink("tree", at("link")).unwrap();
    assert_eq!(release.verify(&["link"]).status, Some(0), "a link on the command line is followed");
    symlink("../elsewhere", at("tree/b")).unwrap();
    let ran = release.verify(&["tree"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("error[GENOME_UNREADABLE]: a link to a directory is not followed\n  --> tree/b\n"), "{ran:?}");
    fs::remove_file(at("tree/b")).unwrap();

    fs::create_dir(at("tree/c")).unwrap();
    assert!(Command::new("mkfifo").arg(at("tree/c/genome.json")).status().unwrap().success());
    let ran = release.verify(&["tree"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("error[GENOME_UNREADABLE]: it is a FIFO, not a regular file"), "{}", ran.stderr);

    assert_ran(&release.verify(&["tree/c/genome.json"]), 2, "error[GENOME_UNREADABLE]: it is a FIFO, not a regular file");
    let script = "\"$0\" <(cat good.json) && \"$0\" /dev/stdin < good.json && cat good.json | \"$0\" -";
    let mut named = Command::new("bash");
    let ran =
        run(named.args(["-c", script]).arg(genome_test_support::programs().join("genome-verify")).current_dir(release.path()));
    assert_eq!(ran.status, Some(0), "what the caller has opened is read: {ran:?}");
}

#[test]
fn standard_input_is_read_once_and_never_for_the_environment() {
    let release = release();
    let ran = release.verify(&["-", "-"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("only once"), "{}", ran.stderr);
    let ran = run(program("genome-verify", release.path()).env("MATHISON_GENOME_PATH", "-"));
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("error[GENOME_MISSING]"), "{}", ran.stderr);
}

#[test]
fn no_line_starts_with_what_a_stranger_wrote() {
    let release = Release::new(2, 1);
    let draft =
        release.read("draft.json").replace("\"INV-001\"", "\"::error::pwned\"").replace("\"CAP-MEMORY\"", "\"::error::cap\"");
    release.write("draft.json", &draft);
    assert_eq!(release.sign(1, &["draft.json", "::error::file", "signer-1"]).status, Some(0));
    let ran = release.verify(&["::error::file", "::error::missing"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.stdout.contains("CRITICAL  `::error::pwned`"), "{}", ran.stdout);
    let command = ran.stdout.lines().chain(ran.stderr.lines()).find(|line| line.trim_start().starts_with("::"));
    assert_eq!(command, None);
}

#[test]
fn a_stream_that_is_not_open_for_writing_is_no_success() {
    let release = release();
    for arguments in [&["good.json"][..], &["--print", "id", "good.json"], &["--format", "json", "good.json"], &["--help"]] {
        let reading = fs::File::open(release.path().join("good.json")).unwrap();
        let status =
            program("genome-verify", release.path()).args(arguments).stdout(reading).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
    let status = program("genome-verify", release.path()).arg("good.json").stdout(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn the_environment_names_the_genome() {
    let release = release();
    let with_path = |path: &str| run(program("genome-verify", release.path()).env("MATHISON_GENOME_PATH", path));
    assert_eq!(with_path("good.json").status, Some(0));
    assert_eq!(with_path("tampered.json").status, Some(1));
    assert_eq!(with_path("").status, Some(2), "an empty variable must not fall back to the root genome");
    let nowhere = tempfile::tempdir().unwrap();
    let ran = run(&mut program("genome-verify", nowhere.path()));
    assert_ran(&ran, 2, "error[GENOME_MISSING]: MATHISON_GENOME_PATH is not set, and the root genome");
    assert!(ran.stderr.contains("  help: name the genome's file or directory; or set it"), "{}", ran.stderr);
    let ran = run(program("genome-verify", repository()).env("MATHISON_GENOME_PATH", ""));
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("MATHISON_GENOME_PATH"), "{}", ran.stderr);
}

#[test]
fn stricter_rules_are_never_passed_over() {
    let release = release();
    for (variable, value, status, code) in [
        ("MATHISON_ENV", "production", 1, "GENOME_UNTRUSTED"),
        ("MATHISON_GENOME_TRUST", "missing.json", 2, "GENOME_MISSING"),
        ("MATHISON_GENOME_STATE", "missing/state.json", 2, "GENOME_MISSING"),
        ("MATHISON_VERIFY_MANIFEST", "true", 1, "GENOME_MANIFEST_MISMATCH"),
    ] {
        let ran = run(program("genome-verify", release.path()).arg("good.json").env(variable, value));
        assert_eq!(ran.status, Some(status), "{variable}={value}: {ran:?}");
        assert!(ran.stderr.starts_with(&format!("error[{code}]: ")), "{variable}={value}: {}", ran.stderr);
        assert!(!ran.stdout.starts_with("accepted"), "{variable}={value}: {}", ran.stdout);
    }
}

#[test]
fn print_gives_the_value_and_nothing_else() {
    let (release, ran) = verify(&["--print", "id", "good.json"]);
    let text = release.read("good.json");
    let document = Document::read(text.as_bytes()).unwrap();
    assert_eq!((ran.status, ran.stdout, ran.stderr), (Some(0), format!("{}\n", document.id()), String::new()));

    let ran = release.verify(&["--print", "canonical", "good.json"]);
    assert_eq!(genome::GenomeId::of_canonical_form(ran.stdout.as_bytes()), document.id());
    assert_eq!(canonicalize(ran.stdout.as_bytes()).unwrap(), ran.stdout);

    for refused in ["tampered.json", "draft.json"] {
        for what in ["id", "canonical"] {
            let ran = release.verify(&["--print", what, refused]);
            assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "nothing is printed of what is refused");
            assert!(ran.stderr.starts_with("error[GENOME_"), "{}", ran.stderr);
        }
    }
    assert_eq!(release.verify(&["--print", "canonical", "good.json", "good.json"]).status, Some(2));
}

#[test]
fn quiet_is_silent_about_what_is_accepted() {
    let (release, ran) = verify(&["--quiet", "good.json"]);
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    let ran = release.verify(&["--quiet", "good.json", "tampered.json"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.starts_with("error[GENOME_INVALID_SIGNATURE]"), "{}", ran.stderr);
}

#[test]
fn json_is_one_object_for_the_whole_run() {
    let (_release, ran) = verify(&["--format", "json", "good.json", "tampered.json", "missing.json"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["schema_version"], "genome-verify.v0.1");
    assert_eq!(report["verdict"], "refused");
    let verdicts: Vec<&str> =
        report["genomes"].as_array().unwrap().iter().map(|genome| genome["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["accepted", "refused", "undecided"]);
    let good = &report["genomes"][0];
    assert_eq!(good["refusal"], serde_json::Value::Null);
    assert_eq!(good["genome"]["trust"], "self-declared");
    assert_eq!(good["genome"]["signers"][0]["signed"], true);
    assert_eq!(good["genome"]["signers"][1]["signed"], false);
    assert_eq!(good["genome"]["capabilities"].as_array().unwrap().len(), 7);
    let tampered = &report["genomes"][1]["refusal"];
    assert_eq!((&tampered["code"], &tampered["pointer"]), (&"GENOME_INVALID_SIGNATURE".into(), &"/signature".into()));
    assert_eq!(report["genomes"][2]["refusal"]["code"], "GENOME_MISSING");
}

#[test]
fn every_fault_of_the_schema_is_in_every_format() {
    let release = release();
    let bad = release
        .read("good.json")
        .replace("\"threshold\": 1", "\"threshold\": \"1\"")
        .replace("\"CRITICAL\"", "\"DIRE\"")
        .replace("\"parents\"", "\"parent\"");
    release.write("bad.json", &bad);
    let pointers =
        ["/authority/threshold", "/invariants/0/severity", "/invariants/1/severity", "/invariants/2/severity", "/parent"];
    let human = release.verify(&["bad.json"]).stderr;
    let github = release.verify(&["--format", "github", "bad.json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&release.verify(&["--format", "json", "bad.json"]).stdout).unwrap();
    let faults = json["genomes"][0]["refusal"]["faults"].as_array().unwrap();
    assert_eq!(faults.len(), pointers.len() + 1, "and a missing field");
    for pointer in pointers {
        assert!(human.contains(&format!("  - {pointer}: ")), "{human}");
        // The line is that of the value.
        let member = pointer.rsplit('/').next().unwrap();
        let line = github.lines().find(|line| line.contains(&format!(",title=GENOME_INVALID_SCHEMA::{pointer}: "))).unwrap();
        let (number, _) = line.strip_prefix("::error file=bad.json,line=").unwrap().split_once(',').unwrap();
        let line = bad.lines().nth(number.parse::<usize>().unwrap() - 1).unwrap();
        assert!(line.contains(&format!("\"{member}\": ")), "{pointer}: {line}");
        assert!(faults.iter().any(|fault| fault["pointer"] == pointer), "{faults:?}");
    }
    assert!(human.contains("did you mean `parents`?"), "{human}");
}

#[test]
fn a_fault_of_json_has_its_line_and_column() {
    let release = release();
    release.write("bad.json", "{\n  \"name\": \"a\",\n  \"na\\u006de\": \"b\"\n}\n");
    let ran = release.verify(&["bad.json"]);
    assert_eq!(
        ran.stderr,
        "error[GENOME_INVALID_JSON]: the name `name` stands twice in one object\n  --> bad.json:3:3\n  help: correct the file at that line and column\nsee: genome help GENOME_INVALID_JSON\n"
    );
    let ran = release.verify(&["--format", "github", "bad.json"]);
    assert!(ran.stdout.starts_with("::error file=bad.json,line=3,col=3,title=GENOME_INVALID_JSON::"), "{}", ran.stdout);
}

#[test]
fn what_a_stranger_wrote_cannot_steer_the_terminal() {
    let release = release();
    let claim = "consent_wins\\u001b[2J\\u202etxt\\u009b";
    let name = "\"na\\u001b[31mme\\u202e\": 1, \"name\"";
    release.write("draft.json", &release.read("draft.json").replace("consent_wins", claim));
    assert_eq!(release.sign(1, &["draft.json", "evil.json", "signer-1"]).status, Some(0));
    release.write("unknown.json", &release.read("draft.json").replacen("\"name\"", name, 1));
    for format in ["human", "json", "github", "sarif", "junit"] {
        for file in ["evil.json", "unknown.json", "x\u{1b}[31m\u{202e}.json"] {
            let ran = release.verify(&["--format", format, file]);
            let shown = format!("{}{}", ran.stdout, ran.stderr);
            let hidden = shown.chars().find(|&character| character != '\n' && genome_json::text::Printable::escapes(character));
            assert_eq!(hidden, None, "{format} {file}: {shown:?}");
        }
    }
}

#[test]
fn the_published_test_keys_are_warned_of() {
    let ran = run(program("genome-verify", repository()).args(["--format", "github", "genomes"]));
    assert_eq!(ran.status, Some(0));
    assert!(
        ran.stdout.starts_with(
            "::warning file=genomes/TOTK_ROOT_v1.0.0/genome.json,line=9,col=7,title=GENOME_TEST_KEY::/authority/signers/0: "
        ),
        "{}",
        ran.stdout
    );
}

#[test]
fn streams_and_endless_files() {
    let release = release();
    let mut command = program("genome-verify", release.path());
    let mut child = command.args(["--print", "id", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(release.read("good.json").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout.len(), 65);

    for path in ["-", "/dev/stdin", "/proc/self/fd/0"] {
        let zeros = fs::File::open("/dev/zero").unwrap();
        let output = program("genome-verify", release.path()).arg(path).stdin(zeros).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{path}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("larger than 16 MiB"));
    }
    assert_ran(&release.verify(&["/dev/zero"]), 2, "it is a character device, not a regular file");

    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = program("genome-verify", release.path()).arg("good.json").stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2), "a verdict that nobody got is no yes");
}

#[test]
fn help_and_version() {
    for name in ["genome-draft", "genome-keygen", "genome-merge", "genome-sign", "genome-verify"] {
        let ran = run(program(name, Path::new("/")).arg("--help"));
        assert_eq!(ran.status, Some(0));
        assert!(ran.stdout.contains("Example:\n") && ran.stdout.contains("Exit status:\n  0 "), "{}", ran.stdout);
        let ran = run(program(name, Path::new("/")).arg("--version"));
        assert_eq!(ran.stdout, format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
    }
}
