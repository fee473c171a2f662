//! What a request of AuthZEN says. The JSON is read strictly, and members that are not known are passed over (AuthZEN sections 10.1.1 and 11.5).
//!
//! What is wrong is always found in the same order, whatever the order of the members is.

use crate::problem::Problem;
use genome_json::{Member, Text, Value};
use std::ops::Deref;

const SHAPE: &str = "send {\"subject\": {\"type\", \"id\"}, \"action\": {\"name\"}, \"resource\": {\"type\", \"id\"}}, and \"context\" if there is one";
const WITHOUT_NULL: &str = "leave a member out that has no value";

/// What is wrong, and where in the body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) pointer: String,
    pub(super) message: String,
    hint: &'static str,
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::at(fault.pointer, fault.message, fault.hint)
    }
}

/// The object at the top of the body, or an item of `evaluations`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Top,
    Item(usize),
}

impl Place {
    /// The JSON Pointer of what stands there at these steps.
    fn at(self, steps: &str) -> String {
        match self {
            Self::Top => steps.to_owned(),
            Self::Item(index) => format!("/evaluations/{index}{steps}"),
        }
    }

    /// A value of another kind than it should be.
    pub(super) fn unexpected(self, steps: &str, expected: &str, found: &Value<'_>) -> Fault {
        let hint = if matches!(found, Value::Null) { WITHOUT_NULL } else { SHAPE };
        Fault { pointer: self.at(steps), message: format!("expected {expected}, found {}", found.kind()), hint }
    }

    fn missing(self, steps: &str, name: &str) -> Fault {
        Fault { pointer: self.at(steps), message: format!("`{name}` is missing"), hint: SHAPE }
    }
}

/// An action that is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action<'v> {
    pub(super) name: &'v str,
    /// The text `operation_ref_id` of its properties.
    pub(super) operation: Option<&'v str>,
}

impl<'v> Action<'v> {
    /// One without properties.
    pub(super) fn named(name: &'v str) -> Self {
        Self { name, operation: None }
    }
}

/// What an action is to be taken on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'v> {
    pub(super) kind: &'v str,
    pub(super) id: &'v str,
    /// The two parts of an id with exactly one `/`, neither of which is empty. It is split once, as an id may be long and stand for many items.
    pub(super) parts: Option<(&'v str, &'v str)>,
    /// The text `server` of its properties.
    pub(super) server: Option<&'v str>,
}

/// The type and the id of who is said to ask. It decides nothing.
pub(super) type Subject<'v> = (&'v str, &'v str);

/// A question of which nothing is missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<'v> {
    pub(super) subject: Subject<'v>,
    pub(super) action: Action<'v>,
    pub(super) resource: Resource<'v>,
}

/// The four members of a request, each of which is whole if it is there. A context is read and not kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'v> {
    subject: Option<Subject<'v>>,
    action: Option<Action<'v>>,
    resource: Option<Resource<'v>>,
}

impl<'v> Question<'v> {
    /// Reads the members of an object.
    pub(super) fn read(members: &'v [Member<'v>], place: Place) -> Result<Self, Fault> {
        let subject = subject(members, place)?;
        let action = member(members, "action").map(|value| entity(value, place, "/action", ["name"])).transpose()?;
        let resource = resource(members, place)?;
        optional_object(members, "context", place, "")?;
        let action = action.map(|([name], properties)| Action { name, operation: text_of(properties, "operation_ref_id") });
        Ok(Self { subject, action, resource })
    }

    /// This one, with each member that it lacks as in another (AuthZEN section 7.1.1: "the value ... is replaced as a whole").
    pub(super) fn or(self, defaults: Self) -> Self {
        Self {
            subject: self.subject.or(defaults.subject),
            action: self.action.or(defaults.action),
            resource: self.resource.or(defaults.resource),
        }
    }

    /// Who is said to ask, if anybody is.
    pub(super) fn subject(&self) -> Option<Subject<'v>> {
        self.subject
    }

    /// Whether nothing of it decides anything.
    pub(super) fn is_all_inherited(&self) -> bool {
        self.action.is_none() && self.resource.is_none()
    }

    /// What it asks, if nothing is missing.
    pub(super) fn complete(self, place: Place) -> Result<Whole<'v>, Fault> {
        let subject = self.subject.ok_or_else(|| place.missing("/subject", "subject"))?;
        let action = self.action.ok_or_else(|| place.missing("/action", "action"))?;
        let resource = self.resource.ok_or_else(|| place.missing("/resource", "resource"))?;
        Ok(Whole { subject, action, resource })
    }
}

