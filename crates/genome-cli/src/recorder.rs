//! Recording signings in the audit log.

use crate::environment::named;
use crate::source::{FILE_OR_NEW, TOO_LARGE_HINT};
use crate::{Failure, Finding, now, say, tell_waiting};
use genome::audit::{AuditRecord, Circumstances, Custody, Output};
use genome::document::Signing;
use genome::{Document, Fingerprint};
use genome_files::{AuditAppendError, AuditAppender, OpenError, check_appending, place_hint};
use genome_json::text::BarePath;
use nix::unistd::{Uid, User};
use rustix::system::uname;
use std::collections::HashMap;
use std::fmt::Display;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where signings are recorded, on the command line.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
pub struct AuditArguments {
    /// Record the signing in this audit log, with a line that is on the disk before the signed genome is anywhere. If that
    /// fails, nothing is signed. The file is created if it does not exist. Without it, GENOME_AUDIT_LOG
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
}

impl AuditArguments {
    /// The audit log that the command line names.
    #[must_use]
    pub fn named(&self) -> Option<&Path> {
        self.audit_log.as_deref()
    }
}

/// What an audit log has taken, and what it said before.
#[derive(Debug, Default)]
pub struct Recorded {
    /// A text with the number of the new line; `None` where there is none.
    pub place: Option<String>,
    /// Where the keys are that signed of late; none where nobody else has to sign.
    pub custodies: HashMap<Fingerprint, Custody>,
}

/// The audit log, open.
#[derive(Debug)]
pub struct Recorder(AuditAppender);

impl Recorder {
    /// Opens the log that the command line or the environment asks for, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// It cannot be opened, or is not a regular file.
    pub fn of(arguments: &AuditArguments) -> Result<Option<Self>, Failure> {
        let path = named(arguments.audit_log.as_ref(), "GENOME_AUDIT_LOG", "the audit log")?;
        let open = |path: PathBuf| AuditAppender::open(path.clone()).map(Self).map_err(|error| unopened(&path, &error));
        path.map(open).transpose()
    }

    /// Refuses the log before a signature is asked for that could not be recorded, and does not create it.
    ///
    /// # Errors
    /// It cannot be opened or made, or is not a regular file.
    pub fn check(arguments: &AuditArguments) -> Result<(), Failure> {
        let path = named(arguments.audit_log.as_ref(), "GENOME_AUDIT_LOG", "the audit log")?;
        path.map_or(Ok(()), |path| check_appending(&path).map_err(|error| unopened(&path, &error)))
    }

    /// Records a signature that the document carries, made by this program with a key in this kind of custody. When this returns, the line is on
    /// the disk. A signature that the genome carried before is recorded unless it is in the log.
    ///
    /// # Errors
    /// The line cannot be written, or the log is not one of ours. The log is as it was then.
    pub fn record(
        self,
        document: &Document<'_>,
        signing: &Signing,
        custody: Custody,
        output: &Path,
        program: &str,
    ) -> Result<Recorded, Failure> {
        let path = self.0.path().to_owned();
        let circumstances = circumstances(custody, output, program)?;
        let Some(record) = AuditRecord::of(document, signing, circumstances) else {
            return Err(unusable(&path, &"the genome carries no signature by the signer", OTHER_HINT));
        };
        let wait = || tell_waiting("writes to the same audit log");
        let log = self.0.hold(|| replaced(output).ok(), wait).map_err(|error| unrecorded(&path, "", &error))?;
        let is_met = signing.tally.is_met() && signing.parents.iter().all(|quorum| quorum.tally.is_met());
        // It is for a hint alone, to those who still may sign, and nothing rests on it.
        let custodies = if is_met { HashMap::new() } else { log.recent_custodies().unwrap_or_default() };
        if record.already && log.has(&record).map_err(|error| unrecorded(&path, "", &error))? {
            return Ok(Recorded { place: None, custodies });
        }
        let next = log.tail().next();
        if log.tail().is_torn() {
            let message = format!("the line before line {next} was cut off, by a crash: it records nothing");
            let hint = "the log goes on, and the next line names what is left of it; see whether the genome was signed again";
            say(&Finding::warning(message, hint).at(&path));
        }
        let place = format!("{}, line {next}", BarePath(&path));
        log.append(record).map_err(|error| unrecorded(&path, &place, &error))?;
        Ok(Recorded { place: Some(place), custodies })
    }
}

