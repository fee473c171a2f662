//! The URI (RFC 7512) that names a key on a token.

mod fault;

use super::feature::Feature;
pub use fault::{UriAttribute, UriError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::path::PathBuf;
use std::str::FromStr;

/// The part of an RFC 7512 URI after `pkcs11:`, which names a private key on a token. It holds no PIN.
///
/// By hand on `percent-encoding`, as `pkcs11-uri` 0.1.3 panics at an attribute that it does not know, drops white space, and takes a URI
/// that holds the PIN; it depends on a second PKCS#11 library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TokenUri {
    /// What it says of the module, the slot and the token.
    pub(super) features: Vec<(Feature, String)>,
    /// The label of the key.
    pub(super) object: Option<String>,
    /// The id of the key.
    pub(super) id: Option<Vec<u8>>,
    /// The name of the module, without what a system puts before and behind it.
    pub(super) module_name: Option<String>,
    /// The module, or the directory in which it is.
    pub(super) module_path: Option<PathBuf>,
    pub(super) pin_source: Option<PathBuf>,
}

/// The attributes that RFC 7512 knows beside those of [`Feature`].
const OBJECT: [&str; 3] = ["object", "id", "type"];
const QUERY: [&str; 4] = ["module-name", "module-path", "pin-source", "pin-value"];

impl FromStr for TokenUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let mut uri = Self::default();
        let mut seen = Vec::new();
        let attributes = path.split(';').map(|text| (false, text)).chain(query.split('&').map(|text| (true, text)));
        for ((in_query, attribute), number) in attributes.filter(|(_, attribute)| !attribute.is_empty()).zip(1..) {
            let (name, value) =
                attribute.split_once('=').ok_or_else(|| UriError::NoValue(UriAttribute::without_value(attribute, number)))?;
            if seen.contains(&name) {
                return Err(UriError::Repeated(UriAttribute::new(name, number)));
            }
            seen.push(name);
            uri.take(in_query, name, value, &UriAttribute::new(name, number))?;
        }
        Ok(uri)
    }
}

impl TokenUri {
    fn take(&mut self, in_query: bool, name: &str, value: &str, shown: &UriAttribute) -> Result<(), UriError> {
        if let Some(feature) = Feature::of_name(name).filter(|_| !in_query) {
            let value = feature.normalized(&decode_text(value, shown)?).ok_or_else(|| UriError::NotNumber(shown.clone()))?;
            self.features.push((feature, value));
            return Ok(());
        }
        match (in_query, name) {
            (false, "object") => self.object = Some(decode_text(value, shown)?),
            (false, "id") => self.id = Some(decode(value, shown)?),
            (false, "type") => return is_private(value),
            (true, "module-name") => self.module_name = Some(decode_name(value, shown)?),
            (true, "module-path") => self.module_path = Some(decode_name(value, shown)?.into()),
            (true, "pin-source") => self.pin_source = Some(pin_source(&decode_name(value, shown)?, shown)?),
            (_, "pin-value") => return Err(UriError::Pin),
            // Nothing in the query narrows which key it is, so that what a vendor adds there may be passed over.
            (true, vendor) if vendor.starts_with("x-") => {}
            (false, name) if QUERY.contains(&name) => return Err(UriError::BelongsInQuery(shown.clone())),
            (true, name) if OBJECT.contains(&name) || Feature::of_name(name).is_some() => {
                return Err(UriError::BelongsInPath(shown.clone()));
            }
            _ => return Err(UriError::Unknown(shown.clone())),
        }
        Ok(())
    }
}

/// RFC 7512 section 2.3: `type` names the class of the object.
fn is_private(class: &str) -> Result<(), UriError> {
    match class {
        "private" => Ok(()),
        "public" => Err(UriError::NotPrivate("the public half of the key")),
        "cert" => Err(UriError::NotPrivate("a certificate")),
        "secret-key" => Err(UriError::NotPrivate("a secret key")),
        "data" => Err(UriError::NotPrivate("data")),
        _ => Err(UriError::NotPrivate("something else than a private key")),
    }
}

/// RFC 7512 section 2.4: a path, a `file:` URI, or `|` and a command.
fn pin_source(value: &str, shown: &UriAttribute) -> Result<PathBuf, UriError> {
    if value.starts_with('|') {
        return Err(UriError::PinCommand);
    }
    let path = value.strip_prefix("file:").unwrap_or(value);
    // RFC 8089: an authority that is empty means this machine.
    let path = path.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(path);
    if path.is_empty() { Err(UriError::Empty(shown.clone())) } else { Ok(path.into()) }
}

fn decode_name(value: &str, shown: &UriAttribute) -> Result<String, UriError> {
    if value.is_empty() { Err(UriError::Empty(shown.clone())) } else { decode_text(value, shown) }
}

fn decode_text(value: &str, shown: &UriAttribute) -> Result<String, UriError> {
    String::from_utf8(decode(value, shown)?).map_err(|_| UriError::NotText(shown.clone()))
}

