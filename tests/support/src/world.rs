//! The files that decide in production, and an adversary who changes them.
//!
//! The adversary is `nobody` where the test is root, and what is his all can write in any case. The directory of what decides is sticky and open
//! to all, as `/tmp` is. He could not take away there what is root's: it is done here all the same, as more than he can do must not help
//! him either.

use crate::{Draft, Ran, policy, program, run};
use nix::sys::stat::Mode;
use nix::unistd::{chown, geteuid, mkfifo};
use serde_json::json;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, JoinHandle};

const NOBODY: u32 = 65534;
const CODE: &str = "console.log(1)\n";

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The genome. Theirs is signed by whom the policy trusts, so that nothing speaks against it but whose file it is.
    Genome,
    /// The trust policy, where the genome is one that only theirs trusts.
    Policy,
    /// Both, and their policy trusts their genome.
    GenomeAndPolicy,
    /// A state that has accepted a later version. Theirs has not.
    State,
    /// A state that is not there yet.
    NoState,
    /// The directory of all that.
    Directory,
    /// A file of the manifest that is another than the one that was signed. Theirs is the right one.
    ManifestFile,
    /// The ancestor on which trust in the genome rests.
    Ancestor,
    /// The directory where ancestors are.
    Ancestors,
}

/// How it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// Theirs takes its place.
    Replaced,
    /// It is taken away.
    Gone,
    /// A FIFO takes its place, and nobody writes there.
    Fifo,
    /// A FIFO takes its place. Who waits for a reader there takes it away when one comes, and writes theirs.
    FedFifo,
    /// A link to theirs.
    Link,
    /// A link to standard input, which is theirs, and has no other name any more.
    LinkToStdin,
    /// A link to what the program has open under this number.
    LinkToOpen(u8),
    /// All may write it, and theirs is written there.
    Written,
    /// It is given to nobody, who writes theirs there.
    Given,
    /// All may write it, and theirs is written there. When it is undone, nobody else may write it any more, and theirs stays.
    WrittenAndClosed,
}

/// What the files hold, and what may come of them.
#[derive(Debug)]
pub struct Cast {
    /// What is changed.
    pub target: Target,
    files: Vec<(&'static str, String)>,
    /// The ids of what may be accepted.
    pub allowed: Vec<String>,
    /// The ids of what must never be accepted or remembered.
    pub forbidden: Vec<String>,
}

/// The version that a state has accepted that is not theirs.
pub const LATER: &str = "1.9.0";

impl Cast {
    /// Of an attack on this.
    #[must_use]
    pub fn of(target: Target) -> Self {
        let first = Draft::new("1.0.0", &[1], 1);
        let honest = match target {
            // Trusted for the sake of its parent, whose signer signs too.
            Target::Ancestor | Target::Ancestors => Draft::new("1.2.0", &[2], 1).after(&[&first]),
            _ => Draft::new("1.2.0", &[1], 1),
        }
        .with_file("app.js", CODE);
        let other = Draft::new("1.3.0", &[1], 1).with_file("app.js", CODE);
        let rogue = Draft::new("1.4.0", &[9], 1).with_file("app.js", CODE);
        let copy = Draft::new("1.0.0", &[9], 1).signed(&[9]);
        let mut files = vec![
            ("ours/genome.json", honest.signed(if honest.document["parents"] == json!([]) { &[1] } else { &[1, 2] })),
            ("ours/trust.json", policy(&[1], 1, &json!({}))),
            ("ours/app.js", CODE.to_owned()),
            ("ours/ancestors/first.json", first.signed(&[1])),
            ("theirs/genome.json", other.signed(&[1])),
            ("theirs/trust.json", policy(&[1, 9], 1, &json!({}))),
            ("theirs/state.json", remembering(&first)),
            ("theirs/app.js", CODE.to_owned()),
            ("theirs/first.json", copy.clone()),
            ("theirs/ancestors/first.json", copy),
        ];
        let (mut allowed, mut forbidden) = (vec![honest.id()], vec![other.id(), rogue.id()]);
        files.extend(match target {
            Target::Policy => Some(("ours/genome.json", rogue.signed(&[9]))),
            Target::GenomeAndPolicy => Some(("theirs/genome.json", rogue.signed(&[9]))),
            Target::State => Some(("ours/state.json", remembering(&Draft::new(LATER, &[1], 1)))),
            Target::ManifestFile => Some(("ours/app.js", "console.log(2)\n".to_owned())),
            _ => None,
        });
        if matches!(target, Target::Policy | Target::State | Target::ManifestFile) {
            forbidden.append(&mut allowed);
        }
        Self { target, files, allowed, forbidden }
    }
}

/// The state that remembers this genome.
fn remembering(genome: &Draft) -> String {
    let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
    let path = |name| directory.path().join(name);
    written(fs::write(path("genome.json"), genome.signed(&[1])));
    let ran = run(program("genome-verify", directory.path()).args(["--state", "state.json", "genome.json"]));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    written(fs::read_to_string(path("state.json")))
}

fn written<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("the files are not what the adversary thinks: {error}"))
}

