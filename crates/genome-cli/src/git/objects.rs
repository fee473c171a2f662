//! The contents of blobs.

use super::bounded::TIME;
use super::{Git, GitError, is_object, words};
use genome_json as json;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// What it complains about.
    complaints: Option<ChildStderr>,
    /// Whether it took too long, and was stopped.
    is_stopped: Arc<AtomicBool>,
}

impl Objects {
    pub(crate) fn of(git: &Git) -> Result<Self, GitError> {
        let mut command = git.command(["cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
        };
        let complaints = child.stderr.take();
        let (child, is_stopped) = (Arc::new(Mutex::new(child)), Arc::new(AtomicBool::new(false)));
        let watch = watched(Arc::clone(&child), Arc::clone(&is_stopped));
        Ok(Self { child, watch, questions, answers: BufReader::new(answers), complaints, is_stopped })
    }

    /// The bytes of a blob; of one that is too large for a genome, just enough that it is refused for that.
    ///
    /// # Errors
    /// [`GitError::NotHere`], or git ends.
    pub(crate) fn read(&mut self, blob: &str) -> Result<Vec<u8>, GitError> {
        // Where nothing watches any more, git was stopped, and has no answer.
        let _ = self.watch.send(());
        let answer = self.answer(blob);
        let _ = self.watch.send(());
        answer
    }

    fn answer(&mut self, blob: &str) -> Result<Vec<u8>, GitError> {
        if !is_object(blob) {
            return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
        }
        if writeln!(self.questions, "{blob}").and_then(|()| self.questions.flush()).is_err() {
            return Err(self.ended());
        }
        let mut header = String::new();
        (&mut self.answers).take(1000).read_line(&mut header)?;
        if header.is_empty() {
            return Err(self.ended());
        }
        // gitformat: `<oid> SP <type> SP <size> LF`, and `<oid> SP missing LF`.
        let fields: Vec<&str> = header.trim_end().split(' ').collect();
        let [_, "blob", size] = fields.as_slice() else {
            return Err(GitError::NotHere(blob.to_owned()));
        };
        let size: u64 = size.parse().map_err(io::Error::other)?;
        let kept = size.min(json::MAX_BYTES as u64 + 1);
        let mut bytes = Vec::new();
        (&mut self.answers).take(kept).read_to_end(&mut bytes)?;
        // With the line feed behind it.
        let rest = io::copy(&mut (&mut self.answers).take(size - kept + 1), &mut io::sink())?;
        if bytes.len() as u64 == kept && rest == size - kept + 1 { Ok(bytes) } else { Err(self.ended()) }
    }

    /// Why there is no answer any more.
    fn ended(&mut self) -> GitError {
        self.stop();
        if self.is_stopped.load(Ordering::Relaxed) {
            return GitError::Slow(TIME);
        }
        let mut said = Vec::new();
        if let Some(complaints) = self.complaints.take() {
            // What cannot be read is said by nobody else.
            let _ = complaints.take(4096).read_to_end(&mut said);
        }
        GitError::Said(words(&said))
    }

    fn stop(&self) {
        // There is nothing more to be done about it.
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Stops git where an answer takes too long, and says so.
fn watched(child: Arc<Mutex<Child>>, is_stopped: Arc<AtomicBool>) -> Sender<()> {
    let (watch, told) = mpsc::channel();
    thread::spawn(move || {
        while told.recv().is_ok() {
            if told.recv_timeout(TIME) == Err(RecvTimeoutError::Timeout) {
                is_stopped.store(true, Ordering::Relaxed);
                if let Ok(mut child) = child.lock() {
                    let _ = child.kill();
                }
                return;
            }
        }
    });
    watch
}
