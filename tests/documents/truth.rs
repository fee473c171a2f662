//! What the documents say of codes, variables, flags and fields is what the programs have.

use crate::reference::helps;
use crate::runner::{fences, read, run_document, run_page, steps, turn};
use crate::{READ, RUN, pages, programs};
use genome::Code;
use genome::json::{self, Value};
use genome_test_support::{program, repository, run};
use std::collections::BTreeSet;
use std::fs;

const CODES: &str = "docs/src/troubleshoot/index.md";
const ENVIRONMENT: &str = "docs/src/reference/environment.md";
const REPORTS: [&str; 2] = ["docs/src/reference/formats/verify-report.md", "docs/src/reference/formats/diff-report.md"];
const LIBRARY: &str = "docs/src/integrate/library.md";

#[test]
fn the_readme_tells_the_truth() {
    assert!(run_document("README.md") >= 5);
}

#[test]
fn the_deployment_tells_the_truth() {
    let _turn = turn();
    assert!(run_page("DEPLOYMENT.md").unwrap_or_else(|why| panic!("{why}")) >= 10);
}

#[test]
fn the_proposals_tell_the_truth() {
    let _turn = turn();
    assert!(run_page("proposals/README.md").unwrap_or_else(|why| panic!("{why}")) >= 1);
}

#[test]
fn the_genomes_tell_the_truth() {
    let _turn = turn();
    for entry in fs::read_dir(repository().join("genomes")).unwrap() {
        let readme = format!("genomes/{}/README.md", entry.unwrap().file_name().into_string().unwrap());
        if repository().join(&readme).is_file() {
            run_page(&readme).unwrap_or_else(|why| panic!("{why}"));
        }
    }
}

#[test]
fn no_command_escapes() {
    for name in READ {
        for fence in fences(&read(name)).unwrap_or_else(|why| panic!("{name}: {why}")) {
            assert!(!fence.is_transcript() && !fence.is_test_command, "{name}:{}: nobody runs this", fence.line);
        }
    }
    for page in pages() {
        let text = read(&page);
        let run: Vec<String> = steps(&text, |_| true).unwrap().into_iter().map(|step| step.command).collect();
        for fence in fences(&text).unwrap().into_iter().filter(|fence| fence.info == "yaml") {
            for command in fence.lines.iter().filter_map(|line| line.trim().strip_prefix("run: ")) {
                // The program by which a workflow speaks on GitHub does nothing elsewhere. What cargo builds is on the path of a page.
                let (_, arguments) = command.rsplit_once(" -- ").unwrap_or(("", command));
                let is_run = command.starts_with("gh ")
                    || run.iter().any(|run| run == command || command.starts_with("cargo run ") && run.ends_with(arguments));
                assert!(is_run, "{page}:{}: nobody runs `{command}`", fence.line);
            }
        }
    }
    let readme = read("README.md");
    let commands: Vec<Vec<&str>> = fences(&readme).unwrap().into_iter().filter(|f| f.is_test_command).map(|f| f.lines).collect();
    assert_eq!(commands, [["cargo test --workspace --locked"]], "the test command is not what CI can run");
}

#[test]
fn each_code_has_a_row_and_no_other_is_named() {
    let index = read(CODES);
    for code in Code::ALL {
        let row = format!("| [{code}]({code}.md) |");
        assert_eq!(index.lines().filter(|line| line.starts_with(&row)).count(), 1, "{CODES} has not one row for {code}");
        let page = read(&format!("docs/src/troubleshoot/{code}.md"));
        for section in ["## Causes", "## What to do", "## Example"] {
            assert!(page.contains(&format!("\n{section}\n")), "the page of {code} has no section `{section}`");
        }
    }
    let mut known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    known.extend(["GENOME_AUDIT_LOG", "GENOME_EXEC", "GENOME_SIGNING_KEY", "GENOME_SIGNING_PRIVATE_KEY"]);
    for name in documents_about_programs() {
        let text = read(&name);
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("GENOME_")) {
            assert!(known.contains(word), "{name} names `{word}`, which does not exist");
        }
    }
}

