//! A first genome, which is made of no other.

use super::{DraftError, Drafted, pins};
use crate::digest::Digest;
use crate::document::Document;
use crate::model::reading::TOOLS;
use crate::model::{Capability, RiskClass, Signer};
use crate::timestamp::Timestamp;
use genome_json::Value;
use semver::Version;

/// The parts of a first genome. It has no parents, no invariants and no files, and denies all but what it is told to allow.
#[derive(Debug, Clone)]
pub struct FirstGenome {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// Who may sign it.
    pub signers: Vec<Signer>,
    /// How many of them must.
    pub threshold: usize,
    /// The actions that it allows, each in a risk class. The actions of a class are one capability.
    pub allow: Vec<(RiskClass, String)>,
    /// The definitions of tools that are good, each with its action. A genome that pins something is written as `genome.v0.2`.
    pub pins: Vec<(String, Digest)>,
}

impl FirstGenome {
    /// Returns it as a document, after reading it as strictly as one from a stranger.
    ///
    /// # Errors
    /// Everything that the schema refuses, in one [`DraftError::Refused`].
    pub fn finish(self) -> Result<Drafted, DraftError> {
        let json = self.into_value().to_pretty();
        let Document { id, genome, .. } = Document::read(json.as_bytes())?;
        Ok(Drafted { json, id, genome })
    }

    fn into_value(self) -> Value<'static> {
        let signers = self.signers.iter().map(Signer::to_value).collect();
        let pins: Vec<Value<'_>> = self.pins.into_iter().map(|(action, sha256)| pins::pin(action, sha256)).collect();
        let schema_version = pins::schema_version(&pins);
        let tools = (!pins.is_empty()).then_some((TOOLS, Value::Array(pins)));
        let members = [
            ("schema_version", Value::string(schema_version)),
            ("name", Value::string(self.name)),
            ("version", Value::string(self.version.to_string())),
            ("parents", Value::Array(Vec::new())),
            ("created_at", Value::string(self.created_at.to_string())),
            ("authority", Value::object([("signers", Value::Array(signers)), ("threshold", self.threshold.into())])),
            ("invariants", Value::Array(Vec::new())),
            ("capabilities", Value::Array(capabilities(&self.allow).into_iter().map(capability).collect())),
        ];
        let manifest = ("build_manifest", Value::object([("files", Value::Array(Vec::new()))]));
        Value::object(members.into_iter().chain(tools).chain([manifest]))
    }
}

/// A capability for each risk class that has an action.
fn capabilities(allow: &[(RiskClass, String)]) -> Vec<Capability> {
    let of_class = |&risk_class: &RiskClass| {
        let mut allow_actions: Vec<String> = Vec::new();
        for (_, action) in allow.iter().filter(|(class, _)| *class == risk_class) {
            if !allow_actions.contains(action) {
                allow_actions.push(action.clone());
            }
        }
        let cap_id = format!("CAP-{risk_class}");
        (!allow_actions.is_empty()).then(|| Capability { cap_id, risk_class, allow_actions, deny_actions: Vec::new() })
    };
    RiskClass::ALL.iter().filter_map(of_class).collect()
}

fn capability(capability: Capability) -> Value<'static> {
    let list = |actions: Vec<String>| Value::Array(actions.into_iter().map(Value::string).collect());
    Value::object([
        ("cap_id", Value::string(capability.cap_id)),
        ("risk_class", Value::string(capability.risk_class.as_str())),
        ("allow_actions", list(capability.allow_actions)),
        ("deny_actions", list(capability.deny_actions)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;

    fn first(name: &str, allow: &[(RiskClass, &str)]) -> Result<Drafted, DraftError> {
        pinned(name, allow, &[])
    }

    fn pinned(name: &str, allow: &[(RiskClass, &str)], pins: &[(&str, Digest)]) -> Result<Drafted, DraftError> {
        FirstGenome {
            name: name.to_owned(),
            version: Version::new(1, 0, 0),
            created_at: Timestamp::from_unix_seconds(0).unwrap(),
            signers: vec![Signer::new("a".parse().unwrap(), PrivateKey::from_seed(&[7; 32]).public_key())],
            threshold: 1,
            allow: allow.iter().map(|(class, action)| (*class, (*action).to_owned())).collect(),
            pins: pins.iter().map(|(action, sha256)| ((*action).to_owned(), *sha256)).collect(),
        }
        .finish()
    }

    #[test]
    fn it_says_what_it_was_told_and_nothing_else() {
        use RiskClass::{A, B, D};
        let drafted =
            first("agent \"1\"", &[(B, "memory_search"), (D, "erase"), (B, "memory_search"), (A, "a=b"), (D, "x")]).unwrap();
        let genome = drafted.genome();
        assert_eq!((genome.name.as_str(), genome.parents.len(), genome.invariants.len()), ("agent \"1\"", 0, 0));
        let shown: Vec<String> =
            genome.capabilities.iter().map(|capability| format!("{} {:?}", capability.cap_id, capability.allow_actions)).collect();
        assert_eq!(shown, [r#"CAP-A ["a=b"]"#, r#"CAP-B ["memory_search"]"#, r#"CAP-D ["erase", "x"]"#]);
        assert!(first("a", &[]).unwrap().genome().capabilities.is_empty());
    }

    #[test]
    fn it_pins_what_it_allows_and_nothing_else() {
        let allow = [(RiskClass::B, "files/read_file")];
        let digest = Digest::of(b"{}");
        let drafted = pinned("a", &allow, &[("files/read_file", digest), ("files:instructions", digest)]).unwrap();
        assert_eq!(
            drafted.genome().tools.iter().map(|pin| pin.action.as_str()).collect::<Vec<_>>(),
            ["files/read_file", "files:instructions"]
        );
        assert!(
            drafted.to_json().contains("genome.v0.2") && drafted.to_json().find("tools") < drafted.to_json().find("build_manifest")
        );
        assert!(first("a", &allow).unwrap().to_json().contains("genome.v0.1"));
        assert!(matches!(pinned("a", &allow, &[("files/write_file", digest)]), Err(DraftError::Refused(_))));
    }

    #[test]
    fn what_the_schema_refuses_is_refused() {
        for (name, action) in [("", "a"), ("a\u{202e}b", "a"), ("a", ""), ("a", "a\n")] {
            assert!(matches!(first(name, &[(RiskClass::B, action)]), Err(DraftError::Refused(_))), "{name:?} {action:?}");
        }
    }
}
