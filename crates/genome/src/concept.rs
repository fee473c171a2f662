//! How hints ask for what only the caller can give. The library knows no programs and no options: a program that has one says its name in
//! the place of the concept.

use crate::hint::Concept;

/// Every concept of this library.
pub const ALL: &[Concept] = &[
    TRUST_POLICY,
    A_TRUST_POLICY,
    STATE,
    ANCESTORS,
    AUDIT_LOG,
    REPLACE,
    KEY_GENERATOR,
    SIGNING,
    SIGNING_WITH_PARENT,
    DRAFTING_FROM,
    DRAFTING_BUMP,
    PROPOSING,
    PROPOSING_AGAIN,
    LISTING,
    AS_GENOME,
    AS_TRUST_POLICY,
    AS_STATE,
    AS_AUDIT_LOG,
    AS_PROPOSAL,
    AS_DEFINITIONS,
];

/// A trust policy.
pub const TRUST_POLICY: Concept = Concept::new("name a trust policy");

/// A trust policy, as a thing that is given.
pub const A_TRUST_POLICY: Concept = Concept::new("a trust policy");

/// A state, which remembers what was accepted.
pub const STATE: Concept = Concept::new("keep the accepted versions in a state");

/// The ancestors of a genome.
pub const ANCESTORS: Concept = Concept::new("say where its ancestors are");

/// An audit log in which a signing is recorded.
pub const AUDIT_LOG: Concept = Concept::new("with an audit log");

/// Permission to replace another genome.
pub const REPLACE: Concept = Concept::new("or replace it");

/// What makes keys, and prints signer objects.
pub const KEY_GENERATOR: Concept = Concept::new("the key generator");

/// What signs genomes.
pub const SIGNING: Concept = Concept::new("the signing program");

/// The same, which is given a parent of the genome.
pub const SIGNING_WITH_PARENT: Concept = Concept::new("the signing program, given that parent");

/// A draft from a genome that becomes its parent.
pub const DRAFTING_FROM: Concept = Concept::new("as its child");

/// A draft with the next version.
pub const DRAFTING_BUMP: Concept = Concept::new("above that of its parent");

/// What writes the declared changes of a proposal, at the start of a sentence.
pub const PROPOSING: Concept = Concept::new("the program that compares them");

/// What takes a changed draft into a proposal, at the start of a sentence.
pub const PROPOSING_AGAIN: Concept = Concept::new("the program that compares them, given the proposal");

/// What writes the definitions that an MCP server lists.
pub const LISTING: Concept = Concept::new("the program that lists the tools of the server");

/// What takes a genome.
pub const AS_GENOME: Concept = Concept::new("the verifier, as the genome");

/// What takes a trust policy.
pub const AS_TRUST_POLICY: Concept = Concept::new("the verifier, as its trust policy");

/// What takes a state.
pub const AS_STATE: Concept = Concept::new("the verifier, as its state");

/// What takes an audit log.
pub const AS_AUDIT_LOG: Concept = Concept::new("the verifier, as an audit log");

/// What takes a proposal.
pub const AS_PROPOSAL: Concept = Concept::new("the verifier, as a proposal");

/// What takes a file of definitions.
pub const AS_DEFINITIONS: Concept = Concept::new("the program that compares genomes, as definitions");