/// The documents that speak of what the programs have now.
fn documents_about_programs() -> Vec<String> {
    let beside = RUN.iter().chain(&["CONTRIBUTING.md", "DESIGN.md", "SECURITY.md"]).map(|name| (*name).to_owned());
    beside.chain(pages()).collect()
}

/// The words in backticks of a part of a document, in order, of which this is so.
fn quoted_words<'t>(text: &'t str, from: &str, to: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<&'t str> {
    let (_, part) = text.split_once(from).unwrap();
    let (part, _) = part.split_once(to).unwrap();
    part.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).filter(|word| is_wanted(word)).collect()
}

#[test]
fn the_design_names_each_code_in_order_and_each_variable() {
    let (design, page) = (read("DESIGN.md"), read(ENVIRONMENT) + "\n## ");
    let codes = quoted_words(&design, "`GENOME_MISSING`", "Exit status", |word| word.starts_with("GENOME_"));
    let mut named = vec!["GENOME_MISSING"];
    // The diagnosis of a legacy signature is explained once more.
    named.extend(codes.into_iter().take(Code::ALL.len() - 1));
    assert_eq!(named, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<&str>>());

    let is_ours = |word: &str| ["GENOME_", "MATHISON_", "SOURCE_"].iter().any(|start| word.starts_with(start));
    let variables = |document| -> BTreeSet<String> {
        let words = quoted_words(document, "Environment\n", "\n## ", is_ours);
        words.into_iter().map(|word| word.split('=').next().unwrap_or(word).to_owned()).collect()
    };
    assert_eq!(variables(&design), variables(&page));
    assert!(variables(&design).len() > 8);
}

#[test]
fn each_flag_is_a_flag() {
    let _turn = turn();
    let help: Vec<(String, String)> = helps().iter().map(|(name, help)| (name.replace(' ', "-"), help.clone())).collect();
    let knows = |help: &str, flag: &str| help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == flag);
    let mut seen = 0;
    for name in RUN.iter().map(|name| (*name).to_owned()).chain(pages()) {
        let text = read(&name);
        let commands = steps(&text, |_| true).unwrap().into_iter().map(|step| step.command);
        // Code in the running text stands between backticks.
        let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).map(ToOwned::to_owned);
        for command in commands.chain(spans) {
            for part in command.split(['|', ';', '&', '(', '\n']) {
                let words: Vec<&str> =
                    part.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with("--")).collect();
                let Some(first) = words.first() else { continue };
                // `genome sign` is genome-sign.
                let under_one_name = words.get(1).map(|command| format!("genome-{command}")).filter(|_| *first == "genome");
                let first = under_one_name.as_deref().unwrap_or(first);
                let ours: Vec<&String> =
                    help.iter().filter(|(program, _)| first.starts_with("--") || program == first).map(|(_, help)| help).collect();
                let flags = words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap_or(word));
                for flag in flags.filter(|_| !ours.is_empty()) {
                    seen += 1;
                    assert!(ours.iter().any(|help| knows(help, flag)), "{name}: `{part}`: there is no {flag}");
                }
            }
        }
    }
    assert!(seen >= 5, "only {seen} flags were found");
}

