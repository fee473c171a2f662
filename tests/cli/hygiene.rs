//! What the programs leave of a private key where nobody should find it: in core dumps, in their memory, in what they print.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use base64ct::{Base64, Encoding as _};
use genome::PrivateKey;
use genome_test_support::{Release, inherited, program, run, say};
use memchr::memmem;
use sha2::{Digest as _, Sha512};
use std::fs::{self, File};
use std::io::{self, PipeReader, PipeWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

const PASSPHRASE: &str = "correct horse battery staple";

/// Waits until something is so, for as long as a machine under load may take.
fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "nothing came of it");
        sleep(Duration::from_millis(20));
    }
}

/// A process that is killed when the test is done with it.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.0.id())
    }

    /// Whether it is this program, and sleeps.
    fn is_waiting(&self, name: &str) -> bool {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        // The name has 15 characters here.
        status.starts_with(&format!("Name:\t{name:.15}\n")) && status.lines().any(|line| line.starts_with("State:\tS"))
    }

    /// All of its memory that can be read; an error for whoever may not look into it.
    fn memory(&self) -> io::Result<Vec<u8>> {
        let maps = fs::read_to_string(self.proc("maps"))?;
        let mut memory = File::open(self.proc("mem"))?;
        let mut image = Vec::new();
        for line in maps.lines() {
            let mut fields = line.split_whitespace();
            let (range, permissions) = (fields.next().unwrap(), fields.next().unwrap());
            // The kernel's own pages, such as `[vvar]`, cannot all be read.
            if !permissions.starts_with('r') || line.contains("[v") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
            memory.seek(SeekFrom::Start(start))?;
            (&memory).take(end - start).read_to_end(&mut image)?;
        }
        Ok(image)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A shell that would have its program leave core dumps, and is not root where that can be had.
fn with_core_dumps(name: &str, arguments: &[&str], directory: &Path) -> Command {
    let program = program(name, directory);
    let mut shell = Command::new("sh");
    let unprivileged = "if [ \"$(id -u)\" = 0 ]; then set -- setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"; fi";
    shell.arg("-c").arg(format!("ulimit -S -c \"$(ulimit -H -c)\"; {unprivileged}; exec \"$@\"")).arg("sh");
    inherited::isolate(shell.arg(program.get_program()).args(arguments).current_dir(directory));
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell
}

#[test]
fn no_core_dump_while_a_secret_is_in_memory() {
    for (name, arguments) in [
        ("genome-keygen", &["--encrypt", "--passphrase-fd", "0", "--secret-file", "key", "k"][..]),
        ("genome-sign", &["-", "genome.json", "signer-1"]),
        // To show that the test can tell.
        ("genome-verify", &["-"]),
    ] {
        let release = Release::new(1, 1);
        release.set_mode(".", 0o777);
        let running = Running::start(with_core_dumps(name, arguments, release.path()).stdin(Stdio::piped()));
        wait_for(|| running.is_waiting(name).then_some(()));
        let is_protected = name != "genome-verify";

        let limits = fs::read_to_string(running.proc("limits")).unwrap();
        let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().take(2).eq(["0", "0"]), is_protected, "{name}: {core}");
        // proc(5): the files there are root's where a process may not be dumped, and otherwise those of its user.
        let is_roots = fs::metadata(running.proc("mem")).unwrap().uid() == 0;
        assert_eq!(is_roots, is_protected, "{name}: others than root can look into its memory");
    }
}

