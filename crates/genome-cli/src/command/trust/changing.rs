//! The changes of a policy: they are made to what stands in the file, shown, agreed to, and written.

use super::creating::no_threshold;
use super::fault::{mistaken, not_added, not_there, refused};
use super::listing::{listing, warnings};
use super::showing::unread;
use super::writing::{Policy, check_writable, read, unwritten};
use super::{AddArguments, ChangeArguments, ClassQuorum, Lowest, MaximumAge, RaiseArguments};
use crate::asking::Asking;
use crate::{Exit, Failure, Finding, Paint, Source, class_style, say, tell};
use genome::change::Class;
use genome::policy::{PolicyChange, PolicyEdit, PolicyEditor, PolicyForm};
use genome_files::FoundDestination;
use genome_json::text::{BarePath, Quoted, shell_path};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::Path;

pub(super) fn add(arguments: &AddArguments) -> Result<Exit, Failure> {
    let keys = arguments.keys.read()?;
    change(&arguments.policy, &arguments.change, |editor| {
        // A policy of genome ids alone has no threshold that could stay as it is.
        if editor.before().authority().is_none() && arguments.change.threshold.is_none() && keys.len() > 1 {
            return Err(no_threshold(keys.len()));
        }
        arguments.keys.genome_id.iter().for_each(|id| editor.add_genome_id(*id));
        keys.iter().try_for_each(|(source, signer)| editor.add(signer).map_err(|error| not_added(&error, source)))
    })
}

pub(super) fn raise(arguments: &RaiseArguments) -> Result<Exit, Failure> {
    let policy = &arguments.policy;
    change(policy, &arguments.change, |editor| {
        for ClassQuorum { class, approvals } in &arguments.quorum {
            editor.set_quorum(*class, *approvals);
        }
        if let Some(MaximumAge(days)) = arguments.maximum_age_days {
            editor.set_maximum_age(days);
        }
        match (&arguments.name, &arguments.lowest) {
            (Some(name), Some(Lowest::Version(lowest))) => {
                match editor.resembling(name).filter(|_| !arguments.new) {
                    Some(other) => return Err(mistaken(name, other, policy)),
                    None => editor.set_minimum_version(name, lowest.clone()),
                }
                Ok(())
            }
            (Some(name), Some(Lowest::None)) if !editor.remove_minimum_version(name) => {
                Err(not_there(name, editor.resembling(name), policy))
            }
            _ => Ok(()),
        }
    })
}

/// Makes a change of the policy at this path, after it was shown and, on a terminal, agreed to.
pub(super) fn change(
    path: &Path,
    arguments: &ChangeArguments,
    edit: impl FnOnce(&mut PolicyEditor<'_>) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    if path.as_os_str() == "-" {
        let hint = "name the file; `genome trust new - KEY` prints a new policy";
        return Err(Failure::undecided(Finding::error("a policy that is changed is a file, not standard input", hint)));
    }
    let found = FoundDestination::find(path).map_err(|error| unwritten(path, &error))?;
    if arguments.yes || !io::stderr().is_terminal() {
        let policy = Policy::hold(path, found)?;
        let before = policy.read()?;
        let Some(edit) = edited(path, &before, arguments, edit)? else { return Ok(Exit::Done) };
        policy.check_writable()?;
        tell(&text(path, &edit));
        let not_asked = if arguments.yes { "" } else { " (not asked: standard error is no terminal)" };
        return write(path, policy, &edit, not_asked);
    }
    // Nothing is locked while the user reads and answers.
    let before = read(path, found.as_ref())?;
    let Some(edit) = edited(path, &before, arguments, edit)? else { return Ok(Exit::Done) };
    check_writable(path, found.as_ref())?;
    agree(path, &edit)?;
    let policy = Policy::hold(path, found)?;
    policy.check_writable()?;
    if policy.read()? != before {
        let hint = "nothing was changed; try again, and see what changes then";
        return Err(Failure::refused(Finding::error("another program changed it meanwhile", hint).at(path)));
    }
    write(path, policy, &edit, "")
}

