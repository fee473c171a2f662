//! What the programs print as JSON, and the schemas in `schemas/` that are made of its types. `SNAPSHOTS=overwrite` writes these again.

#![expect(clippy::missing_panics_doc, clippy::panic, clippy::unwrap_used, reason = "a harness stops where it cannot go on")]

use crate::repository;
use jsonschema::Validator;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::{env, fs};

/// A schema as it is committed.
pub struct Schema(Validator);

/// Reads what a program printed, which the schema of this name takes.
pub fn read(name: &'static str, printed: &str) -> Value {
    static SCHEMAS: Mutex<BTreeMap<&str, Arc<Schema>>> = Mutex::new(BTreeMap::new());
    let schema = {
        let mut schemas = SCHEMAS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(schemas.entry(name).or_insert_with(|| Arc::new(Schema::of(name))))
    };
    let value: Value = serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    assert_eq!(schema.faults(&value), [""; 0], "{name}: {printed}");
    value
}

/// The schema that is made of a type is the one that is committed under this name.
pub fn assert_committed<T: JsonSchema>(name: &str) {
    // A schema says what is printed, not what could be read.
    let generator: SchemaGenerator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut made = serde_json::to_string_pretty(&generator.into_root_schema_for::<T>()).unwrap();
    made.push('\n');
    if env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite") {
        fs::write(path(name), &made).unwrap();
    }
    assert_eq!(fs::read_to_string(path(name)).unwrap_or_default(), made, "{}", path(name).display());
}

impl Schema {
    /// The one of this name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let document: Value = serde_json::from_str(&fs::read_to_string(path(name)).unwrap()).unwrap();
        jsonschema::draft202012::meta::validate(&document).unwrap();
        Self(jsonschema::validator_for(&document).unwrap())
    }

    /// It takes what was printed, and holds it: nothing else with another member, with one more, or with one less, at any depth, but for those
    /// members that may be absent.
    pub fn assert_holds(&self, printed: &Value, may_be_absent: &[&str]) {
        assert_eq!(self.faults(printed), [""; 0], "{printed:#}");
        let mut objects = Vec::new();
        find_objects(printed, String::new(), &mut objects);
        for pointer in objects {
            let edited = |edit: &dyn Fn(&mut serde_json::Map<String, Value>)| {
                let mut edited = printed.clone();
                edit(edited.pointer_mut(&pointer).unwrap().as_object_mut().unwrap());
                edited
            };
            assert!(!self.takes(&edited(&|object| drop(object.insert("more".to_owned(), json!(1))))), "more at `{pointer}`");
            for name in printed.pointer(&pointer).unwrap().as_object().unwrap().keys() {
                let other = edited(&|object| drop(object.insert(name.clone(), json!({"more": 1}))));
                assert!(!self.takes(&other), "another `{name}` at `{pointer}`");
                let less = edited(&|object| drop(object.remove(name)));
                assert_eq!(self.takes(&less), may_be_absent.contains(&name.as_str()), "no `{name}` at `{pointer}`");
            }
        }
    }

    /// Whether it takes a document.
    #[must_use]
    pub fn takes(&self, document: &Value) -> bool {
        self.0.is_valid(document)
    }

    fn faults(&self, document: &Value) -> Vec<String> {
        self.0.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }
}

fn path(name: &str) -> PathBuf {
    repository().join("schemas").join(format!("{name}.schema.json"))
}

/// The pointers of all objects in a value.
fn find_objects(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_objects(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                find_objects(member, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
            found.push(pointer);
        }
        _ => {}
    }
}
