//! An adversary for the file system. The programs of production are stopped before each system call on the files that decide; these are
//! changed there and then, in every way that somebody could think of; and the program goes on. Whatever is done and whenever, nothing
//! of the adversary's is accepted or remembered, and nothing hangs.

use genome_test_support::tracer::{Traced, trace};
use genome_test_support::world::{Cast, LATER, Swap, Target, World};
use genome_test_support::{Ran, say};
use nix::unistd::geteuid;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

use Swap::{FedFifo, Fifo, Given, Gone, Link, LinkToOpen, LinkToStdin, Replaced, Written, WrittenAndClosed};
use Undone::{After, Never, OnceRead};

/// How something is changed, and when that is undone.
type Change = (Swap, Undone);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undone {
    /// Never.
    Never,
    /// After so many more system calls.
    After(usize),
    /// When it was read.
    OnceRead,
}

/// What can be done with a file.
const FILE: [Change; 14] = [
    (Replaced, Never),
    (Replaced, After(1)),
    (Replaced, After(3)),
    (Replaced, OnceRead),
    (Gone, Never),
    (Gone, After(1)),
    (Fifo, Never),
    (FedFifo, Never),
    (Link, Never),
    (Link, OnceRead),
    (LinkToStdin, Never),
    (Written, Never),
    (Given, Never),
    (WrittenAndClosed, OnceRead),
];

/// What is done with one of several files.
const ALONE: [Change; 9] = [
    (Replaced, Never),
    (Replaced, After(1)),
    (Replaced, OnceRead),
    (Gone, Never),
    (FedFifo, Never),
    (Link, OnceRead),
    (LinkToStdin, Never),
    (Given, Never),
    (WrittenAndClosed, OnceRead),
];

/// What can be done with a directory, or where nothing is.
const PLACE: [Change; 7] = [
    (Replaced, Never),
    (Replaced, After(1)),
    (Replaced, After(3)),
    (Fifo, Never),
    (Link, Never),
    (Link, After(1)),
    (LinkToStdin, Never),
];

/// What can be done with a file that may have any owner, and may come in no other way.
const NO_FILE: [Change; 6] =
    [(Gone, Never), (Fifo, Never), (FedFifo, Never), (Link, Never), (LinkToStdin, Never), (LinkToOpen(3), Never)];

/// What is wrong with how a program ended, if anything is.
fn fault(traced: &Traced, world: &World<'_>, (swap, _): Change) -> Option<String> {
    let cast = world.cast();
    // Of the files that decide, this alone may be missing.
    let may_be_absent = cast.target == Target::State && swap == Gone;
    let (forbidden, allowed) = match cast.forbidden.split_last() {
        Some((honest, forbidden)) if may_be_absent => (forbidden, std::slice::from_ref(honest)),
        _ => (cast.forbidden.as_slice(), cast.allowed.as_slice()),
    };
    let is_accepted = traced.listened || traced.ran.status == Some(0);
    let remembered = world.remembered();
    let is_remembered = |id: &&String| remembered.iter().any(|state| state.contains(id.as_str()));
    if traced.hung {
        return Some("it hangs".to_owned());
    }
    if !(traced.listened || matches!(traced.ran.status, Some(0..=2))) || traced.ran.stderr.contains("panicked") {
        return Some("it does not end in order".to_owned());
    }
    if let Some(id) = forbidden.iter().find(is_remembered) {
        return Some(format!("{id} is remembered"));
    }
    if !is_accepted {
        return None;
    }
    let Some(id) = allowed.iter().find(is_remembered) else {
        return Some("it is accepted, and is not what is remembered".to_owned());
    };
    if !traced.listened && !traced.ran.stdout.contains(id.as_str()) {
        return Some("something else is accepted".to_owned());
    }
    let is_ours = |state: fs::Metadata| state.is_file() && state.mode() & 0o022 == 0 && state.uid() == geteuid().as_raw();
    // Unless it was there, and somebody has taken it away since.
    let is_new = cast.target == Target::NoState && !world.at("aside/ours-state.json").exists();
    if is_new && !world.at("ours/state.json").symlink_metadata().is_ok_and(is_ours) {
        return Some("the state is not ours alone".to_owned());
    }
    let is_back = may_be_absent && !world.at("aside/ours-state.json").exists();
    if is_back && !fs::read_to_string(world.at("ours/state.json")).is_ok_and(|state| state.contains(LATER)) {
        return Some("what was accepted before is forgotten".to_owned());
    }
    None
}

