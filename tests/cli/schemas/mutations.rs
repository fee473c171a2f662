//! Documents that differ from a good one in one place.

use genome::PrivateKey;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A document, and where it differs.
pub(crate) struct Mutation {
    pub(crate) what: String,
    pub(crate) pointer: String,
    pub(crate) document: Value,
}

/// Every mutation of these documents. What stands in several of them, or in several items of a list, is changed once.
pub(crate) fn of(samples: &[Value]) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    let mut done = HashSet::new();
    for sample in samples {
        for pointer in pointers(sample) {
            let value = sample.pointer(&pointer).unwrap();
            let place = pointer.split('/').map(|step| if step.parse::<usize>().is_ok() { "-" } else { step }).collect::<Vec<_>>();
            if !done.insert((place.join("/"), value.to_string())) {
                continue;
            }
            for (what, other) in others(value) {
                let mut document = sample.clone();
                *document.pointer_mut(&pointer).unwrap() = other;
                let what = format!("`{pointer}`: {what}");
                mutations.push(Mutation { what, pointer: pointer.clone(), document });
            }
        }
    }
    mutations
}

/// The JSON Pointers of all objects.
pub(crate) fn objects(value: &Value) -> Vec<String> {
    pointers(value).into_iter().filter(|pointer| value.pointer(pointer).is_some_and(Value::is_object)).collect()
}

/// The names of all members.
pub(crate) fn member_names(value: &Value) -> Vec<String> {
    let objects = objects(value).into_iter().filter_map(|pointer| value.pointer(&pointer)?.as_object());
    objects.flat_map(|members| members.keys().cloned()).collect()
}

fn pointers(value: &Value) -> Vec<String> {
    let within = |step: String, value: &Value| pointers(value).into_iter().map(move |pointer| format!("/{step}{pointer}"));
    let mut found = vec![String::new()];
    match value {
        Value::Object(members) => found.extend(members.iter().flat_map(|(name, value)| {
            assert!(!name.contains(['~', '/']), "a sample has no such names");
            within(name.clone(), value)
        })),
        Value::Array(items) => found.extend(items.iter().enumerate().flat_map(|(index, item)| within(index.to_string(), item))),
        _ => {}
    }
    found
}

/// What else may stand in the place of a value, each with what it is.
fn others(value: &Value) -> Vec<(String, Value)> {
    let mut others: Vec<Value> =
        vec![Value::Null, true.into(), false.into(), json!([]), json!({}), json!([null]), json!({"a": null})];
    others.extend(NUMBERS.iter().map(|number| serde_json::from_str(number).unwrap()));
    match value {
        Value::Object(members) => others.extend(of_members(members)),
        Value::Array(items) => others.extend(of_items(items)),
        Value::String(text) => others.extend(of_text(text).into_iter().chain(texts()).map(Value::from)),
        _ => others.extend(["", "1", "all", "true"].map(Value::from)),
    }
    others.into_iter().map(|other| (other.to_string().chars().take(300).collect(), other)).collect()
}

fn of_members(members: &serde_json::Map<String, Value>) -> Vec<Value> {
    let mut others = Vec::new();
    for (name, value) in members {
        let mut less = members.clone();
        less.remove(name);
        // A name is changed, or one more is there. Where names are free, these say which.
        for other in ["", " a", "a\u{a0}", "a\u{200b}", "a b", "é", "unknown", "$schema", &private_key()] {
            let mut more = members.clone();
            more.insert(other.to_owned(), value.clone());
            others.push(more.into());
        }
        let mut other = less.clone();
        other.insert(name.to_uppercase(), value.clone());
        others.extend([less.into(), other.into()]);
    }
    others
}

fn of_items(items: &[Value]) -> Vec<Value> {
    let mut others = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut less = items.to_vec();
        less.remove(index);
        others.extend([less.into(), [items, std::slice::from_ref(item)].concat().into()]);
    }
    if let [Value::Object(first), .., Value::Object(last)] = items {
        for (name, value) in first {
            let mut same = last.clone();
            same.insert(name.clone(), value.clone());
            others.push(json!([first, same]));
        }
    }
    others
}

