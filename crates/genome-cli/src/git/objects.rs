//! The contents of blobs.

use super::bounded::TIME;
use super::{Git, GitError, is_object, words};
use genome_json as json;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

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
    /// How long an answer may take.
    time: Duration,
    /// Whether it took too long, and was stopped.
    is_stopped: Arc<AtomicBool>,
}

impl Objects {
    pub(crate) fn of(git: &Git) -> Result<Self, GitError> {
        Self::start(git.command(["cat-file", "--batch"]), TIME)
    }

    fn start(mut command: Command, time: Duration) -> Result<Self, GitError> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
        };
        let complaints = child.stderr.take();
        let (child, is_stopped) = (Arc::new(Mutex::new(child)), Arc::new(AtomicBool::new(false)));
        let watch = watched(Arc::clone(&child), Arc::clone(&is_stopped), time);
        Ok(Self { child, watch, questions, answers: BufReader::new(answers), complaints, time, is_stopped })
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
        // git-cat-file(1): `<oid> SP <type> SP <size> LF` and the contents, `<oid> SP missing LF`, and other lines where it cannot tell.
        let header = header.trim_end();
        let fields: Vec<&str> = header.split(' ').collect();
        match fields.as_slice() {
            [_, "missing"] => Err(GitError::NotHere(blob.to_owned())),
            [_, kind, size] => {
                let bytes = self.contents(size.parse().map_err(io::Error::other)?)?;
                if *kind == "blob" { Ok(bytes) } else { Err(GitError::Said(words(header.as_bytes()))) }
            }
            _ => Err(GitError::Said(words(header.as_bytes()))),
        }
    }

    /// The contents of an object of this size, of which no more is kept than tells that it is too large.
    fn contents(&mut self, size: u64) -> Result<Vec<u8>, GitError> {
        let kept = size.min(json::MAX_BYTES as u64 + 1);
        let mut bytes = Vec::new();
        (&mut self.answers).take(kept).read_to_end(&mut bytes)?;
        // With the line feed behind it.
        let behind = (size - kept).saturating_add(1);
        let rest = io::copy(&mut (&mut self.answers).take(behind), &mut io::sink())?;
        if bytes.len() as u64 == kept && rest == behind { Ok(bytes) } else { Err(self.ended()) }
    }

    /// Why there is no answer any more.
    fn ended(&mut self) -> GitError {
        self.stop();
        if self.is_stopped.load(Ordering::Relaxed) {
            return GitError::Slow(self.time);
        }
        let mut said = Vec::new();
        if let Some(complaints) = self.complaints.take() {
            // If that cannot be read either, there is nothing to show.
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
fn watched(child: Arc<Mutex<Child>>, is_stopped: Arc<AtomicBool>, time: Duration) -> Sender<()> {
    let (watch, told) = mpsc::channel();
    thread::spawn(move || {
        while told.recv().is_ok() {
            if told.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use genome_test_support::git::WorkTree;

    #[test]
    fn an_answer_that_takes_too_long_is_not_waited_for() {
        let short = Duration::from_millis(50);
        let mut sleep = Command::new("sleep");
        sleep.arg("1000");
        let mut objects = Objects::start(sleep, short).unwrap();
        for _ in 0..2 {
            let slow = objects.read(&"a".repeat(40));
            assert!(matches!(slow, Err(GitError::Slow(time)) if time == short), "{slow:?}");
        }
    }

    #[test]
    fn only_what_is_missing_is_said_to_be() {
        let Some(tree) = WorkTree::new() else { return };
        tree.write("a.json", "{}");
        tree.commit();
        let [blob, other] = ["HEAD:a.json", "HEAD^{tree}"].map(|name| tree.git(&["rev-parse", name]).trim().to_owned());
        let mut cat_file = tree.command("git");
        cat_file.args(["cat-file", "--batch"]);
        let mut objects = Objects::start(cat_file, TIME).unwrap();
        let missing = objects.read(&"a".repeat(40));
        assert!(matches!(missing, Err(GitError::NotHere(_))), "{missing:?}");
        let said = objects.read(&other);
        assert!(matches!(&said, Err(GitError::Said(words)) if words.starts_with(&format!("{other} tree "))), "{said:?}");
        // The next answer is read from its beginning.
        assert_eq!(objects.read(&blob).unwrap(), b"{}");
    }
}
