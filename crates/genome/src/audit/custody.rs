//! The kinds of places where a key can be: the one list of them, which readers, hints, help and documents follow.

use crate::listing::listed;

/// The kinds of places where a key can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Custody {
    /// A variable of the environment.
    Environment,
    /// A file.
    File,
    /// An `ssh-agent`.
    SshAgent,
    /// A PKCS#11 token.
    Pkcs11,
    /// A program.
    Exec,
}

impl Custody {
    /// Every kind, in the order in which they are listed.
    pub const ALL: &'static [Self] = &[Self::Environment, Self::File, Self::SshAgent, Self::Pkcs11, Self::Exec];

    /// Its name: in an audit log, and as the scheme that a reference to a key begins with, before a colon.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "env",
            Self::File => "file",
            Self::SshAgent => "ssh-agent",
            Self::Pkcs11 => "pkcs11",
            Self::Exec => "exec",
        }
    }

    /// The kind whose references begin with this scheme.
    #[must_use]
    pub fn of_scheme(scheme: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|custody| custody.as_str() == scheme)
    }

    /// What stands after the scheme and its colon, in capital letters, as in help.
    #[must_use]
    pub fn operand(self) -> &'static str {
        match self {
            Self::Environment => "NAME",
            Self::File => "PATH",
            Self::SshAgent => "FINGERPRINT",
            Self::Pkcs11 => "URI",
            Self::Exec => "COMMAND",
        }
    }

    /// Whether a reference needs something after its colon. An agent that holds one key needs no name of it.
    #[must_use]
    pub fn needs_operand(self) -> bool {
        self != Self::SshAgent
    }

    /// The form of a reference to such a key, such as `env:NAME`.
    #[must_use]
    pub fn form(self) -> String {
        format!("{}:{}", self.as_str(), self.operand())
    }

    /// The forms of all references, as a list for a person: each in backticks.
    #[must_use]
    pub fn forms() -> String {
        Self::listed(|custody| Some(format!("`{}`", custody.form())))
    }

    /// What all kinds say, as a list for a person: `a, b or c`.
    #[must_use]
    pub fn listed(of: impl Fn(Self) -> Option<String>) -> String {
        listed(Self::ALL.iter().filter_map(|&custody| of(custody)), "or")
    }
}
