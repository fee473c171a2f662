//! What a reader of a report learns from it, by its grammar.

use super::model::{Capability, Invariant, Model};
use genome_test_support::quoted::{Line, Unexpected};
use std::collections::{BTreeMap, BTreeSet};

/// The digit of the digest to which everything is pinned.
pub(crate) const PINNED: &str = "c";

/// The rest of a line that ends with this digest.
fn pinned(line: &mut Line<'_>) -> Result<(), Unexpected> {
    line.word(&PINNED.repeat(64))
}

/// What genome-verify shows to a person.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) signers: Vec<String>,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) capabilities: Vec<Capability>,
    pub(crate) pins: Vec<String>,
}

pub(crate) fn verified(report: &str) -> Result<Shown, Unexpected> {
    const PLAIN: [&str; 12] = [
        "accepted, not trusted  g.json",
        "  ok  ",
        "  version     1.0.0",
        "  genome id   ",
        "  created at  2020-01-31T00:00:00Z",
        "  parents     none: it is a root",
        "  trust       self-declared: ",
        "  signers     1 of ",
        "  invariants  ",
        "  ceiling     ",
        "  pins        ",
        "  manifest    ",
    ];
    let mut shown = Shown::default();
    let mut section = "";
    for text in report.lines() {
        if let Some(start) = PLAIN.into_iter().find(|start| text.starts_with(start)) {
            section = start.trim().split(' ').next().unwrap_or_default();
            continue;
        }
        let mut line = Line(text);
        if line.accepts("  name        ") {
            shown.name = line.quoted()?;
            line.end()?;
            continue;
        }
        line.word("    ")?;
        match section {
            "signers" => {
                let _ = line.accepts("has not ");
                if !line.accepts("signed  ") {
                    line.word("sign")?;
                    line.word("ed  ")?;
                }
                shown.signers.push(line.until("  ")?.to_owned());
                line.word("SHA256:")?;
            }
            "invariants" => {
                let severity = line.until("  ")?.to_owned();
                let id = line.quoted()?;
                line.word("  ")?;
                let hook = line.quoted()?;
                line.word(": ")?;
                let claim = line.quoted()?;
                line.end()?;
                shown.invariants.push(Invariant { id, severity, claim, hook });
            }
            "ceiling" => {
                let risk = line.until("  ")?.to_owned();
                let id = line.quoted()?;
                let mut list = |verb: &str| if line.accepts(verb) { line.list() } else { Ok(Vec::new()) };
                let (allow, deny) = (list("  allows ")?, list("  denies ")?);
                line.end()?;
                shown.capabilities.push(Capability { id, risk, allow, deny });
            }
            "pins" => {
                pinned(&mut line)?;
                line.word("  ")?;
                shown.pins.push(line.quoted()?);
                line.end()?;
            }
            _ => return Err(Unexpected::new("a line of a section", text)),
        }
    }
    Ok(shown)
}

/// A difference from a genome that holds nothing, in the words of genome-diff.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    Name(String),
    Signer(String),
    Invariant(Invariant),
    Capability {
        id: String,
        risk: String,
        allow: usize,
        deny: usize,
    },
    /// With the one who decides, and whether that allows it.
    Action {
        action: String,
        by: String,
        is_allowed: bool,
    },
    Pin(String),
    File(String),
}

/// What should be said.
pub(crate) fn expected(model: &Model) -> Vec<Said> {
    let mut said = vec![Said::Name(model.name.clone())];
    said.extend(model.signers.iter().cloned().map(Said::Signer));
    said.extend(model.invariants.iter().cloned().map(Said::Invariant));
    said.extend(model.capabilities.iter().map(|Capability { id, risk, allow, deny }| Said::Capability {
        id: id.clone(),
        risk: risk.clone(),
        allow: allow.len(),
        deny: deny.len(),
    }));
    said.extend(model.decisions().into_iter().map(|(action, (is_allowed, by))| Said::Action { action, by, is_allowed }));
    said.extend(model.pins.iter().cloned().map(Said::Pin));
    said.extend(model.files.iter().cloned().map(Said::File));
    said.sort();
    said
}

