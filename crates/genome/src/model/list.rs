//! The lists of a genome whose items have names of their own.

use std::fmt;

/// The kinds of list in a genome whose items have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ListKind {
    Signer,
    Invariant,
    Capability,
    Pin,
    File,
}

impl ListKind {
    /// Where the list is.
    pub(crate) fn path(self) -> &'static [&'static str] {
        match self {
            Self::Signer => &["authority", "signers"],
            Self::Invariant => &["invariants"],
            Self::Capability => &["capabilities"],
            Self::Pin => &["tools"],
            Self::File => &["build_manifest", "files"],
        }
    }

    /// Where the list is, as a JSON Pointer (RFC 6901).
    pub(crate) fn pointer(self) -> &'static str {
        match self {
            Self::Signer => "/authority/signers",
            Self::Invariant => "/invariants",
            Self::Capability => "/capabilities",
            Self::Pin => "/tools",
            Self::File => "/build_manifest/files",
        }
    }

    /// The field that holds the name. Several pins may have one name.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Signer => "key_id",
            Self::Invariant => "id",
            Self::Capability => "cap_id",
            Self::Pin => "action",
            Self::File => "path",
        }
    }

    /// The word for several.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Signer => "signers",
            Self::Invariant => "invariants",
            Self::Capability => "capabilities",
            Self::Pin => "pins",
            Self::File => "files",
        }
    }
}

/// The word for one.
impl fmt::Display for ListKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Signer => "signer",
            Self::Invariant => "invariant",
            Self::Capability => "capability",
            Self::Pin => "pin",
            Self::File => "file",
        })
    }
}
