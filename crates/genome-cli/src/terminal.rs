//! The user's terminal: questions to a person, and input that was typed before a question.

mod controlling;
mod held;
#[cfg(feature = "init")]
mod line;
mod question;
mod typed;

pub(crate) use controlling::{ControllingTerminal, input_ended};
pub(crate) use held::HeldSignals;
#[cfg(feature = "init")]
pub use line::{LineQuestion, ask_line};
pub use question::{Consent, Unanswered, ask, withhold_typed_ahead};
pub(crate) use typed::listed;
