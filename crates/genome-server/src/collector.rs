//! Shared parts of all metrics: their registration, their error, and the labels of codes.

use genome::Code;
use prometheus::Registry;
use prometheus::core::Collector;
use std::time::SystemTime;

/// The error of metrics that cannot be made: a fault of this library.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct MetricsError(#[from] prometheus::Error);

impl MetricsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "report this as a fault"
    }
}

/// The label for a missing code.
pub(crate) const NO_CODE: &str = "none";

/// Registers a metric, which is shown from now on.
pub(crate) fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    collector: prometheus::Result<C>,
) -> Result<C, MetricsError> {
    let collector = collector?;
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

/// The labels of every code that concerns a genome, and of none. No genome is refused for what it denies.
pub(crate) fn codes() -> impl Iterator<Item = Option<Code>> {
    Code::ALL.iter().copied().filter(|code| *code != Code::CapabilityDenied).map(Some).chain([None])
}

/// A code as a label.
pub(crate) fn label(code: Option<Code>) -> &'static str {
    code.map_or(NO_CODE, Code::as_str)
}

/// Seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> f64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64(),
        Err(error) => -error.duration().as_secs_f64(),
    }
}
