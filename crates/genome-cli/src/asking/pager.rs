//! The program that shows a text which is longer than the screen.
//!
//! It is the user's own, as for git. `minus` 5.8.0 is a pager of its own in the process, and runs none.

use crate::terminal::ControllingTerminal;
use genome_custody::without_secrets;
use nix::sys::signal::{SigSet, Signal};
use std::env;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::process::{Command, Stdio};
use std::thread;

/// Shows a text with the program that `PAGER` names, on the terminal that is standard error. Returns whether it did: where there is none, or it
/// fails, the text has not been seen.
pub(super) fn page(text: &str) -> bool {
    let Some(pager) = env::var_os("PAGER").filter(|pager| !pager.is_empty()) else { return false };
    // It reads its keys from there.
    if ControllingTerminal::open().is_err() {
        return false;
    }
    let Ok(terminal) = io::stderr().as_fd().try_clone_to_owned() else { return false };
    // As git runs it: by a shell, and `less` in colour, without clearing the screen or waiting where there is no need to.
    let mut command = Command::new("sh");
    command.arg("-c").arg(&pager).env_clear().env("LESS", "FRX").env("LV", "-c").envs(without_secrets());
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(terminal).spawn() else { return false };
    // Ctrl-C is for the pager, too. Where it is pressed, we end after it, so that it never stays alone at the terminal.
    let keys: SigSet = [Signal::SIGINT, Signal::SIGQUIT].into_iter().collect();
    let blocked = keys.thread_block();
    // A reader who has seen enough may leave early; the question says how much there is. Who is left behind and has the pipe open need not read it:
    // the end of the program ends the wait. The keys are blocked for this thread, too.
    let written = child.stdin.take().map(|mut stdin| {
        let text = text.to_owned();
        thread::Builder::new().spawn(move || drop(stdin.write_all(text.as_bytes())))
    });
    let status = child.wait();
    if blocked.is_ok() {
        let _ = keys.thread_unblock();
    }
    written.is_some_and(|thread| thread.is_ok()) && status.is_ok_and(|status| status.success())
}
