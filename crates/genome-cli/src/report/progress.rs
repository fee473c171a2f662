//! The progress bar of what takes long.

use genome::Progress;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, Builder};
use std::time::Duration;

/// What takes less needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is drawn.
const TICK: Duration = Duration::from_millis(100);
/// How many cells the bar has.
const CELLS: u64 = 24;

/// Does something, and shows meanwhile on standard error how far it is, if that is a terminal and it takes long. Nothing of the bar is
/// left when it is done.
pub fn with_bar<T>(progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        let draw = move || {
            let mut wait = PATIENCE;
            let mut drawn = 0;
            // Whoever works lets go of the channel.
            while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                // What is before the check of the files has nothing to show.
                if progress.files() > 0 {
                    let line = line(progress);
                    write(&format!("\r{line:drawn$}"));
                    drawn = line.chars().count();
                }
                wait = TICK;
            }
            if drawn > 0 {
                write(&format!("\r{:drawn$}\r", ""));
            }
        };
        // Without a thread there is no bar, which is no reason not to work.
        let _ = Builder::new().spawn_scoped(scope, draw);
        let result = work();
        drop(done);
        result
    })
}

fn line(progress: &Progress) -> String {
    let percent = progress.percent();
    let full = usize::try_from(percent * CELLS / 100).unwrap_or_default();
    let empty = usize::try_from(CELLS).unwrap_or_default() - full;
    let bar = "#".repeat(full) + &"-".repeat(empty);
    format!("[{bar}] {percent:3}%  {} of {} files  {}", progress.files_done(), progress.files(), size(progress.bytes_done()))
}

fn size(bytes: u64) -> String {
    const MEGABYTE: u64 = 1_000_000;
    if bytes < 1000 * MEGABYTE {
        format!("{} MB", bytes / MEGABYTE)
    } else {
        format!("{}.{} GB", bytes / (1000 * MEGABYTE), bytes / (100 * MEGABYTE) % 10)
    }
}

fn write(text: &str) {
    // Where it cannot be written, nobody sees it.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [(0, "0 MB"), (1_999_999, "1 MB"), (999_999_999, "999 MB"), (2_345_678_901, "2.3 GB")] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn the_line_fits_a_terminal() {
        let line = line(&Progress::default());
        assert_eq!(line, "[------------------------]   0%  0 of 0 files  0 MB");
    }
}