/// A pipe that is full, so that whoever writes to it waits.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = io::pipe().unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    thread::spawn({
        let (mut writer, written) = (writer.try_clone().unwrap(), Arc::clone(&written));
        // It ends when nobody can read any more.
        move || {
            while writer.write_all(&[b'.'; 512]).is_ok() {
                written.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let mut before = 0;
    wait_for(|| {
        sleep(Duration::from_millis(100));
        let now = written.load(Ordering::SeqCst);
        let is_full = now > 0 && now == std::mem::replace(&mut before, now);
        is_full.then_some(())
    });
    (reader, writer)
}

/// What may be found nowhere, by name.
type Secrets = Vec<(&'static str, Vec<u8>)>;

/// The forms of a private key, and its passphrase, in pieces, as a piece is too much already.
fn secrets_of(text: &str, passphrase: Option<&str>) -> Secrets {
    let key = PrivateKey::from_text(text, passphrase.map(str::as_bytes)).unwrap();
    let base64 = key.to_base64();
    let seed = Base64::decode_vec(&base64).unwrap()[16..].to_vec();
    // RFC 8032 section 5.1.5: what signs is made of the seed's digest.
    let expanded = Sha512::digest(&seed);
    let mut scalar = expanded[..32].to_vec();
    scalar[0] &= 0xf8;
    scalar[31] = scalar[31] & 0x7f | 0x40;
    let mut secrets = vec![
        ("the seed's start", seed[..16].to_vec()),
        ("the seed's end", seed[16..].to_vec()),
        ("the base64's start", base64.as_bytes()[22..42].to_vec()),
        ("the base64's end", base64.as_bytes()[44..].to_vec()),
        ("the scalar's start", scalar[..16].to_vec()),
        ("the scalar's end", scalar[16..].to_vec()),
        ("the prefix's start", expanded[32..48].to_vec()),
        ("the prefix's end", expanded[48..].to_vec()),
    ];
    if passphrase.is_some() {
        secrets.extend([("the passphrase's start", b"correct horse".to_vec()), ("its end", b"battery staple".to_vec())]);
    } else {
        // Of an OpenSSH key, the line in which the seed is.
        let line = text.lines().rev().find(|line| !line.starts_with('-')).unwrap();
        secrets.push(("the file's last line", line.as_bytes().to_vec()));
    }
    secrets
}

fn found_in<'s>(bytes: &[u8], secrets: &'s Secrets) -> Vec<&'s str> {
    secrets.iter().filter(|(_, secret)| memmem::find(bytes, secret).is_some()).map(|(name, _)| *name).collect()
}

/// A run of a program that has had a private key in its memory, and waits with its report.
struct Case {
    program: &'static str,
    arguments: &'static [&'static str],
    /// The file with the key, which the run may make.
    key_file: &'static str,
    passphrase: Option<&'static str>,
    /// What is in its memory when it has come to its report.
    reported: &'static [u8],
}

const MADE: Case =
    Case { program: "genome-keygen", arguments: &[], key_file: "new", passphrase: None, reported: b"\"alg\": \"ed25519\"" };

const SIGNED: Case = Case { program: "genome-sign", reported: b"\"sig_base64\": \"", ..MADE };

const CASES: [Case; 14] = [
    Case { arguments: &["--secret-file", "new"], ..MADE },
    Case { arguments: &["--secret-file", "new", "--format", "pem"], ..MADE },
    Case { arguments: &["--secret-file", "new", "--format", "openssh"], ..MADE },
    Case { arguments: &["--secret-file", "new", "--encrypt", "--passphrase-file", "phrase"], passphrase: Some(PASSPHRASE), ..MADE },
    Case {
        arguments: &["--secret-file", "new", "--encrypt", "--format", "openssh", "--passphrase-fd", "0"],
        passphrase: Some(PASSPHRASE),
        ..MADE
    },
    Case { arguments: &["--public-from", "file:plain"], key_file: "plain", ..MADE },
    Case {
        arguments: &["--public-from", "file:pem", "--passphrase-file", "phrase"],
        key_file: "pem",
        passphrase: Some(PASSPHRASE),
        ..MADE
    },
    Case {
        arguments: &["--public-from", "file:openssh", "--passphrase-file", "phrase"],
        key_file: "openssh",
        passphrase: Some(PASSPHRASE),
        ..MADE
    },
    Case { arguments: &["--key", "file:plain", "--audit-log", "log", "plain-draft.json", "-"], key_file: "plain", ..SIGNED },
    Case {
        arguments: &["--key", "file:pem", "--passphrase-file", "phrase", "--audit-log", "log", "pem-draft.json", "-"],
        key_file: "pem",
        passphrase: Some(PASSPHRASE),
        ..SIGNED
    },
    Case {
        arguments: &["--key", "file:openssh", "--passphrase-fd", "0", "--audit-log", "log", "openssh-draft.json", "-"],
        key_file: "openssh",
        passphrase: Some(PASSPHRASE),
        ..SIGNED
    },
    // Those that see no key.
    Case { program: "genome-verify", arguments: &["genome.json"], key_file: "plain", reported: b"1 of 1 signed", ..MADE },
    Case {
        program: "genome-draft",
        arguments: &["--from", "genome.json", "--bump", "minor", "-"],
        key_file: "plain",
        reported: b"\"1.1.0\"",
        ..MADE
    },
    Case {
        program: "genome-merge",
        arguments: &["genome.json", "genome.json", "--output", "-"],
        key_file: "plain",
        reported: b"\"sig_base64\": \"",
        ..MADE
    },
];

