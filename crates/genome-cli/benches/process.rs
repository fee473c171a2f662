//! Verifying the root genome as a whole process, beside an empty program that does one `verify_strict` and beside `minisign -V` of
//! the same file, in turn. Prints the CPU time of each (user and system, from the operating system's accounting), the ratios, and
//! the peak memory.
//!
//! `cargo bench -p genome-cli`; for minisign, make `minisign.pub` and the file's `.minisig` first and name their directory in
//! `MINISIGN_DIRECTORY`. The ratios are what counts.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on must stop")]
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use genome_tests::usage::children;
use nix::sys::resource::{UsageWho, getrusage};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const RUNS: usize = 1000;

struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
    /// The CPU time of each run.
    times: Vec<Duration>,
}

impl Contender {
    fn new(name: &'static str, program: impl Into<PathBuf>, arguments: &[&Path]) -> Self {
        Self {
            name,
            program: program.into(),
            arguments: arguments.iter().map(|path| path.to_path_buf()).collect(),
            times: Vec::new(),
        }
    }

    fn run(&mut self) {
        let before = children();
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{}", self.name);
        self.times.push(children().saturating_sub(before));
    }

    fn median(&mut self) -> Duration {
        self.times.sort_unstable();
        self.times[self.times.len() / 2]
    }
}

fn main() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let build =
        ["build", "--quiet", "--release", "--package", "genome-cli", "--bin", "genome-verify", "--example", "verify_strict_once"];
    if env::args().all(|argument| argument != "--measure") {
        assert!(Command::new(env!("CARGO")).args(build).current_dir(root).status().unwrap().success());
        // A process of its own, because the system adds up what all children of a process used, and cargo is a large one.
        let measured = Command::new(env::current_exe().unwrap()).arg("--measure").status().unwrap();
        assert!(measured.success());
        return;
    }
    // This file is target/release/deps/process-….
    let release = env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    let genome = root.join("genomes/TOTK_ROOT_v1.0.0/genome.json");
    let mut contenders = vec![
        Contender::new("genome-verify", release.join("genome-verify"), &[&genome]),
        Contender::new("verify_strict_once", release.join("examples/verify_strict_once"), &[]),
    ];
    if let Some(directory) = env::var_os("MINISIGN_DIRECTORY").map(PathBuf::from) {
        let arguments =
            [Path::new("-V"), Path::new("-p"), &directory.join("minisign.pub"), Path::new("-m"), &directory.join("genome.json")];
        contenders.push(Contender::new("minisign -V", "minisign", &arguments));
    }
    for contender in &mut contenders {
        contender.run();
        // The peak of the largest child so far; a child starts with what this small program has.
        println!("{:20} peak so far {} KiB", contender.name, getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
        contender.times.clear();
    }
    for _ in 0..RUNS {
        contenders.iter_mut().for_each(Contender::run);
    }
    let ours = contenders[0].median();
    for contender in &mut contenders {
        let median = contender.median();
        let ratio = ours.as_secs_f64() / median.as_secs_f64();
        println!("{:20} {:>6} µs CPU, genome-verify takes {ratio:.3} times that", contender.name, median.as_micros());
    }
}
