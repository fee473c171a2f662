//! `genome-server`: boots on a genome that it trusts, or not at all, and answers what the genome allows.

mod address;
mod authorization;
mod boot;
mod decision_log;
mod doors;
mod log;
#[cfg(target_os = "linux")]
mod notify;
mod serving;
mod system;
mod textfile;

use authorization::AuthorizationArguments;
use clap::Parser;
use decision_log::DecisionLogArguments;
use doors::DoorArguments;
use genome_cli::{Exit, Failure, Finding, RefusedBoot, RequirementArguments, StandardStreams, Use, run};
use log::LogFormat;
use serving::serve_genome;
use std::fmt::Display;
use std::path::PathBuf;
use system::{reserve_files, reserve_memory};

/// Boots on a genome that it trusts, or not at all, and answers over HTTP what the genome is and what it allows
///
/// The genome is the one at MATHISON_GENOME_PATH, or else the root genome at `genomes/TOTK_ROOT_v1.0.0/genome.json`. It is verified
/// before anything listens, and never changes while the server runs: a restart loads the next one. A server that does not start says
/// why in one line of its log.
///
/// GET / is a page for people, GET /openapi.json says what else can be asked. The log goes to standard error, one JSON object a line, or lines
/// for a person where that is a terminal; RUST_LOG says how much of it.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLE)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
struct ServerArguments {
    #[command(flatten)]
    doors: DoorArguments,
    /// Write boots that failed, and boots on another genome, to this file too, for the textfile collector of node_exporter. They are
    /// counted across restarts. The collector reads names that end in `.prom`
    #[arg(long, value_name = "FILE")]
    metrics_textfile: Option<PathBuf>,
    /// How many connections are open at once; more wait
    #[arg(long, value_name = "NUMBER", default_value_t = 1024, value_parser = clap::value_parser!(u16).range(1..))]
    max_connections: u16,
    /// How long requests may take, in seconds, that are under way when SIGTERM, SIGINT or SIGHUP tells the server to end
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    shutdown_timeout: u32,
    /// The form of the log
    #[arg(long, value_name = "FORM", value_enum, default_value_t = LogFormat::Auto)]
    log_format: LogFormat,
    #[command(flatten)]
    decision_log: DecisionLogArguments,
    #[command(flatten)]
    authorization: AuthorizationArguments,
    #[command(flatten)]
    requirements: RequirementArguments,
}

impl StandardStreams for ServerArguments {
    /// None: its verdict is its exit status, and its answers go over HTTP. Supervisors start daemons with `/dev/null` as all three streams.
    fn uses(&self) -> Vec<Use> {
        Vec::new()
    }
}

const EXAMPLE: &str = "\
Example:
  MATHISON_GENOME_PATH=genome.json genome-server --trust trust.json
  curl http://127.0.0.1:7070/genome
  curl --json '{\"action\": \"memory_search\"}' http://127.0.0.1:7070/decisions

Exit status:
  0 it was told to end; 1 the genome is refused; 2 it could not be decided
  (no such file, unreadable, wrong usage), or the address cannot be had";

fn main() -> Exit {
    run(|arguments: &ServerArguments| Ok(boot_and_serve(arguments)))
}

/// Loads the genome, and serves it until told to end. If it is not served, one line of the log says why.
fn boot_and_serve(arguments: &ServerArguments) -> Exit {
    log::settle(arguments.log_format);
    log::end_with_a_line_on_panic();
    let mut accepted = None;
    let memory = || reserve_memory().map_err(|error| lacking("no memory can be had", &error));
    // Before a file of the genome is taken for one that cannot be read.
    let files = || reserve_files().map_err(|error| lacking("too few files can be opened", &error));
    let settings =
        || arguments.requirements.is_production().and_then(|is_production| arguments.authorization.settings(is_production));
    let served = log::start()
        .and_then(|()| memory())
        .and_then(|()| files())
        .and_then(|()| settings())
        .map_err(RefusedBoot::from)
        .and_then(|settings| Ok((settings, boot::load(&arguments.requirements)?)))
        .and_then(|(settings, boot)| {
            accepted = Some((boot.genome.id(), boot.replaces));
            serve_genome(boot, arguments, settings).map_err(RefusedBoot::from)
        });
    let Err(refused) = served else { return Exit::Done };
    log::refuse(&refused);
    textfile::count(arguments.metrics_textfile.as_deref(), false, |boots| {
        boots.fail(refused.code());
        // The state holds this genome by now, so the next boot cannot tell.
        if let Some((genome, replaces)) = accepted {
            boots.accept(genome, replaces);
        }
    });
    refused.exit
}

/// The failure of a boot that the system does not give what it needs.
fn lacking(what: &str, error: &dyn Display) -> Failure {
    Failure::undecided(Finding::error(
        format!("{what}: {error}"),
        "see what the system lets this user have: threads (TasksMax, LimitNPROC), files (LimitNOFILE), memory (MemoryMax, LimitAS)",
    ))
}
