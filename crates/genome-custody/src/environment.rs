use crate::{CustodyError, KeyReference};
use genome::{PrivateKey, PrivateKeyError};
use std::collections::BTreeSet;
use std::env::{self, VarError};
use zeroize::Zeroizing;

/// The variable that holds the private key where no reference is given.
pub const PRIVATE_KEY: &str = "GENOME_SIGNING_PRIVATE_KEY";

/// The variable that holds the reference where the command line gives none.
pub const KEY_REFERENCE: &str = "GENOME_SIGNING_KEY";

/// The private key in a variable.
pub(crate) fn read(variable: &str) -> Result<PrivateKey, CustodyError> {
    let unusable = |error| CustodyError::Variable { name: variable.to_owned(), error };
    let text = match env::var(variable) {
        Ok(text) => Zeroizing::new(text),
        Err(VarError::NotPresent) => return Err(CustodyError::Unset(variable.to_owned())),
        Err(VarError::NotUnicode(secret)) => {
            drop(Zeroizing::new(secret.into_encoded_bytes()));
            return Err(unusable(PrivateKeyError::NotBase64));
        }
    };
    PrivateKey::from_text(&text, None).map_err(unusable)
}

/// The variables that hold private keys, which no other program gets.
pub(crate) fn secret_variables() -> BTreeSet<String> {
    let named = env::var(KEY_REFERENCE).ok().and_then(|text| text.parse::<KeyReference>().ok());
    let named = named.as_ref().and_then(KeyReference::variable).map(ToOwned::to_owned);
    named.into_iter().chain([PRIVATE_KEY.to_owned()]).collect()
}
