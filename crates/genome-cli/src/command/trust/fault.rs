//! Why a policy is not made or changed, with the options that help.

use crate::hints::with_options;
use crate::{Failure, Finding, Source};
use genome::GenomeId;
use genome::policy::PolicyError;
use genome_json::text::{Quoted, shell_path};
use std::path::Path;

/// The failure of a change of the policy at this path.
pub(super) fn refused(error: &PolicyError, policy: &Path) -> Failure {
    let file = shell_path(policy);
    let add_first = format!("add another signer first: genome trust add {file} KEY");
    let hint = match error {
        PolicyError::Unmet { able: 0, .. } | PolicyError::NoSigners => add_first,
        PolicyError::Unmet { because: Some(_), .. } => {
            format!("{add_first}; or ask for less first: genome trust raise {file} --quorum CLASS=N --lower")
        }
        PolicyError::Unmet { able, .. } => {
            format!("{add_first}; or lower the threshold in the same step: --threshold {able} --lower")
        }
        PolicyError::Lowers(_) => "that is a weakening: to make it, say so with --lower".to_owned(),
        PolicyError::Unknown { .. } => {
            format!("{}; a fingerprint, or the file of a public key, will do too", with_options(error.hint()))
        }
        _ => with_options(error.hint()),
    };
    let failed = |finding: Finding| Finding { hint: format!("nothing was changed; {}", finding.hint), ..finding }.at(policy);
    match error {
        PolicyError::Refused(refusal) => Failure::refused(failed(Finding::of_unsigned(refusal, "the trust policy"))),
        PolicyError::Contradiction => Failure::undecided(failed(Finding::error(error.to_string(), hint))),
        _ => Failure::refused(failed(Finding::error(error.to_string(), hint))),
    }
}

/// The failure to add this key, which is about the file that holds it.
pub(super) fn not_added(error: &PolicyError, key: &Source) -> Failure {
    let hint = match error {
        PolicyError::Taken { .. } => format!("{}; --name KEY_ID=FILE gives it one", with_options(error.hint())),
        _ => with_options(error.hint()),
    };
    Failure::refused(Finding::error(error.to_string(), format!("nothing was changed; {hint}")).at(key))
}

/// A name that is new, beside one that resembles it: a typing error would raise nothing, and seem to.
pub(super) fn mistaken(name: &str, other: &str, policy: &Path) -> Failure {
    let (name, other) = (Quoted(name), Quoted(other));
    let message = format!("the policy has no lowest version of {name} yet, but one of {other}");
    let hint = format!("nothing was changed; did you mean {other}? to add {name} all the same, say so with --new");
    Failure::refused(Finding::error(message, hint).at(policy))
}

/// There is no lowest version that could be taken out.
pub(super) fn not_there(name: &str, other: Option<&str>, policy: &Path) -> Failure {
    let hint = other.map_or_else(
        || "`genome trust show` shows those that it has".to_owned(),
        |other| format!("did you mean {}?", Quoted(other)),
    );
    let message = format!("the policy has no lowest version of {}", Quoted(name));
    Failure::refused(Finding::error(message, format!("nothing was changed; {hint}")).at(policy))
}

/// There is no genome of this id that could be taken out.
pub(super) fn no_genome_id(id: GenomeId, policy: &Path) -> Failure {
    let hint = "nothing was changed; `genome trust show` shows those that it has";
    Failure::refused(Finding::error(format!("the policy trusts no genome by the id {id}"), hint).at(policy))
}
