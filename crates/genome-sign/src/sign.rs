use crate::{SignArguments, private_key};
use genome::{Code, Document, Printable, Refusal, Signing, SigningError, json, verify};
use genome_cli::{Destination, Exit, Failure, Finding, Level, ReplaceError, Source, note, print, say};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Signs the genome and writes it, or finds it signed.
pub(crate) fn sign(arguments: &SignArguments) -> Result<Exit, Failure> {
    let input = Source::from(arguments.unsigned.as_path());
    let bytes = input.read()?;
    let mut document = Document::read(&bytes).map_err(|refusal| refused(&refusal.into(), &input))?;
    let key = private_key::read()?;
    // Held from before the output is read until it is replaced, so that two who sign at once do not lose a signature; and taken after
    // what may come slowly (a pipe) is here.
    let to_stdout = arguments.output.as_os_str() == "-";
    let destination = if to_stdout { None } else { Some(take(&arguments.output)?) };

    drop_bad_signatures(&mut document, &input, arguments.force)?;
    let existing =
        destination.as_ref().map_or(Ok(None), |destination| adopt(&mut document, destination.path(), arguments.force))?;
    let signing = document.sign(arguments.key_id.as_ref(), &key).map_err(|error| refused(&error, &input))?;

    let signed = document.to_json();
    if signed.len() > json::MAX_BYTES {
        return Err(too_large(signed.len(), &input));
    }
    prove(&signed, &document, &signing)?;
    let changed = existing != Some(document.signatures().len());
    match destination {
        None => print(signed.as_bytes())?,
        Some(destination) if changed => {
            if destination.is_read_only() && !arguments.force {
                return Err(read_only(&arguments.output));
            }
            destination.replace(signed.as_bytes()).map_err(|error| match error {
                ReplaceError::Unchanged(error) => unwritten(&arguments.output, &error),
                ReplaceError::Unsettled(error) => unsettled(&arguments.output, &error),
            })?;
        }
        Some(_) => {}
    }
    report(&document, &signing, changed, &arguments.output);
    Ok(Exit::Done)
}

fn take(output: &Path) -> Result<Destination, Failure> {
    let wait = || note("waiting for another program that signs in the same directory\n");
    Destination::take(output, wait).map_err(|error| unwritten(output, &error))
}

fn unwritten(output: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write the signed genome: {error}");
    let hint = match error.kind() {
        io::ErrorKind::TimedOut => "nothing was changed; see what the other program waits for, and sign again",
        _ => "nothing was changed; check the directory, its permissions and the space on its disk",
    };
    Failure::undecided(Finding::error(message, hint).at(&output.display()))
}

fn unsettled(output: &Path, error: &io::Error) -> Failure {
    let message = format!("the signed genome was written, but may not survive a power cut: {error}");
    let hint = "check the disk, then sign again: what is there already is kept";
    Failure::undecided(Finding::error(message, hint).at(&output.display()))
}

fn read_only(output: &Path) -> Failure {
    let hint = "nothing was changed; make it writable (chmod u+w), or replace it with --force";
    Failure::refused(Finding::error("its owner has no permission to write it", hint).at(&output.display()))
}

fn too_large(bytes: usize, source: &Source) -> Failure {
    let message = format!("indented, the signed genome would have {bytes} bytes; 16 MiB is the most");
    Failure::refused(Finding::error(message, "nothing was written; make the genome smaller").at(source))
}

fn refused(error: &SigningError, source: &Source) -> Failure {
    Failure::refused(Finding::from(error).at(source))
}

/// Drops signatures that protect nothing, and refuses those that are wrong unless it is forced to drop them too. Says whether it
/// dropped any.
fn drop_bad_signatures(document: &mut Document<'_>, source: &Source, force: bool) -> Result<bool, Failure> {
    let before = document.signatures().len();
    // The wrong ones are found first, and the worthless ones after them.
    while let Err(refusal) = document.tally() {
        let bad = match &refusal {
            Refusal::LegacySignature(bad) => bad,
            Refusal::InvalidSignature(bad) if force => bad,
            _ => {
                return Err(refused(&refusal.into(), source).with_hint(|hint| format!("{hint}; --force drops the signature")));
            }
        };
        say(&Finding { level: Level::Warning, ..Finding::from(&refusal) }.at(source));
        document.drop_signatures(bad);
    }
    Ok(document.signatures().len() < before)
}

/// Takes over the signatures that the output holds already. Gives their number if nothing else would change there.
fn adopt(document: &mut Document<'_>, output: &Path, force: bool) -> Result<Option<usize>, Failure> {
    let source = Source::File(output.to_owned());
    let bytes = match source.read() {
        Err(error) if error.code() == Code::Missing => return Ok(None),
        bytes => bytes?,
    };
    let mut adopt = || -> Result<Option<usize>, Failure> {
        let mut existing = Document::read(&bytes).map_err(|refusal| {
            refused(&refusal.into(), &source)
                .with_hint(|hint| format!("{hint}; or write to another file, or replace this one with --force"))
        })?;
        let dropped = drop_bad_signatures(&mut existing, &source, force)?;
        document.adopt(&existing).map_err(|error| refused(&error, &source))?;
        Ok((!dropped).then_some(existing.signatures().len()))
    };
    match adopt() {
        Err(_) if force => Ok(None),
        adopted => adopted,
    }
}

/// What is about to be written goes through the one verifier, as if somebody else had made it, and must be the same genome, signed by
/// the same people.
fn prove(signed: &str, document: &Document<'_>, signing: &Signing) -> Result<(), Failure> {
    let proved = match verify(signed.as_bytes()) {
        Ok(genome) => genome.id() == document.id() && genome.tally().signed == signing.tally.signed,
        // The signatures that there are verify over what was read back, which is therefore the same genome.
        Err(Refusal::InsufficientSignatures(tally)) => tally.signed == signing.tally.signed,
        Err(_) => false,
    };
    let hint = "nothing was written; do not trust this machine, and report this as a fault of genome-sign";
    if proved { Ok(()) } else { Err(Failure::undecided(Finding::error("the signed genome does not verify", hint))) }
}

/// Says what was done, how far the authority has signed, and who may still.
fn report(document: &Document<'_>, signing: &Signing, changed: bool, output: &Path) {
    let Signing { signer, already, tally, .. } = signing;
    if signer.public_key.is_published_test_key() {
        let message = format!("`{}` is a published test key: anybody can sign with it", signer.key_id);
        say(&Finding::warning(message, "never use this genome in production").with_code(Code::TestKey));
    }
    let genome = document.unverified();
    let done = match (already, changed) {
        (false, _) => "signed by",
        (true, true) => "signed before by",
        (true, false) => "nothing to do, signed before by",
    };
    let mut text = format!(
        "{done} `{}` ({})\n  genome      {} {}\n  genome id   {}\n  signatures  {} of {} required\n",
        signer.key_id,
        signer.public_key.fingerprint(),
        genome.name,
        genome.version,
        document.id(),
        tally.counted(),
        tally.threshold
    );
    if !tally.unsigned.is_empty() {
        let who: Vec<String> = tally.unsigned.iter().map(|signer| format!("`{}`", signer.key_id)).collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "  may sign    {}", who.join(", "));
    }
    if changed && output.as_os_str() != "-" {
        let _ = writeln!(text, "  written to  {}", Printable(&output.to_string_lossy()));
    }
    note(&text);
}
