//! The file that a report speaks of.

use crate::Source;
use genome_json::text::{QuotedPath, verbatim};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The file or stream that a report is about.
pub trait Place {
    /// The file, or standard input.
    fn source(&self) -> Source;
}

impl Place for Source {
    fn source(&self) -> Source {
        self.clone()
    }
}

impl Place for Path {
    /// A path in any case: a file may be named `-`.
    fn source(&self) -> Source {
        Source::File(self.to_owned())
    }
}

impl Place for PathBuf {
    fn source(&self) -> Source {
        self.as_path().source()
    }
}

impl Place for str {
    fn source(&self) -> Source {
        Path::new(self).source()
    }
}

impl Place for String {
    fn source(&self) -> Source {
        self.as_str().source()
    }
}

impl<P: Place + ?Sized> Place for &P {
    fn source(&self) -> Source {
        (**self).source()
    }
}

/// The subject of a detail as the value of a string of JSON: to the letter, except for bytes that are not text.
pub(crate) fn pointer(pointer: &OsStr) -> String {
    pointer.to_str().map_or_else(|| QuotedPath(pointer.as_ref()).to_string(), |text| verbatim(text).into_owned())
}

/// A file as the value of a string of JSON: its path to the letter, or `standard input`. Where that could be taken for something else, as
/// bytes that are not text could be, the path is quoted as text for a person is.
#[must_use]
pub fn file(source: &Source) -> String {
    match source {
        Source::Stdin | Source::Side(..) | Source::Version(..) => source.to_string(),
        Source::File(path) => match path.to_str() {
            Some(text) if !text.starts_with('`') && text != Source::Stdin.to_string() => verbatim(text).into_owned(),
            _ => QuotedPath(path).to_string(),
        },
    }
}
