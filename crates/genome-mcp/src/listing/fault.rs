//! Why a server has no list of tools that could be pinned.

use super::ListFault;
use crate::message::Fault;
use genome_json::text::{Quoted, excerpt};
use thiserror::Error;

/// Why a server's list of tools cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ListingFault {
    /// It answers with an error.
    #[error("it answers `{method}` with the error {}", error_in_words(*.code, .said))]
    Error {
        /// The method that was asked for.
        method: &'static str,
        /// The code, if it is an integer.
        code: Option<i64>,
        /// The message, as the server wrote it.
        said: String,
    },
    /// Its answer is no message.
    #[error("its answer to `{method}` is refused: {fault}")]
    Unreadable {
        /// The method that was asked for.
        method: &'static str,
        /// Why.
        fault: Fault,
    },
    /// Its answer was too long to be kept.
    #[error("its answer to `{0}` is longer than --max-message lets through")]
    TooLong(&'static str),
    /// It agrees on a revision that is not known here, or on none.
    #[error("it speaks the revision {} of MCP, which is not known here", Quoted(&excerpt(.0)))]
    UnknownRevision(String),
    /// Its list is none that can be relied on. The gate takes it for none, too.
    #[error(transparent)]
    List(#[from] ListFault),
}

fn error_in_words(code: Option<i64>, said: &str) -> String {
    let code = code.map_or_else(|| "without a code".to_owned(), |code| code.to_string());
    if said.is_empty() { code } else { format!("{code}, {}", Quoted(&excerpt(said))) }
}
