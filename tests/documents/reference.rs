//! The pages of the reference that are made: those of commands from `--help`, those of formats from the schemas. They are committed, so that people
//! read them where they are and a review shows what changes; `SNAPSHOTS=overwrite` writes them again.

use crate::programs;
use crate::runner::{read, turn};
use genome_test_support::{names, program, repository, run};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::{env, fs};

const COMMANDS: &str = "docs/src/reference/commands";
const FORMATS: &str = "docs/src/reference/formats";

/// Whether a page is made by a test of this module.
pub(crate) fn is_generated(page: &str) -> bool {
    (page.starts_with(COMMANDS) || page.starts_with(FORMATS)) && !page.ends_with("/index.md")
}

/// The page that is committed is the one that is made.
fn assert_committed(path: &str, made: &str) {
    if env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite") {
        fs::write(repository().join(path), made).unwrap();
    }
    assert!(repository().join(path).is_file() && read(path) == made, "{path} is another: SNAPSHOTS=overwrite writes it again");
}

/// The names of the pages that are made in a directory.
fn made_pages(directory: &str) -> Vec<String> {
    names(&repository().join(directory)).into_iter().filter(|name| name != "index.md").collect()
}

/// Each program, and each command of `genome` that is no program of its own: its name as it is typed, and what its `--help` prints.
pub(crate) fn helps() -> &'static [(String, String)] {
    static HELPS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    HELPS.get_or_init(printed_helps)
}

fn printed_helps() -> Vec<(String, String)> {
    let directory = tempfile::tempdir().unwrap();
    let help = |name: &str, arguments: &[&str]| {
        let ran = run(program(name, directory.path()).args(arguments));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        ran.stdout
    };
    let listed = help("genome", &["help"]);
    let commands = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(' ')).map(|(name, _)| name);
    let programs = programs();
    let own: Vec<&str> = commands.filter(|name| !programs.contains(&format!("genome-{name}"))).collect();
    // A command with commands of its own says all that these say.
    let whole = |name: &str, words: &[&str]| {
        let help = |more: &[&str]| help(name, &[words, more, &["--help"]].concat());
        let own = help(&[]);
        let (_, list) = own.split_once("\nCommands:\n").unwrap_or_default();
        let list = list.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
        let below = list.filter(|below| *below != "help").map(|below| format!("\n{}", help(&[below])));
        [own.clone()].into_iter().chain(below).collect::<String>()
    };
    let of_programs = programs.iter().map(String::as_str).chain(["genome"]).map(|name| (name.to_owned(), whole(name, &[])));
    // What explains or installs needs no page.
    let of_commands = own.into_iter().filter(|name| !["completions", "help", "man"].contains(name));
    of_programs.chain(of_commands.map(|name| (format!("genome {name}"), whole("genome", &[name])))).collect()
}

#[test]
fn the_pages_of_the_commands_are_what_help_prints() {
    let _turn = turn();
    let mut made: Vec<String> = Vec::new();
    for (name, help) in helps() {
        let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
        let page = format!("# {name}\n\n`{name} --help` prints:\n\n```text\n{}\n```\n", help.join("\n"));
        let file = format!("{}.md", name.replace(' ', "-"));
        assert_committed(&format!("{COMMANDS}/{file}"), &page);
        made.push(file);
    }
    made.sort();
    assert_eq!(made_pages(COMMANDS), made);
}

#[test]
fn the_pages_of_the_formats_are_what_the_schemas_say() {
    let mut made = Vec::new();
    for file in names(&repository().join("schemas")).into_iter().filter(|name| name.ends_with(".schema.json")) {
        let name = file.trim_end_matches(".schema.json").trim_end_matches(".v0.1");
        let schema: Value = serde_json::from_str(&read(&format!("schemas/{file}"))).unwrap();
        assert_committed(&format!("{FORMATS}/{name}.md"), &page(name, &file, &schema));
        made.push(format!("{name}.md"));
    }
    assert_eq!(made_pages(FORMATS), made);
}

/// The page about a format.
fn page(name: &str, file: &str, schema: &Value) -> String {
    let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
    let mut out = format!("# {name}\n\n{}\n\nThis page is made from `schemas/{file}`.\n", text(schema, "description"));
    let none = Map::new();
    let definitions = schema["$defs"].as_object().unwrap_or(&none);
    table(&mut out, schema, definitions);
    for (name, definition) in definitions {
        // What only keeps private keys out says nothing of members.
        if name == "without_private_keys" {
            continue;
        }
        let _ = write!(out, "\n## {name}\n\n{}\n", text(definition, "description"));
        table(&mut out, definition, definitions);
        let is_simple = definition.get("properties").is_none();
        if is_simple {
            let _ = write!(out, "\nForm: {}\n", kind(definition));
        }
    }
    if let Some(comment) = schema["$comment"].as_str() {
        let _ = write!(out, "\n## What a schema cannot say\n\n{comment}\n");
    }
    out
}

/// A table of the members of an object.
fn table(out: &mut String, schema: &Value, definitions: &Map<String, Value>) {
    if schema["properties"].is_object() {
        out.push_str("\n| member | form | meaning |\n|---|---|---|\n");
        rows(out, "", schema, definitions);
    }
}

/// A row for each member of an object, and after it for each of its own.
fn rows(out: &mut String, above: &str, schema: &Value, definitions: &Map<String, Value>) {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let optional = if required.contains(&name.as_str()) { "" } else { ", optional" };
        // What is said of a definition holds where nothing more is said.
        let of_definition = || definitions.get(definition(member)?)?["description"].as_str();
        let meaning =
            member["description"].as_str().or_else(of_definition).unwrap_or_default().replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(out, "| `{above}{name}` | {}{optional} | {meaning} |", kind(member));
        rows(out, &format!("{above}{name}."), member, definitions);
    }
}

/// The name of the definition that a value follows.
fn definition(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// The form of a value in words.
fn kind(schema: &Value) -> String {
    if let Some(name) = definition(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(value) = schema.get("const") {
        return format!("`{value}`");
    }
    if let Some(values) = schema["enum"].as_array() {
        // The codes have a page each.
        if values.iter().any(|value| value == "GENOME_MISSING") {
            let or_null = if values.iter().any(Value::is_null) { " or null" } else { "" };
            return format!("a [code](../../troubleshoot/index.md){or_null}");
        }
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(forms) = schema["anyOf"].as_array().or(schema["oneOf"].as_array())
        && schema.get("type").is_none()
    {
        return forms.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(name) => of_type(name, schema),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).map(|name| of_type(name, schema)).collect::<Vec<_>>().join(" or ")
        }
        _ => "any value".to_owned(),
    }
}

fn of_type(name: &str, schema: &Value) -> String {
    match name {
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => format!("object of {}", kind(&schema["additionalProperties"])),
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        other => other.to_owned(),
    }
}
