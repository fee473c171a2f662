//! Strict JSON, its canonical form, and text that is shown safely.
//!
//! | to | use |
//! |---|---|
//! | read JSON strictly (I-JSON, RFC 7493) | [`parse`], which returns a [`Value`] that borrows from its input |
//! | read JSON of others, whose numbers a double may have to round | [`parse_rounding`] |
//! | bring JSON into its canonical form (JCS, RFC 8785) | [`canonicalize`]; [`canonical`] for a value that is in memory already |
//! | find where a document holds the value of a JSON Pointer (RFC 6901) | [`locate`] |
//! | find the end of a string in JSON that is passed on as it is | [`plain_length`] |
//! | show text that a stranger wrote, so that it can be parsed back | [`text`] |
//! | know whether a text, or bytes, hold a private key | [`holds_private_key`], [`bytes_hold_private_key`] |
//!
//! Beyond the grammar of RFC 8259 the reader refuses whatever two readers could understand differently: a byte order mark, bytes
//! that are not UTF-8, the same name twice in one object (compared after unescaping), lone surrogates, non-characters, integers
//! that a double cannot hold, numbers that overflow one, a second document after the first, and documents that are too deep or
//! too large. It reads once, borrows from its input, and says the line and column of what it refuses.
//!
//! ```
//! use genome_json::{canonicalize, parse};
//!
//! assert_eq!(canonicalize(br#"{"b": 1e0, "a": "\u00e9"}"#)?, r#"{"a":"é","b":1}"#);
//!
//! let error = parse(br#"{"a": 1, "a": 2}"#).unwrap_err();
//! assert_eq!((error.line, error.column), (1, 10));
//! # Ok::<(), genome_json::JsonError>(())
//! ```

pub mod canonical;
mod character;
mod cursor;
mod error;
mod escape;
mod names;
mod number;
mod place;
mod pretty;
mod reader;
mod scan;
mod secret;
mod sink;
mod string;
pub mod text;
mod tree;
mod value;

pub use canonical::canonicalize;
pub use character::{first_invisible, is_invisible};
pub use error::{JsonError, JsonFault};
pub use number::Number;
pub use place::locate;
pub use scan::plain_length;
pub use secret::{bytes_hold_private_key, holds_private_key, holds_spaced_private_key};
pub use tree::{parse, parse_rounding};
pub use value::{Member, Text, Value};

/// How deeply arrays and objects may be nested.
pub const MAX_DEPTH: usize = 64;

/// How large a document may be, in bytes: 16 MiB.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
