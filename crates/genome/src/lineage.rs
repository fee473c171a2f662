//! The lineage: from a genome to its parents, and on to ancestors that the trust policy pins, or to roots.
//!
//! DESIGN section 6: "each step from a pinned ancestor was signed by its parent's threshold as well as its own". No step is skipped:
//! every parent of every genome on the way is looked at (CVE-2025-2885). The way is walked with a queue and not by recursion, and each
//! genome is read and checked once, so that the time grows with the size of the lineage and its depth exhausts nothing.

#![expect(clippy::indexing_slicing, reason = "an index is made by adding a member, and no member is taken away")]

mod fault;
mod generations;

use crate::GenomeId;
use crate::document::Document;
use crate::genome::{Authority, Genome, Signer};
use crate::policy::TrustPolicy;
use crate::price::Asked;
use crate::quorum::{GenomeName, Quorum, Quorums, Whose};
use crate::refusal::Refusal;
use crate::signature::Attribution;
use crate::timestamp::Timestamp;
pub use fault::{LineageFault, LineageProblem};
use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::io;

/// Where ancestors are found, by their genome ids.
pub trait Ancestors {
    /// The copies of the genome of this id; none where it is not there. What is given is verified, and need not be believed.
    ///
    /// # Errors
    /// They cannot be read.
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>>;
}

/// A genome that was found by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// The file as it is.
    pub bytes: Vec<u8>,
    /// What to call it in messages, such as its path.
    pub source: String,
}

impl<S: BuildHasher> Ancestors for HashMap<GenomeId, Vec<u8>, S> {
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>> {
        Ok(self.get(&id).map(|bytes| Ancestor { bytes: bytes.clone(), source: id.to_string() }).into_iter().collect())
    }
}

/// A lineage that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lineage {
    /// How many ancestors were looked at.
    pub ancestors: usize,
    /// The ancestors that the trust policy pins; what stands above them was not looked at.
    pub pinned: Vec<GenomeName>,
    /// The roots that nothing pins.
    pub roots: Vec<GenomeName>,
    /// The keys that one generation dropped and a later one took back.
    pub returned: Vec<ReturnedKey>,
    /// The signers of ancestors whose private keys are published: anybody can sign the step that follows.
    pub test_keys: Vec<(GenomeName, Signer)>,
}

/// A key that one generation dropped and a later one took back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReturnedKey {
    /// The key, as the later one names it.
    pub signer: Signer,
    /// Who took it back.
    pub by: GenomeName,
}

/// A genome on the way, with signatures of which its parents' may still be open.
struct Traveller {
    /// Its index among the members.
    member: usize,
    canonical: String,
    attribution: Attribution,
}

/// What is remembered of a genome on the way.
struct Member {
    name: GenomeName,
    created_at: Timestamp,
    authority: Authority,
    parent_ids: Vec<GenomeId>,
    /// The file; `None` for the genome where the walk starts.
    source: Option<String>,
    pinned: bool,
    /// What it says, where steps are priced by what they change.
    genome: Option<Genome>,
    /// The indices of its parents, once they have been looked at.
    parents: Vec<usize>,
}

impl Member {
    fn of(document: &Document<'_>, source: Option<String>, pinned: bool, policy: Option<&TrustPolicy>) -> Self {
        let Genome { created_at, authority, parents, .. } = &document.genome;
        Self {
            name: GenomeName::of(&document.genome, document.id),
            created_at: created_at.clone(),
            authority: authority.clone(),
            parent_ids: parents.clone(),
            source,
            pinned,
            genome: policy.filter(|policy| policy.has_prices()).map(|_| document.genome.clone()),
            parents: Vec::new(),
        }
    }

    /// A fault in the step to the parent of this index.
    fn fault(&self, parent: usize, problem: LineageProblem) -> Box<LineageFault> {
        let pointer = match &problem {
            LineageProblem::InvalidSignature(bad) => bad.first().map_or_else(String::new, |bad| bad.signature.pointer.clone()),
            _ => format!("/parents/{parent}"),
        };
        Box::new(LineageFault { child: self.name.clone(), source: self.source.clone(), pointer, problem })
    }
}

