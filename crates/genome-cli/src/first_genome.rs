//! A first genome, signed, with all that a program needs to start on it: what `genome init` and `genome-mcp init` make.

mod action;
mod answers;
mod environment;
mod files;
mod key;
mod report;

use crate::asking::Asking;
use crate::command::draft::now;
use crate::command::keygen::new_key;
use crate::recorder::recorded_all_the_same;
use crate::report::contents::{CONTENTS_COUNTED, counted_allowed, gravity_of_contents, write_contents};
use crate::signer::signer;
use crate::{
    AuditArguments, Failure, Finding, Paint, PassphraseArguments, Recorder, StandardStreams, Stream, Use, forbid_core_dumps, say,
    tell, wiping_stack,
};
pub use action::GivenAction;
use answers::Answers;
use clap::Args;
use files::Files;
use genome::digest::Digest;
use genome::draft::{DraftError, Drafted, FirstGenome};
use genome::model::{RiskClass, Signer};
use genome::policy::{PolicyDocument, PolicyEditor, PolicyError};
use genome::refusal::TestKey;
use genome::{Document, Genome, KeyId, PublicKey};
use genome_json::text::Quoted;
use key::Key;
use semver::Version;
use std::io;
use std::path::{Path, PathBuf};

/// What a first genome is made of, besides what it allows.
#[derive(Debug, Args)]
#[command(next_help_heading = None::<&str>)]
pub struct FirstGenomeArguments {
    /// The name of the genome: the system that it is for
    #[arg(long)]
    name: Option<String>,
    /// Sign with the key that REF names, as for genome-sign: `file:PATH`, `ssh-agent:`, `pkcs11:URI`, `exec:COMMAND` or `env:NAME`. Without it, a
    /// new key is made
    #[arg(long, value_name = "REF")]
    key: Option<String>,
    /// The name of your key in the genome
    #[arg(long, value_name = "KEY_ID")]
    key_id: Option<KeyId>,
    /// One more signer: a file with a public key, from genome-keygen, OpenSSH or OpenSSL. Can be repeated
    #[arg(long, value_name = "FILE")]
    signer: Vec<PathBuf>,
    /// How many of the signers must sign
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    threshold: usize,
    /// Leave the new private key unencrypted
    #[arg(long, conflicts_with_all = ["key", "passphrase_file", "passphrase_fd"])]
    no_passphrase: bool,
    #[command(flatten)]
    passphrase: PassphraseArguments,
    /// How long an agent or a program of --key may take
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86400))]
    key_timeout: u64,
    /// Ask nothing, for scripts: what is not given has its default, or is an error
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    audit: AuditArguments,
}

impl FirstGenomeArguments {
    /// How many of the signers must sign. One does when the genome is made.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Whether a new private key is made, and stands beside the genome.
    #[must_use]
    pub fn makes_key(&self) -> bool {
        self.key.is_none()
    }
}

impl StandardStreams for FirstGenomeArguments {
    fn uses(&self) -> Vec<Use> {
        [Some(Use::of(Stream::Error, "what is signed")), self.passphrase.uses_stdin()].into_iter().flatten().collect()
    }
}

/// A first genome that is to be made.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "whoever makes one says all of it")]
pub struct NewGenome<'a> {
    /// The directory for its files.
    pub directory: &'a Path,
    /// What was said of it on the command line. The rest is asked for on the terminal.
    pub arguments: &'a FirstGenomeArguments,
    /// The actions that it allows; `None` where they are asked for.
    pub allow: Option<&'a [GivenAction]>,
    /// The definitions of tools that are good, each with its action.
    pub pins: &'a [(String, Digest)],
    /// The program that makes it, as the audit log names it.
    pub program: &'static str,
    /// What follows.
    pub next: Next,
}

/// What follows when a first genome was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// genome-server is started on it.
    StartServer,
    /// The caller says what.
    Said,
}

/// Refuses a directory in which a first genome cannot be made, before anything is asked for.
///
/// # Errors
/// Something is in the way, or the directory above it is missing.
pub fn check_directory(directory: &Path, arguments: &FirstGenomeArguments) -> Result<(), Failure> {
    Files::find(directory, arguments.key.is_none()).map(drop)
}

/// Makes a first genome with all its files, or nothing.
///
/// # Errors
/// It cannot be made, or the person who was asked does not want it.
pub fn make_first(new: &NewGenome<'_>) -> Result<(), Failure> {
    forbid_core_dumps()?;
    let arguments = new.arguments;
    let files = Files::find(new.directory, arguments.key.is_none())?;
    let others = arguments.signer.iter().map(|path| signer(path).map(|(_, signer)| signer)).collect::<Result<Vec<_>, _>>()?;
    let answers = Answers::of(new, |answers| draft(new, answers, None, &others).map(drop))?;
    Recorder::check(&arguments.audit)?;
    if let Some(warning) = GivenAction::unclassified(&answers.actions) {
        say(&warning);
    }
    let key = wiping_stack(|| Key::of(arguments, &answers))?;
    let drafted = draft(new, &answers, Some(key.public_key()), &others)?;
    if !agrees(arguments, &drafted)? {
        return Err(Failure::refused(Finding::error("not signed; nothing was made", "start again to say something else")));
    }
    wiping_stack(|| make(new, files, &answers.key_id, key, &drafted))
}