/// The files that decide, and those of the adversary beside them.
#[derive(Debug)]
pub struct World<'c> {
    cast: &'c Cast,
    _directory: tempfile::TempDir,
    root: PathBuf,
    /// Who waits for a reader of a FIFO, and another name of that.
    feeders: Vec<(PathBuf, JoinHandle<()>)>,
}

impl<'c> World<'c> {
    /// As it is before anything is changed.
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn new(cast: &'c Cast) -> Self {
        // Thousands are made, and a disk would be waited for in each: in memory, where there is such a place.
        let directory = written(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()));
        let root = written(directory.path().canonicalize());
        let world = Self { cast, _directory: directory, root, feeders: Vec::new() };
        for directory in ["ours/ancestors", "theirs/ancestors", "aside"] {
            written(fs::create_dir_all(world.at(directory)));
        }
        for (path, contents) in &cast.files {
            written(fs::write(world.at(path), contents));
            if path.starts_with("theirs") {
                world.expose(path, 0o666);
            } else {
                world.set_mode(path, 0o644);
            }
        }
        for (directory, mode) in [("", 0o755), ("ours", 0o1777), ("ours/ancestors", 0o755)] {
            world.set_mode(directory, mode);
        }
        for directory in ["theirs", "theirs/ancestors"] {
            world.expose(directory, 0o777);
        }
        world
    }

    /// The directory of all.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Waits until what changes gets another time than what is there.
    ///
    /// # Panics
    /// Nothing can be written.
    pub fn settle(&self) {
        let changed = |path: &Path| written(fs::metadata(path).map(|metadata| (metadata.ctime(), metadata.ctime_nsec())));
        let (made, probe) = (changed(&self.at("theirs/ancestors")), self.at("aside/probe"));
        loop {
            written(fs::write(&probe, ""));
            if changed(&probe) > made {
                break;
            }
            thread::yield_now();
        }
    }

    /// A path in it.
    #[must_use]
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Sets the mode of a file.
    ///
    /// # Panics
    /// It is not there.
    pub fn set_mode(&self, path: &str, mode: u32) {
        written(fs::set_permissions(self.at(path), Permissions::from_mode(mode)));
    }

    fn expose(&self, path: &str, mode: u32) {
        if geteuid().is_root() {
            written(chown(&self.at(path), Some(NOBODY.into()), Some(NOBODY.into())).map_err(Into::into));
        }
        self.set_mode(path, mode);
    }

    /// A program, which is asked about the genome as it is in production, ready to run.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        let mut command = program(name, &self.root);
        command.arg("--production");
        for (option, path) in [("--trust", "ours/trust.json"), ("--state", "ours/state.json"), ("--manifest-root", "ours")] {
            command.arg(option).arg(self.at(path));
        }
        if matches!(self.cast.target, Target::Ancestor | Target::Ancestors) {
            command.arg("--lineage").arg(self.at("ours/ancestors"));
        }
        let genome = self.at("ours/genome.json");
        if name == "genome-server" {
            command.args(["--listen", "127.0.0.1:0"]).env("MATHISON_GENOME_PATH", genome);
        } else {
            command.args(["--format", "json"]).arg(genome);
        }
        command
    }

    /// What is changed, and what of theirs there is for it.
    fn changes(&self) -> &'static [(&'static str, &'static str)] {
        match self.cast.target {
            Target::Genome => &[("ours/genome.json", "theirs/genome.json")],
            Target::Policy => &[("ours/trust.json", "theirs/trust.json")],
            Target::GenomeAndPolicy => &[("ours/genome.json", "theirs/genome.json"), ("ours/trust.json", "theirs/trust.json")],
            Target::State | Target::NoState => &[("ours/state.json", "theirs/state.json")],
            Target::Directory => &[("ours", "theirs")],
            Target::ManifestFile => &[("ours/app.js", "theirs/app.js")],
            Target::Ancestor => &[("ours/ancestors/first.json", "theirs/first.json")],
            Target::Ancestors => &[("ours/ancestors", "theirs/ancestors")],
        }
    }

    /// What its files hold.
    #[must_use]
    pub fn cast(&self) -> &'c Cast {
        self.cast
    }

    /// Runs `genome-verify`.
    #[must_use]
    pub fn run(&self) -> Ran {
        run(&mut self.program("genome-verify"))
    }

    /// Makes ours of what is changed, as only its owner can.
    ///
    /// # Panics
    /// It is not there.
    pub fn claim(&self) {
        for (ours, _) in self.changes() {
            written(chown(&self.at(ours), Some(geteuid()), None).map_err(Into::into));
            self.set_mode(ours, 0o644);
        }
    }

    /// What is changed.
    pub fn targets(&self) -> impl Iterator<Item = PathBuf> {
        self.changes().iter().map(|(ours, _)| self.at(ours))
    }

    /// What the program may find on its standard input.
    ///
    /// # Panics
    /// It is not there any more.
    #[must_use]
    pub fn stdin(&self) -> File {
        let theirs = self.changes().first().map_or("theirs", |(_, theirs)| theirs);
        written(File::open(self.at(theirs)))
    }

    /// Changes what is to be changed.
    ///
    /// # Panics
    /// That cannot be done.
    pub fn swap(&mut self, swap: Swap) {
        for (ours, theirs) in self.changes() {
            let (path, theirs) = (self.at(ours), self.at(theirs));
            if matches!(swap, Swap::Written | Swap::Given | Swap::WrittenAndClosed) {
                self.expose_ours(ours, swap);
                written(fs::write(&path, written(fs::read(theirs))));
                continue;
            }
            if path.exists() {
                written(fs::rename(&path, self.aside(ours)));
            }
            match swap {
                Swap::Replaced => written(fs::rename(theirs, path)),
                Swap::Fifo => self.make_fifo(&path),
                Swap::FedFifo => {
                    self.make_fifo(&path);
                    self.feed(ours, written(fs::read(theirs)));
                }
                Swap::Link => link(&theirs, &path),
                Swap::LinkToStdin => {
                    if theirs.is_file() {
                        written(fs::remove_file(theirs));
                    }
                    link(Path::new("/proc/self/fd/0"), &path);
                }
                Swap::LinkToOpen(number) => link(&Path::new("/dev/fd").join(number.to_string()), &path),
                Swap::Gone | Swap::Written | Swap::Given | Swap::WrittenAndClosed => {}
            }
        }
    }

    /// Puts back what was there before; with [`Swap::WrittenAndClosed`] only its mode.
    ///
    /// # Panics
    /// That cannot be done.
    pub fn undo(&mut self, swap: Swap) {
        for (ours, _) in self.changes() {
            let (path, aside) = (self.at(ours), self.aside(ours));
            if matches!(swap, Swap::Written | Swap::Given | Swap::WrittenAndClosed) {
                if swap != Swap::WrittenAndClosed {
                    let contents = self.cast.files.iter().rfind(|(path, _)| path == ours).map(|(_, contents)| contents);
                    written(fs::write(&path, contents.map_or("", |contents| contents)));
                }
                if geteuid().is_root() {
                    written(chown(&path, Some(geteuid()), None).map_err(Into::into));
                }
                self.set_mode(ours, 0o644);
                continue;
            }
            if path.is_symlink() || path.exists() {
                written(fs::rename(&path, aside.with_extension("theirs")));
            }
            if aside.exists() {
                written(fs::rename(aside, path));
            }
        }
    }

    /// Where ours is while something else has its name.
    fn aside(&self, ours: &str) -> PathBuf {
        self.at("aside").join(ours.replace('/', "-"))
    }

    fn expose_ours(&self, ours: &str, swap: Swap) {
        if swap == Swap::Given { self.expose(ours, 0o646) } else { self.set_mode(ours, 0o666) }
    }

    fn make_fifo(&self, path: &Path) {
        written(mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR).map_err(Into::into));
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        self.expose(&path.to_string_lossy(), 0o666);
    }

    /// Waits for a reader of a FIFO, takes it away, and writes this.
    fn feed(&mut self, ours: &str, contents: Vec<u8>) {
        let (path, name) = (self.at(ours), self.aside(ours).with_extension("fifo"));
        written(fs::hard_link(&path, &name));
        let fifo = name.clone();
        let feeder = thread::spawn(move || {
            let mut writer = written(OpenOptions::new().write(true).open(fifo));
            // It may have another name, and it may be that nobody reads.
            let _ = fs::remove_file(path);
            let _ = writer.write_all(&contents);
        });
        self.feeders.push((name, feeder));
    }

    /// What any state in it remembers.
    ///
    /// # Panics
    /// One cannot be read.
    #[must_use]
    pub fn remembered(&self) -> Vec<String> {
        let states =
            ["ours/state.json", "theirs/state.json", "aside/ours/state.json", "aside/ours-state.json", "aside/ours-state.theirs"];
        let states = states.iter().map(|state| self.at(state)).filter(|state| state.is_file());
        states.map(|state| written(fs::read_to_string(state))).collect()
    }
}

/// Makes a link that is the adversary's.
fn link(to: &Path, path: &Path) {
    written(symlink(to, path));
    if geteuid().is_root() {
        written(lchown(path, Some(NOBODY), Some(NOBODY)));
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        for (fifo, feeder) in self.feeders.drain(..) {
            let reader = OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(fifo);
            let _ = feeder.join();
            drop(reader);
        }
    }
}
