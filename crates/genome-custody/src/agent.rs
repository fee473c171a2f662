//! A private key in an `ssh-agent`.

mod fault;
mod protocol;

use crate::{CustodyError, SigningKey};
pub use fault::{AgentFault, Held};
use genome::PublicKey;
use protocol::{Agent, Identity};
use std::time::Duration;

/// How a key of the agent is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AgentName {
    /// Not at all: it is the only one that will do.
    Only,
    /// By its fingerprint, as `ssh-add -l` prints it.
    Fingerprint(String),
    /// By its comment.
    Comment(String),
}

/// A key that an `ssh-agent` holds.
pub(crate) struct AgentKey {
    agent: Agent,
    blob: Vec<u8>,
    key: PublicKey,
}

impl AgentKey {
    /// Finds the key of this name; without a name, the only Ed25519 key of the agent among those that are wanted.
    pub(crate) fn find(name: &AgentName, wanted: Option<&[PublicKey]>, timeout: Duration) -> Result<Self, AgentFault> {
        let agent = Agent::from_environment(timeout)?;
        let identities = agent.identities()?;
        if identities.is_empty() {
            return Err(AgentFault::Empty);
        }
        let is_meant = |identity: &&Identity| match name {
            AgentName::Only => identity.key.as_ref().is_some_and(|key| wanted.is_none_or(|wanted| wanted.contains(key))),
            AgentName::Fingerprint(fingerprint) => identity.held.fingerprint == *fingerprint,
            AgentName::Comment(comment) => identity.held.comment == *comment,
        };
        let meant: Vec<&Identity> = identities.iter().filter(is_meant).collect();
        let held = |identities: &[&Identity]| identities.iter().map(|identity| identity.held.clone()).collect::<Vec<Held>>();
        // Of several keys of one name those of other kinds do not count.
        let fit: Vec<&Identity> = meant.iter().copied().filter(|identity| identity.key.is_some()).collect();
        match (fit.as_slice(), meant.as_slice()) {
            ([Identity { blob, key: Some(key), .. }], _) => Ok(Self { agent, blob: blob.clone(), key: key.clone() }),
            ([], []) => {
                let all: Vec<&Identity> = identities.iter().collect();
                Err(match (name, all.as_slice()) {
                    // Nothing else was there that could be meant.
                    (AgentName::Only, [only]) if only.is_on_security_key() => AgentFault::SecurityKey(only.held.clone()),
                    (AgentName::Only, all) => AgentFault::NoneFits(held(all)),
                    (_, all) => AgentFault::NoSuchKey(held(all)),
                })
            }
            ([], [other, ..]) if other.is_on_security_key() => Err(AgentFault::SecurityKey(other.held.clone())),
            ([], [other, ..]) => Err(AgentFault::OtherAlgorithm(other.held.clone())),
            (several, _) => Err(AgentFault::Several(held(several))),
        }
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl SigningKey for AgentKey {
    fn public_key(&self) -> Option<PublicKey> {
        Some(self.key.clone())
    }

    fn sign(&mut self, _: &PublicKey, message: &[u8]) -> Result<[u8; 64], CustodyError> {
        Ok(self.agent.sign(&self.blob, message)?)
    }
}
