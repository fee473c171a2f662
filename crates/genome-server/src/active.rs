//! The genome that was loaded.

use crate::warning::GenomeWarning;
use axum::body::Bytes;
use axum::http::HeaderValue;
use genome::concept::A_TRUST_POLICY;
use genome::hint::Concept;
use genome::{Ceiling, Code, Digest, Genome, Timestamp, Trust, Verified};
use std::time::{Instant, SystemTime};

/// The genome that was loaded: its answers are prepared once, and never change.
#[derive(Debug)]
pub struct Active {
    genome: Verified<Genome>,
    ceiling: Ceiling,
    document: Bytes,
    loaded_at: SystemTime,
    loaded: Instant,
    /// The gravest first.
    warnings: Vec<GenomeWarning>,
    /// The genome id, as an entity tag of RFC 9110 section 8.8.3.
    pub(crate) id_tag: HeaderValue,
    /// The genome id, as it is.
    pub(crate) id_value: HeaderValue,
    /// The digest of the document, whose bytes are not the same for all copies of one genome.
    pub(crate) document_tag: HeaderValue,
}

impl Active {
    /// A genome and the bytes that were verified, loaded at this time. The verifier's warnings come with the genome, also the one that it
    /// only vouches for itself; [`with_warnings`](Self::with_warnings) adds others.
    #[must_use]
    pub fn new(genome: Verified<Genome>, document: Vec<u8>, loaded_at: SystemTime) -> Self {
        let ceiling = genome.to_ceiling();
        let known = genome.warnings().iter().map(GenomeWarning::from);
        let mut warnings: Vec<_> = self_declared(&genome).into_iter().chain(known).collect();
        warnings.sort_by_key(|warning| Code::gravity(warning.code));
        Self {
            warnings,
            id_tag: entity_tag(&genome.id()),
            id_value: HeaderValue::try_from(genome.id().to_string()).unwrap_or(HeaderValue::from_static("")),
            document_tag: entity_tag(&Digest::of(&document)),
            genome,
            ceiling,
            document: document.into(),
            loaded_at,
            loaded: Instant::now(),
        }
    }

    /// The same, where what is to be done is said with the names of a program, which has options for it. `None` leaves the words of the
    /// libraries.
    #[must_use]
    pub fn with_names(mut self, name: impl Fn(Concept) -> Option<&'static str>) -> Self {
        self.warnings = self.warnings.into_iter().map(|warning| warning.with_names(&name)).collect();
        self
    }

    /// Adds warnings, such as that the state was missing. A warning that it has already is not added again, although it may name the file.
    #[must_use]
    pub fn with_warnings(mut self, warnings: impl IntoIterator<Item = GenomeWarning>) -> Self {
        for warning in warnings {
            if !self.warnings.iter().any(|known| known.says_the_same(&warning)) {
                self.warnings.push(warning);
            }
        }
        self.warnings.sort_by_key(|warning| Code::gravity(warning.code));
        self
    }

    /// The genome.
    #[must_use]
    pub fn genome(&self) -> &Verified<Genome> {
        &self.genome
    }

    /// The ceiling: what it allows.
    #[must_use]
    pub fn ceiling(&self) -> &Ceiling {
        &self.ceiling
    }

    /// The signed document, to the byte.
    #[must_use]
    pub fn document(&self) -> &Bytes {
        &self.document
    }

    /// The warnings for its users, the gravest first.
    #[must_use]
    pub fn warnings(&self) -> &[GenomeWarning] {
        &self.warnings
    }

    /// When it was loaded.
    #[must_use]
    pub fn loaded_at(&self) -> SystemTime {
        self.loaded_at
    }

    /// When it was loaded, by the monotonic clock.
    pub(crate) fn loaded(&self) -> Instant {
        self.loaded
    }
}

/// The warning about a genome that production would refuse for the lack of a trust policy.
fn self_declared(genome: &Verified<Genome>) -> Option<GenomeWarning> {
    let hint = "give it " + A_TRUST_POLICY + "; production refuses a genome without one";
    let warning = GenomeWarning::new(genome.trust().meaning(), hint).with_code(Code::Untrusted);
    (genome.trust() == Trust::SelfDeclared).then_some(warning)
}

/// A time as RFC 3339 writes it; `None` where it has no text for it.
pub(crate) fn time_of(time: SystemTime) -> Option<Timestamp> {
    Timestamp::from_unix_seconds(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs())
}

fn entity_tag(digest: &impl std::fmt::Display) -> HeaderValue {
    // Hex digits between quotes are what a header may hold.
    HeaderValue::from_maybe_shared(Bytes::from(format!("\"{digest}\""))).unwrap_or(HeaderValue::from_static("\"\""))
}
