//! Where the draft is, and where the signed genome goes: as the command line says it, or beside the draft.

use super::SignArguments;
use crate::source::{DRAFT, GENOME};
use crate::turns::{SigningPlace, is_stream};
use crate::{Failure, Finding, Source};
use genome::Code;
use std::path::{Path, PathBuf};

/// Reads it off the command line. In a directory, the draft has the usual name.
pub(super) fn place(arguments: &SignArguments) -> Result<SigningPlace, Failure> {
    let draft = match Source::from(arguments.unsigned.as_path()) {
        Source::File(path) if path.is_dir() => Source::File(draft_in(&path)?),
        draft => draft,
    };
    let output = match (&arguments.output, &draft) {
        (Some(output), _) => output.clone(),
        (None, Source::File(path)) if !is_stream(path) => path.with_file_name(GENOME),
        (None, _) => {
            let hint = "name OUTPUT after UNSIGNED: a file, or `-` for standard output";
            let message = "the draft comes through a stream, so nothing says where the signed genome goes";
            return Err(Failure::undecided(Finding::error(message, hint)));
        }
    };
    Ok(SigningPlace { draft, output })
}

/// The draft in a directory: that of the usual name, or a genome that lacks signatures in its place.
fn draft_in(directory: &Path) -> Result<PathBuf, Failure> {
    let [draft, genome] = [DRAFT, GENOME].map(|name| directory.join(name));
    if is_there(&draft) {
        return Ok(draft);
    }
    if is_there(&genome) {
        return Ok(genome);
    }
    let message = format!("it is a directory, and neither {DRAFT} nor {GENOME} is in it");
    let finding = Finding::error(message, "name the draft, or the directory that holds it; genome-draft makes one");
    Err(Failure::undecided(finding.with_code(Code::Missing).at(directory)))
}

/// Whether something has this name, also a link that leads nowhere: whoever reads it says what is wrong.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
