//! The log, on standard error: one JSON object for each line, or lines for a person at a terminal.
//!
//! `tracing-subscriber` 0.3.23 filters. Its own JSON (`fmt::json`) was tried: it writes bidirectional and other characters that do not show
//! as they are, so that a line could show something else than it says.

mod human;
mod line;

use clap::ValueEnum;
use genome::{Code, Timestamp};
use genome_cli::{Failure, Finding, Paint, Place as _, RefusedBoot, json_line, note};
use genome_json::text::{QuotedPath, verbatim};
use genome_server::GenomeWarning;
use line::{Event, Line, RefusedShape, Scalar};
use serde::Serialize;
use std::env;
use std::fmt::Debug;
use std::io::{self, IsTerminal as _};
use std::panic;
use std::path::Path;
use std::process;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use tracing::field::{Field, Visit};
use tracing::{Subscriber, warn};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;

const VARIABLE: &str = "RUST_LOG";

/// Whether the lines are for a person.
static IS_HUMAN: OnceLock<bool> = OnceLock::new();

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Human where standard error is a terminal, JSON elsewhere
    Auto,
    /// Time, level, message and fields, for a person
    Human,
    /// One JSON object a line
    Json,
}

/// Settles the form of the log, before anything is logged.
pub(crate) fn settle(format: LogFormat) {
    // It is settled once.
    let _ = IS_HUMAN.set(format == LogFormat::Human || format == LogFormat::Auto && io::stderr().is_terminal());
}

/// How lines for a person are shown, on a terminal as wide as it is now; `None` for JSON.
fn human() -> Option<Paint> {
    IS_HUMAN.get().filter(|&&is_human| is_human).map(|_| Paint::on(&io::stderr()))
}

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
pub(crate) fn refuse(refused: &RefusedBoot) {
    match (human(), RefusedShape::new(&refused.findings, refused.exit)) {
        (Some(paint), Some(_)) => {
            let RefusedBoot { findings, exit } = refused;
            note(&paint.wrap(&human::refusal(&seconds(), findings, *exit, paint)));
        }
        (None, Some(refused)) => line("ERROR", refused),
        (_, None) => {}
    }
}

/// Makes a panic, which is a fault of ours, one line of the log too, and the end of the server (SIGABRT): one that goes on after it may answer wrongly.
pub(crate) fn end_with_a_line_on_panic() {
    panic::set_hook(Box::new(|panic| {
        let text = |text: &str| Scalar::Text(verbatim(text).into_owned());
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        let hint = "a supervisor starts it again; report this line to those who make genome-server";
        let message = format!("the server has a fault, and ends: {}", panic.payload_as_str().unwrap_or("nothing is known of it"));
        event("ERROR", vec![("message", text(&message)), ("at", text(&at)), ("hint", text(hint))], true);
        process::abort();
    }));
}

/// A warning about the genome of this file, which is served all the same.
pub(crate) fn warn_of_genome(warning: &GenomeWarning, path: &Path) {
    let GenomeWarning { code, message, file, pointer, hint } = warning;
    let hint = hint.to_string();
    let genome = genome_cli::file(&path.source());
    let (code, file) = (code.map(Code::as_str), file.as_deref().unwrap_or(&genome));
    warn!(code, message, file, pointer, hint);
}

/// A warning about another file.
pub(crate) fn warn_of_file(path: &Path, message: &str, hint: &'static str) {
    warn_of_genome(&GenomeWarning::new(message, hint), path);
}

/// An event, in the form of the log. `is_ours` says that its message is a sentence of ours.
fn event(level: &'static str, fields: Vec<(&'static str, Scalar)>, is_ours: bool) {
    match human() {
        Some(paint) => note(&paint.wrap(&human::event(&seconds(), level, &fields, is_ours, paint))),
        None => line(level, Event(fields)),
    }
}

fn line(level: &'static str, said: impl Serialize) {
    note(&format!("{}\n", json_line(&Line { timestamp: now(), level, said })));
}

/// The time as RFC 3339 writes it, with milliseconds.
fn now() -> String {
    Timestamp::with_milliseconds(since_epoch())
}

/// The time as RFC 3339 writes it, to the second.
fn seconds() -> String {
    Timestamp::from_unix_seconds(since_epoch().as_secs()).map(|time| time.to_string()).unwrap_or_default()
}

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Writes events as lines.
struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, happened: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Vec::new());
        happened.record(&mut fields);
        let metadata = happened.metadata();
        event(metadata.level().as_str(), fields.0, metadata.target().starts_with("genome_"));
    }
}

/// The fields of an event, in their order.
struct Fields(Vec<(&'static str, Scalar)>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // JSON says what it says to the letter.
        self.0.push((field.name(), Scalar::Text(verbatim(value).into_owned())));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.push((field.name(), Scalar::Bool(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), Scalar::Number(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::end_with_a_line_on_panic;
    use genome_test_support::printed;
    use std::env;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    /// The test runs itself once more, and panics there.
    #[test]
    fn a_panic_is_a_line_and_the_end() {
        const INNER: &str = "GENOME_TESTS_INNER";
        const NAME: &str = "log::tests::a_panic_is_a_line_and_the_end";
        if env::var_os(INNER).is_some() {
            end_with_a_line_on_panic();
            // A thread that panics alone would leave the others at work.
            let _ = std::thread::spawn(|| [1].get(1).expect("two\nlines \u{202e}")).join();
            return;
        }
        let mut inner = Command::new(env::current_exe().unwrap());
        let output = inner.args(["--exact", NAME]).env(INNER, "1").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let line = printed::read("server-log", said.lines().next().unwrap_or_default());
        assert_eq!(
            (&line["level"], line["message"].as_str()),
            (&"ERROR".into(), Some("the server has a fault, and ends: two\nlines \u{202e}"))
        );
        assert!(
            line["at"].as_str().unwrap().contains("log.rs:") && said.lines().count() == 1 && !said.contains('\u{202e}'),
            "{said}"
        );
        // SIGABRT, after which a supervisor starts it again.
        assert_eq!(output.status.signal(), Some(6));
    }
}
