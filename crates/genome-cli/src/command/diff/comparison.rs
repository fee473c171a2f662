//! The comparison of two genomes, which every report shows.

use super::texts::{DefinitionChange, Texts};
use crate::input::Input;
use crate::{Failure, Source};
use genome::change::{Change, Class};
use genome::lineage::Succession;
use genome::{Document, TrustPolicy};

/// Two genomes and the differences between them; or a root alone, all of which is new.
pub(crate) struct Comparison<'c> {
    pub(crate) old: Option<Side<'c>>,
    pub(crate) new: Side<'c>,
    /// The changes of meaning.
    pub(crate) changes: Vec<Change>,
    /// What differs in the definitions of tools that these changes pin or no longer pin, as far as their texts are at hand.
    pub(crate) definitions: Vec<DefinitionChange>,
    /// Whether the one follows from the other; `None` where both are the same genome, or there is only one.
    pub(crate) succession: Option<Succession>,
    /// The classes with which it fails, as named with `--fail-on`; every class does where there are none.
    pub(crate) failing: &'c [Class],
}

/// A genome, and the name of its file.
pub(crate) struct Side<'c> {
    pub(crate) source: &'c Source,
    pub(crate) document: Document<'c>,
}

/// With what genomes are compared.
pub(crate) struct Terms<'t> {
    pub(crate) policy: Option<&'t TrustPolicy>,
    pub(crate) failing: &'t [Class],
    pub(crate) texts: &'t Texts<'t>,
}

impl<'c> Comparison<'c> {
    /// Compares a genome with the one before; a root with nothing.
    pub(crate) fn of(old: Option<&'c Input>, new: &'c Input, terms: &Terms<'c>) -> Result<Self, Failure> {
        let inputs: Vec<&Input> = old.into_iter().chain([new]).collect();
        let old = old.map(Side::of).transpose()?;
        let new = Side::of(new)?;
        let (changes, succession) = match &old {
            Some(Side { document: from, .. }) => {
                let changes = Change::in_meaning_between(from.unverified(), new.document.unverified());
                let differ = from.id() != new.document.id();
                let succession = differ.then(|| Succession::of(from, &new.document, &changes, terms.policy));
                (changes, succession)
            }
            None => (Change::of_root(new.document.unverified()), None),
        };
        let definitions = terms.texts.compare(&inputs, &changes);
        Ok(Self { old, new, changes, definitions, succession, failing: terms.failing })
    }

    /// Compares a genome with each of those before; a root, before which there are none, with nothing.
    pub(crate) fn with_each(olds: &'c [Input], new: &'c Input, terms: &Terms<'c>) -> Result<Vec<Self>, Failure> {
        if olds.is_empty() {
            return Self::of(None, new, terms).map(|comparison| vec![comparison]);
        }
        olds.iter().map(|old| Self::of(Some(old), new, terms)).collect()
    }

    /// The definitions that a change is about.
    pub(crate) fn definitions_of<'s>(&'s self, change: &'s Change) -> impl Iterator<Item = &'s DefinitionChange> + Clone {
        let action = if let Change::Pins(pins) = change { Some(pins.action.as_str()) } else { None };
        self.definitions.iter().filter(move |definition| Some(definition.action.as_str()) == action)
    }

    /// Whether there is a change of a class with which it fails.
    pub(crate) fn fails(&self) -> bool {
        self.changes.iter().any(|change| fails(self.failing, change.class()))
    }
}

/// Whether a change of this class makes a comparison fail.
pub(crate) fn fails(failing: &[Class], class: Class) -> bool {
    failing.is_empty() || failing.contains(&class)
}

impl<'c> Side<'c> {
    fn of(input: &'c Input) -> Result<Self, Failure> {
        Ok(Self { source: &input.source, document: input.document()? })
    }
}
