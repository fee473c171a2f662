//! Which numbers of a sequence are in order.

/// For each place, whether its number belongs to the longest ascending subsequence. All others are out of place.
pub(super) fn in_order(numbers: &[Option<u32>]) -> Vec<bool> {
    const NONE: u32 = u32::MAX;
    // Patience sorting: for each length, the lowest number on which an ascending subsequence of it ends, and its place. No log has so many
    // lines that their places need more than 32 bits.
    let mut ends: Vec<(u32, u32)> = Vec::new();
    let mut before = vec![NONE; numbers.len()];
    for (place, number) in (0..NONE).zip(numbers) {
        let Some(number) = *number else { continue };
        let length = ends.partition_point(|&(end, _)| end < number);
        if let (Some(before), Some(&(_, end))) =
            (before.get_mut(place as usize), length.checked_sub(1).and_then(|last| ends.get(last)))
        {
            *before = end;
        }
        match ends.get_mut(length) {
            Some(end) => *end = (number, place),
            None => ends.push((number, place)),
        }
    }
    let last = ends.last().map(|&(_, place)| place);
    let row = std::iter::successors(last, |&place| before.get(place as usize).copied().filter(|&before| before != NONE));
    let mut is_in_order = vec![false; numbers.len()];
    for place in row {
        is_in_order.get_mut(place as usize).into_iter().for_each(|is_in_order| *is_in_order = true);
    }
    is_in_order
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
            let found: Vec<usize> = in_order(&numbers)
                .into_iter()
                .enumerate()
                .filter_map(|(place, is_in_order)| is_in_order.then_some(place))
                .collect();
            assert_eq!(found, places, "{numbers:?}");
        }
    }
}
