//! A socket in the file system: made with its mode and its group before anybody can connect, never in the place of one that answers, and removed
//! by who made it.

use crate::destination::lock;
use crate::directory::directory_of;
use crate::identity::Identity;
use crate::open_directory_of;
use rustix::fs::{AtFlags, FileType, Gid, Mode, chownat, statat};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket_with};
use rustix::process::umask;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// A socket in the file system, which is removed when this is dropped, unless another has taken its place.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    identity: Identity,
}

impl SocketFile {
    /// Listens at a path, with this mode and, if one is given, this group. A socket that is there and at which nobody answers is replaced: a
    /// server that was killed leaves one behind.
    ///
    /// Changes the umask of the process for a moment: to be called before other threads make files.
    ///
    /// # Errors
    /// A program answers there ([`ErrorKind::AddrInUse`]), something else than a stream socket is there ([`ErrorKind::AlreadyExists`]), the path is
    /// longer than an address may be ([`ErrorKind::InvalidFilename`]), or the directory does not let it.
    pub fn listen(path: &Path, mode: u32, group: Option<u32>, queue: i32) -> io::Result<(UnixListener, Self)> {
        // While it is held, no other server of ours takes the same socket for one at which nobody answers.
        let directory = open_directory_of(path)?;
        lock(&directory, directory_of(path), || {})?;
        let address = SocketAddrUnix::new(path).map_err(|_| io::Error::from(ErrorKind::InvalidFilename))?;
        let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?;
        // By its name in the directory that is open: somebody may change what the path leads to.
        remove_stale(&directory, name, &address)?;
        let socket = unix_socket(SocketFlags::CLOEXEC)?;
        let before = umask(Mode::from_raw_mode(!mode & 0o777));
        let bound = bind(&socket, &address);
        umask(before);
        bound?;
        // From here on it is removed whatever fails.
        let file = Self { path: path.to_owned(), identity: found(&directory, name)?.ok_or(ErrorKind::NotFound)? };
        // Until it listens nobody can connect.
        let ready = given_to(&directory, name, group).and_then(|()| Ok(listen(&socket, queue)?));
        // To be removed it takes the same lock.
        drop(directory);
        ready?;
        Ok((UnixListener::from(socket), file))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let Ok(directory) = open_directory_of(&self.path) else { return };
        // A server that starts meanwhile replaces it under the same lock.
        if let (Ok(()), Some(name)) = (lock(&directory, directory_of(&self.path), || {}), self.path.file_name()) {
            let _ = self.identity.remove(&directory, name);
        }
    }
}

fn given_to(directory: &File, name: &OsStr, group: Option<u32>) -> io::Result<()> {
    let Some(group) = group else { return Ok(()) };
    Ok(chownat(directory, name, None, Some(Gid::from_raw(group)), AtFlags::SYMLINK_NOFOLLOW)?)
}

fn unix_socket(flags: SocketFlags) -> io::Result<OwnedFd> {
    Ok(socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?)
}

/// The socket of this name, `None` where nothing is.
fn found(directory: &File, name: &OsStr) -> io::Result<Option<Identity>> {
    match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) if FileType::from_raw_mode(found.st_mode) == FileType::Socket => Ok(Some(Identity::from(&found))),
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes a socket at which nobody answers.
fn remove_stale(directory: &File, name: &OsStr, address: &SocketAddrUnix) -> io::Result<()> {
    let Some(stale) = found(directory, name)? else { return Ok(()) };
    // It does not wait for a server whose queue is full.
    match connect(unix_socket(SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?, address) {
        Err(Errno::CONNREFUSED) => stale.remove(directory, name).map(drop),
        Ok(()) | Err(Errno::AGAIN) => Err(ErrorKind::AddrInUse.into()),
        // One of datagrams, to which another program listens.
        Err(Errno::PROTOTYPE) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) => Err(error.into()),
    }
}