/// Changes a target before each system call, in each of these ways, and checks how the program ends.
fn attack(program: &str, target: Target, changes: &[Change]) {
    let cast = Cast::of(target);
    let (mut tried, mut accepted, mut faults) = (0, 0, Vec::new());
    for &(swap, undone) in changes {
        for number in 1.. {
            let mut world = World::new(&cast);
            if swap == WrittenAndClosed {
                world.settle();
            }
            let (command, stdin, root) = (world.program(program), world.stdin(), world.path().to_owned());
            let mut is_undone = false;
            let traced = trace(&command, stdin.into(), &root, |stopped| {
                let since = stopped.call.checked_sub(number);
                if since == Some(0) {
                    world.swap(swap);
                } else if since.is_some() && !is_undone {
                    is_undone = match undone {
                        Never => false,
                        After(calls) => since == Some(calls),
                        OnceRead => world.targets().all(|path| stopped.has_read(&path)),
                    };
                    if is_undone {
                        world.undo(swap);
                    }
                }
                // Nothing is done any more, and each stop takes its time.
                let is_over = since.is_some() && (is_undone || undone == Never);
                if is_over && program == "genome-verify" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if traced.calls < number {
                assert!(number > 20, "few calls: {traced:?}");
                break;
            }
            tried += 1;
            accepted += u32::from(traced.listened || traced.ran.status == Some(0));
            let fault = fault(&traced, &world, (swap, undone));
            faults.extend(fault.map(|fault| format!("{swap:?} before call {number}, undone {undone:?}: {fault}")));
        }
    }
    say(&format!("{program}, {target:?}: {tried} changes, {accepted} too late to matter\n"));
    assert!(faults.is_empty(), "{program}, {target:?}: {} of {tried}, such as {}", faults.len(), faults.join("\n"));
}

/// What theirs is would be accepted, were it ours.
#[test]
fn nothing_else_stands_in_the_way() {
    for target in [Target::Genome, Target::Policy, Target::GenomeAndPolicy, Target::State, Target::ManifestFile] {
        let cast = Cast::of(target);
        for is_ours in [true, false] {
            let mut world = World::new(&cast);
            let honest = world.run();
            assert_eq!(honest.status == Some(0), !cast.allowed.is_empty(), "{target:?}: {honest:?}");
            world.swap(Replaced);
            if is_ours {
                world.claim();
            }
            let ran = world.run();
            let expected = is_ours || target == Target::ManifestFile;
            assert_eq!(ran.status == Some(0), expected, "{target:?}: {ran:?}");
        }
    }
}

/// The lock of the state is held while the files are there that the program has read; they are changed, and the lock is given back.
#[test]
fn the_lock_helps_nobody() {
    for target in [Target::Genome, Target::Policy, Target::GenomeAndPolicy, Target::State, Target::NoState, Target::Directory] {
        let cast = Cast::of(target);
        // Theirs is there from the start, and is taken away or put in place of ours; or it comes while the program waits.
        for comes_first in [true, false] {
            for (swap, then) in [(Replaced, None), (Replaced, Some(Gone)), (Link, None), (Link, Some(Gone)), (Fifo, None)] {
                if (comes_first && swap == Fifo) || (target == Target::State && then == Some(Gone)) {
                    continue;
                }
                let mut world = World::new(&cast);
                if comes_first {
                    world.swap(swap);
                }
                let held = File::open(world.at("ours")).unwrap();
                held.lock().unwrap();
                let mut command = world.program("genome-verify");
                let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
                let mut said = String::new();
                let mut stderr = BufReader::new(child.stderr.take().unwrap());
                stderr.read_line(&mut said).unwrap();
                if said.contains("waiting for another program") {
                    if !comes_first {
                        world.swap(swap);
                    }
                    match then {
                        Some(Gone) if target == Target::Directory => world.undo(swap),
                        Some(Gone) => world.targets().for_each(|path| fs::remove_file(path).unwrap()),
                        _ => {}
                    }
                }
                drop(held);
                stderr.read_to_string(&mut said).unwrap();
                let output = child.wait_with_output().unwrap();
                let stdout = String::from_utf8(output.stdout).unwrap();
                let ran = Ran { status: output.status.code(), stdout, stderr: said };
                let what = format!("{target:?} {swap:?}, first: {comes_first}, then {then:?}: {ran:?}");
                let is_seen = |id: &String| world.remembered().iter().any(|state| state.contains(id.as_str()));
                assert!(!cast.forbidden.iter().any(is_seen), "{what}");
                assert!(ran.status != Some(0) || cast.allowed.iter().any(is_seen), "{what}");
                assert!(!ran.stderr.contains("panicked"), "{what}");
            }
        }
    }
}

#[test]
fn the_genome() {
    attack("genome-verify", Target::Genome, &ALONE);
}

#[test]
fn the_policy() {
    attack("genome-verify", Target::Policy, &ALONE);
}

#[test]
fn the_genome_and_the_policy() {
    attack("genome-verify", Target::GenomeAndPolicy, &FILE);
}

#[test]
fn the_state() {
    attack("genome-verify", Target::State, &ALONE);
    attack("genome-verify", Target::NoState, &PLACE);
}

#[test]
fn the_directory() {
    attack("genome-verify", Target::Directory, &PLACE);
}

#[test]
fn a_file_of_the_manifest() {
    attack("genome-verify", Target::ManifestFile, &NO_FILE);
}

#[test]
fn an_ancestor() {
    attack("genome-verify", Target::Ancestor, &NO_FILE);
    attack("genome-verify", Target::Ancestors, &PLACE);
}

#[test]
fn the_server_boots_on_nothing_of_theirs() {
    attack(
        "genome-server",
        Target::GenomeAndPolicy,
        &[(Replaced, Never), (Replaced, After(1)), (FedFifo, Never), (Link, After(1))],
    );
    attack("genome-server", Target::Directory, &[(Replaced, After(3)), (Link, Never)]);
    attack("genome-server", Target::NoState, &[(Replaced, Never), (Fifo, Never)]);
}