/// A walk up the lineage.
struct Walk<'w> {
    ancestors: Option<&'w dyn Ancestors>,
    policy: Option<&'w TrustPolicy>,
    members: Vec<Member>,
    indices: HashMap<GenomeId, usize>,
    queue: VecDeque<Traveller>,
}

/// Follows the lineage of a genome whose own quorum is met. What its parents' keys signed is added to its attribution.
///
/// # Errors
/// The first step that is not good, from the genome upwards.
pub(crate) fn follow(
    document: &Document<'_>,
    attribution: Attribution,
    ancestors: Option<&dyn Ancestors>,
    policy: Option<&TrustPolicy>,
) -> Result<(Lineage, Attribution), Box<LineageFault>> {
    let mut walk = Walk { ancestors, policy, members: Vec::new(), indices: HashMap::new(), queue: VecDeque::new() };
    walk.add(Member::of(document, None, false, policy));
    let mut first = Traveller { member: 0, canonical: document.canonical.clone(), attribution };
    walk.step(&mut first)?;
    while let Some(mut traveller) = walk.queue.pop_front() {
        walk.step(&mut traveller)?;
    }
    Ok((walk.arrive()?, first.attribution))
}

/// What a genome's parents say of themselves, in their order; `None` for those that are not found. They are not verified: that they are
/// the parents which the genome's signers meant, their ids say.
pub(crate) fn parents(document: &Document<'_>, ancestors: &dyn Ancestors) -> Vec<(GenomeId, Option<Genome>)> {
    let read = |id| {
        let copies = ancestors.find(id).unwrap_or_default();
        let mut documents = copies.iter().filter_map(|copy| Document::read(&copy.bytes).ok()).filter(|document| document.id == id);
        documents.next().map(|document| document.genome)
    };
    document.genome.parents.iter().map(|&id| (id, read(id))).collect()
}

