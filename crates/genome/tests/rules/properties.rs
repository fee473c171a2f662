//! What must hold for all inputs.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use genome::dangerous::{accept_self_declared, verify_self_declared};
use genome::model::{Capability, RiskClass};
use genome::{Code, Document, KeyId, PrivateKey, Reason, Refusal};
use genome_json::canonicalize;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::SystemTime;

// --- JSON in any style ---

/// Deterministic choices (`SplitMix64`), so that a failing case can be run again.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    fn shuffled<T>(&mut self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut items: Vec<T> = items.into_iter().collect();
        for at in (1..items.len()).rev() {
            let other = self.below(at + 1);
            items.swap(at, other);
        }
        items
    }
}

/// The same value in another dress: names in any order, any white space, any escapes, any form of numbers.
fn dressed(value: &Value, seed: u64) -> String {
    let mut out = String::new();
    dress(&mut out, value, &mut Choices(seed), true);
    out
}

/// As [`dressed`], but with integers as they are, which the schema asks for.
fn dressed_genome(value: &Value, seed: u64) -> String {
    let mut out = String::new();
    dress(&mut out, value, &mut Choices(seed), false);
    out
}

fn dress(out: &mut String, value: &Value, choices: &mut Choices, numbers: bool) {
    space(out, choices);
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                dress(out, item, choices, numbers);
            }
            space(out, choices);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, value)) in choices.shuffled(members).into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                space(out, choices);
                dress_string(out, name, choices);
                space(out, choices);
                out.push(':');
                dress(out, value, choices, numbers);
            }
            space(out, choices);
            out.push('}');
        }
        Value::String(text) => dress_string(out, text, choices),
        Value::Number(number) if numbers => dress_number(out, number.as_f64().unwrap(), choices),
        scalar => out.push_str(&scalar.to_string()),
    }
    space(out, choices);
}

fn space(out: &mut String, choices: &mut Choices) {
    while choices.below(3) == 0 {
        out.push([' ', '\n', '\r', '\t'][choices.below(4)]);
    }
}

fn dress_string(out: &mut String, text: &str, choices: &mut Choices) {
    out.push('"');
    for character in text.chars() {
        let short = "\"\\/\u{8}\u{c}\n\r\t".chars().position(|special| special == character);
        match (choices.below(3), short) {
            (0, Some(at)) => {
                out.push('\\');
                out.push(char::from(b"\"\\/bfnrt"[at]));
            }
            (1, _) if character >= ' ' && !"\"\\".contains(character) => out.push(character),
            (style, _) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    if style == 1 { write!(out, "\\u{unit:04x}") } else { write!(out, "\\u{unit:04X}") }.unwrap();
                }
            }
        }
    }
    out.push('"');
}

/// Both forms denote exactly the double: Rust writes the shortest digits that do.
fn dress_number(out: &mut String, number: f64, choices: &mut Choices) {
    let plain = number.to_string();
    match choices.below(5) {
        0 => write!(out, "{number:e}"),
        1 => write!(out, "{number:E}"),
        2 => write!(out, "{plain}e0"),
        3 if !plain.contains('.') => write!(out, "{plain}.000"),
        // An integer literal outside +-(2^53 - 1) is refused, however it is meant.
        _ if number.abs() >= 9e15 => write!(out, "{number:e}"),
        _ => write!(out, "{plain}"),
    }
    .unwrap();
}

// --- Any JSON value ---

fn is_non_character(character: char) -> bool {
    let scalar = u32::from(character);
    (0xfdd0..0xfdf0).contains(&scalar) || scalar & 0xfffe == 0xfffe
}

/// Any text of I-JSON, with the characters where orders and escapes differ more often than chance would have them.
fn any_text() -> impl Strategy<Value = String> {
    let notable = "\u{0}\u{1f} \"\\/\u{7f}\u{80}a1\u{e9}\u{2028}\u{d7ff}\u{e000}\u{fb33}\u{fffd}\u{10000}\u{1f600}\u{10fffd}";
    let character = prop_oneof![
        3 => select(notable.chars().collect::<Vec<char>>()),
        1 => any::<char>().prop_filter("non-characters are refused", |&character| !is_non_character(character)),
        2 => proptest::char::range(' ', '~'),
    ];
    vec(character, 0..12).prop_map(String::from_iter)
}

