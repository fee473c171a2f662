//! The log: one JSON object for each line, on standard error.
//!
//! `tracing-subscriber` 0.3.23 filters. Its own JSON (`fmt::json`) was tried: it writes bidirectional and other characters that do not show
//! as they are, so that a line could show something else than it says.

use crate::boot::Refused;
use genome::json::{Member, Value};
use genome::{Code, Timestamp};
use genome_cli::{Detail, Exit, Failure, Finding, Place as _, json_line, note, verbatim};
use genome_json::text::QuotedPath;
use genome_server::GenomeWarning;
use std::env;
use std::ffi::OsString;
use std::fmt::Debug;
use std::path::Path;
use std::time::SystemTime;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, warn};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;

const VARIABLE: &str = "RUST_LOG";

/// How many faults a line shows: a line must fit into what collects it.
const MOST_FAULTS: usize = 10;

/// Starts the log with the filter of `RUST_LOG`, or else without debugging.
///
/// # Errors
/// The variable does not hold a filter.
pub(crate) fn start() -> Result<(), Failure> {
    let asked = env::var_os(VARIABLE).filter(|value| !value.is_empty()).unwrap_or_else(|| "info".into());
    let filter: Targets = asked.to_str().and_then(|asked| asked.parse().ok()).ok_or_else(|| {
        let message = format!("{VARIABLE} is {}, which is not a filter", QuotedPath(asked.as_ref()));
        let hint = format!("set {VARIABLE} to a level (error, warn, info, debug, trace, off), or to TARGET=LEVEL,..., or unset it");
        Failure::undecided(Finding::error(message, hint))
    })?;
    // It fails only where there is a logger already, and there is none.
    let _ = tracing::subscriber::set_global_default(registry().with(Lines.with_filter(filter)));
    Ok(())
}

/// The one line of a failed boot, whatever `RUST_LOG` says.
pub(crate) fn refuse(refused: &Refused) {
    let Refused { findings, exit } = refused;
    let Some((first, others)) = findings.split_first() else { return };
    let mut members = members(first);
    let further = others.iter().map(|finding| Value::Object(self::members(finding)));
    members.extend([
        member("further_refusals", Value::Array(further.collect())),
        member("verdict", Value::string(exit.verdict())),
        member("exit", Value::from(if *exit == Exit::Refused { 1_u64 } else { 2 })),
    ]);
    line("ERROR", members);
}

/// A warning about the genome of this file, which is served all the same.
pub(crate) fn warn_of_genome(warning: &GenomeWarning, path: &Path) {
    let GenomeWarning { code, message, file, pointer, hint } = warning;
    let genome = genome_cli::file(&path.source());
    let (code, file) = (code.map(Code::as_str), file.as_deref().or(genome.as_str()));
    let hint = hint.to_string();
    warn!(code, message, file, pointer, hint);
}

/// A warning about another file.
pub(crate) fn warn_of_file(path: &Path, message: &str, hint: &'static str) {
    warn_of_genome(&GenomeWarning::new(message, hint), path);
}

/// A finding as in README.md, without its parts of unlimited length.
fn members(finding: &Finding) -> Vec<Member<'static>> {
    let mut details = finding.details.clone();
    if details.len() > MOST_FAULTS {
        let message = format!("{} more are not shown", details.len() - MOST_FAULTS);
        details.truncate(MOST_FAULTS);
        details.push(Detail { pointer: OsString::new(), message, hint: "genome-verify shows all of them".to_owned() });
    }
    match (Finding { details, ..finding.clone() }).to_value() {
        Value::Object(mut members) => {
            // The hint says who must sign.
            members.retain(|member| &*member.name != "quorums");
            members
        }
        _ => Vec::new(),
    }
}

fn member(name: &'static str, value: Value<'static>) -> Member<'static> {
    Member { name: name.into(), value }
}

fn line(level: &'static str, members: Vec<Member<'static>>) {
    let start = [member("timestamp", Value::string(now())), member("level", Value::string(level))];
    let line = Value::Object(start.into_iter().chain(members).collect());
    note(&format!("{}\n", json_line(&line)));
}

/// The time as RFC 3339 writes it, with milliseconds.
fn now() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = Timestamp::from_unix_seconds(now.as_secs()).map(|time| time.to_string()).unwrap_or_default();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), now.subsec_millis())
}

/// Writes events as lines.
struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        line(event.metadata().level().as_str(), fields.0);
    }
}

/// The fields of an event, in their order.
struct Fields(Vec<Member<'static>>);

impl Fields {
    fn push(&mut self, field: &Field, value: Value<'static>) {
        self.0.push(member(field.name(), value));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // JSON says what it says to the letter.
        self.push(field, verbatim(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::Bool(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, value.into());
    }
}
