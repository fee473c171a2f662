//! A private key in a variable of the environment, and keeping it from children.

use crate::{CustodyError, KeyReference};
use genome::PrivateKey;
use genome_json::holds_spaced_private_key;
use std::env;
use std::ffi::{OsStr, OsString};
use zeroize::Zeroizing;

/// The variable that holds the private key where no reference is given.
pub const PRIVATE_KEY: &str = "GENOME_SIGNING_PRIVATE_KEY";

/// The variable that holds the reference where the command line gives none.
pub const KEY_REFERENCE: &str = "GENOME_SIGNING_KEY";

/// The private key in a variable.
pub(crate) fn read(variable: &str) -> Result<PrivateKey, CustodyError> {
    let bytes = env::var_os(variable).ok_or_else(|| CustodyError::Unset(variable.to_owned()))?;
    let bytes = Zeroizing::new(bytes.into_encoded_bytes());
    PrivateKey::from_bytes(&bytes, None).map_err(|error| CustodyError::Variable { name: variable.to_owned(), error })
}

/// Whether a variable is set. Its value is wiped.
pub(crate) fn is_set(variable: &str) -> bool {
    env::var_os(variable).map(|secret| drop(Zeroizing::new(secret.into_encoded_bytes()))).is_some()
}

/// The environment for another program: without the variables that are meant for a private key, and without any that holds one.
#[must_use]
pub fn without_secrets() -> Vec<(OsString, OsString)> {
    let reference = env::var(KEY_REFERENCE).ok().and_then(|text| text.parse::<KeyReference>().ok());
    let named = reference.as_ref().and_then(KeyReference::variable);
    let is_secret = |name: &OsStr, value: &OsStr| {
        name == PRIVATE_KEY || named.is_some_and(|named| name == named) || holds_spaced_private_key(&value.to_string_lossy())
    };
    let public = |(name, value): (OsString, OsString)| {
        if is_secret(&name, &value) {
            drop(Zeroizing::new(value.into_encoded_bytes()));
            return None;
        }
        Some((name, value))
    };
    env::vars_os().filter_map(public).collect()
}
