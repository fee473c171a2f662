//! Who else can change the files that decide: the rule, as sshd applies it to the files of a user (`StrictModes`). The core reads no disk;
//! `genome-files` does, and production accepts only the evidence that it brings.

mod path;

use crate::digest::Digest;
use crate::manifest::FileKind;
use path::distinct;
pub use path::{ExposedPath, Purpose};
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The permissions that others than the owner must not have: to write.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// The permission to read, for those who are neither the owner nor in the group.
const READABLE_BY_OTHERS: u32 = 0o004;
/// The sticky bit: in such a directory only the owner of an entry, or of the directory, can replace the entry.
const STICKY: u32 = 0o1000;

/// The kind of a directory's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// Anything else.
    Other(FileKind),
}

/// An entry of a directory, or an open file, as the system describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its path, in which no link is left but the entry itself.
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
    /// The number of the user that owns it.
    pub owner: u32,
    /// Its permissions, with the sticky bit.
    pub mode: u32,
    /// The file system that it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
}

impl Observed {
    fn is_same(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether others than root and this user can change it, or what stands in it.
    fn is_exposed(&self, user: u32) -> bool {
        ![0, user].contains(&self.owner) || self.is_open()
    }

    /// Whether its mode lets others than its owner change it, or what stands in it.
    fn is_open(&self) -> bool {
        // The mode of a link means nothing.
        let is_writable = self.kind != EntryKind::Link && self.mode & WRITABLE_BY_OTHERS != 0;
        let is_sticky = self.kind == EntryKind::Directory && self.mode & STICKY != 0;
        is_writable && !is_sticky
    }
}

/// Why the evidence does not show who can change a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExposureError {
    /// There is no way from `/` to it.
    #[error("nobody has looked at the way to it")]
    NoWay,
    /// It has no owner and no mode that would say who can write to it.
    #[error("it is {0}, not a regular file, so nothing says who can write to it")]
    NotAFile(FileKind),
    /// The way leads to another file, or nowhere.
    #[error("its path does not lead to the file that was read, so nothing says who can change that")]
    Elsewhere,
    /// It was written, or got another owner, mode or name, after it was opened.
    #[error("it was changed while it was read, so nothing says who could write to it then")]
    Changed,
}

/// The evidence about a file that decides: the way to it, who can change it, and which bytes were read. For a missing file, the way to
/// its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    exposed: Vec<ExposedPath>,
    /// The directory that holds the file.
    home: PathBuf,
    /// `None` where there is no file.
    sha256: Option<Digest>,
}

