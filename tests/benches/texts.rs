//! Each report on a genome that is as large as one may be, and whose text takes the longest to show: line feeds, DEL, and combining marks.
//! Prints the CPU time of each program (user and system, from the operating system's accounting), from its start to the last byte that it
//! says. It must be under a second, and must not grow faster than the text: four times the text may take six times as long, a start of a few
//! milliseconds aside.
//!
//! `cargo bench -p genome-tests --bench texts`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on must stop, and reports to whoever runs it"
)]

use genome_tests::server::Server;
use genome_tests::usage::children;
use genome_tests::{Draft, key, program};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// The size of a document, a little below the 16 MiB that it may have: what is written of it has line feeds and more spaces.
const LARGE: usize = 16 * 1024 * 1024 - 64 * 1024;

/// What takes the longest, and how it stands in JSON.
const TEXTS: [(&str, &str); 4] = [("line feeds", "\n"), ("DEL", "\u{7f}"), ("combining marks", "\u{301}"), ("backticks", "`")];

const MOST: Duration = Duration::from_secs(1);

fn invariant(text: &str, bytes: usize) -> Value {
    let each = serde_json::to_string(text).unwrap().len() - 2;
    json!({"id": "INV-1", "severity": "HIGH", "testable_claim": format!("x{}", text.repeat(bytes / each)), "enforcement_hook": "x"})
}

/// The directory of a genome with a text of so many bytes, of its parent, and of its copies.
fn fill(directory: &Path, text: &str, bytes: usize) {
    let base = Draft::new("0.9.0", &[1, 2], 1);
    let invariant = invariant(text, bytes);
    let draft = Draft::new("1.0.0", &[1, 2], 1).after(&[&base]).with("invariants", json!([invariant]));
    let write = |name: &str, text: String| fs::write(directory.join(name), text).unwrap();
    write("base.json", base.signed(&[1]));
    write("draft.json", draft.document.to_string());
    write("g.json", draft.signed(&[1]));
    write("copy.json", draft.signed(&[2]));
    write("invariant.json", invariant.to_string());
}

/// The CPU time of a program, the best of three runs.
fn run(directory: &Path, name: &str, arguments: &[&str]) -> Duration {
    let once = || {
        for made in ["signed.json", "next.json", "joined.json"] {
            let _ = fs::remove_file(directory.join(made));
        }
        let mut command = program(name, directory);
        command.args(arguments).env("GENOME_SIGNING_PRIVATE_KEY", key(1).to_base64().as_str()).stdin(Stdio::null());
        let before = children();
        let output = command.output().unwrap();
        let took = children().saturating_sub(before);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        took
    };
    (0..3).map(|_| once()).min().unwrap()
}

/// The same from the start of the server to its end, with one answer in between.
fn serve(directory: &Path, path: &str) -> Duration {
    let mut command = program("genome-server", directory);
    command.env("MATHISON_GENOME_PATH", "g.json");
    let before = children();
    let server = Server::start(&mut command);
    let reply = server.get(path);
    server.stop();
    assert_eq!(reply.status, 200);
    children().saturating_sub(before)
}

fn reports(directory: &Path) -> Vec<(String, Duration)> {
    let verify = |format| ("genome-verify", vec!["--format", format, "g.json"]);
    let diff = |format| ("genome-diff", vec!["--format", format, "base.json", "g.json"]);
    let mut programs: Vec<(&str, Vec<&str>)> = ["human", "json", "github"].map(verify).into();
    programs.extend(["human", "json", "markdown", "github"].map(diff));
    programs.push(("genome-diff", vec!["--textconv", "g.json"]));
    let object = ["0"; 2];
    programs.push(("genome-diff", [&["--driver", "g.json", "base.json"][..], &object, &["g.json"], &object].concat()));
    programs.push(("genome-sign", vec!["--yes", "--parent", "base.json", "draft.json", "signed.json", "signer-1"]));
    programs
        .push(("genome-draft", vec!["--from", "base.json", "--bump", "minor", "--add-invariant", "invariant.json", "next.json"]));
    programs.push(("genome-merge", vec!["g.json", "copy.json", "--output", "joined.json"]));
    let mut times: Vec<_> = programs
        .iter()
        .map(|(name, arguments)| (format!("{name} {}", arguments.join(" ")), run(directory, name, arguments)))
        .collect();
    times.extend(["/", "/genome"].map(|path| (format!("genome-server, GET {path}"), serve(directory, path))));
    times
}

fn main() {
    let mut slow = Vec::new();
    for (what, text) in TEXTS {
        let [small, large] = [LARGE / 4, LARGE].map(|bytes| {
            let directory = tempfile::tempdir().unwrap();
            fill(directory.path(), text, bytes - 4096);
            reports(directory.path())
        });
        println!("{what}:");
        for ((report, small), (_, large)) in small.iter().zip(&large) {
            let ratio = large.as_secs_f64() / (small.as_secs_f64() + 0.01);
            println!("  {:>7.1} ms  {ratio:>4.1} times a quarter  {report}", large.as_secs_f64() * 1000.0);
            if *large > MOST || ratio > 6.0 {
                slow.push(format!("{what}: {report}"));
            }
        }
    }
    assert!(slow.is_empty(), "too slow: {slow:#?}");
}
