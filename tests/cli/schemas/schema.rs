//! A schema: its text, and what it says of a document.

use super::inexpressible::Inexpressible;
use super::readers::Format;
use genome_test_support::repository;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// A schema of schemas/.
pub(crate) struct Schema {
    pub(crate) format: Format,
    pub(crate) document: Value,
    pub(crate) validator: Validator,
}

impl Schema {
    pub(crate) fn of(format: Format) -> Self {
        let path = repository().join("schemas").join(format!("{}.schema.json", format.name()));
        let document = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let validator = compile(&document);
        Self { format, document, validator }
    }

    /// The names of all members that it knows anywhere.
    pub(crate) fn members(&self) -> BTreeSet<String> {
        let mut found = Vec::new();
        nodes(&self.document, &mut found);
        let properties = found.into_iter().filter_map(|node| node.get("properties")?.as_object());
        properties.flat_map(|properties| properties.keys().cloned()).collect()
    }

    /// The JSON Pointers of the members that it does not know.
    pub(crate) fn unknown(&self, document: &Value) -> BTreeSet<String> {
        let mut unknown = BTreeSet::new();
        for error in self.validator.iter_errors(document) {
            if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
                unknown.extend(unexpected.iter().map(|name| format!("{}/{name}", error.instance_path())));
            }
        }
        unknown
    }

    /// What its comment says that it cannot say.
    pub(crate) fn admitted(&self) -> BTreeSet<Inexpressible> {
        let comment = self.document["$comment"].as_str().unwrap();
        let (_, list) = comment.split_once("What JSON Schema cannot say, and the readers check: ").unwrap();
        let list = list.strip_suffix('.').unwrap().split("; ");
        list.map(|words| Inexpressible::said(words).unwrap_or_else(|| panic!("nobody knows of `{words}`"))).collect()
    }
}

/// The validator of a schema. It fetches nothing, and formats are annotations (JSON Schema 2020-12, Validation, section 7.2.1).
pub(crate) fn compile(schema: &Value) -> Validator {
    jsonschema::draft202012::options().should_validate_formats(false).build(schema).unwrap()
}

/// Every object of a document.
pub(crate) fn nodes<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            found.push(value);
            members.values().for_each(|value| nodes(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| nodes(value, found)),
        _ => {}
    }
}
