//! `genome init`: makes a first genome, signed, with all that a server needs to start on it.

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
    AuditArguments, Exit, Failure, Finding, Paint, PassphraseArguments, Recorder, StandardStreams, Stream, Use, forbid_core_dumps,
    say, tell, wiping_stack,
};
use action::GivenAction;
use answers::Answers;
use clap::Args;
use files::Files;
use genome::draft::{DraftError, Drafted, FirstGenome};
use genome::model::Signer;
use genome::policy::{PolicyDocument, PolicyEditor, PolicyError};
use genome::refusal::TestKey;
use genome::{Document, Genome, KeyId, PublicKey};
use genome_json::text::Quoted;
use key::Key;
use semver::Version;
use std::io;
use std::path::PathBuf;

/// Makes a first genome, signed, with its trust policy and what a server needs to start on it
///
/// It needs no other genome. What is not given as an option is asked for on the terminal. The genome denies every action that is not named with
/// --allow.
///
/// In DIR, which is made if it is not there, it writes `signing-key.pem` (a new private key, unless --key names one) with a `.gitignore` that keeps it
/// out of git, `genome-unsigned.json`, `genome.json`, `trust.json` and `genome.env`, and it replaces nothing that is there. The server needs the last
/// three.
#[derive(Args)]
#[command(after_long_help = EXAMPLE)]
pub(crate) struct InitArguments {
    /// The directory for the files
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The name of the genome: the system that it is for
    #[arg(long)]
    name: Option<String>,
    /// Allow an action. Its risk class, from A (harmless) to D (cannot be undone), stands before it, as in `B=memory_search`; without one it is D.
    /// Can be repeated, or given as a list with commas
    #[arg(long, value_name = "[CLASS=]ACTION", value_delimiter = ',')]
    allow: Option<Vec<GivenAction>>,
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

impl StandardStreams for InitArguments {
    fn uses(&self) -> Vec<Use> {
        [Some(Use::of(Stream::Error, "what is signed")), self.passphrase.uses_stdin()].into_iter().flatten().collect()
    }
}

const EXAMPLE: &str = "\
Example:
  genome init my-agent
  genome init my-agent --name MY_AGENT --allow B=memory_search,A=health_check \\
    --key ssh-agent: --key-id alice --yes

Exit status:
  0 made and signed; 1 refused, and nothing was made;
  2 not possible (no terminal to ask on, not writable, wrong usage)";

/// Makes everything, or nothing.
pub(crate) fn execute(arguments: &InitArguments) -> Result<Exit, Failure> {
    forbid_core_dumps()?;
    let files = Files::find(&arguments.directory, arguments.key.is_none())?;
    let others = arguments.signer.iter().map(|path| signer(path).map(|(_, signer)| signer)).collect::<Result<Vec<_>, _>>()?;
    let answers = Answers::of(arguments, |answers| draft(arguments, answers, None, &others).map(drop))?;
    Recorder::check(&arguments.audit)?;
    if let Some(warning) = GivenAction::unclassified(&answers.actions) {
        say(&warning);
    }
    let key = wiping_stack(|| Key::of(arguments, &answers))?;
    let drafted = draft(arguments, &answers, Some(key.public_key()), &others)?;
    if !agrees(arguments, &drafted)? {
        return Err(Failure::refused(Finding::error("not signed; nothing was made", "start again to say something else")));
    }
    wiping_stack(|| make(arguments, files, &answers.key_id, key, &drafted))?;
    Ok(Exit::Done)
}

/// The genome, or why there cannot be one. Without the user's own key, one takes its place that is thrown away: the texts are checked before
/// anything is asked of the key.
fn draft(arguments: &InitArguments, answers: &Answers, own: Option<PublicKey>, others: &[Signer]) -> Result<Drafted, Failure> {
    action::check_distinct(&answers.actions)?;
    let public_key = own.map_or_else(|| new_key().map(|key| key.public_key()), Ok)?;
    let own = Signer::new(answers.key_id.clone(), public_key);
    let first = FirstGenome {
        name: answers.name.clone(),
        version: Version::new(1, 0, 0),
        created_at: now()?,
        signers: [own].into_iter().chain(others.iter().cloned()).collect(),
        threshold: arguments.threshold,
        allow: answers.actions.iter().map(|given| (given.class(), given.action.clone())).collect(),
    };
    first.finish().map_err(|error| refused(&error))
}

fn refused(error: &DraftError) -> Failure {
    Failure::refused(Finding::from(error)).with_hint(|_| "nothing was made; say it otherwise".to_owned())
}

/// Shows what is signed, and asks whether to sign it where a person can answer.
fn agrees(arguments: &InitArguments, drafted: &Drafted) -> Result<bool, Failure> {
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
fn make(arguments: &InitArguments, files: Files<'_>, key_id: &KeyId, mut key: Key, drafted: &Drafted) -> Result<(), Failure> {
    let secret = key.to_file(key_id, arguments)?;
    let authority = &drafted.genome().authority;
    let policy = policy(drafted.genome())
        .map_err(|error| Failure::refused(Finding::error(error.to_string(), "nothing was made; say it otherwise")))?;
    let mut document = Document::read(drafted.to_json().as_bytes()).map_err(|refusal| refused(&refusal.into()))?;
    let signing = key.sign(key_id, &mut document, &files.path(files::DRAFT))?;
    let audit_log = Recorder::of(&arguments.audit)?;
    let mut files = files.take()?;
    let surroundings = files.surroundings().map_err(|failure| files.undo(failure))?;
    if let Some(warning) = surroundings.warning(&arguments.directory) {
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
        let record = |log: Recorder| log.record(&document, &signing, key.custody(), &output, "genome-init");
        let recorded = audit_log.map(record).transpose()?.unwrap_or_default();
        let written = files.write(files::GENOME, &document.to_json());
        written.map_err(|failure| recorded_all_the_same(failure, recorded.place.as_deref())).map(|()| recorded)
    };
    let recorded = write_all().map_err(|failure| files.undo(failure))?;
    report::report(
        &files,
        surroundings.safe_path(&arguments.directory),
        &document,
        &signing,
        &key,
        &recorded,
        arguments.audit.named(),
    );
    Ok(())
}
