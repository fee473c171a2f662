//! Recent denials, for the page.

use genome_json::text::shortened;
use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// How many different ones are kept.
const MOST: usize = 50;

/// How many characters of an action are kept; it may be of any length.
pub(crate) const LONGEST: usize = 128;

/// The recent denials, for people to look at. They are not a record: they are gone with the process, and old ones before. The same action and
/// reason is kept once, so that a program that asks again and again does not push out the others.
#[derive(Debug, Default)]
pub(crate) struct Denials {
    kept: Mutex<Kept>,
    hashing: RandomState,
}

/// What is kept, the newest first.
#[derive(Debug, Default)]
struct Kept {
    denials: VecDeque<Denial>,
    /// Of the action of each. To look through these takes much less time than to compare the actions, and every denial waits for it.
    hashes: VecDeque<u64>,
}

/// A denied action.
#[derive(Debug, Clone)]
pub(crate) struct Denial {
    /// As a stranger wrote it.
    pub(crate) action: String,
    /// Why, in words.
    pub(crate) reason: Arc<str>,
    /// How often, since it is kept.
    pub(crate) times: usize,
    /// The last time.
    pub(crate) at: SystemTime,
}

impl Denials {
    /// Keeps a denial, if need be in place of the one that was last seen the longest ago.
    pub(crate) fn keep(&self, action: &str, reason: &Arc<str>) {
        let action = shortened(action, LONGEST);
        let (at, hash) = (SystemTime::now(), self.hashing.hash_one(&action));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { denials, hashes } = &mut *kept;
        let is_same = |denial: &Denial| denial.action == action && denial.reason == *reason;
        let mut similar = hashes.iter().enumerate().filter(|(_, other)| **other == hash).map(|(index, _)| index);
        let known = similar.find(|index| denials.get(*index).is_some_and(is_same));
        let denial = match known.and_then(|index| hashes.remove(index).and(denials.remove(index))) {
            Some(denial) => Denial { times: denial.times.saturating_add(1), at, ..denial },
            None => Denial { action: action.into_owned(), reason: Arc::clone(reason), times: 1, at },
        };
        denials.truncate(MOST - 1);
        hashes.truncate(MOST - 1);
        denials.push_front(denial);
        hashes.push_front(hash);
    }

    /// The newest first.
    pub(crate) fn list(&self) -> Vec<Denial> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).denials.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_kept_once_and_the_newest_comes_first() {
        let denials = Denials::default();
        let (one, two): (Arc<str>, Arc<str>) = ("one".into(), "two".into());
        for (action, reason) in [("a", &one), ("b", &one), ("a", &two), ("a", &one)] {
            denials.keep(action, reason);
        }
        let kept = |denials: &Denials| -> Vec<(String, String, usize)> {
            denials.list().into_iter().map(|denial| (denial.action, denial.reason.to_string(), denial.times)).collect()
        };
        let row = |action: &str, reason: &str, times| (action.to_owned(), reason.to_owned(), times);
        assert_eq!(kept(&denials), [row("a", "one", 2), row("a", "two", 1), row("b", "one", 1)]);
        // What is asked again and again pushes out nothing.
        (0..1000).for_each(|_| denials.keep("c", &one));
        assert_eq!(kept(&denials).len(), 4);
        (0..MOST).for_each(|number| denials.keep(&number.to_string(), &one));
        assert_eq!(kept(&denials).len(), MOST);
        assert_eq!(kept(&denials).first(), Some(&row("49", "one", 1)));
    }
}
