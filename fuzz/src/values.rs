//! Changes to JSON values: what a mutation of bytes hardly ever makes, as the document would not be one any more.

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

/// The places of all values within a value, as JSON Pointers.
#[must_use]
pub fn places(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

fn walk(value: &Value, place: &str, found: &mut Vec<String>) {
    found.push(place.to_owned());
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{place}/{index}"), found)),
        Value::Object(members) => {
            for (name, value) in members {
                walk(value, &format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

/// Changes one value within a value: to another of the same kind, or of another, or to one that stands somewhere in these.
///
/// # Errors
/// Never, in truth: where the choices end, the first is taken.
pub fn change(value: &mut Value, material: &[Value], choices: &mut Unstructured<'_>) -> Result<()> {
    let all = places(value);
    let place = choices.choose(&all)?;
    let source = choices.choose(material)?;
    let there = places(source);
    let other = source.pointer(choices.choose(&there)?).cloned().unwrap_or_default();
    // What stands at the same place elsewhere is more often what the schema takes.
    let same_place = source.pointer(place).cloned();
    let literal = literal(choices)?;
    let Some(target) = value.pointer_mut(place) else { return Ok(()) };
    match (choices.int_in_range(0..=9_u8)?, target) {
        (0..=2, target) => *target = same_place.unwrap_or(other),
        (3, target) => *target = literal,
        (4, target) => *target = other,
        (5, Value::Array(items)) if !items.is_empty() => drop(items.remove(choices.choose_index(items.len())?)),
        (6, Value::Array(items)) if !items.is_empty() => items.push(items[choices.choose_index(items.len())?].clone()),
        (7, Value::Array(items)) => items.reverse(),
        (_, Value::Array(items)) => items.push(other),
        (5, Value::Object(members)) if !members.is_empty() => {
            let names: Vec<String> = members.keys().cloned().collect();
            members.remove(choices.choose(&names)?);
        }
        (6, Value::Object(members)) => {
            let name = choices.choose(&["signature", "signatures", "threshold", "x", "", "__proto__", "Name"])?;
            members.insert((*name).to_owned(), other);
        }
        (_, Value::String(text)) => tweak(text, choices)?,
        (_, Value::Number(number)) => *number = choices.int_in_range(0..=4_u8)?.into(),
        (_, target) => *target = literal,
    }
    Ok(())
}

fn literal(choices: &mut Unstructured<'_>) -> Result<Value> {
    let literals = [
        Value::Null,
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(""),
        json!([]),
        json!({}),
        json!("D"),
    ];
    Ok(choices.choose(&literals)?.clone())
}

/// One character of a text is another, is gone or stands twice.
fn tweak(text: &mut String, choices: &mut Unstructured<'_>) -> Result<()> {
    let mut characters: Vec<char> = text.chars().collect();
    let at = choices.int_in_range(0..=characters.len())?;
    match choices.int_in_range(0..=3_u8)? {
        0 if at < characters.len() => drop(characters.remove(at)),
        1 if at < characters.len() => characters.insert(at, characters[at]),
        2 if at < characters.len() => characters[at] = choices.arbitrary()?,
        _ => characters.insert(at, *choices.choose(&['x', 'A', '0', '=', ' ', '\u{0}', 'é', '\u{202e}', '`', '"', '\\', '/'])?),
    }
    *text = characters.into_iter().collect();
    Ok(())
}
