//! The text that says where a private key is, and the way from there to the key.

use crate::agent::{AgentKey, AgentName};
use crate::program::Program;
use crate::token::{TokenKey, TokenUri, UriError};
use crate::{Ask, Custody, CustodyError, SigningKey, TokenFault, environment, file};
use genome::concept::KEY_GENERATOR;
use genome::hint::Hint;
use genome::{Fingerprint, PublicKey};
use genome_json::holds_private_key;
use genome_json::text::{Printable, shell_word};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use thiserror::Error;

/// The longest timeout: a day is as good as for ever.
const LONGEST: Duration = Duration::from_hours(24);

/// Where a private key is: the scheme of a [`Custody`], a colon, and which key it is there. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReference(Place);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Environment(String),
    File(PathBuf),
    SshAgent(AgentName),
    Pkcs11(TokenUri),
    Exec(Vec<String>),
}

/// Why a text is not a key reference. It repeats the text only where that is certainly no secret that was put in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The text is a private key, or holds one.
    #[error("a private key stands where the name of one should")]
    PrivateKey,
    /// The text is empty, or white space alone.
    #[error("the key reference is empty")]
    Nothing,
    /// The text starts with what a shell would have removed: white space, a character that does not show, or a quotation mark.
    #[error("the key reference begins with {0}")]
    BeginsWith(&'static str),
    /// The bytes are no UTF-8 text.
    #[error("the key reference is not UTF-8 text")]
    NotText,
    /// The text starts with none of the schemes.
    #[error("the key reference is of no kind that is known")]
    UnknownScheme,
    /// The text is the path of a file, which is there.
    #[error("the key reference does not say that it is a file")]
    File(PathBuf),
    /// The text is the fingerprint of a key.
    #[error("the key reference does not say where the key of this fingerprint is")]
    Fingerprint(Fingerprint),
    /// A scheme that needs more, and nothing after it.
    #[error("nothing stands after `{}:` in the key reference", .0.as_str())]
    Empty(Custody),
    /// The text after `env:` cannot be the name of a variable.
    #[error("what stands after `env:` is not the name of a variable")]
    NotAVariable,
    /// The text after `ssh-agent:` starts like a fingerprint and is not one.
    #[error("what stands after `ssh-agent:` is not a fingerprint")]
    NotAFingerprint,
    /// A quotation mark in the text after `exec:` is never closed.
    #[error("a quotation mark after `exec:` is not closed")]
    Unbalanced,
    /// The text is no RFC 7512 URI that names a key.
    #[error(transparent)]
    Uri(#[from] UriError),
}

impl ReferenceError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        let hint = match self {
            Self::PrivateKey => {
                return "others may have seen the key, so it is compromised: make a new one with "
                    + KEY_GENERATOR
                    + ", and name where it is, such as file:PATH";
            }
            Self::BeginsWith(_) => {
                let schemes = Custody::listed(|custody| Some(format!("{}:", custody.as_str())));
                return format!("leave that out: a reference begins with {schemes}").into();
            }
            Self::File(path) => {
                let reference = [Path::new(Custody::File.as_str()).as_os_str(), ":".as_ref(), path.as_os_str()];
                let reference: OsString = reference.into_iter().collect();
                return format!("did you mean {}?", shell_word(&reference)).into();
            }
            Self::Fingerprint(fingerprint) => {
                return format!("did you mean {}:{fingerprint}, the key in the agent?", Custody::SshAgent.as_str()).into();
            }
            Self::NotText => "write it as UTF-8 text; a file whose name is none has to be renamed",
            Self::Nothing | Self::UnknownScheme => {
                return format!("a reference is {}", Custody::listed(|custody| Some(custody.form()))).into();
            }
            Self::Empty(Custody::Pkcs11) => "name the token and the key, as in 'pkcs11:token=release;object=production-key-001'",
            Self::Empty(_) => {
                let is_plain = |custody: Custody| custody.needs_operand() && custody != Custody::Pkcs11;
                return format!("name the key: {}", Custody::listed(|custody| is_plain(custody).then(|| custody.form()))).into();
            }
            Self::NotAVariable => "the name of a variable has letters, digits and underscores, and no digit first",
            Self::NotAFingerprint => "give it as `ssh-add -l` prints it, SHA256: and 43 characters, or give the comment of the key",
            Self::Unbalanced => "quote the words of the command as for a shell",
            Self::Uri(error) => error.hint(),
        };
        hint.into()
    }
}

