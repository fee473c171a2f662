//! Proposals as `genome-verify --proposal` holds them against what they are about.

use genome_test_support::proposal::{DIRECTORY, PROBES, PROPOSAL, RATIONALE, Repository, capability, invariants, new, old};
use genome_test_support::{Ran, assert_ran, failing_after_search, fingerprint, has, policy, program, run, run_unprivileged};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn what_matches_is_accepted_in_each_format() {
    let repository = Repository::proposed(&old(), &new());
    let ran = repository.verify(&[]);
    assert_ran(&ran, 0, "");
    let expected = format!(
        "accepted  {DIRECTORY}\n  proposal    0001: `let memory be updated`\n  status      draft\n  from        {}\n  to          {}\n  changes     1 widening, 2 neutral\n  breaking    no\n  probes      2 hold\n",
        old().id(),
        new().id()
    );
    assert_eq!((ran.stdout, ran.stderr.as_str()), (expected, ""));
    assert_eq!(repository.verify(&["--quiet"]).stdout, "");
    let (status, report) = repository.report(&[]);
    let proposal = json!({
        "number": "0001", "title": "let memory be updated", "status": "draft", "from_genome_id": old().id(), "to_genome_id": new().id(),
        "breaking": false
    });
    let expected = json!({
        "path": DIRECTORY, "verdict": "accepted", "refusal": null, "further_refusals": [], "warnings": [], "probes": 2, "proposal": proposal
    });
    assert_eq!((status, report), (Some(0), expected));
    let github = repository.verify(&["--format", "github"]).stdout;
    let expected =
        format!("::notice file={PROPOSAL}::accepted: proposal 0001, draft: 1 widening, 2 neutral (it says what the change is)\n");
    assert_eq!(github, expected);

    repository.edit(|proposal| proposal["breaking"] = "no".into());
    repository.0.write(PROBES, "[]");
    let ran = repository.verify(&[]);
    assert_ran(&ran, 1, "error[GENOME_INVALID_SCHEMA]");
    assert_eq!(ran.stdout, format!("refused  {DIRECTORY}\n"));
    repository.edit(|proposal| proposal["breaking"] = false.into());
    repository.edit(|proposal| proposal["capabilities_impacted"] = json!([]));
    repository.0.write(PROBES, r#"{"must_deny": ["memory_search"]}"#);
    let github = repository.verify(&["--format", "github"]);
    let lines: Vec<&str> = github.stdout.lines().collect();
    assert_eq!(github.status, Some(1));
    let starts = [
        format!(
            "::error file={PROPOSAL},line=1,col=43,title=GENOME_PROPOSAL_MISMATCH::/capabilities_impacted: the change touches `CAP`, which is not listed (help: "
        ),
        format!(
            "::error file={PROBES},line=1,col=16,title=GENOME_PROPOSAL_MISMATCH::/must_deny/0: `memory_search` must be denied, and is not: "
        ),
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:?}");
    for (line, start) in lines.iter().zip(&starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

/// A change of a proposal that was in order, and the lines that this makes: file, pointer and message.
type Spoilt = (fn(&Repository), &'static [&'static str]);

#[test]
fn each_mismatch_is_found_where_it_stands() {
    let spoilt: [Spoilt; 19] = [
        (
            |r| r.edit(|p| drop(p["changes"].as_array_mut().unwrap().remove(0))),
            &["proposal.json /changes not declared: widening: action `memory_update`"],
        ),
        (
            |r| r.edit(|p| p["changes"][0]["message"] = "a small correction".into()),
            &[
                "proposal.json /changes not declared: widening: action",
                "proposal.json /changes/0 declared, and not so: widening: `a small correction`",
            ],
        ),
        (
            |r| r.edit(|p| p["changes"][0]["class"] = "neutral".into()),
            &["proposal.json /changes not declared: widening: ", "proposal.json /changes/0 declared, and not so: neutral: "],
        ),
        (
            |r| r.edit(|p| p["changes"][2]["from"] = Value::Null),
            &[
                "proposal.json /changes not declared: neutral: parents",
                "proposal.json /changes/2 declared, and not so: neutral: `parents",
            ],
        ),
        (
            |r| {
                r.edit(|p| {
                    let mut more = p["changes"][0].clone();
                    more["subject"] = "memory_move".into();
                    p["changes"].as_array_mut().unwrap().push(more);
                });
            },
            &["proposal.json /changes/3 declared, and not so: widening: "],
        ),
        (
            |r| r.edit(|p| p["capabilities_impacted"] = json!([])),
            &["proposal.json /capabilities_impacted the change touches `CAP`"],
        ),
        (
            |r| r.edit(|p| p["capabilities_impacted"] = json!(["CAP", "CAP-2"])),
            &["proposal.json /capabilities_impacted neither genome has `CAP-2`"],
        ),
        (
            |r| r.edit(|p| p["invariants_impacted"] = json!(["INV-1", "INV-9"])),
            &["proposal.json /invariants_impacted neither genome has `INV-9`"],
        ),
        (
            |r| r.0.write(PROBES, r#"{"must_allow": ["memory_search", "memory_erase"]}"#),
            &["ceiling.json /must_allow/1 `memory_erase` must be allowed, and is not: "],
        ),
        (
            |r| r.0.write(PROBES, r#"{"must_deny": ["memory_update"]}"#),
            &["ceiling.json /must_deny/0 `memory_update` must be denied, and is not: "],
        ),
        (|r| r.0.write(RATIONALE, "# Why\n\n## Because\n\n"), &["rationale.md  it says nothing"]),
        (|r| r.0.write(RATIONALE, ""), &["rationale.md  it says nothing"]),
        (|r| r.0.write(RATIONALE, "# Why\n\n---\n"), &["rationale.md  it says nothing"]),
        (|r| r.0.write(RATIONALE, "Why\n> - TO FILL IN: who needs it\n"), &["rationale.md  line 2 is still the template's"]),
        (
            |r| r.0.write(RATIONALE, "# Why\n\nBecause.\n  TO FILL IN: other ways\nother ways, and why they are not enough\n"),
            &["rationale.md  line 4 is still the template's", "rationale.md  line 5 is still the template's"],
        ),
        (|r| fs::write(r.0.path().join(RATIONALE), b"\xff\xfeT\0O\0").unwrap(), &["rationale.md  it is not UTF-8"]),
        (
            |r| r.edit(|p| p["proposal"] = "0002".into()),
            &["proposal.json /proposal its directory is called `0001-let-memory-be-updated`"],
        ),
        (
            |r| fs::create_dir(r.0.path().join("proposals/0001-other")).unwrap(),
            &["proposal.json /proposal `0001-other` has the same number"],
        ),
        // Everything that is wrong is said at once.
        (
            |r| {
                r.edit(|p| p["proposal"] = "0002".into());
                r.0.write(RATIONALE, "");
                r.0.write(PROBES, r#"{"must_allow": ["memory_erase"]}"#);
            },
            &["proposal.json /proposal", "rationale.md  it says", "ceiling.json /must_allow/0"],
        ),
    ];
    for (spoil, expected) in spoilt {
        let repository = Repository::proposed(&old(), &new());
        assert_eq!(repository.mismatches(), [""; 0]);
        spoil(&repository);
        let found = repository.mismatches();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "expected `{expected}`: {found}");
        }
        assert_ran(&repository.verify(&[]), 1, "error[GENOME_PROPOSAL_MISMATCH]");
    }
}

/// What is declared as it is, and is refused all the same.
#[test]
fn a_step_that_is_not_good_cannot_be_declared() {
    let critical = |list: &[(&str, &str)]| new().with("invariants", invariants(list));
    for (draft, expected) in [
        (new().with("parents", json!([])), "/to_genome_id `parents` does not name `TEST` 1.0.0"),
        (new().with("created_at", "2019-01-31T00:00:00Z"), "/to_genome_id it is older than its parent"),
        (new().with("version", "1.0.1"), "/to_genome_id the version goes up by a patch, 1.0.0 -> 1.0.1, and a widening is more"),
        (new().with("version", "0.9.0"), "/to_genome_id the version is not higher"),
        (critical(&[("INV-2", "HIGH")]), "/to_genome_id the critical invariant `INV-1` went missing"),
        (critical(&[("INV-1", "HIGH"), ("INV-2", "HIGH")]), "/to_genome_id the critical invariant `INV-1` went missing"),
        (critical(&[("INV-3", "CRITICAL"), ("INV-2", "HIGH")]), "/to_genome_id the critical invariant `INV-1` went missing"),
    ] {
        let repository = Repository::proposed(&old(), &draft);
        // What was decided against may be kept as it was.
        repository.edit(|proposal| proposal["status"] = "rejected".into());
        assert_eq!(repository.mismatches(), [""; 0]);
        for status in ["draft", "review", "approved"] {
            repository.edit(|proposal| proposal["status"] = status.into());
            let found = repository.mismatches();
            assert!(
                matches!(found.as_slice(), [found] if found.starts_with(&format!("proposal.json {expected}"))),
                "{expected}: {found:?}"
            );
        }
    }
    // What breaks is said to break, and everything else may be changed.
    let narrower =
        new().with("capabilities", capability(&[], &["memory_erase"])).with("invariants", invariants(&[("INV-1", "CRITICAL")]));
    let repository = Repository::proposed(&old(), &narrower);
    repository.0.write(PROBES, r#"{"must_deny": ["memory_search"]}"#);
    assert_eq!(repository.proposal()["breaking"], true);
    assert_eq!(repository.proposal()["invariants_impacted"], json!(["INV-2"]));
    assert_eq!(repository.mismatches(), [""; 0]);
    repository.edit(|proposal| proposal["breaking"] = false.into());
    assert_eq!(
        repository.mismatches(),
        ["proposal.json /breaking the change breaks what worked before, and the proposal says that it does not"]
    );
    repository.edit(|proposal| (proposal["breaking"], proposal["invariants_impacted"]) = (true.into(), json!([])));
    assert_eq!(repository.mismatches(), ["proposal.json /invariants_impacted the change touches `INV-2`, which is not listed"]);
}

#[test]
fn every_fault_of_the_schema_is_said() {
    type Edit = fn(&mut Value);
    let faults: [(&str, Edit, &str); 20] = [
        ("", |p| *p = json!([]), "expected an object, found an array"),
        ("", |p| drop(p.as_object_mut().unwrap().remove("title")), "the field `title` is missing"),
        ("/titel", |p| p["titel"] = "x".into(), "the schema has no field `titel`"),
        ("/schema_version", |p| p["schema_version"] = "proposal.v0.2".into(), "unknown schema version `proposal.v0.2`"),
        ("/proposal", |p| p["proposal"] = "1".into(), "`1` is refused: not a number of four digits, such as 0042"),
        ("/proposal", |p| p["proposal"] = 1.into(), "expected a string, found a number"),
        ("/title", |p| p["title"] = "".into(), "an empty text"),
        ("/title", |p| p["title"] = " x".into(), "white space at the start or the end of the text"),
        ("/title", |p| p["title"] = "x\u{1b}[2Jy".into(), "the character U+001B, which does not show"),
        ("/title", |p| p["title"] = "x\u{202e}y".into(), "the character U+202E, which does not show"),
        ("/title", |p| p["title"] = "x\n::error::y".into(), "the character U+000A, which does not show"),
        (
            "/status",
            |p| p["status"] = "done".into(),
            "`done` is not one of `draft`, `review`, `approved`, `deployed` or `rejected`",
        ),
        ("/from_genome_id", |p| p["from_genome_id"] = "c97e".into(), "`c97e` is refused: "),
        ("/to_genome_id", |p| p["to_genome_id"] = Value::Null, "expected a string, found null"),
        ("/changes", |p| p["changes"] = json!({}), "expected an array, found an object"),
        ("/changes/0/class", |p| p["changes"][0]["class"] = "harmless".into(), "`harmless` is not one of `widening`"),
        (
            "/changes/3",
            |p| p["changes"] = json!([p["changes"][0], p["changes"][1], p["changes"][2], p["changes"][1]]),
            "the same change as at /changes/1",
        ),
        ("/changes/0/message", |p| p["changes"][0]["message"] = "".into(), "an empty text"),
        (
            "/capabilities_impacted/1",
            |p| p["capabilities_impacted"] = json!(["CAP", "CAP"]),
            "the same name as at /capabilities_impacted/0",
        ),
        ("/breaking", |p| p["breaking"] = "no".into(), "expected a boolean, found a string"),
    ];
    let repository = Repository::proposed(&old(), &new());
    let good = repository.0.read(PROPOSAL);
    for (pointer, edit, message) in faults {
        repository.0.write(PROPOSAL, &good);
        repository.edit(edit);
        let (status, report) = repository.report(&[]);
        let fault = &report["refusal"]["faults"][0];
        let file = report["refusal"]["file"].as_str();
        assert_eq!((status, report["refusal"]["code"].as_str(), file), (Some(1), Some("GENOME_INVALID_SCHEMA"), Some(PROPOSAL)));
        assert_eq!((fault["pointer"].as_str(), report["proposal"].is_null()), (Some(pointer), true), "{report}");
        assert!(fault["message"].as_str().unwrap().starts_with(message), "expected `{message}`: {fault}");
        // Nobody signs it.
        assert_eq!(report["refusal"]["hint"], "correct each field of the proposal");
    }
    repository.0.write(PROPOSAL, &good);
    for (probes, pointer, message) in [
        ("[]", "", "expected an object, found an array"),
        ("{}", "", "the field `must_allow` is missing"),
        (r#"{"must_allow": ["memory_search"], "must_reject": []}"#, "/must_reject", "the schema has no field `must_reject`"),
        (r#"{"must_allow": "memory_search"}"#, "/must_allow", "expected an array, found a string"),
        (r#"{"must_deny": ["x", 7]}"#, "/must_deny/1", "expected a string, found a number"),
        (r#"{"must_deny": ["x", "x"]}"#, "/must_deny/1", "the same name as at /must_deny/0"),
        (r#"{"must_deny": ["x "]}"#, "/must_deny/0", "white space"),
        (r#"{"must_allow": [], "must_deny": []}"#, "", "no action is probed"),
        (r#"{"must_deny": []}"#, "", "no action is probed"),
    ] {
        repository.0.write(PROBES, probes);
        let (status, report) = repository.report(&[]);
        assert_eq!(
            (status, report["refusal"]["code"].as_str(), report["refusal"]["file"].as_str()),
            (Some(1), Some("GENOME_INVALID_SCHEMA"), Some(PROBES))
        );
        assert_eq!(report["refusal"]["hint"], "correct each field of the probes");
        let fault = &report["refusal"]["faults"][0];
        assert_eq!(fault["pointer"].as_str(), Some(pointer), "{report}");
        assert!(fault["message"].as_str().unwrap().starts_with(message), "expected `{message}`: {fault}");
    }
    for text in ["", "{", "\u{feff}{}", r#"{"title": 1, "title": 2}"#] {
        repository.0.write(PROPOSAL, text);
        assert_ran(&repository.verify(&[]), 1, "error[GENOME_INVALID_JSON]");
    }
}

#[test]
fn several_are_held_one_after_the_other() {
    let repository = Repository::proposed(&old(), &new());
    let other = old().with("version", "1.2.0").with("created_at", "2020-02-01T00:00:00Z").after(&[&old()]);
    repository.0.write("genomes/v2/other.json", &other.document.to_string());
    let ran = run(&mut repository.proposing(&["proposals/0002-other", "genomes/v1/genome.json", "genomes/v2/other.json"]));
    assert_ran(&ran, 0, "");
    let both = |second: &str| repository.verify(&["--format", "json", "--proposal", second]);
    let verdicts = |ran: &Ran| {
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let each = report["proposals"].as_array().unwrap().iter().map(|proposal| proposal["verdict"].as_str().unwrap().to_owned());
        (ran.status, report["verdict"].as_str().unwrap().to_owned(), each.collect::<Vec<_>>())
    };
    let expected =
        |status, verdict: &str, second: &str| (Some(status), verdict.to_owned(), vec!["accepted".to_owned(), second.to_owned()]);
    assert_eq!(verdicts(&both("proposals/0002-other")), expected(1, "refused", "refused"));
    repository.0.write("proposals/0002-other/rationale.md", "Because.\n");
    let ran = both("proposals/0002-other");
    assert_eq!(verdicts(&ran), expected(0, "accepted", "accepted"));
    assert!(ran.stdout.contains("no probe tries the new ceiling"));
    assert_eq!(verdicts(&both("proposals/0003-missing")), expected(2, "undecided", "undecided"));
    for conflicting in
        [&["genomes"][..], &["--production"], &["--state", "s"], &["--print", "id"], &["--verify-manifest"], &["--audit-log", "a"]]
    {
        assert_ran(&repository.verify(conflicting), 2, "cannot be used with");
    }
}

#[test]
fn the_genomes_are_found() {
    let repository = Repository::proposed(&old(), &new());
    let at = |directory: &Path, arguments: &[&str]| {
        run(program("genome-verify", directory).args(arguments).args(["--format", "json"])).status
    };
    let root = repository.0.path();
    let absolute = root.join(DIRECTORY);
    symlink(&absolute, root.join("link")).unwrap();
    fs::create_dir(root.join("far")).unwrap();
    symlink(&absolute, root.join("far/link")).unwrap();
    for (from, directory) in [
        (root.to_owned(), DIRECTORY),
        (root.to_owned(), "./proposals/0001-let-memory-be-updated/"),
        (root.to_owned(), "proposals/../proposals/0001-let-memory-be-updated/."),
        (root.to_owned(), "proposals/0001-let-memory-be-updated/tests/.."),
        (root.to_owned(), absolute.to_str().unwrap()),
        (root.to_owned(), "link"),
        (root.to_owned(), "far/link"),
        (root.join("proposals"), "0001-let-memory-be-updated"),
        (root.join("genomes"), "../proposals/0001-let-memory-be-updated"),
        (absolute.clone(), "."),
        (absolute.clone(), "../0001-let-memory-be-updated/"),
        (absolute.join("tests"), ".."),
    ] {
        assert_eq!(at(&from, &["--proposal", directory]), Some(0), "{directory} from {}", from.display());
    }
    // As they were named, where that is where they are.
    repository.edit(|proposal| proposal["status"] = "deployed".into());
    assert_ran(&repository.verify(&[]), 1, "\n  --> genomes/v2/draft.json\n");
    repository.edit(|proposal| proposal["status"] = "rejected".into());

    // Where they are elsewhere, somebody has to say so; a draft may lie beside its proposal.
    fs::rename(root.join("genomes"), root.join("elsewhere")).unwrap();
    for (draft, missing) in [(false, old()), (true, old())] {
        let ran = repository.verify(&[]);
        assert_ran(&ran, 2, &format!("error[GENOME_MISSING]: the genome {} was not found\n  --> {PROPOSAL}\n", missing.id()));
        assert_eq!(at(root, &["--proposal", DIRECTORY, "--lineage", "elsewhere"]), Some(0), "{draft}");
        let own = root.join(DIRECTORY).join("draft.json");
        if !draft {
            fs::rename(root.join("elsewhere/v2/draft.json"), own).unwrap();
        }
    }
    assert_ran(&repository.verify(&["--lineage", "nowhere"]), 2, "error[GENOME_MISSING]");
    // One whose text was changed is another genome.
    let own = format!("{DIRECTORY}/draft.json");
    repository.0.write(&own, &repository.0.read(&own).replace("memory_update", "memory_erase_all"));
    let ran = repository.verify(&["--lineage", "elsewhere"]);
    assert_ran(&ran, 2, &format!("the genome {} was not found", new().id()));
    assert!(ran.stderr.contains(&format!("  help: {own} has another id, ")), "{ran:?}");
    assert!(ran.stderr.contains("propose it as it is now with genome propose --refresh; otherwise "), "{ran:?}");
    fs::remove_dir_all(root.join(DIRECTORY)).unwrap();
    assert_ran(&repository.verify(&[]), 2, "error[GENOME_MISSING]: there is no such file");
}

#[test]
fn what_is_deployed_is_signed_and_trusted() {
    let repository = Repository::proposed(&old(), &new());
    repository.edit(|proposal| proposal["status"] = "deployed".into());
    repository.0.write("trust.json", &policy(&[1], 1, &json!({})));
    repository.0.write("others.json", &policy(&[2], 1, &json!({})));
    let sign = |by: &[u8]| repository.0.write("genomes/v2/genome.json", &new().signed(by));
    let codes = |arguments: &[&str]| {
        let (status, report) = repository.report(arguments);
        let further = report["further_refusals"].as_array().unwrap();
        let refusals: Vec<&str> =
            [&report["refusal"]].into_iter().chain(further).filter_map(|refusal| refusal["code"].as_str()).collect();
        (status, refusals.join(" "))
    };
    let refused = |codes: &str| (Some(1), codes.to_owned());
    assert_eq!(codes(&[]), refused("GENOME_PROPOSAL_MISMATCH GENOME_UNSIGNED"));
    sign(&[2]);
    assert_eq!(codes(&[]), refused("GENOME_PROPOSAL_MISMATCH GENOME_INSUFFICIENT_SIGNATURES"));
    let signed = new().signed(&[1]);
    let other = old().signed(&[1]);
    let signature = |genome: &str| serde_json::from_str::<Value>(genome).unwrap()["signatures"].clone();
    repository.0.write("genomes/v2/genome.json", &new().with("signatures", signature(&other)).document.to_string());
    assert_eq!(codes(&[]), refused("GENOME_PROPOSAL_MISMATCH GENOME_INVALID_SIGNATURE"));
    repository.0.write("genomes/v2/genome.json", &signed);
    assert_eq!(codes(&[]), (Some(0), String::new()));
    assert_eq!(codes(&["--trust", "trust.json"]), (Some(0), String::new()));
    assert_eq!(codes(&["--trust", "others.json"]), refused("GENOME_UNTRUSTED"));
    assert_eq!(codes(&["--trust", "nowhere.json"]), (Some(2), "GENOME_MISSING".to_owned()));
    // The variable is no weaker than the flag.
    for (trust, status) in [("trust.json", 0), ("others.json", 1), ("nowhere.json", 2), ("", 2)] {
        let mut verify = repository.0.verifying(&["--proposal", DIRECTORY]);
        assert_eq!(run(verify.env("MATHISON_GENOME_TRUST", trust)).status, Some(status), "{trust}");
    }
    // Revoked keys do not count for what a step asks either.
    let revoked = json!({"revoked": [fingerprint(1)]});
    repository.0.write("trust.json", &policy(&[1, 2], 1, &revoked));
    assert!(codes(&["--trust", "trust.json"]).1.contains("GENOME_PROPOSAL_MISMATCH"), "{:?}", codes(&["--trust", "trust.json"]));
    // A copy with more signatures on it, which count for nothing, is not taken for better.
    repository.0.write(&format!("{DIRECTORY}/copy.json"), &new().signed(&[2, 3]));
    assert_eq!(codes(&[]), (Some(0), String::new()));
    for status in ["draft", "review", "approved", "rejected"] {
        repository.edit(|proposal| proposal["status"] = status.into());
        assert_eq!(codes(&[]), (Some(0), String::new()), "who has not signed yet is no matter: {status}");
    }
}

/// A copy that cannot be read takes no good one away, and is told of.
#[test]
fn a_copy_that_cannot_be_read_beside_a_good_one() {
    if !has("strace") {
        return;
    }
    let repository = Repository::proposed(&old(), &new());
    repository.0.write("genomes/v1/copy.json", &old().signed(&[1]));
    let verifying = repository.0.verifying(&["--proposal", DIRECTORY, "--lineage", "genomes"]);
    let verify = || run(&mut failing_after_search(&verifying, "genomes/v1/copy.json"));
    let ran = verify();
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let warning = format!(
        "warning[GENOME_UNREADABLE]: a copy of the genome {} cannot be read and was passed over: Input/output error",
        old().id()
    );
    assert!(ran.stderr.contains(&warning) && ran.stderr.contains("genomes/v1/copy.json"), "{}", ran.stderr);
    fs::remove_file(repository.0.path().join("genomes/v1/genome.json")).unwrap();
    let ran = verify();
    assert_eq!((ran.status, ran.stdout), (Some(2), format!("undecided  {DIRECTORY}\n")));
    let error =
        format!("error[GENOME_UNREADABLE]: the genome {} cannot be read: genomes/v1/copy.json: Input/output error", old().id());
    assert!(ran.stderr.contains(&error), "{}", ran.stderr);
}

#[test]
fn a_genome_that_the_search_cannot_read_may_be_what_was_not_found() {
    let repository = Repository::proposed(&old(), &new());
    repository.0.set_mode("genomes/v1/genome.json", 0o000);
    repository.0.set_mode(".", 0o755);
    let Some(ran) = run_unprivileged(&mut repository.0.verifying(&["--proposal", DIRECTORY, "--lineage", "genomes"])) else {
        return;
    };
    let error = format!(
        "error[GENOME_MISSING]: the genome {} was not found; genomes/v1/genome.json, where it may be, cannot be read (Permission denied (os error 13))\n",
        old().id()
    );
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains(&error), "{}", ran.stderr);
}
