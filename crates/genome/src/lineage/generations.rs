//! Generations, as a graph of indices: their order, and the keys that come back.

#![expect(
    clippy::indexing_slicing,
    reason = "members, parents and authorities are lists of the same length, and parents are members"
)]

use crate::key::PublicKey;
use crate::model::Signer;
use std::collections::{HashMap, HashSet};

/// Returns the members in an order in which each comes after its parents (Kahn's algorithm); `None` where one is its own ancestor.
pub(super) fn order(parents: &[&[usize]]) -> Option<Vec<usize>> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    for (child, parents) in parents.iter().enumerate() {
        parents.iter().for_each(|&parent| children[parent].push(child));
    }
    let mut waiting: Vec<usize> = parents.iter().map(|parents| parents.len()).collect();
    let mut order: Vec<usize> = (0..parents.len()).filter(|&member| waiting[member] == 0).collect();
    let mut next = 0;
    while let Some(&member) = order.get(next) {
        next += 1;
        for &child in &children[member] {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                order.push(child);
            }
        }
    }
    (order.len() == parents.len()).then_some(order)
}

/// The signers whose key an ancestor names, no parent names, and the member names again, each with that member.
///
/// One pass for every 64 keys that are introduced more than once; there are few of these.
pub(super) fn returned<'s>(order: &[usize], parents: &[&[usize]], authorities: &[&'s [Signer]]) -> Vec<(usize, &'s Signer)> {
    let mut introductions: HashMap<&PublicKey, Vec<(usize, &Signer)>> = HashMap::new();
    for &member in order {
        let inherited: HashSet<&PublicKey> =
            parents[member].iter().flat_map(|&parent| authorities[parent]).map(|signer| &signer.public_key).collect();
        for signer in authorities[member].iter().filter(|signer| !inherited.contains(&signer.public_key)) {
            introductions.entry(&signer.public_key).or_default().push((member, signer));
        }
    }
    let suspects: Vec<Vec<(usize, &Signer)>> = introductions.into_values().filter(|places| places.len() > 1).collect();
    let mut found = Vec::new();
    for suspects in suspects.chunks(64) {
        // One bit for each key: whether it is introduced here, and whether it is above.
        let mut here = vec![0_u64; authorities.len()];
        for (bit, places) in suspects.iter().enumerate() {
            for &(member, _) in places {
                here[member] |= 1 << bit;
            }
        }
        let mut above = vec![0_u64; authorities.len()];
        for &member in order {
            above[member] = parents[member].iter().fold(0, |known, &parent| known | above[parent] | here[parent]);
        }
        for (bit, places) in suspects.iter().enumerate() {
            found.extend(places.iter().filter(|&&(member, _)| above[member] >> bit & 1 == 1));
        }
    }
    found.sort_by(|(a, one), (b, other)| (a, &one.key_id).cmp(&(b, &other.key_id)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;

    #[test]
    fn parents_come_first() {
        let ladder: [&[usize]; 5] = [&[1, 2], &[3], &[3], &[4], &[]];
        assert_eq!(order(&ladder), Some(vec![4, 3, 1, 2, 0]));
        assert_eq!(order(&[]), Some(vec![]));
    }

    #[test]
    fn nobody_is_an_ancestor_of_himself() {
        for cycle in [vec![&[0][..]], vec![&[1], &[0]], vec![&[1], &[2], &[3, 1], &[]]] {
            assert_eq!(order(&cycle), None, "{cycle:?}");
        }
    }

    #[test]
    fn keys_that_come_back() {
        let signer = |seed: u8| Signer {
            key_id: format!("key-{seed}").parse().unwrap(),
            public_key: PrivateKey::from_seed(&[seed; 32]).public_key(),
        };
        let [a, b, c] = [1, 2, 3].map(signer);
        let back = |parents: &[&[usize]], authorities: &[&[Signer]]| {
            let order = order(parents).unwrap();
            let found = returned(&order, parents, authorities);
            found.into_iter().map(|(member, signer)| (member, signer.key_id.to_string())).collect::<Vec<_>>()
        };
        let chain: [&[usize]; 4] = [&[1], &[2], &[3], &[]];
        let (a, b, ab) = ([a.clone()], [b.clone()], [a, b]);
        assert_eq!(back(&chain, &[&a, &b, &b, &a]), [(0, "key-1".to_owned())]);
        assert_eq!(back(&chain, &[&a, &b, &a, &b]), [(0, "key-1".to_owned()), (1, "key-2".to_owned())]);
        assert_eq!(back(&chain, &[&b, &ab, &ab, &a]), []);
        // Two branches that take up the same key at the same time have dropped nothing.
        let diamond: [&[usize]; 4] = [&[1, 2], &[3], &[3], &[]];
        assert_eq!(back(&diamond, &[&ab, &ab, &ab, &a]), []);
        // One branch keeps the key, the other drops it: it was never gone.
        assert_eq!(back(&diamond, &[&ab, &a, &ab, &ab]), []);
        // More keys than fit into one pass.
        let many: Vec<Signer> = (1..=200).map(signer).collect();
        let none = [c];
        assert_eq!(back(&chain, &[&many, &none, &none, &many]).len(), 199);
    }
}
