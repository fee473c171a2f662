//! A repository with genomes, and a proposal to change them.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a harness stops where it cannot go on")]

use crate::{Draft, Ran, Release, assert_ran, printed, program, run};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// The directory of the proposal.
pub const DIRECTORY: &str = "proposals/0001-let-memory-be-updated";
/// What it says.
pub const PROPOSAL: &str = "proposals/0001-let-memory-be-updated/proposal.json";
/// Why.
pub const RATIONALE: &str = "proposals/0001-let-memory-be-updated/rationale.md";
/// Its probes.
pub const PROBES: &str = "proposals/0001-let-memory-be-updated/tests/ceiling.json";

/// One capability, which allows and denies these actions.
#[must_use]
pub fn capability(allow: &[&str], deny: &[&str]) -> Value {
    json!([{"cap_id": "CAP", "risk_class": "B", "allow_actions": allow, "deny_actions": deny}])
}

/// Invariants by id and severity.
#[must_use]
pub fn invariants(list: &[(&str, &str)]) -> Value {
    list.iter()
        .map(|(id, severity)| json!({"id": id, "severity": severity, "testable_claim": "it holds", "enforcement_hook": "hook"}))
        .collect()
}

/// The genome in use.
#[must_use]
pub fn old() -> Draft {
    Draft::new("1.0.0", &[1], 1)
        .with("capabilities", capability(&["memory_search"], &["memory_erase"]))
        .with("invariants", invariants(&[("INV-1", "CRITICAL"), ("INV-2", "HIGH")]))
}

/// The next one, which allows one action more.
#[must_use]
pub fn new() -> Draft {
    let capabilities = capability(&["memory_search", "memory_update"], &["memory_erase"]);
    old().with("version", "1.1.0").with("capabilities", capabilities).after(&[&old()])
}

/// A repository with genomes and proposals.
pub struct Repository(pub Release);

impl Repository {
    /// The genome in use, signed, and the draft of the next one.
    #[must_use]
    pub fn of(old: &Draft, new: &Draft) -> Self {
        let repository = Self(Release::new(1, 1));
        for directory in ["genomes/v1", "genomes/v2", "proposals"] {
            fs::create_dir_all(repository.0.path().join(directory)).unwrap();
        }
        repository.0.write("genomes/v1/genome.json", &old.signed(&[1]));
        repository.0.write("genomes/v2/draft.json", &new.document.to_string());
        repository
    }

    /// `genome-diff --propose` with these arguments, ready to run.
    #[must_use]
    pub fn proposing(&self, arguments: &[&str]) -> Command {
        let mut command = program("genome-diff", self.0.path());
        command.arg("--propose").args(arguments);
        command
    }

    /// Proposes the step as this directory.
    #[must_use]
    pub fn propose(&self, directory: &str) -> Ran {
        run(&mut self.proposing(&[directory, "genomes/v1/genome.json", "genomes/v2/draft.json"]))
    }

    /// With a proposal of the step, to which nothing is missing.
    #[must_use]
    pub fn proposed(old: &Draft, new: &Draft) -> Self {
        let repository = Self::of(old, new);
        assert_ran(&repository.propose(DIRECTORY), 0, "proposed 0001: `let memory be updated`");
        repository.0.write(RATIONALE, "# Why\n\nBecause.\n");
        fs::create_dir(repository.0.path().join(DIRECTORY).join("tests")).unwrap();
        repository.0.write(PROBES, r#"{"must_allow": ["memory_search"], "must_deny": ["memory_erase"]}"#);
        repository
    }

    /// Runs `genome-verify --proposal` with these arguments too.
    #[must_use]
    pub fn verify(&self, arguments: &[&str]) -> Ran {
        self.0.verify(&[&["--proposal", DIRECTORY], arguments].concat())
    }

    /// The proposal as it is.
    #[must_use]
    pub fn proposal(&self) -> Value {
        serde_json::from_str(&self.0.read(PROPOSAL)).unwrap()
    }

    /// Changes the proposal.
    pub fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let mut proposal = self.proposal();
        edit(&mut proposal);
        self.0.write(PROPOSAL, &proposal.to_string());
    }

    /// What the JSON report says of the one proposal.
    #[must_use]
    pub fn report(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let ran = self.verify(&[&["--format", "json"], arguments].concat());
        let report = printed::read("verify-report", &ran.stdout);
        assert_eq!((report["genomes"].as_array().unwrap().len(), report["proposals"].as_array().unwrap().len()), (0, 1));
        assert_eq!(report["verdict"], report["proposals"][0]["verdict"]);
        assert!(!genome_json::holds_private_key(&ran.stdout) && !genome_json::holds_private_key(&ran.stderr));
        (ran.status, report["proposals"][0].clone())
    }

    /// Where the proposal is not what it is about, as `file pointer message`.
    #[must_use]
    pub fn mismatches(&self) -> Vec<String> {
        let (status, report) = self.report(&[]);
        let further = report["further_refusals"].as_array().unwrap();
        let refusals: Vec<&Value> = [&report["refusal"]].into_iter().chain(further).filter(|refusal| !refusal.is_null()).collect();
        assert_eq!(status, Some(i32::from(!refusals.is_empty())), "{report}");
        assert_eq!(report["proposal"].is_null(), !refusals.is_empty(), "what is refused is not shown as accepted");
        let mut found = Vec::new();
        for refusal in refusals {
            assert_eq!(refusal["code"], "GENOME_PROPOSAL_MISMATCH", "{refusal}");
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let file = text(&refusal["file"]).rsplit('/').next().unwrap().to_owned();
            assert_eq!(refusal["pointer"], refusal["faults"][0]["pointer"]);
            for fault in refusal["faults"].as_array().unwrap() {
                assert!(!text(&fault["hint"]).is_empty() && !text(&refusal["hint"]).is_empty(), "{refusal}");
                found.push(format!("{file} {} {}", text(&fault["pointer"]), text(&fault["message"])));
            }
        }
        found
    }
}
