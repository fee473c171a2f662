/// How many bytes at the start of these stand for themselves in a string (RFC 8259 section 7): all but quotes, backslashes and
/// control characters.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
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
            let plain = " !#[]\u{7f}".repeat(length);
            assert_eq!(plain_length(plain.as_bytes()), plain.len());
        }
    }
}
