use crate::audit::AuditLogs;
use crate::environment::{is_production, named, wants_manifest};
use crate::memory::Memory;
use crate::progress::with_bar;
use crate::{Exit, Failure, Finding, ReadError, Source, note};
use genome::{
    AuditLog, Check, Checklist, Code, DeployedFiles, Digest, Exposure, Genome, Refusal, RollbackState, Surroundings, TrustPolicy,
    Verified, Verifier, dangerous,
};
use genome_files::{
    ExposureFault, LineageDirectory, ManifestRoot, OpenError, OpenFile, Progress, ReadFile, directory_of, open_directory, see_file,
};
use genome_json::text::QuotedPath;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

/// Whom to believe, on the command line.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
pub struct TrustArguments {
    /// Whom to believe: a signer as genome-keygen printed it, an `authority` object, or a trust policy (README.md). Without it,
    /// MATHISON_GENOME_TRUST. With a policy, nothing is accepted that is only self-declared
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Follow the lineage, and find ancestors in this directory and below it, by genome id, under any file names. Without it, the
    /// lineage is followed where the policy's own keys have not signed, and ancestors are found in the directory above that of the genome
    #[arg(long, value_name = "DIR")]
    lineage: Option<PathBuf>,
}

/// What a genome has to meet, on the command line.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
#[command(next_help_heading = "What the genome has to meet")]
pub struct ConditionArguments {
    #[command(flatten)]
    trust: TrustArguments,
    /// Hold the genome to the whole checklist of production. So does MATHISON_ENV=production
    #[arg(long)]
    production: bool,
    /// Accept no version below one that was accepted before under the same name, and remember this one. The file is made if it is not
    /// there. Without it, MATHISON_GENOME_STATE. Takes one genome
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Check the files of the manifest. So do MATHISON_VERIFY_MANIFEST=true and production
    #[arg(long)]
    verify_manifest: bool,
    /// Refuse also whatever is in this directory or below it and not in the manifest: files, links, anything but directories. Takes a
    /// path that starts where those of the manifest do and is written like them; `.` is all that is there. The manifest is checked,
    /// too. No manifest can list the genome's own file, which belongs elsewhere. May be given more than once
    #[arg(long, value_name = "DIR")]
    strict_manifest: Vec<PathBuf>,
    /// Check the chain of this audit log, and that it records every signature on the genome, whosever it is. May be given more than
    /// once, where people sign on several machines: each signature must be in one of them
    #[arg(long, value_name = "FILE")]
    audit_log: Vec<PathBuf>,
    /// Where the paths of the manifest start. Without it, MATHISON_REPO_ROOT, or else the working directory
    #[arg(long, value_name = "DIR")]
    manifest_root: Option<PathBuf>,
}

/// What a genome has to meet, ready to be applied.
#[derive(Debug)]
pub struct Conditions {
    /// The trust policy, or why there is none although one is asked for.
    policy: Option<Result<Policy, Failure>>,
    lineage: Option<Rc<LineageDirectory>>,
    production: bool,
    state: Option<PathBuf>,
    manifest: Option<ManifestRoot>,
    audit: Option<AuditLogs>,
    /// Whether to show how far the check of the manifest is, where somebody watches.
    shows_progress: bool,
    /// Says what is waited for.
    says_waiting: fn(&str),
    /// Where ancestors of genomes that were verified before were looked for.
    nearby: RefCell<HashMap<PathBuf, Rc<LineageDirectory>>>,
}

/// A trust policy, and the file that it was read from.
#[derive(Debug)]
struct Policy {
    contents: TrustPolicy,
    file: OpenFile,
    sha256: Digest,
}

/// What became of one genome.
#[derive(Debug)]
pub struct Judgement {
    /// What to say to the caller.
    pub exit: Exit,
    /// The genome, or why it is not accepted: at least one finding, the first decides.
    pub verdict: Result<Verified<Genome>, Vec<Finding>>,
    /// What its user should know.
    pub warnings: Vec<Finding>,
    /// The checks, and how each went; `None` where the genome could not be read.
    pub checklist: Option<Checklist>,
    /// What the state remembered before the genome was accepted; `None` where there is no state, or nothing was accepted.
    pub before: Option<RollbackState>,
}

