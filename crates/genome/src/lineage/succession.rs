//! Whether one genome is a valid successor of another.

use crate::change::Change;
use crate::concept::{DRAFTING_BUMP, DRAFTING_FROM};
use crate::document::Document;
use crate::hint::Hint;
use crate::model::{Genome, GenomeName};
use crate::named::named;
use crate::policy::TrustPolicy;
use crate::refusal::{Quorum, QuorumOf, Refusal};
use crate::version::Bump;
use genome_json::text::Quoted;

/// Whether a genome is a valid successor of another: each check of the step, and its result. It judges the step alone; a
/// [`Verifier`](crate::Verifier) decides whether the parent is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    checks: Vec<SuccessionCheck>,
}

/// A check of the step from a genome to its child.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct SuccessionCheck {
    /// What is checked.
    pub kind: SuccessionCheckKind,
    /// Whether it holds.
    pub is_met: bool,
    /// What holds or does not, in words.
    pub message: String,
    /// The next thing to do, where it is not met.
    pub hint: Option<Hint>,
    /// The quorum that it is about, if it is about signatures that verify.
    pub quorum: Option<Quorum>,
}

named! {
    /// What is checked of a step; each has a stable name.
    SuccessionCheckKind {
        /// The child names the parent.
        Parent = "parent",
        /// The child is not older than the parent.
        Date = "date",
        /// The version goes up, by a step that fits the change.
        Version = "version",
        /// The parent is signed by its own authority.
        ParentSignatures = "parent_signatures",
        /// The child is signed by its own authority.
        OwnSignatures = "own_signatures",
        /// The child is signed by the authority of the parent.
        SignaturesOfParent = "signatures_of_parent",
    }
}

impl SuccessionCheck {
    /// Whether it is about signatures, which come last.
    pub(crate) fn is_about_signatures(&self) -> bool {
        match self.kind {
            SuccessionCheckKind::Parent | SuccessionCheckKind::Date | SuccessionCheckKind::Version => false,
            SuccessionCheckKind::ParentSignatures
            | SuccessionCheckKind::OwnSignatures
            | SuccessionCheckKind::SignaturesOfParent => true,
        }
    }

    /// Checks the version of a child that is not written yet: whether it goes up, and by a step that fits the changes.
    #[must_use]
    pub fn of_version(parent: &Genome, child: &Genome, changes: &[Change]) -> Self {
        version(parent, child, changes)
    }

    fn new(kind: SuccessionCheckKind, is_met: bool, message: String, hint: impl Into<Hint>) -> Self {
        Self { kind, is_met, message, hint: (!is_met).then(|| hint.into()), quorum: None }
    }

    fn of(kind: SuccessionCheckKind, quorum: Quorum) -> Self {
        let check = Self::new(kind, quorum.tally.is_met(), quorum.to_string(), quorum.hint());
        Self { quorum: Some(quorum), ..check }
    }

    /// The same, about this genome.
    fn about(self, whose: &str) -> Self {
        Self { message: format!("{whose}: {}", self.message), ..self }
    }

    fn refused(kind: SuccessionCheckKind, refusal: &Refusal) -> Self {
        Self::new(kind, false, refusal.to_string(), refusal.hint())
    }
}

impl Succession {
    /// Judges the step from a genome to what should be its child. The changes are those from the one to the other.
    #[must_use]
    pub fn of(parent: &Document<'_>, child: &Document<'_>, changes: &[Change], policy: Option<&TrustPolicy>) -> Self {
        let name = GenomeName::of(&parent.genome, parent.id);
        let mut checks = vec![named(parent, child, &name), dated(parent, child), version(&parent.genome, &child.genome, changes)];
        checks.push(
            match parent.attribution() {
                Ok(attribution) => {
                    let tally = attribution.tally(&parent.genome.authority, policy.map(TrustPolicy::revoked));
                    SuccessionCheck::of(SuccessionCheckKind::ParentSignatures, Quorum::own(tally))
                }
                Err(refusal) => SuccessionCheck::refused(SuccessionCheckKind::ParentSignatures, &refusal),
            }
            .about("its parent"),
        );
        match child.attribution() {
            Ok(mut attribution) => {
                let own = attribution.tally(&child.genome.authority, policy.map(TrustPolicy::revoked));
                checks.push(SuccessionCheck::of(SuccessionCheckKind::OwnSignatures, Quorum::own(own)).about("itself"));
                attribution.attribute(&parent.genome.authority.signers, child.canonical.as_bytes());
                checks.push(match attribution.settle() {
                    Ok(()) => {
                        let tally = attribution.tally(&parent.genome.authority, policy.map(TrustPolicy::revoked));
                        let asked = TrustPolicy::approvals_for(policy, &parent.genome, &child.genome);
                        SuccessionCheck::of(
                            SuccessionCheckKind::SignaturesOfParent,
                            Quorum::of(QuorumOf::Parent(name), tally, asked),
                        )
                    }
                    Err(refusal) => SuccessionCheck::refused(SuccessionCheckKind::SignaturesOfParent, &refusal),
                });
            }
            Err(refusal) => checks.push(SuccessionCheck::refused(SuccessionCheckKind::OwnSignatures, &refusal).about("itself")),
        }
        Self { checks }
    }

    /// Whether all checks hold.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.checks.iter().all(|check| check.is_met)
    }

    /// Each check and its result.
    #[must_use]
    pub fn checks(&self) -> &[SuccessionCheck] {
        &self.checks
    }
}

fn named(parent: &Document<'_>, child: &Document<'_>, name: &GenomeName) -> SuccessionCheck {
    let is_met = child.genome.parents.contains(&parent.id);
    let verb = if is_met { "names" } else { "does not name" };
    SuccessionCheck::new(
        SuccessionCheckKind::Parent,
        is_met,
        format!("`parents` {verb} {name}"),
        "draft it from that genome, " + DRAFTING_FROM,
    )
}

fn dated(parent: &Document<'_>, child: &Document<'_>) -> SuccessionCheck {
    let (from, to) = (&parent.genome.created_at, &child.genome.created_at);
    let is_met = to >= from;
    let message = if is_met { "it is not older than its parent" } else { "it is older than its parent" };
    SuccessionCheck::new(
        SuccessionCheckKind::Date,
        is_met,
        format!("{message}: {from} -> {to}"),
        "draft it anew with the time of now in `created_at`",
    )
}

/// Whether the version goes up, and by a step that fits: a patch must not change what a running system may or must do.
fn version(parent: &Genome, child: &Genome, changes: &[Change]) -> SuccessionCheck {
    let (from, to) = (&parent.version, &child.version);
    if parent.name != child.name {
        let message = format!("{} starts versions of its own with {to}", Quoted(&child.name));
        return SuccessionCheck::new(SuccessionCheckKind::Version, true, message, "");
    }
    let (is_met, message) = match (Bump::between(from, to), Change::above_a_patch(changes)) {
        (None, _) => (false, format!("the version is not higher: {from} -> {to}")),
        (Some(Bump::Patch), Some(class)) => {
            (false, format!("the version goes up by a patch, {from} -> {to}, and a {class} is more"))
        }
        (Some(bump), _) => (true, format!("the version goes up by a step that fits the change ({bump}): {from} -> {to}")),
    };
    SuccessionCheck::new(SuccessionCheckKind::Version, is_met, message, "draft it anew with a version that fits, " + DRAFTING_BUMP)
}
