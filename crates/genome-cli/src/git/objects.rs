//! The contents of blobs.

use super::{Git, GitError, is_object};
use genome_json as json;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// `git cat-file --batch`, which is asked for one blob after another.
#[derive(Debug)]
pub(crate) struct Objects {
    child: Child,
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
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    /// The bytes of a blob; of one that is too large for a genome, just enough that it is refused for that.
    ///
    /// # Errors
    /// It is not here, or git ends.
    pub(crate) fn read(&mut self, blob: &str) -> io::Result<Vec<u8>> {
        if !is_object(blob) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        writeln!(self.questions, "{blob}")?;
        self.questions.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
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
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
