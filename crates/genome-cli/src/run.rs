//! The run of a program: its command line, the standard streams that it cannot do without, and what it says to its caller.

mod arguments;
mod exit;
mod standard;

pub use exit::{Exit, Failure, run};
pub use standard::{StandardStreams, Use, report_stream_fault};