impl FromStr for KeyReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if holds_private_key(text) {
            return Err(ReferenceError::PrivateKey);
        }
        // Files of variables, units and manifests of containers keep what a shell would have taken away.
        match text.chars().next() {
            None => return Err(ReferenceError::Nothing),
            _ if text.trim().is_empty() => return Err(ReferenceError::Nothing),
            Some('"' | '\'') => return Err(ReferenceError::BeginsWith("a quotation mark")),
            Some(first) if first.is_whitespace() || Printable::escapes(first) => {
                return Err(ReferenceError::BeginsWith("white space or a character that does not show"));
            }
            Some(_) => {}
        }
        let known = text.split_once(':').and_then(|(scheme, rest)| Some((Custody::of_scheme(scheme)?, rest)));
        let (custody, rest) = known.ok_or_else(|| unknown(text))?;
        if custody.needs_operand() && rest.trim().is_empty() {
            return Err(ReferenceError::Empty(custody));
        }
        Ok(Self(match custody {
            Custody::Environment => Place::Environment(variable(rest)?),
            Custody::File => Place::File(rest.into()),
            Custody::SshAgent => Place::SshAgent(agent_name(rest)?),
            Custody::Pkcs11 => Place::Pkcs11(rest.parse()?),
            Custody::Exec => Place::Exec(words(rest)?),
        }))
    }
}

/// What a text without a scheme may have been meant as. What is not the name of a file that is there may be a secret, and is not repeated.
fn unknown(text: &str) -> ReferenceError {
    match text.parse() {
        Ok(fingerprint) => ReferenceError::Fingerprint(fingerprint),
        Err(_) if Path::new(text).is_file() => ReferenceError::File(text.into()),
        Err(_) => ReferenceError::UnknownScheme,
    }
}

fn variable(name: &str) -> Result<String, ReferenceError> {
    // POSIX, XBD section 3.216: what a shell can export.
    let word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let starts_well = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if word && starts_well { Ok(name.to_owned()) } else { Err(ReferenceError::NotAVariable) }
}

fn agent_name(text: &str) -> Result<AgentName, ReferenceError> {
    if text.is_empty() {
        Ok(AgentName::Only)
    } else if text.starts_with("SHA256:") {
        // Nothing is lost: that it is none, and how one looks, is all there is to say without repeating it.
        let fingerprint: Fingerprint = text.parse().map_err(|_| ReferenceError::NotAFingerprint)?;
        Ok(AgentName::Fingerprint(fingerprint.to_string()))
    } else {
        Ok(AgentName::Comment(text.to_owned()))
    }
}

/// The words of a command, split as a shell splits them, without any expansion.
fn words(command: &str) -> Result<Vec<String>, ReferenceError> {
    match shlex::split(command) {
        Some(words) if words.is_empty() => Err(ReferenceError::Empty(Custody::Exec)),
        Some(words) => Ok(words),
        None => Err(ReferenceError::Unbalanced),
    }
}

impl KeyReference {
    /// The reference of the key in this variable, which must be a name that a shell can export.
    ///
    /// # Errors
    /// It is not such a name.
    pub fn to_variable(name: &str) -> Result<Self, ReferenceError> {
        variable(name).map(|name| Self(Place::Environment(name)))
    }

    /// The kind of place.
    #[must_use]
    pub fn custody(&self) -> Custody {
        match &self.0 {
            Place::Environment(_) => Custody::Environment,
            Place::File(_) => Custody::File,
            Place::SshAgent(_) => Custody::SshAgent,
            Place::Pkcs11(_) => Custody::Pkcs11,
            Place::Exec(_) => Custody::Exec,
        }
    }

