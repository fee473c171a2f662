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
            if let Some(name) = private_half_of_jwk(members) {
                found.push(place.name(name).to_string());
            }
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

/// The member that is the private half of a JWK (RFC 7518 section 6, RFC 8037 section 2, and `priv` of AKP), if the members are those of a private one.
pub(crate) fn private_half_of_jwk<'m>(members: &'m [Member<'_>]) -> Option<&'m str> {
    let is_jwk = members.iter().any(|member| &*member.name == "kty");
    let mut names = members.iter().map(|member| &*member.name);
    names.find(|name| is_jwk && ["d", "priv", "k"].contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome_json as json;

    #[test]
    fn a_private_jwk_is_found_wherever_it_stands() {
        for (text, expected) in [
            (r#"{"kty": "OKP", "crv": "Ed25519", "x": "", "d": "AA"}"#, &["/d"][..]),
            (r#"{"keys": [{"kty": "OKP", "x": ""}, {"d": "AA", "kty": "EC"}]}"#, &["/keys/1/d"]),
            (r#"{"kty": "OKP", "crv": "Ed25519", "x": "AA"}"#, &[]),
            (r#"{"d": "AA"}"#, &[]),
        ] {
            assert_eq!(secrets(&json::parse(text.as_bytes()).unwrap()), expected, "{text}");
        }
    }
}