/// The resource of a search for actions, if nothing is missing. An action is not known there, and so is not looked at.
pub(super) fn searched<'v>(members: &'v [Member<'v>]) -> Result<Resource<'v>, Fault> {
    let place = Place::Top;
    subject(members, place)?.ok_or_else(|| place.missing("/subject", "subject"))?;
    let resource = resource(members, place)?.ok_or_else(|| place.missing("/resource", "resource"))?;
    optional_object(members, "context", place, "")?;
    Ok(resource)
}

fn subject<'v>(members: &'v [Member<'v>], place: Place) -> Result<Option<Subject<'v>>, Fault> {
    let subject = member(members, "subject").map(|value| entity(value, place, "/subject", ["type", "id"])).transpose()?;
    Ok(subject.map(|([kind, id], _)| (kind, id)))
}

fn resource<'v>(members: &'v [Member<'v>], place: Place) -> Result<Option<Resource<'v>>, Fault> {
    let resource = member(members, "resource").map(|value| entity(value, place, "/resource", ["type", "id"])).transpose()?;
    Ok(resource.map(|([kind, id], properties)| Resource { kind, id, parts: parts(id), server: text_of(properties, "server") }))
}

/// The members of an object.
pub(super) fn object<'v>(value: &'v Value<'v>, place: Place, steps: &str) -> Result<&'v [Member<'v>], Fault> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(place.unexpected(steps, "an object", other)),
    }
}

/// The member of this name. No name stands twice.
pub(super) fn member<'v>(members: &'v [Member<'v>], name: &str) -> Option<&'v Value<'v>> {
    members.iter().find(|member| &*member.name == name).map(|member| &member.value)
}

/// The members of an object of this name that may be absent, in the one at these steps.
pub(super) fn optional_object<'v>(
    members: &'v [Member<'v>],
    name: &str,
    place: Place,
    steps: &str,
) -> Result<Option<&'v [Member<'v>]>, Fault> {
    match member(members, name) {
        None => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(other) => Err(place.unexpected(&format!("{steps}/{name}"), "an object", other)),
    }
}

/// The texts that an entity must have, and its properties.
type Entity<'v, const N: usize> = ([&'v str; N], &'v [Member<'v>]);

fn entity<'v, const N: usize>(
    value: &'v Value<'v>,
    place: Place,
    steps: &str,
    names: [&'static str; N],
) -> Result<Entity<'v, N>, Fault> {
    let members = object(value, place, steps)?;
    let mut texts = [""; N];
    for (text, name) in texts.iter_mut().zip(names) {
        let steps = || format!("{steps}/{name}");
        *text = match member(members, name) {
            Some(Value::String(found)) => Text::deref(found),
            Some(other) => return Err(place.unexpected(&steps(), "a string", other)),
            None => return Err(place.missing(&steps(), name)),
        };
    }
    let properties = optional_object(members, "properties", place, steps)?;
    Ok((texts, properties.unwrap_or_default()))
}

fn text_of<'v>(members: &'v [Member<'v>], name: &str) -> Option<&'v str> {
    member(members, name).and_then(Value::as_str)
}

fn parts(id: &str) -> Option<(&str, &str)> {
    id.split_once('/').filter(|(before, after)| !before.is_empty() && !after.is_empty() && !after.contains('/'))
}
