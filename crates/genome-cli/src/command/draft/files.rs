//! The files of the manifest that the options name, and their digests.

use super::ManifestArguments;
use super::fault::{Faults, refused};
use crate::{Detail, Exit, Failure, Finding, Place, open_root, repository_root, say, with_bar};
use genome::draft::Draft;
use genome::manifest::{FileProblem, OtherLineEnds};
use genome::model::ManifestFile;
use genome::{Code, DeployedFiles as _, Digest, Genome, ManifestPath};
use genome_files::{ManifestRoot, Progress};
use genome_json::text::{BarePath, Quoted, QuotedPath};
use glob::{MatchOptions, Pattern};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Changes the draft's manifest, which is that of `from`, as the options say. None of the files may be one of the `outputs`.
pub(crate) fn apply(
    draft: &mut Draft<'_>,
    arguments: &ManifestArguments,
    outputs: &[PathBuf],
    from: (&Genome, &impl Place),
    faults: &mut Faults,
) {
    let (signed, place) = from;
    for path in &arguments.remove_file {
        faults.keep(draft.remove_file(path).map_err(|error| refused(&error, place)));
    }
    if arguments.file.is_empty() && !arguments.refresh {
        return;
    }
    let Some(path) = faults.keep(repository_root(arguments.root.as_ref())) else { return };
    let Some(root) = faults.keep(open_root(&path)) else { return };
    let found: Vec<ManifestPath> = arguments.file.iter().filter_map(|given| faults.keep(find(&path, given))).flatten().collect();
    let listed = draft.files();
    faults.keep(no_output(&path, listed.iter().chain(&found), outputs));
    let listed = if arguments.refresh { listed } else { Vec::new() };
    let named: HashSet<ManifestPath> = found.iter().cloned().collect();
    let mut seen = HashSet::new();
    let paths = listed.into_iter().chain(found).filter(|path| seen.insert(path.clone())).collect();
    if let Some(files) = faults.keep(digests(&root, paths)) {
        let refreshed = files.iter().filter(|(path, _)| !named.contains(path));
        faults.keep(refuse_line_ends(&root, refreshed, &signed.files));
        draft.put_files(files);
    }
}

/// Refuses files that were not named, and whose line ends alone are others than in the manifest: a checkout is not a change that anybody means.
fn refuse_line_ends<'f>(
    root: &ManifestRoot,
    files: impl Iterator<Item = &'f (ManifestPath, Digest)>,
    signed: &[ManifestFile],
) -> Result<(), Failure> {
    let signed: HashMap<&ManifestPath, Digest> = signed.iter().filter_map(|file| Some((&file.path, file.sha256?))).collect();
    let (changed, before): (Vec<&ManifestPath>, Vec<Digest>) = files
        .filter_map(|(path, digest)| signed.get(path).filter(|before| *before != digest).map(|before| (path, *before)))
        .unzip();
    let others = if changed.is_empty() { Vec::new() } else { root.with_other_line_ends(&changed) };
    let is_same = |(other, before): (&Option<OtherLineEnds>, &Digest)| other.is_some_and(|other| other.have(*before));
    let paths = changed.iter().zip(others.iter().zip(&before)).filter(|(_, pair)| is_same(*pair)).map(|(path, _)| path);
    let details: Vec<Detail> = paths.map(|path| detail(path.as_str(), ONLY_LINE_ENDS.to_owned(), KEEP_LINE_ENDS)).collect();
    if details.is_empty() {
        return Ok(());
    }
    let message = match details.len() {
        1 => "one file has other line ends, and no other change".to_owned(),
        several => format!("{several} files have other line ends, and no other change"),
    };
    let finding = Finding::error(message, "nothing was written; where that is meant, name the file with --file");
    Err(Failure::refused(Finding { details, ..finding }.with_code(Code::ManifestMismatch)))
}

const ONLY_LINE_ENDS: &str = "it differs only in its line ends from what was signed";
const KEEP_LINE_ENDS: &str =
    "git changes them at checkout: put `* -text` into .gitattributes, then remove the file, and check it out again";

/// The files that are meant: one, all below a directory, or those that match a pattern; sorted.
fn find(root: &Path, given: &str) -> Result<Vec<ManifestPath>, Failure> {
    let path = given.trim_end_matches('/');
    let path = path.strip_prefix("./").unwrap_or(path);
    if path == "." {
        return walk(root, given, "", usize::MAX, |_| true);
    }
    let file: ManifestPath = path.parse().map_err(|error| {
        let hint = format!("give a path from {}, where those of the manifest start (--root)", BarePath(root));
        Failure::undecided(Finding::error(format!("{}: {error}", Quoted(given)), hint))
    })?;
    match fs::symlink_metadata(root.join(path)) {
        Ok(metadata) if metadata.is_dir() => walk(root, given, path, usize::MAX, |_| true),
        Err(_) if path.contains(['*', '?', '[']) => matching(root, path),
        // Opening it reports anything else.
        _ => Ok(vec![file]),
    }
}

/// The files that match a pattern.
fn matching(root: &Path, text: &str) -> Result<Vec<ManifestPath>, Failure> {
    // As a shell has it: a `*` neither leads into another directory, nor does it stand for a dot at the start of a name.
    const OPTIONS: MatchOptions =
        MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let pattern = Pattern::new(text).map_err(|error| {
        let hint = "`**` stands alone between slashes, and a `[` needs its `]`";
        Failure::undecided(Finding::error(format!("{} is not a pattern: {}", Quoted(text), error.msg), hint))
    })?;
    let start = text.find(['*', '?', '[']).and_then(|meta| text.get(..meta)?.rfind('/')).and_then(|slash| text.get(..slash));
    let start = start.unwrap_or_default();
    let steps = text.split('/').count() - start.split('/').filter(|step| !step.is_empty()).count();
    let depth = if text.contains("**") { usize::MAX } else { steps };
    walk(root, text, start, depth, |path| pattern.matches_with(path, OPTIONS))
}

