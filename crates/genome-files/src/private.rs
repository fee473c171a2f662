//! Files that hold secrets: whether anybody else could have read them, or written them.

use crate::walk::{Step, walk};
use crate::{OpenError, OpenFile, open_directory, path_in_variable};
use genome::manifest::FileKind;
use genome_json::text::shell_path;
use rustix::fs::{Stat, StatVfsMountFlags, fstat, fstatvfs, stat};
use rustix::process::geteuid;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What others than the owner may do with a file.
const OF_OTHERS: u32 = 0o077;
/// What of that is never accepted.
const WRITABLE_BY_OTHERS: u32 = 0o022;

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
        /// Whether it belongs to this user, who can change them.
        is_own: bool,
    },
}

impl Exposed {
    /// What to do about the file at this path.
    #[must_use]
    pub fn hint(&self, path: &Path) -> String {
        match self {
            Self::Foreign { .. } => format!("use a file of your own, or of root{MOUNTED}"),
            Self::Shared { is_own: true, .. } => format!("chmod 600 {}", shell_path(path)),
            // With mode 600 root alone could read it.
            Self::Shared { .. } => format!("use a file of your own, of mode 0600{MOUNTED}"),
        }
    }
}

/// How those who mount secrets give a file to one user.
const MOUNTED: &str = "; in a container, mount it read-only: a Secret of Kubernetes with `defaultMode: 0400`, a secret of Docker with `uid` and `mode: 0400`";

/// Opens a file that holds a secret, such as a private key, a passphrase or a PIN; or a pipe or a terminal that the caller has open. The open
/// file is checked, so that nobody can replace it meanwhile.
///
/// - It belongs to this user or to root, and nobody but its owner may use it.
/// - Others may read it, and nobody else write it, where it was given to this process so and this user cannot change that: below
///   `$CREDENTIALS_DIRECTORY` (systemd.exec(5)), if nobody else may search that, or on a mount for reading only that is not that of `/`.
/// - A pipe without a name has no readers but those who hold it; a FIFO has a name by which others may open it too, and so is under the
///   rule for files.
///
/// # Errors
/// It cannot be opened, or is neither a regular file nor a pipe or a terminal that the caller has open; or others can get at it.
pub fn open_private(path: &Path) -> Result<OpenFile, PrivateError> {
    let file = OpenFile::open(path)?;
    let is_named = match file.kind() {
        None => true,
        Some(FileKind::Fifo) => has_name(&file)?,
        Some(_) => false,
    };
    match exposed(file.seen()) {
        Some(exposed) if is_named && !is_given(&exposed, &file, credentials().as_deref()) => Err(exposed.into()),
        _ => Ok(file),
    }
}

/// Who else can get at it, as far as its owner and its mode say.
fn exposed(seen: &Stat) -> Option<Exposed> {
    let (owner, mode, user) = (seen.st_uid, seen.st_mode & 0o7777, geteuid().as_raw());
    if ![0, user].contains(&owner) {
        Some(Exposed::Foreign { owner })
    } else if mode & OF_OTHERS != 0 {
        Some(Exposed::Shared { mode, is_own: owner == user })
    } else {
        None
    }
}

/// Whether others may read a file only because it was given to this process so.
fn is_given(exposed: &Exposed, file: &OpenFile, credentials: Option<&Path>) -> bool {
    let is_only_read = matches!(exposed, Exposed::Shared { mode, .. } if mode & WRITABLE_BY_OTHERS == 0);
    is_only_read
        && file.kind().is_none()
        && (is_mounted_for_reading(file) || credentials.is_some_and(|credentials| is_credential(file, credentials)))
}

/// The directory of the credentials that systemd gives a service. A path that is none is that of no credential.
fn credentials() -> Option<PathBuf> {
    path_in_variable("CREDENTIALS_DIRECTORY").ok().flatten().filter(|path| path.is_absolute())
}

/// Whether the open file is below this directory, into which nobody can look but root, its owner and its group, for which systemd enters an
/// access control list.
fn is_credential(file: &OpenFile, credentials: &Path) -> bool {
    let Ok(home) = open_directory(credentials).map_err(Into::into).and_then(|home| Ok::<_, std::io::Error>(fstat(home)?)) else {
        return false;
    };
    let is_private = [0, geteuid().as_raw()].contains(&home.st_uid) && home.st_mode & 0o027 == 0;
    let (mut inside, mut end) = (None, None);
    let walked = walk(file.path(), |Step { path, stat }| {
        end = Some((stat.st_dev, stat.st_ino));
        if end == Some((home.st_dev, home.st_ino)) {
            inside = Some(path);
        } else if inside.as_ref().is_some_and(|inside| !path.starts_with(inside)) {
            inside = None;
        }
        ControlFlow::<std::convert::Infallible>::Continue(())
    });
    // Its path leads through that very directory to this very file.
    is_private && walked.is_ok() && inside.is_some() && end == Some(file.identity())
}

