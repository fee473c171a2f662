//! The data behind the endpoints.

use crate::answer::genome::GenomeAnswer;
use crate::authzen::PreparedAuthzen;
use crate::json;
use crate::page::Page;
use crate::point::DecisionPoint;
use axum::body::Bytes;
use std::sync::Arc;

/// A decision point, and the prepared answers over HTTP.
pub(crate) struct Site {
    pub(crate) point: Arc<DecisionPoint>,
    /// The answer of `GET /genome`. It may be large, so it is made once.
    pub(crate) summary: Bytes,
    pub(crate) page: Page,
    pub(crate) authzen: PreparedAuthzen,
}

impl Site {
    pub(crate) fn of(point: Arc<DecisionPoint>) -> Self {
        let summary = json::pretty(&GenomeAnswer::of(&point)).into();
        Self { summary, page: Page::of(&point), authzen: PreparedAuthzen::of(&point), point }
    }
}
