//! Joining the signatures of copies of one genome.

use crate::document::{DivergingFields, Document};
use crate::hint::Hint;
use crate::key::KeyId;
use crate::refusal::Refusal;
use crate::signature::Signature;
use std::collections::{BTreeMap, HashSet};
use thiserror::Error;

/// Why the signatures of a copy are not joined to those of another.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MergeError {
    /// They are not copies of one genome.
    #[error("it is another genome: they differ at {0}")]
    AnotherGenome(DivergingFields),
    /// Two different signatures name one key. The authority does not know that key, so nothing says which of them is right.
    #[error("it holds another signature by `{0}`, whom the authority does not name")]
    Contradiction(KeyId),
    /// A signature of the copy is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl MergeError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::AnotherGenome(_) => "decide which contents are right, and let all sign those".into(),
            Self::Contradiction(_) => {
                "ask whose key it is which of the two signatures is right, and take the other one out of its copy".into()
            }
            Self::Refused(refusal) => refusal.hint(),
        }
    }
}

/// A signature by its content: the key id that it names, and its bytes.
type Identity<'s> = (&'s KeyId, &'s [u8; 64]);

fn identities<'s>(document: &'s Document<'_>) -> HashSet<Identity<'s>> {
    document.signatures.iter().map(identity).collect()
}

fn identity(signature: &Signature) -> Identity<'_> {
    (&signature.key_id, &signature.bytes)
}