/// The genome, or why there cannot be one. Without the user's own key, one takes its place that is thrown away: the texts are checked before
/// anything is asked of the key.
fn draft(new: &NewGenome<'_>, answers: &Answers, own: Option<PublicKey>, others: &[Signer]) -> Result<Drafted, Failure> {
    action::check_distinct(&answers.actions)?;
    let public_key = own.map_or_else(|| new_key().map(|key| key.public_key()), Ok)?;
    let own = Signer::new(answers.key_id.clone(), public_key);
    let allow: Vec<(RiskClass, String)> = answers.actions.iter().map(|given| (given.class(), given.action.clone())).collect();
    let first = FirstGenome {
        name: answers.name.clone(),
        version: Version::new(1, 0, 0),
        created_at: now()?,
        signers: [own].into_iter().chain(others.iter().cloned()).collect(),
        threshold: new.arguments.threshold,
        allow,
        pins: new.pins.to_vec(),
    };
    first.finish().map_err(|error| refused(&error))
}

fn refused(error: &DraftError) -> Failure {
    Failure::refused(Finding::from(error)).with_hint(|_| "nothing was made; say it otherwise".to_owned())
}

/// Shows what is signed, and asks whether to sign it where a person can answer.
fn agrees(arguments: &FirstGenomeArguments, drafted: &Drafted) -> Result<bool, Failure> {
    let genome = drafted.genome();
    let mut text = format!("a first genome, {} {}:\n", Quoted(&genome.name), genome.version);
    // Writing to a string does not fail.
    let _ = write_contents(&mut text, genome, Paint::on(&io::stderr()));
    text.push_str("  all else       denied\n");
    if !arguments.asks() {
        tell(&text);
        return Ok(true);
    }
    let question = format!("make and sign {} {}, with {}", Quoted(&genome.name), genome.version, counted_allowed(genome));
    let grave = gravity_of_contents(genome);
    let asking = Asking { text: &text, question: &question, verb: "sign", grave, counted: CONTENTS_COUNTED };
    let (asked, answer) = asking.ask();
    asked.map_err(|unanswered| {
        let hint = format!("nothing was made; {}", unanswered.hint(&answer, "--yes makes it without a question"));
        Failure::undecided(Finding::error(unanswered.to_string(), hint))
    })
}

/// The policy that trusts this genome's signers. With its first lowest version a mistyped name is noticed when that is raised.
fn policy(genome: &Genome) -> Result<PolicyDocument, PolicyError> {
    let of_signers = PolicyDocument::of_signers(&genome.authority.signers, genome.authority.threshold)?;
    let mut editor = PolicyEditor::of(of_signers.to_json().as_bytes())?;
    editor.set_minimum_version(&genome.name, genome.version.clone());
    editor.finish().map(|edit| edit.document)
}

/// Writes the files, the private key first and the signed genome last.
fn make(new: &NewGenome<'_>, files: Files<'_>, key_id: &KeyId, mut key: Key, drafted: &Drafted) -> Result<(), Failure> {
    let NewGenome { directory, arguments, .. } = new;
    let secret = key.to_file(key_id, arguments)?;
    let authority = &drafted.genome().authority;
    let policy = policy(drafted.genome())
        .map_err(|error| Failure::refused(Finding::error(error.to_string(), "nothing was made; say it otherwise")))?;
    let mut document = Document::read(drafted.to_json().as_bytes()).map_err(|refusal| refused(&refusal.into()))?;
    let signing = key.sign(key_id, &mut document, &files.path(files::DRAFT))?;
    let audit_log = Recorder::of(&arguments.audit)?;
    let mut files = files.take()?;
    let surroundings = files.surroundings().map_err(|failure| files.undo(failure))?;
    if let Some(warning) = surroundings.warning(directory) {
        say(&warning);
    }
    if let Some(key) = authority.signers.iter().find_map(TestKey::of_signer) {
        say(&Finding::of_test_key(key, "production refuses this genome; make it again without that key"));
    }
    let write_all = || {
        if let Some(secret) = &secret {
            files.ignore()?;
            files.write_secret(secret.as_bytes())?;
        }
        files.write(files::DRAFT, drafted.to_json())?;
        files.write(files::TRUST, policy.to_json())?;
        files.write(files::ENVIRONMENT, &environment::text(&surroundings.absolute))?;
        let output = files.path(files::GENOME);
        let record = |log: Recorder| log.record(&document, &signing, key.custody(), &output, new.program);
        let recorded = audit_log.map(record).transpose()?.unwrap_or_default();
        let written = files.write(files::GENOME, &document.to_json());
        written.map_err(|failure| recorded_all_the_same(failure, recorded.place.as_deref())).map(|()| recorded)
    };
    let recorded = write_all().map_err(|failure| files.undo(failure))?;
    report::report(
        &files,
        surroundings.safe_path(directory),
        &document,
        &signing,
        &key,
        &recorded,
        arguments.audit.named(),
        new.next,
    );
    Ok(())
}
