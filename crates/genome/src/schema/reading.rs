//! A walk over a document that keeps every fault.

use super::fault::{Fault, Faults, Problem};
use super::place::Place;
use foldhash::fast::RandomState;
use genome_json::first_invisible;
use genome_json::text::{excerpt, step};
use genome_json::{Member, Value};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

/// The most items for which memory is reserved before they are read: the values may take much more room than their text.
const MOST_AT_ONCE: usize = 16 * 1024;

/// A walk over a document that keeps its faults. A method that returns `None` has kept at least one.
#[derive(Default)]
pub(crate) struct Reading {
    faults: Vec<Fault>,
    more: usize,
}

/// An object whose names have been looked at.
pub(crate) struct Fields<'p, 'v> {
    place: &'p Place<'p>,
    members: &'v [Member<'v>],
}

impl<'v> Fields<'_, 'v> {
    fn find(&self, name: &str) -> Option<&'v Value<'v>> {
        self.members.iter().find(|member| &*member.name == name).map(|member| &member.value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The items of the array under this name, if there is one.
    pub(crate) fn items(&self, name: &str) -> Option<&'v [Value<'v>]> {
        match self.find(name) {
            Some(Value::Array(items)) => Some(items),
            _ => None,
        }
    }
}

impl Reading {
    /// The most faults that are kept; others are only counted.
    pub(crate) const MOST: usize = 1000;

    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Faults> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Faults { first: self.faults, more: self.more }),
        }
    }

    /// Keeps a fault.
    pub(crate) fn refuse<T>(&mut self, place: &Place<'_>, problem: Problem) -> Option<T> {
        if self.faults.len() < Self::MOST {
            self.faults.push(Fault { pointer: place.to_string(), problem });
        } else {
            self.more += 1;
        }
        None
    }

    pub(crate) fn wrong_kind<T>(&mut self, place: &Place<'_>, expected: &'static str, found: &Value<'_>) -> Option<T> {
        self.refuse(place, Problem::WrongKind { expected, found: found.kind() })
    }

    /// An object with all of the required names and, of the others, none but the optional ones.
    pub(crate) fn object<'p, 'v>(
        &mut self,
        place: &'p Place<'p>,
        value: &'v Value<'v>,
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Option<Fields<'p, 'v>> {
        let Value::Object(members) = value else { return self.wrong_kind(place, "an object", value) };
        let fields = Fields { place, members };
        // Most objects hold what they must, in the order of the schema, and there may be very many of them.
        if members.iter().map(|member| &*member.name).eq(required.iter().copied()) {
            return Some(fields);
        }
        for Member { name, .. } in members {
            let known = || required.iter().chain(optional);
            if !known().any(|known| *known == &**name) {
                let problem = Problem::unknown_field(name, known().copied());
                self.refuse::<()>(&place.name(&step(name)), problem);
            }
        }
        self.require(&fields, required);
        Some(fields)
    }

    /// Keeps a fault for each of the names that is missing.
    pub(crate) fn require(&mut self, fields: &Fields<'_, '_>, names: &[&'static str]) {
        for name in names.iter().filter(|name| !fields.has(name)) {
            self.refuse::<()>(fields.place, Problem::MissingField(name));
        }
    }

    /// Reads the value under a name, if there is one.
    pub(crate) fn optional<'v, T: Default>(
        &mut self,
        fields: &Fields<'_, 'v>,
        name: &'static str,
        read: impl FnOnce(&mut Self, &Place<'_>, &'v Value<'v>) -> Option<T>,
    ) -> Option<T> {
        if fields.has(name) { self.field(fields, name, read) } else { Some(T::default()) }
    }

    /// Reads the value under a name. That a name is missing has been kept as a fault before.
    pub(crate) fn field<'v, T>(
        &mut self,
        fields: &Fields<'_, 'v>,
        name: &'static str,
        read: impl FnOnce(&mut Self, &Place<'_>, &'v Value<'v>) -> Option<T>,
    ) -> Option<T> {
        read(self, &fields.place.name(name), fields.find(name)?)
    }

    /// The field `schema_version`, which holds one of the versions that are read.
    pub(crate) fn schema_version(&mut self, fields: &Fields<'_, '_>, expected: &'static [&'static str]) -> Option<&'static str> {
        self.field(fields, "schema_version", |reading, place, value| {
            let found = reading.string(place, value)?;
            let known = expected.iter().copied().find(|version| *version == found);
            known.or_else(|| reading.refuse(place, Problem::SchemaVersion { found: excerpt(found), expected }))
        })
    }

    /// Reads each member of an object whose names are free, but [labels](Self::label).
    pub(crate) fn members<T>(
        &mut self,
        place: &Place<'_>,
        value: &Value<'_>,
        mut read: impl FnMut(&mut Self, &Place<'_>, &Value<'_>) -> Option<T>,
    ) -> Option<Vec<(String, T)>> {
        let Value::Object(members) = value else { return self.wrong_kind(place, "an object", value) };
        let mut list = Vec::with_capacity(members.len().min(MOST_AT_ONCE));
        for Member { name, value } in members {
            let shown = step(name);
            let place = place.name(&shown);
            let name = self.label_text(&place, name);
            let value = read(self, &place, value);
            list.extend(name.zip(value));
        }
        (list.len() == members.len()).then_some(list)
    }

    /// Reads each item of an array, even after one is refused.
    pub(crate) fn list<'v, T>(
        &mut self,
        place: &Place<'_>,
        value: &'v Value<'v>,
        mut read: impl FnMut(&mut Self, &Place<'_>, &'v Value<'v>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(items) = value else { return self.wrong_kind(place, "an array", value) };
        let mut list = Vec::with_capacity(items.len().min(MOST_AT_ONCE));
        for (index, item) in items.iter().enumerate() {
            list.extend(read(self, &place.index(index), item));
        }
        (list.len() == items.len()).then_some(list)
    }

    pub(crate) fn string<'v>(&mut self, place: &Place<'_>, value: &'v Value<'_>) -> Option<&'v str> {
        match value.as_str() {
            Some(text) => Some(text),
            None => self.wrong_kind(place, "a string", value),
        }
    }

    /// A string in which every character shows, possibly empty.
    pub(crate) fn text(&mut self, place: &Place<'_>, value: &Value<'_>) -> Option<String> {
        let text = self.string(place, value)?;
        match first_invisible(text) {
            Some(character) => self.refuse(place, Problem::Invisible(character)),
            None => Some(text.to_owned()),
        }
    }

    pub(crate) fn boolean(&mut self, place: &Place<'_>, value: &Value<'_>) -> Option<bool> {
        match value {
            Value::Bool(truth) => Some(*truth),
            _ => self.wrong_kind(place, "a boolean", value),
        }
    }

    /// A string of a type that says itself what it takes.
    pub(crate) fn parsed<T>(&mut self, place: &Place<'_>, value: &Value<'_>) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.string(place, value)?;
        text.parse().map_err(|error| Problem::malformed(text, &error)).map_or_else(|problem| self.refuse(place, problem), Some)
    }

    /// A string that shows as what it is: not empty, no white space at either end, no character that does not show.
    pub(crate) fn label(&mut self, place: &Place<'_>, value: &Value<'_>) -> Option<String> {
        let text = self.string(place, value)?;
        self.label_text(place, text)
    }

    fn label_text(&mut self, place: &Place<'_>, text: &str) -> Option<String> {
        let problem = if text.is_empty() {
            Problem::Empty
        } else if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            Problem::Padded
        } else if let Some(character) = first_invisible(text) {
            Problem::Invisible(character)
        } else {
            return Some(text.to_owned());
        };
        self.refuse(place, problem)
    }

    /// A string that is the name of one of these values.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        place: &Place<'_>,
        value: &Value<'_>,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.string(place, value)?;
        let found = all.iter().copied().find(|&one| name(one) == text);
        found.or_else(|| {
            let allowed = all.iter().map(|&one| name(one)).collect();
            self.refuse(place, Problem::not_one_of(text, allowed))
        })
    }

    /// A non-negative integer, written as one: `1.0` and `1e0` have the same canonical form, and another reader could take them for
    /// something else.
    pub(crate) fn integer<T: TryFrom<u64>>(&mut self, place: &Place<'_>, value: &Value<'_>) -> Option<T> {
        let Value::Number(number) = value else { return self.wrong_kind(place, "an integer", value) };
        match number.as_u64().and_then(|integer| T::try_from(integer).ok()) {
            Some(integer) => Some(integer),
            None => self.refuse(place, Problem::NotAnInteger(excerpt(number.literal()))),
        }
    }
}

/// The values that must differ between the items of an array, each with the index of the first item that had it.
pub(crate) struct Distinct<T> {
    what: &'static str,
    /// The hash has random keys, so that nobody can write a document whose values collide.
    seen: HashMap<T, usize, RandomState>,
}

impl<T: Eq + Hash> Distinct<T> {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, seen: HashMap::default() }
    }

    /// With room for the values of these items.
    pub(crate) fn among(what: &'static str, items: Option<&[Value<'_>]>) -> Self {
        let room = items.map_or(0, |items| items.len().min(MOST_AT_ONCE));
        Self { what, seen: HashMap::with_capacity_and_hasher(room, RandomState::default()) }
    }

    /// Whether the value is new; where it is not, the fault names the first.
    pub(crate) fn insert(&mut self, reading: &mut Reading, place: &Place<'_>, value: T) -> bool {
        match self.seen.entry(value) {
            Entry::Vacant(entry) => {
                entry.insert(place.item().unwrap_or_default());
                true
            }
            Entry::Occupied(entry) => {
                let problem = Problem::Repeated { what: self.what, first: place.in_item(*entry.get()) };
                reading.refuse::<()>(place, problem);
                false
            }
        }
    }
}
