//! The standard streams with which a program was started.
//!
//! Before `main`, the standard library opens `/dev/null` in the place of one that is closed, so that no file gets its number: for reading and
//! writing, while a shell's redirection opens it for one of them. What is written there is lost, and what is read from there was never given.
//! Some programs start others with just that on purpose (`subprocess.DEVNULL` of Python, `ignore` of Node, daemon(3)), and nothing tells it
//! apart.

use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
use std::fmt;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use thiserror::Error;

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// Why a stream cannot be read or written. The standard library takes that for the end of the input, or for a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StreamFault {
    /// The program was started with it closed, or in a way that looks the same.
    #[error("is closed, or is /dev/null opened for reading and writing")]
    Closed,
    /// It is open for writing only.
    #[error("is not open for reading")]
    NotReadable,
    /// It is open for reading only.
    #[error("is not open for writing")]
    NotWritable,
}

impl Stream {
    /// Why it cannot be read.
    #[must_use]
    pub fn reading_fault(self) -> Option<StreamFault> {
        self.fault(OFlags::WRONLY, StreamFault::NotReadable)
    }

    /// Why it cannot be written.
    #[must_use]
    pub fn writing_fault(self) -> Option<StreamFault> {
        self.fault(OFlags::RDONLY, StreamFault::NotWritable)
    }

    fn fault(self, wrong_way: OFlags, fault: StreamFault) -> Option<StreamFault> {
        let Ok(flags) = self.with(|fd| fcntl_getfl(fd)) else { return Some(StreamFault::Closed) };
        match flags & OFlags::RWMODE {
            OFlags::RDWR if self.is_null() => Some(StreamFault::Closed),
            mode if mode == wrong_way => Some(fault),
            _ => None,
        }
    }

    /// Whether it is a device that keeps nothing of what is written there, or may not: any but a terminal, where a person reads it.
    #[must_use]
    pub fn is_discarding_device(self) -> bool {
        let is_device = |fd: BorrowedFd<'_>| {
            fstat(fd).is_ok_and(|own| FileType::from_raw_mode(own.st_mode) == FileType::CharacterDevice) && !fd.is_terminal()
        };
        self.with(is_device)
    }

    /// Whether it is `/dev/null`, however it was opened.
    fn is_null(self) -> bool {
        let Ok(null) = stat("/dev/null") else { return false };
        self.with(|fd| fstat(fd)).is_ok_and(|own| (own.st_mode, own.st_rdev) == (null.st_mode, null.st_rdev) && own.st_rdev != 0)
    }

    fn with<T>(self, look: impl Fn(BorrowedFd<'_>) -> T) -> T {
        match self {
            Self::Input => look(io::stdin().as_fd()),
            Self::Output => look(io::stdout().as_fd()),
            Self::Error => look(io::stderr().as_fd()),
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Input => "standard input",
            Self::Output => "standard output",
            Self::Error => "standard error",
        })
    }
}
