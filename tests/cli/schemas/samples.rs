//! Good documents of each format, which together hold every member, and texts that say the same otherwise.

use super::readers::{Format, TORN, bytes};
use base64ct::{Base64, Encoding as _};
use genome::Digest;
use genome_test_support::{authority, fingerprint, key, signer};
use serde_json::{Value, json};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

/// Documents that the reader takes.
pub(crate) fn of(format: Format) -> Vec<Value> {
    match format {
        Format::Genome => vec![draft(), pinned(2), with("signature", signature("signer-1")), with("signatures", signatures(2))],
        Format::Trust => vec![signer(1), authority(&[1, 2, 3], 1), policy(&[1, 2], 2), policy(&[1], 1), pins()],
        Format::Proposal => vec![proposal()],
        Format::Probes => vec![
            json!({"must_allow": ["a", "b"], "must_deny": ["c", "d"]}),
            json!({"must_allow": ["a"]}),
            json!({"must_deny": ["c"]}),
        ],
        Format::State => {
            let accepted = json!({"A": {"version": "1.0.0", "genome_id": digest('a')}, "b c": {"version": "2.0.0-rc.1+5", "genome_id": digest('b')}});
            vec![sealed(format, &json!({"schema_version": "state.v0.1", "accepted": accepted, "sha256": ""}))]
        }
        Format::Audit => {
            let mut torn = line();
            torn["torn"] = json!({"bytes": TORN.len(), "sha256": Digest::of(TORN).to_string()});
            [line(), torn].iter().map(|line| sealed(format, line)).collect()
        }
        Format::Definitions => {
            let of_server = |tools: Value| json!({"schema_version": "definitions.v0.1", "server": "files", "tools": tools});
            let whole = json!({"name": "a", "title": "A", "description": "d", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}});
            let tools = json!([whole, {"name": "a"}, {"name": "", "_meta": [1, {"b": null}]}]);
            vec![and(of_server(tools), "instructions", "i".into()), of_server(json!([]))]
        }
    }
}

/// A document that holds the digest of itself.
fn sealed(format: Format, document: &Value) -> Value {
    serde_json::from_slice(&bytes(format, document, "")).unwrap()
}