fn any_number() -> impl Strategy<Value = f64> {
    let double = any::<u64>().prop_map(f64::from_bits).prop_filter("doubles that JSON can hold and that read back", |number| {
        number.is_finite() && !(9_007_199_254_740_992.0..1e21).contains(&number.abs())
    });
    let integer = (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(|integer| {
        #[expect(clippy::cast_precision_loss, reason = "it is exact in this range")]
        let double = integer as f64;
        double
    });
    let notable = select(std::vec![0.0, -0.0, 1.0, 1e21, 1e-6, 1e-7, 5e-324, f64::MAX, 0.1, 9_007_199_254_740_991.0, 123e20, 4.5]);
    let small = (-1000..1000).prop_map(f64::from);
    prop_oneof![double, integer, notable, small]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any_number().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            vec((any_text(), inner), 0..20).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// The places of all values within a value, as JSON Pointers.
fn places(value: &Value, place: &str, out: &mut Vec<String>) {
    out.push(place.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{place}/{index}"), out));
        }
        Value::Object(members) => {
            for (name, value) in members {
                places(value, &format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        _ => {}
    }
}

/// Makes one value within a value another, in one of several ways.
fn change(value: &mut Value, place: Index, way: u8) {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let target = value.pointer_mut(&all[place.index(all.len())]).expect("a place of the value");
    let before = target.clone();
    match (&mut *target, way) {
        (Value::Null, _) => *target = Value::Bool(false),
        (Value::Bool(truth), 0) => *truth = !*truth,
        (Value::Number(_), 0) => *target = 7.into(),
        (Value::Number(number), 1) => *target = number.to_string().into(),
        (Value::Number(number), 2) => *target = (-number.as_f64().unwrap()).into(),
        (Value::String(text), 0) => text.push('x'),
        (Value::String(text), 1) => text.insert(0, '\u{0}'),
        (Value::String(text), 2) => drop(text.pop()),
        (Value::Array(items), 0) => items.push(Value::Null),
        (Value::Array(items), 1) => items.reverse(),
        (Value::Array(items), 2) => drop(items.pop()),
        (Value::Object(members), 0) => drop(members.insert("another name".to_owned(), Value::Null)),
        (Value::Object(members), 1) => drop(members.keys().next().cloned().and_then(|name| members.remove(&name))),
        _ => *target = Value::Null,
    }
    // Nothing changes where a palindrome is reversed, 0 negated, an empty text shortened.
    if same(target, &before) {
        *target = json!(["changed"]);
    }
}

/// Whether two values are the same to JSON, where `2` and `2.0`, `0` and `-0` are.
fn same(a: &Value, b: &Value) -> bool {
    serde_json_canonicalizer::to_string(a).unwrap() == serde_json_canonicalizer::to_string(b).unwrap()
}

// --- Changes to bytes ---

#[derive(Debug, Clone)]
enum Edit {
    Flip(Index, u8),
    Set(Index, u8),
    Delete(Index, usize),
    Duplicate(Index, usize),
    Splice(Index, Index, usize),
    Insert(Index, &'static str),
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        let range = |at: &Index, size: usize| at.index(length)..(at.index(length) + size).min(length);
        match self {
            Self::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Self::Set(at, byte) => bytes[at.index(length)] = *byte,
            Self::Delete(at, size) => drop(bytes.drain(range(at, *size))),
            Self::Duplicate(at, size) => {
                let copy = bytes[range(at, *size)].to_vec();
                bytes.splice(at.index(length)..at.index(length), copy);
            }
            Self::Splice(from, to, size) => {
                let copy = bytes[range(from, *size)].to_vec();
                bytes.splice(range(to, *size), copy);
            }
            Self::Insert(at, text) => drop(bytes.splice(at.index(length)..at.index(length), text.bytes())),
        }
    }
}

fn any_edit() -> impl Strategy<Value = Edit> {
    const TOKENS: [&str; 22] = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "0", "-", "1e400", ".5", " ", "\n", "null", "true", "\u{feff}",
        "{}", "\"a\":1,", "\u{fdd0}",
    ];
    let at = any::<Index>;
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (at(), 1..40_usize).prop_map(|(at, size)| Edit::Delete(at, size)),
        (at(), 1..400_usize).prop_map(|(at, size)| Edit::Duplicate(at, size)),
        (at(), at(), 1..100_usize).prop_map(|(from, to, size)| Edit::Splice(from, to, size)),
        (at(), select(&TOKENS[..])).prop_map(|(at, token)| Edit::Insert(at, token)),
    ]
}

fn edited(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits {
        edit.apply(&mut bytes);
    }
    bytes
}

/// Bytes that look like JSON here and there.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let token = select(std::vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"",
        "\\",
        "\\u0061",
        "\\ud83d\\ude00",
        "\\ud83d",
        "0",
        "-",
        "1",
        "1.5",
        "e",
        "E+",
        "1e400",
        "9007199254740993",
        ".",
        "+",
        " ",
        "\n",
        "\t",
        "null",
        "true",
        "false",
        "é",
        "😀",
        "\u{feff}",
        "\u{ffff}",
        "\u{1}",
    ]);
    prop_oneof![
        vec(any::<u8>(), 0..200),
        vec(token, 0..20).prop_map(|tokens| tokens.concat().into_bytes()),
        (any_value(), any::<u64>(), vec(any_edit(), 0..4))
            .prop_map(|(value, seed, edits)| edited(dressed(&value, seed).as_bytes(), &edits)),
    ]
}

