//! Findings as SARIF 2.1.0 (OASIS), which code scanning and editors read.
//!
//! By hand, as `serde-sarif` 0.8.0 was looked at: it builds its types from the schema at compile time, hundreds of them, of which this needs ten.

use super::places::{Places, Repository, Single};
use crate::explanation::meaning;
use crate::{Exit, Finding, Level, Source, json_text};
use genome::Code;
use genome_json::holds_private_key;
use genome_json::text::{BarePath, Printable, QuotedPath, verbatim};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// What is wrong in a whole run of `genome-verify`, as a log of SARIF: a result for each fault, and the codes as its rules.
#[must_use]
pub(crate) fn sarif(exit: Exit, findings: &[Finding]) -> String {
    sarif_in(Repository::of_environment(), exit, findings)
}

fn sarif_in(repository: Repository, exit: Exit, findings: &[Finding]) -> String {
    let mut places = Places::in_repository(repository);
    let used: BTreeSet<Code> = findings.iter().filter_map(|finding| finding.code).collect();
    let rule = |code: &Code| Rule { id: *code, short_description: Text { text: meaning(*code).to_owned() } };
    let driver =
        Driver { name: "genome-verify", semantic_version: env!("CARGO_PKG_VERSION"), rules: used.iter().map(rule).collect() };
    let invocation = Invocation { execution_successful: exit != Exit::Undecided, exit_code: exit.status() };
    let run = Run {
        tool: Tool { driver },
        invocations: [invocation],
        column_kind: "unicodeCodePoints",
        results: findings.iter().flat_map(Single::all_of).map(|single| SarifResult::new(&single, &mut places)).collect(),
    };
    json_text(&Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    })
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: Code,
    short_description: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_id: Option<Code>,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<PhysicalLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

impl SarifResult {
    fn new(single: &Single<'_>, places: &mut Places) -> Self {
        let Single { finding, pointer, message, hint } = single;
        let mut text = String::new();
        let mut physical_location = None;
        match &finding.file {
            Some(Source::File(path)) => {
                let relative = places.relative(path);
                if let Some(uri) = uri(&relative) {
                    let region = places.position(path, single);
                    let region = region.map(|(start_line, start_column)| Region { start_line, start_column });
                    physical_location = Some(PhysicalLocation { artifact_location: ArtifactLocation { uri }, region });
                } else {
                    // Writing to a string does not fail.
                    let _ = write!(text, "{}: ", QuotedPath(&relative));
                }
            }
            Some(source) => drop(write!(text, "{source}: ")),
            None => {}
        }
        if !pointer.is_empty() {
            let _ = write!(text, "{}: ", BarePath(pointer.as_ref()));
        }
        let help = if finding.level == Level::Notice { "" } else { "help: " };
        let _ = write!(text, "{} ({help}{})", Printable(message), Printable(hint));
        let name = pointer.to_str().filter(|pointer| !pointer.is_empty());
        let logical = name.map(|name| LogicalLocation { fully_qualified_name: verbatim(name).into_owned() });
        let logical_locations: Vec<LogicalLocation> = logical.into_iter().collect();
        let is_placed = physical_location.is_some() || !logical_locations.is_empty();
        let location = is_placed.then_some(Location { physical_location, logical_locations });
        Self {
            rule_id: finding.code,
            level: word(finding.level),
            message: Text { text: literal(&text) },
            locations: location.into_iter().collect(),
        }
    }
}

/// Text of a message, where nothing is a placeholder (section 3.11.5) or a link (section 3.11.6), whoever wrote it.
fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}").replace("](", "\\](")
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "note",
    }
}

/// A path as a reference of RFC 3986: relative, or `file:` where it starts at the root. All but unreserved characters are percent-encoded, byte
/// for byte, so that each path has one and nothing in it shows as anything else. `None` for a path with a private key in it.
fn uri(path: &Path) -> Option<String> {
    if path.to_str().is_some_and(holds_private_key) {
        return None;
    }
    let mut uri = if path.is_absolute() { "file://".to_owned() } else { String::new() };
    for &byte in path.as_os_str().as_bytes() {
        let character = char::from(byte);
        if character.is_ascii_alphanumeric() || "-._~/".contains(character) {
            uri.push(character);
        } else {
            // Writing to a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    Some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn a_path_is_a_reference_of_rfc_3986() {
        for (path, expected) in [
            (&b"genomes/A_v1.0.0/genome.json"[..], "genomes/A_v1.0.0/genome.json"),
            (b"/srv/a b.json", "file:///srv/a%20b.json"),
            (b"javascript:alert(1)", "javascript%3Aalert%281%29"),
            (b"a\xff\n%#?", "a%FF%0A%25%23%3F"),
            ("\u{202e}".as_bytes(), "%E2%80%AE"),
        ] {
            assert_eq!(uri(Path::new(OsStr::from_bytes(path))).as_deref(), Some(expected));
        }
    }
}