/// RFC 7512 section 2.3: a `%` is always the start of `%xx`.
fn decode(value: &str, shown: &UriAttribute) -> Result<Vec<u8>, UriError> {
    let is_hex = |text: &str| text.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    if value.split('%').skip(1).all(is_hex) {
        Ok(percent_decode_str(value).collect())
    } else {
        Err(UriError::Percent(shown.clone()))
    }
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

    fn features(features: &[(Feature, &str)]) -> Vec<(Feature, String)> {
        features.iter().map(|(feature, value)| (*feature, (*value).to_owned())).collect()
    }

    #[test]
    fn uris_of_the_rfc_are_read() {
        let uri: TokenUri =
            "token=The%20Software%20PKCS%2311%20Softtoken;serial=4d;object=my-key;type=private;id=%69%95%3E%5C%F4?module-path=/usr/lib/m.so&pin-source=file:/etc/token_pin"
                .parse()
                .unwrap();
        assert_eq!(
            uri,
            TokenUri {
                features: features(&[(Feature::Token, "The Software PKCS#11 Softtoken"), (Feature::Serial, "4d")]),
                object: Some("my-key".to_owned()),
                id: Some(b"i\x95>\\\xf4".to_vec()),
                module_name: None,
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
    fn each_attribute_of_the_rfc_is_known() {
        for (text, feature, value) in [
            ("token=a", Feature::Token, "a"),
            ("serial=4d", Feature::Serial, "4d"),
            ("model=SoftHSM%20v2", Feature::Model, "SoftHSM v2"),
            ("manufacturer=a", Feature::Manufacturer, "a"),
            ("slot-id=007", Feature::SlotId, "7"),
            ("slot-description=a", Feature::SlotDescription, "a"),
            ("slot-manufacturer=a", Feature::SlotManufacturer, "a"),
            ("library-description=a", Feature::LibraryDescription, "a"),
            ("library-manufacturer=a", Feature::LibraryManufacturer, "a"),
            ("library-version=2.06", Feature::LibraryVersion, "2.6"),
            ("library-version=3", Feature::LibraryVersion, "3.0"),
        ] {
            let uri: TokenUri = text.parse().unwrap();
            assert_eq!(uri.features, features(&[(feature, value)]), "{text}");
        }
        let uri: TokenUri = "object=a?module-name=softhsm2&x-prompt=yes".parse().unwrap();
        assert_eq!((uri.object.as_deref(), uri.module_name.as_deref()), (Some("a"), Some("softhsm2")));
    }

    #[test]
    fn what_would_go_unheeded_is_refused_by_its_name() {
        let named = |name: &str| UriAttribute::Named(name.to_owned());
        for (text, error) in [
            ("token", UriError::NoValue(named("token"))),
            ("object=a;hunter2", UriError::NoValue(UriAttribute::Number(2))),
            ("token=a%2", UriError::Percent(named("token"))),
            ("id=%zz", UriError::Percent(named("id"))),
            ("token=%ff", UriError::NotText(named("token"))),
            ("token=a?pin-source=", UriError::Empty(named("pin-source"))),
            ("token=a?pin-source=file:", UriError::Empty(named("pin-source"))),
            ("token=a?module-path=", UriError::Empty(named("module-path"))),
            ("token=a?pin-value=1234", UriError::Pin),
            ("token=a;pin-value=1234", UriError::Pin),
            ("token=a?pin-source=|cat%20pin", UriError::PinCommand),
            ("token=a;token=b", UriError::Repeated(named("token"))),
            ("slot-id=0x3", UriError::NotNumber(named("slot-id"))),
            ("slot-id=+3", UriError::NotNumber(named("slot-id"))),
            ("library-version=2.", UriError::NotNumber(named("library-version"))),
            ("library-version=300", UriError::NotNumber(named("library-version"))),
            ("token=a;x-vendor=3", UriError::Unknown(named("x-vendor"))),
            ("tokn=a", UriError::Unknown(named("tokn"))),
            ("token=a;module-path=/m.so", UriError::BelongsInQuery(named("module-path"))),
            ("token=a?object=b", UriError::BelongsInPath(named("object"))),
            ("token=a?slot-id=1", UriError::BelongsInPath(named("slot-id"))),
            ("token=a;type=public", UriError::NotPrivate("the public half of the key")),
            ("token=a;type=hunter2", UriError::NotPrivate("something else than a private key")),
        ] {
            assert_eq!(text.parse::<TokenUri>(), Err(error), "{text}");
        }
    }

    /// A password in the wrong place, or a key that was not known as one.
    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for text in
            ["hunter2", "1234=", "4ZHx+a=b", "\u{1b}[31m=a", "aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=", "a=hunter2"]
        {
            let error = format!("token=t;{text}").parse::<TokenUri>().unwrap_err().to_string();
            let expected = if text.starts_with("a=") { "the attribute `a` " } else { "attribute 2 " };
            assert!(error.starts_with(expected) && !error.contains(text) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn what_is_encoded_is_read_again() {
        let label = "a b;c=d/%é~";
        assert_eq!(decode_text(&encode(label.as_bytes()), &UriAttribute::Number(1)).as_deref(), Ok(label));
    }
}
