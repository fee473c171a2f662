//! The engine of readers: every fault of a document at once, each with its place. It knows no document; the readers stand beside the
//! types that they read.

mod fault;
mod place;
mod reading;
mod secrets;

pub use fault::{Fault, Faults, Problem};
pub(crate) use place::Place;
pub(crate) use reading::{Distinct, Fields, Reading};
pub(crate) use secrets::{private_half_of_jwk, secrets};
