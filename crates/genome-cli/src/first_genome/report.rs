//! What `genome init` has made, and what comes next.

use super::Next;
use super::files::{DRAFT, ENVIRONMENT, GENOME, HeldFiles, IGNORED, KEY, STATE, TRUST};
use super::key::Key;
use crate::turns::{SigningPlace, Turns};
use crate::{Recorded, Source, standing, tell};
use genome::Document;
use genome::document::Signing;
use genome_json::text::{BarePath, shell_word};
use std::fmt::Write as _;
use std::path::Path;

/// Reports it on standard error. The command that starts the server takes the safe path of the directory.
#[expect(clippy::too_many_arguments, reason = "each is a fact of its own")]
pub(crate) fn report(
    files: &HeldFiles<'_>,
    safe_path: Option<&Path>,
    document: &Document<'_>,
    signing: &Signing,
    key: &Key,
    recorded: &Recorded,
    log: Option<&Path>,
    next: Next,
) {
    let Signing { signer, tally, .. } = signing;
    let mut text = format!("signed by `{}` ({})\n", signer.key_id, signer.public_key.fingerprint());
    text.push_str(&standing(document, tally, &[], None));
    if let Some(place) = &recorded.place {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  recorded    in {place}");
    }
    let mut line = |name: &str, what: &str| {
        let path = files.path(name);
        let _ = writeln!(text, "  made        {}: {what}", BarePath(&path));
    };
    if key.is_new() {
        line(KEY, "the private key. Keep it where the server cannot read it, in a secret manager or offline");
        if files.ignores() {
            line(IGNORED, "it keeps the private key and the state out of git");
        }
    }
    line(DRAFT, "the genome before it was signed");
    line(GENOME, "the signed genome");
    line(TRUST, "the trust policy, which says whose signatures count, and the lowest version");
    line(ENVIRONMENT, "the variables of the server, for production");
    if key.is_new() && !files.ignores() {
        let _ = writeln!(
            text,
            "  to do       {} was there already: see that it names /{KEY} and /{STATE}",
            BarePath(&files.path(IGNORED))
        );
    }
    let place = SigningPlace { draft: Source::File(files.path(DRAFT)), output: files.path(GENOME) };
    let others = Turns::at(&place).recorded_in(log).lines(document.unverified(), tally, &[], &recorded.custodies);
    let when = if others.is_empty() { "" } else { "then " };
    text.push_str(&others);
    let _ = match (next, safe_path) {
        (Next::Said, _) => Ok(()),
        (Next::StartServer, Some(directory)) => {
            writeln!(text, "{when}start the server:\n  {}", start(&directory.join(ENVIRONMENT)))
        }
        // A shell runs whatever is in it.
        (Next::StartServer, None) => writeln!(
            text,
            "{when}do what the warning says: until then others can write commands into {}, and a shell would run them as you. Then \
             read that file, and start the server with its variables",
            BarePath(&files.path(ENVIRONMENT))
        ),
    };
    tell(&text);
}

/// The one command that starts the server: without the variables none starts, which would load another genome. A shell looks for a file without a slash in `PATH`.
fn start(environment: &Path) -> String {
    let path = if environment.as_os_str().as_encoded_bytes().contains(&b'/') {
        environment.to_owned()
    } else {
        Path::new(".").join(environment)
    };
    format!("(set -a && . {} && exec genome server)", shell_word(path.as_os_str()))
}
