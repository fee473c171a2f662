//! The counts of boots, kept across restarts.

use crate::collector::{MetricsError, NO_CODE, codes, label, registered, seconds};
use genome::{Code, GenomeId};
use prometheus::{Gauge, GaugeVec, IntCounter, IntCounterVec, Opts, Registry, TextEncoder};
use std::collections::BTreeMap;
use std::time::SystemTime;

const FAILURES: &str = "genome_boot_failures_total";
const MUTATIONS: &str = "genome_mutations_total";
const ACCEPTED: &str = "genome_boot_info";

/// The counts of boots, kept across restarts: a boot fails before anybody can ask for metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boots {
    failures: BTreeMap<Option<Code>, u64>,
    mutations: u64,
    /// The genome that a boot accepted last.
    accepted: Option<GenomeId>,
}

impl Boots {
    /// Reads what [`to_text`](Self::to_text) wrote; nothing if it is anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut boots = Self::default();
        let mut has_mutations = false;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ')?;
            if series == MUTATIONS {
                boots.mutations = value.parse().ok()?;
                has_mutations = true;
            } else if let Some(labels) = series.strip_prefix(ACCEPTED) {
                boots.accepted = Some(labels.strip_prefix("{genome_id=\"")?.strip_suffix("\"}")?.parse().ok()?);
            } else if let Some(labels) = series.strip_prefix(FAILURES) {
                let name = labels.strip_prefix("{code=\"")?.strip_suffix("\"}")?;
                let code = Code::ALL.iter().copied().find(|code| code.as_str() == name);
                if code.is_some() || name == NO_CODE {
                    boots.failures.insert(code, value.parse().ok()?);
                }
            }
        }
        has_mutations.then_some(boots)
    }

    /// Counts a boot that failed, with this code.
    pub fn fail(&mut self, code: Option<Code>) {
        let failures = self.failures.entry(code).or_default();
        *failures = failures.saturating_add(1);
    }

    /// Records that a boot accepted this genome. Returns whether that is a mutation, which it counts: the boot before accepted another, or it
    /// `replaces` another in the rollback state. Both are needed: a program that verified the genome before may have changed the state, and
    /// where these counts are not kept, only the state remembers.
    pub fn accept(&mut self, genome: GenomeId, replaces: bool) -> bool {
        let is_mutation = replaces || self.accepted.is_some_and(|before| before != genome);
        self.mutations = self.mutations.saturating_add(is_mutation.into());
        self.accepted = Some(genome);
        is_mutation
    }

    /// The text for Prometheus, with the result and the time of the last boot.
    ///
    /// # Errors
    /// A fault of this program.
    pub fn to_text(&self, succeeded: bool, at: SystemTime) -> Result<String, MetricsError> {
        let registry = Registry::new();
        self.register(&registry)?;
        let success = registered(&registry, Gauge::new("genome_boot_success", "Whether the last boot succeeded."))?;
        success.set(f64::from(u8::from(succeeded)));
        let time = registered(&registry, Gauge::new("genome_boot_timestamp_seconds", "When the last boot was."))?;
        time.set(seconds(at).floor());
        if let Some(genome) = self.accepted {
            let options = Opts::new(ACCEPTED, "The genome that a boot accepted last.");
            let info = registered(&registry, GaugeVec::new(options, &["genome_id"]))?;
            info.get_metric_with_label_values(&[genome.to_string()])?.set(1.0);
        }
        Ok(TextEncoder::new().encode_to_string(&registry.gather())?)
    }

    /// Sets the metrics to the counts. Each code is there from the start, so that its first failure is an increase.
    pub(crate) fn register(&self, registry: &Registry) -> Result<(), MetricsError> {
        let options = Opts::new(FAILURES, "Boots that failed, by the code of the refusal.");
        let failures = registered(registry, IntCounterVec::new(options, &["code"]))?;
        for code in codes() {
            let count = self.failures.get(&code).copied().unwrap_or_default();
            failures.get_metric_with_label_values(&[label(code)])?.inc_by(count);
        }
        let help = "Boots on another genome than the boot before, or than the one that the state had accepted last.";
        registered(registry, IntCounter::new(MUTATIONS, help))?.inc_by(self.mutations);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let mut boots = Boots::default();
        boots.fail(Some(Code::Rollback));
        boots.fail(Some(Code::Rollback));
        boots.fail(None);
        assert!(boots.accept(GenomeId::of_canonical_form(b"one"), true));
        let text = boots.to_text(false, SystemTime::UNIX_EPOCH).unwrap();
        assert!(text.contains("\ngenome_boot_failures_total{code=\"GENOME_ROLLBACK\"} 2\n"), "{text}");
        assert!(text.contains("\ngenome_boot_failures_total{code=\"none\"} 1\n"), "{text}");
        assert!(text.contains("\ngenome_boot_failures_total{code=\"GENOME_STALE\"} 0\n"), "{text}");
        let mut again = Boots::read(&text).unwrap();
        assert_eq!(again.to_text(false, SystemTime::UNIX_EPOCH).unwrap(), text);
        again.fail(Some(Code::Rollback));
        assert!(again.to_text(true, SystemTime::UNIX_EPOCH).unwrap().contains("{code=\"GENOME_ROLLBACK\"} 3\n"));
    }

    #[test]
    fn another_genome_is_a_mutation() {
        let (one, two) = (GenomeId::of_canonical_form(b"one"), GenomeId::of_canonical_form(b"two"));
        let mut boots = Boots::default();
        assert!(!boots.accept(one, false), "there was none before");
        for (genome, replaces, is_mutation) in [(one, false, false), (two, false, true), (two, true, true), (one, true, true)] {
            boots = Boots::read(&boots.to_text(true, SystemTime::UNIX_EPOCH).unwrap()).unwrap();
            assert_eq!(boots.accept(genome, replaces), is_mutation, "{genome} {replaces}");
        }
        assert_eq!(boots.mutations, 3);
        assert!(Boots::default().accept(one, true), "the state remembers where the counts do not");
        // A failure before the verdict does not concern the genome.
        boots.fail(None);
        assert!(!boots.accept(one, false));
    }

    #[test]
    fn what_is_damaged_is_not_read() {
        let whole = Boots::default().to_text(true, SystemTime::UNIX_EPOCH).unwrap();
        assert!(Boots::read(&whole).is_some());
        let half = whole.split_once(MUTATIONS).unwrap().0;
        for damaged in ["", "one", "genome_mutations_total -1", "genome_mutations_total 1.5", half] {
            assert_eq!(Boots::read(damaged), None, "{damaged}");
        }
        assert_eq!(Boots::read(&whole.replace("\"} 0", "\"} x")), None);
        for labels in ["", "{genome_id=\"\"}", "{genome_id=\"00\"}", "{name=\"x\"}"] {
            assert_eq!(Boots::read(&format!("{whole}genome_boot_info{labels} 1\n")), None, "{labels}");
        }
        // An unknown code may be that of a later version, and is not damage.
        assert!(Boots::read(&format!("{whole}genome_boot_failures_total{{code=\"GENOME_NEW\"}} 1\n")).is_some());
    }
}
