//! A private key as JWK: RFC 8037 section 2, as `WebCrypto` and jose write it.

use super::{AlgorithmName, Damage, Foreign, PrivateKey, PrivateKeyError};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use genome_json::{Member, Value};
use zeroize::Zeroizing;

/// Reads a JWK.
pub(super) fn read(text: &str) -> Result<PrivateKey, PrivateKeyError> {
    // Nothing that may be said is lost: what is wrong with the JSON can be a piece of the key.
    let Ok(Value::Object(members)) = genome_json::parse(text.as_bytes()) else { return Err(Foreign::Json.into()) };
    let member =
        |name: &str| members.iter().find(|member: &&Member<'_>| &*member.name == name).and_then(|member| member.value.as_str());
    match (member("kty"), member("crv")) {
        (Some("OKP"), Some("Ed25519")) => {
            let seed = bytes(member("d").ok_or(Foreign::PublicKey)?)?;
            match member("x") {
                Some(public) => PrivateKey::from_pair(&seed, &*bytes(public)?),
                None => Ok(PrivateKey::from_seed(&seed)),
            }
        }
        (Some("OKP" | "EC" | "RSA" | "AKP"), _) if member("d").is_none() && member("priv").is_none() => {
            Err(Foreign::PublicKey.into())
        }
        (Some(kind), curve) => Err(PrivateKeyError::OtherAlgorithm(name(kind, curve))),
        (None, _) => Err(of_ours(&members).into()),
    }
}

/// RFC 7518 section 6 and RFC 8037.
fn name(kind: &str, curve: Option<&str>) -> AlgorithmName {
    AlgorithmName::known(match (kind, curve) {
        ("OKP", Some("X25519")) => "X25519",
        ("OKP", Some("Ed448")) => "Ed448",
        ("OKP", Some("X448")) => "X448",
        ("EC", Some("P-256")) => "ECDSA P-256",
        ("EC", Some("P-384")) => "ECDSA P-384",
        ("EC", Some("P-521")) => "ECDSA P-521",
        ("EC", Some("secp256k1")) => "ECDSA secp256k1",
        ("EC", _) => "ECDSA",
        ("RSA", _) => "RSA",
        ("oct", _) => "symmetric encryption",
        _ => "something without a plain name",
    })
}

/// What JSON is that is no JWK.
fn of_ours(members: &[Member<'_>]) -> Foreign {
    let has = |name: &str| members.iter().any(|member| &*member.name == name);
    if has("key_id") && has("public_key") {
        Foreign::PublicKey
    } else if has("schema_version") || has("authority") || has("signers") {
        Foreign::GenomeDocument
    } else {
        Foreign::Json
    }
}

/// RFC 8037 section 2: base64url without padding, of 32 bytes.
fn bytes(text: &str) -> Result<Zeroizing<[u8; 32]>, Damage> {
    let mut bytes = Zeroizing::new([0; 32]);
    // Nothing is lost: `base64ct` says of a fault neither where it is nor what.
    match Base64UrlUnpadded::decode(text, &mut *bytes) {
        Ok([_, ..]) if text.len() == 43 => Ok(bytes),
        _ => Err(Damage::rule("`d` and `x` of its JWK are 43 characters of base64url")),
    }
}
