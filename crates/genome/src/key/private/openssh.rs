//! OpenSSH's private keys: PROTOCOL.key of OpenSSH.
//!
//! By hand but for the ciphers and bcrypt, because `ssh_key::PrivateKey` refuses a comment that is not UTF-8, and a padding of a whole block, which
//! OpenSSH reads and others write.

use super::{AlgorithmName, Damage, Foreign, PrivateKey, PrivateKeyError, PublicKey, cost};
use ssh_key::{Cipher, Kdf};
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"openssh-key-v1\0";
const ED25519: &[u8] = b"ssh-ed25519";

/// A key that is not encrypted is padded to blocks of this size.
const PLAIN_BLOCK: usize = 8;

/// Whether it begins as such a key.
pub(super) fn is_openssh(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads such a key. What cannot be read is refused before anybody is asked for a passphrase.
pub(super) fn read(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<PrivateKey, PrivateKeyError> {
    let mut fields = Fields(bytes.get(MAGIC.len()..).unwrap_or_default());
    let [cipher, kdf, options] = [fields.string()?, fields.string()?, fields.string()?];
    if fields.number()? != 1 {
        return Err(Damage::rule("it holds several keys, which OpenSSH does not read either").into());
    }
    let public = fields.string()?;
    let mut of_public = Fields(public);
    check_type(of_public.string()?)?;
    let public = of_public.string()?;
    let secret = fields.string()?;
    if cipher == b"none" && kdf == b"none" {
        fields.end()?;
        check_blocks(secret, PLAIN_BLOCK)?;
        return read_private(secret, public)?.ok_or(Damage::rule("its two check numbers differ").into());
    }
    let unsupported = |name| PrivateKeyError::OpensshEncryption(AlgorithmName::of_openssh(name));
    // Nothing is lost: that the name is unknown is all there is to say, and the name is said.
    let cipher: Cipher = std::str::from_utf8(cipher).ok().and_then(|name| name.parse().ok()).ok_or_else(|| unsupported(cipher))?;
    if kdf != b"bcrypt" {
        return Err(unsupported(kdf));
    }
    check_blocks(secret, cipher.block_size())?;
    let mut options = Fields(options);
    let (salt, rounds) = (options.string()?.to_vec(), options.number()?);
    cost::check_bcrypt(rounds)?;
    let passphrase = passphrase.ok_or(PrivateKeyError::Encrypted)?;
    if passphrase.is_empty() {
        // Bcrypt takes none, so that no key is encrypted with it.
        return Err(PrivateKeyError::WrongPassphrase);
    }
    let tag = if cipher.has_tag() { Some(*fields.array()?) } else { None };
    fields.end()?;
    let (key, vector) = Kdf::Bcrypt { salt, rounds }.derive_key_and_iv(cipher, passphrase).map_err(Damage::from)?;
    let mut plain = Zeroizing::new(secret.to_vec());
    cipher.decrypt(&key, &vector, &mut plain, tag).map_err(|error| match ssh_key::Error::from(error) {
        // What is authenticated fails here; what is not, by its check numbers.
        ssh_key::Error::Crypto => PrivateKeyError::WrongPassphrase,
        error => Damage::from(error).into(),
    })?;
    read_private(&plain, public)?.ok_or(PrivateKeyError::WrongPassphrase)
}

/// The public half that stands before what is encrypted, which nobody has proved to belong to it.
pub(super) fn claimed_public_key(bytes: &[u8]) -> Option<PublicKey> {
    let mut fields = Fields(bytes.strip_prefix(MAGIC)?);
    let _ = [fields.string().ok()?, fields.string().ok()?, fields.string().ok()?];
    if fields.number().ok()? != 1 {
        return None;
    }
    let mut public = Fields(fields.string().ok()?);
    check_type(public.string().ok()?).ok()?;
    PublicKey::from_bytes(public.string().ok()?.try_into().ok()?).ok()
}

/// Refuses what is no plain Ed25519.
fn check_type(name: &[u8]) -> Result<(), PrivateKeyError> {
    match name {
        ED25519 => Ok(()),
        _ if name.ends_with(b"-cert-v01@openssh.com") => Err(Foreign::Certificate.into()),
        _ if name.starts_with(b"sk-") => Err(Foreign::SecurityKey.into()),
        _ => Err(PrivateKeyError::OtherAlgorithm(AlgorithmName::of_openssh(name))),
    }
}

fn check_blocks(secret: &[u8], block: usize) -> Result<(), Damage> {
    if secret.len().is_multiple_of(block) { Ok(()) } else { Err(Damage::rule("it does not end with a block")) }
}

/// The key in what is encrypted; `None` where the two check numbers differ, as they do after a wrong passphrase.
fn read_private(plain: &[u8], public: &[u8]) -> Result<Option<PrivateKey>, PrivateKeyError> {
    let mut fields = Fields(plain);
    if fields.number()? != fields.number()? {
        return Ok(None);
    }
    check_type(fields.string()?)?;
    let [own, pair, _comment] = [fields.string()?, fields.string()?, fields.string()?];
    // As sshkey.c does: 1, 2, 3 and so on, however many.
    if !fields.0.iter().zip((0..=u8::MAX).cycle().skip(1)).all(|(byte, expected)| *byte == expected) {
        return Err(Damage::rule("its padding is not that of OpenSSH").into());
    }
    let (seed, beside) = pair.split_first_chunk::<32>().ok_or(Damage::rule("an Ed25519 key has 32 bytes"))?;
    if own != public || own != beside {
        return Err(PrivateKeyError::Inconsistent);
    }
    PrivateKey::from_pair(seed, own).map(Some)
}

/// What stands behind what was read: RFC 4251 section 5.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Damage> {
        let (array, rest) = self.0.split_first_chunk().ok_or(SHORT)?;
        self.0 = rest;
        Ok(array)
    }

    fn number(&mut self) -> Result<u32, Damage> {
        self.array().map(|bytes| u32::from_be_bytes(*bytes))
    }

    fn string(&mut self) -> Result<&'a [u8], Damage> {
        // A length that is no `usize` is more than there is.
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let (string, rest) = self.0.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(string)
    }

    fn end(&self) -> Result<(), Damage> {
        if self.0.is_empty() { Ok(()) } else { Err(Damage::rule("something stands behind the key")) }
    }
}

