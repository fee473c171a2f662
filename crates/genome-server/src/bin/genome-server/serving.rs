//! Serving a genome that was verified, until the server is told to end.

use crate::authorization::AuthorizationSettings;
use crate::doors::{OpenDoor, Reach};
#[cfg(target_os = "linux")]
use crate::notify::notify;
use crate::system::{Signals, raise_file_limit, runtime};
use crate::{ServerArguments, boot, lacking, log, textfile};
use genome_cli::{Boot, Failure, option_name};
use genome_files::SocketFile;
use genome_server::listener::{self, Door, Limits};
use genome_server::{Active, DecisionPoint, for_any_host, router};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tracing::{info, warn};

/// Opens what is needed, and serves the genome until told to end.
pub(crate) fn serve_genome(boot: Boot, arguments: &ServerArguments, settings: AuthorizationSettings) -> Result<(), Failure> {
    let Boot { genome, document, path, warnings, replaces } = boot;
    let warnings = [warnings.iter().map(boot::warning).collect(), settings.warnings(&genome)].concat();
    let AuthorizationSettings { authzen, names, headers } = settings;
    let active = Active::new(genome, document, SystemTime::now()).with_names(option_name).with_warnings(warnings);
    active.warnings().iter().for_each(|warning| log::warn_of_genome(warning, &path));
    // Before anything is opened that needs it.
    raise_file_limit(arguments.max_connections.into());
    let runtime = runtime().map_err(|error| lacking("no threads or files can be had", &error))?;
    let entered = runtime.enter();
    // A signal ends it while a name server is waited for.
    let resolved = arguments.doors.resolve();
    let signals = Signals::new().map_err(|error| lacking("signals cannot be had", &error))?;
    let doors = arguments.doors.open(resolved)?;
    drop(entered);
    let decision_log = arguments.decision_log.open()?;
    let mut is_mutation = false;
    let boots = textfile::count(arguments.metrics_textfile.as_deref(), true, |boots| {
        is_mutation = boots.accept(active.genome().id(), replaces);
    });
    let point = DecisionPoint::new(active).and_then(|point| point.watching(path).with_boots(&boots));
    let point = point.map_err(|error| lacking("there are no metrics", &error))?;
    let point = point.with_authzen(authzen).with_action_names(names).with_header_authorization(headers);
    let point = match arguments.doors.hosts(&doors) {
        Some(hosts) => point.for_hosts(hosts),
        None => point,
    };
    let (point, writer) = match decision_log {
        None => (point, None),
        Some(file) => {
            let (point, records) = point.with_decision_log(arguments.decision_log.has_subjects());
            let writer = file.write(records).map_err(|error| lacking("no threads can be had", &error))?;
            (point, Some(writer))
        }
    };
    announce(&point, &doors, is_mutation);
    let point = Arc::new(point);
    let (doors, files) = with_routers(doors, arguments, &point);
    runtime.block_on(until_told(doors, &point, limits(arguments), signals));
    drop(files);
    // A disk that does not answer keeps a thread, which is not waited for.
    runtime.shutdown_background();
    // With the last of it the decision log ends.
    drop(point);
    if let Some(writer) = writer {
        writer.finish();
    }
    info!(message = "ended");
    Ok(())
}

/// What answers at each socket, and the files of those that have one.
fn with_routers(doors: Vec<OpenDoor>, arguments: &ServerArguments, point: &Arc<DecisionPoint>) -> (Vec<Door>, Vec<SocketFile>) {
    let router = router(Arc::clone(point));
    let mut files = Vec::new();
    let doors = doors.into_iter().map(|door| {
        let router = if arguments.doors.takes_any_host(&door) { for_any_host(router.clone()) } else { router.clone() };
        files.extend(door.file);
        Door { socket: door.socket, router }
    });
    (doors.collect(), files)
}

fn limits(arguments: &ServerArguments) -> Limits {
    Limits {
        connections: arguments.max_connections,
        head: Duration::from_secs(30),
        unread: Duration::from_secs(30),
        end: Duration::from_secs(arguments.shutdown_timeout.into()),
    }
}

async fn until_told(doors: Vec<Door>, point: &DecisionPoint, limits: Limits, mut signals: Signals) {
    let stop = async || {
        let signal = signals.next().await;
        info!(message = "told to end", signal);
        notify(&["STOPPING=1", &format!("STATUS=ends after {signal}")]);
    };
    listener::serve_until(doors, limits, stop, || point.leave()).await;
}

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