/// Whether all numbers are integers. `serde_json` reads others to within one unit in the last place only.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64(),
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(700))]

    #[test]
    fn the_dress_never_changes_the_canonical_form(value in any_value(), one in any::<u64>(), other in any::<u64>()) {
        let canonical = canonicalize(dressed(&value, one).as_bytes()).unwrap();
        prop_assert_eq!(canonicalize(dressed(&value, other).as_bytes()).unwrap(), canonical.as_str());
        prop_assert_eq!(canonicalize(canonical.as_bytes()).unwrap(), canonical.as_str(), "idempotent");
        prop_assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), canonical, "as others have it");
    }

    #[test]
    fn any_changed_value_changes_the_canonical_form(value in any_value(), place in any::<Index>(), way in 0..4_u8, seed in any::<u64>()) {
        let mut other = value.clone();
        change(&mut other, place, way);
        let canonical = |value: &Value| canonicalize(dressed(value, seed).as_bytes());
        prop_assert_ne!(canonical(&value).unwrap(), canonical(&other).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_is_accepted_is_json_to_others_too(bytes in any_bytes()) {
        if let Ok(canonical) = canonicalize(&bytes) {
            let value: Value = serde_json::from_slice(&bytes).expect("accepted here, so it is JSON");
            prop_assert_eq!(canonicalize(canonical.as_bytes()).unwrap(), canonical.as_str(), "idempotent");
            if is_exact(&value) {
                prop_assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), canonical, "as others have it");
            }
        }
    }

    #[test]
    fn no_bytes_make_the_verifier_panic(bytes in any_bytes()) {
        prop_assert!(verify_self_declared(&bytes).is_err());
        prop_assert!(Document::read(&bytes).is_err());
    }
}

// --- Genomes ---

/// A valid genome without signatures, and the keys of its signers in their order.
#[derive(Debug, Clone)]
struct Draft {
    genome: Value,
    keys: Vec<(KeyId, [u8; 32])>,
    threshold: usize,
}

impl Draft {
    /// Signs in this order.
    fn sign(&self, text: &str, signers: &[usize]) -> String {
        let mut document = Document::read(text.as_bytes()).expect("a valid draft");
        for &signer in signers {
            let (key_id, seed) = &self.keys[signer];
            let signing = document.sign(Some(key_id), &PrivateKey::from_seed(seed), &[]).expect("signed");
            assert!(!signing.already && signing.signer.key_id == *key_id, "`{key_id}` signs once");
        }
        document.to_json()
    }

    fn everybody(&self) -> Vec<usize> {
        (0..self.keys.len()).collect()
    }
}

/// Text that the schema takes as a label: nothing that does not show, no white space at either end.
fn label() -> impl Strategy<Value = String> {
    let shown = select("abcXYZ019_-.:é世界ñß😀\u{e000}\u{fb33}\"\\".chars().collect::<Vec<char>>());
    let inner = prop_oneof![5 => shown.clone(), 1 => Just(' ')];
    (shown.clone(), vec(inner, 0..8), shown).prop_map(|(first, inner, last)| format!("{first}{}{last}", String::from_iter(inner)))
}

const ACTIONS: [&str; 10] = ["read", "Read", "write", "erase", "job_run", "clone", "é", "e\u{301}", "a b", "memory_search"];