impl Document<'_> {
    /// Joins the signatures of another copy of the same genome to those of this one, whose own are taken as they are. The result is
    /// the same whatever the order in which copies are joined.
    ///
    /// Where a common ancestor of both copies is given and is the same genome too, a signature that it holds and one of the copies
    /// does not was removed on purpose, and stays removed. The ancestor is used for nothing else.
    ///
    /// # Errors
    /// The copy is another genome, or holds a signature that does not verify or contradicts one that is here. See [`MergeError`].
    /// Nothing is changed then.
    pub fn join(&mut self, copy: &Document<'_>, ancestor: Option<&Document<'_>>) -> Result<(), MergeError> {
        if copy.id != self.id {
            return Err(MergeError::AnotherGenome(self.divergence(copy)));
        }
        copy.tally()?;
        let before = ancestor.filter(|ancestor| ancestor.id == self.id).map(identities).unwrap_or_default();
        let (ours, theirs) = (identities(self), identities(copy));
        let stays = |signature: &&Signature| {
            let identity = identity(signature);
            !before.contains(&identity) || (ours.contains(&identity) && theirs.contains(&identity))
        };
        let known: HashSet<&KeyId> = self.genome.authority.signers.iter().map(|signer| &signer.key_id).collect();
        let mut joined: BTreeMap<&KeyId, &Signature> = BTreeMap::new();
        for signature in self.signatures.iter().chain(&copy.signatures).filter(stays) {
            let kept = joined.entry(&signature.key_id).or_insert(signature);
            if kept.bytes != signature.bytes {
                if !known.contains(&signature.key_id) {
                    return Err(MergeError::Contradiction(signature.key_id.clone()));
                }
                // RFC 8032 makes one signature over one message, but a signer with a random source makes a new one each time. Both
                // verify; one is kept, the same in whichever order they come.
                *kept = std::cmp::min_by_key(*kept, signature, |signature| signature.bytes);
            }
        }
        self.signatures = joined.into_values().cloned().collect();
        Ok(())
    }

    /// Whether another document carries the same signatures, in whatever order.
    #[must_use]
    pub fn has_signatures_of(&self, other: &Document<'_>) -> bool {
        identities(self) == identities(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;
    use base64ct::{Base64, Encoding as _};

    /// A second signature by `a` over the draft, from another nonce than that of RFC 8032 section 5.1.6. It verifies.
    const ANOTHER: &str = "d2ejJC3JtYu8aEiMEmXMbMXybG88iKXVXpAbBzTcpXJneftDO6qD8frZEgUu11s3YEiGVwqOwILwQ0zfvcmYAA==";

    fn key(name: char) -> PrivateKey {
        PrivateKey::from_seed(&[name as u8; 32])
    }

    /// A genome that `a`, `b` and `c` may sign, with these signatures.
    fn copy(signatures: &[(char, String)]) -> String {
        let signer = |name| format!(r#"{{"key_id": "{name}", "alg": "ed25519", "public_key": "{}"}}"#, key(name).public_key());
        let signature =
            |(name, bytes): &(char, String)| format!(r#"{{"alg": "ed25519", "signer_key_id": "{name}", "sig_base64": "{bytes}"}}"#);
        format!(
            r#"{{"schema_version": "genome.v0.1", "name": "EXAMPLE", "version": "1.0.0", "parents": [],
                "created_at": "2026-01-31T00:00:00Z", "authority": {{"signers": [{}], "threshold": 2}},
                "invariants": [], "capabilities": [], "build_manifest": {{"files": []}}, "signatures": [{}]}}"#,
            ['a', 'b', 'c'].map(signer).join(","),
            signatures.iter().map(signature).collect::<Vec<String>>().join(",")
        )
    }

    /// A signature by each of these.
    fn by(names: &str) -> String {
        let draft = copy(&[]);
        let canonical = Document::read(draft.as_bytes()).unwrap().canonical;
        let sign = |name| (name, Base64::encode_string(&key(name).sign(canonical.as_bytes()).unwrap()));
        copy(&names.chars().map(sign).collect::<Vec<(char, String)>>())
    }

    fn read(text: &str) -> Document<'_> {
        Document::read(text.as_bytes()).unwrap()
    }

    /// The signatures of a document: who, and the start of the base64.
    fn shown(document: &Document<'_>) -> String {
        let signatures = document.signatures.iter();
        signatures.fold(String::new(), |text, signature| {
            format!("{text}{}={:.4} ", signature.key_id, Base64::encode_string(&signature.bytes))
        })
    }

    /// What comes of these copies, whichever way they are joined.
    fn joined(copies: &[&str]) -> String {
        let in_order = |order: &mut dyn Iterator<Item = &&str>| {
            let mut document = read(order.next().unwrap());
            order.for_each(|copy| document.join(&read(copy), None).unwrap());
            assert!(read(&document.to_json()).has_signatures_of(&document));
            shown(&document)
        };
        let joined = in_order(&mut copies.iter());
        assert_eq!(in_order(&mut copies.iter().rev()), joined);
        assert_eq!(in_order(&mut copies.iter().cycle().skip(1).take(2 * copies.len())), joined);
        joined
    }

    #[test]
    fn joining_means_the_same_in_any_order() {
        assert_eq!(joined(&[&by("a"), &by("c"), &by("b")]), shown(&read(&by("abc"))));
        assert_eq!(joined(&[&by(""), &by("b"), &by("")]), shown(&read(&by("b"))));
        assert_eq!(joined(&[&by(""), &by("")]), "");
        assert_eq!(joined(&[&by("ab"), &by("bc"), &by("bc")]), shown(&read(&by("abc"))));
    }

    #[test]
    fn of_two_good_signatures_by_one_key_one_is_kept() {
        let another = copy(&[('a', ANOTHER.to_owned())]);
        assert_eq!(read(&another).tally().unwrap().signed.len(), 1);
        assert_ne!(shown(&read(&another)), shown(&read(&by("a"))));
        assert_eq!(joined(&[&another, &by("a")]), shown(&read(&by("a"))));
        assert_eq!(joined(&[&another, &by("b"), &by("a")]), shown(&read(&by("ab"))));
    }

    #[test]
    fn what_nobody_can_judge_is_kept_or_refused_as_a_whole() {
        let [x, y] = [1, 2].map(|byte| Base64::encode_string(&[byte; 64]));
        let (with_x, with_y) = (copy(&[('x', x.clone())]), copy(&[('x', y)]));
        assert_eq!(joined(&[&with_x, &by("b")]), format!("{}x={x:.4} ", shown(&read(&by("b")))));
        assert_eq!(joined(&[&copy(&[('z', x.clone())]), &with_x]), format!("x={x:.4} z={x:.4} "));
        let mut document = read(&with_x);
        let mut theirs = read(&with_y);
        theirs.join(&read(&by("a")), None).unwrap();
        assert_eq!(document.join(&theirs, None), Err(MergeError::Contradiction("x".parse().unwrap())));
        assert_eq!(shown(&document), format!("x={x:.4} "), "nothing is changed");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        let ours = by("a");
        let mut document = read(&ours);
        // The signature of `a` under the name of `b`.
        let forged = by("a").replace(r#""signer_key_id": "a""#, r#""signer_key_id": "b""#);
        assert!(matches!(document.join(&read(&forged), None), Err(MergeError::Refused(Refusal::InvalidSignature(_)))));
        let other = by("b").replace("1.0.0", "1.0.1");
        let error = document.join(&read(&other), None).unwrap_err();
        assert_eq!(error.to_string(), "it is another genome: they differ at /version");
        assert_eq!(shown(&document), shown(&read(&ours)), "nothing is changed");
    }

    #[test]
    fn what_was_taken_away_stays_away() {
        let joined = |ancestor: &str, ours: &str, theirs: &str| {
            let mut document = read(ours);
            document.join(&read(theirs), Some(&read(ancestor))).unwrap();
            shown(&document)
        };
        for (ancestor, ours, theirs, expected) in [
            ("", "a", "b", "ab"),
            ("a", "ab", "ac", "abc"),
            ("ab", "a", "ab", "a"),
            ("ab", "ab", "b", "b"),
            ("ab", "bc", "a", "c"),
            ("abc", "", "abc", ""),
            ("abc", "abc", "abc", "abc"),
        ] {
            assert_eq!(joined(&by(ancestor), &by(ours), &by(theirs)), shown(&read(&by(expected))), "{ancestor} {ours} {theirs}");
        }
        // Another genome says nothing about this one.
        let another = by("ab").replace("1.0.0", "1.0.1");
        assert_eq!(joined(&another, &by("a"), &by("b")), shown(&read(&by("ab"))));
        // A signature that one side has made anew takes the place of the old one, also where nobody can judge which is right.
        let [x, y] = [1, 2].map(|byte| copy(&[('x', Base64::encode_string(&[byte; 64]))]));
        assert_eq!(joined(&x, &y, &x), shown(&read(&y)));
        assert_eq!(joined(&x, &x, &y), shown(&read(&y)));
        let another = copy(&[('a', ANOTHER.to_owned())]);
        assert_eq!(joined(&by("a"), &another, &by("a")), shown(&read(&another)));
    }
}
