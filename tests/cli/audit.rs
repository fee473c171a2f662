//! `genome-sign --audit-log`: what is recorded, and that nothing is signed that is not.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::Document;
use genome::audit::{AuditLog, AuditRecord, AuditTail, Circumstances, Custody, Output};
use genome_json::text::Printable;
use genome_test_support::quoted::unquoted;
use genome_test_support::{
    Draft, Ran, Release, assert_ran, file, fingerprint, has, key, names, programs, run, run_at_once, run_unprivileged,
};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

const LOG: &str = "audit.jsonl";

fn sign(release: &Release, signer: usize, output: &str) -> Ran {
    release.sign(signer, &["draft.json", output, &format!("signer-{signer}"), "--audit-log", LOG])
}

fn lines(release: &Release) -> Vec<Value> {
    release.read(LOG).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Reads the log with nothing of ours, and says of each line its number and who signed.
const READER: &str = r#"
import base64, hashlib, json, sys
previous = "0" * 64
for number, line in enumerate(open(sys.argv[1], "rb"), 1):
    entry = json.loads(line)
    canonical = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert line == canonical(entry) + b"\n"
    assert entry["line"] == number and entry["previous"] == previous
    rest = {name: value for name, value in entry.items() if name != "sha256"}
    assert entry["sha256"] == hashlib.sha256(canonical(rest)).hexdigest()
    assert len(base64.b64decode(entry["sig_base64"], validate=True)) == 64
    previous = hashlib.sha256(line).hexdigest()
    print(number, entry["key_id"])
"#;

fn read_independently(release: &Release) -> Option<String> {
    if !has("python3") {
        return None;
    }
    let ran = run(Command::new("python3").args(["-c", READER, LOG]).current_dir(release.path()));
    assert_ran(&ran, 0, "");
    Some(ran.stdout)
}

/// Nothing was signed, and nothing is there that was not there before.
fn assert_unsigned(release: &Release, before: &[String], ran: &Ran, said: &str) {
    assert_ran(ran, 2, "error: the audit log cannot be used: ");
    assert!(ran.stderr.contains(said) && ran.stderr.contains("  help: nothing was signed; "), "{said}: {}", ran.stderr);
    assert_eq!((ran.stdout.as_str(), names(release.path())), ("", before.to_vec()), "{said}");
}

#[test]
fn each_signing_is_a_line() {
    let release = Release::new(2, 2);
    assert_ran(&sign(&release, 1, "genome.json"), 0, "  recorded    in audit.jsonl, line 1\n");
    // What makes a draft reproducible has no say here.
    let mut second = release.signing(2, &["draft.json", "genome.json", "signer-2"]);
    assert_ran(&run(second.env("GENOME_AUDIT_LOG", LOG).env("SOURCE_DATE_EPOCH", "0")), 0, "in audit.jsonl, line 2\n");
    assert_eq!(read_independently(&release).unwrap_or("1 signer-1\n2 signer-2\n".to_owned()), "1 signer-1\n2 signer-2\n");

    let genome: Value = serde_json::from_str(&release.read("genome.json")).unwrap();
    let id = release.verify(&["--print", "id", "genome.json"]).stdout;
    let output = fs::canonicalize(release.path()).unwrap().join("genome.json");
    let user = |option: &str| run(Command::new("id").arg(option)).stdout.trim_end().to_owned();
    let host = run(Command::new("uname").arg("-n")).stdout;
    for (line, signer) in lines(&release).iter().zip(1_u8..) {
        for (member, expected) in [
            ("schema_version", "audit.v0.1"),
            ("key_id", &format!("signer-{signer}")),
            ("fingerprint", &fingerprint(signer)),
            ("custody", "env"),
            ("genome_id", id.trim_end()),
            ("name", "TOTK_ROOT"),
            ("version", "1.0.0"),
            ("output", output.to_str().unwrap()),
            ("user", &user("-un")),
            ("host", host.trim_end()),
            ("program", "genome-sign 0.1.0"),
        ] {
            assert_eq!(line[member], expected, "{member}");
        }
        assert_eq!(line["uid"].to_string(), user("-u"));
        assert_eq!(line["already"], false);
        assert_eq!(line["sig_base64"], genome["signatures"][usize::from(signer) - 1]["sig_base64"]);
        let time = line["time"].as_str().unwrap().parse::<genome::Timestamp>().unwrap();
        assert!(line["time"].as_str().unwrap().ends_with('Z') && time.unix_seconds() > 1_700_000_000, "{line}");
    }
    let text = release.read(LOG);
    assert!(!release.keys.iter().any(|key| text.contains(&key[24..])), "the log holds a private key");
}

#[test]
fn only_its_owner_reads_a_new_log_and_an_old_one_keeps_its_mode() {
    let release = Release::new(2, 2);
    let mode = || fs::metadata(release.path().join(LOG)).unwrap().permissions().mode() & 0o7777;
    assert_ran(&sign(&release, 1, "genome.json"), 0, "");
    assert_eq!(mode(), 0o600);
    release.set_mode(LOG, 0o640);
    assert_ran(&sign(&release, 2, "genome.json"), 0, "");
    assert_eq!((mode(), lines(&release).len()), (0o640, 2));
}

#[test]
fn what_a_path_holds_is_shown() {
    let release = Release::new(1, 1);
    for (name, shown) in [
        (&b"new\nline.json"[..], "/new\\u{a}line.json"),
        (b"not-\xff-text.json", "/not-\\xff-text.json"),
        ("bidi-\u{202e}.json".as_bytes(), "/bidi-\\u{202e}.json"),
        ("\u{fffe}\"\\\u{e9}.json".as_bytes(), "/\\u{fffe}\"\\\\\u{e9}.json"),
    ] {
        let mut signing = release.signing(1, &["--audit-log", LOG, "draft.json"]);
        assert_ran(&run(signing.arg(OsStr::from_bytes(name))), 0, "");
        let output = lines(&release).last().unwrap()["output"].as_str().unwrap().to_owned();
        assert!(output.ends_with(shown), "{output}");
    }
    let ran = sign(&release, 1, "-");
    assert_ran(&ran, 0, "in audit.jsonl, line 5\n");
    assert!(genome::dangerous::verify_self_declared(ran.stdout.as_bytes()).is_ok());
    assert_eq!(lines(&release)[4]["output"], "-");
    assert!(read_independently(&release).is_none_or(|read| read.ends_with("5 signer-1\n")));
}

/// Whatever a machine and its users are called. What a log held before backslashes were escaped there stays as good as it was.
#[test]
fn what_is_recorded_of_the_machine_is_parsed_back() {
    let draft = Draft::new("1.0.0", &[1], 1).document.to_string();
    let mut document = Document::read(draft.as_bytes()).unwrap();
    let signing = document.sign(None, &key(1), &[]).unwrap();
    let append = |log: &mut String, record| {
        *log += &AuditTail::read(log.as_bytes(), true).unwrap().following(record).unwrap();
        serde_json::from_str::<Value>(log.lines().last().unwrap()).unwrap()
    };
    let mut log = String::new();
    for text in ["DOMAIN\\ada", "a\u{202e}", r"a\u{202e}", "a`, `b", "##vso[x]", "", "\u{301}a\n"] {
        let circumstances = Circumstances {
            time: "2026-01-31T00:00:00Z".parse().unwrap(),
            custody: Custody::File,
            output: Output::File(text.into()),
            uid: 0,
            user: text.to_owned(),
            host: text.to_owned(),
            program: text.to_owned(),
        };
        let mut record = AuditRecord::of(&document, &signing, circumstances).unwrap();
        let line = append(&mut log, record.clone());
        for member in ["output", "user", "host", "program"] {
            let shown = format!("`{}`", line[member].as_str().unwrap());
            assert_eq!(unquoted(&shown), Some((text.to_owned(), "")), "{member}");
        }
        record.user = Printable(text).to_string();
        append(&mut log, record);
    }
    assert_eq!(AuditLog::read(log.as_bytes()).unwrap().lines(), 14);
}

#[test]
fn many_signers_at_once_lose_no_line() {
    const SIGNERS: u8 = 16;
    let release = Release::new(SIGNERS, SIGNERS);
    // All of them one genome, and each another one too, in a directory of its own: who writes to the same one waits for that already.
    let signing = |signer: u8, output: &str| {
        release.signing(signer.into(), &["draft.json", output, &format!("signer-{signer}"), "--audit-log", LOG])
    };
    for signer in 1..=SIGNERS {
        fs::create_dir(release.path().join(signer.to_string())).unwrap();
    }
    let own = |signer: u8| format!("{signer}/genome.json");
    run_at_once((1..=SIGNERS).flat_map(|signer| [signing(signer, "genome.json"), signing(signer, &own(signer))]));
    let lines = lines(&release);
    assert_eq!(lines.len(), 32);
    for signer in 1..=SIGNERS {
        let by = lines.iter().filter(|line| line["key_id"] == format!("signer-{signer}"));
        let outputs: Vec<&str> = by.map(|line| line["output"].as_str().unwrap()).collect();
        assert!(outputs.len() == 2 && outputs.iter().any(|output| output.ends_with(&own(signer))), "{outputs:?}");
    }
    assert!(read_independently(&release).is_none_or(|read| read.lines().count() == 32));
    assert_ran(&release.verify(&["--audit-log", LOG, "genome.json"]), 0, "");
}

#[test]
fn signing_again_records_what_is_not_in_the_log() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json"]), 0, "");
    let ran = sign(&release, 1, "genome.json");
    assert_ran(&ran, 0, "nothing to do, signed before by `signer-1`");
    assert!(ran.stderr.contains("  recorded    in audit.jsonl, line 1\n"), "{}", ran.stderr);
    assert_eq!(lines(&release)[0]["already"], true);
    let before = file(release.path(), LOG);
    let ran = sign(&release, 1, "genome.json");
    assert!(ran.status == Some(0) && !ran.stderr.contains("recorded"), "{ran:?}");
    assert_eq!(file(release.path(), LOG), before, "what is in the log is not recorded again");
    // A copy is no signing: the key is not used for it.
    assert_ran(&release.sign(1, &["genome.json", "copy.json", "--audit-log", LOG]), 0, "signed before by");
    assert_eq!(file(release.path(), LOG), before);
    // The same signature made anew is a signing.
    assert_ran(&sign(&release, 1, "other.json"), 0, "in audit.jsonl, line 2\n");
    assert_eq!(lines(&release)[1]["already"], false);
    assert_ran(&release.verify(&["--audit-log", LOG, "genome.json"]), 0, "");
}