fn of_text(text: &str) -> Vec<String> {
    const CHARACTERS: [&str; 12] = ["", " ", "\n", "\u{0}", "\u{200b}", ".", "/", "=", "A", "B", "a", "0"];
    let count = text.chars().count();
    let mut others = vec![text.to_uppercase(), text.to_lowercase(), format!("{text}{text}")];
    for at in (0..=count).filter(|at| *at < 2 || at + 4 > count) {
        let (before, after): (String, String) = (text.chars().take(at).collect(), text.chars().skip(at).collect());
        let rest: String = after.chars().skip(1).collect();
        others.extend(
            CHARACTERS.iter().flat_map(|character| [format!("{before}{character}{after}"), format!("{before}{character}{rest}")]),
        );
    }
    others
}

const NUMBERS: [&str; 16] = [
    "0",
    "-0",
    "-1",
    "1",
    "2",
    "3",
    "256",
    "257",
    "1.0",
    "1e0",
    "0.0",
    "1.5",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
];

/// Texts that one format or another takes, and their near neighbours that it does not.
fn texts() -> Vec<String> {
    const TEXTS: &str = "|a| |\t|\u{85}|\u{a0}|\u{2003}x|é|a\u{200b}b|\u{feff}|\u{e0041}|\u{ad}|a\nb|all|ALL\
        |1.0.0|1.0|v1.0.0|01.0.0|1.0.0-|1.0.0-01|1.0.0-0a|1.0.0-a..b|1.0.0+|1.0.0+01.a-b|1.0.0-rc.1+5|1.0.0-é|-1.0.0\
        |18446744073709551615.0.0|18446744073709551616.0.0|0.99999999999999999999.0|0.0.100000000000000000000|1.0.0-18446744073709551616|1.0.0-YDK2VwBCIEI\
        |2016-12-31T23:59:60Z|2016-12-31T12:00:60Z|2017-01-01T00:59:60+01:00|2017-01-01T00:59:61+01:00|2026-01-31 00:00:00Z\
        |2000-02-29T00:00:00Z|1900-02-29T00:00:00Z|2024-02-29t23:59:59z|2023-02-29T00:00:00Z|2024-02-30T00:00:00Z|0000-02-29T00:00:00Z\
        |2026-04-31T00:00:00Z|2026-00-01T00:00:00Z|2026-13-01T00:00:00Z|2026-01-00T00:00:00Z|9999-12-31T23:59:59.9-23:59\
        |0000-01-01T00:00:00+23:59|2026-01-31T00:00:00+24:00|2026-01-31T00:00:00-00:60|2026-01-31T00:00:00-00:00|2026-01-31T00:00:00+0000\
        |2026-01-31T00:00:00.12345678901234Z|2026-01-31T00:00:00.123456789012345Z|2026-01-31T00:00:00.Z|2026-01-31T00:00:00,5Z\
        |2026-01-31T24:00:00Z|2026-01-31T00:60:00Z|2026-01-31T00:00Z|2026-01-31\
        |a/b|/a|a//b|./a|.|..|...|a/..|a/...|..a|.a./..b|a\\b|C:x|c:/x|cc:x|1:x|a/C:x|a/|a/\u{200b}|_a|@a|a@b:c+d/e-f.g_h\
        |TODO|abc|ABCDEF|abcdefg|CRITICAL|HIGH|MEDIUM|LOW|critical|A|B|C|D|E|widening|weakening|narrowing|strengthening|neutral|draft|review|approved|deployed|rejected|0001|001|00001|٠٠٠١\
        |ed25519|ed448|genome.v0.1|genome.v0.2|genome.v0.3|files:instructions|trust.v0.1|proposal.v0.1|state.v0.1|audit.v0.1|BgMrZXAEIgQg|GAytlcAQiBC|PRIVATE KEY-----";
    let digest = |digit: &str, count| digit.repeat(count);
    let point = |start: &str| format!("MCowBQYDK2VwAyEA{start}{}=", "A".repeat(43 - start.len()));
    let mut texts: Vec<String> = TEXTS.split('|').map(ToOwned::to_owned).collect();
    texts.extend([digest("a", 63), digest("a", 64), digest("A", 64), digest("a", 65), digest("g", 64)]);
    texts.extend([digest("k", 128), digest("k", 129), digest("é", 128), digest("é", 129)]);
    // A point of small order, one that is no point, and a key that is good.
    texts.extend([point(""), point("Ag"), PrivateKey::from_seed(&[9; 32]).public_key().to_string()]);
    texts.extend([private_key(), format!("SHA256:{}", "A".repeat(43)), format!("{}==", "A".repeat(86))]);
    texts
}

fn private_key() -> String {
    PrivateKey::from_seed(&[5; 32]).to_base64().to_string()
}
