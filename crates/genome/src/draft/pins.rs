//! Which definitions of tools are good.

use super::Draft;
use super::entries::text;
use super::fault::DraftError;
use crate::definition::{Definitions, digest_of_instructions};
use crate::digest::Digest;
use crate::model::ListKind;
use crate::model::pin::{WITH_PINS, WITHOUT_PINS, is_instructions, server_of};
use crate::model::reading::TOOLS;
use genome_json::{Member, Value};
use std::collections::{BTreeSet, HashSet};

/// What [`Draft::pin_all`] did not pin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unpinned {
    /// The actions of tools that are defined and not allowed, in order.
    pub not_allowed: Vec<String>,
    /// The actions of the server that are allowed and have no definition, in order: beside the pins of others they are good for nothing.
    pub not_defined: Vec<String>,
}

impl Draft<'_> {
    /// Adds the digest of a definition that is good for an action, beside others that are; or of the instructions of a server, where the action is
    /// `NAME:instructions`. A genome that pins something is written as `genome.v0.2`.
    ///
    /// # Errors
    /// [`DraftError::PinTaken`].
    pub fn pin(&mut self, action: &str, sha256: Digest) -> Result<(), DraftError> {
        let digest = sha256.to_string();
        if self.digests_of(action).any(|pinned| pinned == digest) {
            return Err(DraftError::PinTaken { action: action.to_owned(), sha256 });
        }
        self.pins.push(pin(action.to_owned(), sha256));
        Ok(())
    }

    /// Removes a pin of an action; all of them where no digest is given. A genome that pins nothing is written as `genome.v0.1`.
    ///
    /// # Errors
    /// [`DraftError::Unknown`] where the action is not pinned, [`DraftError::UnknownPin`] where it is pinned to other digests.
    pub fn unpin(&mut self, action: &str, sha256: Option<Digest>) -> Result<(), DraftError> {
        let known: Vec<String> = self.digests_of(action).map(ToOwned::to_owned).collect();
        if known.is_empty() {
            return self.pins.remove(action);
        }
        let digest = sha256.map(|digest| digest.to_string());
        let is_meant = |pinned: &str| digest.as_ref().is_none_or(|digest| digest == pinned);
        if let Some(sha256) = sha256.filter(|_| !known.iter().any(|pinned| is_meant(pinned))) {
            return Err(DraftError::UnknownPin { action: action.to_owned(), sha256, known });
        }
        self.pins.retain(|pin| text(pin, "action") != Some(action) || !text(pin, "sha256").is_some_and(is_meant));
        Ok(())
    }

    /// Pins all that these definitions hold of the actions that the draft allows, and the instructions, in the place of all that is pinned of their server.
    /// Call it after all that changes what is allowed.
    ///
    /// # Errors
    /// [`DraftError::NothingAllowed`]: the draft allows no tool of the server that is defined. Nothing is changed then.
    pub fn pin_all(&mut self, definitions: &Definitions) -> Result<Unpinned, DraftError> {
        let server = definitions.server().as_str();
        let allowed = self.allowed_of(server);
        let action = |name: &str| format!("{server}/{name}");
        let (good, others): (Vec<_>, Vec<_>) =
            definitions.tools().iter().map(|tool| (action(tool.name()), tool)).partition(|(action, _)| allowed.contains(action));
        if good.is_empty() {
            return Err(DraftError::NothingAllowed { server: server.to_owned() });
        }
        let defined: HashSet<&str> = good.iter().map(|(action, _)| action.as_str()).collect();
        let not_defined = allowed.iter().filter(|action| !defined.contains(action.as_str())).cloned().collect();
        let not_allowed: BTreeSet<String> = others.into_iter().map(|(action, _)| action).collect();
        self.pins.retain(|pin| text(pin, "action").and_then(server_of) != Some(server));
        let instructions = definitions.instructions().map(|text| (format!("{server}:instructions"), digest_of_instructions(text)));
        for (action, digest) in good.into_iter().map(|(action, tool)| (action, tool.digest())).chain(instructions) {
            self.pin(&action, digest)?;
        }
        Ok(Unpinned { not_allowed: not_allowed.into_iter().collect(), not_defined })
    }

    /// The actions of the tools of a server that the draft allows.
    fn allowed_of(&self, server: &str) -> BTreeSet<String> {
        let of = |field| self.capabilities.texts_in(field).filter(|action| is_tool_of(server, action)).map(ToOwned::to_owned);
        let denied: HashSet<String> = of("deny_actions").collect();
        of("allow_actions").filter(|action| !denied.contains(action)).collect()
    }

    fn digests_of(&self, action: &str) -> impl Iterator<Item = &str> {
        let pins = self.pins.texts(ListKind::Pin.key()).zip(self.pins.texts("sha256"));
        pins.filter(move |(pinned, _)| *pinned == action).map(|(_, digest)| digest)
    }
}

fn is_tool_of(server: &str, action: &str) -> bool {
    !is_instructions(action) && action.strip_prefix(server).is_some_and(|rest| rest.starts_with('/'))
}

/// A pin, as it is written.
pub(super) fn pin(action: String, sha256: Digest) -> Value<'static> {
    Value::object([("action", Value::string(action)), ("sha256", Value::string(sha256.to_string()))])
}

/// The version of the schema of a document with these pins.
pub(super) fn schema_version(pins: &[Value<'_>]) -> &'static str {
    if pins.is_empty() { WITHOUT_PINS } else { WITH_PINS }
}

/// Puts the pins back into a document, or takes their member out of it, and says which version of the schema it is then.
pub(super) fn put_back<'a>(pins: Vec<Value<'a>>, members: &mut Vec<Member<'a>>) -> &'static str {
    let schema_version = schema_version(&pins);
    if pins.is_empty() {
        members.retain(|member| &*member.name != TOOLS);
        return schema_version;
    }
    let value = Value::Array(pins);
    if let Some(member) = members.iter_mut().find(|member| &*member.name == TOOLS) {
        member.value = value;
    } else {
        // They stand behind what allows them, as in the schema.
        let at = members.iter().position(|member| &*member.name == "capabilities").map_or(members.len(), |at| at + 1);
        members.insert(at, Member { name: TOOLS.into(), value });
    }
    schema_version
}
