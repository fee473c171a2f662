//! Who made which signature; the one place where signatures are counted.

use crate::key::{KeyId, PublicKey, RevokedKeys};
use crate::model::{Authority, Signer};
use crate::refusal::Refusal;
use crate::signature::{BadSignature, Signature};
use crate::tally::Tally;
use std::collections::{HashMap, HashSet};

/// The signatures over a message, and who made each, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Attribution {
    /// The keys that made the signatures that verify, and the key ids under which they did.
    keys: HashSet<PublicKey>,
    key_ids: HashSet<KeyId>,
    open: Vec<Open>,
}

/// A signature that no key has been found for.
#[derive(Debug, Clone)]
struct Open {
    signature: Signature,
    /// The signers of that key id who did not make it.
    others: Vec<BadSignature>,
}

impl Attribution {
    /// The most keys with which a signature is tried. The policy and each parent may name different keys under one key id; each takes a
    /// pass over the document, and a genome may have very many parents.
    const MOST_KEYS: usize = 4;

    /// How often keys without key ids are tried, at least that many of them with each signature.
    const MOST_TRIES: usize = 64;

    /// Starts with these signatures, none of which is attributed yet.
    pub(crate) fn of(signatures: &[Signature]) -> Self {
        let open = signatures.iter().map(|signature| Open { signature: signature.clone(), others: Vec::new() });
        Self { keys: HashSet::new(), key_ids: HashSet::new(), open: open.collect() }
    }

    /// Adds what is known of another copy of the same genome.
    pub(crate) fn join(&mut self, copy: Self) {
        self.keys.extend(copy.keys);
        self.key_ids.extend(copy.key_ids);
        let known: HashSet<_> = self.open.iter().map(|open| (open.signature.key_id.clone(), open.signature.bytes)).collect();
        self.open
            .extend(copy.open.into_iter().filter(|open| !known.contains(&(open.signature.key_id.clone(), open.signature.bytes))));
    }

    /// Tries the signatures that are still open with the keys that these signers have under their key ids.
    pub(crate) fn attribute(&mut self, signers: &[Signer], message: &[u8]) {
        Self::attribute_each([self], signers, message);
    }

    /// Tries the open signatures of several copies of one genome. The signers are looked through once, however many copies there are.
    pub(crate) fn attribute_each<'a>(copies: impl IntoIterator<Item = &'a mut Self>, signers: &[Signer], message: &[u8]) {
        let mut copies = copies.into_iter().filter(|copy| !copy.open.is_empty()).peekable();
        if copies.peek().is_some() {
            let named: HashMap<&KeyId, &Signer> = signers.iter().map(|signer| (&signer.key_id, signer)).collect();
            copies.for_each(|copy| copy.attribute_named(&named, message));
        }
    }

    fn attribute_named(&mut self, named: &HashMap<&KeyId, &Signer>, message: &[u8]) {
        let Self { keys, key_ids, open } = self;
        open.retain_mut(|Open { signature, others }| {
            let Some(&signer) = named.get(&signature.key_id) else { return true };
            let tried = others.iter().any(|other| other.signer.public_key == signer.public_key);
            if tried || others.len() == Self::MOST_KEYS {
                return true;
            }
            match signer.public_key.verify(message, &signature.bytes) {
                Ok(()) => {
                    keys.insert(signer.public_key.clone());
                    key_ids.insert(signer.key_id.clone());
                    false
                }
                Err(fault) => {
                    others.push(BadSignature { signature: signature.clone(), signer: signer.clone(), fault });
                    true
                }
            }
        });
    }

    /// Tries the signatures that are still open with keys that have no key ids of their own. One that verifies with none stays open.
    pub(crate) fn attribute_under_any_id(&mut self, signers: &[Signer], message: &[u8]) {
        let Self { keys, key_ids, open } = self;
        // Each takes a pass over the document, for each signature.
        let most = Self::MOST_KEYS.max(Self::MOST_TRIES / open.len().max(1));
        let untried: Vec<&PublicKey> =
            signers.iter().map(|signer| &signer.public_key).filter(|key| !keys.contains(key)).take(most).collect();
        open.retain(|Open { signature, .. }| {
            let named = signers.iter().filter(|signer| signer.key_id == signature.key_id).map(|signer| &signer.public_key);
            let mut tried = named.chain(untried.iter().copied());
            let Some(key) = tried.find(|key| key.verify(message, &signature.bytes).is_ok()) else { return true };
            keys.insert(key.clone());
            key_ids.insert(signature.key_id.clone());
            false
        });
    }

    /// Whether this key has signed.
    pub(crate) fn includes(&self, key: &PublicKey) -> bool {
        self.keys.contains(key)
    }

    /// Ends the search for keys.
    pub(crate) fn settle(&self) -> Result<(), Refusal> {
        match self.bad() {
            bad if bad.is_empty() => Ok(()),
            bad => Err(Refusal::InvalidSignature(bad)),
        }
    }

    /// The signatures that name a known key and do not verify with it. One is enough to refuse a genome, whatever the others say; but
    /// a copy with a wrong one does not spoil another with the right one.
    pub(crate) fn bad(&self) -> Vec<BadSignature> {
        let bad = self.open.iter().filter(|open| !self.key_ids.contains(&open.signature.key_id));
        bad.filter_map(|open| open.others.first()).cloned().collect()
    }

    /// The signatures by unknown keys. They count for nothing.
    pub(crate) fn unknown(&self) -> Vec<Signature> {
        self.open.iter().filter(|open| open.others.is_empty()).map(|open| open.signature.clone()).collect()
    }

    /// Whether no key has been found for this signature.
    pub(crate) fn is_open(&self, signature: &Signature) -> bool {
        self.open.iter().any(|open| open.signature == *signature)
    }

    /// Counts an authority's signatures, those of revoked keys apart. This is the only count there is.
    pub(crate) fn tally(&self, authority: &Authority, revoked_keys: Option<&RevokedKeys>) -> Tally {
        let mut tally = Tally { threshold: authority.threshold, signed: Vec::new(), unsigned: Vec::new(), revoked: Vec::new() };
        for signer in &authority.signers {
            let revoked = revoked_keys.is_some_and(|keys| keys.includes(&signer.public_key));
            let list = match (self.keys.contains(&signer.public_key), revoked) {
                (true, false) => &mut tally.signed,
                (false, false) => &mut tally.unsigned,
                (true, true) => &mut tally.revoked,
                (false, true) => continue,
            };
            list.push(signer.clone());
        }
        tally
    }
}
