//! `genome-mcp`: stands between an MCP client and one MCP server, and lets through what a genome allows.

mod asking;
mod child;
mod command;
mod definitions_file;
mod ending;
mod heard;
mod input;
mod lines;
mod log;
mod metrics;
mod patience;
mod pins;
mod refusal;
mod relay;
mod speaker;
mod until;

use child::Child;
use clap::{Args, Parser, Subcommand, ValueEnum};
use command::{check, init, pin};
use ending::{Happened, Patience};
use genome::Refusal;
use genome::mcp::ServerName;
use genome_cli::{
    Boot, Exit, Failure, Finding, RefusedBoot, RequirementArguments, StandardStreams, Stream, Use, forbid_core_dumps,
    genome_option, note, run, say, withhold_typed_ahead,
};
use genome_mcp::{Gate, Names};
use log::Log;
use metrics::MetricsFile;
use relay::{Holding, Relay};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Starts an MCP server, and stands between it and its client: only what a genome allows gets through
///
/// It stands in the configuration of a client in the place of the server, whose command follows `--`, and speaks stdio on both sides. The genome is
/// verified before the server is started, against a trust policy: without one, nothing is started. If it is refused, nothing is started: the client is told why, and so is standard error.
///
/// A tool of the server is the action `NAME/TOOL` of the genome, anything else is `NAME:METHOD`, such as `NAME:resources/read`.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLE, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(subcommand_value_name = "pin|check|init", disable_help_subcommand = true)]
struct McpArguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    gate: GateArguments,
}

/// What it does besides standing before a server.
#[derive(Debug, Subcommand)]
enum Command {
    Pin(Box<pin::PinArguments>),
    Check(Box<check::CheckArguments>),
    Init(Box<init::InitArguments>),
}

#[derive(Debug, Args)]
struct GateArguments {
    /// The name of the server in the genome: a-z, 0-9 and `-`
    #[arg(long, value_name = "NAME", required = true)]
    server: Option<ServerName>,
    /// The genome. Without it, MATHISON_GENOME_PATH
    #[arg(long, value_name = "FILE")]
    genome: Option<PathBuf>,
    /// Ask the genome for a tool by its name alone, without that of the server, if it is made of A-Z, a-z, 0-9, `_`, `.` and `-`. Not in production
    #[arg(long)]
    plain_names: bool,
    /// Start nothing if the genome pins nothing of the server, so that its tools could say anything. Implied in production
    #[arg(long)]
    require_pins: bool,
    /// What to do when a tool of the server, or its instructions, are not what the genome pins: deny that tool, or end the session
    #[arg(long, value_name = "deny|exit", default_value = "deny")]
    on_drift: OnDrift,
    /// How long a call may wait, in milliseconds, until the gate has listed the tools of the server, where the genome pins them. Then it is denied
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 10_000)]
    list_timeout: u32,
    /// How long a message may be, in bytes, in either direction
    #[arg(long, value_name = "BYTES", default_value_t = 32 * 1024 * 1024, value_parser = clap::value_parser!(u32).range(1024..=1024 * 1024 * 1024))]
    max_message: u32,
    /// Append what was denied or dropped to this file, one JSON object a line, and not to standard error. Arguments and results are never written
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    /// Add what is counted to this file, every few seconds and at the end, for the textfile collector of Prometheus: requests, denials, bytes, the time
    /// that decisions take. Several sessions may name one file
    #[arg(long, value_name = "FILE")]
    metrics_textfile: Option<PathBuf>,
    /// How long the server may take to end, in milliseconds, when the client has closed the connection, before it gets SIGTERM
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1200)]
    end_timeout: u32,
    /// How long it may take after SIGTERM, in milliseconds, before it gets SIGKILL. Clients kill after 2 seconds in all
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 400)]
    kill_timeout: u32,
    #[command(flatten)]
    requirements: RequirementArguments,
    /// The command of the server, and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// What follows if the server is not what was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnDrift {
    /// Only what has changed is denied.
    Deny,
    /// The session ends.
    Exit,
}

impl StandardStreams for McpArguments {
    fn uses(&self) -> Vec<Use> {
        match &self.command {
            Some(Command::Pin(arguments)) => arguments.uses(),
            Some(Command::Check(arguments)) => arguments.uses(),
            Some(Command::Init(arguments)) => arguments.uses(),
            None => vec![Use::of(Stream::Input, "what the client says"), Use::of(Stream::Output, "what the server says")],
        }
    }
}

const EXAMPLE: &str = "\
Example:
  genome-mcp --server files --genome genome.json --trust trust.json -- npx -y @modelcontextprotocol/server-filesystem /data

Exit status:
  that of the server, or 128 and the number of the signal that ended it;
  1 the genome is refused, or with --on-drift exit the server is not what was
  signed; 2 it could not be decided (no such file,
  unreadable, wrong usage), or the server cannot be started";

fn main() -> Exit {
    let exit = run(|arguments: &McpArguments| match (&arguments.command, &arguments.gate.server) {
        (Some(Command::Pin(arguments)), _) => pin::execute(arguments),
        (Some(Command::Check(arguments)), _) => check::execute(arguments),
        (Some(Command::Init(arguments)), _) => init::execute(arguments),
        (None, Some(server)) => Ok(boot_and_stand(server, &arguments.gate)),
        // The parser has asked for either.
        (None, None) => Err(Failure::silent(Exit::Undecided)),
    });
    // As genome init does, also where the command line was wrong.
    if exit != Exit::Done && env::args_os().nth(1).is_some_and(|word| word == "init") {
        withhold_typed_ahead();
    }
    exit
}