/// A capability; what it denies it does not allow.
fn capability() -> impl Strategy<Value = Value> {
    let lists = (subsequence(ACTIONS.to_vec(), 0..=ACTIONS.len()), 0..=ACTIONS.len());
    (label(), select(std::vec!["A", "B", "C", "D"]), lists).prop_map(|(cap_id, risk_class, (actions, split))| {
        let (allow, deny) = actions.split_at(split.min(actions.len()));
        json!({ "cap_id": cap_id, "risk_class": risk_class, "allow_actions": allow, "deny_actions": deny })
    })
}

fn invariant() -> impl Strategy<Value = Value> {
    let claim = any_text().prop_map(|text| format!("it holds that {text}"));
    (label(), select(std::vec!["CRITICAL", "HIGH", "MEDIUM"]), claim, label()).prop_map(
        |(id, severity, claim, hook)| json!({ "id": id, "severity": severity, "testable_claim": claim, "enforcement_hook": hook }),
    )
}

fn digest() -> impl Strategy<Value = String> {
    any::<[u64; 4]>().prop_map(|words| words.iter().fold(String::new(), |text, word| format!("{text}{word:016x}")))
}

/// Numbers the ids of a list, so that they are distinct.
fn numbered(mut list: Vec<Value>, id: &str) -> Vec<Value> {
    for (index, item) in list.iter_mut().enumerate() {
        item[id] = format!("{index}-{}", item[id].as_str().unwrap()).into();
    }
    list
}

fn keys() -> impl Strategy<Value = Vec<(KeyId, [u8; 32])>> {
    vec(any::<[u8; 32]>(), 1..5).prop_map(|seeds| {
        let numbered = seeds.into_iter().enumerate();
        numbered
            .map(|(index, mut seed)| {
                seed[0] = u8::try_from(index).unwrap();
                (format!("key-{index}@example.org").parse().unwrap(), seed)
            })
            .collect()
    })
}

fn draft() -> impl Strategy<Value = Draft> {
    let head = (label(), (0..100_u32, 0..100_u32, select(std::vec!["", "-rc.1", "+build"])), vec(digest(), 0..3));
    let created_at = select(std::vec!["2026-01-31T00:00:00Z", "2024-02-29T23:59:59.5+01:30", "1999-12-31t00:00:00z"]);
    let files = (vec((label(), digest()), 0..4), btree_set(digest(), 0..3));
    (head, created_at, (keys(), any::<Index>()), vec(invariant(), 0..4), vec(capability(), 0..6), files).prop_map(
        |((name, (major, minor, rest), mut parents), created_at, (keys, threshold), invariants, capabilities, (files, pins))| {
            parents.sort_unstable();
            parents.dedup();
            let threshold = threshold.index(keys.len()) + 1;
            let signers: Vec<Value> = keys
                .iter()
                .map(|(key_id, seed)| {
                    let public_key = PrivateKey::from_seed(seed).public_key().to_string();
                    json!({ "key_id": key_id.as_str(), "alg": "ed25519", "public_key": public_key })
                })
                .collect();
            let files: Vec<Value> = (0..)
                .zip(files)
                .map(|(index, (path, sha256))| json!({ "path": format!("{index}/x{}", path.replace('\\', "x/x")), "sha256": sha256 }))
                .collect();
            let mut genome = json!({
                "schema_version": "genome.v0.1", "name": name, "version": format!("{major}.{minor}.0{rest}"), "parents": parents,
                "created_at": created_at, "authority": { "signers": signers, "threshold": threshold },
                "invariants": numbered(invariants, "id"), "capabilities": numbered(capabilities, "cap_id"),
                "build_manifest": { "files": files }
            });
            if !pins.is_empty() {
                genome["schema_version"] = "genome.v0.2".into();
                genome["tools"] = pins.iter().map(|sha256| json!({ "action": "files:instructions", "sha256": sha256 })).collect();
            }
            Draft { genome, keys, threshold }
        },
    )
}

/// Why, and by which capability of what class.
type Answer<'c> = (Reason, Option<&'c str>, Option<RiskClass>);

