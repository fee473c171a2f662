//! The changes of the options, except for the files of the manifest.

use super::fault::{Faults, refused};
use super::{AuthorityArguments, BumpArgument, CapabilityAction, ContentArguments, DraftArguments, Pin, Unpin};
use crate::signer::signer;
use crate::{Failure, Finding, Source, say};
use genome::Refusal;
use genome::definition::Definitions;
use genome::draft::{Draft, DraftError, Unpinned};
use genome::model::{ListKind, Signer};
use genome_json::text::{Quoted, excerpt};
use std::path::PathBuf;

/// The documents that were given as files.
pub(crate) struct Given {
    signers: Vec<(Source, Signer)>,
    added_signers: Vec<(Source, Signer)>,
    capabilities: Vec<(Source, Vec<u8>)>,
    invariants: Vec<(Source, Vec<u8>)>,
    definitions: Vec<(Source, Definitions)>,
}

impl Given {
    /// Every path that is read, besides that of the genome.
    pub(crate) fn paths(arguments: &DraftArguments) -> impl Iterator<Item = &PathBuf> {
        let (AuthorityArguments { signer, add_signer, .. }, content) = (&arguments.authority, &arguments.content);
        signer.iter().chain(add_signer).chain(&content.add_capability).chain(&content.add_invariant).chain(&content.pin_all)
    }

    /// Reads all of them.
    pub(crate) fn read(arguments: &DraftArguments) -> Result<Self, Failure> {
        let mut faults = Faults::default();
        let mut signers =
            |paths: &[PathBuf]| -> Vec<(Source, Signer)> { paths.iter().filter_map(|path| faults.keep(signer(path))).collect() };
        let (given, added) = (signers(&arguments.authority.signer), signers(&arguments.authority.add_signer));
        let mut documents = |paths: &[PathBuf]| -> Vec<(Source, Vec<u8>)> {
            let read = |path: &PathBuf| {
                let source = Source::from(path.as_path());
                faults.keep(source.read()).map(|bytes| (source, bytes))
            };
            paths.iter().filter_map(read).collect()
        };
        let capabilities = documents(&arguments.content.add_capability);
        let invariants = documents(&arguments.content.add_invariant);
        let definitions = documents(&arguments.content.pin_all).into_iter().filter_map(|(source, bytes)| {
            let read = Definitions::read(&bytes).map_err(|refusal| Failure::refused(Finding::from(&refusal).at(&source)));
            faults.keep(read).map(|definitions| (source, definitions))
        });
        let definitions = definitions.collect();
        faults.settle()?;
        Ok(Self { signers: given, added_signers: added, capabilities, invariants, definitions })
    }

    /// Applies the options, except for the files of the manifest. `from` is the genome that the draft is made from.
    pub(crate) fn apply<'a>(&'a self, draft: &mut Draft<'a>, arguments: &DraftArguments, from: &Source, faults: &mut Faults) {
        // A document that is given may be refused, and so may a signer whom its file names; everything else is about the genome.
        let mut change = |changed: Result<(), DraftError>, document: &Source| {
            faults.keep(changed.map_err(|error| match &error {
                DraftError::Refused(refusal) => unread(refusal, document),
                DraftError::Taken { entry: ListKind::Signer, .. } | DraftError::KeyTaken { .. } => {
                    Failure::refused(Finding { pointer: String::new(), ..Finding::from(&error) }.at(document))
                }
                _ => refused(&error, from),
            }));
        };
        arguments.content.allow.iter().chain(&arguments.content.deny).for_each(warn_of_list);
        if arguments.new_root {
            draft.start_lineage();
        }
        if let Some(name) = &arguments.name {
            draft.rename(name);
        }
        match (&arguments.version, arguments.bump.and_then(BumpArgument::number)) {
            (Some(version), _) => draft.set_version(version.clone()),
            (None, Some(bump)) => change(draft.bump(bump), from),
            (None, None) => draft.fit_version(),
        }
        if !self.signers.is_empty() {
            draft.remove_signers();
        }
        for key_id in &arguments.authority.remove_signer {
            change(draft.remove_signer(key_id), from);
        }
        for (source, signer) in self.signers.iter().chain(&self.added_signers) {
            change(draft.add_signer(signer), source);
        }
        if let Some(threshold) = arguments.authority.threshold {
            draft.set_threshold(threshold);
        }
        self.apply_content(draft, &arguments.content, from, &mut change);
    }

    fn apply_content<'a>(
        &'a self,
        draft: &mut Draft<'a>,
        arguments: &ContentArguments,
        from: &Source,
        change: &mut impl FnMut(Result<(), DraftError>, &Source),
    ) {
        for id in &arguments.remove_invariant {
            change(draft.remove_invariant(id), from);
        }
        for (source, bytes) in &self.invariants {
            change(draft.add_invariant(bytes), source);
        }
        for cap_id in &arguments.remove_capability {
            change(draft.remove_capability(cap_id), from);
        }
        for (source, bytes) in &self.capabilities {
            change(draft.add_capability(bytes), source);
        }
        for CapabilityAction { cap_id, action } in &arguments.remove_action {
            change(draft.remove_action(cap_id, action), from);
        }
        for Unpin { action, sha256 } in &arguments.unpin {
            change(draft.unpin(action, *sha256), from);
        }
        for CapabilityAction { cap_id, action } in &arguments.allow {
            change(draft.allow(cap_id, action), from);
        }
        for CapabilityAction { cap_id, action } in &arguments.deny {
            change(draft.deny(cap_id, action), from);
        }
        for (source, definitions) in &self.definitions {
            change(draft.pin_all(definitions).map(|unpinned| say_unpinned(&unpinned, definitions, source)), source);
        }
        for Pin { action, sha256 } in &arguments.pin {
            change(draft.pin(action, *sha256), from);
        }
    }
}

/// Says what was not pinned, and what that means.
fn say_unpinned(unpinned: &Unpinned, definitions: &Definitions, source: &Source) {
    if !unpinned.not_allowed.is_empty() {
        let message = format!("not pinned, as the draft does not allow it: {}", quoted(&unpinned.not_allowed));
        say(&Finding::notice(message, "allow what is to be used, and draft again").at(source));
    }
    if !unpinned.not_defined.is_empty() {
        let message = format!("allowed, and not defined here: {}", quoted(&unpinned.not_defined));
        let hint = format!("without a pin it is good for nothing, as other tools of `{}` are pinned", definitions.server());
        say(&Finding::warning(message, hint).at(source));
    }
}

/// Actions in a sentence; of very many, the first.
fn quoted(actions: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut shown: Vec<String> = actions.iter().take(SHOWN).map(|action| Quoted(action).to_string()).collect();
    if actions.len() > SHOWN {
        shown.push(format!("and {} more", actions.len() - SHOWN));
    }
    shown.join(", ")
}

/// A document that was given is refused.
fn unread(refusal: &Refusal, document: &Source) -> Failure {
    Failure::refused(Finding::of_unsigned(refusal, "the file").at(document))
}

/// A name may hold a comma, and the genome then allows, or denies, an action of that name only.
fn warn_of_list(CapabilityAction { action, .. }: &CapabilityAction) {
    if action.contains(',') && action.split(',').all(|part| !part.trim().is_empty()) {
        let message = format!("{} is one action, whose name has a comma", Quoted(&excerpt(action)));
        say(&Finding::warning(message, "if several actions are meant, repeat the option for each of them"));
    }
}