#[test]
fn a_log_of_any_size_breaks_nothing() {
    let release = Release::new(1, 1);
    assert_ran(&sign(&release, 1, "genome.json"), 0, "");
    let line = release.read(LOG);
    // A hole of 4 TiB, which takes no room, and at its end a line of ours.
    let log = fs::OpenOptions::new().write(true).open(release.path().join(LOG)).unwrap();
    log.set_len(1 << 42).unwrap();
    assert_ran(&sign(&release, 1, "genome.json"), 2, "it does not end with a line of an audit log");
    log.write_all_at(format!("\n{line}").as_bytes(), 1 << 42).unwrap();
    assert_ran(&sign(&release, 1, "genome.json"), 2, "the audit log cannot be used: it is larger than 1 GiB");
    assert_ran(&release.verify(&["--audit-log", LOG, "genome.json"]), 2, "it is larger than 1 GiB");
}

#[test]
fn where_nothing_can_be_recorded_nothing_is_signed() {
    let release = Release::new(1, 1);
    for directory in ["directory", "closed"] {
        fs::create_dir(release.path().join(directory)).unwrap();
    }
    assert!(Command::new("mkfifo").arg(release.path().join("fifo")).status().unwrap().success());
    symlink("elsewhere", release.path().join("dangling")).unwrap();
    release.write("empty", "");
    symlink("empty", release.path().join("link")).unwrap();
    let before = names(release.path());
    for (log, said) in [
        ("missing/audit.jsonl", "No such file or directory"),
        ("directory", "it is a directory, not a regular file"),
        ("directory/", "it is a directory, not a regular file"),
        ("draft.json/audit.jsonl", "it is a file, not a directory"),
        ("fifo", "it is a FIFO, not a regular file"),
        ("/dev/full", "it is a character device, not a regular file"),
        ("dangling", "it is a symbolic link"),
        ("link", "it is a symbolic link"),
        ("draft.json", "it does not end with a line of an audit log"),
    ] {
        let ran = release.sign(1, &["draft.json", "genome.json", "--audit-log", log]);
        assert_unsigned(&release, &before, &ran, said);
        let ran = run(release.signing(1, &["draft.json", "-"]).env("GENOME_AUDIT_LOG", log));
        assert_unsigned(&release, &before, &ran, said);
    }
    let ran = run(release.signing(1, &["draft.json", "genome.json"]).env("GENOME_AUDIT_LOG", ""));
    assert_ran(&ran, 2, "error: the path of the audit log is empty");
    // The option outweighs the variable.
    let ran = run(release.signing(1, &["draft.json", "-", "--audit-log", LOG]).env("GENOME_AUDIT_LOG", ""));
    assert_ran(&ran, 0, "in audit.jsonl, line 1\n");
    release.set_mode(LOG, 0o444);
    release.set_mode(".", 0o777);
    release.set_mode("closed", 0o555);
    let before = names(release.path());
    for log in [LOG, "closed/audit.jsonl"] {
        if let Some(ran) = run_unprivileged(&mut release.signing(1, &["draft.json", "genome.json", "--audit-log", log])) {
            assert_unsigned(&release, &before, &ran, "Permission denied");
        }
    }
    assert_eq!(lines(&release).len(), 1);
}

