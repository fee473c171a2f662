//! Warnings about an accepted genome.

use genome::Code;
use genome::hint::{Concept, Hint};

/// Something about an accepted genome that its users should know: what the verifier warned of, and what else its server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenomeWarning {
    /// The code of the refusal that it would be under stricter rules.
    pub code: Option<Code>,
    /// What it is, without a full stop.
    pub message: String,
    /// The file, if it is about another than the genome's.
    pub file: Option<String>,
    /// Where in the genome's document, as a JSON Pointer (RFC 6901); empty if it is about no value in particular.
    pub pointer: String,
    /// The next thing to do.
    pub hint: Hint,
}

impl GenomeWarning {
    /// A warning without a code, about the genome as a whole.
    pub fn new(message: impl Into<String>, hint: impl Into<Hint>) -> Self {
        Self { code: None, message: message.into(), file: None, pointer: String::new(), hint: hint.into() }
    }

    /// This warning, with a code.
    #[must_use]
    pub fn with_code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }

    /// This warning, about this file.
    #[must_use]
    pub fn about_file(self, file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// The same, with these names for what its hint asks for.
    pub(crate) fn with_names(self, name: impl Fn(Concept) -> Option<&'static str>) -> Self {
        Self { hint: self.hint.with(name).into(), ..self }
    }

    /// Whether it says the same as another, whatever their places.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let Self { code, message, file: _, pointer, hint } = self;
        let is_same = (code, message, pointer) == (&other.code, &other.message, &other.pointer);
        is_same && hint.to_string() == other.hint.to_string()
    }
}

impl From<&genome::Warning> for GenomeWarning {
    fn from(warning: &genome::Warning) -> Self {
        let pointer = warning.pointer().to_owned();
        Self { code: warning.code(), pointer, ..Self::new(warning.to_string(), warning.hint()) }
    }
}
