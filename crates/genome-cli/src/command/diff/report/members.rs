//! What differs in the definitions of a change.

use crate::command::diff::texts::{DefinitionChange, file_of};
use crate::report::differences::{is_cut, lines_of_differences};
use genome::Digest;
use genome::mcp::ServerName;

/// The lines about the definitions of one action.
pub(crate) fn lines<'d>(changes: impl Iterator<Item = &'d DefinitionChange> + Clone) -> Vec<String> {
    let is_alone = changes.clone().count() == 1;
    let mut lines: Vec<String> = changes.clone().flat_map(|change| of_change(change, is_alone)).collect();
    let differs = changes.filter_map(|change| change.differences.as_ref()).any(|differences| !differences.is_empty());
    if differs && lines.iter().any(|line| is_cut(line)) {
        lines.push("what is left out here is in the files of definitions, and in the report of --format json".to_owned());
    }
    lines
}

fn of_change(change: &DefinitionChange, is_alone: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if !is_alone {
        lines.push(match (change.was, change.is) {
            (Some(was), Some(is)) => format!("{is}, compared with {was}:"),
            (was, is) => format!("{}:", was.or(is).map(|digest| digest.to_string()).unwrap_or_default()),
        });
    }
    lines.extend(change.missing.iter().map(|digest| missing(&change.action, digest)));
    match change.differences.as_deref() {
        Some([]) => lines.push("the text is the same".to_owned()),
        Some(differences) => lines.extend(lines_of_differences(differences)),
        None => {}
    }
    lines
}

/// Which file would hold a text.
fn missing(action: &str, digest: &Digest) -> String {
    let beside = ServerName::of_action(action).map(|server| format!("{} beside the genome, or ", file_of(&server)));
    format!(
        "no text at hand is that of {digest}: it would be in {}a file that is named with --definitions",
        beside.unwrap_or_default()
    )
}
