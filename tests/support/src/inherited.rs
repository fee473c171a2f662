//! What a test inherits from whoever starts it, and must not depend on: ignored signals, the umask, variables.

#![expect(clippy::panic, reason = "a harness stops where it cannot go on")]

use nix::sys::stat::{Mode, umask};
use signal_hook::consts::{FORBIDDEN, SIGPIPE};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::process::Command;
use std::sync::Once;

/// Makes this process one that hands on no ignored signal, and umask 022.
///
/// The standard library sees to the rest: it resets SIGPIPE and unblocks every signal in a child, and opens `/dev/null` in the place of a
/// standard stream that is closed when the process starts.
///
/// # Panics
/// A signal cannot be caught.
pub fn settle() {
    static SETTLED: Once = Once::new();
    SETTLED.call_once(|| {
        umask(Mode::from_bits_truncate(0o022));
        for signal in ignored().filter(|signal| *signal != SIGPIPE && !FORBIDDEN.contains(signal)) {
            // A signal that is caught here has its default in a child (execve(2)). `sigaction` itself would be `unsafe`.
            let caught = signal_hook::flag::register(signal, std::sync::Arc::default());
            caught.unwrap_or_else(|error| panic!("signal {signal}: {error}"));
        }
    });
}

/// The signals that this process ignores; none where there is no `/proc`.
fn ignored() -> impl Iterator<Item = i32> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let digits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let set = digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or_default();
    (1..32).filter(move |signal| set >> (signal - 1) & 1 == 1)
}

/// Sets the language and the time zone, and removes each inherited variable that decides what a program does. What the command has already set or
/// removed stays so.
pub fn isolate(command: &mut Command) -> &mut Command {
    let decided: BTreeSet<OsString> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
    for (name, _) in std::env::vars_os().filter(|(name, _)| decides(name) && !decided.contains(name)) {
        command.env_remove(name);
    }
    for (name, value) in [("LANG", "C"), ("LC_ALL", "C"), ("TZ", "UTC0")] {
        if !decided.contains(OsStr::new(name)) {
            command.env(name, value);
        }
    }
    command
}

/// Whether our programs, git, or a library that they use reads this variable.
fn decides(name: &OsStr) -> bool {
    const STARTS: [&str; 5] = ["GENOME_", "GIT_", "GITHUB_", "LC_", "MATHISON_"];
    const NAMES: [&str; 13] = [
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "CREDENTIALS_DIRECTORY",
        "FORCE_COLOR",
        "LANGUAGE",
        "NOTIFY_SOCKET",
        "NO_COLOR",
        "PKCS11_PROVIDER_MODULE",
        "RUST_BACKTRACE",
        "RUST_LOG",
        "SOURCE_DATE_EPOCH",
        "SSH_AUTH_SOCK",
    ];
    name.to_str().is_some_and(|name| NAMES.contains(&name) || STARTS.iter().any(|start| name.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use crate::{assert_ran, run};
    use std::process::Command;

    /// The test runs itself once more, started by somebody who decides everything otherwise.
    #[test]
    fn whoever_starts_a_test_decides_nothing() {
        const INNER: &str = "GENOME_TESTS_INNER";
        if std::env::var_os(INNER).is_some() {
            let script = "umask; echo $LANG $LC_ALL $TZ ${MATHISON_GENOME_TRUST-none}; kill -INT $$; kill -HUP $$; echo alive";
            let ran = run(Command::new("sh").args(["-c", script]));
            assert_eq!((ran.status, ran.stdout.as_str()), (None, "0022\nC C UTC0 none\n"), "{ran:?}");
            return;
        }
        let mut outer = Command::new("sh");
        outer.args(["-c", "trap '' HUP INT QUIT TERM; umask 077; exec \"$0\" --exact \"$1\""]);
        outer.arg(std::env::current_exe().unwrap()).arg("inherited::tests::whoever_starts_a_test_decides_nothing").env(INNER, "1");
        outer.env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Asia/Kathmandu").env("MATHISON_GENOME_TRUST", "/nonexistent");
        assert_ran(&run(&mut outer), 0, "");
    }
}
