//! The texts of what genomes pin, from files of definitions. A text is known by its digest alone, so that one that is stale or made up is never
//! taken for the one that was signed.

use super::since::Since;
use crate::git::Objects;
use crate::input::Input;
use crate::{Failure, Finding, Source, say};
use genome::Digest;
use genome::change::{Change, PinChange};
use genome::definition::{Definitions, Difference, Pinned, differences};
use genome::mcp::ServerName;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the texts are: in the files that are named; or where none is, beside each genome, in `tools/NAME.json`.
pub(crate) struct Texts<'t> {
    named: Option<Vec<Definitions>>,
    /// The revision that has such files too.
    since: Option<&'t Since>,
}

/// A definition that was good or is now, or both, in whose place another is.
pub(crate) struct DefinitionChange {
    /// The action of the tool, or `NAME:instructions`.
    pub(crate) action: String,
    /// The digest of the one that was good; `None` where the later one comes beside others, or is the first.
    pub(crate) was: Option<Digest>,
    /// The digest of the one that is good now.
    pub(crate) is: Option<Digest>,
    /// Those of the two whose texts are in no file.
    pub(crate) missing: Vec<Digest>,
    /// What differs, where each text is at hand. A definition that comes or goes alone differs as a whole.
    pub(crate) differences: Option<Vec<Difference>>,
}

impl Texts<'static> {
    /// The texts of the files that somebody has named; of those beside the genomes where none is.
    ///
    /// # Errors
    /// One of them cannot be read, or is no file of definitions.
    pub(crate) fn of(named: &[PathBuf]) -> Result<Self, Failure> {
        let files = named.iter().map(|path| read(&Source::from(path.as_path()), Source::read)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { named: (!named.is_empty()).then_some(files), since: None })
    }
}

impl Texts<'_> {
    /// With those that a revision has beside the genomes.
    pub(crate) fn since(self, since: &Since) -> Texts<'_> {
        Texts { named: self.named, since: Some(since) }
    }

    /// What differs in the definitions that these changes are about. A file beside a genome that cannot be read is warned of.
    pub(crate) fn compare(&self, genomes: &[&Input], changes: &[Change]) -> Vec<DefinitionChange> {
        let pins: Vec<&PinChange> = changes.iter().filter_map(pin_change).collect();
        let beside = if self.named.is_none() { self.beside(genomes, &servers(&pins)) } else { Vec::new() };
        let files: Vec<&Definitions> = self.named.iter().flatten().chain(&beside).collect();
        pins.into_iter().flat_map(|change| definition_changes(change, &files)).collect()
    }

    /// The files beside these genomes, as far as they are there.
    fn beside(&self, genomes: &[&Input], servers: &BTreeSet<ServerName>) -> Vec<Definitions> {
        let mut found = Vec::new();
        for name in servers.iter().map(file_of) {
            let mut seen = BTreeSet::new();
            for input in genomes {
                let place = |path: &Path| path.parent().map(|directory| directory.join(&name));
                match &input.source {
                    Source::File(path) => {
                        let place = place(path).filter(|place| seen.insert((true, place.clone())));
                        found.extend(place.as_deref().and_then(here));
                        found.extend(place.as_deref().and_then(|place| self.before(&self.below_top(place)?)));
                    }
                    // From the top of the work tree.
                    Source::Version(path, _) => {
                        let place = place(path).filter(|place| seen.insert((false, place.clone())));
                        found.extend(place.as_deref().and_then(|place| self.before(place)));
                    }
                    Source::Stdin | Source::Side(..) => {}
                }
            }
        }
        found
    }

    /// A path of the work tree, from its top.
    fn below_top(&self, path: &Path) -> Option<PathBuf> {
        let since = self.since?;
        let (tools, name) = (path.parent()?, path.file_name()?);
        let directory = tools.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The directory of the definitions may be in the revision alone.
        let absolute = directory.canonicalize().ok()?.join(tools.file_name()?).join(name);
        absolute.strip_prefix(&since.top).ok().map(Path::to_owned)
    }

    /// The file as the revision has it.
    fn before(&self, path: &Path) -> Option<Definitions> {
        let since = self.since?;
        let source = Source::Version(path.to_owned(), since.short().to_owned());
        let bytes = || {
            let entries = since.git.files_of(&since.commit, &[path.to_owned()])?;
            let entry = entries.into_iter().find(|(found, entry)| found == path && !entry.is_link);
            entry.map(|(_, entry)| Objects::of(&since.git)?.read(&entry.blob)).transpose()
        };
        let bytes = match bytes() {
            Ok(bytes) => bytes?,
            Err(error) => {
                let finding = Finding::warning(format!("it cannot be read: {error}"), NOT_SHOWN);
                say(&finding.at(&source));
                return None;
            }
        };
        Definitions::read(&bytes).map_err(|refusal| warn(&Failure::undecided(Finding::from(&refusal).at(&source)))).ok()
    }
}

