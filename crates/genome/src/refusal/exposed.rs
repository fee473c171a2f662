//! What to do about paths that others can change: never what takes a place from its user, nor what this user cannot do.

use crate::exposure::{ExposedPath, Purpose};
use crate::hint::Hint;
use crate::listing::joined;
use genome_json::text::shell_word;
use std::collections::BTreeSet;

/// The hint for these paths.
pub(super) fn hint(paths: &[ExposedPath]) -> Hint {
    let mut hints = Vec::new();
    let closable = |exposed: &&ExposedPath| match exposed.purpose {
        Purpose::Read => !exposed.is_kept(),
        // For the state of a user there is a way that needs no root.
        Purpose::Written => exposed.is_open && exposed.is_under_control(),
        Purpose::ConfigMap => false,
    };
    let (own, of_root): (Vec<_>, Vec<_>) = paths.iter().filter(closable).partition(|exposed| exposed.is_under_control());
    let commands = [("", closing(&own)), ("as root: ", closing(&of_root))];
    let commands = commands.iter().filter(|(_, commands)| !commands.is_empty());
    let commands = joined(commands.map(|(who, commands)| format!("{who}{commands}")), "; ");
    if !commands.is_empty() {
        hints.push(format!("find out whether somebody did, then: {commands}"));
    }
    let mut owners = BTreeSet::new();
    // As its owner, too, you would find it open.
    let is_lost = paths.iter().any(|exposed| exposed.purpose == Purpose::Written && exposed.is_open && !exposed.is_under_control());
    let kept = paths.iter().filter(|exposed| exposed.is_kept() && !(is_lost && exposed.purpose == Purpose::Written));
    for kept in kept.filter(|kept| owners.insert(kept.owner)) {
        let is_state = paths.iter().any(|other| other.owner == kept.owner && other.purpose == Purpose::Written);
        let what = if is_state { "the state".to_owned() } else { shell_word(kept.path.as_os_str()) };
        hints.push(format!("{what} belongs to user {}: run this as that user", kept.owner));
    }
    let mut written = paths.iter().filter(|exposed| exposed.purpose == Purpose::Written);
    if written.any(|exposed| exposed.is_open) {
        hints.push(OWN_DIRECTORY.to_owned());
    }
    if paths.iter().any(|exposed| exposed.purpose == Purpose::ConfigMap) {
        hints.push(PROJECTED.to_owned());
    }
    joined(hints, "; ").into()
}

/// The commands that close these paths.
fn closing(exposed: &[&ExposedPath]) -> String {
    let command = |command: &str, is_of: &dyn Fn(&ExposedPath) -> bool| {
        let files = exposed.iter().filter(|exposed| is_of(exposed)).map(|exposed| shell_word(exposed.path.as_os_str()));
        let files = joined(files, " ");
        if files.is_empty() { None } else { Some(format!("{command} {files}")) }
    };
    let owner = command("chown -h root", &|exposed| exposed.purpose == Purpose::Read && exposed.is_foreign());
    joined(owner.into_iter().chain(command("chmod go-w", &|exposed| exposed.is_open)), "; ")
}

/// What to do where others can write to the state's directory, and the platform or another user makes it so.
const OWN_DIRECTORY: &str = "put the state into a directory of mode 0700 that this user owns (in Kubernetes: an init container and `subPath`, as the page of the book about Kubernetes shows; with systemd: StateDirectory=)";

/// What to do about the volume of a `ConfigMap`.
const PROJECTED: &str = "in Kubernetes the volume of a ConfigMap has a mode by which all may write: make the ConfigMap a source of a `projected` volume, as the page of the book about Kubernetes shows";
