//! Names along the generations: on every way upwards, the versions under one name rise.

#![expect(
    clippy::indexing_slicing,
    reason = "members, parents and versions are lists of the same length, parents are members, and a lane is below the number of lanes"
)]

use semver::Version;
use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};

/// A member whose version is not above that of an ancestor of the same name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Return {
    pub(super) member: usize,
    /// Through which of its parents the ancestor is reached.
    pub(super) parent: usize,
    pub(super) ancestor: usize,
}

/// How many names one pass looks at.
const LANES: usize = 16;

/// Each member's name, by number, and the rank of its version; 0 is below all of them.
struct Ranked {
    name: usize,
    rank: u32,
}

/// The first member whose name comes back at a version that is not higher, with the nearest such ancestor. The order is one in which each
/// stands after its parents.
///
/// Names whose versions rise in that order rise on every way, and those are nearly all. The others take one pass for each [`LANES`] of them.
pub(super) fn returned(order: &[usize], parents: &[&[usize]], versions: &[(&str, &Version)]) -> Option<Return> {
    let members = rank(versions);
    let suspects = suspects(order, &members);
    let fallen = suspects.chunks(LANES).filter_map(|names| fallen(order, parents, &members, names));
    let member = fallen.min()?;
    nearest(member, parents, &members)
}

fn rank(versions: &[(&str, &Version)]) -> Vec<Ranked> {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut sorted: Vec<usize> = (0..versions.len()).collect();
    let compare = |one: usize, other: usize| versions[one].1.cmp_precedence(versions[other].1);
    sorted.sort_by(|&one, &other| compare(one, other));
    let mut members: Vec<Ranked> = Vec::with_capacity(versions.len());
    for (name, _) in versions {
        let next = names.len();
        members.push(Ranked { name: *names.entry(name).or_insert(next), rank: 1 });
    }
    for pair in sorted.windows(2) {
        if let [lower, member] = *pair {
            members[member].rank = members[lower].rank + u32::from(compare(lower, member) == Ordering::Less);
        }
    }
    members
}

/// The names that stand somewhere in the order after themselves at a version that is not lower.
fn suspects(order: &[usize], members: &[Ranked]) -> Vec<usize> {
    let mut highest = vec![0; members.len()];
    let mut suspects = Vec::new();
    for &Ranked { name, rank } in order.iter().map(|&member| &members[member]) {
        if highest[name] >= rank {
            suspects.push(name);
        }
        highest[name] = rank.max(highest[name]);
    }
    suspects.sort_unstable();
    suspects.dedup();
    suspects
}

/// The first member that bears one of these names, at most [`LANES`], below an ancestor of no lower version.
fn fallen(order: &[usize], parents: &[&[usize]], members: &[Ranked], names: &[usize]) -> Option<usize> {
    let lanes: HashMap<usize, usize> = names.iter().enumerate().map(|(lane, &name)| (name, lane)).collect();
    // For each name the highest rank from here upwards.
    let mut highest = vec![[0; LANES]; members.len()];
    let mut first = None;
    for &member in order {
        let mut above = [0; LANES];
        for &parent in parents[member] {
            for (above, highest) in above.iter_mut().zip(&highest[parent]) {
                *above = (*above).max(*highest);
            }
        }
        let Ranked { name, rank } = members[member];
        if let Some(&lane) = lanes.get(&name) {
            if above[lane] >= rank {
                first = Some(first.map_or(member, |first: usize| first.min(member)));
            }
            above[lane] = above[lane].max(rank);
        }
        highest[member] = above;
    }
    first
}

