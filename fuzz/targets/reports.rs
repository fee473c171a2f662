//! What strangers wrote, as it is shown: whatever is quoted is parsed back to what it was, and so are the sentences of a comparison and the
//! text for git, which is the same for two genomes if, and only if, they say the same. The parsers and the model are those of the tests.

#![no_main]

#[path = "../../crates/genome-cli/src/command/diff/facts.rs"]
mod facts;
#[path = "../../tests/cli/texts/model.rs"]
mod model;
#[path = "../../tests/cli/texts/parse.rs"]
#[expect(dead_code, reason = "there the reports of programs are parsed, too")]
mod parse;
#[path = "../../tests/support/src/quoted.rs"]
pub mod quoted;

// Where the parsers look for what they have in the tests.
extern crate self as genome_test_support;

use arbitrary::{Result, Unstructured};
use genome::change::Change;
use genome::{Document, PrivateKey};
use genome_json::holds_private_key;
use genome_json::text::{Bare, BarePath, Printable, Quoted, QuotedPath};
use libfuzzer_sys::fuzz_target;
use model::{Capability, HIDDEN, Invariant, Model, PIECES};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::LazyLock;

// A byte that is not ASCII begins choices of what a genome says. Anything else is a text, or a path.
fuzz_target!(|bytes: &[u8]| match bytes.split_first() {
    Some((first, rest)) if !first.is_ascii() => {
        // Where the choices end, what was made so far is enough.
        let _ = genomes(&mut Unstructured::new(rest));
    }
    _ => {
        if let Ok(text) = std::str::from_utf8(bytes) {
            texts(text);
        }
        paths(bytes);
    }
});

/// The signers of a genome, of whom the first signs all of them.
static SIGNERS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let names = ["signer-1", "denies", "A:b/c@d+e-f._", "signed"];
    let signer = |(name, number): (&str, u8)| {
        let public_key = PrivateKey::from_seed(&[number; 32]).public_key().to_string();
        json!({"key_id": name, "alg": "ed25519", "public_key": public_key})
    };
    names.into_iter().zip(1..).map(signer).collect()
});

