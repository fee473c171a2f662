//! What `genome-verify` prints for pipelines, held against the standards and read by programs of others: SARIF 2.1.0 and JUnit XML.
//!
//! `formats/sarif-schema-2.1.0.json` is the schema of OASIS, as the crate `serde-sarif` 0.8.0 has it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome_test_support::{Release, has, program, repository, run, tool};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// A name of a file that is markup to XML, a command to a terminal, and another text to a reader of URIs.
const HOSTILE: &str = "a\u{1b}[31m\"><b>&amp;%41 ]]>#?.json";

/// Genomes of each verdict: accepted, refused for one and for several faults, of a hostile name, and not there.
const GENOMES: [&str; 6] = ["good.json", "tampered.json", "faulty.json", "broken.json", HOSTILE, "missing.json"];

fn release() -> Release {
    let release = Release::new(2, 1);
    assert_eq!(release.sign(1, &["draft.json", "good.json", "signer-1"]).status, Some(0));
    let good = release.read("good.json");
    release.write("tampered.json", &good.replace("memory_search", "memory_erase"));
    let member = "\"na\\u001b[31m</failure>\\u202e[x](https://example.org){0}\": 1, \"name\"";
    release.write("faulty.json", &good.replacen("\"name\"", member, 1).replace("\"parents\"", "\"parent\""));
    release.write("broken.json", "{\n  \"a\": é\n}\n");
    release.write(HOSTILE, "{}");
    release
}

/// The log of SARIF, which is one.
fn sarif(text: &str) -> Value {
    let schema = fs::read_to_string(repository().join("tests/cli/formats/sarif-schema-2.1.0.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    // Its pattern is no regular expression of ECMA-262 in Unicode mode, and we print no language.
    for owner in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{owner}/properties/language")).unwrap();
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let log: Value = serde_json::from_str(text).unwrap();
    let faults: Vec<String> = validator.iter_errors(&log).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert_eq!(faults, [""; 0], "{text}");
    log
}

#[test]
fn sarif_is_that_of_its_schema_and_has_each_fault_at_its_place() {
    let release = release();
    let ran = release.verify(&[&["--format", "sarif"][..], &GENOMES].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""));
    let log = sarif(&ran.stdout);
    let report: Value = serde_json::from_str(&release.verify(&[&["--format", "json"][..], &GENOMES].concat()).stdout).unwrap();
    // Each refusal of the report is one result, or as many as it has faults.
    let genomes = report["genomes"].as_array().unwrap();
    let refusals = genomes.iter().flat_map(|genome| {
        let further = genome["further_refusals"].as_array().unwrap();
        Some(&genome["refusal"]).filter(|refusal| !refusal.is_null()).into_iter().chain(further)
    });
    let expected: Vec<(Value, usize)> =
        refusals.map(|refusal| (refusal["code"].clone(), refusal["faults"].as_array().unwrap().len().max(1))).collect();
    let run = &log["runs"][0];
    let errors: Vec<&Value> = run["results"].as_array().unwrap().iter().filter(|result| result["level"] == "error").collect();
    assert_eq!(errors.len(), expected.iter().map(|(_, count)| count).sum::<usize>(), "{}", ran.stdout);
    let codes: Vec<Value> = expected.iter().flat_map(|(code, count)| vec![code.clone(); *count]).collect();
    assert_eq!(errors.iter().map(|result| result["ruleId"].clone()).collect::<Vec<_>>(), codes);
    let rules: Vec<&Value> = run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert!(codes.iter().all(|code| rules.contains(&code)), "{rules:?}");
    assert_eq!(run["invocations"], json!([{"executionSuccessful": true, "exitCode": 1}]));

    let place = |code: &str| &errors.iter().find(|result| result["ruleId"] == code).unwrap()["locations"][0];
    let broken = json!({"artifactLocation": {"uri": "broken.json"}, "region": {"startLine": 2, "startColumn": 8}});
    assert_eq!(place("GENOME_INVALID_JSON")["physicalLocation"], broken);
    assert_eq!(place("GENOME_INVALID_SIGNATURE")["logicalLocations"], json!([{"fullyQualifiedName": "/signature"}]));
    // Neither a link nor a placeholder of SARIF (sections 3.11.5 and 3.11.6).
    let named = errors.iter().find_map(|result| result["message"]["text"].as_str().filter(|text| text.contains("example.org")));
    assert!(named.unwrap().contains("\\u{{202e}}[x\\](https://example.org){{0}}"), "{named:?}");
    // Who decodes the reference has the name of the file.
    let uris: Vec<&str> =
        errors.iter().filter_map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str()).collect();
    assert!(uris.contains(&"a%1B%5B31m%22%3E%3Cb%3E%26amp%3B%2541%20%5D%5D%3E%23%3F.json"), "{uris:?}");
}