/// The nearest ancestor of a member that has its name and no lower version.
fn nearest(member: usize, parents: &[&[usize]], members: &[Ranked]) -> Option<Return> {
    let mut seen = vec![false; members.len()];
    let mut queue: VecDeque<(usize, usize)> = parents[member].iter().copied().enumerate().collect();
    while let Some((parent, ancestor)) = queue.pop_front() {
        if members[ancestor].name == members[member].name && members[ancestor].rank >= members[member].rank {
            return Some(Return { member, parent, ancestor });
        }
        if !std::mem::replace(&mut seen[ancestor], true) {
            queue.extend(parents[ancestor].iter().map(|&above| (parent, above)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::generations;

    /// The first that comes back, where each member has these parents, this name and this version.
    fn first(lineage: &[(&[usize], &str, &str)]) -> Option<(usize, usize, usize)> {
        let parents: Vec<&[usize]> = lineage.iter().map(|(parents, ..)| *parents).collect();
        let versions: Vec<Version> = lineage.iter().map(|(_, _, version)| version.parse().unwrap()).collect();
        let versions: Vec<(&str, &Version)> =
            lineage.iter().zip(&versions).map(|((_, name, _), version)| (*name, version)).collect();
        let found = returned(&generations::order(&parents).unwrap(), &parents, &versions);
        found.map(|Return { member, parent, ancestor }| (member, parent, ancestor))
    }

    #[test]
    fn a_name_comes_back_higher_or_not_at_all() {
        let chain = |last| [(&[1][..], "A", last), (&[2], "B", "1.0.0"), (&[3], "C", "9.0.0"), (&[], "A", "2.0.0")];
        for version in ["1.5.0", "2.0.0", "2.0.0+2", "2.0.0-rc.1", "0.0.0"] {
            assert_eq!(first(&chain(version)), Some((0, 0, 3)), "{version}");
        }
        assert_eq!(first(&chain("2.0.1")), None);
        assert_eq!(first(&[(&[], "A", "1.0.0")]), None);
    }

    #[test]
    fn the_nearest_genome_and_its_nearest_ancestor_are_named() {
        let chain: [(&[usize], &str, &str); 6] = [
            (&[1], "A", "9.0.0"),
            (&[2], "A", "1.0.0"),
            (&[3], "B", "1.0.0"),
            (&[4], "A", "1.5.0"),
            (&[5], "B", "0.1.0"),
            (&[], "A", "2.0.0"),
        ];
        assert_eq!(first(&chain), Some((1, 0, 3)));
    }

    #[test]
    fn each_way_is_one_by_itself() {
        // Below 3 the name is left, and below 4 it is kept, at a lower version.
        let diamond: [(&[usize], &str, &str); 4] =
            [(&[1, 2], "A", "1.5.0"), (&[3], "A", "1.4.0"), (&[3], "B", "1.0.0"), (&[], "A", "1.0.0")];
        assert_eq!(first(&diamond), None);
        let mut higher = diamond;
        higher[2] = (&[3], "A", "3.0.0");
        assert_eq!(first(&higher), Some((0, 1, 2)));
        // Two that are not above each other may be at one version.
        assert_eq!(first(&[(&[1, 2], "B", "1.0.0"), (&[], "A", "1.0.0"), (&[], "A", "1.0.0")]), None);
    }

    #[test]
    fn more_names_than_one_pass_looks_at() {
        // 40 names in a row, and once more in the same order; one of them at a lower version than before.
        let names: Vec<String> = (0..40).map(|name| format!("NAME-{name}")).collect();
        for (wrong, expected) in
            [(None, None), (Some(0), Some((39, 0, 79))), (Some(17), Some((22, 0, 62))), (Some(39), Some((0, 0, 40)))]
        {
            let above: Vec<Vec<usize>> = (0..80).map(|member| (member + 1..80).take(1).collect()).collect();
            let version = |member: usize| match 79 - member {
                number if number >= 40 && Some(number - 40) == wrong => "0.9.0",
                number if number >= 40 => "1.0.1",
                _ => "1.0.0",
            };
            let lineage: Vec<(&[usize], &str, &str)> =
                (0..80).map(|member| (above[member].as_slice(), names[(79 - member) % 40].as_str(), version(member))).collect();
            assert_eq!(first(&lineage), expected, "{wrong:?}");
        }
    }
}
