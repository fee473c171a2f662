//! Where the draft is, and where the signed genome goes: as the command line says it, or beside the draft.

use super::SignArguments;
use crate::source::{DRAFT, GENOME};
use crate::{Failure, Finding, Source};
use genome::Code;
use genome_files::directory_of;
use genome_json::text::shell_path;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where the draft is, and where the signed genome goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) draft: Source,
    pub(super) output: PathBuf,
}

impl Place {
    /// Reads it off the command line. In a directory, the draft has the usual name.
    pub(super) fn of(arguments: &SignArguments) -> Result<Self, Failure> {
        let draft = match Source::from(arguments.unsigned.as_path()) {
            Source::File(path) if path.is_dir() => Source::File(draft_in(&path)?),
            draft => draft,
        };
        let output = match (&arguments.output, &draft) {
            (Some(output), _) => output.clone(),
            (None, Source::File(path)) if !is_stream(path) => path.with_file_name(GENOME),
            (None, _) => {
                let hint = "name OUTPUT after UNSIGNED: a file, or `-` for standard output";
                let message = "the draft comes through a stream, so nothing says where the signed genome goes";
                return Err(Failure::undecided(Finding::error(message, hint)));
            }
        };
        Ok(Self { draft, output })
    }

    /// The arguments, as words for a shell, by which another person signs the same genome to the same output.
    pub(super) fn words(&self) -> String {
        let output = (self.output.as_os_str() != "-").then_some(self.output.as_path());
        let draft = match &self.draft {
            Source::File(path) if !is_stream(path) => Some(path.as_path()),
            // The signed genome is as good as the draft that came through a stream.
            _ => output,
        };
        let (Some(draft), Some(output)) = (draft, output) else { return "FILE OUTPUT".to_owned() };
        if output != draft.with_file_name(GENOME) {
            return format!("{} {}", shell_path(draft), shell_path(output));
        }
        let is_usual = draft.file_name() == Some(OsStr::new(DRAFT));
        if is_usual || (draft == output && !draft.with_file_name(DRAFT).exists()) {
            return shell_path(directory_of(draft));
        }
        shell_path(draft)
    }

    /// The signed genome, as a word for a shell.
    pub(super) fn signed(&self) -> String {
        if self.output.as_os_str() == "-" { "FILE".to_owned() } else { shell_path(&self.output) }
    }
}

/// The draft in a directory: that of the usual name, or a genome that lacks signatures in its place.
fn draft_in(directory: &Path) -> Result<PathBuf, Failure> {
    let [draft, genome] = [DRAFT, GENOME].map(|name| directory.join(name));
    if is_there(&draft) {
        return Ok(draft);
    }
    if is_there(&genome) {
        return Ok(genome);
    }
    let message = format!("it is a directory, and neither {DRAFT} nor {GENOME} is in it");
    let finding = Finding::error(message, "name the draft, or the directory that holds it; genome-draft makes one");
    Err(Failure::undecided(finding.with_code(Code::Missing).at(directory)))
}

/// Whether something has this name, also a link that leads nowhere: whoever reads it says what is wrong.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether it is what the caller has open, beside which nothing is written: `/dev/stdin`, or what `<(command)` stands for.
fn is_stream(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|system| path.starts_with(system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_the_fewest_that_lead_to_the_same_place() {
        for (draft, output, words) in [
            ("a/genome-unsigned.json", "a/genome.json", "a"),
            ("genome-unsigned.json", "genome.json", "."),
            ("a b/genome.json", "a b/genome.json", "'a b'"),
            ("a/draft.json", "a/genome.json", "a/draft.json"),
            ("a/draft.json", "b/genome.json", "a/draft.json b/genome.json"),
            ("genome.json", "genome-unsigned.json", "genome.json genome-unsigned.json"),
            ("-x/genome-unsigned.json", "-x/genome.json", "./-x"),
            ("/dev/fd/63", "a/genome.json", "a"),
            ("/dev/stdin", "new.json", "new.json new.json"),
            ("draft.json", "-", "FILE OUTPUT"),
        ] {
            let place = Place { draft: Source::File(draft.into()), output: output.into() };
            assert_eq!(place.words(), words, "{draft} {output}");
        }
        assert_eq!(Place { draft: Source::Stdin, output: "x/genome.json".into() }.words(), "x");
    }
}