/// The wanted regular files below a directory. Other wanted entries are reported as left out.
fn walk(
    root: &Path,
    given: &str,
    start: &str,
    depth: usize,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<ManifestPath>, Failure> {
    let steps = Path::new(start).ancestors().filter(|step| !step.as_os_str().is_empty());
    if let Some(link) = steps.filter(|step| root.join(step).is_symlink()).last() {
        let hint = "no link below the root is followed: put there what it leads to, or name that";
        return Err(Failure::refused(Finding::error(format!("{} is a symbolic link", QuotedPath(link)), hint)));
    }
    let mut found = Vec::new();
    let (mut left_out, mut unusable) = (Vec::new(), Vec::new());
    for entry in WalkDir::new(root.join(start)).follow_root_links(false).min_depth(1).max_depth(depth) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                unusable.push(detail(path, format!("it cannot be read: {reason}"), "check that it is there, and who may read it"));
                continue;
            }
        };
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
        if entry.file_type().is_dir() || !is_wanted(&path.to_string_lossy()) {
            continue;
        }
        if !entry.file_type().is_file() {
            left_out.push(detail(
                path,
                "it is not a regular file".to_owned(),
                "put there what it stands for, if that belongs to the genome",
            ));
            continue;
        }
        // What stands for bytes that are no text does not show, and such a path is refused.
        let text = path.to_str().unwrap_or("\u{0}");
        match text.parse::<ManifestPath>() {
            Ok(path) => found.push(path),
            Err(error) => unusable.push(detail(path, error.to_string(), "give it another name")),
        }
    }
    if !unusable.is_empty() {
        let hint = "nothing was written; a manifest leaves no file out in silence";
        let finding = Finding::error(format!("not every file of {} can be put into the manifest", Quoted(given)), hint);
        return Err(Failure::undecided(Finding { details: unusable, ..finding }));
    }
    if !left_out.is_empty() {
        let finding =
            Finding::warning(format!("not put into the manifest, of {}", Quoted(given)), "see whether the server reads them");
        say(&Finding { details: left_out, ..finding });
    }
    if found.is_empty() {
        let hint = format!("check it, and the directory where it starts, {} (--root)", BarePath(root));
        return Err(Failure::undecided(Finding::error(format!("{} stands for no regular file", Quoted(given)), hint)));
    }
    found.sort();
    Ok(found)
}

/// Refuses outputs among the files: they are written after the digests are taken, and would have other ones.
fn no_output<'p>(root: &Path, mut paths: impl Iterator<Item = &'p ManifestPath>, outputs: &[PathBuf]) -> Result<(), Failure> {
    let Ok(root) = root.canonicalize() else { return Ok(()) };
    // A shell may have sent standard output to a file.
    let place = |output: &PathBuf| if output.as_os_str() == "-" { PathBuf::from("/dev/stdout") } else { output.clone() };
    let outputs: Vec<PathBuf> = outputs.iter().filter_map(|output| place(output).canonicalize().ok()).collect();
    match paths.find(|path| outputs.contains(&root.join(path.as_str()))) {
        None => Ok(()),
        Some(path) => {
            let message = format!("{} would be listed in itself, or in what is made from it", Quoted(path.as_str()));
            let hint = "put other files into the manifest, or the draft in another directory";
            Err(Failure::refused(Finding::error(message, hint)))
        }
    }
}

/// The digest of each file.
fn digests(root: &ManifestRoot, paths: Vec<ManifestPath>) -> Result<Vec<(ManifestPath, Digest)>, Failure> {
    let progress = Progress::default();
    let asked: Vec<&ManifestPath> = paths.iter().collect();
    let digests = with_bar(&progress, || root.watched(&progress).digests(&asked));
    let mut files = Vec::with_capacity(paths.len());
    let (mut details, mut exit, mut code) = (Vec::new(), Exit::Undecided, Code::Missing);
    for (path, digest) in paths.into_iter().zip(digests) {
        match digest {
            Ok(digest) => files.push((path, digest)),
            Err(problem) => {
                let (worst, hint) = match &problem {
                    FileProblem::Missing => (Exit::Undecided, "restore it, or take it out with --remove-file, or check --root"),
                    FileProblem::Unreadable { .. } => (Exit::Undecided, "check that this user may read it"),
                    FileProblem::Changed => (Exit::Undecided, "draft again when nothing writes to it"),
                    _ => (Exit::Refused, "put a regular file there: no link below the root is followed"),
                };
                exit = exit.max(worst);
                if problem != FileProblem::Missing {
                    code = Code::ManifestMismatch;
                }
                details.push(detail(path.to_string(), problem.to_string(), hint));
            }
        }
    }
    if details.is_empty() {
        return Ok(files);
    }
    let message = match details.len() {
        1 => "one file cannot be put into the manifest".to_owned(),
        several => format!("{several} files cannot be put into the manifest"),
    };
    let finding = Finding::error(message, format!("their paths start in {}", BarePath(root.path())));
    let finding = Finding { details, ..finding }.with_code(code);
    Err(if exit == Exit::Refused { Failure::refused(finding) } else { Failure::undecided(finding) })
}

fn detail(path: impl Into<OsString>, message: String, hint: &str) -> Detail {
    Detail { pointer: path.into(), message, hint: hint.to_owned() }
}
