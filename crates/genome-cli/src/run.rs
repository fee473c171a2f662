//! The run of a program: its command line, the standard streams that it needs, and its exit status.

mod arguments;
mod exit;
mod standard;

pub use exit::{Exit, Failure, run};
pub use standard::{StandardStreams, Use, report_stream_fault};