/// Texts for which no mutation of a value stands: how they are written, and how much they hold.
pub(crate) fn texts(format: Format) -> Vec<(&'static str, Vec<u8>)> {
    let sample = of(format).remove(0);
    let plain = bytes(format, &sample, "");
    let (name, value) = sample.as_object().and_then(|members| members.iter().next()).unwrap();
    let twice = format!("{{{}:{value},", json!(name));
    let mut texts = vec![("a member twice", [twice.as_bytes(), plain.get(1..).unwrap()].concat())];
    match format {
        Format::Genome => {
            let signers = |count| bytes(format, &with_signers(&draft(), "/authority", count), "");
            let signed = |count| bytes(format, &with("signatures", signatures(count)), "");
            let unfinished = |count| bytes(format, &and(draft(), "signatures", signatures(count)), "");
            texts.extend([("256 signers", signers(256)), ("257 signers", signers(257))]);
            let pinned = |count| bytes(format, &pinned(count), "");
            texts.extend([("no pins", pinned(0)), ("16384 pins", pinned(16_384)), ("16385 pins", pinned(16_385))]);
            texts.extend([("512 signatures", signed(512)), ("513 signatures", signed(513)), ("no signatures", signed(0))]);
            texts.extend([("placeholders, no signatures", unfinished(0)), ("placeholders, a signature", unfinished(1))]);
            texts.push((
                "both fields",
                bytes(format, &and(with("signatures", signatures(2)), "signature", signature("signer-1")), ""),
            ));
        }
        Format::Trust => {
            let signers = |count| bytes(format, &with_signers(&policy(&[1], 1), "", count), "");
            texts.extend([("256 signers", signers(256)), ("257 signers", signers(257))]);
        }
        Format::Probes => texts.push(("no action", bytes(format, &json!({"must_allow": [], "must_deny": []}), ""))),
        Format::Audit => {
            let text = String::from_utf8(plain).unwrap();
            let mut long = sample;
            long["user"] = "x".repeat(64 * 1024).into();
            texts.extend([
                ("a space", text.replacen(':', ": ", 1).into()),
                ("an integer with a fraction", text.replace(r#""uid":1000"#, r#""uid":1000.0"#).into()),
                ("a long line", bytes(format, &long, "")),
            ]);
        }
        Format::Definitions => {
            let text = String::from_utf8(plain).unwrap();
            let with = |number: &str| text.replacen(r#""d""#, number, 1).into();
            texts
                .extend([("a number that is rounded", with("9223372036854775807")), ("a number that is too large", with("1e400"))]);
        }
        _ => {}
    }
    texts
}

fn digest(digit: char) -> String {
    digit.to_string().repeat(64)
}

fn signature(key_id: &str) -> Value {
    json!({"alg": "ed25519", "signer_key_id": key_id, "sig_base64": Base64::encode_string(&[7; 64])})
}

fn signatures(count: usize) -> Value {
    (1..=count).map(|number| signature(&format!("signer-{number}"))).collect()
}

/// A genome that nobody has signed, with placeholders.
fn draft() -> Value {
    let invariant = |id: &str, severity: &str| json!({"id": id, "severity": severity, "testable_claim": "it holds", "enforcement_hook": "hook"});
    let capability =
        |id: &str, class: &str| json!({"cap_id": id, "risk_class": class, "allow_actions": ["a", "b"], "deny_actions": ["c", "d"]});
    json!({
        "schema_version": "genome.v0.1", "name": "TEST", "version": "1.2.3", "parents": [digest('a'), digest('b')],
        "created_at": "2026-01-31T00:00:00Z", "authority": authority(&[1, 2], 2),
        "invariants": [invariant("I1", "CRITICAL"), invariant("I2", "MEDIUM")],
        "capabilities": [capability("C1", "A"), capability("C2", "D")],
        "build_manifest": {"files": [{"path": "a/b.txt", "sha256": digest('0')}, {"path": "c", "sha256": "TODO"}]},
    })
}

/// A draft that pins an action so many times.
fn pinned(count: usize) -> Value {
    let pin = |number: usize| json!({"action": if number == 1 { "files:instructions" } else { "a" }, "sha256": Digest::of(&number.to_ne_bytes()).to_string()});
    let mut document = and(draft(), "tools", (0..count).map(pin).collect());
    document["schema_version"] = "genome.v0.2".into();
    document
}

/// The same without placeholders, and with this member.
fn with(member: &str, value: Value) -> Value {
    let mut document = draft();
    document["build_manifest"]["files"][1]["sha256"] = digest('f').into();
    and(document, member, value)
}

/// A document with one more member.
fn and(mut document: Value, member: &str, value: Value) -> Value {
    document[member] = value;
    document
}

/// More keys than there are bytes to repeat: drawn, so that nobody has them.
static DRAWN: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()));

fn with_signers(document: &Value, pointer: &str, count: u16) -> Value {
    let mut document = document.clone();
    let signer = |number: u16| {
        let drawn = Digest::of(format!("{} {number}", *DRAWN).as_bytes());
        let key = genome::PrivateKey::from_seed(drawn.as_bytes()).public_key().to_string();
        json!({"key_id": format!("signer-{number}"), "alg": "ed25519", "public_key": key})
    };
    document.pointer_mut(pointer).unwrap()["signers"] = (1..=count).map(signer).collect();
    document
}

/// A trust policy with every member.
fn policy(signers: &[u8], threshold: u8) -> Value {
    let mut policy = authority(signers, threshold);
    let quorum = json!({"widening": "all", "weakening": 2, "narrowing": 1, "strengthening": 1, "neutral": "all"});
    policy["schema_version"] = "trust.v0.1".into();
    policy["genome_ids"] = json!([digest('a'), digest('b')]);
    policy["revoked"] = json!([fingerprint(3), fingerprint(4)]);
    policy["minimum_versions"] = json!({"TEST": "1.0.0", "a b": "0.1.0"});
    policy["maximum_age_days"] = 365.into();
    policy["quorum"] = quorum;
    policy
}

/// One that names no signers.
fn pins() -> Value {
    json!({"schema_version": "trust.v0.1", "genome_ids": [digest('a')]})
}

fn proposal() -> Value {
    let change = |class: &str, from: Value, to: Value| json!({"class": class, "kind": "action_allowed", "subject": "", "from": from, "to": to, "message": "m"});
    json!({
        "schema_version": "proposal.v0.1", "proposal": "0042", "title": "t", "status": "review",
        "from_genome_id": digest('a'), "to_genome_id": digest('b'),
        "changes": [change("widening", Value::Null, "x".into()), change("neutral", "x".into(), Value::Null)],
        "invariants_impacted": ["I1", "I2"], "capabilities_impacted": ["C1"], "breaking": false,
    })
}

/// The first line of an audit log.
fn line() -> Value {
    json!({
        "schema_version": "audit.v0.1", "line": 1, "previous": digest('0'), "time": "2026-01-31T00:00:00Z", "key_id": "signer-1",
        "fingerprint": key(1).public_key().fingerprint().to_string(), "custody": "file", "genome_id": digest('a'), "name": "TEST",
        "version": "1.2.3", "already": false, "sig_base64": Base64::encode_string(&[7; 64]), "output": "-", "uid": 1000,
        "user": "ops", "host": "build-1", "program": "genome-sign 0.1.0", "sha256": "",
    })
}