#[test]
fn each_variable_names_the_programs_that_read_it() {
    let _turn = turn();
    let directory = tempfile::tempdir().unwrap();
    let of = |name: String| (run(program(&name, directory.path()).arg("--help")).stdout, name);
    let help: Vec<(String, String)> = programs().into_iter().map(of).map(|(help, name)| (name, help)).collect();
    // The help of genome-keygen says who reads what it prints.
    let reads = |name: &str, help: &str, variable: &str| {
        help.contains(variable) && (name, variable) != ("genome-keygen", "GENOME_SIGNING_PRIVATE_KEY")
    };
    let page = read(ENVIRONMENT);
    let rows: Vec<Vec<&str>> = page.lines().map(|line| line.split('|').collect()).collect();
    let rows = rows.iter().filter_map(|cells| cells.get(1)?.trim().strip_prefix('`')?.strip_suffix('`').zip(cells.get(2)));
    let mut seen = 0;
    for (variable, named) in rows {
        let readers: Vec<String> =
            help.iter().filter(|(name, help)| reads(name, help, variable)).map(|(name, _)| format!("`{name}`")).collect();
        let named: Vec<&str> = named.split(',').map(str::trim).collect();
        assert_eq!(BTreeSet::from_iter(named), readers.iter().map(String::as_str).collect(), "{ENVIRONMENT}: who reads {variable}");
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} variables were found");
}

#[test]
fn each_field_of_the_json_report_is_described() {
    let _turn = turn();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("json.json"), "{\"a\":1,}").unwrap();
    fs::write(directory.path().join("schema.json"), "{}").unwrap();
    let root = repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json");
    let report = run(program("genome-verify", directory.path()).args(["--format", "json", "json.json", "schema.json"]).arg(&root));
    fs::write(directory.path().join("audit.jsonl"), "").unwrap();
    let audited = run(program("genome-verify", directory.path()).args(["--format", "json", "--audit-log", "audit.jsonl", "-"]));
    let mut names = BTreeSet::new();
    field_names(&json::parse(audited.stdout.as_bytes()).unwrap(), &mut names);
    field_names(&json::parse(report.stdout.as_bytes()).unwrap(), &mut names);
    let draft = fs::read_to_string(root.with_file_name("genome-unsigned.json")).unwrap().replace("\"1.0.0\"", "\"1.0.1\"");
    fs::write(directory.path().join("next.json"), draft).unwrap();
    let compared = run(program("genome-diff", directory.path()).args(["--format", "json"]).arg(&root).arg("next.json"));
    field_names(&json::parse(compared.stdout.as_bytes()).unwrap(), &mut names);
    let pages = REPORTS.map(read).concat();
    for name in
        ["faults", "trust", "column", "head", "rightful", "quorum", "subject"].into_iter().chain(names.iter().map(String::as_str))
    {
        assert!(names.contains(name), "the report has no `{name}`");
        assert!(
            pages.contains(&format!("\n| `{name}` | ")) || pages.contains(&format!(".{name}` | ")),
            "no page describes `{name}`"
        );
    }
}

#[test]
fn the_library_example_is_tested() {
    let documentation = read("crates/genome/src/lib.rs");
    let page = read(LIBRARY);
    let lines: Vec<&str> = fences(&page).unwrap().into_iter().filter(|fence| fence.info == "rust").flat_map(|f| f.lines).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(documentation.contains(&format!("//! {line}\n")), "the crate's own example, which is tested, lacks `{line}`");
    }
}

/// The example is one that our own program accepts, and starts from the root genome.
#[test]
fn the_example_proposal_is_about_the_root_genome() {
    let _turn = turn();
    let ran = run(program("genome-verify", repository()).args(["--format", "json", "--proposal", "proposals/0001-example"]));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &report["verdict"]), (Some(0), &"accepted".into()), "{report}");
    let root = fs::read(repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json")).unwrap();
    let id = genome::dangerous::verify_self_declared(&root).unwrap().id().to_string();
    let proposal = &report["proposals"][0]["proposal"];
    assert_eq!((&proposal["from_genome_id"], &proposal["status"]), (&id.into(), &"approved".into()));
}

/// The names of the members of a value, at every depth.
fn field_names(value: &Value<'_>, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| field_names(item, names)),
        Value::Object(members) => {
            for member in members {
                names.insert((*member.name).to_owned());
                field_names(&member.value, names);
            }
        }
        _ => {}
    }
}
