//! `genome trust`: makes and changes trust policies.

mod changing;
mod creating;
mod fault;
mod keys;
mod listing;
mod removing;
mod showing;
mod writing;

use crate::{Exit, Failure, StandardStreams, Stream, Use};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use genome::GenomeId;
use genome::change::Class;
use genome::policy::Approvals;
use keys::KeyArguments;
use semver::Version;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

/// Makes and changes trust policies, which say who may sign
///
/// They are made of public keys alone, never of what a genome says about itself. Each change shows who is trusted then, what changes, and whether the
/// policy trusts more or less than before. On a terminal it is made only after a yes, or with --yes; where standard error is no terminal, you are not
/// asked. The file is replaced as a whole: whatever happens, it is the old one or the new one. What a command does not change stays as it is, order
/// and all.
///
/// A policy that trusts less may no longer trust a genome that is deployed with it, which does not start again then. Before you roll it out, see what
/// `genome verify --trust FILE GENOME` says.
#[derive(Args)]
#[command(after_help = "\
Exit status:
  0 made, shown or changed, or there was nothing to do; 1 refused;
  2 not possible (no such file, not writable, wrong usage)")]
pub(crate) struct TrustCommandArguments {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Subcommand)]
enum TrustCommand {
    New(NewArguments),
    Show(ShowArguments),
    Add(AddArguments),
    Remove(RemoveArguments),
    Revoke(RevokeArguments),
    Raise(RaiseArguments),
}

/// Makes a trust policy of public keys
#[derive(Args)]
#[command(after_help = "\
Example:
  genome trust new trust.json alice.json bob.pub --threshold 2
  genome trust new trust.json --name carol-2026=carol.pem")]
struct NewArguments {
    /// Where the policy goes: a new file, or an empty one; `-` is standard output
    #[arg(value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    keys: KeyArguments,
    /// How many of them must sign. Of one key, that is 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threshold: Option<u16>,
}

/// Shows who is trusted by a trust policy
#[derive(Args)]
struct ShowArguments {
    /// The trust policy, in any form that genome-verify takes; `-` is standard input
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object, genome-trust.v0.1
    Json,
}

/// Adds signers, who may sign from now on, or genomes
#[derive(Args)]
#[command(after_help = "\
Example:
  genome trust add trust.json carol.pub --threshold 3")]
struct AddArguments {
    /// The trust policy
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    #[command(flatten)]
    keys: KeyArguments,
    #[command(flatten)]
    change: ChangeArguments,
}

/// Removes signers, who may no longer sign, or genomes
///
/// What they have signed counts no longer under this policy, so what is deployed with it may not start again. Where a key is compromised, revoke it.
#[derive(Args)]
#[command(after_help = "\
Example:
  genome trust remove trust.json bob
  genome trust remove trust.json bob --threshold 1 --lower")]
struct RemoveArguments {
    /// The trust policy
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// The signers: a key id, a fingerprint, or a file of a public key
    #[arg(value_name = "KEY_ID|SHA256:...|KEY", required_unless_present = "genome_id")]
    signers: Vec<OsString>,
    /// A genome that is no longer trusted by its id. Can be repeated
    #[arg(long, value_name = "ID")]
    genome_id: Vec<GenomeId>,
    #[command(flatten)]
    change: ChangeArguments,
}

/// Revokes keys, which count nowhere from then on, and removes the signers who have them
///
/// A revoked key does not count in the lineage of a genome either, so what is deployed may not start again. It is not taken back: make another key.
#[derive(Args)]
#[command(after_help = "\
Example:
  genome trust revoke trust.json bob
  genome trust revoke trust.json SHA256:qnEBhTXoyEsQ2lnaUgEnWdgBYUeDUTC9hJ2hp35PBr4")]
struct RevokeArguments {
    /// The trust policy
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// The keys: a key id of the policy, a fingerprint, or a file of a public key
    #[arg(value_name = "KEY_ID|SHA256:...|KEY", required = true)]
    keys: Vec<OsString>,
    #[command(flatten)]
    change: ChangeArguments,
}

/// Raises what the policy asks for: a lowest version, signatures, or newer genomes
///
/// What is deployed may not meet it, and does not start again then.
#[derive(Args)]
#[command(override_usage = "\
genome trust raise [OPTIONS] <FILE> <NAME> <VERSION>
       genome trust raise [OPTIONS] <FILE> --threshold <N>
       genome trust raise [OPTIONS] <FILE> --quorum <CLASS=N>
       genome trust raise [OPTIONS] <FILE> --maximum-age-days <DAYS>")]
