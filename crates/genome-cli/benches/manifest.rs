//! Verifying a manifest as a whole process, beside one `openssl dgst -sha256` over the same files, in turn: 10,000 files of 20 KB, and
//! one of 2 GB. The files are made in a temporary directory, and are in the page cache when the first time is taken. Prints the median
//! wall time of each, of the check of the files without the rest of the process, and the median of the ratios within a round.
//!
//! `cargo bench -p genome-cli --bench manifest`, on a machine that does nothing else.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on must stop")]
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use genome::manifest::check_files;
use genome::{Document, PrivateKey};
use genome_files::ManifestRoot;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const DRAFT: &str = include_str!("../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

struct Load {
    name: &'static str,
    files: u32,
    bytes: usize,
    /// The ratio to stay below.
    target: f64,
    rounds: usize,
}

const LOADS: [Load; 2] = [
    Load { name: "10,000 files of 20 KB", files: 10_000, bytes: 20_000, target: 0.45, rounds: 31 },
    Load { name: "one file of 2 GB", files: 1, bytes: 2_000_000_000, target: 0.85, rounds: 9 },
];

impl Load {
    /// Makes the files and a genome that lists them, signed. Returns their paths.
    fn make(&self, directory: &Path) -> Vec<String> {
        let mut state: u64 = 1;
        let mut paths = Vec::new();
        for file in 0..self.files {
            let path = format!("files/{:02}/{file:05}", file / 100);
            fs::create_dir_all(directory.join(&path).parent().unwrap()).unwrap();
            let mut out = BufWriter::new(File::create(directory.join(&path)).unwrap());
            for start in (0..self.bytes).step_by(8) {
                // Xorshift: what the bytes are does not matter, but nothing may be able to leave them out.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                out.write_all(&state.to_le_bytes()[..8.min(self.bytes - start)]).unwrap();
            }
            out.flush().unwrap();
            paths.push(path);
        }
        fs::write(directory.join("genome.json"), genome_of(directory, &paths)).unwrap();
        paths
    }
}

fn genome_of(directory: &Path, paths: &[String]) -> String {
    let root = ManifestRoot::open(directory).unwrap();
    let mut files = String::new();
    for path in paths {
        let digest = root.digest(&path.parse().unwrap()).unwrap();
        let comma = if files.is_empty() { "" } else { ",\n" };
        write!(files, r#"{comma}{{"path": "{path}", "sha256": "{digest}"}}"#).unwrap();
    }
    let key = PrivateKey::from_seed(&[7; 32]);
    let root_key = "MCowBQYDK2VwAyEA8Bksyr08LMu5KLixG1/72+UaIZFgbx3Nk+17JJ4N19E=";
    let draft = DRAFT.replace(root_key, &key.public_key().to_string());
    let (start, _) = draft.split_once("\"build_manifest\"").unwrap();
    let draft = format!("{start}\"build_manifest\": {{\"files\": [{files}]}}}}");
    let mut document = Document::read(draft.as_bytes()).unwrap();
    document.sign(None, &key, &[]).unwrap();
    document.to_json()
}

/// The wall time of a process, in seconds.
fn time(command: &mut Command) -> f64 {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    assert!(command.status().unwrap().success(), "{}", command.get_program().display());
    start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let build = ["build", "--quiet", "--release", "--package", "genome-cli", "--bin", "genome-verify"];
    assert!(Command::new(env!("CARGO")).args(build).current_dir(root).status().unwrap().success());
    // This file is target/release/deps/manifest-….
    let program: PathBuf = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("genome-verify");
    for load in LOADS {
        let directory = tempfile::tempdir().unwrap();
        let paths = load.make(directory.path());
        let mut openssl = Command::new("openssl");
        openssl.args(["dgst", "-sha256"]).args(&paths).current_dir(directory.path());
        let mut ours = Command::new(&program);
        ours.args(["--verify-manifest", "--quiet", "genome.json"]).current_dir(directory.path());
        for variable in ["MATHISON_ENV", "MATHISON_REPO_ROOT", "MATHISON_GENOME_TRUST", "MATHISON_GENOME_STATE"] {
            ours.env_remove(variable);
        }
        let genome = genome::dangerous::verify_self_declared(&fs::read(directory.path().join("genome.json")).unwrap()).unwrap();
        let root = ManifestRoot::open(directory.path()).unwrap();
        let check = || {
            let start = Instant::now();
            assert_eq!(check_files(&genome.files, &root), []);
            start.elapsed().as_secs_f64()
        };
        let mut round = || [time(&mut openssl), time(&mut ours), check()];
        // Once without a stopwatch.
        round();
        let rounds: Vec<[f64; 3]> = (0..load.rounds).map(|_| round()).collect();
        let openssl = median(rounds.iter().map(|round| round[0]).collect());
        println!("{}, {} rounds: openssl {:.1} ms, target {:.2} times that", load.name, load.rounds, openssl * 1e3, load.target);
        for (index, name) in [(1, "genome-verify"), (2, "its check of the files alone")] {
            let time = median(rounds.iter().map(|round| round[index]).collect());
            let ratio = median(rounds.iter().map(|round| round[index] / round[0]).collect());
            println!("  {name:28} {:7.1} ms, ratio {ratio:.3}", time * 1e3);
        }
    }
}
