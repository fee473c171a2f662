//! A file descriptor that the caller has opened for the program.

use crate::unbuffered;
use rustix::io::Errno;
#[cfg(target_os = "linux")]
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek as _, SeekFrom};
use std::str::FromStr;
use std::sync::Arc;

/// A file descriptor that the caller has opened for the program. It is taken while the command line is read, when the program has opened
/// nothing itself, and goes to no child.
#[derive(Debug, Clone)]
pub(super) struct Descriptor {
    number: i32,
    file: Arc<File>,
}

impl Descriptor {
    pub(super) fn is_stdin(&self) -> bool {
        self.number == 0
    }

    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }
}

impl FromStr for Descriptor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number: i32 = text.parse().map_err(|_| "not the number of a file descriptor")?;
        let file = match number {
            0 => unbuffered(&io::stdin()),
            3.. => take(number),
            _ => return Err("nothing can be read from there: it is 0, or 3 and above".to_owned()),
        };
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::NotFound => "it is not open; `--passphrase-fd 3 3< FILE` opens it".to_owned(),
            _ => format!("it cannot be read: {error}"),
        })?;
        Ok(Self { number, file: Arc::new(file) })
    }
}

/// Takes what is open under this number, for us alone, and closes the number itself, which a child would inherit.
fn take(number: i32) -> io::Result<File> {
    let path = format!("/dev/fd/{number}");
    // Before the number may become that of a file of ours.
    fs::metadata(&path)?;
    let file = match same_file(number) {
        // An old kernel does not have that, and a sandbox may deny it.
        Err(Errno::NOSYS | Errno::PERM) => open_again(number, &path),
        same => Ok(same?),
    }?;
    nix::unistd::close(number)?;
    Ok(file)
}

/// Another number for the same open file, as of dup(2): what may be read has been decided, and it is read on from where it stands.
#[cfg(target_os = "linux")]
fn same_file(number: i32) -> rustix::io::Result<File> {
    let ourselves = pidfd_open(getpid(), PidfdFlags::empty())?;
    pidfd_getfd(ourselves, number, PidfdGetfdFlags::empty()).map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn same_file(_: i32) -> rustix::io::Result<File> {
    Err(Errno::NOSYS)
}

/// Opens it anew, and goes to where it stands, if it is a file that has such a place and the system tells (proc(5), `fdinfo`).
fn open_again(number: i32, path: &str) -> io::Result<File> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() {
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
        let position = info.lines().find_map(|line| line.strip_prefix("pos:")?.trim().parse().ok());
        file.seek(SeekFrom::Start(position.unwrap_or_default()))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsRawFd as _;

    #[test]
    fn what_is_opened_again_goes_on_from_where_it_stands() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"old\nnew\n").unwrap();
        file.seek(SeekFrom::Start(4)).unwrap();
        let number = file.as_raw_fd();
        let mut rest = String::new();
        open_again(number, &format!("/dev/fd/{number}")).unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "new\n");
    }
}
