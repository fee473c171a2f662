use rustix::termios::{QueueSelector, tcflush};
use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};

/// Asks a question on the controlling terminal. Only `y` and `yes` are a yes.
///
/// # Errors
/// There is no terminal, or nobody answers.
pub fn confirm(question: &str) -> io::Result<bool> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    // What was typed before it was asked is no answer.
    tcflush(&terminal, QueueSelector::IFlush)?;
    terminal.write_all(format!("{question} [y/N] ").as_bytes())?;
    let mut answer = String::new();
    if BufReader::new(terminal.take(256)).read_line(&mut answer)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
