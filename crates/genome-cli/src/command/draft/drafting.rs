//! Drafts a genome and writes it.

use super::edits::Given;
use super::fault::{Faults, judged, refused};
use super::{DraftArguments, clock, files, next, output, report};
use crate::{Exit, Failure, Requirements, Source, Verdict, genome_file, stdin_once};
use genome::draft::{Draft, DraftError, Drafted};
use genome::{Document, Genome, Refusal, Verified};
use std::path::{Path, PathBuf};

/// Drafts a genome and writes it.
pub(crate) fn draft(arguments: &DraftArguments) -> Result<Exit, Failure> {
    let read: Vec<PathBuf> = [&arguments.from].into_iter().chain(Given::paths(arguments)).cloned().collect();
    stdin_once(&read)?;
    let created_at = clock::now()?;
    let (path, to) = (genome_file(&arguments.from), output::file(&arguments.output));
    output::is_not(&to, &path)?;
    let source = Source::from(path.as_ref());
    let bytes = source.read()?;
    let requirements = Requirements::of_trust(&arguments.trust)?;
    let from = verified(&source, &bytes, &requirements)?;
    let given = Given::read(arguments)?;
    let place = next::place(&to, &path);

    let mut faults = Faults::default();
    let mut draft = Draft::of(&from, &bytes).map_err(|error| refused(&error, &source))?;
    draft.set_created_at(created_at);
    given.apply(&mut draft, arguments, &source, &mut faults);
    let outputs = [to.clone().into_owned(), place.output.clone()];
    files::apply(&mut draft, &arguments.manifest, &outputs, (&from, &source), &mut faults);
    faults.settle()?;
    let drafted = finish(draft, &to, &source, !arguments.authority.signer.is_empty())?;

    let parent = (!arguments.new_root).then_some(&**from);
    report::warn(&drafted, &from, parent, &source);
    if let Some(parent) = parent {
        report::warn_of_version(&drafted, parent);
    }
    let draft = Document::read(drafted.to_json().as_bytes()).map_err(|refusal| refused(&refusal.into(), &&*to))?;
    let before = Document::read(&bytes).map_err(|refusal| refused(&refusal.into(), &source))?;
    output::write(&to, drafted.to_json(), arguments.force)?;
    let policy = requirements.policy().map_err(Clone::clone)?;
    let lines = next::lines(&draft, parent.map(|_| &before), policy, &place, &path);
    report::report(&drafted, &from, &to, &lines);
    Ok(Exit::Done)
}

/// The genome that the draft is made from, which must be verified.
fn verified(source: &Source, bytes: &[u8], requirements: &Requirements) -> Result<Verified<Genome>, Failure> {
    let Verdict { exit, result, .. } = requirements.verify_bytes(source, bytes);
    result.map_err(|findings| judged(exit, &findings))
}

/// The finished draft, or everything that is wrong with it. `replaces_signers` says that options name all signers.
fn finish(draft: Draft<'_>, output: &Path, from: &Source, replaces_signers: bool) -> Result<Drafted, Failure> {
    draft.finish().or_else(|errors| {
        let mut faults = Faults::default();
        for error in errors {
            let failure = match &error {
                // It would be the draft's own text, which is not written.
                DraftError::Refused(Refusal::SecretExposed { .. }) => refused(&error, &output),
                DraftError::Refused(_) => {
                    refused(&error, &output).with_hint(|_| "nothing was written; correct what the options say".to_owned())
                }
                // What stands there is right for the signers who stand there.
                DraftError::Threshold { .. } if replaces_signers => refused(&error, &output).with_hint(|hint| {
                    format!("nothing was written; {hint}: --signer replaces all signers, and --add-signer adds one")
                }),
                DraftError::Threshold { .. } => refused(&error, &output).with_hint(|hint| format!("nothing was written; {hint}")),
                _ => refused(&error, from),
            };
            faults.keep::<()>(Err(failure));
        }
        faults.settle()?;
        Err(Failure::silent(Exit::Refused))
    })
}
