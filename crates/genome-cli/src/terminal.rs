//! The terminal of whoever runs a program: questions to a person, and what was typed when nobody asked.

mod controlling;
mod question;
mod typed;

pub(crate) use controlling::ControllingTerminal;
pub use question::{Consent, Unanswered, ask, withhold_typed_ahead};
pub(crate) use typed::listed;