/// What one sentence says; `None` of what every genome has.
pub(crate) fn sentence(text: &str) -> Result<Option<Said>, Unexpected> {
    let mut line = Line(text);
    if ["parents: ", "created_at: ", "version: ", "threshold: "].iter().any(|start| text.starts_with(start)) {
        return Ok(None);
    }
    let said = if line.accepts("name: ") {
        line.quoted()?;
        line.word(" -> ")?;
        let name = line.quoted()?;
        line.word(": versions that were accepted under the old name do not count for the new one")?;
        Said::Name(name)
    } else if line.accepts("signer `") {
        let key_id = line.until("` (SHA256:")?.to_owned();
        line.until(")")?;
        line.word(" may sign now")?;
        Said::Signer(key_id)
    } else if line.accepts("invariant ") {
        let id = line.quoted()?;
        line.word(" must hold now: ")?;
        let severity = line.until(", ")?.to_owned();
        let claim = line.quoted()?;
        line.word(", enforced by ")?;
        Said::Invariant(Invariant { id, severity, claim, hook: line.quoted()? })
    } else if line.accepts("capability ") {
        let id = line.quoted()?;
        line.word(" is new: risk class ")?;
        let risk = line.until(", ")?.to_owned();
        let mut number = |end| line.until(end).map(|number| number.parse().unwrap_or(usize::MAX));
        Said::Capability { id, risk, allow: number(" allowed, ")?, deny: number(" denied")? }
    } else if line.accepts("action ") {
        let action = line.quoted()?;
        line.word(" is ")?;
        let is_allowed = line.accepts("allowed by ");
        if !is_allowed {
            line.word("denied by ")?;
        }
        let by = line.quoted()?;
        if is_allowed {
            line.word(" (risk class ")?;
            line.until(")")?;
        }
        line.word(" now, and was allowed by nobody")?;
        Said::Action { action, by, is_allowed }
    } else if line.accepts("tool ") {
        let action = line.quoted()?;
        line.word(" is pinned now: no other definition is good than ")?;
        pinned(&mut line)?;
        if line.accepts("; of ") {
            if !line.accepts("tools with plain names") {
                line.quoted()?;
            }
            line.word(", what has no pin is good for nothing now")?;
        }
        if line.accepts("; no text at hand is that of ") {
            pinned(&mut line)?;
            line.word(": it would be in ")?;
            line.until("a file that is named with --definitions")?;
        }
        Said::Pin(action)
    } else {
        line.word("file ")?;
        let path = line.quoted()?;
        line.word(" is in the manifest now (")?;
        line.until(")")?;
        Said::File(path)
    };
    line.end()?;
    Ok(Some(said))
}

/// What all sentences say together.
pub(crate) fn sentences<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Vec<Said>, Unexpected> {
    let said = texts.into_iter().map(sentence).collect::<Result<Vec<_>, _>>()?;
    let mut said: Vec<Said> = said.into_iter().flatten().collect();
    said.sort();
    Ok(said)
}

/// The sentences of a list as a person sees it, each after its class.
pub(crate) fn listed(report: &str) -> Vec<&str> {
    const CLASSES: [&str; 5] = ["widening     ", "weakening    ", "narrowing    ", "strengthening", "neutral      "];
    let sentence = |line: &'_ str| {
        CLASSES.into_iter().find_map(|class| line.strip_prefix("  ")?.strip_prefix(class)?.strip_prefix("  ").map(str::len))
    };
    report.lines().filter_map(|line| line.get(line.len() - sentence(line)?..)).collect()
}

/// What the text says that git compares, of what a [`Model`] holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) name: String,
    pub(crate) signers: BTreeSet<String>,
    pub(crate) invariants: BTreeSet<Invariant>,
    /// The risk class of each, what it allows and what it denies.
    pub(crate) capabilities: BTreeMap<String, (String, BTreeSet<String>, BTreeSet<String>)>,
    pub(crate) pins: BTreeSet<String>,
    pub(crate) files: BTreeSet<String>,
}

impl Facts {
    pub(crate) fn of(model: &Model) -> Self {
        let capability = |Capability { id, risk, allow, deny }: &Capability| {
            let set = |list: &[String]| list.iter().cloned().collect();
            (id.clone(), (risk.clone(), set(allow), set(deny)))
        };
        Self {
            name: model.name.clone(),
            signers: std::iter::once("signer-1".to_owned()).chain(model.signers.iter().cloned()).collect(),
            invariants: model.invariants.iter().cloned().collect(),
            capabilities: model.capabilities.iter().map(capability).collect(),
            pins: model.pins.iter().cloned().collect(),
            files: model.files.iter().cloned().collect(),
        }
    }