fn naive_decision<'c>(capabilities: &'c [Capability], action: &str) -> Answer<'c> {
    let has = |list: &[String]| list.iter().any(|one| one == action);
    let by = |reason, capability: &'c Capability| (reason, Some(capability.cap_id.as_str()), Some(capability.risk_class));
    if let Some(capability) = capabilities.iter().find(|capability| has(&capability.deny_actions)) {
        return by(Reason::Denied, capability);
    }
    match capabilities.iter().find(|capability| has(&capability.allow_actions)) {
        Some(capability) => by(Reason::Allowed, capability),
        None => (Reason::NotAllowed, None, None),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_enough_signers_sign_verifies(draft in draft(), seeds in any::<[u64; 3]>(), size in any::<Index>()) {
        let text = dressed_genome(&draft.genome, seeds[0]);
        let size = size.index(draft.keys.len() + 1);
        let signers = Choices(seeds[1]).shuffled(draft.everybody())[..size].to_vec();
        let signed = draft.sign(&text, &signers);
        let id = Document::read(text.as_bytes()).unwrap().id();

        // The order of signing means nothing, and a signature is the same each time.
        prop_assert_eq!(&draft.sign(&text, &Choices(seeds[2]).shuffled(signers.clone())), &signed);
        let mut again = Document::read(signed.as_bytes()).unwrap();
        prop_assert_eq!(again.id(), id);
        prop_assert_eq!(&again.to_json(), &signed);
        for &signer in &signers {
            let (key_id, seed) = &draft.keys[signer];
            prop_assert!(again.sign(Some(key_id), &PrivateKey::from_seed(seed), &[]).unwrap().already);
        }
        prop_assert_eq!(&again.to_json(), &signed);

        // Signatures made apart and brought together are the same too.
        let apart: Vec<String> = signers.iter().map(|&signer| draft.sign(&text, &[signer])).collect();
        let mut together = Document::read(text.as_bytes()).unwrap();
        for copy in &apart {
            together.adopt(&Document::read(copy.as_bytes()).unwrap()).unwrap();
        }
        prop_assert_eq!(&together.to_json(), &signed);
        let mut joined = Document::read(text.as_bytes()).unwrap();
        for copy in Choices(seeds[2]).shuffled(apart.iter().chain([&signed, &text])) {
            joined.join(&Document::read(copy.as_bytes()).unwrap(), None).unwrap();
        }
        prop_assert_eq!(&joined.to_json(), &signed);

        let result = verify_self_declared(signed.as_bytes());
        let named = |signers: &[genome::model::Signer]| signers.iter().map(|signer| signer.key_id.clone()).collect::<Vec<KeyId>>();
        let ids = |chosen: &dyn Fn(usize) -> bool| {
            let numbered = draft.keys.iter().enumerate();
            numbered.filter(|(index, _)| chosen(*index)).map(|(_, (key_id, _))| key_id.clone()).collect::<Vec<KeyId>>()
        };
        let tally = match result {
            Ok(verified) => {
                prop_assert!(size >= draft.threshold);
                prop_assert_eq!(verified.id(), id);
                let canonical = canonicalize(draft.genome.to_string().as_bytes()).unwrap();
                prop_assert_eq!(verified.canonical_form(), canonical.as_bytes());
                verified.tally().clone()
            }
            Err(Refusal::InsufficientSignatures(quorums)) => {
                prop_assert!(size > 0 && size < draft.threshold);
                quorums.own
            }
            Err(refusal) => {
                prop_assert_eq!((size, refusal.code()), (0, Code::Unsigned));
                return Ok(());
            }
        };
        prop_assert_eq!((tally.threshold, tally.missing()), (draft.threshold, draft.threshold.saturating_sub(size)));
        prop_assert_eq!(named(&tally.signed), ids(&|index| signers.contains(&index)));
        prop_assert_eq!(named(&tally.unsigned), ids(&|index| !signers.contains(&index)));
        prop_assert!(tally.revoked.is_empty());
    }

    #[test]
    fn the_dress_never_changes_the_id(draft in draft(), one in any::<u64>(), other in any::<u64>()) {
        let [one, other] = [one, other].map(|seed| dressed_genome(&draft.genome, seed));
        let document = Document::read(one.as_bytes()).unwrap();
        prop_assert_eq!(document.id(), Document::read(other.as_bytes()).unwrap().id());
        prop_assert_eq!(document.id(), Document::read(document.to_json().as_bytes()).unwrap().id());
        prop_assert!(document.divergence(&Document::read(other.as_bytes()).unwrap()).is_empty());

        // Signatures hold in any dress.
        let signed: Value = serde_json::from_str(&draft.sign(&one, &draft.everybody())).unwrap();
        prop_assert_eq!(verify_self_declared(dressed_genome(&signed, 1).as_bytes()).unwrap().id(), document.id());
    }

    #[test]
    fn any_changed_value_of_a_signed_genome_is_refused(
        draft in draft(),
        changes in vec((any::<Index>(), 0..4_u8), 8),
        stranger in any::<[u8; 32]>(),
    ) {
        let signed: Value = serde_json::from_str(&draft.sign(&draft.genome.to_string(), &draft.everybody())).unwrap();
        let field = if draft.keys.len() == 1 { "signature" } else { "signatures" };
        for (place, way) in &changes {
            let mut other = draft.genome.clone();
            change(&mut other, *place, *way);
            let (text, changed) = (draft.genome.to_string(), other.to_string());
            if let Ok(changed) = Document::read(changed.as_bytes()) {
                let differences = Document::read(text.as_bytes()).unwrap().divergence(&changed);
                prop_assert!(!differences.is_empty());
                for pointer in &differences {
                    let [ours, theirs] = [&draft.genome, &other].map(|genome| genome.pointer(pointer));
                    let differ = ours.zip(theirs).map_or(ours != theirs, |(ours, theirs)| !same(ours, theirs));
                    prop_assert!(differ, "no difference: {pointer}");
                }
            }
            if let Value::Object(members) = &mut other {
                members.insert(field.to_owned(), signed[field].clone());
            }
            prop_assert!(verify_self_declared(other.to_string().as_bytes()).is_err(), "accepted: {other}");
        }
        // Nobody else's key signs.
        let text = signed.to_string();
        let mut document = Document::read(text.as_bytes()).unwrap();
        prop_assert!(document.sign(Some(&draft.keys[0].0), &PrivateKey::from_seed(&stranger), &[]).is_err());
    }

    #[test]
    fn the_ceiling_agrees_with_a_plain_search(draft in draft(), others in vec(label(), 0..4)) {
        let signed = draft.sign(&draft.genome.to_string(), &draft.everybody());
        let verified = accept_self_declared(SystemTime::UNIX_EPOCH).verify(signed.as_bytes()).unwrap();
        let ceiling = verified.to_ceiling();
        let naive = |action: &str| naive_decision(&verified.capabilities, action);
        for action in ACTIONS.iter().copied().chain(["", "rea", "reads", "READ"]).chain(others.iter().map(String::as_str)) {
            let decision = ceiling.decide(action);
            prop_assert_eq!((decision.reason(), decision.cap_id(), decision.risk_class()), naive(action), "{}", action);
        }
        let allowed = ACTIONS.iter().filter(|action| naive(action).0 == Reason::Allowed).count();
        let denied = ACTIONS.iter().filter(|action| naive(action).0 == Reason::Denied).count();
        prop_assert_eq!((ceiling.allowed(), ceiling.denied()), (allowed, denied));
    }
}

