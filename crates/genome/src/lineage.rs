//! The lineage: from a genome to its parents, and on to ancestors that the trust policy pins, or to roots.
//!
//! DESIGN section 6: "each step from a pinned ancestor was signed by its parent's threshold as well as its own". No step is skipped:
//! every parent of every genome on the way is looked at (CVE-2025-2885). The way is walked with a queue and not by recursion, and each
//! genome is read and checked once, so that the time grows with the size of the lineage and its depth exhausts nothing.
//!
//! It ends at what the policy pins, even where more ancestors are at hand: if older files made a verdict stricter, whoever removes them would
//! turn a no into a yes.

#![expect(clippy::indexing_slicing, reason = "an index is made by adding a member, and no member is taken away")]

mod copies;
mod generations;
mod names;
mod parents;
mod succession;

use crate::approvals::RequiredApprovals;
use crate::attribution::Attribution;
use crate::digest::GenomeId;
use crate::document::Document;
use crate::model::{Authority, Genome, GenomeName, Signer};
use crate::policy::TrustPolicy;
use crate::refusal::{BadCopy, LineageFault, LineageProblem, Quorum, QuorumOf, Quorums, Refusal, UnreadableCopy, Unsearched};
use crate::timestamp::Timestamp;
use crate::warning::ReturnedKey;
use copies::{Copies, Forged};
pub(crate) use parents::attribute_among_parents;
use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::io;
use std::path::{Path, PathBuf};
pub use succession::{Succession, SuccessionCheck, SuccessionCheckKind};

/// Where ancestors are found, by their genome ids.
pub trait Ancestors {
    /// Returns the copies of the genome of this id; none where it is not there. The verifier checks them and trusts none as it is. A copy
    /// that cannot be read is among them, with its error, as another may be good.
    ///
    /// # Errors
    /// The copies cannot be searched for.
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>>;

    /// The places that could not be searched, in which a missing genome may be. By default, there are none.
    fn unsearched(&self) -> Option<Unsearched> {
        None
    }
}

/// A genome that was found by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// The bytes of the file, or why it cannot be read.
    pub bytes: Result<Vec<u8>, String>,
    /// The path of its file, or another name for messages.
    pub source: PathBuf,
}

impl<S: BuildHasher> Ancestors for HashMap<GenomeId, Vec<u8>, S> {
    fn find(&self, id: GenomeId) -> io::Result<Vec<Ancestor>> {
        Ok(self.get(&id).map(|bytes| Ancestor { bytes: Ok(bytes.clone()), source: id.to_string().into() }).into_iter().collect())
    }
}

/// A lineage that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lineage {
    /// How many ancestors were checked.
    pub ancestors: usize,
    /// The ancestors that the trust policy pins; those above them were not checked.
    pub pinned: Vec<GenomeName>,
    /// The roots that nothing pins.
    pub roots: Vec<GenomeName>,
    /// The keys that one generation dropped and a later one took back.
    pub returned: Vec<ReturnedKey>,
    /// The signers of ancestors whose private keys are published: anybody can sign the step that follows.
    pub test_keys: Vec<(GenomeName, Signer)>,
    /// The copies of ancestors that are refused, beside which there was a good one. They count for nothing.
    pub bad_copies: Vec<BadCopy>,
    /// The copies of ancestors that cannot be read, beside which there was a good one.
    pub unreadable_copies: Vec<UnreadableCopy>,
}

/// A genome on the way, with signatures of which its parents' may still be open.
struct Traveller {
    /// Its index among the members.
    member: usize,
    canonical: String,
    copies: Copies,
}

/// What is remembered of a genome on the way.
struct Member {
    name: GenomeName,
    created_at: Timestamp,
    authority: Authority,
    parent_ids: Vec<GenomeId>,
    /// The file; `None` for the genome where the walk starts.
    source: Option<PathBuf>,
    /// The copies of it that cannot be read, which may carry what the others lack.
    unreadable: Vec<UnreadableCopy>,
    pinned: bool,
    /// Its contents, where the changes of a step decide how many must sign it.
    genome: Option<Genome>,
    /// The indices of its parents, once they are known.
    parents: Vec<usize>,
}

