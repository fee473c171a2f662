//! What must hold, and what may be done.

use super::Draft;
use super::entries;
use super::fault::DraftError;
use crate::change::ActionList;
use crate::kind::DocumentKind;
use crate::model::{ListKind, reading};
use crate::refusal::{Refusal, refuse_secrets};
use crate::schema::Faults;
use genome_json::{self as json, Value};

impl<'a> Draft<'a> {
    /// Adds an invariant at the end, from a JSON object as it stands in a genome.
    ///
    /// # Errors
    /// [`DraftError::Refused`], or [`DraftError::Taken`].
    pub fn add_invariant(&mut self, bytes: &'a [u8]) -> Result<(), DraftError> {
        let value = read(bytes, DocumentKind::Invariant, reading::check_invariant)?;
        let name = entries::text(&value, ListKind::Invariant.key()).unwrap_or_default().to_owned();
        self.invariants.add(&name, value)
    }

    /// Removes the invariant of this id.
    ///
    /// # Errors
    /// [`DraftError::Unknown`].
    pub fn remove_invariant(&mut self, id: &str) -> Result<(), DraftError> {
        self.invariants.remove(id)
    }

    /// Adds a capability at the end, from a JSON object as it stands in a genome.
    ///
    /// # Errors
    /// [`DraftError::Refused`], or [`DraftError::Taken`].
    pub fn add_capability(&mut self, bytes: &'a [u8]) -> Result<(), DraftError> {
        let value = read(bytes, DocumentKind::Capability, reading::check_capability)?;
        let name = entries::text(&value, ListKind::Capability.key()).unwrap_or_default().to_owned();
        self.capabilities.add(&name, value)
    }

    /// Removes the capability of this id.
    ///
    /// # Errors
    /// [`DraftError::Unknown`].
    pub fn remove_capability(&mut self, cap_id: &str) -> Result<(), DraftError> {
        self.capabilities.remove(cap_id)
    }

    /// Lets a capability allow an action. Another may still deny it.
    ///
    /// # Errors
    /// [`DraftError::Unknown`], or [`DraftError::ActionTaken`] where it allows or denies the action already.
    pub fn allow(&mut self, cap_id: &str, action: &str) -> Result<(), DraftError> {
        self.list_action(cap_id, action, ActionList::Allow)
    }

    /// Lets a capability deny an action, whoever else allows it.
    ///
    /// # Errors
    /// [`DraftError::Unknown`], or [`DraftError::ActionTaken`] where it allows or denies the action already.
    pub fn deny(&mut self, cap_id: &str, action: &str) -> Result<(), DraftError> {
        self.list_action(cap_id, action, ActionList::Deny)
    }

    fn list_action(&mut self, cap_id: &str, action: &str, list: ActionList) -> Result<(), DraftError> {
        let capability = self.capabilities.find(cap_id)?;
        for taken in [ActionList::Allow, ActionList::Deny] {
            if entries::list(capability, taken.field()).is_some_and(|actions| actions.iter().any(is(action))) {
                return Err(DraftError::ActionTaken { cap_id: cap_id.to_owned(), list: taken, action: action.to_owned() });
            }
        }
        if let Some(actions) = entries::list(capability, list.field()) {
            actions.push(Value::string(action.to_owned()));
        }
        Ok(())
    }

    /// Lets a capability neither allow nor deny an action.
    ///
    /// # Errors
    /// [`DraftError::Unknown`] or [`DraftError::UnknownAction`].
    pub fn remove_action(&mut self, cap_id: &str, action: &str) -> Result<(), DraftError> {
        let capability = self.capabilities.find(cap_id)?;
        let (mut found, mut known) = (false, Vec::new());
        for list in [ActionList::Allow, ActionList::Deny] {
            let Some(actions) = entries::list(capability, list.field()) else { continue };
            let before = actions.len();
            actions.retain(|item| !is(action)(item));
            found |= actions.len() < before;
            known.extend(actions.iter().filter_map(Value::as_str).map(ToOwned::to_owned));
        }
        let unknown = || DraftError::UnknownAction { cap_id: cap_id.to_owned(), action: action.to_owned(), known };
        if found { Ok(()) } else { Err(unknown()) }
    }
}

fn is(text: &str) -> impl Fn(&Value<'_>) -> bool {
    move |item| item.as_str() == Some(text)
}

/// Reads a JSON value that the schema accepts and in which no private key stands.
fn read(bytes: &[u8], kind: DocumentKind, check: impl FnOnce(&Value<'_>) -> Result<(), Faults>) -> Result<Value<'_>, Refusal> {
    let value = json::parse(bytes).map_err(|error| Refusal::of_text(kind, bytes, error))?;
    check(&value).map_err(|faults| Refusal::of_faults(kind, &value, faults))?;
    refuse_secrets(&value)?;
    Ok(value)
}
