//! Lists whose items have names of their own, and the members of objects.

use super::fault::DraftError;
use crate::model::ListKind;
use genome_json::{Member, Value};
use std::collections::HashMap;

/// A list of a document that is being changed.
#[derive(Debug, Clone)]
pub(super) struct Entries<'a> {
    entry: ListKind,
    items: Vec<Value<'a>>,
}

impl<'a> Entries<'a> {
    /// Takes the list out of a document that follows the schema.
    pub(super) fn take(members: &mut [Member<'a>], entry: ListKind) -> Self {
        let items = match at_path(members, entry.path()) {
            Some(Value::Array(items)) => std::mem::take(items),
            _ => Vec::new(),
        };
        Self { entry, items }
    }

    /// Puts it back.
    pub(super) fn put_back(self, members: &mut [Member<'a>]) {
        put(members, self.entry.path(), Value::Array(self.items));
    }

    /// Its items, in their order.
    pub(super) fn into_items(self) -> Vec<Value<'a>> {
        self.items
    }

    pub(super) fn retain(&mut self, stays: impl FnMut(&Value<'a>) -> bool) {
        self.items.retain(stays);
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
    }

    /// The values of a field of each.
    pub(super) fn texts(&self, field: &str) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(move |item| text(item, field))
    }

    /// The texts in a list of each.
    pub(super) fn texts_in(&self, field: &str) -> impl Iterator<Item = &str> {
        let lists = self.items.iter().filter_map(move |item| item.member(field));
        lists.flat_map(|list| if let Value::Array(texts) = list { texts.as_slice() } else { &[] }).filter_map(Value::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.texts(self.entry.key()).any(|known| known == name)
    }

    /// Where each of them is.
    pub(super) fn places(&self) -> HashMap<String, usize> {
        self.texts(self.entry.key()).map(ToOwned::to_owned).zip(0..).collect()
    }

    /// Replaces the value of a field of one.
    pub(super) fn set(&mut self, at: usize, field: &str, value: Value<'a>) {
        if let Some(Value::Object(members)) = self.items.get_mut(at) {
            put(members, &[field], value);
        }
    }

    /// Adds one at the end.
    pub(super) fn add(&mut self, name: &str, item: Value<'a>) -> Result<(), DraftError> {
        if self.has(name) {
            return Err(DraftError::Taken { entry: self.entry, name: name.to_owned() });
        }
        self.push(item);
        Ok(())
    }

    pub(super) fn push(&mut self, item: Value<'a>) {
        self.items.push(item);
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<(), DraftError> {
        let at = self.place(name)?;
        self.items.remove(at);
        Ok(())
    }

    /// The one of this name.
    pub(super) fn find(&mut self, name: &str) -> Result<&mut Value<'a>, DraftError> {
        let at = self.place(name)?;
        let unknown = DraftError::Unknown { entry: self.entry, name: name.to_owned(), known: Vec::new() };
        self.items.get_mut(at).ok_or(unknown)
    }

    fn place(&self, name: &str) -> Result<usize, DraftError> {
        let key = self.entry.key();
        self.items.iter().position(|item| text(item, key) == Some(name)).ok_or_else(|| DraftError::Unknown {
            entry: self.entry,
            name: name.to_owned(),
            known: self.texts(key).map(ToOwned::to_owned).collect(),
        })
    }
}

/// The text of a field.
pub(super) fn text<'v>(item: &'v Value<'_>, field: &str) -> Option<&'v str> {
    let Value::Object(members) = item else { return None };
    members.iter().find(|member| &*member.name == field)?.value.as_str()
}

/// The list of a field.
pub(super) fn list<'v, 'a>(item: &'v mut Value<'a>, field: &str) -> Option<&'v mut Vec<Value<'a>>> {
    let Value::Object(members) = item else { return None };
    match at_path(members, &[field]) {
        Some(Value::Array(items)) => Some(items),
        _ => None,
    }
}

/// Replaces the value at a path. Where the document has no such place, the schema refuses the result.
pub(super) fn put<'a>(members: &mut [Member<'a>], path: &[&str], value: Value<'a>) {
    if let Some(place) = at_path(members, path) {
        *place = value;
    }
}

fn at_path<'v, 'a>(members: &'v mut [Member<'a>], path: &[&str]) -> Option<&'v mut Value<'a>> {
    let (name, rest) = path.split_first()?;
    let value = &mut members.iter_mut().find(|member| &*member.name == *name)?.value;
    match value {
        value if rest.is_empty() => Some(value),
        Value::Object(members) => at_path(members, rest),
        _ => None,
    }
}
