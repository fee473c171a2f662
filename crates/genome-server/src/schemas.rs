//! The JSON Schemas of the answers are made of their types, and stand in `schemas/`: `SNAPSHOTS=overwrite cargo test --package
//! genome-server schemas` writes them again.

use crate::answer::decision::DecisionAnswer;
use crate::answer::genome::GenomeAnswer;
use crate::answer::health::{HealthAnswer, ReadyAnswer};
use crate::problem::ProblemAnswer;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use std::path::Path;
use std::{env, fs};

/// Where they stand, and where they are found.
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas");

fn generated<T: JsonSchema>() -> String {
    // A schema says what is printed, not what could be read.
    let generator: SchemaGenerator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut json = serde_json::to_string_pretty(&generator.into_root_schema_for::<T>()).unwrap();
    json.push('\n');
    json
}

#[test]
fn the_schemas_that_are_committed_are_those_of_the_types() {
    for (name, generated) in [
        ("decision", generated::<DecisionAnswer<'_>>()),
        ("genome", generated::<GenomeAnswer<'_>>()),
        ("health", generated::<HealthAnswer>()),
        ("problem", generated::<ProblemAnswer<'_>>()),
        ("ready", generated::<ReadyAnswer>()),
    ] {
        let path = Path::new(DIRECTORY).join(format!("server-{name}.schema.json"));
        if env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite") {
            fs::create_dir_all(DIRECTORY).unwrap();
            fs::write(&path, &generated).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap_or_default(), generated, "{}", path.display());
    }
}