/// The policy after the change; nothing where it is as it was.
fn edited(
    path: &Path,
    before: &[u8],
    arguments: &ChangeArguments,
    edit: impl FnOnce(&mut PolicyEditor<'_>) -> Result<(), Failure>,
) -> Result<Option<PolicyEdit>, Failure> {
    let source = Source::File(path.to_owned());
    let mut editor = PolicyEditor::of(before).map_err(|refusal| unread(&refusal, before, &source))?;
    edit(&mut editor)?;
    if let Some(threshold) = arguments.threshold {
        editor.set_threshold(threshold.into()).map_err(|error| refused(&error, path))?;
    }
    if arguments.lower {
        editor.allow_lowering();
    }
    let edit = editor.finish().map_err(|error| refused(&error, path))?;
    for warning in warnings(edit.document.policy()) {
        say(&warning.at(&source));
    }
    if edit.is_empty() {
        tell(&format!("nothing to do: {} says so already\n", BarePath(path)));
        return Ok(None);
    }
    Ok(Some(edit))
}

/// Who is trusted after the change, and what changes, which is last, so that it is not off the screen.
fn text(path: &Path, edit: &PolicyEdit) -> String {
    let paint = Paint::on(&io::stderr());
    let file = BarePath(path);
    let mut text = format!("trusted by {file} after this change\n{}", listing(edit.document.policy(), paint));
    let was = match edit.form {
        PolicyForm::Whole => None,
        PolicyForm::Authority => Some("an authority"),
        PolicyForm::Signer => Some("one signer"),
        PolicyForm::PublicKeys => Some("public keys"),
    };
    // Writing to a string does not fail.
    if edit.shift.trusts_less {
        let word = shell_path(path);
        let _ = writeln!(
            text,
            "a server may refuse to start with the changed policy: before you deploy it, run genome verify --trust {word} GENOME"
        );
    }
    for change in &edit.changes {
        // Nothing says whether there is a genome of this name.
        if let PolicyChange::MinimumVersion { name, from: None, .. } = change {
            let _ = writeln!(text, "the lowest version is for genomes with the name {} only, letter for letter", Quoted(name));
        }
    }
    if let Some(sentence) = of_bad_signatures(&edit.changes) {
        let _ = writeln!(text, "{sentence}");
    }
    let _ = writeln!(text, "changes of {file}: {}", edit.shift);
    if let Some(was) = was {
        let _ = writeln!(text, "  form           {was} -> a trust policy, trust.v0.1");
    }
    for &class in Class::ALL {
        let style = paint.style(class_style(class));
        for change in edit.changes.iter().filter(|change| change.class() == class) {
            let _ = writeln!(text, "  {style}{:<13}{style:#}  {change}", class.as_str());
        }
    }
    text
}

/// What follows where a signature does not verify: by a key that the policy knows it refuses the whole genome, by any other it counts for nothing. The
/// shift is about signatures that verify.
fn of_bad_signatures(changes: &[PolicyChange]) -> Option<String> {
    let is_known = |change: &PolicyChange| matches!(change, PolicyChange::SignerAdded(_));
    let is_unknown = |change: &PolicyChange| matches!(change, PolicyChange::SignerRemoved(_) | PolicyChange::Revoked(_));
    let what = match (changes.iter().any(is_known), changes.iter().any(is_unknown)) {
        (false, false) => return None,
        (true, false) => "by the key of a new signer refuses its genome now",
        (false, true) => "by a key that is no longer trusted counts for nothing now, and does not refuse its genome any more",
        (true, true) => {
            "by the key of a new signer refuses its genome now, and one by a key that is no longer trusted does not any more"
        }
    };
    Some(format!("a signature that does not verify {what}"))
}

/// Shows the change, and asks.
fn agree(path: &Path, edit: &PolicyEdit) -> Result<(), Failure> {
    let question = format!("change {}, after which {}", BarePath(path), edit.shift);
    let grave = edit.changes.iter().filter(|change| change.class() == Class::Weakening).count();
    let text = text(path, edit);
    let asking = Asking { text: &text, question: &question, verb: "change", grave, counted: "weakenings" };
    let (asked, answer) = asking.ask();
    match asked {
        Ok(true) => Ok(()),
        Ok(false) => {
            let hint = format!("answer {answer} to change it");
            Err(Failure::refused(Finding::error("nothing was changed", hint).at(path)))
        }
        Err(unanswered) => {
            let hint = unanswered.hint(&answer, "--yes changes it without a question");
            Err(Failure::undecided(Finding::error(format!("nothing was changed: {unanswered}"), hint).at(path)))
        }
    }
}

/// Replaces the file, and says so, and why the user was not asked.
fn write(path: &Path, policy: Policy<'_>, edit: &PolicyEdit, not_asked: &str) -> Result<Exit, Failure> {
    policy.replace(edit.document.to_json())?;
    tell(&format!("changed {}{not_asked}\n", BarePath(path)));
    Ok(Exit::Done)
}
