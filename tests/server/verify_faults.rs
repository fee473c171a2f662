//! Each system call of a verification in production, and of a boot, fails once. Nothing is accepted unless all was checked, what is said is
//! true, and nothing panics or hangs.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::world::{Cast, Target, World};
use genome_test_support::{Ran, has, run, say};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// What can fail, and how.
const FAULTS: [(&str, &str); 28] = [
    ("openat", "EIO"),
    ("openat", "EMFILE"),
    ("openat", "EINTR"),
    ("read", "EIO"),
    ("read", "EINTR"),
    ("pread64", "EIO"),
    ("write", "EIO"),
    ("write", "ENOSPC"),
    ("write", "EINTR"),
    ("fstat", "EIO"),
    ("statx", "EIO"),
    ("newfstatat", "EIO"),
    ("newfstatat", "ENOENT"),
    ("readlink", "EIO"),
    ("readlinkat", "EIO"),
    ("lseek", "EIO"),
    ("flock", "ENOLCK"),
    ("flock", "EIO"),
    ("flock", "EINTR"),
    ("fsync", "EIO"),
    ("fchmod", "EPERM"),
    ("fchown", "EIO"),
    ("linkat", "ENOSPC"),
    ("linkat", "EIO"),
    ("renameat", "EIO"),
    ("renameat2", "EIO"),
    ("getcwd", "ENOENT"),
    ("clone3", "EAGAIN"),
];

/// Runs a program under strace, which writes what it sees to `trace`. A server hears that its address is taken.
fn traced(world: &World<'_>, program: &str, options: &[&str]) -> Ran {
    let command = world.program(program);
    let mut strace = Command::new("timeout");
    strace.args(["--signal=KILL", "60", "strace", "-f", "-o"]).arg(world.at("aside/trace")).args(options);
    if program == "genome-server" {
        strace.args(["-e", "inject=listen:error=EADDRINUSE"]);
    }
    strace.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    run(strace.current_dir(world.path()))
}

fn fail_each(program: &str, target: Target) {
    let cast = Cast::of(target);
    let whole = World::new(&cast);
    traced(&whole, program, &[]);
    let mut calls: BTreeMap<String, u32> = BTreeMap::new();
    let trace = fs::read_to_string(whole.at("aside/trace")).unwrap();
    for call in trace.lines().filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('(')) {
        *calls.entry(call.0.to_owned()).or_default() += 1;
    }
    let (mut failed, mut accepted) = (0, 0);
    for (call, error) in FAULTS {
        // The runtime of the server wakes its threads by writes that cannot fail (eventfd(2)), and does not live without a thread.
        if program == "genome-server" && ["write", "clone3"].contains(&call) {
            continue;
        }
        for when in 1..=calls.get(call).copied().unwrap_or_default() {
            let world = World::new(&cast);
            let ran = traced(&world, program, &["-e", &format!("inject={call}:error={error}:when={when}")]);
            let what = format!("{program}, {target:?}, call {when} of {call} fails with {error}: {ran:?}");
            failed += 1;
            // The dynamic linker fails in its own way, before there is any program of ours.
            if ran.status == Some(127) && ran.stderr.contains("loading shared libraries") {
                continue;
            }
            let is_remembered = world.remembered().iter().any(|state| cast.allowed.iter().any(|id| state.contains(id.as_str())));
            assert!(matches!(ran.status, Some(0..=2)) && !ran.stderr.contains("panicked"), "{what}");
            let is_forbidden = world.remembered().iter().any(|state| cast.forbidden.iter().any(|id| state.contains(id.as_str())));
            assert!(!is_forbidden, "{what}");
            if ran.status == Some(0) {
                accepted += 1;
                assert!(program == "genome-verify" && is_remembered && !cast.allowed.is_empty(), "{what}");
                assert!(cast.allowed.iter().any(|id| ran.stdout.contains(id.as_str())), "{what}");
            } else {
                assert!(!ran.stderr.trim().is_empty() || !ran.stdout.is_empty() || call == "write", "nothing is said: {what}");
            }
            let said = [ran.stdout.as_str(), &ran.stderr].concat();
            assert!(!(is_remembered && said.contains("the state cannot be written")), "{what}");
            assert!(is_remembered || !said.contains("the state was written"), "{what}");
        }
    }
    say(&format!("{program}, {target:?}: {failed} faults, {accepted} that did not matter\n"));
    assert!(failed > 100, "the faults were not spread over the run");
}

#[test]
fn a_verification_in_production() {
    if has("strace") && has("timeout") {
        fail_each("genome-verify", Target::Genome);
    }
}

/// What would be refused is not let in as something could not be looked at.
#[test]
fn a_verification_of_what_is_exposed_or_went_back() {
    if has("strace") && has("timeout") {
        fail_each("genome-verify", Target::State);
    }
}

#[test]
fn a_boot() {
    if has("strace") && has("timeout") {
        fail_each("genome-server", Target::Genome);
    }
}
