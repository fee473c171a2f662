//! PKCS#8 (RFC 5958, RFC 8410), and what encrypts it (RFC 8018).

use super::{AlgorithmName, Damage, PrivateKey, PrivateKeyError, cost, structure};
use ::pkcs8::AlgorithmIdentifierRef;
use ::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use ::pkcs8::der::{self, ErrorKind, Tag, Tagged as _};
use ::pkcs8::pkcs5::pbes2::{DES_EDE3_CBC_OID, PBES2_OID};
use ::pkcs8::pkcs5::{self, EncryptionScheme};
use zeroize::Zeroizing;

/// RFC 5480 section 2.1.1: a key on a curve, which its parameters name.
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Reads the members of a private key: RFC 5958 section 2.
///
/// By hand, because `pkcs8` refuses a public key in version 1, and one with the tag that *ring* gave it before its version 0.17 (constructed, around a whole
/// BIT STRING). Attributes may be anything: they say nothing about the key.
pub(super) fn read(
    version: AnyRef<'_>,
    algorithm: AnyRef<'_>,
    key: &[u8],
    others: &[AnyRef<'_>],
) -> Result<PrivateKey, PrivateKeyError> {
    if version.decode_as::<u8>()? > 1 {
        return Err(Damage::rule("its version is neither 1 nor 2").into());
    }
    let algorithm: AlgorithmIdentifierRef<'_> = algorithm.decode_as()?;
    if algorithm.oid != ed25519_dalek::pkcs8::ALGORITHM_OID {
        return Err(PrivateKeyError::OtherAlgorithm(name(&algorithm)));
    }
    if algorithm.parameters.is_some() {
        return Err(Damage::rule("Ed25519 has no parameters").into());
    }
    // RFC 8410 section 7: `CurvePrivateKey ::= OCTET STRING`, of 32 bytes.
    let seed = match key.split_first_chunk() {
        Some(([0x04, 0x20], seed)) => seed.split_first_chunk().filter(|(_, rest)| rest.is_empty()),
        _ => None,
    };
    let (seed, _) = seed.ok_or(Damage::rule("an Ed25519 key has 32 bytes"))?;
    let mut public = None;
    for member in others {
        match (member.tag(), member.value()) {
            (Tag::ContextSpecific { number, .. }, value) if number.value() == 1 => public = Some(value),
            (Tag::ContextSpecific { .. }, _) => {}
            _ => return Err(Damage::rule("something stands behind the key").into()),
        }
    }
    match public {
        None => Ok(PrivateKey::from_seed(seed)),
        // The first byte of a BIT STRING says how many bits at its end count for nothing.
        Some([0, public @ ..] | [0x03, 0x21, 0, public @ ..]) => PrivateKey::from_pair(seed, public),
        Some(_) => Err(PrivateKeyError::Inconsistent),
    }
}

/// What an algorithm is called; on a curve, with that.
fn name(algorithm: &AlgorithmIdentifierRef<'_>) -> AlgorithmName {
    let curve = algorithm.parameters.filter(|_| algorithm.oid == ELLIPTIC);
    // A curve that is written out has no name, and is ECDSA all the same.
    let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
    AlgorithmName::of(curve.unwrap_or(algorithm.oid))
}

/// Decrypts a private key: RFC 5958 section 3.
///
/// What cannot be decrypted is refused before anybody is asked for a passphrase.
pub(super) fn decrypt(algorithm: AnyRef<'_>, data: &[u8], passphrase: Option<&[u8]>) -> Result<PrivateKey, PrivateKeyError> {
    let algorithm: AlgorithmIdentifierRef<'_> = algorithm.decode_as()?;
    if algorithm.oid != PBES2_OID {
        return Err(PrivateKeyError::Pkcs8Encryption(AlgorithmName::of(algorithm.oid)));
    }
    check_vector(&algorithm)?;
    let scheme = EncryptionScheme::try_from(algorithm).map_err(|error| match error.kind() {
        ErrorKind::OidUnknown { oid } => PrivateKeyError::Pkcs8Encryption(AlgorithmName::of(oid)),
        _ => error.into(),
    })?;
    cost::check_pkcs8(&scheme)?;
    let passphrase = passphrase.ok_or(PrivateKeyError::Encrypted)?;
    let mut buffer = Zeroizing::new(data.to_vec());
    let plain = scheme.decrypt_in_place(passphrase, &mut buffer).map_err(|error| match error {
        pkcs5::Error::DecryptFailed => PrivateKeyError::WrongPassphrase,
        pkcs5::Error::UnsupportedAlgorithm { oid } => PrivateKeyError::Pkcs8Encryption(AlgorithmName::of(oid)),
        _ => Damage::from(error).into(),
    })?;
    // One wrong passphrase in 256 leaves a padding that looks right, and no structure before it.
    match structure::members(plain).as_deref() {
        Ok([version, algorithm, key, others @ ..]) if key.tag() == Tag::OctetString => {
            read(*version, *algorithm, key.value(), others)
        }
        _ => Err(PrivateKeyError::WrongPassphrase),
    }
}

/// Refuses an initialization vector of triple DES that has another length than a block, which `pkcs5` 0.8.1 cuts without looking: it panics at a
/// shorter one.
fn check_vector(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<(), PrivateKeyError> {
    let Some(parameters) = algorithm.parameters else { return Ok(()) };
    let cipher: AlgorithmIdentifierRef<'_> = parameters.sequence(|reader| {
        use der::{Decode as _, Reader as _};
        AnyRef::decode(reader)?;
        reader.decode()
    })?;
    let vector = cipher.parameters.map_or(0, |vector| vector.value().len());
    if cipher.oid == DES_EDE3_CBC_OID && vector != 8 {
        return Err(Damage::rule("the vector of des-ede3-cbc has 8 bytes").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::pkcs8::pkcs5::pbes2::Parameters;

    const SEED: [u8; 32] = [42; 32];
    const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
    const PBKDF2: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
    const PBES2: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
    const DES_EDE3_CBC: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];

    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        let length = u8::try_from(value.len()).unwrap();
        let head: &[u8] = if length < 128 { &[tag, length] } else { &[tag, 0x81, length] };
        [head, &value].concat()
    }

    fn key(version: u8, others: &[&[u8]]) -> Vec<u8> {
        let algorithm = tlv(0x30, &[ED25519]);
        let key = tlv(0x04, &[&tlv(0x04, &[&SEED])]);
        tlv(0x30, &[&[2, 1, version], &algorithm, &key, &others.concat()])
    }

    fn read(der: &[u8], passphrase: Option<&[u8]>) -> Result<[u8; 32], PrivateKeyError> {
        PrivateKey::from_bytes(der, passphrase).map(|key| key.0.to_bytes())
    }

    #[test]
    fn a_field_that_does_not_matter_refuses_no_key() {
        let public = PrivateKey::from_seed(&[42; 32]).public_key();
        let public = public.as_bytes();
        let bit_string = tlv(0x03, &[&[0], public]);
        // As RFC 5958 has it, and as *ring* 0.16 had it.
        let beside = [tlv(0x81, &[&[0], public]), tlv(0xa1, &[&bit_string])];
        for version in [0, 1] {
            assert_eq!(read(&key(version, &[]), None), Ok(SEED));
            for public in &beside {
                assert_eq!(read(&key(version, &[public]), None), Ok(SEED));
                for attributes in [&b""[..], b"\xff", b"\x30\x00", &[0x31; 60], b"\x00\x00\x00"] {
                    assert_eq!(read(&key(version, &[&tlv(0xa0, &[attributes]), public]), None), Ok(SEED), "{attributes:x?}");
                    assert_eq!(read(&key(version, &[&tlv(0xa0, &[attributes])]), None), Ok(SEED));
                }
                let mut other = public.clone();
                *other.last_mut().unwrap() ^= 1;
                assert_eq!(read(&key(version, &[&other]), None), Err(PrivateKeyError::Inconsistent));
            }
        }
        assert!(matches!(read(&key(2, &[]), None), Err(PrivateKeyError::Malformed(_))));
        assert!(matches!(read(&key(0, &[&[5, 0]]), None), Err(PrivateKeyError::Malformed(_))));
    }

    #[test]
    fn a_wrong_passphrase_is_one_whatever_it_leaves() {
        // About two of these leave a padding that looks right.
        let parameters = Parameters::generate_pbkdf2_sha256_aes128cbc(1, &[1; 8], [2; 16]).unwrap();
        let data = parameters.encrypt("right", &key(0, &[])).unwrap();
        let kdf = tlv(
            0x30,
            &[
                PBKDF2,
                &tlv(
                    0x30,
                    &[
                        &tlv(0x04, &[&[1; 8]]),
                        &[2, 1, 1],
                        &tlv(0x30, &[&[0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09]]),
                    ],
                ),
            ],
        );
        let cipher = tlv(0x30, &[&[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02], &tlv(0x04, &[&[2; 16]])]);
        let der = tlv(0x30, &[&tlv(0x30, &[PBES2, &tlv(0x30, &[&kdf, &cipher])]), &tlv(0x04, &[&data])]);
        assert_eq!(read(&der, Some(b"right")), Ok(SEED));
        assert_eq!(read(&der, None), Err(PrivateKeyError::Encrypted));
        for wrong in 0..600_u32 {
            assert_eq!(read(&der, Some(&wrong.to_be_bytes())), Err(PrivateKeyError::WrongPassphrase), "{wrong}");
        }
    }

    #[test]
    fn a_vector_of_triple_des_of_another_length_does_not_panic() {
        for length in [0, 1, 7, 8, 9, 16] {
            let kdf = tlv(0x30, &[PBKDF2, &tlv(0x30, &[&tlv(0x04, &[&[1; 8]]), &[2, 1, 1]])]);
            let cipher = tlv(0x30, &[DES_EDE3_CBC, &tlv(0x04, &[&vec![2; length]])]);
            let der = tlv(0x30, &[&tlv(0x30, &[PBES2, &tlv(0x30, &[&kdf, &cipher])]), &tlv(0x04, &[&[3; 16]])]);
            let refused = read(&der, Some(b"x")).unwrap_err();
            assert_eq!(matches!(refused, PrivateKeyError::Malformed(_)), length != 8, "{length}: {refused}");
        }
    }
}
