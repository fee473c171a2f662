//! What the options say, and for the rest what a person answers on the terminal.

use super::action::GivenAction;
use super::{FirstGenomeArguments, NewGenome};
use crate::{Failure, Finding, LineQuestion, ask_line};
use genome::KeyId;
use genome::key::KeyIdError;
use genome_custody::KeyReference;
use std::io::{self, IsTerminal as _};

/// All that has to be known before a key is made or opened.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    pub(crate) name: String,
    pub(crate) key: Option<KeyReference>,
    pub(crate) key_id: KeyId,
    pub(crate) actions: Vec<GivenAction>,
}

impl FirstGenomeArguments {
    /// Whether a person is there who can be asked.
    #[must_use]
    pub fn asks(&self) -> bool {
        !self.yes && io::stderr().is_terminal()
    }
}

impl Answers {
    /// Takes what is given, and asks for the rest. `check` says whether a genome can be made of it.
    pub(crate) fn of(new: &NewGenome<'_>, check: impl Fn(&Self) -> Result<(), Failure>) -> Result<Self, Failure> {
        let arguments = new.arguments;
        let mut answers = Self {
            name: arguments.name.clone().unwrap_or_default(),
            key: arguments.key.as_deref().map(reference).transpose()?,
            key_id: arguments.key_id.clone().map_or_else(default_key_id, Ok)?,
            actions: new.allow.unwrap_or_default().to_vec(),
        };
        if arguments.asks() {
            answers.ask(new, &check)?;
        } else {
            refuse_gaps(arguments)?;
        }
        check(&answers)?;
        Ok(answers)
    }

    fn ask(&mut self, new: &NewGenome<'_>, check: &impl Fn(&Self) -> Result<(), Failure>) -> Result<(), Failure> {
        let arguments = new.arguments;
        // What is given is judged first, with answers that are right in the place of those to come.
        let default_key_id = std::mem::replace(&mut self.key_id, arguments.key_id.clone().map_or_else(|| key_id(STAND_IN), Ok)?);
        let given_name = arguments.name.clone().unwrap_or_else(|| STAND_IN.to_owned());
        check(&Self { name: given_name, ..self.clone() })?;
        if arguments.name.is_none() {
            let default = new.directory.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let with = |name: &str| {
                let named = Self { name: name.to_owned(), ..self.clone() };
                check(&named).map(|()| named.name).map_err(|failure| said(&failure))
            };
            let default = with(default).unwrap_or_default();
            let example = "type the name of the system that it is for, such as MY_AGENT";
            self.name = asked(ask_line(&LineQuestion { words: "Name of the genome", default: &default, example }, with))?;
        }
        if arguments.key.is_none() && !arguments.no_passphrase && !arguments.passphrase.are_given() {
            let words = "Your signing key: Enter makes a new one, or say where yours is,\nas file:PATH, ssh-agent:, pkcs11:URI, or exec:COMMAND";
            let named = |text: &str| match text {
                "new" => Ok(None),
                text => reference(text).map(Some).map_err(|failure| said(&failure)),
            };
            let example = "press Enter, or type where your key is, such as file:key.pem";
            self.key = asked(ask_line(&LineQuestion { words, default: "new", example }, named))?;
        }
        if arguments.key_id.is_none() {
            let parse = |text: &str| text.parse::<KeyId>().map_err(|error| error.to_string());
            let with = |text: &str| {
                let named = Self { key_id: parse(text)?, ..self.clone() };
                check(&named).map(|()| named.key_id).map_err(|failure| said(&failure))
            };
            let default = with(default_key_id.as_str()).map(|key_id| key_id.to_string()).unwrap_or_default();
            let example = "type a name, such as alice";
            self.key_id = asked(ask_line(&LineQuestion { words: "Your name as a signer", default: &default, example }, with))?;
        }
        if new.allow.is_none() {
            let words = "Actions to allow, each after its risk class from A (harmless) to D,\nas B=memory_search, C=memory_update";
            let parse = |text: &str| {
                let given = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty() && *part != "none");
                let actions = given.map(str::parse::<GivenAction>).collect::<Result<_, String>>()?;
                let all = Self { actions, ..self.clone() };
                check(&all).map(|()| all.actions).map_err(|failure| said(&failure))
            };
            let example = "type actions, such as B=memory_search, or press Enter";
            self.actions = asked(ask_line(&LineQuestion { words, default: "none", example }, parse))?;
        }
        Ok(())
    }
}

/// Takes the place of a name that is asked for later. Nobody is called so.
const STAND_IN: &str = "genome-init-asks-for-this";

fn key_id(text: &str) -> Result<KeyId, Failure> {
    text.parse().map_err(|error: KeyIdError| Failure::undecided(Finding::error(error.to_string(), "name it otherwise")))
}

/// Why an answer will not do: what is wrong with the genome that it makes, in the words of the first fault.
fn said(failure: &Failure) -> String {
    let first = failure.finding().and_then(|finding| finding.details.first());
    first.map_or_else(|| failure.said().0, |fault| format!("{}: {}", fault.message, fault.hint))
}

/// Without a terminal, what has no default must be given.
fn refuse_gaps(arguments: &FirstGenomeArguments) -> Result<(), Failure> {
    let has_key = arguments.key.is_some() || arguments.no_passphrase || arguments.passphrase.are_given();
    let missing: Vec<&str> = [
        (arguments.name.is_none(), "--name NAME"),
        (!has_key, "--key REF, or for a new key --passphrase-file FILE, --passphrase-fd N or --no-passphrase"),
    ]
    .into_iter()
    .filter_map(|(is_missing, option)| is_missing.then_some(option))
    .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = "not all is given, and nothing can be asked, as standard error is no terminal or --yes is given";
    Err(Failure::undecided(Finding::error(message, format!("nothing was made; add {}", missing.join("; and ")))))
}

fn default_key_id() -> Result<KeyId, Failure> {
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::current()).ok().flatten().map(|user| user.name);
    let named = user.filter(|name| name != "root").and_then(|name| name.parse().ok());
    named.map_or_else(|| key_id("signer-1"), Ok)
}

fn reference(text: &str) -> Result<KeyReference, Failure> {
    let reference = text.parse::<KeyReference>().map_err(Into::into);
    let checked = reference.and_then(|reference: KeyReference| reference.check().map(|()| reference));
    checked.map_err(|error| crate::custody::unusable_key(&error))
}

fn asked<T>(answer: Result<T, crate::Unanswered>) -> Result<T, Failure> {
    answer.map_err(|unanswered| {
        let hint = "nothing was made; give it as an option, which --help names";
        Failure::undecided(Finding::error(unanswered.to_string(), hint))
    })
}
