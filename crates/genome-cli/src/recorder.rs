//! Recording signings in the audit log.

use crate::environment::named;
use crate::requirements::refuse_large;
use crate::source::{FILE_OR_NEW, TOO_LARGE_HINT};
use crate::{Failure, Finding, note, now, say};
use genome::{AuditRecord, AuditTail, Circumstances, Document, Remembering, Signing};
use genome_files::{
    AuditReadError, OpenError, Prefix, check_appending, directory_of, has_no_locks, open_appending, open_directory, read_audit_log,
    take_lock,
};
use genome_json::text::BarePath;
use nix::unistd::{Uid, User};
use rustix::system::uname;
use std::fmt::Display;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Where signings are recorded, on the command line.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
pub struct AuditArguments {
    /// Record the signing in this audit log (README.md), with a line that is on the disk before the signed genome is anywhere. Where
    /// that cannot be, nothing is signed. The file is made if it is not there. Without it, GENOME_AUDIT_LOG
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
}

/// The audit log, open.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    file: File,
}

impl Recorder {
    /// Opens the log that the command line or the environment asks for, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file.
    pub fn of(arguments: &AuditArguments) -> Result<Option<Self>, Failure> {
        let path = named(arguments.audit_log.as_ref(), "GENOME_AUDIT_LOG", "the audit log")?;
        path.map(|path| match open_appending(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(unopened(&path, &error)),
        })
        .transpose()
    }

    /// Refuses the log before anybody is asked for a signature that could not be recorded, and makes none.
    ///
    /// # Errors
    /// It cannot be opened or made, or is no regular file.
    pub fn check(arguments: &AuditArguments) -> Result<(), Failure> {
        let path = named(arguments.audit_log.as_ref(), "GENOME_AUDIT_LOG", "the audit log")?;
        path.map_or(Ok(()), |path| check_appending(&path).map_err(|error| unopened(&path, &error)))
    }

    /// Records a signature that the document carries, of which the key is in this kind of custody. When this returns, the line is on
    /// the disk. A signature that the genome carried before is recorded unless it is in the log. Says which line it is.
    ///
    /// # Errors
    /// The line cannot be written, or the log is not one of ours. The log is as it was then.
    pub fn record(
        mut self,
        document: &Document<'_>,
        signing: &Signing,
        custody: &str,
        output: &Path,
    ) -> Result<Option<String>, Failure> {
        let circumstances = circumstances(custody, output)?;
        let Some(record) = AuditRecord::of(document, signing, circumstances) else {
            return Err(self.unrecorded("the genome carries no signature by the signer"));
        };
        self.lock().map_err(|error| if has_no_locks(&error) { self.without_locks(&error) } else { self.unrecorded(error) })?;
        let length = self.length(output).map_err(|error| self.unrecorded(error))?;
        let start = length.saturating_sub(AuditTail::MOST_BYTES as u64);
        let end = self.read(start, length).map_err(|error| self.unrecorded(error))?;
        let tail = AuditTail::read(&end, start == 0).map_err(|error| self.unrecorded(error))?;
        if record.already && self.has(&record, length)? {
            return Ok(None);
        }
        if tail.is_torn() {
            let message = format!("the line before line {} was cut off, by a crash: it records nothing", tail.next());
            let hint = "the log goes on, and the next line names what is left of it; see whether the genome was signed again";
            say(&Finding::warning(message, hint).at(&self.path));
        }
        let line = tail.following(record).map_err(|error| self.unrecorded(error))?;
        let place = format!("{}, line {}", BarePath(&self.path), tail.next());
        self.append(line.as_bytes(), length, &place)?;
        Ok(Some(place))
    }

    /// Waits for the others that write to the log.
    fn lock(&mut self) -> io::Result<()> {
        loop {
            let wait = || note("waiting for another program that writes to the same audit log\n");
            take_lock(|| self.file.try_lock(), "it", wait)?;
            // Meanwhile another file may have been put in its place.
            match fs::symlink_metadata(&self.path) {
                Ok(there) if is_same(&there, &self.file.metadata()?) => return Ok(()),
                _ => self.file = open_appending(&self.path)?,
            }
        }
    }