impl ConditionArguments {
    /// Whom to believe, and nothing else of it.
    #[must_use]
    pub fn trust(&self) -> &TrustArguments {
        &self.trust
    }
}

impl Conditions {
    /// Reads what the command line and the environment ask for.
    ///
    /// # Errors
    /// A directory is missing, or a variable says neither yes nor no.
    pub fn of(arguments: &ConditionArguments) -> Result<Self, Failure> {
        let production = arguments.production || is_production()?;
        let trusting = Self::trusting(&arguments.trust, production)?;
        let state = named(arguments.state.as_ref(), "MATHISON_GENOME_STATE", "the state")?;
        let is_strict = !arguments.strict_manifest.is_empty();
        let wants_manifest = production || arguments.verify_manifest || is_strict || wants_manifest()?;
        let root = repository_root(arguments.manifest_root.as_ref())?;
        let manifest = if wants_manifest { Some(closed(open_root(&root)?, &arguments.strict_manifest)?) } else { None };
        let audit = AuditLogs::read(&arguments.audit_log)?;
        Ok(Self { state, manifest, audit, ..trusting })
    }

    /// Reads whom to believe, and nothing else that a genome has to meet: for one that is to be followed by another, whose files may
    /// have changed since, on a machine that is not the one in production.
    ///
    /// # Errors
    /// A directory is missing, or a variable is empty.
    pub fn of_trust(arguments: &TrustArguments) -> Result<Self, Failure> {
        Self::trusting(arguments, false)
    }

    fn trusting(arguments: &TrustArguments, production: bool) -> Result<Self, Failure> {
        let policy = policy_path(arguments.trust.as_ref())?;
        if let Some(directory) = &arguments.lineage {
            open_directory(directory).map_err(|error| ReadError::new(Source::File(directory.clone()), error))?;
        }
        Ok(Self {
            policy: policy.map(|path| read_policy(&path, production)),
            lineage: arguments.lineage.as_deref().map(LineageDirectory::new).map(Rc::new),
            production,
            state: None,
            manifest: None,
            audit: None,
            shows_progress: false,
            says_waiting: |what| note(&format!("{what}\n")),
            nearby: RefCell::default(),
        })
    }

    /// The same, and a progress bar on standard error where that is a terminal and the check of the manifest takes more than a second.
    #[must_use]
    pub fn showing_progress(self) -> Self {
        Self { shows_progress: true, ..self }
    }

    /// The same, and what is waited for is said in this way, not as a line on standard error.
    #[must_use]
    pub fn saying_waiting(self, say: fn(&str)) -> Self {
        Self { says_waiting: say, ..self }
    }

    /// Whether only one genome can be judged.
    #[must_use]
    pub fn takes_one(&self) -> bool {
        self.state.is_some()
    }

