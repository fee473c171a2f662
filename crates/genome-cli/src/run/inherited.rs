//! What a program inherits from whoever starts it, and takes for granted no more: its signals.
//!
//! | signal | what a program does |
//! |---|---|
//! | any that is blocked | it is unblocked: whoever ends the program with SIGTERM or Ctrl-C has it ended |
//! | SIGCHLD | caught, and nothing follows: where it is ignored, the system forgets how a child ended, and the signature of a program that has succeeded would be lost |
//! | SIGXFSZ | caught, and nothing follows: a file that grows over the limit (`ulimit -f`) is an error with a name, as a full disk is |
//! | SIGPIPE | ignored, which the standard library sees to: a reader that has gone is an error |
//! | SIGHUP, SIGINT, SIGQUIT, SIGTERM | as inherited: they end the program, unless they are ignored. `nohup` promises that of SIGHUP, and a script of SIGINT and SIGQUIT for what it starts in the background |
//!
//! `genome-server` also catches SIGTERM, SIGINT and SIGHUP, in order to end well: SIGHUP only where it is not ignored.
//!
//! A signal that is caught has its default in a child (execve(2)). `signal-hook` 0.4.6 sets a handler that does nothing, as `sigaction` itself would be `unsafe`.

use nix::sys::signal::{SigSet, Signal};
use std::fs;
use std::sync::Arc;

/// Unblocks all signals, and catches those whose default, or being ignored, would do harm.
pub(super) fn settle() {
    // Neither fails for signals that there are. Where one did, all would be as it was inherited.
    let _ = SigSet::empty().thread_set_mask();
    for signal in [Signal::SIGCHLD, Signal::SIGXFSZ] {
        let _ = signal_hook::flag::register(signal as i32, Arc::default());
    }
}

/// Whether a signal is ignored, as it is under `nohup`. Where the system does not say so, it is not.
#[must_use]
pub fn is_ignored(signal: Signal) -> bool {
    // proc_pid_status(5): a mask in hexadecimal digits.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let digits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or_default();
    ignored >> (signal as i32 - 1) & 1 == 1
}