impl Evidence {
    /// The evidence about a file that was read. `way` is every entry from `/` to the file, directories and links, as they were seen after
    /// it was opened;
    /// `file` is what the system says of the open descriptor, `sha256` the digest of the bytes that were read from it. `user` is the
    /// number of the user that runs this.
    ///
    /// # Errors
    /// The way does not begin at `/`, or does not end at that file; or that is not a regular file.
    pub fn of_file(way: &[Observed], file: &Observed, sha256: Digest, user: u32) -> Result<Self, ExposureError> {
        match file.kind {
            EntryKind::File => {}
            EntryKind::Other(kind) => return Err(ExposureError::NotAFile(kind)),
            EntryKind::Directory => return Err(ExposureError::NotAFile(FileKind::Directory)),
            EntryKind::Link => return Err(ExposureError::NotAFile(FileKind::Unknown)),
        }
        let evidence = Self::of(way, file, user)?;
        let home = evidence.home.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { sha256: Some(sha256), home, ..evidence })
    }

    /// The evidence about a file that does not exist yet: `directory` is what the system says of the open directory in which it will be.
    ///
    /// # Errors
    /// The way does not begin at `/`, or does not end at that directory.
    pub fn of_missing(way: &[Observed], directory: &Observed, user: u32) -> Result<Self, ExposureError> {
        if directory.kind == EntryKind::Directory { Self::of(way, directory, user) } else { Err(ExposureError::Elsewhere) }
    }

    fn of(way: &[Observed], end: &Observed, user: u32) -> Result<Self, ExposureError> {
        let is_root = |first: &Observed| first.kind == EntryKind::Directory && first.path.as_os_str() == "/";
        if !way.first().is_some_and(is_root) {
            return Err(ExposureError::NoWay);
        }
        if !way.last().is_some_and(|last| last.is_same(end) && last.kind == end.kind) {
            return Err(ExposureError::Elsewhere);
        }
        // What a name led to may have changed before the descriptor was examined, and the reverse.
        let end = way.last().map(|last| Observed { path: last.path.clone(), ..end.clone() });
        let exposed = way.iter().chain(&end).filter(|entry| entry.is_exposed(user));
        let exposed = exposed.map(|entry| ExposedPath {
            path: entry.path.clone(),
            purpose: purpose(way, entry),
            owner: entry.owner,
            user,
            is_open: entry.is_open(),
            is_readable: entry.mode & READABLE_BY_OTHERS != 0,
        });
        Ok(Self { exposed: distinct(exposed), home: end.map(|end| end.path).unwrap_or_default(), sha256: None })
    }

    /// The evidence about a file that is replaced too: it, and the directory that holds it.
    fn written(mut self) -> Self {
        let Self { exposed, home, .. } = &mut self;
        for exposed in exposed.iter_mut().filter(|exposed| exposed.path.starts_with(&*home)) {
            exposed.purpose = Purpose::Written;
        }
        self
    }
}

/// What an entry on the way to a file is for, if that is read.
fn purpose(way: &[Observed], entry: &Observed) -> Purpose {
    // The kubelet swaps this link when it updates what it mounted.
    let data = entry.path.join("..data");
    let is_volume = way.iter().any(|step| step.kind == EntryKind::Link && step.path == data);
    if is_volume { Purpose::ConfigMap } else { Purpose::Read }
}

/// A file that decides about a genome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DecidingFile {
    Genome,
    TrustPolicy,
    State,
    AuditLog,
}

impl fmt::Display for DecidingFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Genome => "genome",
            Self::TrustPolicy => "trust policy",
            Self::State => "state",
            Self::AuditLog => "audit log",
        })
    }
}

/// The evidence about all the files that decide about a genome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it is for `Surroundings`"]
pub struct Exposure {
    pub(crate) genome: Evidence,
    pub(crate) policy: Option<Evidence>,
    pub(crate) state: Option<Evidence>,
    pub(crate) audit_logs: Vec<Evidence>,
}

impl Exposure {
    /// The evidence about the genome itself, and nothing else so far.
    pub fn of_genome(genome: Evidence) -> Self {
        Self { genome, policy: None, state: None, audit_logs: Vec::new() }
    }

    /// Adds the trust policy.
    pub fn with_policy(self, policy: Evidence) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// Adds the state, the only file that may be missing.
    pub fn with_state(self, state: Evidence) -> Self {
        Self { state: Some(state.written()), ..self }
    }

    /// Adds an audit log.
    pub fn with_audit_log(mut self, log: Evidence) -> Self {
        self.audit_logs.push(log);
        self
    }

    /// The paths that others can change, each once: the files, and the directories and links on the way to them.
    pub(crate) fn exposed(&self) -> Vec<ExposedPath> {
        let evidence = [&self.genome].into_iter().chain(&self.policy).chain(&self.state).chain(&self.audit_logs);
        distinct(evidence.flat_map(|evidence| evidence.exposed.iter().cloned()))
    }
}

impl Evidence {
    /// The paths that others than root and the user that runs this can change: the file itself, and the directories and links on the way to
    /// it.
    #[must_use]
    pub fn exposed(&self) -> &[ExposedPath] {
        &self.exposed
    }

