//! The reader of the signatures that a document carries.

use super::Signature;
use crate::key::KeyId;
use crate::model::reading::algorithm;
use crate::schema::{Distinct, Fields, Place, Problem, Reading};
use base64ct::{Base64, Encoding as _};
use genome_json::Value;

/// The field of one signature, and that of several.
pub(crate) const SIGNATURE_FIELDS: [&str; 2] = ["signature", "signatures"];

/// The most signatures: the signers of two authorities. Each may take several passes over the whole document.
const MOST_SIGNATURES: usize = 512;

pub(crate) fn signatures(reading: &mut Reading, fields: &Fields<'_, '_>) -> Option<Vec<Signature>> {
    let [one, several] = SIGNATURE_FIELDS;
    let mut ids = Distinct::new("signer_key_id");
    let single = reading.field(fields, one, |reading, place, value| signature(reading, place, value, &mut ids));
    let mut ids = Distinct::new("signer_key_id");
    let list = reading.field(fields, several, |reading, place, value| {
        let list = reading.list(place, value, |reading, place, value| signature(reading, place, value, &mut ids))?;
        if list.len() > MOST_SIGNATURES { reading.refuse(place, Problem::TooManySignatures(MOST_SIGNATURES)) } else { Some(list) }
    });
    match (fields.has(one), fields.has(several)) {
        (true, true) => reading.refuse(&Place::ROOT.name(one), Problem::TwoSignatureFields),
        (true, false) => single.map(|signature| vec![signature]),
        (false, true) => list,
        (false, false) => Some(Vec::new()),
    }
}

fn signature(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>, ids: &mut Distinct<KeyId>) -> Option<Signature> {
    let fields = reading.object(place, value, &["alg", "signer_key_id", "sig_base64"], &[])?;
    let algorithm = reading.field(&fields, "alg", algorithm);
    let key_id = reading.field(&fields, "signer_key_id", |reading, place, value| {
        let key_id: KeyId = reading.parsed(place, value)?;
        ids.insert(reading, place, key_id.clone()).then_some(key_id)
    });
    let bytes = reading.field(&fields, "sig_base64", signature_bytes);
    algorithm?;
    Some(Signature { key_id: key_id?, bytes: bytes?, pointer: place.to_string() })
}

pub(crate) fn signature_bytes(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<[u8; 64]> {
    let text = reading.string(place, value)?;
    let mut bytes = [0; 64];
    match Base64::decode(text, &mut bytes) {
        Ok(decoded) if decoded.len() == 64 => Some(bytes),
        _ => reading.refuse(place, Problem::SignatureText),
    }
}
