//! What the genome programs share, so that each of them is arguments, one call and a report.
//!
//! - [`run`] is a program's whole run: it reads the command line, and refuses a private key on it without repeating it;
//! - [`Source`] reads a document from a file or standard input;
//! - [`Destination`] writes one, atomically;
//! - [`Finding`] says what is wrong, in text, as JSON, or as an annotation on GitHub;
//! - [`Exit`] is what a program says to its caller, [`Failure`] why it stops.

mod arguments;
mod destination;
mod exit;
mod finding;
mod github;
mod replacement;
mod source;
mod stream;

pub use destination::{Destination, ReplaceError};
pub use exit::{Exit, Failure, run};
pub use finding::{Detail, Finding, Level};
pub use github::annotation;
pub use source::{ReadError, Source};
pub use stream::{Paint, json_text, note, print, say, unbuffered};
