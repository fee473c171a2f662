//! The progress bar for the check of a manifest, where a person waits for it.

use genome_files::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::env;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, Builder};
use std::time::Duration;

/// The time after which a bar is drawn.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is drawn.
const TICK: Duration = Duration::from_millis(100);
/// The template. It shows numbers only, and no text that comes from a file.
const LINE: &str = "[{wide_bar}] {percent:>3}%  {msg}  {decimal_bytes}  {decimal_bytes_per_sec}  {eta} left";

/// Does something, and shows its progress on standard error, if that is a terminal and it takes long. The bar is removed at the end. A
/// terminal that cannot move its cursor shows none (`TERM`), nor does the log of a CI system (`CI`).
pub fn with_bar<T>(progress: &Progress, work: impl FnOnce() -> T) -> T {
    let target = ProgressDrawTarget::stderr();
    if target.is_hidden() || env::var_os("CI").is_some_and(|value| !value.is_empty()) {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        let draw = move || {
            let mut bar = bar(target);
            let mut wait = PATIENCE;
            // The worker closes the channel.
            while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                // What is before the check of the files has nothing to show.
                if progress.files() > 0 {
                    bar = draw_now(bar, progress);
                }
                wait = TICK;
            }
            bar.finish_and_clear();
        };
        // Without a thread there is no bar, which is no reason not to work.
        let _ = Builder::new().spawn_scoped(scope, draw);
        let result = work();
        drop(done);
        result
    })
}

/// The bar, not drawn yet. Its rate counts from now on.
fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target);
    match ProgressStyle::with_template(LINE) {
        Ok(style) => bar.with_style(style.progress_chars("#-")),
        Err(_) => bar,
    }
}

fn draw_now(bar: ProgressBar, progress: &Progress) -> ProgressBar {
    let bar = bar.with_message(format!("{} of {} files", progress.files_done(), progress.files()));
    bar.update(|state| {
        state.set_pos(progress.bytes_done());
        if let Some(bytes) = progress.bytes() {
            state.set_len(bytes);
        }
    });
    bar
}
