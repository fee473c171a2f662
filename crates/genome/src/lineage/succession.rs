use crate::change::{Change, Class};
use crate::document::Document;
use crate::policy::TrustPolicy;
use crate::policy::approvals::Asked;
use crate::refusal::Refusal;
use crate::refusal::quorum::{GenomeName, Quorum, Whose};
use crate::version::Bump;
use genome_json::text::Quoted;

/// Whether a genome is a rightful child of another: each thing that is asked of the step, and how it is. The step alone: whether the
/// parent is believed, a [`Verifier`](crate::Verifier) says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    demands: Vec<Demand>,
}

/// Something that is asked of a step from a genome to its child.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Demand {
    /// What kind of thing, as a name that stays the same.
    pub kind: &'static str,
    /// Whether it is so.
    pub is_met: bool,
    /// What is so or not, in words.
    pub message: String,
    /// The next thing to do, where it is not met.
    pub hint: Option<String>,
    /// Whose signatures it is about, if it is about signatures that verify.
    pub quorum: Option<Quorum>,
}

impl Demand {
    /// Whether it is signatures that are asked for, which come last.
    pub(crate) fn is_about_signatures(&self) -> bool {
        !matches!(self.kind, "parent" | "date" | "version")
    }

    fn new(kind: &'static str, is_met: bool, message: String, hint: impl Into<String>) -> Self {
        Self { kind, is_met, message, hint: (!is_met).then(|| hint.into()), quorum: None }
    }

    fn of(kind: &'static str, quorum: Quorum) -> Self {
        let demand = Self::new(kind, quorum.tally.is_met(), quorum.to_string(), quorum.hint());
        Self { quorum: Some(quorum), ..demand }
    }

    /// The same, about this genome.
    fn about(self, whose: &str) -> Self {
        Self { message: format!("{whose}: {}", self.message), ..self }
    }

    fn refused(kind: &'static str, refusal: &Refusal) -> Self {
        Self::new(kind, false, refusal.to_string(), refusal.hint())
    }
}

impl Succession {
    /// Judges the step from a genome to what should be its child. The changes are those from the one to the other.
    #[must_use]
    pub fn of(parent: &Document<'_>, child: &Document<'_>, changes: &[Change], policy: Option<&TrustPolicy>) -> Self {
        let name = GenomeName::of(&parent.genome, parent.id);
        let mut demands = vec![named(parent, child, &name), dated(parent, child), version(parent, child, changes)];
        demands.push(
            match parent.attribution() {
                Ok(attribution) => {
                    let tally = attribution.tally(&parent.genome.authority, policy);
                    Demand::of("parent_signatures", Quorum::own(tally))
                }
                Err(refusal) => Demand::refused("parent_signatures", &refusal),
            }
            .about("its parent"),
        );
        match child.attribution() {
            Ok(mut attribution) => {
                let own = attribution.tally(&child.genome.authority, policy);
                demands.push(Demand::of("own_signatures", Quorum::own(own)).about("itself"));
                attribution.attribute(&parent.genome.authority.signers, child.canonical.as_bytes());
                demands.push(match attribution.settle() {
                    Ok(()) => {
                        let tally = attribution.tally(&parent.genome.authority, policy);
                        let asked = Asked::for_step(policy, &parent.genome, &child.genome);
                        Demand::of("signatures_of_parent", Quorum::of(Whose::Parent(name), tally, asked))
                    }
                    Err(refusal) => Demand::refused("signatures_of_parent", &refusal),
                });
            }
            Err(refusal) => demands.push(Demand::refused("own_signatures", &refusal).about("itself")),
        }
        Self { demands }
    }

    /// Whether all of it is so.
    #[must_use]
    pub fn is_rightful(&self) -> bool {
        self.demands.iter().all(|demand| demand.is_met)
    }

    /// Each thing that is asked, and how it is.
    #[must_use]
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }
}

fn named(parent: &Document<'_>, child: &Document<'_>, name: &GenomeName) -> Demand {
    let is_met = child.genome.parents.contains(&parent.id);
    let verb = if is_met { "names" } else { "does not name" };
    Demand::new("parent", is_met, format!("`parents` {verb} {name}"), "draft it from that genome, with genome-draft --from")
}

fn dated(parent: &Document<'_>, child: &Document<'_>) -> Demand {
    let (from, to) = (&parent.genome.created_at, &child.genome.created_at);
    let is_met = to >= from;
    let message = if is_met { "it is not older than its parent" } else { "it is older than its parent" };
    Demand::new("date", is_met, format!("{message}: {from} -> {to}"), "draft it anew with the time of now in `created_at`")
}

/// Whether the version goes up, and by a step that fits: what a running system may or must do is more than a patch changes.
fn version(parent: &Document<'_>, child: &Document<'_>, changes: &[Change]) -> Demand {
    let (from, to) = (&parent.genome.version, &child.genome.version);
    if parent.genome.name != child.genome.name {
        let message = format!("{} starts versions of its own with {to}", Quoted(&child.genome.name));
        return Demand::new("version", true, message, "");
    }
    let gravest = [Class::Widening, Class::Weakening, Class::Narrowing]
        .into_iter()
        .find(|class| changes.iter().any(|change| change.class() == *class));
    let (is_met, message) = match (Bump::between(from, to), gravest) {
        (None, _) => (false, format!("the version is not higher: {from} -> {to}")),
        (Some(Bump::Patch), Some(class)) => {
            (false, format!("the version goes up by a patch, {from} -> {to}, and a {class} is more"))
        }
        (Some(bump), _) => (true, format!("the version goes up by a step that fits the change ({bump}): {from} -> {to}")),
    };
    Demand::new("version", is_met, message, "draft it anew with a version that fits, with genome-draft --bump")
}