    /// The trust policy, if one is asked for.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn policy(&self) -> Result<Option<&TrustPolicy>, &Failure> {
        self.policy.as_ref().map(|read| read.as_ref().map(|read| &read.contents)).transpose()
    }

    /// Where ancestors are, if somebody has said so.
    #[must_use]
    pub fn lineage(&self) -> Option<&LineageDirectory> {
        self.lineage.as_deref()
    }

    /// The audit logs whose chain holds, and their paths.
    pub fn audit_logs(&self) -> impl Iterator<Item = (&Path, &AuditLog)> {
        self.audit.iter().flat_map(|audit| audit.files.iter().map(|(file, _)| file.path()).zip(&audit.logs))
    }

    /// Opens a genome and reads it. In production nothing is read that is no file.
    ///
    /// # Errors
    /// It is not there, or cannot be read, or is no file.
    pub fn read(&self, source: &Source) -> Result<ReadFile, Failure> {
        let file = source.open()?;
        refuse_streams(source, &file, self.production)?;
        Ok(source.read_open(file)?)
    }

    /// Reads a genome and verifies it. What is accepted is remembered before anybody hears of it.
    #[must_use]
    pub fn judge(&self, source: &Source) -> Judgement {
        self.read(source).map_or_else(|failure| Judgement::of(&failure, None), |file| self.judge_file(source, &file))
    }

    /// Verifies a genome that was read from this source, and is needed as it stands there too.
    #[must_use]
    pub fn judge_file(&self, source: &Source, file: &ReadFile) -> Judgement {
        self.judge_read(source, file.bytes(), Some(file))
    }

    /// The same for bytes of which nothing else is known. Production accepts none of those.
    #[must_use]
    pub fn judge_bytes(&self, source: &Source, bytes: &[u8]) -> Judgement {
        self.judge_read(source, bytes, None)
    }

    fn judge_read(&self, source: &Source, bytes: &[u8], file: Option<&ReadFile>) -> Judgement {
        let ancestors = self.lineage.clone().or_else(|| self.near(source));
        // What is asked for has its line in the checklist, even where it cannot be had.
        let (nobody, nothing) = (TrustPolicy::default(), RollbackState::default());
        let (policy, unusable) = match self.policy() {
            Ok(policy) => (policy, None),
            Err(failure) => (Some(&nobody), Some(failure)),
        };
        let mut verifier = match policy {
            Some(policy) => Verifier::trusting(policy, SystemTime::now()),
            // Whoever names no policy asks for integrity, and the report says "self-declared". Production refuses it.
            None => dangerous::accept_self_declared(SystemTime::now()),
        };
        if let Some(ancestors) = &ancestors {
            verifier = verifier.with_ancestors(&**ancestors);
        }
        if self.lineage.is_some() {
            verifier = verifier.following_lineage();
        }
        let plan = |verifier: Verifier<'_>| {
            let verifier = if self.state.is_some() { verifier.with_state(&nothing) } else { verifier };
            let manifest = self.manifest.as_ref().map(|root| root as &dyn DeployedFiles);
            self.strictly(verifier, manifest, self.audit.as_ref().map(|audit| &*audit.logs), None).checklist()
        };
        if let Some(failure) = unusable {
            return Judgement::of(failure, Some(plan(verifier).failing(Check::Trust)));
        }
        if let Some(AuditLogs { broken, .. }) = self.audit.as_ref().filter(|audit| !audit.broken.is_empty()) {
            let checklist = plan(verifier).failing(Check::Audit);
            return Judgement {
                before: None,
                exit: Exit::Refused,
                verdict: Err(broken.clone()),
                warnings: Vec::new(),
                checklist: Some(checklist),
            };
        }
        let logs = match self.audit.as_ref().map(|audit| audit.about(bytes)).transpose() {
            Ok(logs) => logs,
            Err(failure) => return Judgement::of(&failure, Some(plan(verifier))),
        };
        // What was read is looked at now that nobody else writes the state, and nothing is read by its name after that.
        let looked = self.hold().and_then(|memory| {
            let exposure = self.production.then(|| self.exposure(source, file, memory.as_ref())).transpose()?;
            Ok((memory, exposure))
        });
        let (memory, exposure) = match looked {
            Ok(held) => held,
            Err(failure) => return Judgement::of(&failure, Some(plan(verifier))),
        };
        if let Some(memory) = &memory {
            verifier = match memory.before() {
                Ok(before) => verifier.with_state(before.unwrap_or(&nothing)),
                Err(damaged) => verifier.with_damaged_state(damaged),
            };
        }
        let progress = Progress::default();
        let watched = self.manifest.as_ref().map(|root| root.watched(&progress));
        let manifest = watched.as_ref().map(|root| root as &dyn DeployedFiles);
        let verifier = self.strictly(verifier, manifest, logs.as_deref(), exposure.as_ref());
        let verdict = if self.shows_progress && self.manifest.is_some() {
            with_bar(&progress, || verifier.verify(bytes))
        } else {
            verifier.verify(bytes)
        };
        match verdict {
            Ok(genome) => Judgement::accepting(genome, memory, source),
            Err(refused) => {
                let finding = |refusal: &Refusal| match (refusal, &self.state) {
                    (Refusal::DamagedState(_), Some(state)) => Finding::from(refusal).at(state),
                    _ => Finding::from(refusal).at(source),
                };
                Judgement {
                    exit: Exit::Refused,
                    verdict: Err(refused.iter().map(finding).collect()),
                    warnings: Vec::new(),
                    checklist: Some(refused.checklist().clone()),
                    before: None,
                }
            }
        }
    }

    /// With the audit logs and the manifest, and with the checklist of production, where they are asked for.
    fn strictly<'v>(
        &'v self,
        verifier: Verifier<'v>,
        manifest: Option<&'v dyn DeployedFiles>,
        logs: Option<&'v [AuditLog]>,
        exposure: Option<&'v Exposure>,
    ) -> Verifier<'v> {
        let verifier = logs.map_or(verifier, |logs| verifier.with_audit_logs(logs));
        match manifest {
            Some(manifest) if self.production => {
                let unseen = Surroundings::unseen(manifest);
                verifier.in_production(exposure.map_or(unseen, |exposure| Surroundings::new(manifest, exposure)))
            }
            Some(manifest) => verifier.with_manifest(manifest),
            None => verifier,
        }
    }

    fn hold(&self) -> Result<Option<Memory>, Failure> {
        self.state.as_deref().map(|state| Memory::take(state, self.says_waiting)).transpose()
    }

    /// Who else can change the files that decide, of the files that were read.
    fn exposure(&self, source: &Source, file: Option<&ReadFile>, memory: Option<&Memory>) -> Result<Exposure, Failure> {
        let (Source::File(path), Some(file)) = (source, file) else { return Err(stream(source)) };
        let unclear = |path: &Path, fault| unclear(&Source::File(path.to_owned()), fault);
        let genome = see_file(path, file.file(), Digest::of(file.bytes())).map_err(|fault| unclear(path, fault))?;
        let mut exposure = Exposure::of_genome(genome);
        if let Some(Ok(Policy { file, sha256, .. })) = &self.policy {
            exposure = exposure.with_policy(see_file(file.path(), file, *sha256).map_err(|fault| unclear(file.path(), fault))?);
        }
        if let (Some(path), Some(memory)) = (&self.state, memory) {
            exposure = exposure.with_state(memory.evidence().map_err(|fault| unclear(path, fault))?);
        }
        for ((file, _), log) in self.audit.iter().flat_map(|audit| audit.files.iter().zip(&audit.logs)) {
            exposure =
                exposure.with_audit_log(see_file(file.path(), file, log.sha256()).map_err(|fault| unclear(file.path(), fault))?);
        }
        Ok(exposure)
    }

    fn near(&self, source: &Source) -> Option<Rc<LineageDirectory>> {
        let above = above(source)?;
        let mut nearby = self.nearby.borrow_mut();
        Some(nearby.entry(above).or_insert_with_key(|above| Rc::new(LineageDirectory::nearby(above))).clone())
    }
}

