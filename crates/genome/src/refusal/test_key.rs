//! A signer whose private key is published.

use crate::model::{GenomeName, Signer};
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
    /// Where the genome names it, as a JSON Pointer (RFC 6901); the empty one where another document does.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match &self.place {
            TestKeyPlace::Authority(pointer) => pointer,
            TestKeyPlace::Policy | TestKeyPlace::Ancestor(_) => "",
        }
    }
}