/// A failure to write the signed genome, which also says that the signing was recorded, if it was.
#[cfg(feature = "custody")]
pub(crate) fn recorded_all_the_same(failure: Failure, recorded: Option<&str>) -> Failure {
    let Some(place) = recorded else { return failure };
    if failure.finding().is_none() {
        let hint = format!("the audit log has it all the same, in {place}; sign again where it is read to its end");
        return Failure::undecided(Finding::error("nobody has read the signed genome", hint));
    }
    failure.with_hint(|hint| format!("{hint}; the audit log has the signing all the same, in {place}"))
}

/// The file that the signed genome is about to replace.
fn replaced(output: &Path) -> io::Result<Metadata> {
    if output.as_os_str() == "-" {
        crate::unbuffered(&io::stdout()).and_then(|stdout| stdout.metadata())
    } else {
        fs::metadata(output)
    }
}

/// The finding about a log to which nothing was appended; `place` is that of the line.
fn unrecorded(path: &Path, place: &str, error: &AuditAppendError) -> Failure {
    let hint = match error {
        AuditAppendError::NoLocks(_) => {
            "nothing was signed; mount it with locks (NFS: with its lock service), or keep the log on a disk of this machine"
                .to_owned()
        }
        AuditAppendError::LeftBehind { is_out: true, .. } => {
            format!("no signed genome was written; after a power cut {place} may be there all the same: check the disk")
        }
        AuditAppendError::LeftBehind { .. } => {
            format!("no signed genome was written, and {place} may say that one was: check the disk, then sign again")
        }
        AuditAppendError::TooLarge(_) => return unusable(path, error, TOO_LARGE_HINT),
        AuditAppendError::System(system) => return unusable(path, error, place_hint(system).unwrap_or(OTHER_HINT)),
        _ => return unusable(path, error, OTHER_HINT),
    };
    Failure::undecided(Finding::error(format!("the audit log cannot be used: {error}"), hint).at(path))
}

fn unopened(path: &Path, error: &OpenError) -> Failure {
    let hint = match error {
        OpenError::NotAFile(_) => FILE_OR_NEW,
        _ if error.kind() == ErrorKind::NotADirectory => "name a file in a directory",
        OpenError::System(error) => place_hint(error).unwrap_or(OTHER_HINT),
        _ => OTHER_HINT,
    };
    unusable(path, error, hint)
}

const OTHER_HINT: &str = "name a file that this user may write, or see what is wrong with this one: genome-verify --audit-log FILE";

fn unusable(path: &Path, error: &dyn Display, hint: &str) -> Failure {
    let message = format!("the audit log cannot be used: {error}");
    Failure::undecided(Finding::error(message, format!("nothing was signed; {hint}")).at(path))
}

/// The circumstances of this run.
fn circumstances(custody: Custody, output: &Path, program: &str) -> Result<Circumstances, Failure> {
    let uid = Uid::effective();
    let user = User::from_uid(uid).ok().flatten().map(|user| user.name);
    let output = if output.as_os_str() == "-" {
        Output::Stdout
    } else {
        Output::File(std::path::absolute(output).unwrap_or_else(|_| output.to_owned()))
    };
    Ok(Circumstances {
        time: now()?,
        custody,
        output,
        uid: uid.as_raw(),
        user: user.unwrap_or_default(),
        host: uname().nodename().to_string_lossy().into_owned(),
        program: format!("{program} {}", env!("CARGO_PKG_VERSION")),
    })
}
