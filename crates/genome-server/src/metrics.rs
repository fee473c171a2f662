//! The metrics of the running server, for Prometheus.

use crate::active::Active;
use crate::answer::decision::Effect;
use crate::boots::Boots;
use crate::collector::{MetricsError, codes, label, registered, seconds};
use crate::disk::DiskStatus;
use axum::http::{Method, StatusCode};
use genome::{Decision, Genome, Verified};
use prometheus::{Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, TextEncoder};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

/// The methods that are told apart; all others are `other`.
const METHODS: [&str; 4] = ["GET", "HEAD", "POST", "other"];

/// The status of each answer that there is.
const STATUSES: [u16; 12] = [200, 304, 400, 403, 404, 405, 408, 413, 415, 421, 500, 503];

/// In seconds. An answer takes microseconds, a file that has to be read again some milliseconds.
const BUCKETS: [f64; 10] = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.025, 0.1, 1.0, 10.0];

/// The metrics. The counters of a request are looked up before, so that counting takes a few additions.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    decisions: IntCounterVec,
    durations: HistogramVec,
    age: Gauge,
    uptime: Gauge,
    /// Without labels. It shows nothing before it is first set, unlike a gauge.
    disk: GaugeVec,
    pub(crate) dropped_records: IntCounter,
}

impl Metrics {
    pub(crate) fn of(active: &Active) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let decisions = Opts::new(
            "genome_decisions_total",
            "Decisions about actions, by the capability that decided and by outcome. No cap_id: no capability names the action.",
        );
        let decisions = registered(&registry, IntCounterVec::new(decisions, &["cap_id", "outcome"]))?;
        let durations = HistogramOpts::new(
            "genome_http_request_duration_seconds",
            "Time to answer a request, without sending the answer, by route, method and status.",
        );
        let durations = HistogramVec::new(durations.buckets(BUCKETS.to_vec()), &["route", "method", "status"]);
        let durations = registered(&registry, durations)?;
        let gauge = |name: &str, help: &str| registered(&registry, Gauge::new(name, help));
        let created = gauge("genome_created_timestamp_seconds", "When the active genome was drafted.")?;
        created.set(created_at(active.genome()));
        let loaded = gauge("genome_loaded_timestamp_seconds", "When the active genome was loaded.")?;
        loaded.set(seconds(active.loaded_at()));
        let age = gauge("genome_age_seconds", "Time since the active genome was drafted.")?;
        let uptime = gauge("genome_uptime_seconds", "Time since the active genome was loaded.")?;
        let disk = Opts::new(
            "genome_disk_matches",
            "Whether the file on the disk is what was loaded: 1 it is, 0 it is another or gone, NaN it cannot be read.",
        );
        let disk = registered(&registry, GaugeVec::new(disk, &[]))?;
        let help = "Lines of the decision log that found no room, or could not be written.";
        let dropped_records = registered(&registry, IntCounter::new("genome_decision_log_dropped_total", help))?;
        information(&registry, active.genome())?;
        warnings(&registry, active)?;
        Ok(Self { registry, decisions, durations, age, uptime, disk, dropped_records })
    }

    /// The counter of such decisions.
    pub(crate) fn decision(&self, decision: &Decision<'_>) -> Result<IntCounter, MetricsError> {
        let labels = [decision.cap_id().unwrap_or_default(), Effect::from(decision).as_str()];
        Ok(self.decisions.get_metric_with_label_values(&labels)?)
    }

    /// Adds the counts of this boot and those before.
    pub(crate) fn take(&self, boots: &Boots) -> Result<(), MetricsError> {
        boots.register(&self.registry)
    }

    /// The counters of requests for a route, which is their label.
    pub(crate) fn requests(&self, route: &'static str) -> RequestMetrics {
        let histograms = (0..METHODS.len() * STATUSES.len()).map(|_| OnceLock::new()).collect();
        RequestMetrics { route, durations: self.durations.clone(), histograms }
    }

    /// The text for Prometheus.
    pub(crate) fn to_text(&self, active: &Active, disk: Option<DiskStatus>) -> Result<String, MetricsError> {
        if let Some(disk) = disk {
            self.disk.get_metric_with_label_values::<&str>(&[])?.set(matching(disk));
        }
        self.age.set(seconds(SystemTime::now()) - created_at(active.genome()));
        self.uptime.set(Instant::now().saturating_duration_since(active.loaded()).as_secs_f64());
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }
}

/// The requests for one route.
pub(crate) struct RequestMetrics {
    route: &'static str,
    durations: HistogramVec,
    /// By method and status; made when the first such answer is given.
    histograms: Vec<OnceLock<Option<Histogram>>>,
}

impl RequestMetrics {
    /// Counts an answer.
    pub(crate) fn count(&self, method: &Method, status: StatusCode, took: Duration) {
        let method = match *method {
            Method::GET => 0,
            Method::HEAD => 1,
            Method::POST => 2,
            _ => 3,
        };
        let Some(index) = STATUSES.iter().position(|known| *known == status.as_u16()) else { return };
        let Some(histogram) = self.histograms.get(method * STATUSES.len() + index) else { return };
        let make = || {
            let method = METHODS.get(method).copied().unwrap_or_default();
            self.durations.get_metric_with_label_values(&[self.route, method, status.as_str()]).ok()
        };
        if let Some(histogram) = histogram.get_or_init(make) {
            histogram.observe(took.as_secs_f64());
        }
    }
}

/// The name, version and id of the genome, as labels of a metric that is always 1.
fn information(registry: &Registry, genome: &Verified<Genome>) -> Result<(), MetricsError> {
    let options = Opts::new("genome_info", "The active genome.");
    let info = registered(registry, GaugeVec::new(options, &["genome_id", "name", "version", "trust"]))?;
    let (id, version) = (genome.id().to_string(), genome.version.to_string());
    info.get_metric_with_label_values(&[id.as_str(), &genome.name, &version, genome.trust().as_str()])?.set(1.0);
    Ok(())
}

/// The warnings by code. Each code is there from the start.
fn warnings(registry: &Registry, active: &Active) -> Result<(), MetricsError> {
    let options =
        Opts::new("genome_warnings", "What there is to warn of about the active genome, by code; none where it has none.");
    let warnings = registered(registry, GaugeVec::new(options, &["code"]))?;
    for code in codes() {
        let gauge = warnings.get_metric_with_label_values(&[label(code)])?;
        active.warnings().iter().filter(|warning| warning.code == code).for_each(|_| gauge.inc());
    }
    Ok(())
}

/// Unknown is neither yes nor no.
fn matching(disk: DiskStatus) -> f64 {
    match disk {
        DiskStatus::Same => 1.0,
        DiskStatus::Differs | DiskStatus::Missing => 0.0,
        DiskStatus::Unreadable => f64::NAN,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a year of four digits has fewer bits than a double")]
fn created_at(genome: &Genome) -> f64 {
    genome.created_at.unix_seconds() as f64
}

#[cfg(test)]
mod tests {
    use super::STATUSES;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// A status that is not known here would be counted nowhere.
    #[test]
    fn each_status_that_is_described_is_counted() {
        let description: Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
        let operations = description["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
        let described = operations.flat_map(|operation| operation["responses"].as_object().unwrap().keys());
        let described: BTreeSet<u16> = described.map(|status| status.parse().unwrap()).collect();
        assert!(described.contains(&403) && described.is_subset(&BTreeSet::from(STATUSES)), "{described:?}");
    }
}
