//! The URI (RFC 7512) that names a key on a token.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// The part of an RFC 7512 URI after `pkcs11:`, which names a private key on a token. It holds no PIN.
///
/// By hand on `percent-encoding`, as `pkcs11-uri` 0.1.3 panics at an attribute that it does not know, drops white space, and takes a URI
/// that holds the PIN; it depends on a second PKCS#11 library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TokenUri {
    /// The label of the token.
    pub(super) token: Option<String>,
    /// Its serial number.
    pub(super) serial: Option<String>,
    /// The label of the key.
    pub(super) object: Option<String>,
    /// The id of the key.
    pub(super) id: Option<Vec<u8>>,
    pub(super) module_path: Option<PathBuf>,
    pub(super) pin_source: Option<PathBuf>,
}

/// Why a text is not the URI of a key. It names attributes that the RFC knows, and repeats nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UriError {
    /// An attribute without a value, or a sign that must be written as `%xx`.
    #[error("it is not a PKCS#11 URI (RFC 7512)")]
    Malformed,
    /// The URI carries the PIN itself.
    #[error("the PIN stands in the PKCS#11 URI, where others can read it")]
    Pin,
    /// A program is to print the PIN.
    #[error("`pin-source` is a command, and only a file can be read")]
    PinCommand,
    /// An attribute stands there twice.
    #[error("an attribute stands twice in the PKCS#11 URI")]
    Repeated,
    /// An unknown attribute, which would be ignored.
    #[error("the PKCS#11 URI has an attribute that is not known here")]
    Unknown,
    /// An object of another class.
    #[error("`type` names something else than a private key")]
    NotPrivate,
}

impl UriError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed => {
                "write it as in 'pkcs11:token=release;object=production-key-001?pin-source=/etc/genome/pin', any other sign as %xx, and quote it for the shell"
            }
            Self::Pin => "set a new PIN, and put it into a file that `pin-source` names, or leave it away, and it is asked for",
            Self::PinCommand => "let `pin-source` be the path of a file, or leave it away, and the PIN is asked for",
            Self::Repeated => "name each once",
            Self::Unknown => "it may have token, serial, object, id and type, and after the `?` module-path and pin-source",
            Self::NotPrivate => "write type=private, or leave it away",
        }
    }
}

impl FromStr for TokenUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let mut uri = Self::default();
        let mut seen = Vec::new();
        let attributes =
            path.split(';').map(|attribute| (false, attribute)).chain(query.split('&').map(|attribute| (true, attribute)));
        for (in_query, attribute) in attributes.filter(|(_, attribute)| !attribute.is_empty()) {
            let (name, value) = attribute.split_once('=').ok_or(UriError::Malformed)?;
            if seen.contains(&name) {
                return Err(UriError::Repeated);
            }
            seen.push(name);
            match (in_query, name) {
                (false, "token") => uri.token = Some(decode_text(value)?),
                (false, "serial") => uri.serial = Some(decode_text(value)?),
                (false, "object") => uri.object = Some(decode_text(value)?),
                (false, "id") => uri.id = Some(decode(value)?),
                (false, "type") if value == "private" => {}
                (false, "type") => return Err(UriError::NotPrivate),
                (true, "module-path") => uri.module_path = Some(decode_text(value)?.into()),
                (true, "pin-source") => uri.pin_source = Some(pin_source(&decode_text(value)?)?),
                (_, "pin-value") => return Err(UriError::Pin),
                _ => return Err(UriError::Unknown),
            }
        }
        Ok(uri)
    }
}

/// RFC 7512 section 2.4: a path, a `file:` URI, or `|` and a command.
fn pin_source(value: &str) -> Result<PathBuf, UriError> {
    if value.starts_with('|') {
        return Err(UriError::PinCommand);
    }
    let path = value.strip_prefix("file:").unwrap_or(value);
    // RFC 8089: an authority that is empty means this machine.
    let path = path.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(path);
    if path.is_empty() { Err(UriError::Malformed) } else { Ok(path.into()) }
}

fn decode_text(value: &str) -> Result<String, UriError> {
    String::from_utf8(decode(value)?).map_err(|_| UriError::Malformed)
}

/// RFC 7512 section 2.3: a `%` is always the start of `%xx`.
fn decode(value: &str) -> Result<Vec<u8>, UriError> {
    let is_hex = |text: &str| text.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    if value.split('%').skip(1).all(is_hex) { Ok(percent_decode_str(value).collect()) } else { Err(UriError::Malformed) }
}

/// Bytes as they stand in a URI.
pub(super) fn encode(bytes: &[u8]) -> String {
    // RFC 3986 section 2.3: what never needs it.
    const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encode(bytes, &ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_of_the_rfc_are_read() {
        let uri: TokenUri =
            "token=The%20Software%20PKCS%2311%20Softtoken;serial=4d;object=my-key;type=private;id=%69%95%3E%5C%F4?module-path=/usr/lib/m.so&pin-source=file:/etc/token_pin"
                .parse()
                .unwrap();
        assert_eq!(
            uri,
            TokenUri {
                token: Some("The Software PKCS#11 Softtoken".to_owned()),
                serial: Some("4d".to_owned()),
                object: Some("my-key".to_owned()),
                id: Some(b"i\x95>\\\xf4".to_vec()),
                module_path: Some("/usr/lib/m.so".into()),
                pin_source: Some("/etc/token_pin".into()),
            }
        );
        for (text, path) in [("/a%20b", "/a b"), ("file:a", "a"), ("file:///a", "/a"), ("//a", "//a")] {
            let uri: TokenUri = format!("token=a?pin-source={text}").parse().unwrap();
            assert_eq!(uri.pin_source, Some(path.into()), "{text}");
        }
    }

    #[test]
    fn what_would_go_unheeded_is_refused() {
        for (text, error) in [
            ("token", UriError::Malformed),
            ("token=a%2", UriError::Malformed),
            ("token=%zz", UriError::Malformed),
            ("token=%ff", UriError::Malformed),
            ("token=a?pin-source=", UriError::Malformed),
            ("token=a?pin-value=1234", UriError::Pin),
            ("token=a;pin-value=1234", UriError::Pin),
            ("token=a?pin-source=|cat%20pin", UriError::PinCommand),
            ("token=a;token=b", UriError::Repeated),
            ("token=a;slot-id=3", UriError::Unknown),
            ("token=a;x-vendor=3", UriError::Unknown),
            ("token=a;module-path=/m.so", UriError::Unknown),
            ("token=a?object=b", UriError::Unknown),
            ("token=a;type=public", UriError::NotPrivate),
        ] {
            assert_eq!(text.parse::<TokenUri>(), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_encoded_is_read_again() {
        let label = "a b;c=d/%é~";
        assert_eq!(decode_text(&encode(label.as_bytes())).as_deref(), Ok(label));
    }
}
