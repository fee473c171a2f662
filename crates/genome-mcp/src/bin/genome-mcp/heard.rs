//! The stream of the client, which is cut off from its writer without losing what was written.

use crate::input::Cut;
use crate::until::{Until, Waiting, is_ready, wait_for_hangup};
use nix::unistd::dup2_stdin;
use rustix::fs::{FileType, OFlags, fstat};
use rustix::io::ioctl_fionread;
use rustix::net::{Shutdown, shutdown};
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read};
use std::mem;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, Builder};
use std::time::Duration;

/// How long a pipe stays without a reader at first while something is in it, and at most: who writes meanwhile, or waits for room, gets to know.
const CLOSED: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(16)];

/// Standard input, which the client writes.
#[derive(Debug)]
pub(crate) struct Heard {
    stream: File,
    watch: Option<Watch>,
    closed: Duration,
}

/// A thread that waits for the end of the client, and has the stream open meanwhile.
#[derive(Debug)]
struct Watch {
    waiting: Waiting,
    let_go: Receiver<Infallible>,
}

impl Heard {
    /// The stream, and a thread that says when nobody writes to it any more, whether or not all of it was read. A file waits for nobody: who made it
    /// is gone.
    ///
    /// # Errors
    /// The system does not give what it needs.
    pub(crate) fn watched(stream: File, gone: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (waiting, until) = Until::dropped()?;
        let (holding, let_go) = channel();
        let watched = stream.try_clone()?;
        let is_file = matches!(file_type(&stream)?, FileType::RegularFile | FileType::BlockDevice);
        Builder::new().name("client".to_owned()).spawn(move || {
            let is_gone = is_file || wait_for_hangup(&watched, &until).unwrap_or(false);
            drop(watched);
            drop(holding);
            if is_gone {
                gone();
            }
        })?;
        Ok(Self { stream, watch: Some(Watch { waiting, let_go }), closed: CLOSED[0] })
    }

    /// Ends the watch, and waits until it has closed the stream.
    fn end_watch(&mut self) {
        if let Some(Watch { waiting, let_go }) = self.watch.take() {
            drop(waiting);
            let _ = let_go.recv();
        }
    }

    /// Closes every reading end of a pipe, so that a write fails, and opens one again if anything is left. A pipe cannot be closed on the condition that
    /// it is empty; but it lives, and is asked what it holds, as long as a writing end is open.
    fn cut_pipe(&mut self) -> io::Result<bool> {
        let writing = File::options().write(true).custom_flags(NONBLOCK).open(path_of(&self.stream));
        let (Ok(writing), Ok(nothing)) = (writing, File::open("/dev/null")) else {
            // The pipe is another user's, or there is no /proc.
            return is_ready(self);
        };
        dup2_stdin(nothing)?;
        drop(mem::replace(&mut self.stream, writing));
        if ioctl_fionread(&self.stream)? == 0 {
            return Ok(false);
        }
        thread::sleep(self.closed);
        self.closed = (self.closed * 2).min(CLOSED[1]);
        self.stream = File::open(path_of(&self.stream))?;
        Ok(true)
    }
}

impl Cut for Heard {
    fn cut(&mut self) -> io::Result<bool> {
        // From here on the stream says by itself that nobody writes.
        self.end_watch();
        match file_type(&self.stream)? {
            // What was sent before is still there to be read. The other side may have reset the connection.
            FileType::Socket => {
                let _ = shutdown(&self.stream, Shutdown::Read);
            }
            // Elsewhere a pipe has no path.
            FileType::Fifo if cfg!(target_os = "linux") => return self.cut_pipe(),
            _ => {}
        }
        is_ready(self)
    }
}

impl Read for Heard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl AsFd for Heard {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// As the standard library takes it.
const NONBLOCK: i32 = OFlags::NONBLOCK.bits().cast_signed();

fn file_type(stream: &File) -> io::Result<FileType> {
    Ok(FileType::from_raw_mode(fstat(stream)?.st_mode))
}

/// The path at which Linux opens again what is open.
fn path_of(stream: &File) -> String {
    format!("/proc/self/fd/{}", stream.as_raw_fd())
}
