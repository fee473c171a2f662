//! A genome that follows the schema, with or without signatures.

mod divergence;
mod intact;
mod legacy;
mod merge;
mod reading;
mod sign;

use crate::attribution::Attribution;
use crate::digest::GenomeId;
use crate::kind::DocumentKind;
use crate::model::Genome;
use crate::refusal::Refusal;
use crate::schema::Faults;
use crate::signature::BadSignature;
pub use crate::signature::Signature;
use crate::signature::reading::SIGNATURE_FIELDS;
pub use crate::tally::Tally;
pub use divergence::DivergingFields;
use genome_json::canonical;
use genome_json::holds_private_key;
use genome_json::{self as json, Member, Value};
pub use intact::Intact;
pub use merge::MergeError;
pub use sign::{Signing, SigningError};
use std::panic::resume_unwind;
use std::thread::{self, Builder};

/// A genome that follows the schema, with or without signatures. Nothing is known yet of who signed it, so it is good for signing
/// and for nothing else; a [`Verifier`](crate::Verifier) is the way to a genome that may be acted upon.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// All members but the signatures, in their order.
    pub(crate) unsigned: Vec<Member<'a>>,
    /// How many of them come before the signatures.
    signatures_at: usize,
    pub(crate) canonical: String,
    pub(crate) id: GenomeId,
    pub(crate) genome: Genome,
    pub(crate) signatures: Vec<Signature>,
}

impl<'a> Document<'a> {
    /// Reads a document: strict JSON, then the schema. From 256 KiB on it uses a second thread, where the system gives one.
    ///
    /// # Errors
    /// [`Refusal::Json`], [`Refusal::Schema`], and [`Refusal::SecretExposed`] where a private key stands anywhere in it.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let value = json::parse(bytes).map_err(|error| Refusal::of_text(DocumentKind::Genome, bytes, error))?;
        let (contents, Form { canonical, id, is_exposed }) =
            both(bytes.len() >= LARGE, || reading::read(&value), || Form::of(&value, bytes.len()));
        let contents = match contents {
            Ok(contents) => contents,
            Err(faults) => return Err(Refusal::of_faults(DocumentKind::Genome, &value, faults)),
        };
        let Value::Object(mut unsigned) = value else {
            return Err(Refusal::of_faults(DocumentKind::Genome, &value, Faults::default()));
        };
        let signatures_at = unsigned.iter().position(is_signature).unwrap_or(unsigned.len());
        unsigned.retain(|member| !is_signature(member));
        if is_exposed {
            return Err(Refusal::of_faults(DocumentKind::Genome, &Value::Object(unsigned), Faults::default()));
        }
        Ok(Self { unsigned, signatures_at, canonical, id, genome: contents.genome, signatures: contents.signatures })
    }

    /// The genome id: the SHA-256 digest of the canonical form.
    #[must_use]
    pub fn id(&self) -> GenomeId {
        self.id
    }

    /// The contents of the document, which nothing has verified yet.
    #[must_use]
    pub fn unverified(&self) -> &Genome {
        &self.genome
    }

    /// The signatures it carries, not yet checked.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Checks the signatures and counts them against the genome's own authority.
    ///
    /// # Errors
    /// [`Refusal::InvalidSignature`] or [`Refusal::LegacySignature`] where a known signer's signature does not verify.
    pub fn tally(&self) -> Result<Tally, Refusal> {
        Ok(self.attribution()?.tally(&self.genome.authority, None))
    }

    /// Finds out which of the genome's own signers made which signature. Those by other keys stay open.
    pub(crate) fn attribution(&self) -> Result<Attribution, Refusal> {
        let mut attribution = Attribution::of(&self.signatures);
        attribution.attribute(&self.genome.authority.signers, self.canonical.as_bytes());
        match attribution.bad() {
            bad if bad.is_empty() => Ok(attribution),
            bad => Err(self.diagnose(bad)),
        }
    }

    /// The refusal for bad signatures, which has a code of its own where the replaced scripts would have accepted all of them.
    fn diagnose(&self, mut bad: Vec<BadSignature>) -> Refusal {
        let legacy = legacy::form(&self.unsigned);
        let is_legacy = |bad: &BadSignature| bad.signer.public_key.verify(legacy.as_bytes(), &bad.signature.bytes).is_ok();
        if bad.iter().all(is_legacy) {
            return Refusal::LegacySignature(bad);
        }
        bad.retain(|bad| !is_legacy(bad));
        Refusal::InvalidSignature(bad)
    }

    /// The document as JSON: its members in their order, two spaces of indentation, a final newline. One signature stands in
    /// `signature`, several in `signatures`, in the order of the authority.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut signatures: Vec<&Signature> = self.signatures.iter().collect();
        let signers = &self.genome.authority.signers;
        signatures
            .sort_by_key(|signature| signers.iter().position(|signer| signer.key_id == signature.key_id).unwrap_or(signers.len()));
        let [one, several] = SIGNATURE_FIELDS;
        let member = match signatures.as_slice() {
            [] => None,
            [signature] => Some((one, signature.to_value())),
            all => Some((several, Value::Array(all.iter().map(|signature| signature.to_value()).collect()))),
        };
        let mut members = self.unsigned.clone();
        if let Some((name, value)) = member {
            members.insert(self.signatures_at.min(members.len()), Member { name: name.into(), value });
        }
        Value::Object(members).to_pretty()
    }
}