#[command(group = ArgGroup::new("raised").args(["lowest", "threshold", "quorum", "maximum_age_days"]).required(true).multiple(true))]
#[command(after_help = "\
Example:
  genome trust raise trust.json TOTK_PROD 1.2.0
  genome trust raise trust.json --threshold 3
  genome trust raise trust.json --quorum widening=all --quorum weakening=all
  genome trust raise trust.json --maximum-age-days 365")]
struct RaiseArguments {
    /// The trust policy
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// The name of the genome
    #[arg(requires = "lowest")]
    name: Option<String>,
    /// The lowest version that is accepted under this name; `none` takes it out, with --lower
    #[arg(value_name = "VERSION")]
    lowest: Option<Lowest>,
    /// Add a name although it resembles one that the policy has
    #[arg(long, requires = "lowest")]
    new: bool,
    /// How many must sign a change of this class, which is widening, weakening, narrowing, strengthening or neutral: a number, `all`, or with --lower
    /// `none`. Can be repeated
    #[arg(long, value_name = "CLASS=N")]
    quorum: Vec<ClassQuorum>,
    /// How old a genome may be at most; `none` takes the limit out, with --lower
    #[arg(long, value_name = "DAYS")]
    maximum_age_days: Option<MaximumAge>,
    #[command(flatten)]
    change: ChangeArguments,
}

/// A lowest version, or that there is none any more.
#[derive(Debug, Clone)]
enum Lowest {
    Version(Version),
    None,
}

impl FromStr for Lowest {
    type Err = semver::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self::None) } else { text.parse().map(Self::Version) }
    }
}

/// How old a genome may be at most, or that any age will do.
#[derive(Debug, Clone, Copy)]
struct MaximumAge(Option<u64>);

impl FromStr for MaximumAge {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse()) {
            ("none", _) => Ok(Self(None)),
            (_, Ok(days @ 1..)) => Ok(Self(Some(days))),
            _ => Err("a number of days belongs here, 1 or more, or `none`"),
        }
    }
}

/// How many must sign a change of a class; `None` is the threshold.
#[derive(Debug, Clone, Copy)]
struct ClassQuorum {
    class: Class,
    approvals: Option<Approvals>,
}

impl FromStr for ClassQuorum {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (class, approvals) = text.split_once('=').ok_or("a class and a number belong here, such as widening=2")?;
        let class = Class::ALL.iter().copied().find(|known| known.as_str() == class);
        let class = class.ok_or_else(|| format!("the classes are {}", Class::listed("and")))?;
        let approvals = match (approvals, approvals.parse()) {
            ("none", _) => None,
            ("all", _) => Some(Approvals::All),
            (_, Ok(count @ 1..)) => Some(Approvals::Count(count)),
            _ => return Err("a number belongs behind the `=`, 1 or more, or `all`, or `none`".to_owned()),
        };
        Ok(Self { class, approvals })
    }
}

/// What all changes have.
#[derive(Args)]
struct ChangeArguments {
    /// How many must sign from now on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threshold: Option<u16>,
    /// Let the policy ask for less than it does, such as a lower threshold or version, which is a weakening
    #[arg(long)]
    lower: bool,
    /// Do not ask whether to make the change that is shown, for scripts
    #[arg(long, short)]
    yes: bool,
}

impl StandardStreams for TrustCommandArguments {
    fn uses(&self) -> Vec<Use> {
        match &self.command {
            TrustCommand::New(arguments) if arguments.output.as_os_str() != "-" => Vec::new(),
            TrustCommand::New(_) | TrustCommand::Show(_) => vec![Use::of(Stream::Output, "the trust policy")],
            TrustCommand::Add(_) | TrustCommand::Remove(_) | TrustCommand::Revoke(_) | TrustCommand::Raise(_) => {
                vec![Use::of(Stream::Error, "what changes")]
            }
        }
    }
}

/// Makes, shows or changes a policy.
pub(crate) fn execute(arguments: &TrustCommandArguments) -> Result<Exit, Failure> {
    match &arguments.command {
        TrustCommand::New(arguments) => creating::create(arguments),
        TrustCommand::Show(arguments) => showing::show(arguments),
        TrustCommand::Add(arguments) => changing::add(arguments),
        TrustCommand::Remove(arguments) => removing::remove(arguments),
        TrustCommand::Revoke(arguments) => removing::revoke(arguments),
        TrustCommand::Raise(arguments) => changing::raise(arguments),
    }
}
