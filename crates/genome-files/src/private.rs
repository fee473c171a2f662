//! Files that hold secrets: whether anybody else could have read them, or written them.

use crate::{OpenError, OpenFile};
use genome::manifest::FileKind;
use rustix::process::geteuid;
use std::path::Path;
use thiserror::Error;

/// What others than the owner may do with a file.
const OF_OTHERS: u32 = 0o077;

/// Why a file is not used for a secret.
#[derive(Debug, Error)]
pub enum PrivateError {
    /// It was not opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Others can read or write it.
    #[error(transparent)]
    Exposed(#[from] Exposed),
}

/// Who else can read or write a file that holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Exposed {
    /// It belongs to somebody else than this user or root.
    #[error("it belongs to another user, number {owner}, who can read and change it")]
    Foreign {
        /// The number of its owner.
        owner: u32,
    },
    /// Others than its owner may use it.
    #[error("others than its owner can get at it, as its mode is {mode:04o}")]
    Shared {
        /// Its permissions.
        mode: u32,
    },
}

/// Opens a regular file that holds a secret, such as a private key, a passphrase or a PIN. It belongs to this user or to root, and nobody
/// but its owner may use it. The open file is checked, so that nobody can replace it meanwhile.
///
/// # Errors
/// It cannot be opened, or is not a regular file; or others can get at it.
pub fn open_private(path: &Path) -> Result<OpenFile, PrivateError> {
    private(OpenFile::open_regular(path)?)
}

/// Opens such a file, or a pipe or a terminal that the caller has open. A pipe without a name has no readers but those who hold it; a FIFO has a
/// name by which others may open it too, and so is under the rule for files.
///
/// # Errors
/// As [`open_private`], except for a pipe or a terminal that the caller has open.
pub fn open_private_or_held(path: &Path) -> Result<OpenFile, PrivateError> {
    private(OpenFile::open(path)?)
}

fn private(file: OpenFile) -> Result<OpenFile, PrivateError> {
    let (owner, mode) = (file.seen().st_uid, file.seen().st_mode & 0o7777);
    let is_named = match file.kind() {
        None => true,
        Some(FileKind::Fifo) => has_name(&file)?,
        Some(_) => false,
    };
    if is_named && ![0, geteuid().as_raw()].contains(&owner) {
        Err(Exposed::Foreign { owner }.into())
    } else if is_named && mode & OF_OTHERS != 0 {
        Err(Exposed::Shared { mode }.into())
    } else {
        Ok(file)
    }
}

/// Whether a pipe is a FIFO, in some directory (pipe(7)).
#[cfg(target_os = "linux")]
fn has_name(pipe: &OpenFile) -> Result<bool, OpenError> {
    // statfs(2), `PIPEFS_MAGIC`.
    const NAMELESS: u64 = 0x5049_5045;
    Ok(u64::try_from(rustix::fs::fstatfs(pipe.file())?.f_type).ok() != Some(NAMELESS))
}

/// A pipe without a name belongs to its maker, and has no mode by which others could open it.
#[cfg(not(target_os = "linux"))]
fn has_name(_: &OpenFile) -> Result<bool, OpenError> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, fchmod, mknodat};
    use std::fs::{self, Permissions};
    use std::io;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    /// Both ways have one rule for a file.
    fn opened(path: &Path) -> Result<(), PrivateError> {
        let [one, other] = [open_private, open_private_or_held].map(|open| open(path).map(drop));
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
        one
    }

    #[test]
    fn what_others_can_get_at_is_no_secret() {
        let directory = tempfile::tempdir().unwrap();
        let [path, link] = ["secret", "link"].map(|name| directory.path().join(name));
        fs::write(&path, "x").unwrap();
        // The file counts, not the link to it, whose mode means nothing.
        symlink(&path, &link).unwrap();
        for (mode, may) in
            [(0o600, true), (0o400, true), (0o700, true), (0o640, false), (0o604, false), (0o620, false), (0o601, false)]
        {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            for path in [&path, &link] {
                match opened(path) {
                    Err(PrivateError::Exposed(Exposed::Shared { mode: said })) => assert!(!may && said == mode, "{mode:o}"),
                    opened => assert!(may && opened.is_ok(), "{mode:o}: {opened:?}"),
                }
            }
        }
        assert!(matches!(opened(directory.path()), Err(PrivateError::Open(OpenError::NotAFile(FileKind::Directory)))));
    }

    #[test]
    fn it_belongs_to_this_user_or_to_root() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        // Only root can give a file away.
        if chown(&path, Some(12345), None).is_ok() {
            assert!(matches!(opened(&path), Err(PrivateError::Exposed(Exposed::Foreign { owner: 12345 }))));
        }
    }

    #[test]
    fn only_what_is_held_may_be_a_pipe() {
        let (reader, _writer) = io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
        assert!(open_private_or_held(Path::new(&path)).is_ok());
        assert!(matches!(open_private(Path::new(&path)), Err(PrivateError::Open(OpenError::NotAFile(FileKind::Fifo)))));
    }

    /// Whoever may open a FIFO by its name may read what comes through it, whoever holds it.
    #[test]
    fn a_fifo_that_is_held_is_private_as_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let fifo = directory.path().join("fifo");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        // Opened for both, nobody is waited for (fifo(7)).
        let held = fs::OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
        let path = format!("/proc/self/fd/{}", held.as_raw_fd());
        assert!(open_private_or_held(Path::new(&path)).is_ok());
        fs::set_permissions(&fifo, Permissions::from_mode(0o644)).unwrap();
        let shared = open_private_or_held(Path::new(&path));
        assert!(matches!(shared, Err(PrivateError::Exposed(Exposed::Shared { mode: 0o644 }))), "{shared:?}");
        fs::set_permissions(&fifo, Permissions::from_mode(0o600)).unwrap();
        // Only root can give it away.
        if chown(&fifo, Some(12345), None).is_ok() {
            let foreign = open_private_or_held(Path::new(&path));
            assert!(matches!(foreign, Err(PrivateError::Exposed(Exposed::Foreign { owner: 12345 }))), "{foreign:?}");
        }
        // A pipe has no name, and whoever is handed it need not have made it.
        let (reader, _writer) = io::pipe().unwrap();
        fchmod(&reader, Mode::RUSR | Mode::RGRP).unwrap();
        assert!(open_private_or_held(Path::new(&format!("/proc/self/fd/{}", reader.as_raw_fd()))).is_ok());
    }
}
