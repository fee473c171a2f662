//! Makes a proposal with the next number.

use super::directory::{hold, next_number};
use super::fault::{PROPOSAL, trouble};
use super::making::{Draft, genomes_of, text};
use super::report::print_directory;
use super::title::words;
use crate::unwritten::Unwritten;
use crate::{Exit, Failure};
use genome::proposal::ProposalNumber;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::Path;

/// How a person names the genome before.
pub(super) const OPTION: &str = "--from OLD";

/// Makes a proposal with this title, and the next number, below the directory of the proposals.
pub(crate) fn propose(title: &OsStr, proposals: &Path, from: Option<&Path>, new: &Path) -> Result<Exit, Failure> {
    let Some(title) = title.to_str() else {
        return Err(trouble(proposals, "the title is not UTF-8", "give it as UTF-8"));
    };
    let [old, new] = genomes_of(from, new, proposals, OPTION)?;
    let draft = Draft::of(&old, &new, proposals)?;
    // What could not be read back is refused before anything is made.
    text(&draft.proposal(ProposalNumber::FIRST, title), proposals)?;
    let made = Made::directory(proposals)?;
    // The number is not known before the directory is held.
    let words = words(title);
    let folder = hold(&proposals.join(format!("NNNN-{words}")), proposals)?;
    let number = next_number(proposals, folder.above())?;
    let name = OsString::from(format!("{number}-{words}"));
    let directory = proposals.join(&name);
    draft.write(&directory, folder.with_name(&name), number, title)?;
    made.keep();
    print_directory(&directory)?;
    Ok(Exit::Done)
}

/// The directory of the proposals, if it was made: it is taken away again where nothing comes into it.
struct Made<'p>(Option<&'p Path>);

impl<'p> Made<'p> {
    fn directory(path: &'p Path) -> Result<Self, Failure> {
        match fs::create_dir(path) {
            Ok(()) => Ok(Self(Some(path))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Self(None)),
            Err(error) => {
                let failure = Unwritten { what: "the directory of the proposals", ..PROPOSAL }.at(path, &error);
                let is_missing = error.kind() == io::ErrorKind::NotFound;
                let above = |_: &str| "nothing was changed; make the directory above it first".to_owned();
                Err(if is_missing { failure.with_hint(above) } else { failure })
            }
        }
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // Where another program has made something there, it stays.
        self.0.into_iter().for_each(|path| drop(fs::remove_dir(path)));
    }
}
