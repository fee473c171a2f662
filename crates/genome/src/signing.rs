use crate::GenomeId;
use crate::document::Document;
use crate::genome::Signer;
use crate::key::{Fingerprint, KeyId, PrivateKey};
use crate::refusal::{Refusal, names};
use crate::signature::{BadSignature, Signature, Tally};
use std::collections::HashSet;
use thiserror::Error;

/// What signing did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signing {
    /// Who signed.
    pub signer: Signer,
    /// Whether the document held that signature before, so that nothing changed.
    pub already: bool,
    /// How far the authority has signed now.
    pub tally: Tally,
}

/// Why a genome is not signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The digests at these JSON Pointers are placeholders.
    #[error("the manifest holds placeholders instead of digests at {}", .0.join(", "))]
    Placeholders(Vec<String>),
    /// Several may sign, and none is named.
    #[error("the genome names {} signers, so the one who signs must be named", .0.len())]
    WhichSigner(Vec<KeyId>),
    /// The authority does not name this signer.
    #[error("`authority.signers` names no `{key_id}`")]
    UnknownSigner {
        /// Who was to sign.
        key_id: KeyId,
        /// Who may.
        known: Vec<KeyId>,
    },
    /// The private key is another's.
    #[error("the private key does not belong to `{key_id}`: its fingerprint is {found}, the genome says {expected}")]
    WrongKey {
        /// Who was to sign.
        key_id: KeyId,
        /// That signer's fingerprint.
        expected: Fingerprint,
        /// The fingerprint of the private key given.
        found: Fingerprint,
        /// The signer to whom it belongs, if the authority names one.
        owner: Option<KeyId>,
    },
    /// The signatures of another genome cannot be taken over.
    #[error("it holds another genome: {theirs}, not {ours}")]
    AnotherGenome {
        /// The genome to sign.
        ours: GenomeId,
        /// The other.
        theirs: GenomeId,
    },
    /// The signature just made does not verify: the machine computes wrongly.
    #[error("the signature that was just made does not verify")]
    FaultyComputation,
    /// The genome, or a signature on it, is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl SigningError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Placeholders(_) => "write the SHA-256 digest of each file (`sha256sum FILE` prints it)".to_owned(),
            Self::WhichSigner(known) => format!("add {} to the command", names(known, "or")),
            Self::UnknownSigner { known, .. } => {
                format!("sign as {}, or add the signer object that genome-keygen printed to the genome", names(known, "or"))
            }
            Self::WrongKey { owner: Some(owner), .. } => {
                format!("the key given is that of `{owner}`: sign as `{owner}`, or use the other key")
            }
            Self::WrongKey { owner: None, .. } => {
                "use the private key that was made with the public key in the genome, or put the public key of this one there"
                    .to_owned()
            }
            Self::AnotherGenome { .. } => "write to another file, or replace it with --force".to_owned(),
            Self::FaultyComputation => "do not trust this machine: sign on another, and have this one's memory checked".to_owned(),
            Self::Refused(refusal) => refusal.hint(),
        }
    }
}

impl Document<'_> {
    /// Takes over the signatures of another copy of the same genome, those that this one does not have by the same signer.
    ///
    /// # Errors
    /// [`SigningError::AnotherGenome`].
    pub fn adopt(&mut self, copy: &Document<'_>) -> Result<(), SigningError> {
        if copy.id != self.id {
            return Err(SigningError::AnotherGenome { ours: self.id, theirs: copy.id });
        }
        let ours: HashSet<KeyId> = self.signatures.iter().map(|signature| signature.key_id.clone()).collect();
        self.signatures.extend(copy.signatures.iter().filter(|signature| !ours.contains(&signature.key_id)).cloned());
        Ok(())
    }

    /// Drops these signatures.
    pub fn drop_signatures(&mut self, bad: &[BadSignature]) {
        self.signatures.retain(|signature| !bad.iter().any(|bad| bad.signature == *signature));
    }

    /// Signs the genome. Without a key id, its one signer signs.
    ///
    /// # Errors
    /// A draft that cannot be signed, a key that does not belong to the signer named, or a signature already there that does not
    /// verify. See [`SigningError`].
    pub fn sign(&mut self, key_id: Option<&KeyId>, key: &PrivateKey) -> Result<Signing, SigningError> {
        let placeholders: Vec<String> = self
            .genome
            .files
            .iter()
            .enumerate()
            .filter(|(_, file)| file.sha256.is_none())
            .map(|(index, _)| format!("/build_manifest/files/{index}/sha256"))
            .collect();
        if !placeholders.is_empty() {
            return Err(SigningError::Placeholders(placeholders));
        }
        let signer = choose_signer(&self.genome.authority.signers, key_id)?.clone();
        let public_key = key.public_key();
        if public_key != signer.public_key {
            let signers = &self.genome.authority.signers;
            let owner = signers.iter().find(|signer| signer.public_key == public_key).map(|signer| signer.key_id.clone());
            return Err(SigningError::WrongKey {
                expected: signer.public_key.fingerprint(),
                key_id: signer.key_id,
                found: public_key.fingerprint(),
                owner,
            });
        }
        let tally = self.tally()?;
        if tally.signed.contains(&signer) {
            return Ok(Signing { signer, already: true, tally });
        }
        let bytes = key.sign(self.canonical.as_bytes()).map_err(|_| SigningError::FaultyComputation)?;
        self.signatures.push(Signature { key_id: signer.key_id.clone(), bytes, pointer: String::new() });
        Ok(Signing { signer, already: false, tally: self.tally()? })
    }
}

fn choose_signer<'s>(signers: &'s [Signer], key_id: Option<&KeyId>) -> Result<&'s Signer, SigningError> {
    let known = || signers.iter().map(|signer| signer.key_id.clone()).collect();
    match (key_id, signers) {
        (None, [only]) => Ok(only),
        (None, _) => Err(SigningError::WhichSigner(known())),
        (Some(key_id), _) => signers
            .iter()
            .find(|signer| signer.key_id == *key_id)
            .ok_or_else(|| SigningError::UnknownSigner { key_id: key_id.clone(), known: known() }),
    }
}
