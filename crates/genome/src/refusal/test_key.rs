//! A signer whose private key is published.

use crate::digest::GenomeId;
use crate::model::{Genome, GenomeName, Signer};
use std::fmt;

/// A signer whose private key is published: anybody can sign in its name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestKey {
    /// Who names it.
    pub place: TestKeyPlace,
    /// The signer.
    pub signer: Signer,
}

/// Who names a published test key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestKeyPlace {
    /// The genome's authority, at this JSON Pointer.
    Authority(String),
    /// The trust policy.
    Policy,
    /// An ancestor's authority.
    Ancestor(GenomeName),
}

impl fmt::Display for TestKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.place {
            TestKeyPlace::Authority(_) => String::new(),
            TestKeyPlace::Policy => " of the trust policy".to_owned(),
            TestKeyPlace::Ancestor(ancestor) => format!(" of the ancestor {ancestor}"),
        };
        let Signer { key_id, public_key } = &self.signer;
        write!(
            formatter,
            "the signer `{key_id}` ({}){place} is a published test key: anybody can sign with it",
            public_key.fingerprint()
        )
    }
}

impl TestKey {
    /// Those among the signers of a genome.
    pub fn of_genome(genome: &Genome) -> impl Iterator<Item = Self> {
        let place = |index| TestKeyPlace::Authority(format!("/authority/signers/{index}"));
        Self::among(&genome.authority.signers, place)
    }

    /// The signer, if it is one, of a genome that is being made or signed: no pointer says where.
    #[must_use]
    pub fn of_signer(signer: &Signer) -> Option<Self> {
        Self::among(std::slice::from_ref(signer), |_| TestKeyPlace::Authority(String::new())).next()
    }

    /// Those among the signers of an ancestor of this id.
    pub fn of_ancestor(genome: &Genome, id: GenomeId) -> impl Iterator<Item = Self> {
        Self::among(&genome.authority.signers, move |_| TestKeyPlace::Ancestor(GenomeName::of(genome, id)))
    }

    /// Those among the signers of a trust policy.
    pub fn of_policy(signers: &[Signer]) -> impl Iterator<Item = Self> {
        Self::among(signers, |_| TestKeyPlace::Policy)
    }

    fn among(signers: &[Signer], place: impl Fn(usize) -> TestKeyPlace) -> impl Iterator<Item = Self> {
        let published = signers.iter().enumerate().filter(|(_, signer)| signer.public_key.is_published_test_key());
        published.map(move |(index, signer)| Self { place: place(index), signer: signer.clone() })
    }

    /// Where the genome names it, as a JSON Pointer (RFC 6901); the empty one where another document does.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match &self.place {
            TestKeyPlace::Authority(pointer) => pointer,
            TestKeyPlace::Policy | TestKeyPlace::Ancestor(_) => "",
        }
    }
}
