//! The next version of a genome, made of the last one by single changes.

mod authority;
mod contents;
mod entries;
mod fault;
mod first;
mod manifest;
mod pins;

use crate::change::Change;
use crate::digest::GenomeId;
use crate::document::{Document, Intact};
use crate::model::{Genome, ListKind};
use crate::timestamp::Timestamp;
pub use crate::version::Bump;
use entries::Entries;
pub use fault::DraftError;
pub use first::FirstGenome;
use genome_json::{Member, Value};
pub use pins::Unpinned;
use semver::Version;

/// A genome that is being drafted. It starts as a copy of another genome; what is not changed is carried over as it stands there, in the
/// same order, except for white space and escapes.
///
/// ```
/// use genome::{TrustPolicy, Verifier};
/// use genome::change::Change;
/// use genome::draft::{Bump, Draft};
/// use std::time::SystemTime;
///
/// # fn draft(file: &[u8], policy: &TrustPolicy) -> Result<(), Box<dyn std::error::Error>> {
/// let parent = Verifier::trusting(policy, SystemTime::now()).verify(file)?;
/// let mut draft = Draft::of(&parent, file)?;
/// draft.bump(Bump::Minor)?;
/// draft.allow("CAP-MEMORY-READ", "memory_count")?;
/// let drafted = draft.finish().map_err(|errors| errors[0].clone())?;
/// for change in Change::between(&parent, drafted.genome()) {
///     println!("{change}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    from: &'a Intact<Genome>,
    /// All members; those that are kept apart below are empty here.
    members: Vec<Member<'a>>,
    signers: Entries<'a>,
    invariants: Entries<'a>,
    capabilities: Entries<'a>,
    pins: Entries<'a>,
    files: Entries<'a>,
    /// The final values, which are put into the members at the end.
    name: String,
    version: Version,
    /// Whether the version is found at the end, when all that changes is known.
    fits: bool,
    created_at: Timestamp,
    threshold: usize,
    is_root: bool,
}

/// A draft that is finished: an unsigned genome that the schema accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafted {
    json: String,
    id: GenomeId,
    genome: Genome,
}

impl<'a> Draft<'a> {
    /// A draft made from a genome, and from the bytes that were verified.
    ///
    /// # Errors
    /// [`DraftError::Refused`], or [`DraftError::AnotherGenome`] where the bytes are not those of the genome.
    pub fn of(from: &'a Intact<Genome>, bytes: &'a [u8]) -> Result<Self, DraftError> {
        let document = Document::read(bytes)?;
        if document.id != from.id() {
            return Err(DraftError::AnotherGenome { verified: from.id(), read: document.id });
        }
        let mut members = document.unsigned;
        Ok(Self {
            from,
            signers: Entries::take(&mut members, ListKind::Signer),
            invariants: Entries::take(&mut members, ListKind::Invariant),
            capabilities: Entries::take(&mut members, ListKind::Capability),
            pins: Entries::take(&mut members, ListKind::Pin),
            files: Entries::take(&mut members, ListKind::File),
            members,
            name: from.name.clone(),
            version: from.version.clone(),
            fits: false,
            created_at: from.created_at.clone(),
            threshold: from.authority.threshold,
            is_root: false,
        })
    }

    /// Starts a lineage: the genome has no parents.
    pub fn start_lineage(&mut self) {
        self.is_root = true;
    }

    /// Sets its name.
    pub fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// Sets its version.
    pub fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    /// Lets its version be the smallest step after that of the genome it is made from that fits all that changes; 1.0.0 under another name.
    pub fn fit_version(&mut self) {
        self.fits = true;
    }

    /// Sets its version to the next one after that of the genome it is made from.
    ///
    /// # Errors
    /// [`DraftError::NoNextVersion`].
    pub fn bump(&mut self, bump: Bump) -> Result<(), DraftError> {
        self.version = bump.after(&self.from.version).ok_or_else(|| DraftError::NoNextVersion(self.from.version.clone()))?;
        Ok(())
    }

    /// Sets the time at which it was drafted.
    pub fn set_created_at(&mut self, created_at: Timestamp) {
        self.created_at = created_at;
    }

    /// Returns the draft as a document, after reading it as strictly as one from a stranger.
    ///
    /// # Errors
    /// All that is wrong with it: a version or a time that may not follow, a threshold that no longer fits; and where there is nothing
    /// of this kind, everything that the schema refuses, in one [`DraftError::Refused`].
    pub fn finish(mut self) -> Result<Drafted, Vec<DraftError>> {
        if self.fits {
            self.version = self.fitting_version()?;
        }
        let mut errors = Vec::new();
        let from = self.from;
        let follows = !self.is_root;
        if follows && self.name == from.name && self.version.cmp_precedence(&from.version).is_le() {
            let (version, parent) = (self.version.clone(), from.version.clone());
            errors.push(DraftError::VersionNotAbove { name: self.name.clone(), version, parent });
        }
        if follows && self.created_at < from.created_at {
            errors.push(DraftError::BeforeParent { created_at: self.created_at.clone(), parent: from.created_at.clone() });
        }
        errors.extend(self.threshold_error());
        if !errors.is_empty() {
            return Err(errors);
        }
        let json = self.into_value().to_pretty();
        match Document::read(json.as_bytes()) {
            Ok(document) => {
                let Document { id, genome, .. } = document;
                Ok(Drafted { json, id, genome })
            }
            Err(refusal) => Err(vec![refusal.into()]),
        }
    }

    /// The smallest version that fits. Where the draft is not in order, any does: the draft is refused for that.
    fn fitting_version(&self) -> Result<Version, Vec<DraftError>> {
        let from = self.from;
        if self.name != from.name {
            return Ok(Version::new(1, 0, 0));
        }
        let json = self.clone().into_value().to_pretty();
        let draft = Document::read(json.as_bytes()).ok();
        let steps = [Bump::Patch, Bump::Minor, Bump::Major].into_iter();
        let smallest = draft.map_or(Bump::Patch, |draft| Change::fitting_step(&Change::between(from, &draft.genome)));
        // A number that is the largest there is has no successor, and the next one up may have.
        let mut versions = steps.skip_while(|step| *step != smallest).filter_map(|step| step.after(&from.version));
        versions.next().ok_or_else(|| vec![DraftError::NoNextVersion(from.version.clone())])
    }

    fn into_value(self) -> Value<'a> {
        let mut members = self.members;
        let parents = if self.is_root { Vec::new() } else { vec![Value::string(self.from.id().to_string())] };
        entries::put(&mut members, &["name"], Value::string(self.name));
        entries::put(&mut members, &["version"], Value::string(self.version.to_string()));
        entries::put(&mut members, &["parents"], Value::Array(parents));
        entries::put(&mut members, &["created_at"], Value::string(self.created_at.to_string()));
        entries::put(&mut members, &["authority", "threshold"], self.threshold.into());
        for entries in [self.signers, self.invariants, self.capabilities, self.files] {
            entries.put_back(&mut members);
        }
        let schema_version = pins::put_back(self.pins.into_items(), &mut members);
        entries::put(&mut members, &["schema_version"], Value::string(schema_version));
        Value::Object(members)
    }
}

impl Drafted {
    /// The document as JSON: members in the order of the genome that it was made from, two spaces of indentation, a final newline.
    #[must_use]
    pub fn to_json(&self) -> &str {
        &self.json
    }

    /// The genome id. Signatures do not change it.
    #[must_use]
    pub fn id(&self) -> GenomeId {
        self.id
    }

    /// The contents of the document, which nobody has signed.
    #[must_use]
    pub fn genome(&self) -> &Genome {
        &self.genome
    }
}
