//! `genome trust new`.

use super::NewArguments;
use super::fault::{not_added, refused};
use super::listing::{listing, warnings};
use super::writing::{Policy, unwritten};
use crate::{Exit, Failure, Finding, Paint, Source, print, say, tell};
use genome::model::Signer;
use genome::policy::{PolicyDocument, PolicyEditor, PolicyError};
use genome_files::FoundDestination;
use genome_json::text::BarePath;
use std::io;

pub(super) fn create(arguments: &NewArguments) -> Result<Exit, Failure> {
    let output = &arguments.output;
    let keys = arguments.keys.read()?;
    let document = document(arguments, &keys)?;
    let is_stdout = output.as_os_str() == "-";
    for warning in warnings(document.policy()) {
        say(&if is_stdout { warning } else { warning.at(output) });
    }
    if is_stdout {
        print(document.to_json().as_bytes())?;
    } else {
        let found = FoundDestination::find(output).map_err(|error| unwritten(output, &error))?;
        Policy::hold(output, found)?.create(document.to_json())?;
        tell(&format!("made {}\n", BarePath(output)));
    }
    tell(&format!("trusted by it\n{}", listing(document.policy(), Paint::on(&io::stderr()))));
    Ok(Exit::Done)
}

fn document(arguments: &NewArguments, keys: &[(Source, Signer)]) -> Result<PolicyDocument, Failure> {
    let threshold = match (arguments.threshold, keys) {
        (Some(threshold), _) => Some(threshold.into()),
        (None, [_]) => Some(1),
        // Genomes alone.
        (None, []) => None,
        (None, keys) => return Err(no_threshold(keys.len())),
    };
    let mut editor = PolicyEditor::empty();
    for (source, signer) in keys {
        editor.add(signer).map_err(|error| not_added(&error, source))?;
    }
    arguments.keys.genome_id.iter().for_each(|id| editor.add_genome_id(*id));
    let made = threshold.map_or(Ok(()), |threshold| editor.set_threshold(threshold)).and_then(|()| editor.finish());
    made.map(|edit| edit.document).map_err(|error| match error {
        PolicyError::Unmet { able, .. } => {
            refused(&error, &arguments.output).with_hint(|_| format!("give more keys, or a threshold of 1 to {able}"))
        }
        error => refused(&error, &arguments.output),
    })
}

/// The failure of several keys without a threshold, which only the user can decide.
pub(super) fn no_threshold(keys: usize) -> Failure {
    let message = format!("{keys} keys are given, and not how many of them must sign");
    Failure::undecided(Finding::error(message, format!("say so with --threshold, 1 to {keys}")))
}