const SHORT: Damage = Damage::rule("it ends in the middle of a field");

#[cfg(test)]
mod tests {
    use super::*;

    fn string(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    /// A key that is not encrypted, with this comment and padding.
    fn key(comment: &[u8], padding: &[u8]) -> Vec<u8> {
        let public = *PrivateKey::from_seed(&[42; 32]).public_key().as_bytes();
        let half = [string(ED25519), string(&public)].concat();
        let pair = string(&[[42; 32], public].concat());
        let private = [b"checchec", half.as_slice(), &pair, &string(comment), padding].concat();
        [MAGIC, &string(b"none"), &string(b"none"), &string(b""), &1_u32.to_be_bytes(), &string(&half), &string(&private)].concat()
    }

    #[test]
    fn neither_a_comment_nor_a_long_padding_refuses_a_key() {
        // 8 + 15 + 36 + 68 + 4 bytes stand before the comment.
        for comment in [&b""[..], b"a", b"\xff\xfe", b"\0\x1b[2J", &vec![b'x'; 40_000]] {
            let short = (8 - (131 + comment.len()) % 8) % 8;
            for more in [0, 8, 16, 240, 264] {
                let padding: Vec<u8> = (0..=u8::MAX).cycle().skip(1).take(short + more).collect();
                let read = PrivateKey::from_bytes(&key(comment, &padding), None);
                assert_eq!(read.map(|key| key.0.to_bytes()), Ok([42; 32]), "{} {more}", comment.len());
            }
        }
    }

    #[test]
    fn what_is_checked_is_still_checked() {
        let good = key(b"abcde", &[]);
        assert!(PrivateKey::from_bytes(&good, None).is_ok());
        let malformed = |bytes: &[u8]| matches!(PrivateKey::from_bytes(bytes, None), Err(PrivateKeyError::Malformed(_)));
        for padding in [&[1, 2, 3, 4, 5, 6, 7][..], &[0, 1, 2, 3, 4, 5, 6, 7], &[1, 2, 3, 4, 5, 6, 7, 9]] {
            assert!(malformed(&key(b"abcde", padding)), "{padding:?}");
        }
        assert!(malformed(&[good.as_slice(), &[0]].concat()), "something behind it");
        let at = |needle: &[u8]| good.windows(needle.len()).position(|window| window == needle).unwrap();
        let changed = |position: usize| {
            let mut changed = good.clone();
            changed[position] ^= 1;
            PrivateKey::from_bytes(&changed, None).map(|_| ())
        };
        assert!(matches!(changed(at(b"chec")), Err(PrivateKeyError::Malformed(_))), "a check number");
        assert_eq!(changed(at(&[42; 32])), Err(PrivateKeyError::Inconsistent), "the seed");
        for half in [58 + 4, at(&[42; 32]) - 8, at(&[42; 32]) + 32] {
            assert_eq!(changed(half), Err(PrivateKeyError::Inconsistent), "a public half, {half}");
        }
        for length in 0..good.len() {
            assert!(PrivateKey::from_bytes(&good[..length], None).is_err(), "{length}");
        }
    }
}
