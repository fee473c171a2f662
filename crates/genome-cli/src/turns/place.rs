//! Where the draft is, and where the signed genome goes.

use crate::Source;
use crate::source::{DRAFT, GENOME, KEY};
use genome_files::directory_of;
use genome_json::text::{shell_path, shell_word};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Where the draft is, and where the signed genome goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SigningPlace {
    pub(crate) draft: Source,
    pub(crate) output: PathBuf,
}

impl SigningPlace {
    /// The arguments, as words for a shell, by which another person signs the same genome to the same output.
    pub(crate) fn words(&self) -> String {
        self.words_where(Path::exists)
    }

    /// The words, where this says what exists.
    fn words_where(&self, exists: impl FnOnce(&Path) -> bool) -> String {
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
        if is_usual || (draft == output && !exists(&draft.with_file_name(DRAFT))) {
            return shell_path(directory_of(draft));
        }
        shell_path(draft)
    }

    /// The reference of the key that `genome init` has made beside the genome, or beside the directory of its version, as a word for a shell.
    pub(crate) fn key_file(&self) -> Option<String> {
        let Source::File(draft) = &self.draft else { return None };
        let directory = directory_of(draft);
        let near = [Some(directory), directory.parent()].into_iter().flatten().map(|directory| directory.join(KEY));
        near.into_iter().find(|path| path.is_file()).map(|path| {
            let mut reference = OsString::from("file:");
            reference.push(path);
            shell_word(&reference)
        })
    }

    /// The signed genome, as a word for a shell.
    pub(crate) fn signed(&self) -> String {
        if self.output.as_os_str() == "-" { "FILE".to_owned() } else { shell_path(&self.output) }
    }
}

/// Whether it is what the caller has open, beside which nothing is written: `/dev/stdin`, or what `<(command)` stands for.
pub(crate) fn is_stream(path: &Path) -> bool {
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
            ("a b/genome.json", "a b/genome.json", r"a\ b"),
            ("a/draft.json", "a/genome.json", "a/draft.json"),
            ("a/draft.json", "b/genome.json", "a/draft.json b/genome.json"),
            ("genome.json", "genome-unsigned.json", "genome.json genome-unsigned.json"),
            ("-x/genome-unsigned.json", "-x/genome.json", "./-x"),
            ("/dev/fd/63", "a/genome.json", "a"),
            ("/dev/stdin", "new.json", "new.json new.json"),
            ("draft.json", "-", "FILE OUTPUT"),
        ] {
            let place = SigningPlace { draft: Source::File(draft.into()), output: output.into() };
            assert_eq!(place.words_where(|_| false), words, "{draft} {output}");
        }
        let place = SigningPlace { draft: Source::File("a/genome.json".into()), output: "a/genome.json".into() };
        assert_eq!(place.words_where(|path| path == Path::new("a/genome-unsigned.json")), "a/genome.json");
        assert_eq!(SigningPlace { draft: Source::Stdin, output: "x/genome.json".into() }.words_where(|_| false), "x");
    }
}