impl Member {
    fn of(document: &Document<'_>, source: Option<PathBuf>, pinned: bool, policy: Option<&TrustPolicy>) -> Self {
        let Genome { created_at, authority, parents, .. } = &document.genome;
        Self {
            name: GenomeName::of(&document.genome, document.id),
            created_at: created_at.clone(),
            authority: authority.clone(),
            parent_ids: parents.clone(),
            source,
            unreadable: Vec::new(),
            pinned,
            genome: policy.filter(|policy| policy.asks_by_class()).map(|_| document.genome.clone()),
            parents: Vec::new(),
        }
    }

    /// A fault in the step to the parent of this index.
    fn fault(&self, parent: usize, problem: LineageProblem) -> Box<LineageFault> {
        let pointer = format!("/parents/{parent}");
        // Other faults do not depend on who signed.
        let unreadable = if matches!(problem, LineageProblem::Quorum(_)) { self.unreadable.clone() } else { Vec::new() };
        Box::new(LineageFault {
            child: self.name.clone(),
            source: self.source.clone(),
            pointer,
            problem,
            unreadable,
            instead: None,
        })
    }

    /// The fault of a copy with wrong signatures, where the good ones are not enough.
    fn forged(&self, Forged { source, signatures }: Forged) -> Box<LineageFault> {
        let pointer = signatures.first().map_or_else(String::new, |bad| bad.signature.pointer.clone());
        let (problem, unreadable) = (LineageProblem::InvalidSignature(signatures), self.unreadable.clone());
        Box::new(LineageFault { child: self.name.clone(), source, pointer, problem, unreadable, instead: None })
    }
}

/// A copy that cannot be read.
fn unreadable(id: GenomeId, Ancestor { bytes, source }: &Ancestor) -> Option<UnreadableCopy> {
    let error = bytes.as_ref().err()?.clone();
    Some(UnreadableCopy { id, source: source.clone(), error })
}

/// Why there is no good copy of an ancestor: perhaps the one that cannot be read was it.
fn lost(id: GenomeId, unreadable: Vec<UnreadableCopy>, bad: Vec<BadCopy>, ancestors: Option<&dyn Ancestors>) -> LineageProblem {
    let missing = || LineageProblem::Missing { parent: id, unsearched: ancestors.and_then(Ancestors::unsearched) };
    let unreadable = unreadable.into_iter().next().map(Into::into);
    let bad = bad.into_iter().next().map(Into::into);
    unreadable.or(bad).unwrap_or_else(missing)
}

/// A walk up the lineage.
struct Walk<'w> {
    ancestors: Option<&'w dyn Ancestors>,
    policy: Option<&'w TrustPolicy>,
    members: Vec<Member>,
    indices: HashMap<GenomeId, usize>,
    queue: VecDeque<Traveller>,
    bad_copies: Vec<BadCopy>,
}

