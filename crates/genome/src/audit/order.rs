use std::collections::BTreeSet;

/// The places of the numbers that are in their order: as many as can be, from the lowest to the highest. All others are out of place.
pub(super) fn in_order(numbers: &[Option<u32>]) -> BTreeSet<usize> {
    // Patience sorting: the lowest number on which an ordered row of that length ends, and its place.
    let mut ends: Vec<(u32, usize)> = Vec::new();
    let mut before = vec![None; numbers.len()];
    for (place, number) in numbers.iter().enumerate() {
        let Some(number) = *number else { continue };
        let length = ends.partition_point(|&(end, _)| end < number);
        if let (Some(before), Some(&(_, end))) = (before.get_mut(place), length.checked_sub(1).and_then(|last| ends.get(last))) {
            *before = Some(end);
        }
        match ends.get_mut(length) {
            Some(end) => *end = (number, place),
            None => ends.push((number, place)),
        }
    }
    let last = ends.last().map(|&(_, place)| place);
    std::iter::successors(last, |&place| before.get(place).copied().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_can_be_are_in_order() {
        for (numbers, places) in [
            (&[][..], &[][..]),
            (&[1, 2, 3], &[0, 1, 2]),
            (&[1, 5, 3, 4, 2, 6], &[0, 2, 3, 5]),
            (&[6, 1, 2, 3], &[1, 2, 3]),
            (&[1, 2, 2, 3], &[0, 2, 3]),
            (&[1, 0, 2, 0, 4], &[0, 2, 4]),
        ] {
            // 0 stands for a line that has no number.
            let numbers: Vec<_> = numbers.iter().map(|&number| (number > 0).then_some(number)).collect();
            assert_eq!(in_order(&numbers).into_iter().collect::<Vec<_>>(), places, "{numbers:?}");
        }
    }
}
