//! The variables that say what a genome has to meet.

use crate::{Failure, Finding};
use genome::Code;
use genome_files::{VariableError, path_in_variable, shown_value};
use genome_json::text::QuotedPath;
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The path of the genome that a server loads: what `MATHISON_GENOME_PATH` names and nothing else, least of all the published root genome;
/// without the variable, the root genome. It is always a path: a server that is given `-` has no standard input to read.
///
/// # Errors
/// The path is empty, or without the variable there is no root genome. Nobody looks for that who has another one.
pub fn genome_path() -> Result<PathBuf, Failure> {
    path_of_variable(None)
}

/// The path of the genome, for a program that takes it as the option `--genome`, too, which comes first.
///
/// # Errors
/// As [`genome_path`], where the option is not given.
pub fn genome_option(option: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    option.map_or_else(|| path_of_variable(Some("--genome")), |path| Ok(path.clone()))
}

fn path_of_variable(option: Option<&str>) -> Result<PathBuf, Failure> {
    const VARIABLE: &str = "MATHISON_GENOME_PATH";
    match path_in_variable(VARIABLE).map_err(|error| unusable(&error))? {
        None => {
            let root = Path::new("genomes/TOTK_ROOT_v1.0.0/genome.json");
            if root.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
                let (missing, name) = match option {
                    None => (format!("{VARIABLE} is not set"), "set it to the path of the genome".to_owned()),
                    Some(option) => (
                        format!("{option} is not given and {VARIABLE} is not set"),
                        format!("name the genome with {option} FILE, or set {VARIABLE} to its path"),
                    ),
                };
                let message = format!("{missing}, and the root genome, which is taken then, is not there");
                let hint = format!("{name}, as in {VARIABLE}=/srv/agent/genome.json; genome.env, which genome init makes, does so");
                return Err(Failure::undecided(Finding::error(message, hint).with_code(Code::Missing).at(root)));
            }
            Ok(root.to_owned())
        }
        Some(path) if path.as_os_str().is_empty() => {
            let hint = "set it to the path of the genome to verify";
            let finding = Finding::error(format!("{VARIABLE} is set to nothing"), hint).with_code(Code::Missing);
            Err(Failure::undecided(finding))
        }
        Some(path) => Ok(path),
    }
}

/// A path from the command line, or else from a variable, which may not be empty.
pub(crate) fn named(argument: Option<&PathBuf>, variable: &'static str, what: &str) -> Result<Option<PathBuf>, Failure> {
    let path = match argument {
        Some(path) => Some(path.clone()),
        None => path_in_variable(variable).map_err(|error| unusable(&error))?,
    };
    match path {
        Some(path) if path.as_os_str().is_empty() => {
            let hint = format!("set it to the path of {what}, or unset it");
            Err(Failure::undecided(Finding::error(format!("the path of {what} is empty"), hint)))
        }
        path => Ok(path),
    }
}

fn unusable(error: &VariableError) -> Failure {
    Failure::undecided(Finding::error(error.to_string(), error.hint()))
}

/// Whether the environment says that this is production. A value that only resembles it is an error.
pub(crate) fn is_production() -> Result<bool, Failure> {
    const VARIABLE: &str = "MATHISON_ENV";
    let Some(given) = env::var_os(VARIABLE) else { return Ok(false) };
    let value = given.to_string_lossy();
    // Without quotes, as some files of variables keep them, white space, and what does not show.
    let plain = value.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_lowercase();
    match value.as_ref() {
        "production" => Ok(true),
        // A variable that was to be filled in, and was not.
        "" => {
            let hint = format!("set {VARIABLE}=production if this is production; otherwise unset it");
            Err(Failure::undecided(Finding::error(format!("{VARIABLE} is set to nothing"), hint)))
        }
        _ if plain.starts_with("prod") || value.contains('\u{fffd}') => {
            let message = format!("{VARIABLE} is `{}`, which may or may not mean production", shown_value(&given));
            Err(Failure::undecided(Finding::error(
                message,
                format!("set {VARIABLE}=production if this is production; otherwise unset it"),
            )))
        }
        _ => Ok(false),
    }
}

pub(crate) fn wants_manifest() -> Result<bool, Failure> {
    const VARIABLE: &str = "MATHISON_VERIFY_MANIFEST";
    match env::var_os(VARIABLE) {
        None => Ok(false),
        Some(value) if value == "true" => Ok(true),
        Some(value) if value == "false" || value.is_empty() => Ok(false),
        Some(value) => {
            let message = format!("{VARIABLE} is {}, neither true nor false", QuotedPath(value.as_ref()));
            Err(Failure::undecided(Finding::error(message, format!("set {VARIABLE}=true, or unset it"))))
        }
    }
}
