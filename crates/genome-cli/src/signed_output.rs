//! The output of a signed genome, found before the review and locked after it.

use crate::unwritten::Unwritten;
use crate::{Destination, Failure, Finding, Level, ReadError, Source, print, tell_waiting};
use genome::document::Tally;
use genome::model::GenomeName;
use genome::refusal::{Quorum, QuorumOf};
use genome::{Document, Genome, Refusal, dangerous::Intact, json};
use genome_files::FoundDestination;
use genome_json::text::{BarePath, Quoted};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// The output of a signed genome: standard output, or a file. It is locked from before it is read until it is replaced, so that two who
/// sign at once do not lose a signature; or it is only found, while known causes of failure are checked.
#[derive(Debug)]
pub struct SignedOutput<'p, D = Destination> {
    path: &'p Path,
    /// `None` for standard output.
    destination: Option<D>,
    verb: &'static str,
    force: bool,
}

impl<'p> SignedOutput<'p, FoundDestination> {
    /// Finds the file at this path; `-` is standard output. The verb is what the program does, as in `genome-sign`. By force a file is
    /// replaced also where it is read-only.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub fn find(path: &'p Path, verb: &'static str, force: bool) -> Result<Self, Failure> {
        let find = || FoundDestination::find(path).map_err(|error| unwritten(path, verb, &error));
        let destination = if path.as_os_str() == "-" { None } else { Some(find()?) };
        Ok(Self { path, destination, verb, force })
    }

    /// Locks the file, after waiting for another holder.
    ///
    /// # Errors
    /// Nothing can be written there any more, or another program holds it for long.
    pub fn hold(self) -> Result<SignedOutput<'p>, Failure> {
        let Self { path, destination, verb, force } = self;
        let wait = || tell_waiting("signs in the same directory");
        let hold = |found: FoundDestination| found.hold(wait).map_err(|error| unwritten(path, verb, &error));
        Ok(SignedOutput { path, destination: destination.map(hold).transpose()?, verb, force })
    }
}

impl<D: AsRef<Destination>> SignedOutput<'_, D> {
    /// The contents of the file; nothing where there is none, or where it is empty, as `mktemp` leaves it.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn existing(&self) -> Result<Option<(Source, Vec<u8>)>, Failure> {
        let Some(destination) = self.destination() else { return Ok(None) };
        let source = Source::File(destination.path().to_owned());
        match destination.existing().map_err(|error| ReadError::new(source.clone(), error))? {
            None => Ok(None),
            Some(file) => {
                let bytes = source.read_open(file)?.into_bytes();
                Ok((!bytes.is_empty()).then_some((source, bytes)))
            }
        }
    }

    /// Refuses what is known to fail before the document, read from this source, is signed: where something changes, the file must be
    /// writable unless there is force, and this user must be able to make files in its directory.
    ///
    /// # Errors
    /// It is too large, or could not be written.
    pub fn foresee(&self, document: &Document<'_>, source: &Source, changes: bool) -> Result<(), Failure> {
        check_size(&document.to_json(), source)?;
        match self.destination() {
            Some(destination) if changes => self.check_writable(destination),
            _ => Ok(()),
        }
    }

    fn check_writable(&self, destination: &Destination) -> Result<(), Failure> {
        let unwritten = |error| unwritten(self.path, self.verb, &error);
        if !self.force && destination.is_read_only().map_err(unwritten)? {
            return Err(read_only(self.path));
        }
        destination.check_writable().map_err(unwritten)
    }

    fn destination(&self) -> Option<&Destination> {
        self.destination.as_ref().map(AsRef::as_ref)
    }
}

impl<'p> SignedOutput<'p> {
    /// [Finds](SignedOutput::find) the output and [holds](SignedOutput::hold) it.
    ///
    /// # Errors
    /// As these two.
    pub fn take(path: &'p Path, verb: &'static str, force: bool) -> Result<Self, Failure> {
        SignedOutput::find(path, verb, force)?.hold()
    }

    /// Proves that the document, read from this source, is what will be read back, and that it may be written; where nothing changes, the
    /// file stays as it is. Nothing is written yet.
    ///
    /// # Errors
    /// The text is too large or reads as anything else, or the file is read-only and there is no force.
    pub fn prove(self, document: &Document<'_>, source: &Source, changed: bool) -> Result<ProvedOutput<'p>, Failure> {
        let signed = document.to_json();
        check_size(&signed, source)?;
        prove(&signed, document, self.verb)?;
        if let (true, Some(destination)) = (changed, self.destination()) {
            // Asked once more, as whoever signs may have taken a while.
            self.check_writable(destination)?;
        }
        Ok(ProvedOutput { output: self, signed, changed })
    }
}

/// A signed genome that was proved to be readable, and its output.
#[derive(Debug)]
pub struct ProvedOutput<'p> {
    output: SignedOutput<'p>,
    signed: String,
    changed: bool,
}

