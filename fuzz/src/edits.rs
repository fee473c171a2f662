//! Changes to bytes that a structure is not asked about.

use arbitrary::{Result, Unstructured};

/// So many changes are made at most.
const MOST: usize = 6;

/// Makes some changes to these bytes: a bit or a byte is another, some are gone, stand twice or elsewhere, or one of the tokens is put in.
///
/// # Errors
/// Never, in truth: where the choices end, the first is taken.
pub fn edit(bytes: &mut Vec<u8>, choices: &mut Unstructured<'_>, tokens: &[&str]) -> Result<()> {
    for _ in 0..MOST {
        if choices.is_empty() || bytes.is_empty() {
            break;
        }
        let at = choices.choose_index(bytes.len())?;
        let size = choices.int_in_range(1..=64_usize)?;
        let end = (at + size).min(bytes.len());
        match choices.int_in_range(0..=6_u8)? {
            0 => bytes[at] ^= 1 << choices.int_in_range(0..=7_u8)?,
            1 => bytes[at] = choices.arbitrary()?,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => {
                let copy = bytes[at..end].to_vec();
                let to = choices.choose_index(bytes.len())?;
                bytes.splice(to..(to + size).min(bytes.len()), copy);
            }
            5 => bytes.truncate(at),
            _ => {
                let token = choices.choose_iter(tokens)?;
                bytes.splice(at..at, token.bytes());
            }
        }
    }
    Ok(())
}