    /// Whether it is about these bytes; without a digest, about a file that is not there.
    pub(crate) fn is_of(&self, sha256: Option<Digest>) -> bool {
        self.sha256 == sha256
    }
}

/// The digest of the bytes from which a value was read; nothing for a value that was made otherwise. It is not part of the value: two
/// values of different origin may be equal.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin(pub(crate) Option<Digest>);

impl Origin {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Some(Digest::of(bytes)))
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    const USER: u32 = 1000;
    const OTHER: u32 = 4242;

    fn entry(path: &str, kind: EntryKind, owner: u32, mode: u32) -> Observed {
        let inode = path.bytes().fold(7, |inode: u64, byte| inode.wrapping_mul(31).wrapping_add(byte.into()));
        Observed { path: path.into(), kind, owner, mode, device: 1, inode }
    }

    /// `/`, `/srv`, `/srv/genome.json`.
    fn way() -> [Observed; 3] {
        [
            entry("/", EntryKind::Directory, 0, 0o755),
            entry("/srv", EntryKind::Directory, USER, 0o755),
            entry("/srv/genome.json", EntryKind::File, USER, 0o644),
        ]
    }

    fn digest() -> Digest {
        Digest::of(b"genome")
    }

    fn exposed(way: &[Observed], file: &Observed) -> Vec<String> {
        Exposure::of_genome(Evidence::of_file(way, file, digest(), USER).unwrap())
            .exposed()
            .into_iter()
            .map(|exposed| exposed.path.into_os_string().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_way_that_is_none_is_refused() {
        let way = way();
        let [root, srv, file] = &way;
        let of_file = |way: &[Observed], file: &Observed| Evidence::of_file(way, file, digest(), USER);
        assert!(of_file(&way, file).is_ok());
        for none in [&[][..], &way[1..], &way[2..]] {
            assert_eq!(of_file(none, file), Err(ExposureError::NoWay));
        }
        for elsewhere in [&way[..1], &way[..2]] {
            assert_eq!(of_file(elsewhere, file), Err(ExposureError::Elsewhere));
        }
        for other in [Observed { inode: 1, ..file.clone() }, Observed { device: 2, ..file.clone() }] {
            assert_eq!(of_file(&way, &other), Err(ExposureError::Elsewhere));
        }
        for kind in [FileKind::Fifo, FileKind::Socket, FileKind::CharacterDevice] {
            let file = Observed { kind: EntryKind::Other(kind), ..file.clone() };
            assert_eq!(of_file(&[root.clone(), srv.clone(), file.clone()], &file), Err(ExposureError::NotAFile(kind)));
        }
        assert_eq!(of_file(&way[..2], srv), Err(ExposureError::NotAFile(FileKind::Directory)));
        assert!(Evidence::of_missing(&way[..2], srv, USER).is_ok());
        assert_eq!(Evidence::of_missing(&way, file, USER), Err(ExposureError::Elsewhere));
        assert_eq!(Evidence::of_missing(&way[..1], srv, USER), Err(ExposureError::Elsewhere));
        assert_eq!(Evidence::of_missing(&[], srv, USER), Err(ExposureError::NoWay));
    }

    #[test]
    fn what_others_can_change_is_named_once() {
        for (mode, open) in
            [(0o644, false), (0o600, false), (0o664, true), (0o646, true), (0o622, true), (0o1644, false), (0o1646, true)]
        {
            let mut way = way();
            way[2].mode = mode;
            let named = if open { vec!["/srv/genome.json"] } else { Vec::new() };
            assert_eq!(exposed(&way, &way[2]), named, "{mode:o}");
        }
        for (mode, open) in [(0o755, false), (0o775, true), (0o757, true), (0o1777, false), (0o1775, false)] {
            for index in [0, 1] {
                let mut way = way();
                way[index].mode = mode;
                let named = if open { vec![way[index].path.display().to_string()] } else { Vec::new() };
                assert_eq!(exposed(&way, &way[2]), named, "{mode:o}");
            }
        }
        for index in 0..3 {
            let mut way = way();
            way[index].owner = OTHER;
            assert_eq!(exposed(&way, &way[2]), [way[index].path.display().to_string()]);
        }
        let link = entry("/srv/link", EntryKind::Link, USER, 0o777);
        let [root, srv, file] = way();
        assert_eq!(
            exposed(&[root.clone(), srv.clone(), link.clone(), file.clone()], &file),
            [""; 0],
            "the mode of a link means nothing"
        );
        let link = Observed { owner: OTHER, ..link };
        assert_eq!(exposed(&[root, srv, link, file.clone()], &file), ["/srv/link"]);
    }

    #[test]
    fn two_paths_are_never_told_as_one() {
        let [root, srv, file] = way();
        let told = [&b"/srv/\xff"[..], b"/srv/\xfe", br"/srv/\xff", "/srv/\u{fffd}".as_bytes()].map(|path| {
            let file = Observed { path: PathBuf::from(OsStr::from_bytes(path)), mode: 0o666, ..file.clone() };
            let evidence = Evidence::of_file(&[root.clone(), srv.clone(), file.clone()], &file, digest(), USER).unwrap();
            let refusal = Refusal::WritableByOthers(Exposure::of_genome(evidence).exposed());
            (refusal.to_string(), refusal.hint().to_string())
        });
        assert!(told[0].0.ends_with(r"`/srv/\xff`") && told[2].0.ends_with(r"`/srv/\\xff`"), "{told:?}");
        for (index, (message, hint)) in told.iter().enumerate() {
            assert!(told[..index].iter().all(|(other, another)| other != message && another != hint), "{told:?}");
        }
    }

    #[test]
    fn the_descriptor_counts_as_much_as_the_name() {
        let way = way();
        for file in [Observed { mode: 0o666, ..way[2].clone() }, Observed { owner: OTHER, ..way[2].clone() }] {
            assert_eq!(exposed(&way, &file), ["/srv/genome.json"]);
        }
    }
    /// The rule that gives group 0 its way, as images for `OpenShift` are made, would give it to every other container that runs with it.
    #[test]
    fn no_group_is_that_of_one_user() {
        for (owner, mode) in [(0, 0o775), (0, 0o2775), (USER, 0o770), (0, 0o777), (0, 0o2777)] {
            let [root, srv, _] = way();
            let srv = Observed { owner, mode, ..srv };
            let evidence = Evidence::of_missing(&[root, srv.clone()], &srv, USER).unwrap();
            assert_eq!(evidence.exposed().len(), 1, "{owner} {mode:o}");
        }
    }

    /// A command that would take a place from whoever writes there is never named.
    #[test]
    fn what_is_written_stays_that_of_who_writes() {
        let [root, srv, file] = way();
        let srv = Observed { owner: 0, mode: 0o2775, ..srv };
        let state = entry("/srv/lib", EntryKind::Directory, 0, 0o777);
        let missing = Evidence::of_missing(&[root.clone(), srv.clone(), state.clone()], &state, USER).unwrap();
        let good = Evidence::of_file(&way(), &file, digest(), USER).unwrap();
        let hint = |exposure: Exposure| Refusal::WritableByOthers(exposure.exposed()).hint().to_string();
        let said = hint(Exposure::of_genome(good.clone()).with_state(missing));
        // Nobody but root can do that; and what is said of the state needs no root.
        let commands = "then: as root: chmod go-w /srv; put the state into a directory of mode 0700";
        assert!(said.contains(commands) && said.contains("`subPath`") && !said.contains("/srv/lib"), "{said}");
        // The genome lies beside the state.
        let open = Observed { mode: 0o664, ..file.clone() };
        let srv = Observed { owner: USER, ..srv };
        let way = [root.clone(), srv.clone(), open.clone()];
        let evidence = || Evidence::of_file(&way, &open, digest(), USER).unwrap();
        let said = hint(Exposure::of_genome(evidence()).with_state(evidence()));
        assert!(said.contains("then: chmod go-w /srv /srv/genome.json; put the state"), "{said}");
        let said = hint(Exposure::of_genome(evidence()));
        assert!(said.ends_with("then: chmod go-w /srv /srv/genome.json"), "{said}");
        // Of another user's files root takes those that this user can read then.
        let evidence = Evidence::of_file(&way, &open, digest(), 0).unwrap();
        let said = hint(Exposure::of_genome(evidence));
        let commands = "then: chown -h root /srv /srv/genome.json; chmod go-w /srv /srv/genome.json";
        assert!(said.ends_with(commands), "{said}");
        let evidence = Evidence::of_file(&way, &open, digest(), OTHER).unwrap();
        let said = hint(Exposure::of_genome(evidence));
        let commands = "then: as root: chown -h root /srv /srv/genome.json; chmod go-w /srv /srv/genome.json";
        assert!(said.ends_with(commands), "{said}");
    }

    /// What root takes from the user of the server, the server cannot read.
    #[test]
    fn the_state_of_another_user_stays_that_users() {
        let [root, _, _] = way();
        let lib = entry("/lib", EntryKind::Directory, USER, 0o700);
        let state = entry("/lib/state.json", EntryKind::File, USER, 0o600);
        let hint = |lib: &Observed, user: u32| {
            let way = [root.clone(), lib.clone(), state.clone()];
            let evidence = Evidence::of_file(&way, &state, digest(), user).unwrap();
            let good = Evidence::of_missing(&way[..1], &root, user).unwrap();
            Refusal::WritableByOthers(Exposure::of_genome(good).with_state(evidence).exposed()).hint().to_string()
        };
        for user in [0, OTHER] {
            assert_eq!(hint(&lib, user), "the state belongs to user 1000: run this as that user");
        }
        let open = Observed { mode: 0o770, ..lib };
        let said = hint(&open, 0);
        let commands = "then: chmod go-w /lib; the state belongs to user 1000: run this as that user";
        assert!(said.contains(commands) && !said.contains("chown"), "{said}");
        let said = hint(&open, OTHER);
        assert!(said.starts_with("put the state into a directory of mode 0700") && !said.contains("chmod"), "{said}");
        // Nor can it read a genome that only it could read.
        let way = [root.clone(), state.clone()];
        let evidence = Evidence::of_file(&way, &state, digest(), 0).unwrap();
        let said = Refusal::WritableByOthers(Exposure::of_genome(evidence).exposed()).hint().to_string();
        assert_eq!(said, "/lib/state.json belongs to user 1000: run this as that user");
    }

    #[test]
    fn the_volume_of_a_config_map_cannot_be_closed_from_within() {
        let [root, _, _] = way();
        let volume = entry("/srv", EntryKind::Directory, 0, 0o777);
        let way = [
            root,
            volume.clone(),
            entry("/srv/genome.json", EntryKind::Link, 0, 0o777),
            volume,
            entry("/srv/..data", EntryKind::Link, 0, 0o777),
            entry("/srv/..2026_11_29", EntryKind::Directory, 0, 0o755),
            entry("/srv/..2026_11_29/genome.json", EntryKind::File, 0, 0o644),
        ];
        let evidence = Evidence::of_file(&way, &way[6], digest(), USER).unwrap();
        let [exposed] = evidence.exposed() else { panic!("{evidence:?}") };
        assert_eq!((exposed.path.as_path(), exposed.purpose), (Path::new("/srv"), Purpose::ConfigMap));
        let hint = Refusal::WritableByOthers(Exposure::of_genome(evidence).exposed()).hint().to_string();
        assert!(hint.contains("`projected`") && !hint.contains("chmod"), "{hint}");
    }
}
