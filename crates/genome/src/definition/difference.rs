//! How one definition differs from another, member by member.

use crate::schema::Place;
use genome_json::canonical::{self, compare_names};
use genome_json::{Member, Value};
use std::cmp::Ordering;
use std::iter::zip;

/// A member, or an item of a list, in which two JSON values differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Difference {
    /// Where it is, as a JSON Pointer (RFC 6901); the empty one is the whole value.
    pub pointer: String,
    /// The canonical form (RFC 8785) of what was there, if anything was.
    pub was: Option<String>,
    /// The canonical form of what is there now, if anything is.
    pub is: Option<String>,
}

/// Every difference of a JSON value from an earlier one: none if, and only if, they have the same canonical form. Objects are compared member by
/// member, in canonical order, and arrays of one length item by item; whatever else differs does as a whole.
#[must_use]
pub fn differences(was: &Value<'_>, is: &Value<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&Place::ROOT, was, is, &mut found);
    found
}

fn compare(place: &Place<'_>, was: &Value<'_>, is: &Value<'_>, found: &mut Vec<Difference>) {
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => members(place, &sorted(was), &sorted(is), found),
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            for (index, (was, is)) in zip(was, is).enumerate() {
                compare(&place.index(index), was, is, found);
            }
        }
        _ => {
            let difference = Difference::at(place, Some(was), Some(is));
            found.extend(Some(difference).filter(|difference| difference.was != difference.is));
        }
    }
}

/// Compares the members of two objects, each in canonical order.
fn members(place: &Place<'_>, mut was: &[&Member<'_>], mut is: &[&Member<'_>], found: &mut Vec<Difference>) {
    loop {
        let order = match (was, is) {
            ([], []) => return,
            ([_, ..], []) => Ordering::Less,
            ([], [_, ..]) => Ordering::Greater,
            ([was, ..], [is, ..]) => compare_names(&was.name, &is.name),
        };
        match (order, was, is) {
            (Ordering::Equal, [old, old_rest @ ..], [new, new_rest @ ..]) => {
                compare(&place.name(&old.name), &old.value, &new.value, found);
                (was, is) = (old_rest, new_rest);
            }
            (Ordering::Less, [old, rest @ ..], _) => {
                found.push(Difference::at(&place.name(&old.name), Some(&old.value), None));
                was = rest;
            }
            (_, _, [new, rest @ ..]) => {
                found.push(Difference::at(&place.name(&new.name), None, Some(&new.value)));
                is = rest;
            }
            (_, _, []) => return,
        }
    }
}

/// RFC 8785 section 3.2.3: sorted by UTF-16 code units.
fn sorted<'m, 'v>(members: &'m [Member<'v>]) -> Vec<&'m Member<'v>> {
    let mut sorted: Vec<&Member<'_>> = members.iter().collect();
    sorted.sort_unstable_by(|a, b| compare_names(&a.name, &b.name));
    sorted
}

impl Difference {
    /// The difference between two whole values; `None` where there is none.
    #[must_use]
    pub fn of_whole(was: Option<&Value<'_>>, is: Option<&Value<'_>>) -> Self {
        Self::at(&Place::ROOT, was, is)
    }

    fn at(place: &Place<'_>, was: Option<&Value<'_>>, is: Option<&Value<'_>>) -> Self {
        Self { pointer: place.to_string(), was: was.map(canonical_form), is: is.map(canonical_form) }
    }
}

fn canonical_form(value: &Value<'_>) -> String {
    let mut canonical = String::new();
    canonical::write(&mut canonical, value);
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome_json::{parse, parse_rounding};
    use proptest::prelude::*;

    fn found(was: &str, is: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let [was, is] = [was, is].map(|text| parse_rounding(text.as_bytes()).unwrap());
        differences(&was, &is).into_iter().map(|Difference { pointer, was, is }| (pointer, was, is)).collect()
    }

    #[test]
    fn each_member_that_differs_has_its_place() {
        let was = r#"{"b": {"x": 1, "y": [1, {"z": 2}]}, "a/~": "t", "gone": null, "list": [1, 2]}"#;
        let is = r#"{"list": [1], "a/~": "u", "b": {"y": [1.0, {"z": 3}], "x": 1e0}, "": {}}"#;
        let some = |text: &str| Some(text.to_owned());
        let expected = [
            ("/", None, some("{}")),
            ("/a~1~0", some(r#""t""#), some(r#""u""#)),
            ("/b/y/1/z", some("2"), some("3")),
            ("/gone", some("null"), None),
            ("/list", some("[1,2]"), some("[1]")),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(pointer, was, is)| (pointer.to_owned(), was, is)).collect();
        assert_eq!(found(was, is), expected);
        assert_eq!(found("1", "[]"), [(String::new(), some("1"), some("[]"))]);
        assert_eq!(found("9223372036854775807", "9223372036854775806"), []);
    }

    /// What a JSON Pointer means, written down once more.
    fn apply(difference: &Difference, to: &mut serde_json::Value) {
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let Some((parent, last)) = difference.pointer.rsplit_once('/') else {
            assert_eq!(to.to_string(), value(difference.was.as_deref().unwrap()).to_string());
            *to = value(difference.is.as_deref().unwrap());
            return;
        };
        let parent = to.pointer_mut(parent).unwrap();
        if let serde_json::Value::Object(members) = parent {
            let name = last.replace("~1", "/").replace("~0", "~");
            let before = match &difference.is {
                Some(is) => members.insert(name, value(is)),
                None => members.remove(&name),
            };
            assert_eq!(before, difference.was.as_deref().map(value));
        } else {
            parent[last.parse::<usize>().unwrap()] = value(difference.is.as_deref().unwrap());
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            (-3_i32..3).prop_map(Into::into),
            "[ab~/é\u{1f600}\"]{0,2}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map(
                    "[ab~/01é\u{ffff}]{0,2}".prop_filter("JSON", |name| !name.contains('\u{ffff}')),
                    inner,
                    0..4
                )
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_differences_lead_from_the_one_to_the_other(was in any_json(), is in any_json()) {
            let texts = [was.to_string(), is.to_string()];
            let [old, new] = texts.each_ref().map(|text| parse(text.as_bytes()).unwrap());
            let found = differences(&old, &new);
            let [old_form, new_form] = [&was, &is].map(|value| serde_json_canonicalizer::to_string(value).unwrap());
            prop_assert_eq!(found.is_empty(), old_form == new_form);
            let mut reached = was;
            for difference in &found {
                prop_assert_ne!(&difference.was, &difference.is);
                apply(difference, &mut reached);
            }
            prop_assert_eq!(reached, is);
            prop_assert_eq!(differences(&new, &new), []);
        }
    }
}
