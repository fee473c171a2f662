//! `genome-server`: boots on a genome that it trusts, or not at all, and answers what the genome allows.

mod address;
mod authzen;
mod boot;
mod decision_log;
mod doors;
mod log;
#[cfg(target_os = "linux")]
mod notify;
mod system;
mod textfile;

use authzen::AuthzenArguments;
use clap::Parser;
use decision_log::DecisionLogArguments;
use doors::{DoorArguments, OpenDoor, Reach};
use genome_cli::{Boot, Exit, Failure, Finding, RefusedBoot, RequirementArguments, StandardStreams, Use, option_name, run};
use genome_server::listener::{self, Door, Limits};
use genome_server::{Active, AuthzenSettings, DecisionPoint, for_any_host, router};
use log::LogFormat;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use system::{Signals, raise_file_limit, reserve_files, reserve_memory, runtime};
use tracing::{info, warn};

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
    authzen: AuthzenArguments,
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
    let settings = || arguments.requirements.is_production().and_then(|is_production| arguments.authzen.settings(is_production));
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

/// Serves a genome that was verified.
fn serve_genome(boot: Boot, arguments: &ServerArguments, authzen: AuthzenSettings) -> Result<(), Failure> {
    let Boot { genome, document, path, warnings, replaces } = boot;
    let warnings = [warnings.iter().map(boot::warning).collect(), authzen.warnings(&genome)].concat();
    let active = Active::new(genome, document, SystemTime::now()).with_names(option_name).with_warnings(warnings);
    active.warnings().iter().for_each(|warning| log::warn_of_genome(warning, &path));
    let connections = arguments.max_connections;
    // Before anything is opened that needs it.
    raise_file_limit(connections.into());
    let runtime = runtime().map_err(|error| lacking("no threads or files can be had", &error))?;
    let entered = runtime.enter();
    // A signal ends it while a name server is waited for.
    let resolved = arguments.doors.resolve();
    let signals = Signals::new().map_err(|error| lacking("signals cannot be had", &error))?;
    let doors = arguments.doors.open(resolved)?;
    drop(entered);
    let decisions = arguments.decision_log.path().map(decision_log::open).transpose()?;
    let mut is_mutation = false;
    let boots = textfile::count(arguments.metrics_textfile.as_deref(), true, |boots| {
        is_mutation = boots.accept(active.genome().id(), replaces);
    });
    let point = DecisionPoint::new(active)
        .and_then(|point| point.watching(path).with_authzen(authzen).with_headers(arguments.authzen.headers()).with_boots(&boots))
        .map(|point| match arguments.doors.hosts(&doors) {
            Some(hosts) => point.for_hosts(hosts),
            None => point,
        })
        .map_err(|error| lacking("there are no metrics", &error))?;
    let (point, writing) = match decisions {
        None => (point, None),
        Some(log) => {
            let (point, records) = point.with_decision_log(arguments.decision_log.has_subjects());
            let writing = decision_log::write(log, records).map_err(|error| lacking("no threads can be had", &error))?;
            (point, Some(writing))
        }
    };
    announce(&point, &doors, is_mutation);
    let limits = Limits {
        connections,
        head: Duration::from_secs(30),
        unread: Duration::from_secs(30),
        end: Duration::from_secs(arguments.shutdown_timeout.into()),
    };
    let point = Arc::new(point);
    let router = router(Arc::clone(&point));
    let mut files = Vec::new();
    let open = doors.into_iter().map(|door| {
        let router = if arguments.doors.takes_any_host(&door) { for_any_host(router.clone()) } else { router.clone() };
        files.extend(door.file);
        Door { socket: door.socket, router }
    });
    let open = open.collect();
    runtime.block_on(until_told(open, &point, limits, signals));
    drop(files);
    // A disk that does not answer keeps a thread, which is not waited for.
    runtime.shutdown_background();
    if let Some(writing) = writing {
        writing.finish();
    }
    info!(message = "ended");
    Ok(())
}

/// The failure of a boot that the system does not give what it needs.
fn lacking(what: &str, error: &dyn Display) -> Failure {
    Failure::undecided(Finding::error(
        format!("{what}: {error}"),
        "see what the system lets this user have: threads (TasksMax, LimitNPROC), files (LimitNOFILE), memory (MemoryMax, LimitAS)",
    ))
}

async fn until_told(doors: Vec<Door>, point: &DecisionPoint, limits: Limits, mut signals: Signals) {
    let stop = async || {
        let signal = signals.next().await;
        info!(message = "told to end", signal);
        notify(&["STOPPING=1", &format!("STATUS=ends after {signal}")]);
    };
    listener::serve_until(doors, limits, stop, || point.leave()).await;
}

#[cfg(target_os = "linux")]
use notify::notify;

/// Only systemd and what stands in for it asks for it.
#[cfg(not(target_os = "linux"))]
fn notify(_: &[&str]) {}

/// Logs what is served, and where.
fn announce(point: &DecisionPoint, doors: &[OpenDoor], is_mutation: bool) {
    let genome = point.active().genome();
    let (id, version) = (genome.id().to_string(), genome.version.to_string());
    if is_mutation {
        warn!(message = "this is another genome than the one that was accepted last", genome_id = id, name = genome.name, version);
    }
    for door in doors.iter().filter(|door| door.reach == Reach::Network) {
        let hint = "whoever can reach it may read the genome and ask about actions: let a firewall or a proxy decide who can";
        warn!(message = "it listens to other machines", address = door.address, hint);
    }
    for door in doors {
        info!(
            message = "listening",
            address = door.address,
            genome_id = id,
            name = genome.name,
            version,
            trust = genome.trust().as_str(),
        );
    }
    notify(&["READY=1", &format!("STATUS=serves {id}")]);
}
