//! Directories that are made for a file, and taken back where that cannot be written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The directories that were made, the innermost last.
#[derive(Debug, Default)]
pub struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    /// Makes those that are missing above a file.
    ///
    /// # Errors
    /// One cannot be made; those above it are removed again.
    pub fn above(file: &Path) -> io::Result<Self> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let directory = file.parent().unwrap_or(Path::new(""));
        let missing: Vec<&Path> = directory.ancestors().take_while(missing).collect();
        let mut made = Self::default();
        for directory in missing.into_iter().rev() {
            match fs::create_dir(directory) {
                Ok(()) => made.0.push(directory.to_owned()),
                // Another program was faster, or it is `..`.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    made.remove();
                    return Err(error);
                }
            }
        }
        Ok(made)
    }

    /// Removes those that are empty.
    pub fn remove(&self) {
        self.0.iter().rev().for_each(|directory| drop(fs::remove_dir(directory)));
    }
}
