//! The metrics: what the gate has counted, and what the relay measures.

mod file;

use crate::input::Bytes;
pub(crate) use file::MetricsFile;
use genome::mcp::ServerName;
use genome_mcp::{Counts, Side};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a decision may take, in nanoseconds. One takes microseconds, one on a message of many megabytes some hundred milliseconds.
const BUCKETS: [u64; 8] = [10_000, 25_000, 100_000, 250_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

const SIDES: [Side; 2] = [Side::Client, Side::Server];

/// A metric, under its name.
#[derive(Debug)]
struct Family {
    name: &'static str,
    kind: Kind,
    help: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

const FAMILIES: [Family; 6] = [REQUESTS, CALLS, REFUSALS, RECEIVED, DECISIONS, OPEN];

const REQUESTS: Family = Family {
    name: "genome_mcp_requests_total",
    kind: Kind::Counter,
    help: "Requests, by who sent them, by method and by what came of them: forwarded, or why not.",
};

const CALLS: Family = Family {
    name: "genome_mcp_tool_calls_total",
    kind: Kind::Counter,
    help: "Calls of tools, by action and by what came of them. Actions that the genome does not name are other.",
};

const REFUSALS: Family = Family {
    name: "genome_mcp_refusals_total",
    kind: Kind::Counter,
    help: "Messages, and parts of messages, that did not get through, by who sent them and why.",
};

const RECEIVED: Family =
    Family { name: "genome_mcp_received_bytes_total", kind: Kind::Counter, help: "Bytes that were read, by who sent them." };

const DECISIONS: Family =
    Family { name: "genome_mcp_decision_seconds", kind: Kind::Histogram, help: "Time to decide on a message, by who sent it." };

const OPEN: Family = Family {
    name: "genome_mcp_open_requests",
    kind: Kind::Gauge,
    help: "Requests that wait for an answer, by who sent them, in the session that was written last.",
};

/// What is measured of both directions.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    client: Direction,
    server: Direction,
}

#[derive(Debug, Default)]
struct Direction {
    bytes: Bytes,
    /// Decisions by how long they took; the last are those that took longer than all of [`BUCKETS`].
    decisions: [AtomicU64; BUCKETS.len() + 1],
    nanoseconds: AtomicU64,
}

impl Measured {
    /// The number of bytes that were read of a side, to be counted.
    pub(crate) fn bytes(&self, from: Side) -> Bytes {
        Arc::clone(&self.of(from).bytes)
    }

    /// Measures how long a decision takes.
    pub(crate) fn time<T>(&self, from: Side, decide: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let decided = decide();
        self.of(from).took(start.elapsed());
        decided
    }

    fn of(&self, from: Side) -> &Direction {
        match from {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }
}

impl Direction {
    fn took(&self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|most| time <= *most).unwrap_or(BUCKETS.len());
        if let Some(count) = self.decisions.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.nanoseconds.fetch_add(time, Ordering::Relaxed);
    }
}

/// Each series as Prometheus writes it, with its value.
type Series = BTreeMap<String, f64>;

/// What this process has counted and measured.
fn series(server: &ServerName, counts: &Counts, measured: &Measured) -> Series {
    let mut series = Series::new();
    let mut add = |name: &str, labels: &[(&str, &str)], value: f64| {
        let labels = labels.iter().fold(format!("{name}{{server=\"{server}\""), |labels, (label, value)| {
            labels + "," + label + "=\"" + &escaped(value) + "\""
        });
        series.insert(labels + "}", value);
    };
    for ((from, method, outcome), count) in &counts.requests {
        add(REQUESTS.name, &[("from", from.as_str()), ("method", method), ("outcome", outcome)], number(*count));
    }
    for ((action, outcome), count) in &counts.calls {
        add(CALLS.name, &[("action", action), ("outcome", outcome)], number(*count));
    }
    for ((from, reason), count) in &counts.refusals {
        add(REFUSALS.name, &[("from", from.as_str()), ("reason", reason)], number(*count));
    }
    for (side, open) in SIDES.into_iter().zip([counts.open_of_client, counts.open_of_server]) {
        let (from, direction) = (("from", side.as_str()), measured.of(side));
        let load = |value: &AtomicU64| value.load(Ordering::Relaxed);
        add(OPEN.name, &[from], number(open.try_into().unwrap_or(u64::MAX)));
        add(RECEIVED.name, &[from], number(load(&direction.bytes)));
        let mut sum = 0;
        let bounds = BUCKETS.iter().map(|most| seconds(*most).to_string()).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&direction.decisions) {
            sum += load(count);
            add(&format!("{}_bucket", DECISIONS.name), &[from, ("le", &bound)], number(sum));
        }
        add(&format!("{}_count", DECISIONS.name), &[from], number(sum));
        add(&format!("{}_sum", DECISIONS.name), &[from], seconds(load(&direction.nanoseconds)));
    }
    series
}

/// A value of a label, as Prometheus writes it.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[expect(clippy::cast_precision_loss, reason = "the numbers of Prometheus are doubles")]
fn number(count: u64) -> f64 {
    count as f64
}

fn seconds(nanoseconds: u64) -> f64 {
    number(nanoseconds) / 1e9
}