/// Follows the lineage of a genome whose own quorum is met. Signatures by its parents' keys are added to its attribution.
///
/// # Errors
/// The first step that is not good, from the genome upwards.
pub(crate) fn follow(
    document: &Document<'_>,
    attribution: Attribution,
    ancestors: Option<&dyn Ancestors>,
    policy: Option<&TrustPolicy>,
) -> Result<(Lineage, Attribution), Box<LineageFault>> {
    let (members, queue, bad_copies) = (Vec::new(), VecDeque::new(), Vec::new());
    let mut walk = Walk { ancestors, policy, members, indices: HashMap::new(), queue, bad_copies };
    walk.add(Member::of(document, None, false, policy));
    let first = Traveller { member: 0, canonical: document.canonical.clone(), copies: Copies::of_start(attribution) };
    let attribution = walk.step(first)?;
    while let Some(traveller) = walk.queue.pop_front() {
        walk.step(traveller)?;
    }
    Ok((walk.arrive()?, attribution))
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
        let files = self.ancestors.map_or(Ok(Vec::new()), |ancestors| ancestors.find(id));
        let files = files.map_err(|error| LineageProblem::Unreadable { parent: id, source: None, error: error.to_string() })?;
        let unreadable: Vec<UnreadableCopy> = files.iter().filter_map(|file| unreadable(id, file)).collect();
        let (good, mut bad) = Copies::read(id, &files);
        let Some((document, mut copies)) = good else {
            return Err(lost(id, unreadable, bad, self.ancestors));
        };
        copies.attribute(self.policy.map_or(&[], TrustPolicy::signers), document.canonical.as_bytes());
        bad.extend(copies.drop_forged_among(&document, self.ancestors).into_iter().filter_map(|forged| forged.of(id)));
        let found = (copies.source().map(Path::to_owned), copies.own(), copies.known());
        let (Some(source), Some(own), Some(mut known)) = found else {
            return Err(lost(id, unreadable, bad, self.ancestors));
        };
        let tally = own.tally(&document.genome.authority, self.policy.map(TrustPolicy::revoked));
        if !tally.is_met() {
            if !unreadable.is_empty() {
                // It may carry what the others lack.
                return Err(lost(id, unreadable, bad, self.ancestors));
            }
            // A draft beside it does not explain why a signed copy is refused.
            let bad = bad.into_iter().next().filter(|_| tally.counted() == 0);
            return Err(bad.map_or_else(
                || {
                    let quorums = Quorums { own: tally, parents: Vec::new(), not_found: Vec::new() };
                    BadCopy { id, source, refusal: Box::new(Refusal::lacking(&document.signatures, quorums)) }.into()
                },
                Into::into,
            ));
        }
        self.bad_copies.extend(bad);
        let pinned = self.policy.is_some_and(|policy| policy.pins(&document, &mut known));
        let index = self.add(Member { unreadable, ..Member::of(&document, Some(source), pinned, self.policy) });
        if !pinned && !document.genome.parents.is_empty() {
            let Document { canonical, .. } = document;
            self.queue.push_back(Traveller { member: index, canonical, copies });
        }
        Ok(index)
    }

    /// Checks the step from a genome to each of its parents. Returns who signed the genome.
    fn step(&mut self, Traveller { member, canonical, mut copies }: Traveller) -> Result<Attribution, Box<LineageFault>> {
        let ids = self.members[member].parent_ids.clone();
        let message = canonical.as_bytes();
        let mut parents = Vec::with_capacity(ids.len());
        for (index, id) in ids.into_iter().enumerate() {
            let parent = self.ancestor(id);
            let child = &self.members[member];
            let parent = parent.map_err(|problem| child.fault(index, problem))?;
            if parent == member {
                return Err(child.fault(index, LineageProblem::Cycle));
            }
            copies.attribute(&self.members[parent].authority.signers, message);
            parents.push(parent);
        }
        let child = &self.members[member];
        let mut forged = copies.drop_forged().into_iter();
        let is_enough = copies.own().is_some_and(|own| own.tally(&child.authority, self.policy.map(TrustPolicy::revoked)).is_met());
        let attribution = match (copies.known(), forged.next()) {
            (Some(known), None) => known,
            (Some(known), Some(first)) if is_enough => {
                self.bad_copies.extend([first].into_iter().chain(forged).filter_map(|forged| forged.of(child.name.id)));
                known
            }
            // Its own quorum stood on the copies that are dropped.
            (_, Some(first)) => return Err(child.forged(first)),
            (None, None) => return Err(child.fault(0, LineageProblem::Missing { parent: child.name.id, unsearched: None })),
        };
        let mut missing = Vec::new();
        for (index, &parent) in parents.iter().enumerate() {
            let parent = &self.members[parent];
            let tally = attribution.tally(&parent.authority, self.policy.map(TrustPolicy::revoked));
            let quorum = Quorum::of(QuorumOf::Parent(parent.name.clone()), tally, self.asked(parent, child));
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
        self.members[member].parents = parents;
        Ok(attribution)
    }

    /// How many of a parent's signers the step to a child needs.
    fn asked(&self, parent: &Member, child: &Member) -> RequiredApprovals {
        match (self.policy, &parent.genome, &child.genome) {
            (Some(policy), Some(parent), Some(child)) => policy.required_approvals(parent, child),
            _ => RequiredApprovals::by(&parent.authority),
        }
    }

    /// Collects the findings about the whole lineage.
    fn arrive(self) -> Result<Lineage, Box<LineageFault>> {
        let (start, above) = (&self.members[0], &self.members[1..]);
        let parents: Vec<&[usize]> = self.members.iter().map(|member| member.parents.as_slice()).collect();
        let Some(order) = generations::order(&parents) else { return Err(start.fault(0, LineageProblem::Cycle)) };
        let versions: Vec<_> = self.members.iter().map(|member| (member.name.name.as_str(), &member.name.version)).collect();
        if let Some(names::Return { member, parent, ancestor }) = names::returned(&order, &parents, &versions) {
            let ancestor = self.members[ancestor].name.clone();
            return Err(self.members[member].fault(parent, LineageProblem::NotHigherThanAncestor { ancestor }));
        }
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
            bad_copies: self.bad_copies,
            unreadable_copies: above.iter().flat_map(|member| member.unreadable.clone()).collect(),
        })
    }
}