/// A signed genome with more signatures than it needs, so that some changes to signatures are harmless.
static SIGNED: LazyLock<String> = LazyLock::new(|| {
    let keys: Vec<(KeyId, [u8; 32])> = (1..4).map(|n| (format!("key-{n}").parse().unwrap(), [n; 32])).collect();
    let signer = |(key_id, seed): &(KeyId, [u8; 32])| {
        let public_key = PrivateKey::from_seed(seed).public_key().to_string();
        json!({ "key_id": key_id.as_str(), "alg": "ed25519", "public_key": public_key })
    };
    let genome = json!({
        "schema_version": "genome.v0.1", "name": "PROPERTIES", "version": "1.0.0", "parents": ["ab".repeat(32)],
        "created_at": "2026-01-31T00:00:00Z", "authority": { "signers": keys.iter().map(signer).collect::<Vec<_>>(), "threshold": 1 },
        "invariants": [{ "id": "I", "severity": "HIGH", "testable_claim": "é 😀 \n", "enforcement_hook": "gate" }],
        "capabilities": [{ "cap_id": "C", "risk_class": "B", "allow_actions": ["read", "write"], "deny_actions": ["erase"] }],
        "build_manifest": { "files": [{ "path": "README.md", "sha256": "cd".repeat(32) }] }
    });
    let text = genome.to_string();
    Draft { genome, keys, threshold: 1 }.sign(&text, &[0, 1])
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn an_edited_genome_is_refused_or_the_same(edits in vec(any_edit(), 1..4)) {
        let bytes = edited(SIGNED.as_bytes(), &edits);
        if let Ok(verified) = verify_self_declared(&bytes) {
            prop_assert_eq!(verified.id(), verify_self_declared(SIGNED.as_bytes()).unwrap().id());
        }
        if let Ok(document) = Document::read(&bytes) {
            prop_assert_eq!(Document::read(document.to_json().as_bytes()).unwrap().id(), document.id());
        }
    }
}
