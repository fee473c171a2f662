//! What a comparison should say, by sets and by trying every action.

use genome::change::{Change, Class};
use genome::{Digest, PrivateKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A genome as lists, each item with the number of its name first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    pub(crate) name: u8,
    pub(crate) patch: u8,
    /// Key ids and keys.
    pub(crate) signers: Vec<(u8, u8)>,
    pub(crate) threshold: usize,
    pub(crate) invariants: Vec<(u8, ModelInvariant)>,
    pub(crate) capabilities: Vec<ModelCapability>,
    /// Actions and digests.
    pub(crate) pins: Vec<(&'static str, u8)>,
    /// Paths and digests.
    pub(crate) files: Vec<(u8, u8)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelInvariant {
    pub(crate) severity: &'static str,
    pub(crate) claim: u8,
    pub(crate) hook: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelCapability {
    pub(crate) id: String,
    pub(crate) risk: char,
    pub(crate) allow: Vec<&'static str>,
    pub(crate) deny: Vec<&'static str>,
}

/// Two of them are of the tools of one server.
pub(crate) const ACTIONS: [&str; 5] = ["a0", "a1", "a2", "s/a3", "s/a4"];

/// The instructions of that server.
pub(crate) const INSTRUCTIONS: &str = "s:instructions";

/// A class, a kind, a subject.
pub(crate) type Line = (&'static str, String, String);

/// The public keys, made once: to make one takes longer than all that is asked of it.
static PUBLIC: LazyLock<Vec<String>> = LazyLock::new(|| (0..5).map(|number| key(number).public_key().to_string()).collect());

pub(crate) fn key(number: u8) -> PrivateKey {
    PrivateKey::from_seed(&[number + 1; 32])
}

/// A change in the words of [`expected`].
pub(crate) fn line(change: &Change) -> Line {
    (change.class().as_str(), change.kind().to_owned(), change.subject())
}

/// The same, seen from the other genome.
pub(crate) fn mirrored((class, kind, subject): &Line) -> Line {
    let swapped = |pairs: &[(&'static str, &'static str)], word: &str| {
        let other = pairs.iter().find_map(|&(one, other)| match word {
            word if word == one => Some(other),
            word if word == other => Some(one),
            _ => None,
        });
        other.map(ToOwned::to_owned)
    };
    // Whether other words ask as much nobody knows, and a new key is new in both directions.
    let class = match kind.as_str() {
        "testable_claim" | "enforcement_hook" | "name" | "signer_key" => Class::Weakening.as_str(),
        _ => match *class {
            "widening" => "narrowing",
            "narrowing" => "widening",
            "weakening" => "strengthening",
            "strengthening" => "weakening",
            other => other,
        },
    };
    let kind = swapped(
        &[
            ("action_allowed", "action_not_allowed"),
            ("denial_added", "denial_removed"),
            ("capability_added", "capability_removed"),
            ("action_listed", "action_unlisted"),
            ("invariant_added", "invariant_removed"),
            ("signer_added", "signer_removed"),
            ("tool_pinned", "tool_unpinned"),
            ("definition_added", "definition_removed"),
            ("file_added", "file_removed"),
        ],
        kind,
    )
    .unwrap_or_else(|| kind.clone());
    (class, kind, subject.clone())
}

/// Without what each side says in its own way: the name of a key that has another, and what a pin gives away, which depends on what else is pinned
/// and allowed.
pub(crate) fn unsided((class, kind, subject): Line) -> Line {
    let is_pin =
        ["tool_pinned", "tool_unpinned", "definition_added", "definition_removed", "definition_replaced"].contains(&&*kind);
    let subject = if kind == "signer_renamed" { String::new() } else { subject };
    (if is_pin { "" } else { class }, kind, subject)
}

/// Where an action stands: `+` and `-` with the capability that decides, or nothing.
type ActionAnswer<'m> = Option<(bool, &'m ModelCapability)>;

impl Model {
    pub(crate) fn decide(&self, action: &str) -> Option<(bool, &str)> {
        self.standing(action).map(|(allowed, capability)| (allowed, capability.id.as_str()))
    }

    fn standing(&self, action: &str) -> ActionAnswer<'_> {
        let first = |has: fn(&ModelCapability) -> &[&'static str]| {
            self.capabilities.iter().find(|capability| has(capability).contains(&action))
        };
        let denied = first(|capability| &capability.deny).map(|capability| (false, capability));
        denied.or_else(|| first(|capability| &capability.allow).map(|capability| (true, capability)))
    }

    pub(crate) fn allows(&self, action: &str) -> bool {
        self.decide(action).is_some_and(|(allowed, _)| allowed)
    }

    /// Whether something of the server of this action is pinned. Plain names are those of one server.
    pub(crate) fn pins_server_of(&self, action: &str) -> bool {
        self.pins.iter().any(|(pinned, _)| is_of_server(pinned) == is_of_server(action))
    }

    /// Whether something is pinned that may be of the server of this action: a tool with a plain name may be one of any server.
    pub(crate) fn may_pin_server_of(&self, action: &str) -> bool {
        self.pins.iter().any(|(pinned, _)| !is_of_server(action) || is_of_server(pinned))
    }

    /// The digests that are good for an action.
    pub(crate) fn pinned(&self, action: &str) -> BTreeSet<u8> {
        self.pins.iter().filter(|(pinned, _)| *pinned == action).map(|(_, digest)| *digest).collect()
    }

    /// With the pins for which there is something to pin, each once.
    pub(crate) fn with_pins(mut self, pins: Vec<(&'static str, u8)>) -> Self {
        let mut seen = BTreeSet::new();
        self.pins = pins.into_iter().filter(|pin| (pin.0 == INSTRUCTIONS || self.allows(pin.0)) && seen.insert(*pin)).collect();
        self
    }

    pub(crate) fn to_json(&self) -> String {
        let list = |items: Vec<String>| items.join(", ");
        let signer = |(id, number): &(u8, u8)| {
            format!(r#"{{"alg": "ed25519", "key_id": "k{id}", "public_key": "{}"}}"#, PUBLIC[usize::from(*number)])
        };
        let invariant = |(id, ModelInvariant { severity, claim, hook }): &(u8, ModelInvariant)| {
            format!(
                r#"{{"id": "i{id}", "severity": "{severity}", "testable_claim": "claim {claim}", "enforcement_hook": "hook {hook}"}}"#
            )
        };
        let capability = |ModelCapability { id, risk, allow, deny }: &ModelCapability| {
            format!(r#"{{"risk_class": "{risk}", "deny_actions": {deny:?}, "cap_id": "{id}", "allow_actions": {allow:?}}}"#)
        };
        let file = |(path, digest): &(u8, u8)| format!(r#"{{"sha256": "{}", "path": "f{path}"}}"#, Digest::of(&[*digest]));
        let pin = |(action, digest): &(&str, u8)| format!(r#"{{"sha256": "{}", "action": "{action}"}}"#, Digest::of(&[*digest]));
        let pins = list(self.pins.iter().map(pin).collect());
        let tools = if pins.is_empty() { String::new() } else { format!(r#""tools": [{pins}],"#) };
        format!(
            r#"{{"schema_version": "genome.v0.{}", {tools} "name": "N{}", "version": "1.0.{}", "parents": [],
                "created_at": "2026-0{}-{}T00:00:00Z", "authority": {{"threshold": {}, "signers": [{}]}},
                "invariants": [{}], "capabilities": [{}], "build_manifest": {{"files": [{}]}}}}"#,
            if self.pins.is_empty() { 1 } else { 2 },
            self.name,
            self.patch,
            1 + self.patch,
            if self.patch == 0 { "31" } else { "01" },
            self.threshold,
            list(self.signers.iter().map(signer).collect()),
            list(self.invariants.iter().map(invariant).collect()),
            list(self.capabilities.iter().map(capability).collect()),
            list(self.files.iter().map(file).collect()),
        )
    }
}

/// What the comparison should say, but for orders.
pub(crate) fn expected(from: &Model, to: &Model) -> BTreeSet<Line> {
    let mut found = BTreeSet::new();
    let mut say = |class: &'static str, kind: &str, subject: &str| {
        assert!(found.insert((class, kind.to_owned(), subject.to_owned())), "{kind} {subject}");
    };
    if from.name != to.name {
        say("weakening", "name", "");
    }
    if from.patch != to.patch {
        say("neutral", "version", "");
        say("neutral", "created_at", "");
    }
    match to.threshold.cmp(&from.threshold) {
        std::cmp::Ordering::Less => say("weakening", "threshold", ""),
        std::cmp::Ordering::Equal => {}
        std::cmp::Ordering::Greater => say("strengthening", "threshold", ""),
    }
    signers(&mut say, from, to);
    invariants(&mut say, from, to);
    files(&mut say, from, to);
    actions(&mut say, from, to);
    pins(&mut say, from, to);
    found
}

fn signers(say: &mut impl FnMut(&'static str, &str, &str), from: &Model, to: &Model) {
    for key in 0..5 {
        let id = |model: &Model| model.signers.iter().find(|(_, other)| *other == key).map(|(id, _)| *id);
        let key_of = |model: &Model, id| model.signers.iter().find(|(other, _)| *other == id).map(|(_, key)| *key);
        let is_fresh = |model: &Model, other: &Model, id| {
            key_of(model, id).is_some_and(|key| other.signers.iter().all(|(_, theirs)| *theirs != key))
        };
        match (id(from), id(to)) {
            (Some(old), Some(new)) if old != new => say("neutral", "signer_renamed", &format!("k{new}")),
            // A new key in the place of one that nobody names any more.
            (None, Some(id)) if is_fresh(from, to, id) => say("weakening", "signer_key", &format!("k{id}")),
            (None, Some(id)) => say("weakening", "signer_added", &format!("k{id}")),
            (Some(id), None) if !is_fresh(to, from, id) => say("strengthening", "signer_removed", &format!("k{id}")),
            _ => {}
        }
    }
}

fn invariants(say: &mut impl FnMut(&'static str, &str, &str), from: &Model, to: &Model) {
    let find = |model: &Model, id| model.invariants.iter().find(|(other, _)| *other == id).map(|(_, invariant)| invariant.clone());
    for id in 0..4 {
        let name = format!("i{id}");
        match (find(from, id), find(to, id)) {
            (None, Some(_)) => say("strengthening", "invariant_added", &name),
            (Some(_), None) => say("weakening", "invariant_removed", &name),
            (Some(old), Some(new)) => {
                let rank = |severity| ["MEDIUM", "HIGH", "CRITICAL"].iter().position(|name| *name == severity).unwrap();
                match (rank(old.severity), rank(new.severity)) {
                    (old, new) if new < old => say("weakening", "severity", &name),
                    (old, new) if new > old => say("strengthening", "severity", &name),
                    _ => {}
                }
                if old.claim != new.claim {
                    say("weakening", "testable_claim", &name);
                }
                if old.hook != new.hook {
                    say("weakening", "enforcement_hook", &name);
                }
            }
            (None, None) => {}
        }
    }
}

fn files(say: &mut impl FnMut(&'static str, &str, &str), from: &Model, to: &Model) {
    let (from, to): (BTreeMap<u8, u8>, BTreeMap<u8, u8>) =
        (from.files.iter().copied().collect(), to.files.iter().copied().collect());
    for path in 0..4 {
        let name = format!("f{path}");
        match (from.get(&path), to.get(&path)) {
            (None, Some(_)) => say("strengthening", "file_added", &name),
            (Some(_), None) => say("weakening", "file_removed", &name),
            (Some(old), Some(new)) if old != new => say("neutral", "file_changed", &name),
            _ => {}
        }
    }
}

fn actions(say: &mut impl FnMut(&'static str, &str, &str), from: &Model, to: &Model) {
    let mut answered = BTreeSet::new();
    for action in ACTIONS {
        let (old, new) = (from.standing(action), to.standing(action));
        for (side, standing) in [("from", old), ("to", new)] {
            answered.extend(standing.map(|(allowed, capability)| (side, action, allowed, capability.id.clone())));
        }
        match (old, new) {
            (None | Some((false, _)), Some((true, _))) => say("widening", "action_allowed", action),
            (Some((true, _)), None | Some((false, _))) => say("narrowing", "action_not_allowed", action),
            (Some((true, old)), Some((true, new))) if old.id != new.id => {
                let class = match new.risk.cmp(&old.risk) {
                    std::cmp::Ordering::Less => "weakening",
                    std::cmp::Ordering::Equal => "neutral",
                    std::cmp::Ordering::Greater => "strengthening",
                };
                say(class, "action_moved", action);
            }
            (Some((false, _)), None) => say("weakening", "denial_removed", action),
            (None, Some((false, _))) => say("strengthening", "denial_added", action),
            // The answer is the same, and so the lists have to say what changed.
            _ => answered.retain(|(_, other, ..)| *other != action),
        }
    }
    for number in 0..4 {
        let id = format!("c{number}");
        let find = |model: &Model| model.capabilities.iter().find(|capability| capability.id == id).cloned();
        match (find(from), find(to)) {
            (None, Some(_)) => say("neutral", "capability_added", &id),
            (Some(_), None) => say("neutral", "capability_removed", &id),
            (Some(old), Some(new)) => {
                if new.risk < old.risk {
                    say("weakening", "risk_class", &id);
                } else if new.risk > old.risk {
                    say("strengthening", "risk_class", &id);
                }
                for action in ACTIONS {
                    for (allows, before, after) in [(true, &old.allow, &new.allow), (false, &old.deny, &new.deny)] {
                        let is_said = |side| answered.contains(&(side, action, allows, id.clone()));
                        match (before.contains(&action), after.contains(&action)) {
                            (false, true) if !is_said("to") => say("neutral", "action_listed", &format!("{id}={action}")),
                            (true, false) if !is_said("from") => say("neutral", "action_unlisted", &format!("{id}={action}")),
                            _ => {}
                        }
                    }
                }
            }
            (None, None) => {}
        }
    }
}

fn is_of_server(action: &str) -> bool {
    action.starts_with("s/") || action.starts_with("s:")
}

/// Where nothing of a server is pinned, its tools are good whatever they say; otherwise those that are pinned.
fn pins(say: &mut impl FnMut(&'static str, &str, &str), from: &Model, to: &Model) {
    for action in ACTIONS.into_iter().chain([INSTRUCTIONS]) {
        let (old, new) = (from.pinned(action), to.pinned(action));
        let instructs = action == INSTRUCTIONS;
        match (old.is_empty(), new.is_empty()) {
            _ if old == new => {}
            (true, _) => {
                let was_shut = from.may_pin_server_of(action) && (instructs || from.allows(action));
                say(if was_shut { "weakening" } else { "strengthening" }, "tool_pinned", action);
            }
            (_, true) => {
                let is_shut = !instructs && !to.allows(action) && to.pins_server_of(action);
                say(if is_shut { "neutral" } else { "weakening" }, "tool_unpinned", action);
            }
            _ if old.is_subset(&new) => say("weakening", "definition_added", action),
            _ if new.is_subset(&old) => say("strengthening", "definition_removed", action),
            _ => say("weakening", "definition_replaced", action),
        }
    }
}
