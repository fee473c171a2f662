//! What a draft should be, by sets and lists of names.

use genome::draft::{Draft, DraftError};
use genome::model::Signer;
use genome::{Digest, Document, Genome, PrivateKey};

/// A genome as lists, each item with its name first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    pub(crate) signers: Vec<(String, u8)>,
    pub(crate) threshold: usize,
    pub(crate) invariants: Vec<(String, String)>,
    pub(crate) capabilities: Vec<ModelCapability>,
    pub(crate) pins: Vec<(String, Digest)>,
    pub(crate) files: Vec<(String, Digest)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelCapability {
    pub(crate) id: String,
    pub(crate) risk: char,
    pub(crate) allow: Vec<String>,
    pub(crate) deny: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    AddSigner(String, u8),
    RemoveSigner(String),
    Threshold(usize),
    AddInvariant(String, String),
    RemoveInvariant(String),
    AddCapability(ModelCapability),
    RemoveCapability(String),
    Allow(String, String),
    Deny(String, String),
    RemoveAction(String, String),
    Pin(String, Digest),
    Unpin(String, Option<Digest>),
    PutFile(String, Digest),
    RemoveFile(String),
}

pub(crate) fn key(number: u8) -> PrivateKey {
    PrivateKey::from_seed(&[number + 1; 32])
}

pub(crate) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

pub(crate) fn start() -> Model {
    let capability = |id: &str, risk, allow: &[&str], deny: &[&str]| ModelCapability {
        id: id.to_owned(),
        risk,
        allow: strings(allow),
        deny: strings(deny),
    };
    Model {
        signers: (0..3).map(|number| (format!("n{number}"), number)).collect(),
        threshold: 2,
        invariants: [0, 1, 2].map(|number| (format!("n{number}"), format!("claim {number}"))).to_vec(),
        capabilities: vec![
            capability("n0", 'A', &["n0", "n1"], &[]),
            capability("n1", 'B', &["n1", "n2"], &["n3"]),
            capability("n2", 'C', &[], &["n0"]),
        ],
        pins: [1, 2].map(|number| (format!("n{number}"), Digest::of(&[number]))).to_vec(),
        files: [0, 1, 2].map(|number| (format!("n{number}"), Digest::of(&[number]))).to_vec(),
    }
}

