//! Recent denials, for the page.

use genome_json::text::shortened;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// How many are kept.
const MOST: usize = 50;

/// How many characters of an action are kept; it may be of any length.
const LONGEST: usize = 128;

/// The recent denials, for people to look at. They are not a record: they are gone with the process, and old ones before.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<VecDeque<Denial>>);

/// A denied action.
#[derive(Debug, Clone)]
pub(crate) struct Denial {
    /// As a stranger wrote it.
    pub(crate) action: String,
    /// Why, in words.
    pub(crate) reason: Arc<str>,
    pub(crate) at: SystemTime,
}

impl Denials {
    /// Keeps a denial in place of the oldest.
    pub(crate) fn keep(&self, action: &str, reason: &Arc<str>) {
        let denial = Denial { action: shortened(action, LONGEST).into_owned(), reason: Arc::clone(reason), at: SystemTime::now() };
        let mut denials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        denials.truncate(MOST - 1);
        denials.push_front(denial);
    }

    /// The newest first.
    pub(crate) fn list(&self) -> Vec<Denial> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