#[test]
fn nothing_of_a_private_key_is_left_behind() {
    let release = Release::new(1, 1);
    assert_eq!(release.sign(1, &["draft.json", "genome.json"]).status, Some(0));
    release.write("phrase", &format!("{PASSPHRASE}\n"));
    release.set_mode("phrase", 0o600);
    let encrypted = ["--encrypt", "--passphrase-file", "phrase"];
    for (name, more) in [("plain", &[][..]), ("pem", &encrypted), ("openssh", &[&encrypted[..], &["--format", "openssh"]].concat())]
    {
        let ran = run(program("genome-keygen", release.path()).args(["--secret-file", name]).args(more));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let (signer, draft) = (format!("{name}.json"), format!("{name}-draft.json"));
        release.write(&signer, &ran.stdout);
        let drafting =
            ["--from", "genome.json", "--new-root", "--version", "2.0.0", "--threshold", "1", "--signer", &signer, &draft];
        let ran = run(program("genome-draft", release.path()).args(drafting));
        assert_eq!(ran.status, Some(0), "{ran:?}");
    }
    for case in CASES {
        leaves_nothing(&case, release.path());
        let _ = fs::remove_file(release.path().join("new"));
    }
}

fn leaves_nothing(case: &Case, directory: &Path) {
    let name = format!("{} {}", case.program, case.arguments.join(" "));
    let (mut stdout, full) = full_pipe();
    let mut command = program(case.program, directory);
    command.args(case.arguments).stdin(File::open(directory.join("phrase")).unwrap()).stdout(full).stderr(Stdio::piped());
    let mut running = Running::start(&mut command);
    // It holds the pipe as well.
    drop(command);
    let image = wait_for(|| match running.is_waiting(case.program).then(|| running.memory()) {
        Some(Ok(image)) => found_in(&image, &vec![("", case.reported.to_vec())]).first().map(|_| Some(image)),
        Some(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => Some(None),
        _ => None,
    });
    let text = fs::read_to_string(directory.join(case.key_file));
    match image {
        Some(image) => assert_eq!(found_in(&image, &secrets_of(&text.unwrap(), case.passphrase)), [""; 0], "{name}: in its memory"),
        // That nobody but root can look is what the other test is about.
        None => say(&format!("{name}: only root can look into its memory\n")),
    }
    // What it prints, when it is read.
    let mut printed = vec![0; 1 << 20];
    let read = stdout.read(&mut printed).unwrap();
    printed.truncate(read);
    drop(stdout);
    running.0.stderr.take().unwrap().read_to_end(&mut printed).unwrap();
    printed.extend(fs::read(directory.join("log")).unwrap_or_default());
    let secrets = secrets_of(&fs::read_to_string(directory.join(case.key_file)).unwrap(), case.passphrase);
    assert_eq!(found_in(&printed, &secrets), [""; 0], "{name}: in what it prints and records");
}
