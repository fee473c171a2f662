//! Signing a genome.

mod fault;

use crate::attribution::Attribution;
use crate::digest::GenomeId;
use crate::document::{Document, Intact};
use crate::key::{KeyId, PrivateKey, PublicKey};
use crate::model::{Genome, GenomeName, Signer};
use crate::refusal::{Quorum, QuorumOf, Refusal};
use crate::signature::{BadSignature, Signature};
use crate::tally::Tally;
pub use fault::SigningError;
use std::collections::HashSet;

/// The result of a signing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signing {
    /// Who signed.
    pub signer: Signer,
    /// Whether the document held that signature before, so that nothing changed.
    pub already: bool,
    /// How far the authority has signed now.
    pub tally: Tally,
    /// How far the authorities of the given parents have signed.
    pub parents: Vec<Quorum>,
    /// The parent whose authority names the signer, where the genome's own does not.
    pub on_behalf_of: Option<GenomeName>,
}

impl Document<'_> {
    /// Takes over the signatures of another copy of the same genome, by signers whose signature this one lacks.
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

    /// Signs the genome. Without a key id, the signer is the one whose key it is. The signers of the authority may sign, and those of the given
    /// parents: a genome that drops a key carries the signatures of its parents' threshold as well as its own.
    ///
    /// # Errors
    /// A draft that cannot be signed, a key that does not belong to the signer named, or a signature already there that does not
    /// verify. See [`SigningError`].
    pub fn sign(&mut self, key_id: Option<&KeyId>, key: &PrivateKey, parents: &[Intact<Genome>]) -> Result<Signing, SigningError> {
        let sign = |_: &Signer, message: &[u8]| key.sign(message).map_err(|_| SigningError::FaultyComputation);
        self.sign_with(key_id, Some(&key.public_key()), parents, sign)
    }

    /// Signs with a key that is elsewhere: `sign` gets the signer and the canonical form, and returns the signature, which is verified with
    /// the signer's public key. It is not called where the genome carries that signature already. Where the public key is known before, it
    /// says who signs, and `sign` is not called with another's; where neither it nor a key id is known, only one may sign.
    ///
    /// # Errors
    /// As for [`sign`](Self::sign), [`SigningError::WrongSignature`], or the error of `sign`.
    pub fn sign_with<E: From<SigningError>>(
        &mut self,
        key_id: Option<&KeyId>,
        public_key: Option<&PublicKey>,
        parents: &[Intact<Genome>],
        sign: impl FnOnce(&Signer, &[u8]) -> Result<[u8; 64], E>,
    ) -> Result<Signing, E> {
        self.check_signable(parents)?;
        let Candidate { signer, on_behalf_of } = choose(&self.candidates(parents), parents, key_id, public_key)?;
        let already = self.is_signed_by(&signer, parents)?;
        if !already {
            let bytes = sign(&signer, self.canonical.as_bytes())?;
            if signer.public_key.verify(self.canonical.as_bytes(), &bytes).is_err() {
                return Err(SigningError::WrongSignature { key_id: signer.key_id }.into());
            }
            self.signatures.push(Signature { key_id: signer.key_id.clone(), bytes, pointer: String::new() });
        }
        let attribution = self.attribution_among(parents).map_err(SigningError::from)?;
        // The genome's own authority counts by the key ids that it gives itself.
        let tally = self.tally().map_err(SigningError::from)?;
        let parents = parents.iter().map(|parent| Quorum {
            whose: QuorumOf::Parent(GenomeName::of(parent, parent.id())),
            tally: attribution.tally(&parent.authority, None),
            because: None,
        });
        Ok(Signing { signer, already, tally, parents: parents.collect(), on_behalf_of })
    }

    /// The signer: the one of this key id, or without one the one who has this public key, or without both the only one who may sign. Uses
    /// no private key, and verifies no signatures.
    ///
    /// # Errors
    /// As for [`sign`](Self::sign), as far as it is known without the private key.
    pub fn signer(
        &self,
        key_id: Option<&KeyId>,
        public_key: Option<&PublicKey>,
        parents: &[Intact<Genome>],
    ) -> Result<Signer, SigningError> {
        self.check_signable(parents)?;
        choose(&self.candidates(parents), parents, key_id, public_key).map(|chosen| chosen.signer)
    }

    /// Whether the genome carries the signature of this signer of its own authority, or else of one of these parents. A signature of the same
    /// key under a key id that only a parent uses counts for that parent, and not for the genome's own threshold.
    ///
    /// # Errors
    /// A signature there does not verify.
    pub fn is_signed_by(&self, signer: &Signer, parents: &[Intact<Genome>]) -> Result<bool, SigningError> {
        if self.genome.authority.signers.contains(signer) {
            return Ok(self.tally()?.signed.contains(signer));
        }
        Ok(self.attribution_among(parents)?.includes(&signer.public_key))
    }

    /// Who may sign: the signers of the authority, then those that only these parents name.
    #[must_use]
    pub fn may_sign(&self, parents: &[Intact<Genome>]) -> Vec<Signer> {
        self.candidates(parents).into_iter().map(|candidate| candidate.signer).collect()
    }

    /// Refuses a draft with placeholders, and a parent that the genome does not name.
    fn check_signable(&self, parents: &[Intact<Genome>]) -> Result<(), SigningError> {
        let files = self.genome.files.iter().enumerate();
        let placeholders: Vec<String> = files
            .filter(|(_, file)| file.sha256.is_none())
            .map(|(index, _)| format!("/build_manifest/files/{index}/sha256"))
            .collect();
        if !placeholders.is_empty() {
            return Err(SigningError::Placeholders(placeholders));
        }
        // A genome may have very many parents.
        let named: HashSet<GenomeId> =
            if parents.is_empty() { HashSet::new() } else { self.genome.parents.iter().copied().collect() };
        match parents.iter().find(|parent| !named.contains(&parent.id())) {
            Some(stranger) => Err(SigningError::NotAParent { parent: GenomeName::of(stranger, stranger.id()) }),
            None => Ok(()),
        }
    }

    fn candidates(&self, parents: &[Intact<Genome>]) -> Vec<Candidate> {
        let own = &self.genome.authority.signers;
        let mut candidates: Vec<Candidate> =
            own.iter().map(|signer| Candidate { signer: signer.clone(), on_behalf_of: None }).collect();
        for parent in parents {
            // A key id or a key that the genome names itself is the genome's.
            let is_new =
                |signer: &&Signer| own.iter().all(|own| own.key_id != signer.key_id && own.public_key != signer.public_key);
            let signers = parent.authority.signers.iter().filter(is_new);
            let on_behalf_of = Some(GenomeName::of(parent, parent.id()));
            candidates.extend(signers.map(|signer| Candidate { signer: signer.clone(), on_behalf_of: on_behalf_of.clone() }));
        }
        candidates
    }

    /// Checks the signatures by the genome's own signers and by those of these parents.
    ///
    /// # Errors
    /// [`Refusal::InvalidSignature`] or [`Refusal::LegacySignature`] where one does not verify.
    pub fn check_signatures(&self, parents: &[Intact<Genome>]) -> Result<(), Refusal> {
        self.attribution_among(parents).map(|_| ())
    }

    /// Finds out which signers of the genome and of these parents made which signature.
    fn attribution_among(&self, parents: &[Intact<Genome>]) -> Result<Attribution, Refusal> {
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

/// Chooses the signer of this key id, or else of this key, or else the only one, and checks that the key is that signer's, if it is known.
fn choose(
    candidates: &[Candidate],
    parents: &[Intact<Genome>],
    key_id: Option<&KeyId>,
    public_key: Option<&PublicKey>,
) -> Result<Candidate, SigningError> {
    let known = || candidates.iter().map(|candidate| candidate.signer.key_id.clone()).collect();
    // Found by its key, a signer is looked up once more by name: another may have that name, and a genome carries one signature for each.
    let of_key = public_key.filter(|_| key_id.is_none()).and_then(|key| key_id_of(key, candidates, parents));
    let chosen = match (key_id.or(of_key), candidates) {
        (None, [only]) => only,
        (None, _) => {
            return Err(public_key.map_or_else(
                || SigningError::WhichSigner(known()),
                |key| SigningError::NotASigner {
                    found: key.fingerprint(),
                    may_sign: candidates.iter().map(|candidate| candidate.signer.clone()).collect(),
                },
            ));
        }
        (Some(key_id), _) => match candidates.iter().find(|candidate| candidate.signer.key_id == *key_id) {
            Some(candidate) => candidate,
            None => return Err(SigningError::UnknownSigner { key_id: key_id.clone(), known: known() }),
        },
    };
    let Signer { key_id, public_key: expected } = &chosen.signer;
    let Some(public_key) = public_key.filter(|key| *key != expected) else { return Ok(chosen.clone()) };
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

/// The key id under which this key may sign; or else the one that a parent gives it, though the genome gives that to another key.
fn key_id_of<'c>(key: &PublicKey, candidates: &'c [Candidate], parents: &'c [Intact<Genome>]) -> Option<&'c KeyId> {
    let of_parents = parents.iter().flat_map(|parent| &parent.authority.signers);
    let mut signers = candidates.iter().map(|candidate| &candidate.signer).chain(of_parents);
    signers.find(|signer| signer.public_key == *key).map(|signer| &signer.key_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAFT: &str = include_str!("../../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");

    /// A draft whose one signer has this key.
    fn draft(key: &PrivateKey) -> String {
        let root = Document::read(DRAFT.as_bytes()).unwrap();
        DRAFT.replace(&root.unverified().authority.signers[0].public_key.to_string(), &key.public_key().to_string())
    }

    #[test]
    fn a_signature_made_elsewhere_is_taken_if_it_is_right() {
        let (key, other) = (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]));
        let text = draft(&key);
        let mut document = Document::read(text.as_bytes()).unwrap();
        let signer = document.may_sign(&[]).remove(0);
        let wrong = Err(SigningError::WrongSignature { key_id: signer.key_id.clone() });
        let by_another = document.sign_with(None, None, &[], |_, message| Ok(other.sign(message).unwrap()));
        assert_eq!(by_another, wrong);
        let over_else = document.sign_with(None, None, &[], |_, _| Ok::<_, SigningError>(key.sign(b"else").unwrap()));
        assert_eq!(over_else, wrong);
        assert_eq!(document.signatures(), [], "what is wrong leaves nothing");
        let hindered = document.sign_with(None, None, &[], |_, _| Err(SigningError::FaultyComputation));
        assert_eq!(hindered, Err(SigningError::FaultyComputation));
        let signing = document.sign_with(None, None, &[], |asked, message| {
            assert_eq!(*asked, signer);
            key.sign(message).map_err(|_| SigningError::FaultyComputation)
        });
        assert!(!signing.unwrap().already);
        let again = document.sign_with(None, None, &[], |_, _| -> Result<_, SigningError> { panic!("asked again") });
        assert!(again.unwrap().already);
    }

    #[test]
    fn the_key_says_who_signs() {
        let keys = [1, 2, 3].map(|seed| PrivateKey::from_seed(&[seed; 32]));
        let signer = |key_id: &str, key: &PrivateKey| {
            format!(r#"{{"key_id": "{key_id}", "alg": "ed25519", "public_key": "{}"}}"#, key.public_key())
        };
        let [first, second, stranger] = &keys;
        let start = DRAFT.find("\"signers\": [").unwrap() + 12;
        let end = start + DRAFT[start..].find(']').unwrap();
        let text = format!("{}{}, {}{}", &DRAFT[..start], signer("a", first), signer("b", second), &DRAFT[end..]);
        let document = Document::read(text.as_bytes()).unwrap();
        let chosen = |key: &PrivateKey| document.signer(None, Some(&key.public_key()), &[]).map(|signer| signer.key_id.to_string());
        assert_eq!((chosen(first).as_deref(), chosen(second).as_deref()), (Ok("a"), Ok("b")));
        let refused = chosen(stranger).unwrap_err();
        for key in &keys {
            let fingerprint = key.public_key().fingerprint().to_string();
            assert!(format!("{refused}; {}", refused.hint()).contains(&fingerprint), "{refused}");
        }
        assert!(matches!(document.signer(None, None, &[]), Err(SigningError::WhichSigner(_))));
        // Who is named is asked for that key.
        let named = document.signer(Some(&"a".parse().unwrap()), Some(&second.public_key()), &[]);
        assert!(matches!(named, Err(SigningError::WrongKey { .. })));
    }

    #[test]
    fn nobody_is_asked_to_sign_with_the_key_of_another() {
        let (key, other) = (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]));
        let text = draft(&key);
        let mut document = Document::read(text.as_bytes()).unwrap();
        let asked = document.sign_with(None, Some(&other.public_key()), &[], |_, _| -> Result<_, SigningError> { panic!("asked") });
        assert!(matches!(asked, Err(SigningError::WrongKey { .. })), "{asked:?}");
    }
}
