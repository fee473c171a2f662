//! What both methods say, and how the verifier comes to say it.

use crate::case::{BEGINNING, Case, Found, state_json};
use genome::dangerous::accept_self_declared;
use genome::model::GenomeName;
use genome::{Code, Genome, Lineage, Refusal, Refused, RollbackState, Trust, TrustPolicy, Verified, Verifier, Warning};
use genome_files::LineageDirectory;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::time::{Duration, SystemTime};

#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Every refusal, in the order of the checks.
    Refused(Vec<No>),
    Accepted {
        trust: Trust,
        /// The key ids of the signatures that count for nothing.
        unknown: BTreeSet<String>,
        lineage: Option<Followed>,
    },
}

/// A refusal: its code, and how many signatures each quorum lacks that it tells of.
#[derive(Debug, PartialEq)]
pub(crate) struct No(pub(crate) Code, pub(crate) Vec<usize>);

/// A lineage that holds: genome ids, and who takes back which key under which key id.
#[derive(Debug, PartialEq)]
pub(crate) struct Followed {
    pub(crate) ancestors: usize,
    pub(crate) pinned: BTreeSet<String>,
    pub(crate) roots: BTreeSet<String>,
    pub(crate) returned: BTreeSet<(String, String, String)>,
    /// The genome ids of the copies that count for nothing, one for each.
    pub(crate) bad_copies: Vec<String>,
}

/// Asks the verifier.
pub(crate) fn verify(case: &Case) -> Result<Verified<Genome>, Refused> {
    let policy = case.policy.as_ref().map(|policy| TrustPolicy::read(policy.to_json().as_bytes()).unwrap());
    let state = case.state.as_ref().map(|state| RollbackState::read(state_json(state).as_bytes()).unwrap());
    let clock =
        SystemTime::UNIX_EPOCH + Duration::from_hours(BEGINNING) + Duration::from_millis(500) * u32::try_from(case.clock).unwrap();
    let mut verifier = match &policy {
        Some(policy) => Verifier::trusting(policy, clock),
        None => accept_self_declared(clock),
    };
    if let Some(state) = &state {
        verifier = verifier.with_state(state);
    }
    if case.asked {
        verifier = verifier.following_lineage();
    }
    let file = case.genomes.last().unwrap().signed();
    if !case.searched {
        verifier.verify(&file)
    } else if case.in_directory {
        let directory = tempfile::tempdir().unwrap();
        for (index, bytes) in ancestors(case).into_iter().flat_map(|(_, copies)| copies).enumerate() {
            fs::write(directory.path().join(format!("{index}.txt")), bytes).unwrap();
        }
        verifier.with_ancestors(&LineageDirectory::new(directory.path())).verify(&file)
    } else {
        let signed = ancestors(case).into_iter().filter_map(|(id, mut copies)| Some((id.parse().unwrap(), copies.pop()?)));
        verifier.with_ancestors(&signed.collect::<HashMap<_, _>>()).verify(&file)
    }
}

/// The files of each ancestor; the last is the one that counts where there is room for one.
fn ancestors(case: &Case) -> Vec<(&str, Vec<Vec<u8>>)> {
    let above = case.genomes.split_last().unwrap().1;
    let files = above.iter().map(|genome| {
        let files = match genome.found {
            Found::Signed => genome.copies.iter().map(|copy| genome.carrying(copy)).collect(),
            Found::Draft => vec![genome.carrying(&[])],
            Found::NoJson => vec![b"{".to_vec()],
            Found::AnotherGenome => vec![genome.another().signed()],
            Found::Nothing => Vec::new(),
        };
        (genome.id.as_str(), files)
    });
    files.collect()
}

fn no(refusal: &Refusal) -> No {
    let quorums = match refusal {
        // Which of several faults is named first is a matter of taste.
        Refusal::LineageBroken(_) => Vec::new(),
        refusal => refusal.quorums(),
    };
    No(refusal.code(), quorums.iter().map(|quorum| quorum.tally.missing()).collect())
}

/// What the verifier said, in short.
pub(crate) fn verdict(result: &Result<Verified<Genome>, Refused>) -> Verdict {
    let genome = match result {
        Ok(genome) => genome,
        Err(refused) => return Verdict::Refused(refused.iter().map(no).collect()),
    };
    let unknown = genome.warnings().iter().filter_map(|warning| match warning {
        Warning::UnknownSigner(signature) => Some(signature.key_id().to_string()),
        _ => None,
    });
    let ids = |names: &[GenomeName]| names.iter().map(|name| name.id.to_string()).collect();
    let bad_copies = |lineage: &Lineage| {
        let mut ids: Vec<String> = lineage.bad_copies.iter().map(|copy| copy.id.to_string()).collect();
        ids.sort();
        ids
    };
    let followed = |lineage: &Lineage| Followed {
        bad_copies: bad_copies(lineage),
        ancestors: lineage.ancestors,
        pinned: ids(&lineage.pinned),
        roots: ids(&lineage.roots),
        returned: lineage
            .returned
            .iter()
            .map(|key| (key.by.id.to_string(), key.signer.key_id.to_string(), key.signer.public_key.to_string()))
            .collect(),
    };
    Verdict::Accepted { trust: genome.trust(), unknown: unknown.collect(), lineage: genome.lineage().map(followed) }
}