#[test]
fn a_full_disk_leaves_the_log_as_it_was() {
    let release = Release::new(1, 1);
    for _ in 0..3 {
        assert_ran(&sign(&release, 1, "-"), 0, "");
    }
    let (before, log) = (names(release.path()), release.read(LOG));
    // A limit on the size of files, in blocks of 512 bytes, stands in for a full disk: within the next line, or before it.
    for blocks in [log.len() / 512 + 1, log.len() / 512] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" draft.json genome.json --audit-log audit.jsonl");
        let mut limited = Command::new("sh");
        limited.args(["-c", &script]).arg(programs().join("genome-sign")).current_dir(release.path());
        let ran = run(limited.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]));
        assert_unsigned(&release, &before, &ran, "File too large");
        assert_eq!(release.read(LOG), log, "half a line is left");
    }
    assert_ran(&sign(&release, 1, "genome.json"), 0, "in audit.jsonl, line 4\n");
}

#[test]
fn the_signed_genome_does_not_replace_the_log() {
    let release = Release::new(1, 1);
    for force in [&[][..], &["--force"]] {
        let arguments = [&["draft.json", LOG, "--audit-log", LOG], force].concat();
        let ran = release.sign(1, &arguments);
        assert!(ran.status != Some(0) && release.read(LOG).is_empty(), "{ran:?}");
    }
    assert_ran(&sign(&release, 1, "genome.json"), 0, "");
    let log = release.read(LOG);
    fs::hard_link(release.path().join(LOG), release.path().join("hard")).unwrap();
    symlink(LOG, release.path().join("soft")).unwrap();
    for output in [LOG, "hard", "soft"] {
        let ran = release.sign(1, &["draft.json", output, "--audit-log", LOG, "--force"]);
        assert_ran(&ran, 2, "the signed genome would go to the same file");
    }
    let append = fs::OpenOptions::new().append(true).open(release.path().join(LOG)).unwrap();
    let mut to_log = release.signing(1, &["draft.json", "-", "--audit-log", LOG]);
    assert_eq!(to_log.stdout(append).status().unwrap().code(), Some(2));
    assert_eq!(release.read(LOG), log);
}

