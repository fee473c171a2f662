//! What became of each genome since a revision of git.

mod chosen;
mod elsewhere;
mod held;
mod links;
mod pairing;
mod part;
mod reach;
mod sides;
mod submodules;

use super::comparison::Terms;
use super::texts::Texts;
use super::{DiffArguments, Format, report};
use crate::git::{Git, GitError};
use crate::{Exit, Failure, Finding, say};
use genome::TrustPolicy;
use genome_json::text::{BarePath, Quoted};
use pairing::Pairing;
pub(crate) use part::{Part, What};
use sides::Sides;
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const START: &str = "start it in the work tree of a repository, and see what `git status` says there";

/// A commit, and the work tree that is compared with it.
pub(crate) struct Since {
    pub(crate) git: Git,
    /// The top of the work tree.
    pub(crate) top: PathBuf,
    pub(crate) commit: String,
}

/// Where somebody wants to look, from the top of the work tree.
pub(crate) struct Asked {
    /// The paths as they are in the work tree, where no link is above any; none where the top itself is meant.
    pub(crate) paths: Vec<PathBuf>,
    /// The paths as they were typed, as a link above one may have led elsewhere.
    pub(crate) typed: Vec<PathBuf>,
}

/// Compares each genome that differs between a revision and the work tree, and reports it.
pub(crate) fn compare(revision: &OsStr, arguments: &DiffArguments, policy: Option<&TrustPolicy>) -> Result<Exit, Failure> {
    if matches!(arguments.format, Format::Json) {
        let hint = "use another format, or name two genomes";
        return Err(Failure::undecided(Finding::error("a JSON report is about two genomes, and --since compares many", hint)));
    }
    let since = Since::of(revision)?;
    let texts = Texts::of(&arguments.definitions)?.since(&since);
    let terms = &Terms { policy, failing: &arguments.fail_on, texts: &texts };
    let asked = since.asked(&arguments.genomes)?;
    let sides = Sides::read(&since, &asked)?;
    let (parts, mut trouble) = Pairing::of(&since, &sides).parts();
    let compared = parts.iter().map(|part| part.compared(terms));
    let mut shown = Vec::new();
    for part in compared {
        match part {
            Ok(part) => shown.push(part),
            Err(failure) => trouble.push(failure),
        }
    }
    // The gravest first, and those of one class by their paths.
    shown.sort_by_cached_key(|part| (part.gravest(), part.source.to_string()));
    let name = format!("{} ({})", Quoted(&revision.to_string_lossy()), since.short());
    let findings: Vec<&Finding> = trouble.iter().filter_map(Failure::finding).collect();
    let text = report::since(&shown, &findings, &name, arguments.format, terms.failing);
    findings.into_iter().for_each(say);
    arguments.format.put(&text)?;
    Ok(match trouble.as_slice() {
        [] if shown.iter().any(|part| part.fails(terms.failing)) => Exit::Refused,
        [] => Exit::Done,
        _ => Exit::Undecided,
    })
}

impl Since {
    fn of(revision: &OsStr) -> Result<Self, Failure> {
        let here = env::current_dir().map_err(|error| trouble(&error.into(), START))?;
        let git = Git::at(&here).map_err(|error| trouble(&error, START))?;
        let top = git.top().map_err(|error| trouble(&error, START))?;
        let commit = git.commit(revision).map_err(|error| no_commit(&git, revision, &error))?;
        let git = Git::at(&top).map_err(|error| trouble(&error, START))?;
        Ok(Self { git, top, commit })
    }

    /// The first digits of the commit, for people.
    pub(crate) fn short(&self) -> &str {
        self.commit.get(..12).unwrap_or(&self.commit)
    }

    fn asked(&self, given: &[PathBuf]) -> Result<Asked, Failure> {
        let paths = given.iter().map(|path| self.below(path)).collect::<Result<Vec<_>, _>>()?;
        let typed =
            given.iter().filter_map(|path| std::path::absolute(path).ok()?.strip_prefix(&self.top).ok().map(Path::to_owned));
        let is_top = paths.iter().any(|path| path.as_os_str().is_empty());
        Ok(Asked { paths: if is_top { Vec::new() } else { paths }, typed: typed.collect() })
    }

    fn below(&self, path: &Path) -> Result<PathBuf, Failure> {
        // It may be deleted, and a link is meant itself.
        let real = match (path.parent(), path.file_name()) {
            (Some(above), Some(name)) => {
                let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
                above.canonicalize().map(|above| above.join(name)).or_else(|_| std::path::absolute(path))
            }
            _ => path.canonicalize(),
        };
        let below = real.ok().and_then(|real| real.strip_prefix(&self.top).ok().map(Path::to_owned));
        below.ok_or_else(|| {
            let hint = format!("name what is below {}", BarePath(&self.top));
            Failure::undecided(Finding::error("it is not in the work tree of this repository", hint).at(path))
        })
    }
}

/// The commit that is not there, or of which git has no answer.
fn no_commit(git: &Git, revision: &OsStr, error: &GitError) -> Failure {
    let shown = revision.to_string_lossy();
    let GitError::Said(_) = error else {
        let message = format!("git could not be asked which commit {} is: {error}", Quoted(&shown));
        return Failure::undecided(Finding::error(message, START));
    };
    // `HEAD^2~3`: what is before these signs is there, and the way back from it may be cut.
    let start = shown.split(['^', '~']).next().filter(|start| start.len() < shown.len());
    let hint = match start {
        _ if !git.is_shallow() => "name a commit, a branch or a tag, as for git diff",
        Some(start) if git.commit(OsStr::new(start)).is_ok() => {
            "the clone is shallow: fetch more, in GitHub Actions with `fetch-depth: 2` or more for HEAD^"
        }
        _ => "name a commit, a branch or a tag, as for git diff; the clone is shallow, and may lack it: fetch it then",
    };
    Failure::undecided(Finding::error(format!("there is no commit {}: {error}", Quoted(&shown)), hint))
}

/// Git says nothing.
pub(crate) fn trouble(error: &GitError, hint: &str) -> Failure {
    Failure::undecided(Finding::error(error.to_string(), hint))
}

/// Whether this is a name of a file that may hold a genome.
fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}