/// A server that was started, and what stands before it.
struct Standing {
    relay: Relay,
    child: Child,
    events: Receiver<Happened>,
}

/// Loads the genome, starts the server, and stands between it and its client to the end. Returns only if nothing was started.
fn boot_and_stand(server: &ServerName, arguments: &GateArguments) -> Exit {
    match start(server, arguments) {
        Err(refused) => refusal::explain(server, &refused),
        Ok(standing) => stand(arguments, standing),
    }
}

/// Starts the server, as the last thing that can fail: what was started is not said to be refused.
fn start(server: &ServerName, arguments: &GateArguments) -> Result<Standing, RefusedBoot> {
    // The server runs as the same user, and shall not read the environment of the gate, which may hold a signing key.
    forbid_core_dumps()?;
    let boot = boot(arguments)?;
    let log = Log::open(server, arguments.log_file.as_deref())?;

    let names = if arguments.plain_names { Names::with_plain_tools(server.clone()) } else { Names::of_server(server.clone()) };
    let most = usize::try_from(arguments.max_message).unwrap_or(usize::MAX);
    let gate = Gate::new(&boot.genome, names, random()?);
    require_pins(server, arguments, &gate, &boot)?;
    let holding =
        Holding { longest: Duration::from_millis(arguments.list_timeout.into()), ends: arguments.on_drift == OnDrift::Exit };
    let (happened, events) = channel();
    let metrics = arguments.metrics_textfile.clone().map(|path| MetricsFile::new(path, server.clone()));
    let prepared =
        ending::watch(&happened).and_then(|started| Ok((started, Relay::prepare(gate, holding, log, metrics, most, &happened)?)));
    let (started, (relay, streams)) = prepared.map_err(|error| {
        let hint = "see what the system lets this user have: threads (TasksMax, LimitNPROC), files (LimitNOFILE), memory";
        Failure::undecided(Finding::error(format!("the gate cannot be set up: {error}"), hint))
    })?;
    let child = Child::start(&arguments.command, streams)?;
    // The thread is there as long as this is.
    let _ = started.send(child.pid());
    relay.begin();
    Ok(Standing { relay, child, events })
}

/// Everything that is checked before anything is started.
fn boot(arguments: &GateArguments) -> Result<Boot, RefusedBoot> {
    let path = genome_option(arguments.genome.as_ref())?;
    if arguments.plain_names && arguments.requirements.is_production()? {
        let hint = "leave out --plain-names, and write the actions of the genome as NAME/TOOL";
        return Err(Failure::undecided(Finding::error("production takes no plain names of tools", hint)).into());
    }
    // Where nobody looks at standard error, a warning would be none.
    if !arguments.requirements.names_policy()? {
        return Err(Failure::refused(Finding::from(&Refusal::NoPolicy).at(&path)).into());
    }
    let boot = Boot::load(path, &arguments.requirements, |what| note(&format!("{what}\n")))?;
    boot.warnings.iter().for_each(say);
    if arguments.plain_names {
        let hint = "write the actions of the genome as NAME/TOOL, and leave out --plain-names";
        say(&Finding::warning("tools go by their names alone: another server's tool of the same name is allowed, too", hint));
    }
    Ok(boot)
}

/// What to do where the genome allows nothing of the server.
pub(crate) const NAMED_OTHERWISE: &str = "see how --server is written, or allow actions that begin with that name and `/` or `:`";

/// Sees whether the genome says anything of the server, and whether the server is held to what its tools say they are.
fn require_pins(server: &ServerName, arguments: &GateArguments, gate: &Gate, boot: &Boot) -> Result<(), Failure> {
    // Under plain names no action of a tool names a server.
    let nothing = if arguments.plain_names { None } else { boot.genome.nothing_allowed_of(server) };
    let without_pins = format!("the genome pins nothing of the server {server}");
    if !gate.is_pinned() && (arguments.require_pins || arguments.requirements.is_production()?) {
        let hint = "pin the definitions of its tools with genome-draft --pin, and have the genome signed";
        let (message, hint) = nothing.map_or((without_pins, hint), |nothing| (nothing.to_string(), NAMED_OTHERWISE));
        return Err(Failure::refused(Finding::error(message, hint).at(&boot.path)));
    }
    if let Some(nothing) = nothing {
        say(&Finding::warning(format!("{nothing}. Each of its tools is denied"), NAMED_OTHERWISE));
    } else if !gate.is_pinned() {
        let hint =
            "pin the definitions of its tools with genome-draft --pin: a server can change what they say after people have read it";
        say(&Finding::warning(format!("{without_pins}: its tools may say anything"), hint));
    }
    Ok(())
}

/// What the ids of the gate's own requests begin with.
fn random() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        let hint = "see that this process may use getrandom(2) or read /dev/urandom";
        Failure::undecided(Finding::error(format!("the system gives no random bytes: {error}"), hint))
    })?;
    Ok(bytes)
}

fn stand(arguments: &GateArguments, Standing { mut relay, mut child, events }: Standing) -> Exit {
    let milliseconds = |number: u32| Duration::from_millis(number.into());
    let patience = Patience { before_term: milliseconds(arguments.end_timeout), before_kill: milliseconds(arguments.kill_timeout) };
    let status = ending::wait(&mut child, &events, patience, &mut relay);
    relay.finish();
    // The threads that read would keep the process.
    process::exit(status)
}