pub(crate) fn capability_json(capability: &ModelCapability) -> String {
    let ModelCapability { id, risk, allow, deny } = capability;
    format!(r#"{{"risk_class": "{risk}", "deny_actions": {deny:?}, "cap_id": "{id}", "allow_actions": {allow:?}}}"#)
}

pub(crate) fn invariant_json(id: &str, claim: &str) -> String {
    format!(r#"{{"id": "{id}", "testable_claim": "{claim}", "severity": "HIGH", "enforcement_hook": "hook"}}"#)
}

/// The model as a signed genome, with members in an order of their own.
pub(crate) fn signed(model: &Model) -> String {
    let signer = |(id, number): &(String, u8)| {
        format!(r#"{{"alg": "ed25519", "key_id": "{id}", "public_key": "{}"}}"#, key(*number).public_key())
    };
    let file = |(path, digest): &(String, Digest)| format!(r#"{{"sha256": "{digest}", "path": "{path}"}}"#);
    let list = |items: Vec<String>| items.join(", ");
    let pin = |(action, digest): &(String, Digest)| format!(r#"{{"sha256": "{digest}", "action": "{action}"}}"#);
    let pins = list(model.pins.iter().map(pin).collect());
    let (number, tools) = if pins.is_empty() { (1, String::new()) } else { (2, format!(r#""tools": [{pins}],"#)) };
    let text = format!(
        r#"{{"name": "M\u004fDEL", "capabilities": [{}], "authority": {{"threshold": {}, "signers": [{}]}},
            "build_manifest": {{"files": [{}]}}, "version": "1.0.0", "schema_version": "genome.v0.{number}", {tools}
            "created_at": "2026-01-31T00:00:00Z", "parents": [], "invariants": [{}]}}"#,
        list(model.capabilities.iter().map(capability_json).collect()),
        model.threshold,
        list(model.signers.iter().map(signer).collect()),
        list(model.files.iter().map(file).collect()),
        list(model.invariants.iter().map(|(id, claim)| invariant_json(id, claim)).collect()),
    );
    let mut document = Document::read(text.as_bytes()).unwrap();
    for (id, number) in &model.signers {
        document.sign(Some(&id.parse().unwrap()), &key(*number), &[]).unwrap();
    }
    document.to_json()
}

impl Model {
    pub(crate) fn capability(&mut self, id: &str) -> Option<&mut ModelCapability> {
        self.capabilities.iter_mut().find(|capability| capability.id == id)
    }

    /// Applies a step, if it can be applied.
    pub(crate) fn apply(&mut self, step: &Step) -> bool {
        fn remove<T>(list: &mut Vec<T>, is: impl Fn(&T) -> bool) -> bool {
            let before = list.len();
            list.retain(|item| !is(item));
            list.len() < before
        }
        match step {
            Step::AddSigner(id, number) => {
                let is_new = self.signers.iter().all(|(other, key)| other != id && key != number);
                self.signers.extend(is_new.then(|| (id.clone(), *number)));
                is_new
            }
            Step::RemoveSigner(id) => remove(&mut self.signers, |(other, _)| other == id),
            Step::Threshold(threshold) => {
                self.threshold = *threshold;
                true
            }
            Step::AddInvariant(id, claim) => {
                let is_new = self.invariants.iter().all(|(other, _)| other != id);
                self.invariants.extend(is_new.then(|| (id.clone(), claim.clone())));
                is_new
            }
            Step::RemoveInvariant(id) => remove(&mut self.invariants, |(other, _)| other == id),
            Step::AddCapability(capability) => {
                let is_new = self.capability(&capability.id).is_none();
                self.capabilities.extend(is_new.then(|| capability.clone()));
                is_new
            }
            Step::RemoveCapability(id) => remove(&mut self.capabilities, |other| other.id == *id),
            Step::Allow(id, action) | Step::Deny(id, action) => {
                let Some(ModelCapability { allow, deny, .. }) = self.capability(id) else { return false };
                let is_new = !allow.contains(action) && !deny.contains(action);
                let list = if matches!(step, Step::Allow(..)) { allow } else { deny };
                list.extend(is_new.then(|| action.clone()));
                is_new
            }
            Step::RemoveAction(id, action) => match self.capability(id) {
                Some(capability) => {
                    remove(&mut capability.allow, |other| other == action) | remove(&mut capability.deny, |other| other == action)
                }
                None => false,
            },
            Step::Pin(action, digest) => {
                let pin = (action.clone(), *digest);
                let is_new = !self.pins.contains(&pin);
                self.pins.extend(is_new.then_some(pin));
                is_new
            }
            Step::Unpin(action, digest) => {
                remove(&mut self.pins, |(other, pinned)| other == action && digest.is_none_or(|digest| digest == *pinned))
            }
            Step::PutFile(path, digest) => {
                match self.files.iter_mut().find(|(other, _)| other == path) {
                    Some((_, old)) => *old = *digest,
                    None => self.files.push((path.clone(), *digest)),
                }
                true
            }
            Step::RemoveFile(path) => remove(&mut self.files, |(other, _)| other == path),
        }
    }

    /// Whether each pin has something to pin.
    pub(crate) fn has_good_pins(&self) -> bool {
        let lists =
            |list: fn(&ModelCapability) -> &[String], action| self.capabilities.iter().any(|cap| list(cap).contains(action));
        self.pins.iter().all(|(action, _)| lists(|cap| &cap.allow, action) && !lists(|cap| &cap.deny, action))
    }

    pub(crate) fn of(genome: &Genome) -> Self {
        let number = |signer: &Signer| (0..9).find(|&number| key(number).public_key() == signer.public_key).unwrap();
        let capabilities = genome.capabilities.iter().map(|capability| ModelCapability {
            id: capability.cap_id.clone(),
            risk: capability.risk_class.as_str().chars().next().unwrap(),
            allow: capability.allow_actions.clone(),
            deny: capability.deny_actions.clone(),
        });
        Self {
            signers: genome.authority.signers.iter().map(|signer| (signer.key_id.to_string(), number(signer))).collect(),
            threshold: genome.authority.threshold,
            invariants: genome.invariants.iter().map(|item| (item.id.clone(), item.testable_claim.clone())).collect(),
            capabilities: capabilities.collect(),
            pins: genome.tools.iter().map(|pin| (pin.action.clone(), pin.sha256)).collect(),
            files: genome.files.iter().map(|file| (file.path.to_string(), file.sha256.unwrap())).collect(),
        }
    }
}

pub(crate) fn apply<'a>(draft: &mut Draft<'a>, step: &Step, json: &'a str) -> Result<(), DraftError> {
    match step {
        Step::AddSigner(..) => draft.add_signer(&Draft::read_signer(json.as_bytes()).unwrap()),
        Step::RemoveSigner(id) => draft.remove_signer(&id.parse().unwrap()),
        Step::Threshold(threshold) => {
            draft.set_threshold(*threshold);
            Ok(())
        }
        Step::AddInvariant(..) => draft.add_invariant(json.as_bytes()),
        Step::RemoveInvariant(id) => draft.remove_invariant(id),
        Step::AddCapability(_) => draft.add_capability(json.as_bytes()),
        Step::RemoveCapability(id) => draft.remove_capability(id),
        Step::Allow(id, action) => draft.allow(id, action),
        Step::Deny(id, action) => draft.deny(id, action),
        Step::RemoveAction(id, action) => draft.remove_action(id, action),
        Step::Pin(action, digest) => draft.pin(action, *digest),
        Step::Unpin(action, digest) => draft.unpin(action, *digest),
        Step::PutFile(path, digest) => {
            draft.put_files([(path.parse().unwrap(), *digest)]);
            Ok(())
        }
        Step::RemoveFile(path) => draft.remove_file(&path.parse().unwrap()),
    }
}

/// The document of a step that is given as one.
pub(crate) fn document(step: &Step) -> String {
    match step {
        Step::AddSigner(id, number) => {
            format!(r#"{{"key_id": "{id}", "alg": "ed25519", "public_key": "{}"}}"#, key(*number).public_key())
        }
        Step::AddInvariant(id, claim) => invariant_json(id, claim),
        Step::AddCapability(capability) => capability_json(capability),
        _ => String::new(),
    }
}
