use axum::body::Bytes;
use axum::http::HeaderValue;
use genome::json::Value;
use genome::{Ceiling, Code, Digest, Genome, Timestamp, Trust, Verified};
use genome_cli::contents::{invariants, lineage, list, text};
use genome_cli::{Finding, Level, json_text};
use std::time::{Instant, SystemTime};

/// The genome that was loaded: what is asked of it is made ready once, and nothing of it ever changes.
#[derive(Debug)]
pub struct Active {
    genome: Verified<Genome>,
    ceiling: Ceiling,
    document: Bytes,
    loaded_at: SystemTime,
    loaded: Instant,
    /// The gravest first.
    warnings: Vec<Finding>,
    /// The genome id, as an entity tag of RFC 9110 section 8.8.3.
    pub(crate) id_tag: HeaderValue,
    /// The digest of the document, whose bytes are not the same for all copies of one genome.
    pub(crate) document_tag: HeaderValue,
}

impl Active {
    /// A genome, and the bytes of which it was verified, loaded at this time. What the verifier warned of comes with the genome, as does that
    /// nobody but itself vouches for it; what else is known is added by [`with_warnings`](Self::with_warnings).
    #[must_use]
    pub fn new(genome: Verified<Genome>, document: Vec<u8>, loaded_at: SystemTime) -> Self {
        let ceiling = genome.ceiling();
        let mut warnings: Vec<_> = self_declared(&genome).into_iter().chain(genome.warnings().iter().map(Finding::from)).collect();
        warnings.sort_by_key(Finding::gravity);
        Self {
            warnings,
            id_tag: entity_tag(&genome.id()),
            document_tag: entity_tag(&Digest::of(&document)),
            genome,
            ceiling,
            document: document.into(),
            loaded_at,
            loaded: Instant::now(),
        }
    }

    /// The same, with what else its users should know, such as that its state was not there. A warning that it has already is not taken a
    /// second time, although it may name the file.
    #[must_use]
    pub fn with_warnings(mut self, warnings: impl IntoIterator<Item = Finding>) -> Self {
        for warning in warnings {
            let warning = Finding { level: Level::Warning, ..warning };
            let is_known = |known: &Finding| *known == Finding { file: known.file.clone(), ..warning.clone() };
            if !self.warnings.iter().any(is_known) {
                self.warnings.push(warning);
            }
        }
        self.warnings.sort_by_key(Finding::gravity);
        self
    }

    /// The genome.
    #[must_use]
    pub fn genome(&self) -> &Verified<Genome> {
        &self.genome
    }

    /// What it allows.
    #[must_use]
    pub fn ceiling(&self) -> &Ceiling {
        &self.ceiling
    }

    /// The signed document, to the byte.
    #[must_use]
    pub fn document(&self) -> &Bytes {
        &self.document
    }

    /// What its users should know, the gravest first.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// When it was loaded.
    #[must_use]
    pub fn loaded_at(&self) -> SystemTime {
        self.loaded_at
    }

    /// When that was, by a clock that nobody sets.
    pub(crate) fn loaded(&self) -> Instant {
        self.loaded
    }
}

/// What production would refuse for the lack of a trust policy.
fn self_declared(genome: &Verified<Genome>) -> Option<Finding> {
    let hint = "give it a trust policy (--trust FILE, or MATHISON_GENOME_TRUST); production refuses a genome without one";
    let finding = Finding::warning(genome.trust().meaning(), hint).with_code(Code::Untrusted);
    (genome.trust() == Trust::SelfDeclared).then_some(finding)
}

/// The answer of `GET /genome`. It may be large: nobody should make it twice.
pub(crate) fn summary(active: &Active) -> Bytes {
    let Active { genome, ceiling, warnings, loaded_at, .. } = active;
    let tally = genome.tally();
    let signers = list(&genome.authority.signers, |signer| {
        Value::object([
            ("key_id", text(&signer.key_id)),
            ("alg", text("ed25519")),
            ("fingerprint", text(&signer.public_key.fingerprint())),
            ("signed", Value::Bool(tally.signed.contains(signer))),
        ])
    });
    let capabilities = list(&genome.capabilities, |capability| {
        Value::object([
            ("cap_id", text(&capability.cap_id)),
            ("risk_class", text(capability.risk_class.as_str())),
            ("allow_count", capability.allow_actions.len().into()),
            ("allow_actions", list(&capability.allow_actions, text)),
            ("deny_count", capability.deny_actions.len().into()),
            ("deny_actions", list(&capability.deny_actions, text)),
        ])
    });
    let summary = Value::object([
        ("genome_id", text(&genome.id())),
        ("name", text(&genome.name)),
        ("version", text(&genome.version)),
        ("parents", list(&genome.parents, text)),
        ("created_at", text(&genome.created_at)),
        ("authority", Value::object([("threshold", genome.authority.threshold.into()), ("signers", signers)])),
        ("signatures", Value::object([("counted", tally.counted().into()), ("required", tally.threshold.into())])),
        ("trust", text(genome.trust().as_str())),
        ("lineage", lineage(genome.lineage())),
        ("warnings", list(warnings, Finding::to_value)),
        ("invariants", invariants(genome)),
        ("capabilities", capabilities),
        ("ceiling", Value::object([("allowed", ceiling.allowed().into()), ("denied", ceiling.denied().into())])),
        ("loaded_at", at(*loaded_at).map_or(Value::Null, |time| text(&time))),
        ("server_version", text(env!("CARGO_PKG_VERSION"))),
    ]);
    json_text(&summary).into()
}

/// A time as RFC 3339 writes it; `None` where it has no text for it.
pub(crate) fn at(time: SystemTime) -> Option<Timestamp> {
    Timestamp::from_unix_seconds(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs())
}

fn entity_tag(digest: &impl std::fmt::Display) -> HeaderValue {
    // Hex digits between quotes are what a header may hold.
    HeaderValue::from_maybe_shared(Bytes::from(format!("\"{digest}\""))).unwrap_or(HeaderValue::from_static("\"\""))
}