/// The file as it is here.
fn here(path: &Path) -> Option<Definitions> {
    path.symlink_metadata().ok()?;
    read(&Source::File(path.to_owned()), Source::read_regular).map_err(|failure| warn(&failure)).ok()
}

const NOT_SHOWN: &str = "what it may hold of a definition is not shown";

/// Where the definitions of a server are looked for, from the directory of a genome.
pub(crate) fn file_of(server: &ServerName) -> String {
    format!("tools/{server}.json")
}

fn read<E>(source: &Source, bytes: impl Fn(&Source) -> Result<Vec<u8>, E>) -> Result<Definitions, Failure>
where
    Failure: From<E>,
{
    let bytes = bytes(source)?;
    Definitions::read(&bytes).map_err(|refusal| Failure::undecided(Finding::from(&refusal).at(source)))
}

/// Says that a file which nobody has named is left out.
fn warn(failure: &Failure) {
    if let Some(finding) = failure.finding() {
        let Finding { message, file, .. } = finding.clone();
        say(&Finding { file, ..Finding::warning(message, NOT_SHOWN) });
    }
}

fn pin_change(change: &Change) -> Option<&PinChange> {
    match change {
        Change::Pins(pins) => Some(pins),
        _ => None,
    }
}

fn servers(pins: &[&PinChange]) -> BTreeSet<ServerName> {
    pins.iter().filter_map(|change| ServerName::of_action(&change.action)).collect()
}

/// What becomes of each definition: those that come are held against one that goes, or else one that stays; what goes alone is shown too.
fn definition_changes(change: &PinChange, files: &[&Definitions]) -> Vec<DefinitionChange> {
    let find = |digest: &Digest| files.iter().find_map(|file| file.find(&change.action, digest));
    let gone = || change.from.iter().filter(|digest| !change.to.contains(digest));
    let come = || change.to.iter().filter(|digest| !change.from.contains(digest));
    let before = || gone().chain(&change.from);
    let base = before().find(|digest| find(digest).is_some()).or_else(|| before().next());
    let changed = |was: Option<&Digest>, is: Option<&Digest>| DefinitionChange::of(&change.action, was, is, find);
    if come().next().is_none() {
        return gone().map(|was| changed(Some(was), None)).collect();
    }
    come().map(|is| changed(base, Some(is))).collect()
}

impl DefinitionChange {
    fn of<'d>(action: &str, was: Option<&Digest>, is: Option<&Digest>, find: impl Fn(&Digest) -> Option<Pinned<'d>>) -> Self {
        let [old, new] = [was, is].map(|digest| digest.map(|digest| (digest, find(digest).map(Pinned::to_value))));
        let missing = [&old, &new].into_iter().flatten().filter(|(_, text)| text.is_none()).map(|(digest, _)| **digest).collect();
        let differences = match (&old, &new) {
            (Some((_, Some(old))), Some((_, Some(new)))) => Some(differences(old, new)),
            // What was there is not at hand, so all of it may be new.
            (None | Some((_, None)), Some((_, Some(new)))) => Some(vec![Difference::of_whole(None, Some(new))]),
            (Some((_, Some(old))), None) => Some(vec![Difference::of_whole(Some(old), None)]),
            _ => None,
        };
        Self { action: action.to_owned(), was: was.copied(), is: is.copied(), missing, differences }
    }
}
