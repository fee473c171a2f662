//! Who may sign: the objects that genomes and trust policies share.

use crate::key::{KeyId, PublicKey, PublicKeyError};
use crate::model::{Authority, Signer};
use crate::schema::{Distinct, Faults, Fields, Place, Problem, Reading};
use genome_json::Value;

/// The fields of an authority.
pub(crate) const AUTHORITY_FIELDS: [&str; 2] = ["signers", "threshold"];

/// The fields of a signer.
pub(crate) const SIGNER_FIELDS: [&str; 3] = ["key_id", "alg", "public_key"];

/// Each signature takes a pass over the whole document. Without a bound, a file of 16 MiB could keep a verifier busy for many minutes.
const MOST_SIGNERS: usize = 256;

pub(crate) fn authority(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<Authority> {
    let fields = reading.object(place, value, &AUTHORITY_FIELDS, &[])?;
    authority_of(reading, &fields)
}

/// The authority whose fields stand in an object, beside others or alone.
pub(crate) fn authority_of(reading: &mut Reading, fields: &Fields<'_, '_>) -> Option<Authority> {
    let signers = reading.field(fields, "signers", |reading, place, value| {
        let mut ids = Distinct::new("key_id");
        let mut keys = Distinct::new("public_key");
        let signers = reading.list(place, value, |reading, place, value| signer(reading, place, value, &mut ids, &mut keys))?;
        match signers.len() {
            0 => reading.refuse(place, Problem::NoSigners),
            1..=MOST_SIGNERS => Some(signers),
            _ => reading.refuse(place, Problem::TooManySigners(MOST_SIGNERS)),
        }
    });
    // The threshold is compared with the signers as they are listed, whatever else is wrong with them.
    let listed = fields.items("signers").map(<[_]>::len);
    let threshold = reading.field(fields, "threshold", |reading, place, value| {
        let threshold = reading.integer(place, value)?;
        match listed {
            _ if threshold == 0 => reading.refuse(place, Problem::ThresholdZero),
            Some(signers) if threshold > signers => reading.refuse(place, Problem::ThresholdTooHigh { threshold, signers }),
            _ => Some(threshold),
        }
    });
    Some(Authority { signers: signers?, threshold: threshold? })
}

/// Reads a document that is one signer.
pub(crate) fn read_signer(document: &Value<'_>) -> Result<Signer, Faults> {
    let mut reading = Reading::default();
    let signer = signer(&mut reading, &Place::ROOT, document, &mut Distinct::new("key_id"), &mut Distinct::new("public_key"));
    reading.finish(signer)
}

pub(crate) fn signer(
    reading: &mut Reading,
    place: &Place<'_>,
    value: &Value<'_>,
    ids: &mut Distinct<KeyId>,
    keys: &mut Distinct<[u8; 32]>,
) -> Option<Signer> {
    let fields = reading.object(place, value, &SIGNER_FIELDS, &[])?;
    let key_id = reading.field(&fields, "key_id", |reading, place, value| {
        let key_id: KeyId = reading.parsed(place, value)?;
        ids.insert(reading, place, key_id.clone()).then_some(key_id)
    });
    let algorithm = reading.field(&fields, "alg", algorithm);
    let public_key = reading.field(&fields, "public_key", |reading, place, value| {
        let key: PublicKey = match reading.string(place, value)?.parse() {
            Ok(key) => key,
            Err(PublicKeyError::PrivateKey) => return reading.refuse(place, Problem::PrivateKey),
            Err(error) => return reading.refuse(place, Problem::PublicKey(error)),
        };
        // One secret signs for both signs of a point, and must not be two signers.
        keys.insert(reading, place, key.point_without_sign()).then_some(key)
    });
    algorithm?;
    Some(Signer { key_id: key_id?, public_key: public_key? })
}

pub(crate) fn algorithm(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<()> {
    match reading.string(place, value)? {
        "ed25519" => Some(()),
        other => reading.refuse(place, Problem::not_one_of(other, vec!["ed25519"])),
    }
}
