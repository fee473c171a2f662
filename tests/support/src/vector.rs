//! Vectors: files that carry their verdict. tests/vectors/README.md describes their form.

use crate::{names, repository};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::ops::Deref;
use std::path::Path;

/// Header lines `key: value`.
pub struct Header {
    /// The name of the vector.
    pub name: String,
    fields: BTreeMap<String, String>,
}

impl Header {
    /// Reads the lines.
    ///
    /// # Panics
    /// A line is no header.
    #[must_use]
    pub fn parse(name: &str, text: &str) -> Self {
        let fields = text.lines().map(|line| {
            let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("{name}: `{line}` is no header"));
            (key.to_owned(), value.trim().to_owned())
        });
        Self { fields: fields.collect(), name: name.to_owned() }
    }

    /// The value of a key, if there is one.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(String::as_str)
    }

    /// The value of a key.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn value(&self, key: &str) -> &str {
        self.optional(key).unwrap_or_else(|| panic!("{}: no `{key}`", self.name))
    }

    /// The values of all keys that start so.
    pub fn starting(&self, key: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(name, _)| name.starts_with(key)).map(|(_, value)| value.as_str())
    }

    /// The items of a value that is a list with commas; none where the key is absent.
    pub fn items(&self, key: &str) -> impl Iterator<Item = &str> {
        self.optional(key).into_iter().flat_map(|value| value.split(", "))
    }
}

/// A file: header lines, an empty line, and the bytes of a document or of several parts.
pub struct Vector {
    header: Header,
    /// The document, or the parts as they stand in the file.
    pub body: Vec<u8>,
}

impl Vector {
    /// Reads the bytes of the file.
    ///
    /// # Panics
    /// They do not start with header lines and an empty line.
    #[must_use]
    pub fn parse(name: &str, bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or_else(|| panic!("{name}: no empty line"));
        let header = std::str::from_utf8(&bytes[..end]).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { header: Header::parse(name, header), body: bytes[end + 2..].to_vec() }
    }

    /// The parts, by name.
    ///
    /// # Panics
    /// The body does not consist of parts, or two have one name.
    #[must_use]
    pub fn parts(&self) -> BTreeMap<&str, &[u8]> {
        let mut parts = BTreeMap::new();
        let mut rest = self.body.as_slice();
        while !rest.is_empty() {
            let (name, part, after) =
                first_part(rest).unwrap_or_else(|| panic!("{}: no part, {} bytes before the end", self.name, rest.len()));
            assert!(parts.insert(name, part).is_none(), "{}: two parts are called `{name}`", self.name);
            rest = after;
        }
        parts
    }

    /// The value of a key, as bytes that it writes in hex digits.
    ///
    /// # Panics
    /// There is none, or it is of another length.
    #[must_use]
    pub fn bytes<const N: usize>(&self, key: &str) -> [u8; N] {
        unhex(self.value(key)).try_into().unwrap_or_else(|_| panic!("{}: `{key}` is not of {N} bytes", self.name))
    }
}

impl Deref for Vector {
    type Target = Header;

    fn deref(&self) -> &Header {
        &self.header
    }
}

/// The name of the first of several parts, its bytes, and what follows: a line `--- LENGTH NAME`, so many bytes, and a line feed.
fn first_part(bytes: &[u8]) -> Option<(&str, &[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let (length, name) = line.strip_prefix("--- ")?.split_once(' ')?;
    let (part, after) = bytes.get(end + 1..)?.split_at_checked(length.parse().ok()?)?;
    Some((name, part, after.strip_prefix(b"\n")?))
}

/// Every vector of a kind, sorted by name.
///
/// # Panics
/// One cannot be read.
#[must_use]
pub fn all(kind: &str) -> Vec<Vector> {
    let directory = repository().join("tests/vectors").join(kind);
    let read = |name: &String| Vector::parse(name, &read(&directory.join(name)));
    names(&directory).iter().map(read).collect()
}

/// Runs a check over every vector of a kind, and names all that fail.
///
/// # Panics
/// One fails, or there are fewer than so many.
pub fn run(kind: &str, least: usize, check: impl Fn(&Vector) -> Result<(), String>) {
    let vectors = all(kind);
    assert!(vectors.len() >= least, "{kind} holds {} vectors, and should hold {least}", vectors.len());
    let failure = |vector: &Vector| check(vector).err().map(|why| format!("{}: {why}", vector.name));
    let failures: Vec<String> = vectors.iter().filter_map(failure).collect();
    assert!(failures.is_empty(), "{} of {} vectors fail:\n{}", failures.len(), vectors.len(), failures.join("\n"));
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The bytes that hex digits stand for.
///
/// # Panics
/// There is an odd number of them, or one is none.
#[must_use]
pub fn unhex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "an odd number of digits");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap_or_else(|error| panic!("`{digits}`: {error}"));
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// Compares what was found with what was expected.
///
/// # Errors
/// They differ.
pub fn same<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, expected {expected:?}")) }
}
