//! The harness: the real programs, run as a user runs them.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a harness stops where it cannot go on")]

pub mod browser;
pub mod conversation;
mod custody;
mod deployment;
mod draft;
pub mod git;
pub mod inherited;
#[cfg(target_os = "linux")]
pub mod kubelet;
mod moments;
pub mod printed;
pub mod proposal;
pub mod quoted;
pub mod refusal;
pub mod server;
pub mod terminal;
pub mod tmux;
#[cfg(target_os = "linux")]
pub mod tracer;
pub mod tree;
mod unprivileged;
pub mod usage;
pub mod vector;
#[cfg(target_os = "linux")]
pub mod world;

pub use custody::{Agent, PIN, SoftToken, openssh_key, openssh_line, openssh_public_key, openssl_key, shell};
pub use draft::{Draft, authority, fingerprint, key, policy, signer};
use genome::PrivateKey;
pub use moments::Moments;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::{JoinHandle, spawn};
pub use unprivileged::run_unprivileged;

/// The root of the repository.
#[must_use]
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The directory of the programs. Cargo builds those of a package before its tests, and those of the workspace before the tests of the workspace.
#[must_use]
pub fn programs() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    inherited::settle();
    DIRECTORY.get_or_init(|| {
        let told = ["CARGO_BIN_EXE_genome-verify", "CARGO_BIN_EXE_genome-server", "CARGO_BIN_EXE_genome-mcp"]
            .into_iter()
            .find_map(std::env::var_os);
        // Who runs the test without cargo has it at <target>/<profile>/deps/<test>, and the programs in <target>/<profile>.
        let beside = || Some(std::env::current_exe().ok()?.parent()?.with_file_name("program"));
        let program = told.map(PathBuf::from).or_else(beside).unwrap_or_default();
        program.parent().map_or_else(PathBuf::new, ToOwned::to_owned)
    })
}

/// A program of ours, ready to run in a directory, without any variable that it reads.
///
/// # Panics
/// It has not been built.
#[must_use]
pub fn program(name: &str, directory: &Path) -> Command {
    let path = programs().join(name);
    let profile = if programs().ends_with("release") { " --release" } else { "" };
    assert!(path.is_file(), "{} is not there: `cargo build --workspace --bins{profile}` builds it", path.display());
    let mut command = Command::new(path);
    inherited::isolate(command.current_dir(directory));
    command
}

/// What a program did.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    /// What it wrote on standard output.
    pub stdout: String,
    /// What it wrote on standard error.
    pub stderr: String,
}

impl Ran {
    /// What the JSON report says of its one genome.
    ///
    /// # Panics
    /// It is not a report of one genome.
    #[must_use]
    pub fn report(&self) -> Value {
        let report = printed::read("verify-report", &self.stdout);
        let [genome] = report["genomes"].as_array().map_or(&[][..], Vec::as_slice) else { panic!("not one genome: {report}") };
        assert_eq!((&report["verdict"], &report["schema_version"]), (&genome["verdict"], &"genome-verify.v0.1".into()));
        genome.clone()
    }

    /// The codes of all refusals that the JSON report names, the one that decides first.
    ///
    /// # Panics
    /// The exit status says otherwise.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        let report = self.report();
        let further = report["further_refusals"].as_array().cloned().unwrap_or_default();
        let all = [report["refusal"].clone()].into_iter().chain(further).filter(|refusal| !refusal.is_null());
        let codes: Vec<String> = all.map(|refusal| refusal["code"].as_str().unwrap_or("none").to_owned()).collect();
        assert_eq!(self.status, Some(i32::from(!codes.is_empty())), "{self:?}");
        codes
    }
}

