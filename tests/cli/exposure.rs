//! What is read is what is checked: in production, of the very files that were read it is asked who can change them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome::exposure::Exposure;
use genome::{Code, Digest, RollbackState, Surroundings, TrustPolicy, Verifier};
use genome_files::{ManifestRoot, OpenFile, ReadFile, see_file};
use genome_test_support::{Draft, Ran, Release, assert_ran, policy, programs, run, run_unprivileged};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

/// Production has not accepted it, whatever else it says.
fn assert_not_accepted(ran: &Ran, status: i32, said: &str) {
    assert_eq!(ran.status, Some(status), "{ran:?}");
    let report = ran.report();
    assert_ne!(report["verdict"], "accepted", "{report}");
    assert_eq!(report["genome"], Value::Null, "{report}");
    assert!(report["refusal"]["message"].as_str().unwrap().contains(said), "expected `{said}`: {report}");
}

fn bash(release: &Release, script: &str) -> Ran {
    let mut bash = Command::new("bash");
    run(bash.args(["-c", script]).arg(programs().join("genome-verify")).current_dir(release.path()))
}

/// `--production` with a state, which waits until the lock of the state's directory is let go.
struct Waiting {
    holder: Child,
    verifier: Child,
}

impl Waiting {
    /// Starts the program while the lock is held, and comes back when it has read what it reads first, and waits.
    fn start(release: &Release, arguments: &[&str]) -> Self {
        let mut holder = Command::new("flock");
        holder.args(["var", "sh", "-c", "echo held; read -r _"]).current_dir(release.path());
        let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut held = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut held).unwrap();
        let mut verify = release.verifying_deployed(&[&["--production", "--state", "var/state.json"], arguments].concat());
        let mut verifier = verify.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut waits = String::new();
        BufReader::new(verifier.stderr.as_mut().unwrap()).read_line(&mut waits).unwrap();
        assert!(waits.starts_with("waiting for another program that uses the same state"), "{waits}");
        Self { holder, verifier }
    }

    /// Lets go of the lock.
    fn finish(mut self) -> Ran {
        drop(self.holder.stdin.take());
        self.holder.wait().unwrap();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.verifier.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.verifier.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ran { status: self.verifier.wait().unwrap().code(), stdout, stderr }
    }
}

fn deployed() -> Release {
    let release = Release::deployed();
    fs::create_dir(release.path().join("var")).unwrap();
    release.set_mode("var", 0o755);
    release
}

/// Whoever has put FIFOs in a sticky directory feeds the verifier with what he likes, and takes them away before anybody looks.
#[test]
fn a_fifo_that_is_gone_when_it_is_looked_at() {
    let release = deployed();
    fs::create_dir(release.path().join("drop")).unwrap();
    release.set_mode("drop", 0o1777);
    release.write("evil.json", &Draft::new("1.0.0", &[2], 1).signed(&[2]));
    release.write("trusts-evil.json", &policy(&[2], 1, &json!({})));
    let feed = |file: &str, fifo: &str| {
        format!("mkfifo drop/{fifo}; (exec 3> drop/{fifo}; rm drop/{fifo}; cat {file} >&3) 2> /dev/null > /dev/null & ")
    };
    let arguments = "--production --trust drop/trust.json --state var/state.json --format json drop/genome.json";
    let script = format!(
        "{}{}timeout --signal=KILL 60 \"$0\" {arguments}; status=$?; kill $(jobs -p) 2> /dev/null; exit $status",
        feed("evil.json", "genome.json"),
        feed("trusts-evil.json", "trust.json")
    );
    let ran = bash(&release, &script);
    assert_not_accepted(&ran, 2, "it is a FIFO, not a regular file");
    assert!(!release.path().join("var/state.json").exists(), "nothing is remembered");
}

