//! What a gate makes of lines of a client, one JSON value a line: `null` for what is not sent on, or the method, the id, and the text that the server gets.
//! `fuzz/readers.py` compares them with what Python reads.
//!
//! The genome allows the tools `ok` and `a/b` of the server `s`, and prompts.

use genome::{Document, PrivateKey, TrustPolicy, Verifier};
use genome_json::Value;
use genome_mcp::message::{Id, Kind, read};
use genome_mcp::{Gate, Names};
use std::error::Error;
use std::io::{self, BufRead as _, Write as _};
use std::time::SystemTime;

fn main() -> Result<(), Box<dyn Error>> {
    let key = PrivateKey::from_seed(&[42; 32]);
    let signer = format!(r#"{{ "key_id": "ops-1", "alg": "ed25519", "public_key": "{}" }}"#, key.public_key());
    let draft = format!(
        r#"{{
            "schema_version": "genome.v0.1", "name": "EXAMPLE", "version": "1.0.0", "parents": [], "created_at": "2026-01-31T00:00:00Z",
            "authority": {{ "signers": [{signer}], "threshold": 1 }}, "invariants": [],
            "capabilities": [{{
                "cap_id": "CAP", "risk_class": "B", "allow_actions": ["s/ok", "s/a/b", "s:prompts/get"], "deny_actions": []
            }}],
            "build_manifest": {{ "files": [] }}
        }}"#
    );
    let policy = TrustPolicy::read(signer.as_bytes())?;
    let mut document = Document::read(draft.as_bytes())?;
    document.sign(None, &key, &[])?;
    let genome = Verifier::trusting(&policy, SystemTime::now()).verify(document.to_json().as_bytes())?;
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        // Each line is the first of a session: no id is open.
        let gate = Gate::new(&genome, Names::of_server("s".parse()?), [0; 16]);
        let sent = gate.from_client(&line).to_server;
        let written = match (sent, read(&line)) {
            (Some(sent), Ok(Some(message))) => {
                let (method, id) = match message.kind() {
                    Kind::Request { id, method } => (Some(method.to_string()), Some(id)),
                    Kind::Notification { method } => (Some(method.to_string()), None),
                    Kind::Result(id) | Kind::Error(id) => (None, Some(id)),
                };
                let members = [("method", method), ("id", id.map(Id::to_string)), ("sent", Some(sent.into_owned()))];
                let known = members.into_iter().filter_map(|(name, text)| Some((name, Value::string(text?))));
                Value::object(known.collect::<Vec<_>>()).to_compact()
            }
            _ => "null".to_owned(),
        };
        writeln!(output, "{written}")?;
    }
    Ok(())
}
