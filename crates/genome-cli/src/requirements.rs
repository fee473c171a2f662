//! What a genome has to meet, from the command line and the environment, and the way to the one verifier.

mod arguments;
mod audit;
mod given;
mod lineage;
mod manifest;
mod policy;

use crate::environment::{named, wants_manifest};
use crate::{Failure, ReadError, Source, Verdict, note};
pub use arguments::{RequirementArguments, TrustArguments};
use audit::AuditLogs;
pub use audit::torn_lines;
use genome::TrustPolicy;
use genome::audit::AuditLog;
use genome::model::Signer;
use genome_files::{LineageDirectory, ManifestRoot, ReadFile, open_directory};
use given::Given;
use lineage::above;
pub use lineage::lineage_near;
use manifest::closed;
pub use manifest::{open_root, repository_root};
pub use policy::trust_policy;
use policy::{Policy, policy_path, read_policy, refuse_streams};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What a genome has to meet, ready to be applied.
///
/// It is for one thread: it remembers where ancestors were looked for, so that many genomes of one directory share that, and is neither `Send` nor
/// `Sync`. Whoever verifies on several threads makes one on each.
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>(_: T) {}
/// # fn main() -> Result<(), genome_cli::Failure> {
/// shared(genome_cli::Requirements::of(&genome_cli::RequirementArguments::default())?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Requirements {
    /// The trust policy, or why it cannot be read.
    policy: Option<Result<Policy, Failure>>,
    lineage: Option<Rc<LineageDirectory>>,
    production: bool,
    state: Option<PathBuf>,
    manifest: Option<ManifestRoot>,
    /// The path of the directory where its paths start.
    manifest_root: PathBuf,
    audit: Option<AuditLogs>,
    /// Whether to show how far the check of the manifest is, where somebody watches.
    shows_progress: bool,
    /// Reports what is waited for.
    says_waiting: fn(&str),
    /// Where ancestors of genomes that were verified before were looked for.
    nearby: RefCell<HashMap<Vec<PathBuf>, Rc<LineageDirectory>>>,
}

impl Requirements {
    /// Reads what the command line and the environment ask for.
    ///
    /// # Errors
    /// A directory is missing, or a variable says neither yes nor no.
    pub fn of(arguments: &RequirementArguments) -> Result<Self, Failure> {
        let production = arguments.is_production()?;
        let trusting = Self::trusting(&arguments.trust, production)?;
        let state = named(arguments.state.as_ref(), "MATHISON_GENOME_STATE", "the state")?;
        let is_strict = !arguments.strict_manifest.is_empty();
        let wants_manifest = production || arguments.verify_manifest || is_strict || wants_manifest()?;
        let root = repository_root(arguments.manifest_root.as_ref())?;
        let manifest = if wants_manifest { Some(closed(open_root(&root)?, &arguments.strict_manifest)?) } else { None };
        let audit = AuditLogs::read(&arguments.audit_log)?;
        Ok(Self { state, manifest, manifest_root: root, audit, ..trusting })
    }

    /// Reads the trust policy, and no other requirements: for a genome that is to be followed by another, whose files may have changed
    /// since, on a machine other than the one in production.
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
            manifest_root: PathBuf::new(),
            audit: None,
            shows_progress: false,
            says_waiting: |what| note(&format!("{what}\n")),
            nearby: RefCell::default(),
        })
    }

    /// Adds a progress bar on standard error where that is a terminal and the check of the manifest takes more than a second.
    #[must_use]
    pub fn showing_progress(self) -> Self {
        Self { shows_progress: true, ..self }
    }

    /// Reports what is waited for with this function, not as a line on standard error.
    #[must_use]
    pub fn saying_waiting(self, say: fn(&str)) -> Self {
        Self { says_waiting: say, ..self }
    }

    /// Whether only one genome can be verified.
    #[must_use]
    pub fn takes_one(&self) -> bool {
        self.state.is_some()
    }

    /// The trust policy, if one is asked for.
    ///
    /// # Errors
    /// It cannot be read, or is not a trust policy.
    pub fn policy(&self) -> Result<Option<&TrustPolicy>, &Failure> {
        self.policy.as_ref().map(|read| read.as_ref().map(|read| &read.contents)).transpose()
    }

    /// The path of the trust policy and the signers that were read there, where it is of public keys as OpenSSH or OpenSSL writes them.
    #[must_use]
    pub fn written_keys(&self) -> Option<(&Path, &[Signer])> {
        let policy = self.policy.as_ref()?.as_ref().ok().filter(|policy| policy.contents.is_of_keys())?;
        Some((policy.file.path(), policy.contents.signers()))
    }

    /// The directory of ancestors, if one is named.
    #[must_use]
    pub fn lineage(&self) -> Option<&LineageDirectory> {
        self.lineage.as_deref()
    }

    /// The audit logs whose chain holds, and their paths.
    pub fn audit_logs(&self) -> impl Iterator<Item = (&Path, &AuditLog)> {
        self.audit.iter().flat_map(|audit| audit.files.iter().map(|file| file.file().path()).zip(&audit.logs))
    }

    /// Opens a genome and reads it. In production only regular files are read.
    ///
    /// # Errors
    /// It does not exist, cannot be read, or is not a file.
    pub fn read(&self, source: &Source) -> Result<ReadFile, Failure> {
        let file = source.open()?;
        refuse_streams(source, &file, self.production)?;
        Ok(source.read_open(file)?)
    }

    /// Reads a genome and verifies it. An accepted genome is recorded in the state before this returns.
    #[must_use]
    pub fn verify(&self, source: &Source) -> Verdict {
        self.read(source)
            .map_or_else(|failure| Verdict::failed(source.clone(), &failure, None), |file| self.verify_file(source, &file))
    }

    /// Verifies a genome that was read from this source, for callers that also need the bytes.
    #[must_use]
    pub fn verify_file(&self, source: &Source, file: &ReadFile) -> Verdict {
        Given { required: self, source, bytes: file.bytes(), file: Some(file) }.verify()
    }

    /// Verifies bytes of unknown origin. Production accepts none of those.
    #[must_use]
    pub fn verify_bytes(&self, source: &Source, bytes: &[u8]) -> Verdict {
        Given { required: self, source, bytes, file: None }.verify()
    }

    fn near(&self, source: &Source) -> Option<Rc<LineageDirectory>> {
        let above = Some(above(source)).filter(|above| !above.is_empty())?;
        let mut nearby = self.nearby.borrow_mut();
        Some(nearby.entry(above).or_insert_with_key(|above| Rc::new(LineageDirectory::nearby(above.clone()))).clone())
    }
}
