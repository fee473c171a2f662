//! A decision point of the server, of a genome with these capabilities.

use crate::signed::signed;
use genome_server::{Active, DecisionPoint};
use serde_json::Value;
use std::time::SystemTime;

/// A decision point of a genome that allows and denies as these capabilities say, and signs for itself.
///
/// # Panics
/// They are no capabilities of a genome.
#[must_use]
pub fn point(capabilities: &Value) -> DecisionPoint {
    let (genome, document) = signed(capabilities);
    DecisionPoint::new(Active::new(genome, document.into(), SystemTime::UNIX_EPOCH)).unwrap()
}
