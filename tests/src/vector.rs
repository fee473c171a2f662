//! Vectors: files that carry their verdict.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

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

/// A file: header lines, an empty line, the bytes of the document.
pub struct Vector {
    header: Header,
    /// The document.
    pub body: Vec<u8>,
}

impl Vector {
    fn parse(name: &str, bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or_else(|| panic!("{name}: no empty line"));
        let header = std::str::from_utf8(&bytes[..end]).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { header: Header::parse(name, header), body: bytes[end + 2..].to_vec() }
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

/// Runs a check over every vector of a directory, and names all that fail.
///
/// # Panics
/// One fails, or there are fewer than so many.
pub fn run(directory: &str, least: usize, check: impl Fn(&Vector) -> Result<(), String>) {
    run_each(directory, least, |name, path| check(&Vector::parse(name, &read(path))));
}

/// The same, where a vector is whatever lies there under its name.
///
/// # Panics
/// One fails, or there are fewer than so many.
pub fn run_each(directory: &str, least: usize, check: impl Fn(&str, &Path) -> Result<(), String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(directory);
    let files = fs::read_dir(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut vectors: Vec<PathBuf> =
        files.unwrap_or_else(|error| panic!("{directory}: {error}")).iter().map(fs::DirEntry::path).collect();
    vectors.sort();
    assert!(vectors.len() >= least, "{directory} holds {} vectors, and should hold {least}", vectors.len());
    let failure = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        check(&name, path).err().map(|why| format!("{name}: {why}"))
    };
    let failures: Vec<String> = vectors.iter().filter_map(failure).collect();
    assert!(failures.is_empty(), "{} of {} vectors fail:\n{}", failures.len(), vectors.len(), failures.join("\n"));
}

/// Reads a file.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn read(path: &Path) -> Vec<u8> {
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
