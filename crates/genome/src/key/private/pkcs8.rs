//! PKCS#8 (RFC 5958, RFC 8410), and what encrypts it (RFC 8018).

use super::{AlgorithmName, Damage, PrivateKey, PrivateKeyError, cost, structure};
use ::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use ::pkcs8::der::{self, ErrorKind, Tag, Tagged as _};
use ::pkcs8::pkcs5::pbes2::{DES_EDE3_CBC_OID, PBES2_OID};
use ::pkcs8::pkcs5::{self, EncryptionScheme};
use ::pkcs8::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// RFC 5480 section 2.1.1: a key on a curve, which its parameters name.
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Reads the members of a private key: RFC 5958 section 2.
///
/// By hand, because `pkcs8` refuses a public key in version 1, and one with the tag that *ring* gave it before its version 0.17 (constructed, around a whole
/// BIT STRING). Attributes may be anything: they say nothing about the key.
pub(super) fn read(version: AnyRef<'_>, algorithm: AnyRef<'_>, key: &[u8], others: &[AnyRef<'_>]) -> Result<PrivateKey, PrivateKeyError> {
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
    let [0x04, 0x20, seed @ ..] = key else { return Err(Damage::rule("an Ed25519 key has 32 bytes").into()) };
    let seed: &[u8; 32] = seed.try_into().map_err(|_| Damage::rule("an Ed25519 key has 32 bytes"))?; // Nothing is lost: a length is all that can be wrong.
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
        Ok([version, algorithm, key, others @ ..]) if key.tag() == Tag::OctetString => read(*version, *algorithm, key.value(), others),
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
