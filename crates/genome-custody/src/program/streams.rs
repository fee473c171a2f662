//! The standard streams of a program that runs: none of them is waited for alone.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use std::io::{self, ErrorKind, PipeReader, Read, Write as _};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::Instant;

/// How much is kept of what a program says on standard error.
const MOST_SAID: usize = 4096;

/// The streams of a program, as long as they are open, and what came through them.
pub(super) struct Streams {
    stdin: Option<ChildStdin>,
    input: Vec<u8>,
    written: usize,
    stdout: Option<ChildStdout>,
    output: Vec<u8>,
    most_output: usize,
    stderr: Option<ChildStderr>,
    said: Vec<u8>,
}

impl Streams {
    /// The streams of a program that has just been started, and that gets this input.
    pub(super) fn of(child: &mut Child, input: Vec<u8>, most_output: usize) -> io::Result<Self> {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // Only the ends that we hold: the program's own are others (pipe(7)).
        stdin.iter().try_for_each(|stream| ioctl_fionbio(stream, true))?;
        stdout.iter().try_for_each(|stream| ioctl_fionbio(stream, true))?;
        stderr.iter().try_for_each(|stream| ioctl_fionbio(stream, true))?;
        Ok(Self { stdin, input, written: 0, stdout, output: Vec::new(), most_output, stderr, said: Vec::new() })
    }

    /// Waits until one of the streams is ready, the program has ended, or its time is over. Returns whether it has ended.
    pub(super) fn wait(&self, ended: &PipeReader, deadline: Instant) -> io::Result<bool> {
        let mut watched = vec![PollFd::new(ended, PollFlags::IN)];
        watched.extend(self.stdin.iter().map(|stream| PollFd::new(stream, PollFlags::OUT)));
        watched.extend(self.stdout.iter().map(|stream| PollFd::new(stream, PollFlags::IN)));
        watched.extend(self.stderr.iter().map(|stream| PollFd::new(stream, PollFlags::IN)));
        loop {
            let left = Timespec::try_from(deadline.saturating_duration_since(Instant::now())).ok();
            match poll(&mut watched, left.as_ref()) {
                Err(Errno::INTR) => {}
                ready => {
                    ready?;
                    break;
                }
            }
        }
        Ok(watched.first().is_some_and(|ended| !ended.revents().is_empty()))
    }

    /// Writes and reads as much as can be without waiting. A program need not read its input.
    pub(super) fn transfer(&mut self) {
        if let Some(stdin) = &mut self.stdin {
            let rest = self.input.get(self.written..).unwrap_or_default();
            match if rest.is_empty() { Ok(0) } else { stdin.write(rest) } {
                Ok(written) if written < rest.len() => self.written += written,
                Err(error) if is_later(&error) => {}
                // All of it is there, or nobody wants it. Closed, it ends for the program too.
                _ => self.stdin = None,
            }
        }
        let most = self.most_output + 1;
        take(&mut self.stdout, &mut self.output, most);
        take(&mut self.stderr, &mut self.said, MOST_SAID);
    }

    /// Reads what a program has left in the pipes, which may never end.
    pub(super) fn take_rest(&mut self) {
        while self.output.len() <= self.most_output && take(&mut self.stdout, &mut self.output, self.most_output + 1) {}
        while self.said.len() < MOST_SAID && take(&mut self.stderr, &mut self.said, MOST_SAID) {}
    }

    /// Whether the program has printed more than it may.
    pub(super) fn has_too_much(&self) -> bool {
        self.output.len() > self.most_output
    }

    pub(super) fn into_output(self) -> Vec<u8> {
        self.output
    }

    /// The start of what it said on standard error.
    pub(super) fn said(&self) -> String {
        String::from_utf8_lossy(&self.said).into_owned()
    }
}

/// Reads once from a stream, without waiting, and keeps as much as that many bytes have room for; the rest is lost, as a program that says
/// more must not wait for somebody who listens. Returns whether there may be more.
fn take<S: Read>(stream: &mut Option<S>, kept: &mut Vec<u8>, most: usize) -> bool {
    let mut buffer = [0; 4096];
    match stream.as_mut().map(|stream| stream.read(&mut buffer)) {
        None => false,
        Some(Ok(read)) if read > 0 => {
            let room = most.saturating_sub(kept.len()).min(read);
            kept.extend_from_slice(buffer.get(..room).unwrap_or_default());
            true
        }
        Some(Err(error)) if is_later(&error) => error.kind() == ErrorKind::Interrupted,
        Some(_) => {
            *stream = None;
            false
        }
    }
}

fn is_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
