//! What somebody answers who is asked for a passphrase or a PIN.

use crate::Unanswered;
use std::fmt;
use std::ops::Deref;
use zeroize::Zeroizing;

/// The function that is asked for a passphrase or a PIN. It gets what to ask for, such as "the passphrase of `key.pem`". It is called again,
/// with other words, where a passphrase that was typed is wrong.
pub type Ask<'a> = dyn FnMut(&str) -> Result<Answer, Unanswered> + 'a;

/// A passphrase or a PIN, and whether a person typed it just now. It is wiped when it is dropped, and never shown.
pub struct Answer {
    secret: Zeroizing<String>,
    is_typed: bool,
}

impl Answer {
    /// What a person has typed.
    #[must_use]
    pub fn typed(secret: Zeroizing<String>) -> Self {
        Self { secret, is_typed: true }
    }

    /// The secret itself.
    #[must_use]
    pub fn into_secret(self) -> Zeroizing<String> {
        self.secret
    }

    /// What was stored, or comes from another program: it is the same each time, also where it is wrong.
    #[must_use]
    pub fn stored(secret: Zeroizing<String>) -> Self {
        Self { secret, is_typed: false }
    }

    /// Whether a person has typed it.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.is_typed
    }
}

impl Deref for Answer {
    type Target = str;

    fn deref(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answer").field("is_typed", &self.is_typed).finish_non_exhaustive()
    }
}
