//! The programs, options and variables that hints name, in one table. The library says what is missing; what it is called on a command line
//! is said here.

use genome::concept;
use genome::hint::{Concept, Hint};
#[cfg(feature = "custody")]
use genome_custody::concept as custody;

/// The concepts of the libraries, and what programs say in their place.
const TABLE: &[(Concept, &str)] = &[
    (concept::TRUST_POLICY, "name the trust policy with --trust FILE or MATHISON_GENOME_TRUST"),
    (concept::A_TRUST_POLICY, "a trust policy (--trust FILE, or MATHISON_GENOME_TRUST)"),
    (
        concept::STATE,
        "name the file of the accepted versions with --state FILE or MATHISON_GENOME_STATE (it is created if it does not exist)",
    ),
    (concept::ANCESTORS, "name the directory of the ancestors with --lineage"),
    (concept::AUDIT_LOG, "with --audit-log"),
    (concept::REPLACE, "or replace it with --force"),
    (concept::KEY_GENERATOR, "genome-keygen"),
    (concept::SIGNING, "genome-sign"),
    (concept::SIGNING_WITH_PARENT, "genome-sign, with --parent FILE where it does not find that parent"),
    (concept::DRAFTING_FROM, "with genome-draft --from"),
    (concept::DRAFTING_BUMP, "with genome-draft --bump"),
    (concept::PROPOSING, "genome propose"),
    (concept::PROPOSING_AGAIN, "genome propose --refresh"),
    (concept::LISTING, "genome-mcp pin"),
    (concept::AS_GENOME, "genome-verify"),
    (concept::AS_TRUST_POLICY, "genome-verify --trust"),
    (concept::AS_STATE, "genome-verify --state"),
    (concept::AS_AUDIT_LOG, "genome-verify --audit-log"),
    (concept::AS_PROPOSAL, "genome-verify --proposal"),
    (concept::AS_DEFINITIONS, "genome-diff --definitions"),
    #[cfg(feature = "custody")]
    (custody::KEY, "name the key with --key"),
    #[cfg(feature = "custody")]
    (custody::LONGER, "or give it longer with --key-timeout SECONDS"),
    #[cfg(feature = "custody")]
    (custody::LONGER_FOR_PROGRAM, "--key-timeout SECONDS gives it longer"),
];

/// What to do where an output cannot be added to.
pub(crate) const REPLACE_THIS: &str = "write to another file, or replace this one with --force";

/// What the programs call it that a hint asks for, such as an option; `None` where they have no name of their own for it.
#[must_use]
pub fn option_name(concept: Concept) -> Option<&'static str> {
    TABLE.iter().find(|(known, _)| *known == concept).map(|(_, name)| *name)
}

/// The hint as programs say it.
pub(crate) fn with_options(hint: impl Into<Hint>) -> String {
    hint.into().with(option_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Finding;
    use genome::Refusal;
    use genome::exposure::{ExposedPath, Purpose};
    use genome_json::text::shell_word;

    #[test]
    fn options_take_the_place_of_what_the_library_says() {
        let finding = Finding::from(&Refusal::NoPolicy);
        let start = "name the trust policy with --trust FILE or MATHISON_GENOME_TRUST: ";
        assert!(finding.hint.starts_with(start) && !Refusal::NoPolicy.hint().to_string().contains("--"), "{}", finding.hint);
        for (concept, name) in TABLE {
            assert_eq!(with_options("a, " + *concept + "; b"), format!("a, {name}; b"));
        }
    }

    #[test]
    fn every_concept_has_a_name_on_the_command_line() {
        assert!(concept::ALL.iter().all(|concept| option_name(*concept).is_some()));
        #[cfg(feature = "custody")]
        assert!(custody::ALL.iter().all(|concept| option_name(*concept).is_some()));
    }

    /// A file may be called like one.
    #[test]
    fn no_name_of_a_file_is_taken_for_a_concept() {
        for (concept, _) in TABLE {
            let words = concept.words();
            let exposed =
                ExposedPath { path: words.into(), purpose: Purpose::Read, owner: 0, user: 0, is_open: true, is_readable: true };
            let hint = Finding::from(&Refusal::WritableByOthers(vec![exposed])).hint;
            assert!(hint.ends_with(&format!("chmod go-w {}", shell_word(words.as_ref()))), "{hint}");
        }
    }
}
