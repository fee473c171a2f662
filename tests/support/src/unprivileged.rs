//! Another user than root.

use crate::{Ran, has, run, say};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

/// Runs a command as somebody who may do only what the modes of files allow, as root may do everything. `None` where root cannot
/// become anybody else, which is said.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn run_unprivileged(command: &mut Command) -> Option<Ran> {
    let owner = tempfile::tempfile().and_then(|file| file.metadata()).map(|metadata| metadata.uid());
    if owner.unwrap_or_else(|error| panic!("no scratch file: {error}")) != 0 {
        return Some(run(command));
    }
    if !has("setpriv") {
        return None;
    }
    let mut other = Command::new("setpriv");
    other.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    let ran = run(other.current_dir(command.get_current_dir().unwrap_or(Path::new("."))));
    if ran.stderr.contains("setpriv:") {
        say(&format!("SKIPPED, only root can become another user: {}\n", ran.stderr));
        return None;
    }
    Some(ran)
}