impl Judgement {
    /// Of a genome that has passed every check, if it can be remembered.
    fn accepting(genome: Verified<Genome>, memory: Option<Memory>, source: &Source) -> Self {
        let mut warnings: Vec<Finding> = genome.warnings().iter().map(|warning| Finding::from(warning).at(source)).collect();
        let checklist = Some(genome.checklist().clone());
        let before = memory.as_ref().and_then(|memory| memory.before().ok().flatten().cloned());
        match memory.map_or(Ok(Vec::new()), |memory| memory.remember(&genome)) {
            Ok(odd) => {
                warnings.extend(odd);
                Self { exit: Exit::Done, verdict: Ok(genome), warnings, checklist, before }
            }
            Err(failure) => Self::of(&failure, checklist),
        }
    }

    /// Nothing was decided about the genome, or something else was refused.
    #[must_use]
    pub fn of(failure: &Failure, checklist: Option<Checklist>) -> Self {
        let finding = failure.finding().cloned();
        Self { exit: failure.exit(), verdict: Err(finding.into_iter().collect()), warnings: Vec::new(), checklist, before: None }
    }
}

/// Where the ancestors of a genome are looked for if nobody says where they are. Standard input is nowhere.
#[must_use]
pub fn lineage_near(source: &Source) -> Option<LineageDirectory> {
    above(source).map(|above| LineageDirectory::nearby(&above))
}

/// The directory above the genome's own; a link stands for what it leads to. The genome may be one that is yet to be written.
fn above(source: &Source) -> Option<PathBuf> {
    let Source::File(path) = source else { return None };
    let directory = || directory_of(path).canonicalize().ok();
    let directory = path.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned)).or_else(directory)?;
    Some(directory.parent()?.to_owned())
}