fn genomes(choices: &mut Unstructured<'_>) -> Result<()> {
    let one = draw(choices)?;
    let mut other = if choices.ratio(1, 4)? { draw(choices)? } else { one.clone() };
    for _ in 0..choices.int_in_range(0..=3_u8)? {
        edit(&mut other, choices)?;
    }
    let other = other.with_good_pins();
    let texts = [json(&one), json(&other), json(&empty())];
    let [Ok(read), Ok(read_other), Ok(base)] = texts.each_ref().map(|text| Document::read(text.as_bytes())) else { return Ok(()) };
    let shown = [&read, &read_other].map(facts::facts);
    for (model, shown) in [&one, &other].into_iter().zip(&shown) {
        shown.lines().for_each(assert_safe);
        let found = parse::Facts::read(shown).unwrap_or_else(|error| panic!("{error}: {shown}"));
        assert_eq!(found, parse::Facts::of(model));
    }
    assert_eq!(one.meaning() == other.meaning(), shown[0] == shown[1], "{one:#?}\n{other:#?}\n{}", shown[0]);

    let sentences: Vec<String> =
        Change::in_meaning_between(base.unverified(), read.unverified()).iter().map(ToString::to_string).collect();
    for sentence in &sentences {
        assert_safe(sentence);
    }
    let said = parse::sentences(sentences.iter().map(String::as_str)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(said, parse::expected(&one), "{sentences:#?}");
    Ok(())
}

/// A genome that says nothing.
fn empty() -> Model {
    let (name, created_at) = ("BASE".to_owned(), "2020-01-31T00:00:00Z".to_owned());
    Model {
        name,
        created_at,
        signers: Vec::new(),
        invariants: Vec::new(),
        capabilities: Vec::new(),
        pins: Vec::new(),
        files: Vec::new(),
    }
}

fn json(model: &Model) -> String {
    let invariant = |Invariant { id, severity, claim, hook }: &Invariant| json!({"id": id, "severity": severity, "testable_claim": claim, "enforcement_hook": hook});
    let capability = |Capability { id, risk, allow, deny }: &Capability| json!({"cap_id": id, "risk_class": risk, "allow_actions": allow, "deny_actions": deny});
    let named = |signer: &&Value| model.signers.iter().any(|name| signer["key_id"] == **name);
    let signers: Vec<&Value> = SIGNERS.iter().take(1).chain(SIGNERS.iter().skip(1).filter(named)).collect();
    let pins: Vec<Value> = model.pins.iter().map(|action| json!({"action": action, "sha256": parse::PINNED.repeat(64)})).collect();
    let mut document = json!({
        "schema_version": "genome.v0.1", "name": model.name, "version": "1.0.0", "parents": [], "created_at": model.created_at,
        "authority": {"signers": signers, "threshold": 1},
        "invariants": model.invariants.iter().map(invariant).collect::<Vec<_>>(),
        "capabilities": model.capabilities.iter().map(capability).collect::<Vec<_>>(),
        "build_manifest": {"files": model.files.iter().map(|path| json!({"path": path, "sha256": "a".repeat(64)})).collect::<Vec<_>>()},
    });
    if !pins.is_empty() {
        document["schema_version"] = "genome.v0.2".into();
        document["tools"] = pins.into();
    }
    document.to_string()
}

fn draw(choices: &mut Unstructured<'_>) -> Result<Model> {
    let mut model = Model { name: label(choices)?.chars().take(60).collect::<String>().trim().to_owned(), ..empty() };
    for signer in SIGNERS.iter().skip(1) {
        if choices.arbitrary()? {
            model.signers.extend(signer["key_id"].as_str().map(ToOwned::to_owned));
        }
    }
    for _ in 0..choices.int_in_range(0..=3_u8)? {
        let (id, hook) = (label(choices)?, label(choices)?);
        let severity = (*choices.choose(&["CRITICAL", "HIGH", "MEDIUM"])?).to_owned();
        let claim = text(choices, true)?;
        if model.invariants.iter().all(|other| other.id != id) {
            model.invariants.push(Invariant { id, severity, claim, hook });
        }
    }
    for _ in 0..choices.int_in_range(0..=3_u8)? {
        let capability = capability(choices)?;
        if model.capabilities.iter().all(|other| other.id != capability.id) {
            model.capabilities.push(capability);
        }
    }
    let mut seen = BTreeSet::new();
    for _ in 0..choices.int_in_range(0..=2_u8)? {
        let path = label(choices)?.replace(['\\', '/'], "_").replace(':', ";");
        if seen.insert(path.to_lowercase()) {
            model.files.push(path);
        }
    }
    for capability in model.capabilities.clone() {
        for action in capability.allow {
            if choices.ratio(1, 4)? {
                model.pins.push(action);
            }
        }
    }
    Ok(model.with_good_pins())
}

fn capability(choices: &mut Unstructured<'_>) -> Result<Capability> {
    let list =
        |choices: &mut Unstructured<'_>| (0..choices.int_in_range(0..=3_u8)?).map(|_| label(choices)).collect::<Result<Vec<_>>>();
    let (id, risk) = (label(choices)?, (*choices.choose(&["A", "B", "C", "D"])?).to_owned());
    let (allow, mut deny) = (list(choices)?, list(choices)?);
    deny.retain(|action| !allow.contains(action));
    Ok(Capability { id, risk, allow, deny })
}

/// Our own words and signs, one after the other, and characters of any kind between them.
fn text(choices: &mut Unstructured<'_>, may_hide: bool) -> Result<String> {
    let mut text = String::new();
    for _ in 0..choices.int_in_range(1..=4_u8)? {
        match choices.int_in_range(0..=7_u8)? {
            0 if may_hide => text.push_str(choices.choose(&HIDDEN)?),
            1 => text.push(choices.arbitrary()?),
            _ => text.push_str(choices.choose(&PIECES)?),
        }
    }
    Ok(text)
}

/// A text that the schema takes as a name.
fn label(choices: &mut Unstructured<'_>) -> Result<String> {
    let mut text = text(choices, false)?;
    text.retain(|character| !Printable::escapes(character));
    let text = text.trim();
    Ok(if text.is_empty() { "x".to_owned() } else { text.to_owned() })
}

/// Another order, which may or may not mean the same, or something else.
fn edit(model: &mut Model, choices: &mut Unstructured<'_>) -> Result<()> {
    fn rotate<T>(list: &mut [T], choices: &mut Unstructured<'_>) -> Result<()> {
        if !list.is_empty() {
            list.rotate_left(choices.choose_index(list.len())?);
        }
        Ok(())
    }
    match choices.int_in_range(0..=6_u8)? {
        0 => rotate(&mut model.capabilities, choices)?,
        1 => rotate(&mut model.invariants, choices)?,
        2 => {
            rotate(&mut model.files, choices)?;
            rotate(&mut model.pins, choices)?;
        }
        3 => {
            let time: &str =
                choices.choose_iter(["2020-01-31T00:00:00Z", "2020-01-31T00:00:00+00:00", "2020-01-31T00:00:00.000Z"])?;
            time.clone_into(&mut model.created_at);
        }
        _ if model.capabilities.is_empty() => label(choices)?.clone_into(&mut model.name),
        other => {
            let at = choices.choose_index(model.capabilities.len())?;
            let capability = &mut model.capabilities[at];
            match other {
                4 => rotate(&mut capability.allow, choices)?,
                5 => capability.allow.extend(capability.allow.first().cloned()),
                _ => {
                    let moved = capability.deny.pop();
                    capability.allow.extend(moved.filter(|action| !capability.deny.contains(action)));
                }
            }
        }
    }
    Ok(())
}

fn texts(text: &str) {
    let (shown, bare) = (Quoted(text).to_string(), Bare(text).to_string());
    assert_safe(&shown);
    assert_safe(&bare);
    assert_safe(&Printable(text).to_string());
    if holds_private_key(text) {
        assert!(!holds_private_key(&shown) && !holds_private_key(&bare));
        return;
    }
    assert_eq!(quoted::unquoted(&shown), Some((text.to_owned(), "")));
    // Also where more follows.
    let list = format!("{shown}, {shown}` x");
    let (first, rest) = quoted::unquoted(&list).unwrap();
    assert_eq!((first.as_str(), rest), (text, format!(", {shown}` x").as_str()));
    assert_eq!(Printable(&shown).to_string(), shown);
    assert_bare(&bare, &shown, text);
}

/// A text without quotes is itself, and has nothing that could end it.
fn assert_bare(bare: &str, shown: &str, text: &str) {
    if bare != shown {
        assert_eq!(bare, text);
        assert!(
            !text.is_empty()
                && !text.contains(|character: char| !character.is_ascii_graphic() || "`\\:,;()[]\"'#".contains(character))
        );
    }
}

fn paths(bytes: &[u8]) {
    let path = Path::new(OsStr::from_bytes(bytes));
    let (shown, bare) = (QuotedPath(path).to_string(), BarePath(path).to_string());
    assert_safe(&shown);
    assert_safe(&bare);
    if shown.starts_with('`') {
        assert_eq!(unquoted(&shown).unwrap(), bytes);
        if let Ok(text) = std::str::from_utf8(bytes) {
            assert_eq!((shown.clone(), bare), (Quoted(text).to_string(), Bare(text).to_string()));
        } else {
            assert_eq!(bare, shown);
        }
    } else {
        let parts = || bytes.utf8_chunks().map(|chunk| chunk.valid());
        assert!(parts().any(holds_private_key) || holds_private_key(&parts().collect::<Vec<_>>().join("\u{fffd}")));
    }
}

/// The bytes of a quoted path.
fn unquoted(shown: &str) -> Option<Vec<u8>> {
    let mut left = shown.strip_prefix('`')?.strip_suffix('`')?;
    let mut bytes = Vec::new();
    while let Some(character) = left.chars().next() {
        left = &left[character.len_utf8()..];
        if character == '`' {
            return None;
        } else if character != '\\' {
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
        } else if let Some(after) = left.strip_prefix('\\') {
            bytes.push(b'\\');
            left = after;
        } else if let Some(after) = left.strip_prefix('x') {
            bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
            left = &after[2..];
        } else {
            let (digits, after) = left.strip_prefix("u{")?.split_once('}')?;
            let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            left = after;
        }
    }
    Some(bytes)
}

/// What is shown is on one line, shows whole, and is no command to a CI system.
fn assert_safe(shown: &str) {
    let hidden = shown.chars().find(|&character| character.is_control() || Printable::escapes(character));
    assert_eq!(hidden, None, "{shown:?}");
    let is_command = |text: &str| {
        text.strip_prefix("##").is_some_and(|after| after.starts_with(|first: char| first == '[' || first.is_alphabetic()))
    };
    assert!(!shown.match_indices('#').any(|(at, _)| is_command(&shown[at..])), "{shown:?}");
    assert!(!holds_private_key(shown), "a private key is shown");
}