#[test]
fn what_is_no_line_of_ours_is_not_continued() {
    let release = Release::new(1, 1);
    for _ in 0..2 {
        assert_ran(&sign(&release, 1, "-"), 0, "");
    }
    let log = release.read(LOG);
    let (first, second) = log.split_once('\n').unwrap();
    for text in [
        "\n".to_owned(),
        "{}\n".to_owned(),
        "not a log, and no line feed".to_owned(),
        format!("{log}note to self\n"),
        format!("{log}\n"),
        format!("{log}note to self"),
        format!("{first}\n{}", second.replace("\"custody\":\"env\"", "\"custody\":\"hsm\"")),
        format!("{first}\n{}", second.replace(",\"custody\"", ", \"custody\"")),
        format!("{first}\n{}", second.replace("}\n", ",\n")),
        format!("{log}{}", "x".repeat(2 * 1024 * 1024)),
        format!("{log}{}\n", "{\"already\":".repeat(200_000)),
    ] {
        release.write(LOG, &text);
        let before = names(release.path());
        assert_unsigned(&release, &before, &sign(&release, 1, "genome.json"), "it does not end with a line of an audit log");
        assert_eq!(release.read(LOG), text);
    }
    release.write(LOG, &log);
    assert_ran(&sign(&release, 1, "genome.json"), 0, "in audit.jsonl, line 3\n");
}

#[test]
fn whoever_writes_to_the_log_is_waited_for() {
    let release = Release::new(1, 1);
    assert_ran(&sign(&release, 1, "first.json"), 0, "");
    let held = fs::File::open(release.path().join(LOG)).unwrap();
    held.lock().unwrap();
    let mut signing = release.signing(1, &["draft.json", "genome.json", "--audit-log", LOG]);
    let mut child = signing.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // What is about to be signed is shown before.
    let waiting = "waiting for another program that writes to the same audit log";
    let said = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    assert!(said.map(Result::unwrap).any(|line| line == waiting));
    assert!(!release.path().join("genome.json").exists());
    // Meanwhile another log takes its place: a signer that appended to the old one would record nothing.
    fs::rename(release.path().join(LOG), release.path().join("old.jsonl")).unwrap();
    drop(held);
    assert!(child.wait().unwrap().success());
    assert_eq!((lines(&release).len(), release.read("old.jsonl").lines().count()), (1, 1));
}
