//! What is answered as JSON: a type for each answer, of which its JSON Schema is made.

pub(crate) mod decision;
pub(crate) mod evaluation;
pub(crate) mod genome;
pub(crate) mod health;