    pub(crate) fn read(text: &str) -> Result<Self, Unexpected> {
        let mut facts = Self::default();
        for text in text.lines() {
            let mut line = Line(text);
            if ["version ", "created_at ", "threshold ", "signature "].iter().any(|start| text.starts_with(start)) {
                continue;
            }
            if line.accepts("name ") {
                facts.name = line.quoted()?;
            } else if line.accepts("signer ") {
                facts.signers.insert(line.until(" SHA256:")?.to_owned());
                continue;
            } else if line.accepts("invariant ") {
                let id = line.quoted()?;
                line.word(" ")?;
                let severity = line.until(" ")?.to_owned();
                let hook = line.quoted()?;
                line.word(": ")?;
                facts.invariants.insert(Invariant { id, severity, claim: line.quoted()?, hook });
            } else if line.accepts("pin ") {
                facts.pins.insert(line.quoted()?);
                line.word(" ")?;
                pinned(&mut line)?;
            } else if line.accepts("file ") {
                facts.files.insert(line.quoted()?);
                continue;
            } else {
                line.word("capability ")?;
                let capability = facts.capabilities.entry(line.quoted()?).or_default();
                if line.accepts(" risk class ") {
                    line.0.clone_into(&mut capability.0);
                    continue;
                }
                let allows = line.accepts(" allows ");
                if !allows {
                    line.word(" denies ")?;
                }
                (if allows { &mut capability.1 } else { &mut capability.2 }).insert(line.quoted()?);
                if line.accepts(", which ") {
                    line.quoted()?;
                    let _ = line.accepts(" allows before it") || line.accepts(" denies before it") || line.accepts(" denies");
                }
            }
            line.end()?;
        }
        Ok(facts)
    }
}

/// What genome-sign shows of a genome that names no parent.
#[derive(Debug, Default)]
pub(crate) struct Root {
    pub(crate) name: String,
    pub(crate) signers: Vec<String>,
    /// The risk class or `denied`, the action, and the capabilities that allow it or the one that denies it.
    pub(crate) actions: Vec<(String, String, Vec<String>)>,
    pub(crate) pins: Vec<String>,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) files: usize,
}

/// Parses it.
pub(crate) fn root(text: &str) -> Result<Root, Unexpected> {
    let mut root = Root::default();
    let mut lines = text.lines();
    let mut head = Line(lines.next().unwrap_or_default());
    head.word("contents of ")?;
    root.name = head.quoted()?;
    for text in lines {
        let mut line = Line(text);
        if line.accepts("  signer         ") {
            root.signers.push(line.quoted()?);
        } else if line.accepts("  allowed, ") {
            let class = line.until("     ")?.to_owned();
            let action = line.quoted()?;
            line.word(" by ")?;
            let mut by = vec![line.quoted()?];
            while line.accepts(" and ") {
                by.push(line.quoted()?);
                line.word(" (")?;
                line.until(")")?;
            }
            line.end()?;
            root.actions.push((class, action, by));
        } else if line.accepts("  denied         ") {
            let action = line.quoted()?;
            line.word(" by ")?;
            root.actions.push(("denied".to_owned(), action, vec![line.quoted()?]));
            line.end()?;
        } else if line.accepts("  pinned         ") {
            root.pins.push(line.quoted()?);
            line.word(" to ")?;
            pinned(&mut line)?;
            line.end()?;
        } else if line.accepts("  invariant      ") {
            let id = line.quoted()?;
            line.word(" (")?;
            let severity = line.until("): ")?.to_owned();
            let claim = line.quoted()?;
            line.word(", enforced by ")?;
            let hook = line.quoted()?;
            line.end()?;
            root.invariants.push(Invariant { id, severity, claim, hook });
        } else if line.accepts("  manifest       ") {
            root.files = line.until(" file")?.parse().map_err(|_| Unexpected::new("a number", text))?;
        } else {
            line.word("  threshold      1 of ")?;
        }
    }
    Ok(root)
}
