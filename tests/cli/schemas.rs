//! The schemas in schemas/ say of a document what the readers say, but for what JSON Schema cannot say, which their comments name.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod documents;
mod inexpressible;
mod judge;
mod mutations;
mod readers;
mod samples;
mod schema;

use genome_json::is_invisible;
use genome_test_support::repository;
use genome_test_support::vector::{Vector, run};
use inexpressible::Inexpressible;
use judge::Judge;
use readers::Format;
use schema::Schema;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

#[test]
fn each_is_a_schema_with_a_name_and_says_what_each_member_is() {
    for format in Format::ALL {
        let Schema { document, .. } = Schema::of(format);
        jsonschema::draft202012::meta::validate(&document).unwrap_or_else(|error| panic!("{format:?}: {error}"));
        assert_eq!(document["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(document["$id"], format!("urn:genome:schema:{}", format.name()));
        for text in ["title", "description", "$comment"] {
            assert!(document[text].is_string(), "{format:?} has no {text}");
        }
        let mut nodes = Vec::new();
        schema::nodes(&document, &mut nodes);
        for properties in nodes.iter().filter(|node| node.get("additionalProperties") == Some(&json!(false))) {
            for (name, member) in properties["properties"].as_object().unwrap() {
                let described = member
                    .get("description")
                    .or_else(|| document.pointer(member["$ref"].as_str()?.strip_prefix('#')?)?.get("description"));
                assert!(described.is_some_and(Value::is_string), "{format:?}: nothing says what `{name}` is");
            }
        }
    }
    let files: BTreeSet<String> = genome_test_support::names(&repository().join("schemas"))
        .into_iter()
        .filter(|name| name.ends_with(".v0.1.schema.json") || name == "genome.schema.json")
        .collect();
    let ours = Format::ALL.iter().map(|format| format!("{}.schema.json", format.name()));
    assert!(files.is_subset(&ours.collect()), "a schema is not held true by this test: {files:?}");
}

/// What an editor offers may be written.
#[test]
fn each_example_is_one() {
    for format in Format::ALL {
        let Schema { document, .. } = Schema::of(format);
        let mut nodes = Vec::new();
        schema::nodes(&document, &mut nodes);
        let mut count = 0;
        for node in nodes {
            let Some(examples) = node.get("examples").and_then(Value::as_array) else { continue };
            let mut alone = node.clone();
            alone["$defs"] = document["$defs"].clone();
            let alone = schema::compile(&alone);
            for example in examples {
                assert!(alone.is_valid(example), "{format:?}: {example}");
                count += 1;
            }
        }
        assert!(count > 0, "{format:?} has no example");
        for whole in document["examples"].as_array().into_iter().flatten() {
            assert!(readers::objections(format, whole.to_string().as_bytes()).is_empty(), "{format:?}: {whole}");
        }
    }
}

#[test]
fn the_readme_names_each_and_no_other() {
    let directory = repository().join("schemas");
    let readme = fs::read_to_string(directory.join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name.to_owned());
    let files = genome_test_support::names(&directory).into_iter().filter(|name| name.ends_with(".schema.json"));
    assert_eq!(rows.collect::<BTreeSet<_>>(), files.collect());
}

/// Each schema stands alone, as editors want it. What two of them define is the same.
#[test]
fn what_two_schemas_define_is_the_same() {
    let mut defined: BTreeMap<String, Value> = BTreeMap::new();
    for format in Format::ALL {
        for (name, definition) in Schema::of(format).document["$defs"].as_object().unwrap().clone() {
            let first = defined.entry(name.clone()).or_insert_with(|| definition.clone());
            assert_eq!(*first, definition, "{format:?} defines `{name}` otherwise");
        }
    }
}

#[test]
fn a_character_shows_in_a_schema_where_it_does_for_a_reader() {
    let Schema { document, .. } = Schema::of(Format::Genome);
    let definition = |name: &str| schema::compile(&json!({"$ref": format!("#/$defs/{name}"), "$defs": document["$defs"]}));
    let (text, label, claim) = (definition("text"), definition("label"), definition("claim"));
    for character in '\u{0}'..=char::MAX {
        let literal = json!(character.to_string());
        // A non-character is no JSON.
        if genome_json::parse(literal.to_string().as_bytes()).is_ok() {
            let (invisible, white) = (is_invisible(character), character.is_whitespace());
            let said = [&text, &label, &claim].map(|schema| schema.is_valid(&literal));
            assert_eq!(said, [!invisible, !invisible && !white, !white], "U+{:04X}", u32::from(character));
        }
    }
}

/// Whichever member the documents and the schemas know, each of them tried in every object of every format.
#[test]
fn the_readers_and_the_schemas_know_the_same_members() {
    let design = fs::read_to_string(repository().join("DESIGN.md")).unwrap();
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
    let mut words: BTreeSet<&str> = design.split(|character| !is_part(character)).filter(|word| !word.is_empty()).collect();
    let schemas = Format::ALL.map(Schema::of);
    let members: Vec<(Format, BTreeSet<String>)> = schemas.iter().map(|schema| (schema.format, schema.members())).collect();
    let known: BTreeSet<&str> = members.iter().flat_map(|(_, members)| members).map(String::as_str).collect();
    words.extend(known.iter().copied().chain(["$schema"]));
    for (schema, (format, members)) in schemas.iter().zip(&members) {
        let samples = samples::of(*format);
        let held: BTreeSet<String> = samples.iter().flat_map(mutations::member_names).collect();
        assert_eq!(members.difference(&held).collect::<Vec<_>>(), [""; 0], "no sample of {format:?} holds them");
        for sample in &samples {
            for pointer in mutations::objects(sample) {
                // What no format has may come together; a member of one of them may decide what the others mean.
                let (one_by_one, together): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| known.contains(**word));
                for group in one_by_one.chunks(1).chain(together.chunks(500)) {
                    let mut document = sample.clone();
                    let object = document.pointer_mut(&pointer).and_then(Value::as_object_mut).unwrap();
                    for word in group {
                        object.entry(*word).or_insert(Value::Null);
                    }
                    let (by_schema, by_reader) = (schema.unknown(&document), readers::unknown(*format, &document));
                    assert_eq!(by_schema, by_reader, "the members that {format:?} does not know, with others at `{pointer}`");
                }
            }
        }
    }
}

#[test]
fn what_a_reader_refuses_a_schema_refuses_and_the_reverse() {
    let judge = Judge::default();
    let genome = |vector: &Vector| judge.compare(Format::Genome, &vector.name, &vector.body);
    run("accepted", 31, genome);
    run("hostile", 447, genome);
    run("trust", 580, |vector| {
        let judge = |(name, part): (&str, &[u8])| judge.compare(documents::format_of_part(name), name, part);
        vector.parts().into_iter().try_for_each(judge)
    });
    let mut faults = Vec::new();
    let mut compare = |format, what: &str, bytes: &[u8]| faults.extend(judge.compare(format, what, bytes).err());
    let documents = documents::of_repository();
    assert!(documents.len() >= 7, "{} documents", documents.len());
    for document in documents {
        compare(document.format, &document.name, &document.bytes);
    }
    for format in Format::ALL {
        let samples = samples::of(format);
        for sample in &samples {
            assert!(readers::objections(format, &readers::bytes(format, sample, "")).is_empty(), "{format:?}: {sample}");
        }
        for mutation in mutations::of(&samples) {
            compare(format, &mutation.what, &readers::bytes(format, &mutation.document, &mutation.pointer));
        }
        for (what, text) in samples::texts(format) {
            compare(format, what, &text);
        }
    }
    let (shown, count) = (faults.iter().take(20).cloned().collect::<Vec<_>>().join("\n"), faults.len());
    assert!(faults.is_empty(), "{count} differ:\n{shown}");
    let mut seen = BTreeSet::new();
    for format in Format::ALL {
        assert_eq!(Schema::of(format).admitted(), judge.seen(format), "what the comment of {format:?} names, and what was seen");
        seen.extend(judge.seen(format));
    }
    assert_eq!(seen, Inexpressible::ALL.into(), "what is listed, and what was seen");
}
