//! The file of the metrics. Each process adds what it has counted since it last wrote: sessions are short, several run at once, and a counter does not
//! begin anew with each.

use super::{FAMILIES, Family, Kind, Measured, Series, series};
use genome::mcp::ServerName;
use genome_cli::{Finding, say};
use genome_files::{MetricsOf, Textfile, place_hint};
use genome_mcp::Counts;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

/// How often the file is written, if anything has changed.
const EVERY: Duration = Duration::from_secs(5);

/// A file of metrics, to which this process adds.
#[derive(Debug)]
pub(crate) struct MetricsFile {
    path: PathBuf,
    server: ServerName,
    /// What was added so far.
    added: Series,
    /// Whether it was said that the file cannot be written.
    is_said: bool,
}

impl MetricsFile {
    pub(crate) fn new(path: PathBuf, server: ServerName) -> Self {
        Self { path, server, added: Series::new(), is_said: false }
    }

    /// Writes at once, every few seconds, and when `last` is sent something that is then answered.
    pub(crate) fn write_all(mut self, counts: impl Fn() -> Counts, measured: &Measured, last: &Receiver<Sender<()>>) {
        loop {
            let now = series(&self.server, &counts(), measured);
            if now != self.added {
                self.write(now);
            }
            match last.recv_timeout(EVERY) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(written) => {
                    self.write(series(&self.server, &counts(), measured));
                    // Nobody may wait any more.
                    let _ = written.send(());
                    return;
                }
            }
        }
    }

    /// A failure changes nothing else; what could not be added is added later.
    fn write(&mut self, now: Series) {
        match self.add(&now) {
            Ok(()) => (self.added, self.is_said) = (now, false),
            Err(error) if !self.is_said => {
                let hint = place_hint(&error).unwrap_or(
                    "name with --metrics-textfile a new file, or one of genome-mcp, in a directory that this user may write",
                );
                say(&Finding::warning(format!("the metrics cannot be written: {error}"), hint).at(&self.path));
                self.is_said = true;
            }
            Err(_) => {}
        }
    }

    fn add(&self, now: &Series) -> io::Result<()> {
        let file = Textfile::take(&self.path, MetricsOf::Gate, || {})?;
        let before = file.before().map_or_else(|| Ok(Series::new()), read)?;
        file.replace(&text(&sum(before, now, &self.added)))
    }
}

/// What stood in the file, with what was counted since this was added.
fn sum(mut before: Series, now: &Series, added: &Series) -> Series {
    for (series, value) in now {
        let is_gauge = family_of(series).is_some_and(|family| family.kind == Kind::Gauge);
        let old = if is_gauge { 0.0 } else { before.get(series).unwrap_or(&0.0) - added.get(series).unwrap_or(&0.0) };
        before.insert(series.clone(), old + value);
    }
    before
}

/// Reads what [`text`] wrote. Series are not taken apart: they are compared as they are written.
fn read(text: &str) -> io::Result<Series> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        family_of(series)?;
        Some((series.to_owned(), value.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)?))
    });
    let read: Option<Series> = read.collect();
    read.ok_or_else(|| {
        io::Error::other("the file holds other metrics than those of genome-mcp, or is damaged, and was left as it is")
    })
}

fn family_of(series: &str) -> Option<&'static Family> {
    let (name, _) = series.split_once('{')?;
    FAMILIES.iter().find(|family| {
        let suffix = name.strip_prefix(family.name);
        suffix.is_some_and(|suffix| {
            if family.kind == Kind::Histogram { ["_bucket", "_count", "_sum"].contains(&suffix) } else { suffix.is_empty() }
        })
    })
}

/// The text for Prometheus.
fn text(all: &Series) -> String {
    let mut text = String::new();
    for Family { name, kind, help } in &FAMILIES {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Nothing fails that writes to a text.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (series, value) in all.iter().filter(|(series, _)| family_of(series).is_some_and(|family| family.name == *name)) {
            let _ = writeln!(text, "{series} {value}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, f64)]) -> Series {
        pairs.iter().map(|(series, value)| ((*series).to_owned(), *value)).collect()
    }

    #[test]
    fn each_process_adds_what_it_has_counted_since() {
        let (calls, open, more) =
            ("genome_mcp_tool_calls_total{a=\"1\"}", "genome_mcp_open_requests{}", "genome_mcp_requests_total{}");
        let first = sum(Series::new(), &of(&[(calls, 3.0), (open, 2.0)]), &Series::new());
        let second = sum(first, &of(&[(calls, 1.0), (open, 1.0), (more, 1.0)]), &Series::new());
        assert_eq!(second, of(&[(calls, 4.0), (open, 1.0), (more, 1.0)]));
        let third = sum(second, &of(&[(calls, 5.0), (open, 0.0)]), &of(&[(calls, 3.0), (open, 2.0)]));
        assert_eq!(third, of(&[(calls, 6.0), (open, 0.0), (more, 1.0)]));
        assert_eq!(read(&text(&third)).unwrap(), third);
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        for other in [
            "# HELP genome_x X\ngenome_mutations_total 1\n",
            "x",
            "genome_mcp_requests_total{} many",
            "genome_mcp_requests_total{} NaN",
        ] {
            assert!(read(other).is_err(), "{other}");
        }
        assert_eq!(read("").unwrap(), Series::new());
        assert_eq!(read("genome_mcp_decision_seconds_sum{a=\"b c\"} 0.5\n").unwrap().len(), 1);
    }
}
