//! What the caller has open already, under the paths by which it is named.

use super::error::OpenError;
use super::kind::is_same;
use crate::Stream;
use crate::walk::walk;
use rustix::fs::{FileType, Stat, stat};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// The directories in which a process finds what it has open (proc(5)).
const DESCRIPTORS: [&str; 3] = ["/proc/self/fd", "/proc/thread-self/fd", "/dev/fd"];

/// The path by which what the caller has open can be opened once more, if that is where this path leads. What the standard library has put in
/// the place of a standard stream that was closed must not pass for an empty document, nor for a device.
pub(super) fn held(path: &Path) -> Result<Option<PathBuf>, OpenError> {
    let ours = descriptor(path);
    ours.as_deref().and_then(standard).map_or(Ok(()), readable)?;
    Ok(ours)
}

/// The path by which what the caller has open can be opened once more, if that is where this path leads.
fn descriptor(path: &Path) -> Option<PathBuf> {
    let homes: Vec<(&str, Stat)> = DESCRIPTORS.iter().filter_map(|home| Some((*home, stat(*home).ok()?))).collect();
    let mut above: Option<(&str, Stat)> = None;
    let found = walk(path, |step| {
        let is_link = FileType::from_raw_mode(step.stat.st_mode) == FileType::Symlink;
        if let (Some((home, _)), Some(name)) = (above, step.path.file_name())
            && is_link
        {
            return ControlFlow::Break(Path::new(home).join(name));
        }
        above = homes.iter().find(|(_, home)| is_same(home, &step.stat)).copied();
        ControlFlow::Continue(())
    });
    match found {
        Ok(ControlFlow::Break(descriptor)) => Some(descriptor),
        // It existed when it was examined, and has been replaced or removed since.
        Ok(ControlFlow::Continue(_)) | Err(_) => None,
    }
}

/// The standard stream that has this number.
fn standard(descriptor: &Path) -> Option<Stream> {
    match descriptor.file_name()?.to_str()? {
        "0" => Some(Stream::Input),
        "1" => Some(Stream::Output),
        "2" => Some(Stream::Error),
        _ => None,
    }
}

pub(super) fn readable(stream: Stream) -> Result<(), OpenError> {
    stream.reading_fault().map_or(Ok(()), |fault| Err(OpenError::Stream(stream, fault)))
}
