//! The variables of the server, in a file that a shell, systemd (`EnvironmentFile=`) and container engines (`--env-file`) read alike.

use super::files;
use genome_json::text::shell_word;
use std::path::Path;

/// The text of the file, for the files of this directory. A path with characters that a shell takes for its own is quoted, which container engines
/// do not undo: the server then refuses the path, as it has quotes.
pub(crate) fn text(directory: &Path) -> String {
    let variable = |name: &str, file: &str| format!("{name}={}\n", shell_word(directory.join(file).as_os_str()));
    [
        "# For genome-server: `set -a && . ./genome.env`, EnvironmentFile= of systemd, --env-file of a container engine.\n"
            .to_owned(),
        "MATHISON_ENV=production\n".to_owned(),
        variable("MATHISON_GENOME_PATH", files::GENOME),
        variable("MATHISON_GENOME_TRUST", files::TRUST),
        variable("MATHISON_GENOME_STATE", files::STATE),
    ]
    .concat()
}
