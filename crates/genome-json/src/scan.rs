//! Finds the plain start of a string, which needs no second look.

/// How many bytes at the start of these stand for themselves in a string (RFC 8259 section 7): all but quotes, backslashes and
/// control characters.
#[inline]
#[must_use]
pub fn plain_length(bytes: &[u8]) -> usize {
    // Where there is much to escape, the next of it is near.
    match bytes.first_chunk::<8>().map(|start| specials(u64::from_le_bytes(*start))) {
        Some(specials) if specials != 0 => specials.trailing_zeros() as usize / 8,
        _ => plain_length_in_blocks(bytes),
    }
}

/// A word with bits of the bytes that are special: the lowest is of the first of them, and those above may be of others.
#[inline]
fn specials(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    // Below a number, each byte borrows from the next one.
    let below = |word: u64, number: u8| word.wrapping_sub(ONES * u64::from(number)) & !word & HIGHEST;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    below(word, b' ') | equal(b'"') | equal(b'\\')
}

fn plain_length_in_blocks(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<16>();
    // The compiler makes a few vector instructions of a block.
    for (index, block) in blocks.iter().enumerate() {
        let special = u128::from_le_bytes(block.map(|byte| if is_special(byte) { 0xff } else { 0 }));
        if special != 0 {
            return index * block.len() + special.trailing_zeros() as usize / 8;
        }
    }
    bytes.len() - rest.len() + rest.iter().position(|&byte| is_special(byte)).unwrap_or(rest.len())
}

fn is_special(byte: u8) -> bool {
    matches!(byte, 0..b' ' | b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_looked_at() {
        for length in 0..40 {
            for special in ['"', '\\', '\0', '\u{1f}'] {
                for tail in 0..40 {
                    let text = format!("{}{special}{}", "é".repeat(length), "\"".repeat(tail));
                    assert_eq!(plain_length(text.as_bytes()), 2 * length, "{text:?}");
                }
            }
            for byte in 0..=u8::MAX {
                for next in [0, b'"', b'a', b'\\', 0xff] {
                    let mut bytes = vec![b'a'; length];
                    bytes.extend([byte, next]);
                    bytes.extend([0xc3, b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xff]);
                    let first = bytes.iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len());
                    assert_eq!(plain_length(&bytes), first, "{bytes:?}");
                }
            }
            let plain = " !#[]\u{7f}".repeat(length);
            assert_eq!(plain_length(plain.as_bytes()), plain.len());
        }
    }
}
