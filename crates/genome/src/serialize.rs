//! What is data as `serde` writes it: the feature `serde`, and with `schemars` its JSON Schema.
//!
//! A struct whose members are what is written derives it where it stands, and an enum of names has it from `named!`; here is the rest.
//! A text of the genome stands to the letter, also what does not show: whoever prints the result passes it through
//! [`visible_json`](genome_json::text::visible_json), as our programs do. A private key is in none of it, and
//! [`PrivateKey`](crate::PrivateKey) itself cannot be written:
//!
//! ```compile_fail,E0277
//! fn write(_: &impl serde::Serialize) {}
//! write(&genome::PrivateKey::from_seed(&[7; 32]));
//! ```

mod reason;
mod shapes;
mod text;