#[test]
fn sarif_says_of_a_run_that_decided_nothing_that_it_failed() {
    let release = release();
    for (arguments, successful, status) in [
        (&["missing.json"][..], false, 2),
        (&["good.json", "missing.json"], false, 2),
        (&["good.json"], true, 0),
        (&["--quiet", "good.json"], true, 0),
    ] {
        let ran = release.verify(&[&["--format", "sarif"], arguments].concat());
        let log = sarif(&ran.stdout);
        assert_eq!(ran.status, Some(status));
        let expected = json!([{"executionSuccessful": successful, "exitCode": status}]);
        assert_eq!(log["runs"][0]["invocations"], expected, "{arguments:?}");
    }
    // Warnings of what is accepted are there, and it is not.
    let ran = run(program("genome-verify", repository()).args(["--format", "sarif", "genomes"]));
    let log = sarif(&ran.stdout);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty() && results.iter().all(|result| result["level"] == "warning"), "{}", ran.stdout);
}

/// Prints what an XML parser of others finds: of each test its name, how it ended, the kind and the text.
const READER: &str = "
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
suite, = root
assert (root.tag, suite.tag) == ('testsuites', 'testsuite') and root.attrib == suite.attrib, root
cases = [[c.get('name'), [[e.tag, e.get('type'), e.get('message'), e.text] for e in c]] for c in suite.iter('testcase')]
print(json.dumps([dict(suite.attrib), cases]))
";

#[test]
fn junit_is_read_by_a_parser_of_others() {
    if !has("python3") {
        return;
    }
    let release = release();
    let ran = release.verify(&[&["--format", "junit"][..], &GENOMES].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""));
    release.write("junit.xml", &ran.stdout);
    let read = run(Command::new("python3").args(["-c", READER, "junit.xml"]).current_dir(release.path()));
    assert_eq!(read.status, Some(0), "{read:?}\n{}", ran.stdout);
    let read: Value = serde_json::from_str(&read.stdout).unwrap();
    assert_eq!(read[0], json!({"name": "genome-verify", "tests": "6", "failures": "4", "errors": "1"}));
    let human = release.verify(&GENOMES);
    let mut texts = String::new();
    let mut kinds = Vec::new();
    for case in read[1].as_array().unwrap() {
        for element in case[1].as_array().unwrap() {
            texts.push_str(element[3].as_str().unwrap());
            kinds.push([element[0].as_str().unwrap(), element[1].as_str().unwrap_or_default()].join(" "));
        }
    }
    // The text is what a person reads, whole and in order.
    let said: Vec<&str> = human.stderr.lines().filter(|line| !line.starts_with("see: ")).collect();
    assert_eq!(texts.lines().collect::<Vec<_>>(), said);
    assert!(
        ["failure GENOME_INVALID_SIGNATURE", "failure GENOME_INVALID_SCHEMA", "error GENOME_MISSING"]
            .iter()
            .all(|kind| kinds.iter().any(|found| found == kind)),
        "{kinds:?}"
    );
    assert_eq!(read[1][4][0], "`a\\u{1b}[31m\"><b>&amp;%41 ]]>#?.json`");
}

#[test]
fn junit_is_green_for_junitparser_where_all_are_accepted() {
    let Some(junitparser) = tool("python/bin/junitparser") else { return };
    let release = release();
    for (genomes, is_green) in [(&["good.json"][..], true), (&GENOMES[..], false), (&["missing.json"], false)] {
        let ran = release.verify(&[&["--format", "junit"], genomes].concat());
        release.write("junit.xml", &ran.stdout);
        let read = run(Command::new(&junitparser).args(["verify", "junit.xml"]).current_dir(release.path()));
        assert_eq!(read.status, Some(i32::from(!is_green)), "{genomes:?}: {read:?}");
    }
}

#[test]
fn proposals_are_tests_too() {
    let ran = run(program("genome-verify", repository()).args(["--format", "junit", "--proposal", "proposals/0001-example"]));
    let found =
        ["tests=\"1\" failures=\"0\" errors=\"0\"", "name=\"proposals/0001-example\""].map(|part| ran.stdout.contains(part));
    assert_eq!((ran.status, found), (Some(0), [true; 2]), "{}", ran.stdout);
}

#[test]
fn a_private_key_in_a_path_is_in_no_format() {
    let release = release();
    let key = "MC4CAQAwBQYDK2VwBCIEIPqwN0HUwXIGIu51keExJzl2ctNRQbJeYsU9exKX5rYc";
    for format in ["sarif", "junit"] {
        let ran = release.verify(&["--format", format, &format!("{key}/genome.json")]);
        assert!(!ran.stdout.contains(key) && !ran.stderr.contains(key), "{format}: {ran:?}");
    }
}
