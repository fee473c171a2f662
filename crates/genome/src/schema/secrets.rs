//! Private keys in a document.

use super::place::Place;
use super::reading::Reading;
use genome_json::holds_private_key;
use genome_json::text::step;
use genome_json::{Member, Value};

/// The JSON Pointers of the texts and names that hold a private key; of very many, the first.
pub(crate) fn secrets(document: &Value<'_>) -> Vec<String> {
    let mut found = Vec::new();
    search(document, &Place::ROOT, &mut found);
    found
}

fn search(value: &Value<'_>, place: &Place<'_>, found: &mut Vec<String>) {
    if found.len() == Reading::MOST {
        return;
    }
    match value {
        Value::String(text) if holds_private_key(text) => found.push(place.to_string()),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| search(item, &place.index(index), found)),
        Value::Object(members) => {
            for Member { name, value } in members {
                // The pointer of such a name would repeat the key.
                if holds_private_key(name) {
                    found.push(place.to_string());
                } else {
                    search(value, &place.name(&step(name)), found);
                }
            }
        }
        _ => {}
    }
}