    /// Refuses what is known to fail before the key itself is read: an unset variable, a file that is missing or not private.
    ///
    /// # Errors
    /// [`CustodyError::Unset`] and [`CustodyError::File`].
    pub fn check(&self) -> Result<(), CustodyError> {
        match &self.0 {
            Place::Environment(name) if !environment::is_set(name) => Err(CustodyError::Unset(name.clone())),
            Place::File(path) => Ok(file::check(path)?),
            _ => Ok(()),
        }
    }

    /// The variable that holds the key, if that is where it is.
    pub(crate) fn variable(&self) -> Option<&str> {
        match &self.0 {
            Place::Environment(name) => Some(name),
            _ => None,
        }
    }

    /// The file that holds the key, if that is where it is.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Place::File(path) => Some(path),
            _ => None,
        }
    }

    /// The public half of the key, where it can be had without a passphrase, a PIN or a program that runs; `None` elsewhere. It says which key it is, and
    /// is proved when that is opened: an encrypted key of OpenSSH only claims it. `wanted` are as for [`open`](Self::open).
    ///
    /// # Errors
    /// There is no such key, or it cannot be used. See [`CustodyError`].
    pub fn known_public_key(&self, wanted: &[PublicKey], timeout: Duration) -> Result<Option<PublicKey>, CustodyError> {
        Ok(match &self.0 {
            Place::Environment(name) => Some(environment::read(name)?.public_key()),
            Place::File(path) => file::public_key(path)?,
            Place::SshAgent(name) => Some(AgentKey::find(name, Some(wanted), timeout.min(LONGEST))?.key().clone()),
            Place::Pkcs11(_) | Place::Exec(_) => None,
        })
    }

    /// Opens the key, so that it can sign. `wanted` are the keys of those who may sign: an agent that is asked for no particular key
    /// chooses among them. An agent or a program may take as long as `timeout` each time that it is asked.
    ///
    /// # Errors
    /// There is no such key, or it cannot be used. See [`CustodyError`].
    pub fn open(&self, wanted: &[PublicKey], timeout: Duration, ask: &mut Ask<'_>) -> Result<Box<dyn SigningKey>, CustodyError> {
        Ok(match &self.0 {
            Place::Environment(name) => Box::new(environment::read(name)?),
            Place::File(path) => Box::new(file::read(path, ask)?),
            Place::SshAgent(name) => Box::new(AgentKey::find(name, Some(wanted), timeout.min(LONGEST))?),
            Place::Pkcs11(uri) => Box::new(TokenKey::open(uri, ask)?),
            Place::Exec(words) => Box::new(Program::new(words, timeout.min(LONGEST))?),
        })
    }

    /// Returns the public half of the key, whoever it belongs to.
    ///
    /// # Errors
    /// There is no such key, it cannot be used, or its public half is unknown.
    pub fn public_key(&self, timeout: Duration, ask: &mut Ask<'_>) -> Result<PublicKey, CustodyError> {
        match &self.0 {
            Place::Environment(name) => Ok(environment::read(name)?.public_key()),
            Place::File(path) => Ok(file::read(path, ask)?.public_key()),
            Place::SshAgent(name) => Ok(AgentKey::find(name, None, timeout.min(LONGEST))?.key().clone()),
            Place::Pkcs11(uri) => Ok(TokenKey::open(uri, ask)?.public_key().ok_or(TokenFault::NoPublicKey)?),
            Place::Exec(words) => Program::new(words, timeout.min(LONGEST))?.ask_public_key(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn references_are_read() {
        for (text, custody) in [
            ("env:SOME_KEY", Custody::Environment),
            ("file:/run/secrets/a b", Custody::File),
            ("ssh-agent:", Custody::SshAgent),
            ("ssh-agent:SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", Custody::SshAgent),
            ("ssh-agent:ada@example.org", Custody::SshAgent),
            ("pkcs11:token=a;object=b", Custody::Pkcs11),
            ("exec:sign --key 'a b'", Custody::Exec),
        ] {
            let reference: KeyReference = text.parse().unwrap();
            assert_eq!(reference.custody(), custody, "{text}");
            assert!(text.starts_with(&format!("{}:", custody.as_str())));
        }
    }

    #[test]
    fn what_is_no_reference_is_not_repeated() {
        let key = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        for (text, error) in [
            (key.to_owned(), ReferenceError::PrivateKey),
            (format!("file:{key}"), ReferenceError::PrivateKey),
            ("hunter2".to_owned(), ReferenceError::UnknownScheme),
            ("FILE:x".to_owned(), ReferenceError::UnknownScheme),
            (String::new(), ReferenceError::Nothing),
            (" \t".to_owned(), ReferenceError::Nothing),
            (" file:hunter2".to_owned(), ReferenceError::BeginsWith("white space or a character that does not show")),
            ("\u{feff}file:hunter2".to_owned(), ReferenceError::BeginsWith("white space or a character that does not show")),
            ("\"file:hunter2\"".to_owned(), ReferenceError::BeginsWith("a quotation mark")),
            ("'hunter2".to_owned(), ReferenceError::BeginsWith("a quotation mark")),
            ("env:".to_owned(), ReferenceError::Empty(Custody::Environment)),
            ("env:hunter2!".to_owned(), ReferenceError::NotAVariable),
            ("env:2hunter".to_owned(), ReferenceError::NotAVariable),
            ("file:".to_owned(), ReferenceError::Empty(Custody::File)),
            ("ssh-agent:SHA256:hunter2".to_owned(), ReferenceError::NotAFingerprint),
            ("exec:  ".to_owned(), ReferenceError::Empty(Custody::Exec)),
            ("exec:# hunter2".to_owned(), ReferenceError::Empty(Custody::Exec)),
            ("exec:sign 'hunter2".to_owned(), ReferenceError::Unbalanced),
        ] {
            let refused = text.parse::<KeyReference>().unwrap_err();
            assert!(!refused.to_string().contains("hunter2") && !refused.hint().to_string().contains("hunter2"));
            assert_eq!(refused, error);
        }
    }

    #[test]
    fn words_are_split_and_nothing_is_expanded() {
        assert_eq!(words(r#"a "b c" 'd $e' $f \g *"#).unwrap(), ["a", "b c", "d $e", "$f", "g", "*"]);
    }

    const PUBLIC: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    fn public_key(reference: &str) -> Result<String, CustodyError> {
        let reference: KeyReference = reference.parse().unwrap();
        let mut ask = |what: &str| panic!("asked for {what}");
        reference.public_key(crate::DEFAULT_TIMEOUT, &mut ask).map(|key| key.to_string())
    }

    #[test]
    fn a_file_and_a_program_tell_the_public_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write(&path, "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(public_key(&format!("file:{}", path.display())).as_deref(), Ok(PUBLIC));
        for printed in [PUBLIC.to_owned(), format!("-----BEGIN PUBLIC KEY-----\n{PUBLIC}\n-----END PUBLIC KEY-----\n")] {
            let command = format!("exec:sh -c 'test $GENOME_EXEC = public-key && test -z \"$(cat)\" && echo \"{printed}\"'");
            assert_eq!(public_key(&command).as_deref(), Ok(PUBLIC), "{printed}");
        }
    }

    #[test]
    fn what_a_program_prints_in_place_of_a_public_key_is_not_repeated() {
        for text in ["", "hunter2", "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"] {
            let path = tempfile::NamedTempFile::new().unwrap();
            fs::write(&path, text).unwrap();
            let refused = public_key(&format!("exec:cat {}", path.path().display())).unwrap_err();
            assert!(matches!(refused, CustodyError::Program(crate::ProgramFault::NoPublicKey { .. })), "{refused}");
            assert!(text.is_empty() || !refused.to_string().contains(text));
        }
    }
}
