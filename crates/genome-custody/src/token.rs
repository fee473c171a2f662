//! A private key on a PKCS#11 token.

mod fault;
mod feature;
mod module;
mod pin;
mod session;
mod uri;

use crate::{Ask, CustodyError, SigningKey};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
pub use fault::{PinProblem, TokenFault, TriesLeft};
use genome::PublicKey;
use session::Token;
pub(crate) use uri::TokenUri;
pub use uri::{UriAttribute, UriError};

/// The `SubjectPublicKeyInfo` of an Ed25519 key up to the key itself (RFC 8410 section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A private key on a token, which never leaves it.
pub(crate) struct TokenKey {
    token: Token,
    handle: ObjectHandle,
    public: Option<PublicKey>,
}

impl TokenKey {
    /// Logs in to the token and finds the one key that the URI names.
    pub(crate) fn open(uri: &TokenUri, ask: &mut Ask<'_>) -> Result<Self, CustodyError> {
        let token = Token::open(uri, ask)?;
        let keys = private_keys(&token, uri)?;
        let handle = match keys.as_slice() {
            [only] => *only,
            [] => {
                let others = token.find(&[Attribute::Class(ObjectClass::PRIVATE_KEY)])?;
                return Err(TokenFault::NoKey { held: names(&token, &others)? }.into());
            }
            several => return Err(TokenFault::SeveralKeys { held: names(&token, several)? }.into()),
        };
        let public = public_key(&token, handle)?;
        Ok(Self { token, handle, public })
    }
}

impl SigningKey for TokenKey {
    fn public_key(&self) -> Option<PublicKey> {
        self.public.clone()
    }

    fn sign(&mut self, _: &PublicKey, message: &[u8]) -> Result<[u8; 64], CustodyError> {
        // PKCS#11 3.0 section 2.3.15: CKM_EDDSA without a parameter is Ed25519 over the message itself.
        let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
        let signature = self.token.session()?.sign(&mechanism, self.handle, message).map_err(|error| TokenFault::of(&error))?;
        Ok(<[u8; 64]>::try_from(signature.as_slice()).map_err(|_| TokenFault::NoSignature { bytes: signature.len() })?)
    }
}

/// The private keys that the URI means.
fn private_keys(token: &Token, uri: &TokenUri) -> Result<Vec<ObjectHandle>, TokenFault> {
    let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::KeyType(KeyType::EC_EDWARDS)];
    template.extend(uri.id.iter().map(|id| Attribute::Id(id.clone())));
    let Some(label) = &uri.object else { return token.find(&template) };
    let labelled = [template.as_slice(), &[Attribute::Label(label.clone().into_bytes())]].concat();
    let keys = token.find(&labelled)?;
    if !keys.is_empty() {
        return Ok(keys);
    }
    // The label of one may be filled up, as those of tokens are.
    let is_meant = |attribute: &Attribute| matches!(attribute, Attribute::Label(is) if plain(is) == plain(label.as_bytes()));
    let mut keys = Vec::new();
    for key in token.find(&template)? {
        if token.attributes(key, &[AttributeType::Label])?.iter().any(is_meant) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// A label without the blanks and zero bytes that fill it up.
fn plain(label: &[u8]) -> &[u8] {
    let end = label.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
    label.get(..end).unwrap_or_default()
}

/// The public half of a private key: from the key itself, or from the public key of the same id, or else of the same label. It may
/// be missing, or the wrong one.
fn public_key(token: &Token, private: ObjectHandle) -> Result<Option<PublicKey>, TokenFault> {
    let (mut same_id, mut same_label) = (None, None);
    for attribute in token.attributes(private, &[AttributeType::PublicKeyInfo, AttributeType::Id, AttributeType::Label])? {
        match attribute {
            Attribute::PublicKeyInfo(info) => {
                if let Some(key) = info.strip_prefix(&SPKI_PREFIX).and_then(point_key) {
                    return Ok(Some(key));
                }
            }
            Attribute::Id(id) if !id.is_empty() => same_id = Some(Attribute::Id(id)),
            Attribute::Label(label) if !label.is_empty() => same_label = Some(Attribute::Label(label)),
            _ => {}
        }
    }
    let Some(same) = same_id.or(same_label) else { return Ok(None) };
    let template = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::KeyType(KeyType::EC_EDWARDS), same];
    let mut keys = Vec::new();
    for object in token.find(&template)? {
        for attribute in token.attributes(object, &[AttributeType::EcPoint])? {
            if let Attribute::EcPoint(point) = attribute {
                keys.extend(point_key(&point));
            }
        }
    }
    keys.dedup();
    Ok(if keys.len() == 1 { keys.pop() } else { None })
}

/// PKCS#11 3.0 section 2.3.5: the point as RFC 8032 encodes it, in a DER octet string. Some tokens leave the octet string away, and
/// some, after version 3.1, write a bit string.
fn point_key(point: &[u8]) -> Option<PublicKey> {
    let raw = match point {
        [0x04, 0x20, raw @ ..] | [0x03, 0x21, 0x00, raw @ ..] if raw.len() == 32 => raw,
        raw => raw,
    };
    PublicKey::from_bytes(raw.try_into().ok()?).ok()
}

/// The labels of the private keys of a token.
fn names(token: &Token, objects: &[ObjectHandle]) -> Result<Vec<String>, TokenFault> {
    const MOST: usize = 10;
    let mut names = Vec::new();
    for object in objects.iter().take(MOST) {
        let (mut attributes, mut kind) = (Vec::new(), "");
        for attribute in token.attributes(*object, &[AttributeType::Label, AttributeType::Id, AttributeType::KeyType])? {
            match attribute {
                Attribute::Label(bytes) if !bytes.is_empty() => attributes.push(format!("object={}", uri::encode(&bytes))),
                Attribute::Id(bytes) if !bytes.is_empty() => {
                    attributes.push(bytes.iter().fold("id=".to_owned(), |id, byte| format!("{id}%{byte:02x}")));
                }
                Attribute::KeyType(KeyType::EC_EDWARDS) => {}
                Attribute::KeyType(_) => kind = ", not an Edwards curve",
                _ => {}
            }
        }
        names.push(format!("`{}`{kind}", attributes.join(";")));
    }
    if objects.len() > MOST {
        names.push(format!("{} more", objects.len() - MOST));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_in_each_of_its_wrappings() {
        let key = genome::PrivateKey::from_seed(&[7; 32]).public_key();
        let raw = key.as_bytes().as_slice();
        for prefix in [&[][..], &[0x04, 0x20], &[0x03, 0x21, 0x00]] {
            assert_eq!(point_key(&[prefix, raw].concat()), Some(key.clone()));
        }
        for prefix in [&[0x04][..], &[0x04, 0x21], &[0x04, 0x20, 0x04]] {
            assert_eq!(point_key(&[prefix, raw].concat()), None);
        }
        assert_eq!(point_key(&[]), None);
    }
}