/// The bytes that the signatures cover.
struct Form {
    canonical: String,
    id: GenomeId,
    /// Whether a private key stands in it. It holds every text but the signatures', and those have no room for a key.
    is_exposed: bool,
}

impl Form {
    /// A document that has so many bytes.
    fn of(document: &Value<'_>, bytes: usize) -> Self {
        let members = if let Value::Object(members) = document { members.as_slice() } else { &[] };
        let mut canonical = String::with_capacity(bytes);
        canonical::write_object(&mut canonical, members.iter().filter(|member| !is_signature(member)));
        Self { id: GenomeId::of_canonical_form(canonical.as_bytes()), is_exposed: holds_private_key(&canonical), canonical }
    }
}

fn is_signature(member: &Member<'_>) -> bool {
    SIGNATURE_FIELDS.contains(&&*member.name)
}

/// The size, in bytes, from which on a second thread is worth its start.
const LARGE: usize = 256 * 1024;

/// Does two independent things; at once, if they are large.
fn both<A, B: Send>(large: bool, one: impl FnOnce() -> A, other: impl Fn() -> B + Sync) -> (A, B) {
    thread::scope(|scope| {
        // Where the system has no more threads, this one does both.
        let thread = if large { Builder::new().spawn_scoped(scope, &other).ok() } else { None };
        let one = one();
        (one, thread.map_or_else(&other, |thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAFT: &str = include_str!("../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

    /// What is read at once says the same as what is read one after the other.
    #[test]
    fn a_large_document_is_read_as_a_small_one() {
        // RFC 8410 section 10.3.
        let key = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        let exposed = DRAFT.replace("memory_search", key);
        assert_ne!(exposed, DRAFT);
        for small in [DRAFT, &DRAFT.replace("\"threshold\": 1", "\"threshold\": 0"), &exposed, "[]", "{}", "{"] {
            let large = small.to_owned() + &" ".repeat(LARGE);
            let read =
                |text: &str| Document::read(text.as_bytes()).map(|document| (document.canonical, document.id, document.genome));
            match (read(small), read(&large)) {
                (Err(Refusal::Json(_)), Err(Refusal::Json(_))) if small == "{" => {}
                (small, large) => assert_eq!(small, large),
            }
        }
        assert!(matches!(Document::read(exposed.as_bytes()), Err(Refusal::SecretExposed { .. })));
    }
}