#[test]
fn what_was_taken_away_while_the_lock_was_held_by_another() {
    let release = deployed();
    assert_eq!(release.production(&["--state", "var/state.json"]).codes(), [""; 0]);
    for path in ["etc/genome.json", "trust.json"] {
        let waiting = Waiting::start(&release, &[]);
        fs::rename(release.path().join(path), release.path().join("away")).unwrap();
        assert_not_accepted(&waiting.finish(), 2, "its path does not lead to the file that was read");
        // Nor where another file has its name, though that be the same to the byte.
        fs::rename(release.path().join("away"), release.path().join(path)).unwrap();
        let waiting = Waiting::start(&release, &[]);
        fs::copy(release.path().join(path), release.path().join("away")).unwrap();
        fs::rename(release.path().join("away"), release.path().join(path)).unwrap();
        assert_not_accepted(&waiting.finish(), 2, "its path does not lead to the file that was read");
    }
    let waiting = Waiting::start(&release, &[]);
    release.set_mode("etc/genome.json", 0o666);
    assert_not_accepted(&waiting.finish(), 1, "others than root and this user can change");
    release.set_mode("etc/genome.json", 0o644);
    assert_eq!(Waiting::start(&release, &[]).finish().codes(), [""; 0]);
}

/// The state that is read is that of the directory that is held, whatever stands at its path by then.
#[test]
fn a_fresh_directory_in_the_place_of_the_state() {
    let release = deployed();
    assert_eq!(release.production(&["--state", "var/state.json"]).codes(), [""; 0]);
    release.deploy("trust.json", &policy(&[1], 1, &json!({})));
    release.deploy("etc/genome.json", &Release::draft().with("version", "1.1.0").signed(&[1]));
    assert_eq!(release.production(&["--state", "var/state.json"]).codes(), ["GENOME_ROLLBACK"]);
    let waiting = Waiting::start(&release, &[]);
    fs::rename(release.path().join("var"), release.path().join("old-var")).unwrap();
    fs::create_dir(release.path().join("var")).unwrap();
    release.set_mode("var", 0o755);
    let ran = waiting.finish();
    assert_ne!(ran.status, Some(0), "{ran:?}");
    assert_ne!(ran.report()["verdict"], "accepted");
    assert!(genome_test_support::names(&release.path().join("var")).is_empty());
}

/// Without any attacker: of none of these anybody knows who writes it.
#[test]
fn production_reads_no_streams() {
    let release = deployed();
    release.write("policy.json", &policy(&[1], 1, &json!({"minimum_versions": {"TEST": "1.2.0"}})));
    let common = "\"$0\" --production --format json";
    for (script, said) in [
        ("cat etc/genome.json | COMMON --trust trust.json /dev/stdin", "production reads files only"),
        ("COMMON --trust trust.json <(cat etc/genome.json)", "production reads files only"),
        ("COMMON --trust <(cat trust.json) etc/genome.json", "production reads files only"),
        ("COMMON --trust trust.json - < etc/genome.json", "production verifies a file"),
        (
            "exec 7< etc/genome.json; rm etc/genome.json; COMMON --trust trust.json /proc/self/fd/7",
            "does not lead to the file that was read",
        ),
    ] {
        let good = release.read("etc/genome.json");
        let ran = bash(&release, &script.replace("COMMON", common));
        assert_not_accepted(&ran, 2, said);
        release.deploy("etc/genome.json", &good);
        let elsewhere = bash(&release, &script.replace("COMMON", "\"$0\" --format json"));
        assert_eq!(elsewhere.codes(), [""; 0], "only production minds: {script}");
        release.deploy("etc/genome.json", &good);
    }
    // It does not wait for what it does not read.
    let script = "timeout --signal=KILL 60 \"$0\" --production --format json --trust <(exec sleep 1000 2> /dev/null) etc/genome.json; status=$?; kill $!; exit $status";
    assert_not_accepted(&bash(&release, script), 2, "production reads files only");
    // A file is one, by whatever name it is reached.
    for path in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let ran = bash(&release, &format!("{common} --trust trust.json {path} < etc/genome.json"));
        assert_eq!(ran.codes(), [""; 0], "{path}");
    }
}

#[test]
fn an_audit_log_that_others_can_write_vouches_for_nothing() {
    let release = Release::deployed();
    let draft = Release::draft().document.to_string();
    release.write("draft.json", &draft);
    assert_ran(&release.sign(1, &["draft.json", "-", "--audit-log", "audit.jsonl"]), 0, "");
    assert_eq!(release.production(&["--audit-log", "audit.jsonl"]).codes(), [""; 0]);
    release.set_mode("audit.jsonl", 0o666);
    let ran = release.production(&["--audit-log", "audit.jsonl"]);
    assert_not_accepted(&ran, 1, "others than root and this user can change");
    assert!(ran.report()["refusal"]["message"].as_str().unwrap().contains("/audit.jsonl`"), "{ran:?}");
    assert_eq!(run(&mut release.verifying_deployed(&["--audit-log", "audit.jsonl"])).codes(), [""; 0]);
}

