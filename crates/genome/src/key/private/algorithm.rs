//! The names of algorithms, as the programs that write keys call them.

use pkcs8::ObjectIdentifier;
use std::borrow::Cow;
use std::fmt;

/// The longest name that is taken from a key: OpenSSH's own have up to 40 characters.
const LONGEST: usize = 64;

/// The name of an algorithm: one that is known, an object identifier, or what the key calls it, if that is a plain word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgorithmName(Cow<'static, str>);

impl AlgorithmName {
    pub(super) const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name of an object identifier.
    pub(super) fn of(oid: ObjectIdentifier) -> Self {
        let text = oid.to_string();
        match NAMES.iter().find(|(known, _)| *known == text) {
            Some((_, name)) => Self::known(name),
            None => Self(Cow::Owned(text)),
        }
    }

    /// The name that OpenSSH uses: what stands in the file, if it is a plain word.
    pub(super) fn of_openssh(name: &[u8]) -> Self {
        let plain =
            |name: &&str| name.len() <= LONGEST && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.-_".contains(&byte));
        match std::str::from_utf8(name).ok().filter(plain) {
            Some("ssh-rsa") => Self::known("RSA"),
            Some("ssh-dss") => Self::known("DSA"),
            Some("ssh-ed448") => Self::known("Ed448"),
            Some("ecdsa-sha2-nistp256") => Self::known("ECDSA P-256"),
            Some("ecdsa-sha2-nistp384") => Self::known("ECDSA P-384"),
            Some("ecdsa-sha2-nistp521") => Self::known("ECDSA P-521"),
            Some(name) if !name.is_empty() => Self(Cow::Owned(format!("`{name}`"))),
            // A name that is no word could be anything, and is not shown.
            _ => Self::known("something without a plain name"),
        }
    }
}

impl fmt::Display for AlgorithmName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Object identifiers, and what OpenSSL and the standards call them.
const NAMES: [(&str, &str); 64] = [
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.113549.1.1.10", "RSA-PSS"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
    ("1.2.840.10045.2.1", "ECDSA"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    // Curves.
    ("1.2.840.10045.3.1.7", "ECDSA P-256"),
    ("1.3.132.0.33", "ECDSA P-224"),
    ("1.3.132.0.34", "ECDSA P-384"),
    ("1.3.132.0.35", "ECDSA P-521"),
    ("1.3.132.0.10", "ECDSA secp256k1"),
    ("1.2.156.10197.1.301", "SM2"),
    // RFC 8018 appendix C, RFC 7292 appendix C: one algorithm for all.
    ("1.2.840.113549.1.5.1", "PBE-MD2-DES"),
    ("1.2.840.113549.1.5.3", "PBE-MD5-DES"),
    ("1.2.840.113549.1.5.4", "PBE-MD2-RC2-64"),
    ("1.2.840.113549.1.5.6", "PBE-MD5-RC2-64"),
    ("1.2.840.113549.1.5.10", "PBE-SHA1-DES"),
    ("1.2.840.113549.1.5.11", "PBE-SHA1-RC2-64"),
    ("1.2.840.113549.1.12.1.1", "PBE-SHA1-RC4-128"),
    ("1.2.840.113549.1.12.1.2", "PBE-SHA1-RC4-40"),
    ("1.2.840.113549.1.12.1.3", "PBE-SHA1-3DES"),
    ("1.2.840.113549.1.12.1.4", "PBE-SHA1-2DES"),
    ("1.2.840.113549.1.12.1.5", "PBE-SHA1-RC2-128"),
    ("1.2.840.113549.1.12.1.6", "PBE-SHA1-RC2-40"),
    // PBES2: ciphers.
    ("1.3.14.3.2.7", "des-cbc"),
    ("1.2.840.113549.3.7", "des-ede3-cbc"),
    ("1.2.840.113549.3.2", "rc2-cbc"),
    ("2.16.840.1.101.3.4.1.1", "aes-128-ecb"),
    ("2.16.840.1.101.3.4.1.3", "aes-128-ofb"),
    ("2.16.840.1.101.3.4.1.4", "aes-128-cfb"),
    ("2.16.840.1.101.3.4.1.21", "aes-192-ecb"),
    ("2.16.840.1.101.3.4.1.23", "aes-192-ofb"),
    ("2.16.840.1.101.3.4.1.24", "aes-192-cfb"),
    ("2.16.840.1.101.3.4.1.26", "aes-192-gcm"),
    ("2.16.840.1.101.3.4.1.41", "aes-256-ecb"),
    ("2.16.840.1.101.3.4.1.43", "aes-256-ofb"),
    ("2.16.840.1.101.3.4.1.44", "aes-256-cfb"),
    ("1.2.392.200011.61.1.1.1.2", "camellia-128-cbc"),
    ("1.2.392.200011.61.1.1.1.3", "camellia-192-cbc"),
    ("1.2.392.200011.61.1.1.1.4", "camellia-256-cbc"),
    ("1.2.410.200046.1.1.2", "aria-128-cbc"),
    ("1.2.410.200046.1.1.7", "aria-192-cbc"),
    ("1.2.410.200046.1.1.12", "aria-256-cbc"),
    ("1.2.410.200004.1.4", "seed-cbc"),
    ("1.2.156.10197.1.104.2", "sm4-cbc"),
    ("1.2.840.113549.1.9.16.3.18", "chacha20-poly1305"),
    // PBES2: how the key is made from the passphrase.
    ("1.2.840.113549.1.5.12", "PBKDF2"),
    ("1.3.6.1.4.1.11591.4.11", "scrypt"),
    ("1.3.6.1.5.5.8.1.1", "hmacWithMD5"),
    ("1.2.840.113549.2.12", "hmacWithSHA512-224"),
    ("1.2.840.113549.2.13", "hmacWithSHA512-256"),
    ("2.16.840.1.101.3.4.2.13", "hmacWithSHA3-224"),
    ("2.16.840.1.101.3.4.2.14", "hmacWithSHA3-256"),
    ("2.16.840.1.101.3.4.2.15", "hmacWithSHA3-384"),
    ("2.16.840.1.101.3.4.2.16", "hmacWithSHA3-512"),
    ("1.2.643.7.1.1.4.1", "HMAC GOST 34.11-2012 256 bit"),
    ("1.2.643.7.1.1.4.2", "HMAC GOST 34.11-2012 512 bit"),
    ("1.2.643.2.2.10", "HMAC GOST 34.11-94"),
    ("1.2.156.10197.1.401.3.1", "hmacWithSM3"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_algorithms_and_no_name_is_twice() {
        for (at, (oid, name)) in NAMES.iter().enumerate() {
            assert_eq!(AlgorithmName::of(ObjectIdentifier::new(oid).unwrap()).to_string(), *name, "{oid}");
            assert!(NAMES[..at].iter().all(|(earlier, known)| earlier != oid && known != name), "{oid}");
        }
        assert_eq!(AlgorithmName::of(ObjectIdentifier::new_unwrap("1.2.3")).to_string(), "1.2.3");
    }

    #[test]
    fn a_name_that_is_no_word_is_not_shown() {
        assert_eq!(AlgorithmName::of_openssh(b"rijndael-cbc@lysator.liu.se").to_string(), "`rijndael-cbc@lysator.liu.se`");
        for name in [&b""[..], b"a b", b"`", b"\x1b[2J", b"\xff", &[b'a'; 65]] {
            assert_eq!(AlgorithmName::of_openssh(name).to_string(), "something without a plain name");
        }
    }
}