/// Reads the trust policy here, or else where `MATHISON_GENOME_TRUST` says, if it says anything.
///
/// # Errors
/// The path is empty, or there is no trust policy.
pub fn trust_policy(argument: Option<&PathBuf>) -> Result<Option<TrustPolicy>, Failure> {
    policy_path(argument)?.map(|path| read_policy(&path, false).map(|read| read.contents)).transpose()
}

fn policy_path(argument: Option<&PathBuf>) -> Result<Option<PathBuf>, Failure> {
    named(argument, "MATHISON_GENOME_TRUST", "the trust policy")
}

fn read_policy(path: &Path, production: bool) -> Result<Policy, Failure> {
    // A path in any case: standard input may be the genome.
    let source = Source::File(path.to_owned());
    let file = source.open()?;
    refuse_streams(&source, &file, production)?;
    let read = source.read_open(file)?;
    let contents = TrustPolicy::read(read.bytes()).map_err(|refusal| {
        let finding = Finding { check: Some(Check::Trust), ..Finding::of_unsigned(&refusal, "the trust policy") };
        Failure::refused(finding.at(&source))
    })?;
    Ok(Policy { contents, sha256: Digest::of(read.bytes()), file: read.into_file() })
}

/// In production nothing is read that comes through a pipe, a socket or a terminal.
fn refuse_streams(source: &Source, file: &OpenFile, production: bool) -> Result<(), Failure> {
    if production && (*source == Source::Stdin || file.kind().is_some()) { Err(stream(source)) } else { Ok(()) }
}

fn stream(source: &Source) -> Failure {
    let message = match source {
        Source::Stdin => "production verifies a file: of standard input nobody knows who can write it",
        Source::File(_) => "production reads files only: of what comes through a pipe or a device nobody knows who writes it",
    };
    Failure::undecided(Finding::error(message, "save it to a regular file that only its owner can write, and name that").at(source))
}

/// Nothing can be said of who can change a file that decides.
fn unclear(source: &Source, fault: ExposureFault) -> Failure {
    match fault {
        ExposureFault::System(error) => ReadError::new(source.clone(), error).into(),
        ExposureFault::Unclear(error) => {
            let hint = "name the file where it is; if somebody replaced it meanwhile, verify again";
            Failure::undecided(Finding::error(error.to_string(), hint).with_code(Code::Unreadable).at(source))
        }
    }
}

/// Where the paths of a manifest start: here, or else where `MATHISON_REPO_ROOT` says, or else in the working directory.
///
/// # Errors
/// The path is empty.
pub fn repository_root(argument: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    let root = named(argument, "MATHISON_REPO_ROOT", "the directory where the paths of the manifest start")?;
    Ok(root.unwrap_or_else(|| PathBuf::from(".")))
}

/// Opens that directory.
///
/// # Errors
/// It is not there, or not a directory, or this user may not go there.
pub fn open_root(root: &Path) -> Result<ManifestRoot, ReadError> {
    let read_error = |error| ReadError::new(Source::File(root.to_owned()), error);
    match ManifestRoot::open(root) {
        // What stands there instead is said by whoever opens directories.
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(read_error(open_directory(root).err().unwrap_or(OpenError::System(error))))
        }
        root => root.map_err(|error| read_error(error.into())),
    }
}

/// A manifest's root, and the directories beneath it in which nothing else may be.
fn closed(root: ManifestRoot, directories: &[PathBuf]) -> Result<ManifestRoot, Failure> {
    directories.iter().try_fold(root, |root, directory| {
        // What stands for bytes that are no text may be the name of another directory. A character that does not show is refused.
        let text = directory.to_str().unwrap_or("\0");
        // Shells complete the name of a directory with a slash.
        let plain = text.strip_suffix('/').filter(|plain| !plain.is_empty()).unwrap_or(text);
        root.closing(plain).map_err(|error| {
            let message = format!("{} names no directory for --strict-manifest: {error}", QuotedPath(directory));
            let hint = "name a directory from where the paths of the manifest start, as they are written; `.` is all of it";
            Failure::undecided(Finding::error(message, hint))
        })
    })
}
