//! The run of a program: what it inherits, its command line, the standard streams that it needs, and its exit status.

mod arguments;
mod exit;
mod inherited;
mod standard;

pub use arguments::command_line;
#[cfg(feature = "front")]
pub(crate) use arguments::parse_from;
pub use exit::{Exit, Failure, run};
pub use inherited::is_ignored;
pub use standard::{StandardStreams, Use, report_stream_fault};
