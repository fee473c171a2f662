//! The contents of blobs.

use super::bounded::TIME;
use super::{Git, GitError, is_object};
use genome_json as json;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

/// `git cat-file --batch`, which is asked for one blob after another.
#[derive(Debug)]
pub(crate) struct Objects {
    child: Arc<Mutex<Child>>,
    /// Says that a question is asked, and then that it is answered.
    watch: Sender<()>,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    pub(crate) fn of(git: &Git) -> Result<Self, GitError> {
        let mut command = git.command(["cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
        };
        let child = Arc::new(Mutex::new(child));
        let watch = watched(Arc::clone(&child));
        Ok(Self { child, watch, questions, answers: BufReader::new(answers) })
    }

    /// The bytes of a blob; of one that is too large for a genome, just enough that it is refused for that.
    ///
    /// # Errors
    /// It is not here, or git ends.
    pub(crate) fn read(&mut self, blob: &str) -> io::Result<Vec<u8>> {
        // Where nothing watches any more, git was stopped, and has no answer.
        let _ = self.watch.send(());
        let answer = self.answer(blob);
        let _ = self.watch.send(());
        answer
    }

    fn answer(&mut self, blob: &str) -> io::Result<Vec<u8>> {
        if !is_object(blob) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        writeln!(self.questions, "{blob}")?;
        self.questions.flush()?;
        let mut header = String::new();
        (&mut self.answers).take(1000).read_line(&mut header)?;
        if header.is_empty() {
            let message = format!("git ended, or was stopped as it gave no answer within {} seconds", TIME.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
        }
        // gitformat: `<oid> SP <type> SP <size> LF`, and `<oid> SP missing LF`.
        let fields: Vec<&str> = header.trim_end().split(' ').collect();
        let [_, "blob", size] = fields.as_slice() else {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("git does not have the blob {blob} here")));
        };
        let size: u64 = size.parse().map_err(io::Error::other)?;
        let kept = size.min(json::MAX_BYTES as u64 + 1);
        let mut bytes = Vec::new();
        (&mut self.answers).take(kept).read_to_end(&mut bytes)?;
        // With the line feed behind it.
        let rest = io::copy(&mut (&mut self.answers).take(size - kept + 1), &mut io::sink())?;
        if bytes.len() as u64 == kept && rest == size - kept + 1 { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // There is nothing more to be done about it.
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Stops git where an answer takes too long.
fn watched(child: Arc<Mutex<Child>>) -> Sender<()> {
    let (watch, told) = mpsc::channel();
    thread::spawn(move || {
        while told.recv().is_ok() {
            if told.recv_timeout(TIME) == Err(RecvTimeoutError::Timeout) {
                if let Ok(mut child) = child.lock() {
                    let _ = child.kill();
                }
                return;
            }
        }
    });
    watch
}