/// Whether the open file is on a mount through which nobody can write, as those of secrets in a container are. That of `/` says nothing: it
/// holds the whole system, and a service may see all of that so (`ProtectSystem=`) while others write it.
fn is_mounted_for_reading(file: &OpenFile) -> bool {
    let is_for_reading = fstatvfs(file.file()).is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::RDONLY));
    is_for_reading && stat("/").is_ok_and(|root| root.st_dev != file.identity().0)
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

    fn opened(path: &Path) -> Result<(), PrivateError> {
        open_private(path).map(drop)
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
                    Err(PrivateError::Exposed(Exposed::Shared { mode: said, is_own: true })) => {
                        assert!(!may && said == mode, "{mode:o}");
                    }
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
        assert!(opened(Path::new(&format!("/proc/self/fd/{}", reader.as_raw_fd()))).is_ok());
        let directory = tempfile::tempdir().unwrap();
        let fifo = directory.path().join("fifo");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert!(matches!(opened(&fifo), Err(PrivateError::Open(OpenError::NotAFile(FileKind::Fifo)))));
    }

    /// As systemd makes it: the group's bits are the mask of an access control list. The directory counts that is there, and the file that is
    /// open, whatever their names.
    #[test]
    fn a_credential_is_below_the_directory_that_only_this_user_can_search() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["credentials/deep", "outside"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        for name in ["credentials/key", "credentials/deep/key", "outside/key"] {
            fs::write(at(name), "x").unwrap();
        }
        symlink("../outside/key", at("credentials/out")).unwrap();
        symlink("../credentials/key", at("outside/in")).unwrap();
        symlink("credentials", at("link")).unwrap();
        let set = |name: &str, mode| fs::set_permissions(at(name), Permissions::from_mode(mode)).unwrap();
        let given = |name: &str, credentials: &Path| {
            let file = OpenFile::open(&at(name)).unwrap();
            exposed(file.seen()).is_some_and(|exposed| is_given(&exposed, &file, Some(credentials)))
        };
        let credentials = at("credentials");
        for (mode, may) in [(0o440, true), (0o444, true), (0o640, true), (0o460, false), (0o446, false), (0o666, false)] {
            for name in ["credentials/key", "credentials/deep/key", "outside/key"] {
                set(name, mode);
            }
            for (directory, is_private) in [(0o700, true), (0o550, true), (0o555, false), (0o770, false), (0o701, false)] {
                set("credentials", directory);
                for name in ["credentials/key", "credentials/deep/key", "outside/in", "link/key"] {
                    assert_eq!(given(name, &credentials), may && is_private, "{name} {mode:o} {directory:o}");
                }
            }
            set("credentials", 0o700);
            assert_eq!(given("credentials/key", &at("link")), may);
            for name in ["outside/key", "credentials/../outside/key"] {
                assert!(!given(name, &credentials), "{name} {mode:o}");
            }
            assert!(!given("credentials/out", &credentials), "a link leads out");
            assert!(!given("credentials/key", &at("none")) && !given("credentials/key", &at("outside")));
        }
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
        assert!(open_private(Path::new(&path)).is_ok());
        fs::set_permissions(&fifo, Permissions::from_mode(0o644)).unwrap();
        let shared = open_private(Path::new(&path));
        assert!(matches!(shared, Err(PrivateError::Exposed(Exposed::Shared { mode: 0o644, is_own: true }))), "{shared:?}");
        fs::set_permissions(&fifo, Permissions::from_mode(0o600)).unwrap();
        // Only root can give it away.
        if chown(&fifo, Some(12345), None).is_ok() {
            let foreign = open_private(Path::new(&path));
            assert!(matches!(foreign, Err(PrivateError::Exposed(Exposed::Foreign { owner: 12345 }))), "{foreign:?}");
        }
        // A pipe has no name, and whoever is handed it need not have made it.
        let (reader, _writer) = io::pipe().unwrap();
        fchmod(&reader, Mode::RUSR | Mode::RGRP).unwrap();
        assert!(open_private(Path::new(&format!("/proc/self/fd/{}", reader.as_raw_fd()))).is_ok());
    }
}
