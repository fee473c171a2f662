//! What to do about a text that holds no usable private key.

use crate::concept::KEY;
use genome::concept::KEY_GENERATOR;
use genome::hint::Hint;
use genome::key::{Foreign, PrivateKeyError};
use genome_json::text::shell_word;
use std::ffi::OsString;
use std::path::Path;

/// Where the text is.
#[derive(Clone, Copy)]
pub(crate) enum TextPlace<'a> {
    /// In this file.
    File(&'a Path),
    /// In this variable of the environment.
    Variable(&'a str),
}

/// The next step. Where a command can bring the key into a form that is read, it is that command.
pub(crate) fn hint(error: &PrivateKeyError, place: TextPlace<'_>) -> Hint {
    let file = match place {
        TextPlace::File(path) => shell_word(path.as_os_str()),
        TextPlace::Variable(_) => "FILE".to_owned(),
    };
    match error {
        PrivateKeyError::Foreign(foreign) => foreign_hint(*foreign, place, &file),
        PrivateKeyError::Several => "keep the one that signs in a file of its own".into(),
        PrivateKeyError::Encrypted => {
            "give it as file:PATH, for which a passphrase is asked; or decrypt it first: `openssl pkey -in FILE`, or `ssh-keygen -p -f COPY` with an empty new passphrase".into()
        }
        PrivateKeyError::OtherAlgorithm(_) => make_one(),
        PrivateKeyError::Inconsistent => "the key is damaged: take it from its backup, or make a new one".into(),
        PrivateKeyError::WrongPassphrase => "see that it is the passphrase of this key, with nothing before or after it".into(),
        PrivateKeyError::TooCostly => {
            format!("encrypt it again, at an ordinary cost: `openssl pkcs8 -topk8 -in {file} -out NEW`, or `ssh-keygen -p -a 24 -f {file}`").into()
        }
        PrivateKeyError::Pkcs8Encryption(_) => format!(
            "encrypt it again: `openssl pkcs8 -topk8 -in {file} -out NEW`; OpenSSL 3 reads an old algorithm with `-provider legacy -provider default`"
        )
        .into(),
        PrivateKeyError::OpensshEncryption(_) => format!("encrypt a copy of it again: `ssh-keygen -p -Z aes256-ctr -f COPY`, after `cp -p {file} COPY`").into(),
        // It is empty, no base64, or damaged.
        _ => wanted(place),
    }
}

fn foreign_hint(foreign: Foreign, place: TextPlace<'_>, file: &str) -> Hint {
    match foreign {
        Foreign::PublicKey => match place {
            TextPlace::File(path) if let Some(private) = beside(path) => {
                format!("give the private key that belongs to it: did you mean {}?", shell_word(&private)).into()
            }
            _ => {
                "give the private key that belongs to it: that of `ssh-keygen` is in the file whose name has no `.pub`, and that of "
                    + KEY_GENERATOR
                    + " is the line that it printed on standard error, or wrote to a file"
            }
        },
        Foreign::GenomeDocument => "give the private half: the line that " + KEY_GENERATOR + " printed on standard error",
        Foreign::Certificate | Foreign::CertificateRequest => {
            "it holds the public half: give the private key with which it was made".into()
        }
        Foreign::SecurityKey => {
            "such a device signs more than it is given, which is no plain Ed25519: use a key on a token, as pkcs11:URI, or make one with "
                + KEY_GENERATOR
        }
        Foreign::Pgp | Foreign::AgeIdentity | Foreign::Cosign => make_one(),
        Foreign::AgeFile => format!("decrypt it first: `(umask 077; age --decrypt --identity IDENTITY {file} > NEW)`").into(),
        Foreign::Putty | Foreign::SshCom => {
            format!("bring it into OpenSSH's format: `puttygen {file} -O private-openssh-new -o NEW`").into()
        }
        Foreign::Pkcs12 => format!("take the key out of it: `openssl pkcs12 -in {file} -nocerts -out NEW`").into(),
        Foreign::LfsPointer => "`git lfs pull` fetches the file; but a private key does not belong into git".into(),
        Foreign::Reference => match place {
            TextPlace::File(_) => "name the file that holds the key itself".into(),
            TextPlace::Variable(_) => "put the key itself there; or " + KEY,
        },
        Foreign::EscapedLineBreaks => match place {
            TextPlace::File(_) => {
                format!("write line breaks, or blanks, in their place: `(umask 077; printf '%b' \"$(cat {file})\" > NEW)`").into()
            }
            TextPlace::Variable(name) => {
                format!("write line breaks, or blanks, in their place: `export {name}=\"$(printf '%b' \"${name}\")\"`").into()
            }
        },
        Foreign::Quoted => "take them away".into(),
        Foreign::Utf16 => format!("convert it: `(umask 077; iconv -f UTF-16 -t UTF-8 {file} > NEW)`").into(),
        Foreign::Base64OfPem => match place {
            TextPlace::File(_) => format!("decode it once: `(umask 077; base64 -d {file} > NEW)`").into(),
            TextPlace::Variable(name) => format!("decode it once: `export {name}=\"$(printf %s \"${name}\" | base64 -d)\"`").into(),
        },
        Foreign::Unterminated => "give the whole of it, from its BEGIN line to its END line".into(),
        _ => wanted(place),
    }
}

/// The reference of the private key whose public half `ssh-keygen` wrote to this file, where that is there.
fn beside(path: &Path) -> Option<OsString> {
    let private = path.extension().filter(|extension| *extension == "pub").map(|_| path.with_extension(""))?;
    private.is_file().then(|| {
        let mut reference = OsString::from("file:");
        reference.push(private);
        reference
    })
}

fn make_one() -> Hint {
    "genomes are signed with Ed25519: make a key with " + KEY_GENERATOR
}

fn wanted(place: TextPlace<'_>) -> Hint {
    match place {
        TextPlace::File(_) => {
            "name a file with an Ed25519 private key: what " + KEY_GENERATOR + " printed on standard error, PEM, or an OpenSSH key"
        }
        TextPlace::Variable(_) => "give the line that " + KEY_GENERATOR + " printed on standard error, whole and alone",
    }
}
