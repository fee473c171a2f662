//! Who may sign the draft.

use super::Draft;
use super::fault::DraftError;
use crate::key::{KeyId, WrittenKeyProblem, read_written};
use crate::kind::DocumentKind;
use crate::model::{ListKind, Signer, reading, written_signers};
use crate::refusal::Refusal;
use genome_json as json;

impl Draft<'_> {
    /// Reads a signer object, as `genome-keygen` prints it, or one public key as OpenSSH or OpenSSL writes it: its comment is the key id, if
    /// it can be one, or else its fingerprint.
    ///
    /// # Errors
    /// As for a genome: [`Refusal::Json`], [`Refusal::Schema`] with every fault, [`Refusal::SecretExposed`], [`Refusal::OtherDocument`];
    /// and [`Refusal::WrittenKey`] for what OpenSSH or OpenSSL wrote.
    pub fn read_signer(bytes: &[u8]) -> Result<Signer, Refusal> {
        if let Some(keys) = read_written(bytes) {
            let signers = written_signers(keys.map_err(Refusal::WrittenKey)?);
            let not_one = |signers: Vec<Signer>| Refusal::WrittenKey(WrittenKeyProblem::NotOne(signers.len()).somewhere());
            return <[Signer; 1]>::try_from(signers).map(|[signer]| signer).map_err(not_one);
        }
        let value = json::parse(bytes).map_err(|error| Refusal::of_text(DocumentKind::Signer, bytes, error))?;
        reading::read_signer(&value).map_err(|faults| Refusal::of_faults(DocumentKind::Signer, &value, faults))
    }

    /// Removes all signers.
    pub fn remove_signers(&mut self) {
        self.signers.clear();
    }

    /// Adds a signer.
    ///
    /// # Errors
    /// [`DraftError::Taken`] or [`DraftError::KeyTaken`].
    pub fn add_signer(&mut self, signer: &Signer) -> Result<(), DraftError> {
        let public_key = signer.public_key.to_string();
        let keys = self.signers.texts("public_key").zip(self.signers.texts(ListKind::Signer.key()));
        let known_as = keys.filter(|(key, _)| *key == public_key).map(|(_, key_id)| key_id).next();
        if let Some(known_as) = known_as.filter(|known_as| *known_as != signer.key_id.as_str()) {
            let (key_id, known_as) = (signer.key_id.clone(), known_as.to_owned());
            return Err(DraftError::KeyTaken { key_id, fingerprint: signer.public_key.fingerprint(), known_as });
        }
        self.signers.add(signer.key_id.as_str(), signer.to_value())
    }

    /// Removes the signer of this key id.
    ///
    /// # Errors
    /// [`DraftError::Unknown`].
    pub fn remove_signer(&mut self, key_id: &KeyId) -> Result<(), DraftError> {
        self.signers.remove(key_id.as_str())
    }

    /// Sets how many must sign.
    pub fn set_threshold(&mut self, threshold: usize) {
        self.threshold = threshold;
    }

    /// A threshold that was right for other signers.
    pub(super) fn threshold_error(&self) -> Option<DraftError> {
        let (threshold, signers) = (self.threshold, self.signers.len());
        (threshold == 0 || threshold > signers).then_some(DraftError::Threshold { threshold, signers })
    }
}