/// The checklist is asked of the files of whoever runs the program, and what belongs to somebody else is not his.
#[test]
fn a_file_of_another_user_in_a_sticky_directory() {
    let release = deployed();
    fs::create_dir(release.path().join("drop")).unwrap();
    release.set_mode("drop", 0o1777);
    let theirs = release.path().join("drop/genome.json");
    fs::copy(release.path().join("etc/genome.json"), &theirs).unwrap();
    let verify = |release: &Release| {
        release.verify(&["--production", "--trust", "trust.json", "--format", "json", "--manifest-root", ".", "drop/genome.json"])
    };
    assert_eq!(verify(&release).codes(), [""; 0], "nobody else can replace it there");
    if std::os::unix::fs::chown(&theirs, Some(4242), None).is_ok() {
        assert_not_accepted(&verify(&release), 1, "others than root and this user can change");
    }
    // Nor is anything his that belongs to the user who has left it there.
    let mut unprivileged = release.verifying_deployed(&["--production"]);
    release.set_mode(".", 0o755);
    if std::os::unix::fs::chown(release.path().join("trust.json"), Some(4242), None).is_ok()
        && let Some(ran) = run_unprivileged(&mut unprivileged)
    {
        assert_not_accepted(&ran, 1, "/trust.json`");
    }
}

fn read(path: &Path) -> ReadFile {
    OpenFile::open(path).unwrap().read(u64::MAX).unwrap()
}

/// Evidence is of the bytes that were read, and of no others.
#[test]
fn what_was_seen_vouches_for_no_other_bytes() {
    let release = deployed();
    let draft = Release::draft();
    release.deploy("etc/other.json", &draft.with("version", "1.3.0").signed(&[1]));
    release.deploy("var/state.json", &RollbackState::default().to_json());
    release.deploy("var/other.json", &(RollbackState::default().to_json() + "\n"));
    let at = |name: &str| release.path().join(name);
    let see = |name: &str| {
        let file = read(&at(name));
        see_file(&at(name), file.file(), Digest::of(file.bytes())).unwrap()
    };
    let root = ManifestRoot::open(release.path()).unwrap();
    let trust = TrustPolicy::read(read(&at("trust.json")).bytes()).unwrap();
    let state = RollbackState::read(read(&at("var/state.json")).bytes()).unwrap();
    let genome = read(&at("etc/genome.json"));
    let verify = |surroundings: Surroundings<'_>| {
        let verifier = Verifier::trusting(&trust, SystemTime::now()).with_state(&state).in_production(surroundings);
        verifier.verify(genome.bytes()).map_err(|refused| (refused.first().code(), refused.first().to_string()))
    };
    let seen =
        |genome: &str, policy: &str, state: &str| Exposure::of_genome(see(genome)).with_policy(see(policy)).with_state(see(state));
    assert!(verify(Surroundings::new(&root, &seen("etc/genome.json", "trust.json", "var/state.json"))).is_ok());
    for (exposure, what) in [
        (seen("etc/other.json", "trust.json", "var/state.json"), "genome"),
        (seen("etc/genome.json", "etc/genome.json", "var/state.json"), "trust policy"),
        (seen("etc/genome.json", "trust.json", "var/other.json"), "state"),
        (Exposure::of_genome(see("etc/genome.json")).with_policy(see("trust.json")), "state"),
        (Exposure::of_genome(see("etc/genome.json")).with_state(see("var/state.json")), "trust policy"),
    ] {
        let (code, message) = verify(Surroundings::new(&root, &exposure)).unwrap_err();
        assert_eq!(
            (code, message),
            (Code::Untrusted, format!("nobody has looked who else can change the {what} that was verified"))
        );
    }
    let (code, message) = verify(Surroundings::unseen(&root)).unwrap_err();
    assert_eq!((code, &*message), (Code::Untrusted, "nobody has looked who else can change the genome that was verified"));
}
