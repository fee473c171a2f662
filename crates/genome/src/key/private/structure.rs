//! What a piece of binary is, by the shape of its members: one of the keys that are read, or something else that has a name.

use super::{AlgorithmName, Damage, Foreign, PrivateKey, PrivateKeyError, openssh, pkcs8 as pkcs8_key};
use ::pkcs8::ObjectIdentifier;
use ::pkcs8::der::asn1::AnyRef;
use ::pkcs8::der::{self, Decode as _, Reader as _, SliceReader, Tag, Tagged as _};

/// Reads a private key in binary.
pub(super) fn read(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<PrivateKey, PrivateKeyError> {
    if openssh::is_openssh(bytes) {
        return openssh::read(bytes, passphrase);
    }
    // A fault of what follows names bytes, which a raw key has everywhere.
    if !AnyRef::from_der(bytes).is_ok_and(|whole| whole.tag() == Tag::Sequence) {
        return Err(Damage::rule(match bytes.len() {
            32 | 64 => "it is a raw key, without PKCS#8 around it",
            _ => "it is not one whole sequence of DER",
        })
        .into());
    }
    let members = members(bytes)?;
    let tags: Vec<Tag> = members.iter().map(AnyRef::tag).collect();
    match (tags.as_slice(), members.as_slice()) {
        // RFC 5958 section 2.
        ([Tag::Integer, Tag::Sequence, Tag::OctetString, ..], [version, algorithm, key, others @ ..]) => {
            pkcs8_key::read(*version, *algorithm, key.value(), others)
        }
        // RFC 5958 section 3.
        ([Tag::Sequence, Tag::OctetString], [algorithm, data]) => pkcs8_key::decrypt(*algorithm, data.value(), passphrase),
        _ => Err(foreign(&tags, &members)),
    }
}

/// The members of a sequence.
pub(super) fn members(bytes: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(bytes)?;
    let members = reader.sequence(|reader: &mut SliceReader<'_>| {
        let mut members = Vec::new();
        while !reader.is_finished() {
            members.push(AnyRef::decode(reader)?);
        }
        der::Result::Ok(members)
    })?;
    reader.finish()?;
    Ok(members)
}

/// The name of what is no PKCS#8.
fn foreign(tags: &[Tag], members: &[AnyRef<'_>]) -> PrivateKeyError {
    let is = Into::into;
    match tags {
        // RFC 5480, RFC 8410: a SubjectPublicKeyInfo.
        [Tag::Sequence, Tag::BitString] => is(Foreign::PublicKey),
        // RFC 5280: what is signed begins with the version or the serial number. RFC 2986: with the version, and has four members.
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
            let signed = members.first().map(|signed| signed.sequence(inner_tags)).and_then(Result::ok).unwrap_or_default();
            is(match signed.as_slice() {
                [Tag::Integer, ..] if signed.len() <= 4 => Foreign::CertificateRequest,
                _ => Foreign::Certificate,
            })
        }
        // RFC 7292: a PFX is of version 3.
        [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence] => is(Foreign::Pkcs12),
        // RFC 5915.
        [Tag::Integer, Tag::OctetString, ..] => {
            let curve = members
                .iter()
                .find(|member| matches!(member.tag(), Tag::ContextSpecific { constructed: true, number } if number.value() == 0));
            // Without a curve that can be read it is ECDSA all the same.
            let oid = curve.and_then(|curve| ObjectIdentifier::from_der(curve.value()).ok());
            PrivateKeyError::OtherAlgorithm(oid.map_or(AlgorithmName::known("ECDSA"), AlgorithmName::of))
        }
        // RFC 8017 appendix A.1: nine or more numbers. OpenSSL's form of a DSA key: six.
        _ if tags.len() >= 6 && tags.iter().all(|tag| *tag == Tag::Integer) => {
            PrivateKeyError::OtherAlgorithm(AlgorithmName::known(if tags.len() == 6 { "DSA" } else { "RSA" }))
        }
        // Two numbers: the public half of an RSA key.
        [Tag::Integer, Tag::Integer] => is(Foreign::PublicKey),
        _ => is_malformed(),
    }
}

fn inner_tags(reader: &mut SliceReader<'_>) -> der::Result<Vec<Tag>> {
    let mut tags = Vec::new();
    while !reader.is_finished() {
        tags.push(AnyRef::decode(reader)?.tag());
    }
    Ok(tags)
}

fn is_malformed() -> PrivateKeyError {
    Damage::rule("its members are not those of a key").into()
}
