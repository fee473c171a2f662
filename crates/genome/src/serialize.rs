//! What is data as `serde` writes it: the feature `serde`, and with `schemars` its JSON Schema.
//!
//! A struct whose members are what is written derives it where it stands, and an enum of names has it from `named!`; here is the rest.
//! Everything that is written shows, or stands to the letter where programs compare it, as a pointer does; a private key is in none of it,
//! and [`PrivateKey`](crate::PrivateKey) itself cannot be written:
//!
//! ```compile_fail,E0277
//! fn write(_: &impl serde::Serialize) {}
//! write(&genome::PrivateKey::from_seed(&[7; 32]));
//! ```

mod reason;
mod shapes;
mod text;
