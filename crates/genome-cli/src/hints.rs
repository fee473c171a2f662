//! The options and variables that hints name, in one table. The library says what is missing; the name on the command line is here.

use genome::concept;
#[cfg(feature = "custody")]
use genome_custody::concept as custody;

/// The phrases of the library, and those of the programs in their place.
const TABLE: &[(&str, &str)] = &[
    (concept::TRUST_POLICY, "name the trust policy with --trust FILE or MATHISON_GENOME_TRUST"),
    (
        concept::STATE,
        "name the file of the accepted versions with --state FILE or MATHISON_GENOME_STATE (it is created if it does not exist)",
    ),
    (concept::ANCESTORS, "name the directory of the ancestors with --lineage"),
    (concept::AUDIT_LOG, "with --audit-log"),
    (concept::REPLACE, "or replace it with --force"),
    #[cfg(feature = "custody")]
    (custody::KEY, "name the key with --key"),
    #[cfg(feature = "custody")]
    (custody::LONGER, "or give it longer with --key-timeout SECONDS"),
    #[cfg(feature = "custody")]
    (custody::LONGER_FOR_PROGRAM, "--key-timeout SECONDS gives it longer"),
];

/// What to do where an output cannot be added to.
pub(crate) const REPLACE_THIS: &str = "write to another file, or replace this one with --force";

/// The hint with the options of the programs. Quotations from a document in it have no backtick; it must hold no words for a shell, which
/// may.
pub(crate) fn with_options(hint: String) -> String {
    // A phrase has a word in backticks.
    if !hint.contains('`') {
        return hint;
    }
    TABLE.iter().fold(hint, |hint, (phrase, options)| if hint.contains(phrase) { hint.replace(phrase, options) } else { hint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Finding;
    use genome::Refusal;
    use genome_json::text::Quoted;

    #[test]
    fn options_take_the_place_of_what_the_library_says() {
        let finding = Finding::from(&Refusal::NoPolicy);
        let start = "name the trust policy with --trust FILE or MATHISON_GENOME_TRUST: ";
        assert!(finding.hint.starts_with(start) && !Refusal::NoPolicy.hint().contains("--"), "{}", finding.hint);
        for (phrase, options) in TABLE {
            assert_eq!(with_options(format!("a, {phrase}; b")), format!("a, {options}; b"));
        }
    }

    #[test]
    fn no_text_of_a_document_holds_a_phrase() {
        for (phrase, _) in TABLE {
            assert_eq!(phrase.matches('`').count(), 2, "{phrase}");
            let quoted = format!("find out what {} is", Quoted(phrase));
            assert_eq!(with_options(quoted.clone()), quoted);
        }
    }
}