    /// How long the log is, which must not be what is about to be replaced.
    fn length(&self, output: &Path) -> io::Result<u64> {
        let log = self.file.metadata()?;
        let output = if output.as_os_str() == "-" {
            crate::unbuffered(&io::stdout()).and_then(|stdout| stdout.metadata())
        } else {
            fs::metadata(output)
        };
        if output.is_ok_and(|output| is_same(&output, &log)) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "the signed genome would go to the same file"));
        }
        Ok(log.len())
    }

    fn read(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(end - start).map_err(|_| ErrorKind::FileTooLarge)?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes)
    }

    /// Whether the log records this signature.
    fn has(&self, record: &AuditRecord, length: u64) -> Result<bool, Failure> {
        refuse_large(length).map_err(|error| unusable(&self.path, &error, TOO_LARGE_HINT))?;
        let log = read_audit_log(Prefix::of(&self.file, length), &Remembering::Signature(record));
        log.map(|log| log.has(record)).map_err(|error| match error {
            AuditReadError::System(error) => self.unrecorded(error),
            AuditReadError::Broken(faults) => {
                let fault = faults.first().map(ToString::to_string).unwrap_or_default();
                self.unrecorded(format!("it is broken: {fault}"))
            }
        })
    }

    /// Appends a line, or nothing. Where neither can be had, it says what is left in the log.
    fn append(&self, line: &[u8], length: u64, place: &str) -> Result<(), Failure> {
        let appended = (&self.file).write_all(line).and_then(|()| self.file.sync_all()).and_then(|()| self.settle());
        let Err(error) = appended else { return Ok(()) };
        // Nobody gets the signature, so the log must not hold it. We still have the lock: what is cut off is ours.
        match self.file.set_len(length).and_then(|()| self.file.sync_all()) {
            Ok(()) => Err(self.unrecorded(error)),
            Err(undo) => Err(self.left_behind(&error, &undo, length, place)),
        }
    }

    /// Brings the name of the log to the disk: whoever made it may not have come so far.
    fn settle(&self) -> io::Result<()> {
        match open_directory(directory_of(&self.path)).map_err(io::Error::from).and_then(|directory| directory.sync_all()) {
            // Some file systems do not have this for a directory.
            Err(error) if error.kind() != ErrorKind::InvalidInput => Err(error),
            _ => Ok(()),
        }
    }

    /// What is said of a line that could not be brought to the disk, and not be taken back for certain either.
    fn left_behind(&self, error: &io::Error, undo: &io::Error, length: u64, place: &str) -> Failure {
        let is_out = self.file.metadata().is_ok_and(|log| log.len() == length);
        let message = format!("the audit log cannot be used: {error}; nor is it certain that its new line is out again: {undo}");
        let hint = if is_out {
            format!("no signed genome was written; after a power cut {place} may be there all the same: check the disk")
        } else {
            format!("no signed genome was written, and {place} may say that one was: check the disk, then sign again")
        };
        Failure::undecided(Finding::error(message, hint).at(&self.path))
    }

    fn without_locks(&self, error: &io::Error) -> Failure {
        let message =
            format!("the audit log cannot be used: its file system has no locks, and two who sign at once would break it: {error}");
        let hint =
            "nothing was signed; mount it with locks (NFS: with its lock service), or keep the log on a disk of this machine";
        Failure::undecided(Finding::error(message, hint).at(&self.path))
    }

    fn unrecorded(&self, error: impl Display) -> Failure {
        unusable(&self.path, &error, OTHER_HINT)
    }
}

fn unopened(path: &Path, error: &OpenError) -> Failure {
    let hint = match error {
        OpenError::NotAFile(_) => FILE_OR_NEW,
        _ if error.kind() == ErrorKind::NotADirectory => "name a file in a directory",
        _ => OTHER_HINT,
    };
    unusable(path, error, hint)
}

const OTHER_HINT: &str = "name a file that this user may write, or see what is wrong with this one: genome-verify --audit-log FILE";

fn unusable(path: &Path, error: &dyn Display, hint: &str) -> Failure {
    let message = format!("the audit log cannot be used: {error}");
    Failure::undecided(Finding::error(message, format!("nothing was signed; {hint}")).at(path))
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// What is known of this run.
fn circumstances(custody: &str, output: &Path) -> Result<Circumstances, Failure> {
    let uid = Uid::effective();
    let user = User::from_uid(uid).ok().flatten().map(|user| user.name);
    let place = if output.as_os_str() == "-" { None } else { std::path::absolute(output).ok() };
    Ok(Circumstances {
        time: now()?,
        custody: custody.to_owned(),
        output: Circumstances::shown(place.as_deref().unwrap_or(output)),
        uid: uid.as_raw(),
        user: user.unwrap_or_default(),
        host: uname().nodename().to_string_lossy().into_owned(),
        program: concat!("genome-sign ", env!("CARGO_PKG_VERSION")).to_owned(),
    })
}
