//! A reader's verdict beside that of the schema.

use super::inexpressible::Inexpressible;
use super::readers::{Format, Objection, objections};
use super::schema::Schema;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// All schemas, and what was seen that they cannot say.
pub(crate) struct Judge {
    schemas: BTreeMap<Format, Schema>,
    seen: RefCell<BTreeSet<(Format, Inexpressible)>>,
}

impl Default for Judge {
    fn default() -> Self {
        Self { schemas: Format::ALL.map(|format| (format, Schema::of(format))).into(), seen: RefCell::default() }
    }
}

impl Judge {
    /// Compares what the reader and the schema say of a document.
    ///
    /// # Errors
    /// They differ, and not in what a schema cannot say.
    pub(crate) fn compare(&self, format: Format, what: &str, document: &[u8]) -> Result<(), String> {
        let objections = objections(format, document);
        // What a lenient parser does not read either has no schema.
        let Ok(value) = serde_json::from_slice::<Value>(document) else {
            let is_json = !matches!(objections[..], [Objection::Json]);
            return if is_json { Err(format!("{format:?}, {what}: only our reader reads it")) } else { Ok(()) };
        };
        let validator = &self.schemas[&format].validator;
        match (objections.is_empty(), validator.is_valid(&value)) {
            (true, true) | (false, false) => Ok(()),
            (true, false) => {
                let faults: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
                Err(format!("{format:?}, {what}: the schema alone refuses it: {faults:?}"))
            }
            (false, true) => {
                let kinds: Option<Vec<_>> = objections.iter().map(|objection| Inexpressible::of(objection, &value)).collect();
                let kinds = kinds.ok_or_else(|| format!("{format:?}, {what}: the reader alone refuses it: {objections:?}"))?;
                self.seen.borrow_mut().extend(kinds.into_iter().map(|kind| (format, kind)));
                Ok(())
            }
        }
    }

    /// What the schema of this format could not say.
    pub(crate) fn seen(&self, format: Format) -> BTreeSet<Inexpressible> {
        self.seen.borrow().iter().filter(|(of, _)| *of == format).map(|(_, kind)| *kind).collect()
    }
}
