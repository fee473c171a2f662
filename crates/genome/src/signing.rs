use crate::GenomeId;
use crate::document::Document;
use crate::genome::{Genome, Signer};
use crate::key::{Fingerprint, KeyId, PrivateKey, PublicKey};
use crate::quorum::{GenomeName, Quorum, Whose};
use crate::refusal::{Refusal, names};
use crate::signature::{Attribution, BadSignature, Signature, Tally};
use crate::verify::Verified;
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
    /// How far the authorities of the parents have that were given.
    pub parents: Vec<Quorum>,
    /// The parent whose authority names the signer, where the genome's own does not.
    pub on_behalf_of: Option<GenomeName>,
}

/// Why a genome is not signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The digests at these JSON Pointers are placeholders.
    #[error("the manifest holds placeholders instead of digests at {}", .0.join(", "))]
    Placeholders(Vec<String>),
    /// Several may sign, and none is named.
    #[error("{} signers may sign, so the one who signs must be named", .0.len())]
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
    /// A genome that is given as a parent and is none.
    #[error("{parent} is not a parent of the genome: `parents` does not hold its id")]
    NotAParent {
        /// The genome that was given.
        parent: GenomeName,
    },
    /// The genome and a parent name different keys alike, and the private key is the parent's.
    #[error(
        "`{key_id}` is the key {found} in the parent {parent} and another ({expected}) in {}, and a genome carries one signature for each key id",
        .other.as_ref().map_or_else(|| "the genome".to_owned(), |other| format!("the parent {other}"))
    )]
    SharedKeyId {
        /// The key id.
        key_id: KeyId,
        /// The parent that gives it the fingerprint of the private key.
        parent: Box<GenomeName>,
        /// The fingerprint of the private key.
        found: Fingerprint,
        /// The parent that gives it another; `None` for the genome itself.
        other: Option<Box<GenomeName>>,
        /// The other fingerprint.
        expected: Fingerprint,
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
            Self::NotAParent { .. } => "give the genomes whose ids stand in `parents`".to_owned(),
            Self::SharedKeyId { other: None, .. } => {
                "give the new key a key id of its own in the draft, such as one with the year in it".to_owned()
            }
            Self::SharedKeyId { other: Some(_), .. } => {
                "name this key in the draft's own authority too, under a key id of its own, and sign as that".to_owned()
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

    /// Signs the genome. Without a key id, the one who may sign does. May sign whom the authority names, and whom those of the parents
    /// name that are given: a genome that drops a key carries the signatures of its parents' threshold as well as its own.
    ///
    /// # Errors
    /// A draft that cannot be signed, a key that does not belong to the signer named, or a signature already there that does not
    /// verify. See [`SigningError`].
    pub fn sign(
        &mut self,
        key_id: Option<&KeyId>,
        key: &PrivateKey,
        parents: &[Verified<Genome>],
    ) -> Result<Signing, SigningError> {
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
        if let Some(stranger) = parents.iter().find(|parent| !self.genome.parents.contains(&parent.id())) {
            return Err(SigningError::NotAParent { parent: GenomeName::of(stranger, stranger.id()) });
        }
        let Candidate { signer, on_behalf_of } = choose(&self.genome.authority.signers, parents, key_id, &key.public_key())?;
        let mut attribution = self.attribution_among(parents)?;
        let already = attribution.includes(&signer.public_key);
        if !already {
            let bytes = key.sign(self.canonical.as_bytes()).map_err(|_| SigningError::FaultyComputation)?;
            self.signatures.push(Signature { key_id: signer.key_id.clone(), bytes, pointer: String::new() });
            attribution = self.attribution_among(parents)?;
        }
        // The genome's own authority counts by the key ids that it gives itself.
        let tally = self.tally()?;
        let parents = parents.iter().map(|parent| Quorum {
            whose: Whose::Parent(GenomeName::of(parent, parent.id())),
            tally: attribution.tally(&parent.authority, None),
        });
        Ok(Signing { signer, already, tally, parents: parents.collect(), on_behalf_of })
    }

    /// Checks the signatures by the genome's own signers and by those of these parents.
    ///
    /// # Errors
    /// [`Refusal::InvalidSignature`] or [`Refusal::LegacySignature`] where one does not verify.
    pub fn check_signatures(&self, parents: &[Verified<Genome>]) -> Result<(), Refusal> {
        self.attribution_among(parents).map(|_| ())
    }

    /// Finds out which signers of the genome and of these parents made which signature.
    fn attribution_among(&self, parents: &[Verified<Genome>]) -> Result<Attribution, Refusal> {
        let mut attribution = self.attribution()?;
        for parent in parents {
            attribution.attribute(&parent.authority.signers, self.canonical.as_bytes());
        }
        attribution.settle()?;
        Ok(attribution)
    }
}

/// Somebody who may sign.
#[derive(Clone)]
struct Candidate {
    signer: Signer,
    on_behalf_of: Option<GenomeName>,
}

/// Chooses the signer of this key id, or the only one, and checks that the key is that signer's.
fn choose(
    own: &[Signer],
    parents: &[Verified<Genome>],
    key_id: Option<&KeyId>,
    public_key: &PublicKey,
) -> Result<Candidate, SigningError> {
    let mut candidates: Vec<Candidate> =
        own.iter().map(|signer| Candidate { signer: signer.clone(), on_behalf_of: None }).collect();
    for parent in parents {
        // What the genome names itself, be it a key id or a key, it names for good.
        let is_new = |signer: &&Signer| own.iter().all(|own| own.key_id != signer.key_id && own.public_key != signer.public_key);
        let signers = parent.authority.signers.iter().filter(is_new);
        let on_behalf_of = Some(GenomeName::of(parent, parent.id()));
        candidates.extend(signers.map(|signer| Candidate { signer: signer.clone(), on_behalf_of: on_behalf_of.clone() }));
    }
    let known = || candidates.iter().map(|candidate| candidate.signer.key_id.clone()).collect();
    let chosen = match (key_id, candidates.as_slice()) {
        (None, [only]) => only,
        (None, _) => return Err(SigningError::WhichSigner(known())),
        (Some(key_id), _) => match candidates.iter().find(|candidate| candidate.signer.key_id == *key_id) {
            Some(candidate) => candidate,
            None => return Err(SigningError::UnknownSigner { key_id: key_id.clone(), known: known() }),
        },
    };
    let Signer { key_id, public_key: expected } = &chosen.signer;
    if public_key == expected {
        return Ok(chosen.clone());
    }
    let (expected, found) = (expected.fingerprint(), public_key.fingerprint());
    let namesake = |signer: &Signer| signer.key_id == *key_id && signer.public_key == *public_key;
    if let Some(parent) = parents.iter().find(|parent| parent.authority.signers.iter().any(namesake)) {
        let parent = Box::new(GenomeName::of(parent, parent.id()));
        let other = chosen.on_behalf_of.clone().map(Box::new);
        return Err(SigningError::SharedKeyId { key_id: key_id.clone(), parent, found, other, expected });
    }
    let owner = candidates.iter().map(|candidate| &candidate.signer).find(|signer| signer.public_key == *public_key);
    Err(SigningError::WrongKey { key_id: key_id.clone(), expected, found, owner: owner.map(|signer| signer.key_id.clone()) })
}