impl<'p> ProvedOutput<'p> {
    /// Writes it. Returns the path of the file that was written.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(self) -> Result<Option<&'p Path>, Failure> {
        let SignedOutput { path, destination, verb, .. } = self.output;
        match destination {
            None => print(self.signed.as_bytes()).map(|()| None),
            Some(_) if !self.changed => Ok(None),
            Some(destination) => match destination.replace(self.signed.as_bytes()) {
                Ok(()) => Ok(Some(path)),
                Err(error) => Err(signed(verb).replacing(path, &error, format!("{verb} again: what is there already is kept"))),
            },
        }
    }
}

/// Reads and checks the text that is about to be written as strictly as one from a stranger; it must be the same genome with the same
/// signatures.
fn prove(signed: &str, document: &Document<'_>, verb: &str) -> Result<(), Failure> {
    let proved = Document::read(signed.as_bytes())
        .is_ok_and(|read| read.id() == document.id() && read.has_signatures_of(document) && read.tally().is_ok());
    let hint = || format!("nothing was written; do not trust this machine, and report this as a fault of genome-{verb}");
    if proved { Ok(()) } else { Err(Failure::undecided(Finding::error("the signed genome does not verify", hint()))) }
}

fn unwritten(output: &Path, verb: &'static str, error: &io::Error) -> Failure {
    signed(verb).at(output, error)
}

fn signed(verb: &'static str) -> Unwritten {
    let otherwise = "name a file, or `-` for standard output";
    Unwritten { what: "the signed genome", outcome: Some("the output was not changed"), verb, otherwise }
}

fn read_only(output: &Path) -> Failure {
    let hint = "nothing was changed; make it writable (chmod u+w), or replace it with --force";
    Failure::refused(Finding::error("its owner has no permission to write it", hint).at(output))
}

fn check_size(signed: &str, source: &Source) -> Result<(), Failure> {
    let bytes = signed.len();
    if bytes <= json::MAX_BYTES {
        return Ok(());
    }
    let message = format!("indented, the signed genome would have {bytes} bytes; 16 MiB is the most");
    Err(Failure::refused(Finding::error(message, "nothing was written; make the genome smaller").at(source)))
}

/// Drops the signatures that do not verify and may be dropped, each with a warning that `warn` gets. Returns whether there were any.
///
/// # Errors
/// A signature does not verify and may not be dropped without force.
pub fn drop_bad_signatures(
    document: &mut Document<'_>,
    parents: &[Intact<Genome>],
    source: &Source,
    may: impl Fn(&Refusal) -> bool,
    warn: impl Fn(&Finding),
) -> Result<bool, Failure> {
    let before = document.signatures().len();
    // The wrong ones are found first, and the worthless ones after them.
    while let Err(refusal) = document.check_signatures(parents) {
        let bad = match &refusal {
            Refusal::InvalidSignature(bad) | Refusal::LegacySignature(bad) if may(&refusal) => bad,
            _ => {
                return Err(Failure::refused(Finding::from(&refusal).at(source))
                    .with_hint(|hint| format!("{hint}; --force drops the signature")));
            }
        };
        warn(&Finding { level: Level::Warning, ..Finding::from(&refusal) }.at(source));
        document.drop_signatures(bad);
    }
    Ok(document.signatures().len() < before)
}

/// The report below its first line, as standard error shows it: the genome, how far its authority and those of its parents have signed, who still may, and where it was
/// written.
#[must_use]
pub fn standing(document: &Document<'_>, own: &Tally, parents: &[Quorum], written_to: Option<&Path>) -> String {
    let genome = document.unverified();
    let (name, version, id) = (Quoted(&genome.name), &genome.version, document.id());
    let mut text = format!("  genome      {name} {version}\n  genome id   {id}\n{}", signatures(own, parents));
    if let Some(path) = written_to {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  written to  {}", BarePath(path));
    }
    text
}

/// How far its authority and those of its parents have signed a genome, and who still may.
pub(crate) fn signatures(own: &Tally, parents: &[Quorum]) -> String {
    let mut text = format!("  signatures  {} of {} required\n", own.counted(), own.threshold);
    // Writing to a string does not fail.
    if let Some(who) = may_sign(own) {
        let _ = writeln!(text, "  may sign    {who}");
    }
    for Quorum { whose, tally, .. } in parents {
        if let QuorumOf::Parent(GenomeName { name, version, .. }) = whose {
            let (name, counted, threshold) = (Quoted(name), tally.counted(), tally.threshold);
            let who = may_sign(tally).map(|who| format!("; may sign: {who}")).unwrap_or_default();
            let _ = writeln!(text, "  parent      {name} {version}: {counted} of {threshold} required{who}");
        }
    }
    text
}

/// The signers who still may sign, if there are any.
fn may_sign(tally: &Tally) -> Option<String> {
    let who: Vec<String> = tally.unsigned.iter().map(|signer| format!("`{}`", signer.key_id)).collect();
    (!who.is_empty()).then(|| who.join(", "))
}