impl Walk<'_> {
    fn add(&mut self, member: Member) -> usize {
        let index = self.members.len();
        self.indices.insert(member.name.id, index);
        self.members.push(member);
        index
    }

    /// Finds an ancestor, verifies it, and puts it into the queue if its parents matter.
    fn ancestor(&mut self, id: GenomeId) -> Result<usize, LineageProblem> {
        if let Some(&index) = self.indices.get(&id) {
            return Ok(index);
        }
        let copies = self.ancestors.map_or(Ok(Vec::new()), |ancestors| ancestors.find(id));
        let copies = copies.map_err(|error| LineageProblem::Unreadable { parent: id, error: error.to_string() })?;
        let refused =
            |source: &str, refusal| LineageProblem::Refused { parent: id, source: source.to_owned(), refusal: Box::new(refusal) };
        let mut found: Option<(&str, Document<'_>, Attribution)> = None;
        let mut problem = LineageProblem::Missing { parent: id };
        for Ancestor { bytes, source } in &copies {
            let read = Document::read(bytes).and_then(|document| Ok((document.attribution()?, document)));
            match (read, &mut found) {
                // What was found is another genome, whatever it was found under.
                (Ok((_, document)), _) if document.id != id => {}
                (Ok((attribution, document)), None) => found = Some((source, document, attribution)),
                (Ok((attribution, _)), Some((_, _, known))) => known.join(attribution),
                (Err(refusal), _) => problem = refused(source, refusal),
            }
        }
        let Some((source, document, mut attribution)) = found else { return Err(problem) };
        let tally = attribution.tally(&document.genome.authority, self.policy);
        if !tally.is_met() {
            return Err(refused(
                source,
                Refusal::lacking(&document, Quorums { own: tally, parents: Vec::new(), not_found: Vec::new() }),
            ));
        }
        let pinned = self.policy.is_some_and(|policy| policy.pins(&document, &mut attribution));
        let is_last = pinned || document.genome.parents.is_empty();
        if is_last && !attribution.bad().is_empty() {
            // What its parents' keys have signed is looked at only so far as a key id is theirs too.
            attribution.attribute_among(&document, self.ancestors);
            attribution.settle().map_err(|refusal| refused(source, refusal))?;
        }
        let index = self.add(Member::of(&document, Some(source.to_owned()), pinned, self.policy));
        if !is_last {
            let Document { canonical, .. } = document;
            self.queue.push_back(Traveller { member: index, canonical, attribution });
        }
        Ok(index)
    }

    /// Checks the step from a genome to each of its parents.
    fn step(&mut self, traveller: &mut Traveller) -> Result<(), Box<LineageFault>> {
        let ids = self.members[traveller.member].parent_ids.clone();
        let message = traveller.canonical.as_bytes();
        let mut parents = Vec::with_capacity(ids.len());
        for (index, id) in ids.into_iter().enumerate() {
            let parent = self.ancestor(id);
            let child = &self.members[traveller.member];
            let parent = parent.map_err(|problem| child.fault(index, problem))?;
            if parent == traveller.member {
                return Err(child.fault(index, LineageProblem::Cycle));
            }
            traveller.attribution.attribute(&self.members[parent].authority.signers, message);
            parents.push(parent);
        }
        let child = &self.members[traveller.member];
        let bad = traveller.attribution.bad();
        if !bad.is_empty() {
            return Err(child.fault(0, LineageProblem::InvalidSignature(bad)));
        }
        let mut missing = Vec::new();
        for (index, &parent) in parents.iter().enumerate() {
            let parent = &self.members[parent];
            let tally = traveller.attribution.tally(&parent.authority, self.policy);
            let quorum = Quorum::of(Whose::Parent(parent.name.clone()), tally, self.asked(parent, child));
            if !quorum.tally.is_met() {
                missing.push((index, quorum));
            }
            if child.created_at < parent.created_at {
                return Err(child.fault(index, LineageProblem::Older { parent: parent.name.clone() }));
            }
            let is_higher = child.name.version.cmp_precedence(&parent.name.version) == Ordering::Greater;
            if child.name.name == parent.name.name && !is_higher {
                return Err(child.fault(index, LineageProblem::NotHigher { parent: parent.name.clone() }));
            }
        }
        if let Some(&(first, _)) = missing.first() {
            let quorums = missing.into_iter().map(|(_, quorum)| quorum).collect();
            return Err(child.fault(first, LineageProblem::Quorum(quorums)));
        }
        self.members[traveller.member].parents = parents;
        Ok(())
    }

    /// How many of a parent's signers the step to a child needs.
    fn asked(&self, parent: &Member, child: &Member) -> Asked {
        match (self.policy, &parent.genome, &child.genome) {
            (Some(policy), Some(parent), Some(child)) => policy.asks_for_step(parent, child),
            _ => Asked::by(&parent.authority),
        }
    }

    /// What is to be said of the whole way.
    fn arrive(&self) -> Result<Lineage, Box<LineageFault>> {
        let (start, above) = (&self.members[0], &self.members[1..]);
        let parents: Vec<&[usize]> = self.members.iter().map(|member| member.parents.as_slice()).collect();
        let Some(order) = generations::order(&parents) else { return Err(start.fault(0, LineageProblem::Cycle)) };
        let authorities: Vec<&[Signer]> = self.members.iter().map(|member| member.authority.signers.as_slice()).collect();
        let returned = generations::returned(&order, &parents, &authorities);
        let returned = returned
            .into_iter()
            .map(|(member, signer)| ReturnedKey { signer: signer.clone(), by: self.members[member].name.clone() });
        let names = |pinned: bool| {
            let ends =
                self.members.iter().filter(move |member| member.pinned == pinned && (pinned || member.parent_ids.is_empty()));
            ends.map(|member| member.name.clone()).collect()
        };
        let published = |member: &Member| {
            let signers = member.authority.signers.iter().filter(|signer| signer.public_key.is_published_test_key());
            signers.map(|signer| (member.name.clone(), signer.clone())).collect::<Vec<_>>()
        };
        Ok(Lineage {
            ancestors: above.len(),
            pinned: names(true),
            roots: names(false),
            returned: returned.collect(),
            test_keys: above.iter().flat_map(published).collect(),
        })
    }
}
