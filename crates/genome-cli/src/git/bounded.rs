//! A program that must end in time, and whose answer must have an end.

use super::GitError;
use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long git may take: it waits without end for a pipe that somebody put where it reads its settings.
pub(super) const TIME: Duration = Duration::from_mins(1);

/// How much it may say.
pub(super) const SIZE: u64 = 256 << 20;

/// What a command prints; it is stopped where it takes longer, or says more.
pub(super) fn output(command: &mut Command, time: Duration, size: u64) -> Result<Output, GitError> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let ended = wait(&mut child, time, size);
    if ended.is_err() {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    ended
}

fn wait(child: &mut Child, time: Duration, size: u64) -> Result<Output, GitError> {
    let end = Instant::now() + time;
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        read(stdout, size, true, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        read(stderr, size, false, sender);
    }
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let left = end.saturating_duration_since(Instant::now());
        let (is_stdout, bytes) = receiver.recv_timeout(left).map_err(|_timeout| GitError::Slow(time))?;
        let bytes = bytes?;
        if bytes.len() as u64 > size {
            return Err(GitError::Long(size));
        }
        if is_stdout {
            stdout = bytes;
        } else {
            stderr = bytes;
        }
    }
    // It has closed both streams, and may run still.
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Output { status, stdout, stderr });
        }
        if Instant::now() >= end {
            return Err(GitError::Slow(time));
        }
        thread::sleep(Duration::from_millis(1));
    }
}

type Sent = (bool, std::io::Result<Vec<u8>>);

fn read(stream: impl Read + Send + 'static, size: u64, is_stdout: bool, sender: mpsc::Sender<Sent>) {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.take(size + 1).read_to_end(&mut bytes).map(|_| bytes);
        // The other side may have given up.
        let _ = sender.send((is_stdout, read));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_or_says_too_much_is_stopped() {
        let short = Duration::from_millis(50);
        let slow = output(Command::new("sleep").arg("1000"), short, SIZE);
        assert!(matches!(slow, Err(GitError::Slow(time)) if time == short), "{slow:?}");
        let long = output(Command::new("cat").arg("/dev/zero"), TIME, 1000);
        assert!(matches!(long, Err(GitError::Long(1000))), "{long:?}");
        let said = output(Command::new("printf").arg("yes"), TIME, 3).unwrap();
        assert!(said.status.success() && said.stdout == b"yes");
    }
}
