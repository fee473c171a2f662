//! The programs, each a module: arguments, one call, a report.

pub mod diff;
#[cfg(feature = "draft")]
pub mod draft;
#[cfg(feature = "front")]
pub mod front;
#[cfg(feature = "front")]
pub(crate) mod init;
#[cfg(feature = "custody")]
pub mod keygen;
pub mod merge;
pub(crate) mod propose;
#[cfg(feature = "custody")]
pub mod sign;
#[cfg(feature = "front")]
pub mod trust;
pub mod verify;