/// Runs a command to its end, with nothing on its standard input.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn run(command: &mut Command) -> Ran {
    inherited::settle();
    let output = inherited::isolate(command).stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ran { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Runs a program of others to its end, and then kills what it leaves behind in its process group: that would hold its output open.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn run_with_all_that_it_starts(command: &mut Command) -> Ran {
    inherited::settle();
    let isolated = inherited::isolate(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = isolated.process_group(0).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap_or_else(|_| panic!("a number of a process is that of a group")));
    let text = |stream: Option<Box<dyn Read + Send>>| {
        let mut stream = stream.unwrap_or_else(|| panic!("it is a pipe"));
        spawn(move || {
            let mut bytes = Vec::new();
            // What cannot be read is missed by whoever looks at it.
            let _ = stream.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let stdout = text(child.stdout.take().map(|stream| Box::new(stream) as _));
    let stderr = text(child.stderr.take().map(|stream| Box::new(stream) as _));
    let status = child.wait().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // Perhaps nothing of it is left.
    let _ = killpg(group, Signal::SIGKILL);
    let joined = |thread: JoinHandle<String>| thread.join().unwrap_or_else(|_| panic!("its output is read"));
    Ran { status: status.code(), stdout: joined(stdout), stderr: joined(stderr) }
}

/// Checks how a program ended and that it said this on standard error, where it shows no private key.
///
/// # Panics
/// It did not.
pub fn assert_ran(ran: &Ran, status: i32, said: &str) {
    assert_eq!(ran.status, Some(status), "{ran:?}");
    assert!(ran.stderr.contains(said), "expected `{said}` in: {}", ran.stderr);
    assert!(!genome_json::holds_private_key(&ran.stderr), "a private key is shown");
}

/// Starts all of these commands before it waits for any. Each must succeed.
///
/// # Panics
/// One cannot be started, or does not succeed.
pub fn run_at_once(commands: impl IntoIterator<Item = Command>) {
    let start = |mut command: Command| {
        command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
    };
    let children: Vec<_> = commands.into_iter().map(start).collect();
    for mut child in children {
        assert!(child.wait().is_ok_and(|status| status.success()), "one of several at once failed");
    }
}

/// The names of everything that lies in a directory, sorted.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut names: Vec<String> =
        entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A file as it is: its bytes, its inode and when it was written; `None` where there is none.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn file(directory: &Path, name: &str) -> Option<(Vec<u8>, u64, i64)> {
    let path = directory.join(name);
    let metadata = fs::metadata(&path).ok()?;
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    Some((bytes, metadata.ino(), metadata.mtime_nsec()))
}

/// The same under `strace`, where a file can be opened once, and then no more, as on a disk that fails: a search finds it, and nobody can
/// read what was found.
#[must_use]
pub fn failing_after_search(command: &Command, path: &str) -> Command {
    let mut traced = Command::new("strace");
    traced.args(["-f", "-o", "/dev/null", "-e", "trace=openat", "-e", "inject=openat:error=EIO:when=2+", "-P", path]);
    traced.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    command.get_current_dir().map(|directory| traced.current_dir(directory));
    traced
}

/// Whether a program from outside can be run. Where it is absent the test that needs it is skipped, in so many words; in CI its
/// absence is a failure.
///
/// # Panics
/// It is absent, and this is CI.
#[must_use]
pub fn has(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join(name).is_file());
    let ci = std::env::var_os("CI").is_some_and(|ci| ci == OsStr::new("true"));
    assert!(found || !ci, "{name} is not installed, and CI must run every test");
    if !found {
        say(&format!("SKIPPED, {name} is not installed: {}\n", std::thread::current().name().unwrap_or("a test")));
    }
    found
}

/// A file that `.ci/run` installs below `target/tools`. `None`, which is said, where it is not there; it has to be in CI.
///
/// # Panics
/// It is not there, and CI must run every test.
#[must_use]
pub fn tool(path: &str) -> Option<PathBuf> {
    let file = repository().join("target/tools").join(path);
    let ci = std::env::var_os("CI").is_some_and(|ci| ci == OsStr::new("true"));
    assert!(file.exists() || !ci, "{path} is not installed, and CI must run every test: `.ci/run` installs it");
    if !file.exists() {
        say(&format!("SKIPPED, {path} is not installed: {}\n", std::thread::current().name().unwrap_or("a test")));
    }
    Some(file).filter(|file| file.exists())
}

/// A port of 127.0.0.1 that was free just now, for programs that take no 0.
///
/// # Panics
/// There is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap_or_else(|error| panic!("{error}"));
    listener.local_addr().unwrap_or_else(|error| panic!("{error}")).port()
}

/// Writes on standard error, also from a test that succeeds: what `eprintln!` prints there is captured and thrown away.
pub fn say(text: &str) {
    // A test does not fail for want of somebody who listens.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The private key that lies beside the root genome for everybody to read.
///
/// # Panics
/// The file is not there.
#[must_use]
pub fn test_key() -> String {
    let path = repository().join("genomes/TOTK_ROOT_v1.0.0/TEST-KEY-NOT-SECRET.txt");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().last().map_or_else(|| panic!("the test key is not where it should be"), ToOwned::to_owned)
}

/// A draft, and the keys of its signers: what a release engineer has before anybody has signed.
pub struct Release {
    /// Nothing else is in the directory above: ancestors are looked for there too, and tests that run at once put copies of the same genomes right
    /// below the directory of the system.
    _above: tempfile::TempDir,
    directory: PathBuf,
    /// The private key of `signer-1`, `signer-2` and so on, as genome-keygen prints it.
    pub keys: Vec<String>,
}

impl Release {
    /// The root genome's draft in a directory of its own, beside which there is nothing, as `draft.json`, with so many signers and this threshold.
    ///
    /// # Panics
    /// The directory cannot be written.
    #[must_use]
    pub fn new(signers: u8, threshold: u8) -> Self {
        inherited::settle();
        let keys: Vec<PrivateKey> = (1..=signers).map(key).collect();
        let signer = |(key, number): (&PrivateKey, u8)| {
            format!(r#"{{"key_id": "signer-{number}", "alg": "ed25519", "public_key": "{}"}}"#, key.public_key())
        };
        let signers: Vec<String> = keys.iter().zip(1..).map(signer).collect();
        let draft = fs::read_to_string(repository().join("genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json")).unwrap_or_default();
        let start = draft.find("\"authority\"").unwrap_or_default();
        let end = draft.find("\"invariants\"").unwrap_or_default();
        let authority = format!("\"authority\": {{\"signers\": [{}], \"threshold\": {threshold}}},\n  ", signers.join(", "));
        let above = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        let directory = above.path().join("r");
        fs::create_dir(&directory).unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        let keys = keys.iter().map(|key| key.to_base64().to_string()).collect();
        let release = Self { _above: above, directory, keys };
        // Others get as far as this one lets them.
        release.set_mode("..", 0o755);
        release.set_mode(".", 0o700);
        release.write("draft.json", &format!("{}{authority}{}", &draft[..start], &draft[end..]));
        release
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Reads a file.
    ///
    /// # Panics
    /// It cannot be read.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, name: &str, contents: &str) {
        fs::write(self.path().join(name), contents).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Sets the mode of a file; that of the directory itself is the name `.`.
    ///
    /// # Panics
    /// There is no such file.
    pub fn set_mode(&self, name: &str, mode: u32) {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(self.path().join(name), permissions).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// `genome-sign` with these arguments and the private key of the signer of that number, ready to run.
    #[must_use]
    pub fn signing(&self, signer: usize, arguments: &[&str]) -> Command {
        let mut command = program("genome-sign", self.path());
        command.args(arguments).env("GENOME_SIGNING_PRIVATE_KEY", &self.keys[signer - 1]);
        command
    }

    /// Runs that.
    #[must_use]
    pub fn sign(&self, signer: usize, arguments: &[&str]) -> Ran {
        run(&mut self.signing(signer, arguments))
    }

    /// Runs `genome-merge` with these arguments.
    #[must_use]
    pub fn merge(&self, arguments: &[&str]) -> Ran {
        run(program("genome-merge", self.path()).args(arguments))
    }

    /// `genome-verify` with these arguments, ready to run.
    #[must_use]
    pub fn verifying(&self, arguments: &[&str]) -> Command {
        let mut command = program("genome-verify", self.path());
        command.args(arguments);
        command
    }

    /// Runs `genome-verify` with these arguments.
    #[must_use]
    pub fn verify(&self, arguments: &[&str]) -> Ran {
        run(program("genome-verify", self.path()).args(arguments))
    }
}
