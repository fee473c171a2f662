//! The variables of the server, in a file that a shell, systemd (`EnvironmentFile=`) and container engines (`--env-file`) read alike.

use super::files;
use genome_json::text::shell_word_of_file;
use std::path::Path;

/// The text of the file, for the files of this directory. A path with characters that a shell takes for its own is quoted, which container engines
/// do not undo: the server then refuses the path, as it has quotes. So the first line names only those that read these paths.
pub(crate) fn text(directory: &Path) -> String {
    let variable = |name: &str, file: &str| format!("{name}={}\n", shell_word_of_file(directory.join(file).as_os_str()));
    let word = shell_word_of_file(directory.as_os_str());
    // `printf` says what is in it; and of several quoted parts systemd reads only the first as quoted.
    let readers = if word.starts_with('"') || word.contains(r"\'") {
        "but not for systemd or a container engine, which cannot read these paths"
    } else if word.starts_with('\'') {
        "EnvironmentFile= of systemd, but not for --env-file of a container engine, which keeps the quotes"
    } else {
        "EnvironmentFile= of systemd, --env-file of a container engine"
    };
    [
        format!("# For genome-server: `set -a && . ./genome.env`, {readers}.\n"),
        "MATHISON_ENV=production\n".to_owned(),
        variable("MATHISON_GENOME_PATH", files::GENOME),
        variable("MATHISON_GENOME_TRUST", files::TRUST),
        variable("MATHISON_GENOME_STATE", files::STATE),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_only_those_that_read_the_paths() {
        let first = |directory: &str| text(Path::new(directory)).lines().next().map(ToOwned::to_owned).unwrap();
        assert!(first("/srv/agent").ends_with(", EnvironmentFile= of systemd, --env-file of a container engine."));
        assert!(
            first("/srv/my agent")
                .ends_with(", EnvironmentFile= of systemd, but not for --env-file of a container engine, which keeps the quotes.")
        );
        let long = format!("/srv/my agent/{}", "a".repeat(100));
        assert!(first(&long).ends_with(", but not for --env-file of a container engine, which keeps the quotes."));
        assert!(first("/srv/it's").ends_with(", but not for systemd or a container engine, which cannot read these paths."));
        assert!(first("/srv/my\nagent").ends_with(", but not for systemd or a container engine, which cannot read these paths."));
    }
}
