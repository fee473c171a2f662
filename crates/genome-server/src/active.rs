use axum::body::Bytes;
use axum::http::HeaderValue;
use genome::json::Value;
use genome::{Ceiling, Digest, Genome, Timestamp, Verified};
use genome_cli::contents::{invariants, lineage, list, text};
use genome_cli::json_text;
use std::time::{Instant, SystemTime};

/// The genome that was loaded: what is asked of it is made ready once, and nothing of it ever changes.
#[derive(Debug)]
pub struct Active {
    genome: Verified<Genome>,
    ceiling: Ceiling,
    document: Bytes,
    loaded_at: SystemTime,
    loaded: Instant,
    /// The answer of `GET /genome`.
    pub(crate) summary: Bytes,
    /// The genome id, as an entity tag of RFC 9110 section 8.8.3.
    pub(crate) id_tag: HeaderValue,
    /// The digest of the document, whose bytes are not the same for all copies of one genome.
    pub(crate) document_tag: HeaderValue,
}

impl Active {
    /// A genome, and the bytes of which it was verified, loaded at this time.
    #[must_use]
    pub fn new(genome: Verified<Genome>, document: Vec<u8>, loaded_at: SystemTime) -> Self {
        let ceiling = Ceiling::of(&genome);
        Self {
            summary: json_text(&summary(&genome, &ceiling, loaded_at)).into(),
            id_tag: entity_tag(&genome.id()),
            document_tag: entity_tag(&Digest::of(&document)),
            genome,
            ceiling,
            document: document.into(),
            loaded_at,
            loaded: Instant::now(),
        }
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

/// The answer of `GET /genome`.
fn summary(genome: &Verified<Genome>, ceiling: &Ceiling, loaded_at: SystemTime) -> Value<'static> {
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
    Value::object([
        ("genome_id", text(&genome.id())),
        ("name", text(&genome.name)),
        ("version", text(&genome.version)),
        ("parents", list(&genome.parents, text)),
        ("created_at", text(&genome.created_at)),
        ("authority", Value::object([("threshold", genome.authority.threshold.into()), ("signers", signers)])),
        ("signatures", Value::object([("counted", tally.counted().into()), ("required", tally.threshold.into())])),
        ("trust", text(genome.trust().as_str())),
        ("lineage", lineage(genome.lineage())),
        ("invariants", invariants(genome)),
        ("capabilities", capabilities),
        ("ceiling", Value::object([("allowed", ceiling.allowed().into()), ("denied", ceiling.denied().into())])),
        ("loaded_at", at(loaded_at).map_or(Value::Null, |time| text(&time))),
        ("server_version", text(env!("CARGO_PKG_VERSION"))),
    ])
}

/// A time as RFC 3339 writes it; `None` where it has no text for it.
pub(crate) fn at(time: SystemTime) -> Option<Timestamp> {
    Timestamp::from_unix_seconds(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs())
}

fn entity_tag(digest: &impl std::fmt::Display) -> HeaderValue {
    // Hex digits between quotes are what a header may hold.
    HeaderValue::from_maybe_shared(Bytes::from(format!("\"{digest}\""))).unwrap_or(HeaderValue::from_static("\"\""))
}
