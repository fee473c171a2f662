//! The page of the book about each code, which the programs print without a network.

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParserFactory};
use genome::Code;

/// The command that prints the page of a code. A build without `genome` has genome-verify.
const COMMAND: &str = if cfg!(feature = "front") { "genome help" } else { "genome-verify --explain" };

/// The page of each code, in the order of [`Code::ALL`].
macro_rules! pages {
    ($($variant:ident $name:literal)+) => {
        const PAGES: &[(Code, &str)] = &[$((
            Code::$variant,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/troubleshoot/", $name, ".md")),
        )),+];
    };
}

pages! {
    Missing "GENOME_MISSING"
    Unreadable "GENOME_UNREADABLE"
    InvalidJson "GENOME_INVALID_JSON"
    InvalidSchema "GENOME_INVALID_SCHEMA"
    Unsigned "GENOME_UNSIGNED"
    InvalidSignature "GENOME_INVALID_SIGNATURE"
    InsufficientSignatures "GENOME_INSUFFICIENT_SIGNATURES"
    LegacySignature "GENOME_LEGACY_SIGNATURE"
    SecretExposed "GENOME_SECRET_EXPOSED"
    TestKey "GENOME_TEST_KEY"
    Untrusted "GENOME_UNTRUSTED"
    RevokedKey "GENOME_REVOKED_KEY"
    Rollback "GENOME_ROLLBACK"
    Stale "GENOME_STALE"
    NotYetValid "GENOME_NOT_YET_VALID"
    LineageBroken "GENOME_LINEAGE_BROKEN"
    ManifestMismatch "GENOME_MANIFEST_MISMATCH"
    AuditMismatch "GENOME_AUDIT_MISMATCH"
    ProposalMismatch "GENOME_PROPOSAL_MISMATCH"
    CapabilityDenied "GENOME_CAPABILITY_DENIED"
}

/// A code as an argument, in capitals or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExplainedCode(pub(crate) Code);

impl ValueParserFactory for ExplainedCode {
    type Parser = clap::builder::ValueParser;

    fn value_parser() -> Self::Parser {
        let names = PossibleValuesParser::new(Code::ALL.iter().map(|code| code.as_str()));
        names.try_map(|name| Code::named(&name).map(Self).ok_or("there is no such code")).into()
    }
}

/// The page about a code: Markdown, as the book has it.
pub(crate) fn page(code: Code) -> &'static str {
    let page = PAGES.iter().find(|(known, _)| *known == code).map_or("", |(_, page)| page);
    // What the test of the examples starts from is a comment at the end.
    page.split_once("\n<!--").map_or(page, |(shown, _)| shown)
}

/// The line that says where a refusal with this code is explained.
pub(crate) fn pointer(code: Code) -> String {
    format!("see: {COMMAND} {code}\n")
}

/// What a code means: the first sentence of its page.
pub(crate) fn meaning(code: Code) -> &'static str {
    let line = page(code).lines().skip(1).find(|line| !line.is_empty()).unwrap_or_default();
    line.split_once(". ").map_or(line, |(first, _)| first).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_own_page() {
        assert_eq!(PAGES.iter().map(|(code, _)| *code).collect::<Vec<_>>(), Code::ALL);
        for code in Code::ALL {
            let page = page(*code);
            assert!(page.starts_with(&format!("# {code}\n")) && page.ends_with("```\n") && !page.contains("<!--"), "{code}");
        }
    }
}
