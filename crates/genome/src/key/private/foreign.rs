//! What a text that holds no private key of a form that is read seems to be.

use thiserror::Error;

/// What a text is instead of a private key in a form that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Foreign {
    /// A public key, in whatever form.
    #[error("it is a public key")]
    PublicKey,
    /// A certificate: X.509, or OpenSSH's.
    #[error("it is a certificate")]
    Certificate,
    /// A certificate request (RFC 2986).
    #[error("it is a certificate request")]
    CertificateRequest,
    /// What OpenSSH keeps of a key in a FIDO authenticator.
    #[error("it is an `sk-` key file of OpenSSH: the private key itself is in a security key")]
    SecurityKey,
    /// `OpenPGP`, in ASCII armor.
    #[error("it is OpenPGP")]
    Pgp,
    /// A file that age has encrypted.
    #[error("it is encrypted by age")]
    AgeFile,
    /// A private key of age.
    #[error("it is an identity of age, which decrypts and cannot sign")]
    AgeIdentity,
    /// A private key of `PuTTY`.
    #[error("it is a private key in the format of PuTTY (.ppk)")]
    Putty,
    /// A private key of ssh.com.
    #[error("it is a private key in the format of ssh.com")]
    SshCom,
    /// A private key of cosign.
    #[error("it is a private key in the format of cosign")]
    Cosign,
    /// A PFX (RFC 7292).
    #[error("it is a PKCS#12 file (.p12, .pfx)")]
    Pkcs12,
    /// What git holds in place of a file that git-lfs keeps.
    #[error("it is a git-lfs pointer, and not the file that it stands for")]
    LfsPointer,
    /// A JSON document of ours.
    #[error("it is one of the JSON documents about genomes")]
    GenomeDocument,
    /// JSON, and no private JWK.
    #[error("it is JSON, and not a JWK with a private key")]
    Json,
    /// The path of a file, or a key reference.
    #[error("it is a path or a key reference, and not the key itself")]
    Reference,
    /// PEM or base64 whose line breaks are written as a backslash and an `n`.
    #[error("its line breaks are written as `\\n`, a backslash and a letter")]
    EscapedLineBreaks,
    /// It is in quotation marks.
    #[error("there are quotation marks around it")]
    Quoted,
    /// UTF-16.
    #[error("it is UTF-16, and not UTF-8")]
    Utf16,
    /// A PEM in base64 once more.
    #[error("it is the base64 of a PEM")]
    Base64OfPem,
    /// A PEM without its end.
    #[error("it begins as PEM, and its END line is missing or is that of another label")]
    Unterminated,
}

impl Foreign {
    /// What a PEM is that is no private key, by its label without blanks.
    pub(super) fn of_label(label: &str) -> Option<Self> {
        Some(match label {
            "CERTIFICATE" | "X509CERTIFICATE" | "TRUSTEDCERTIFICATE" => Self::Certificate,
            "CERTIFICATEREQUEST" | "NEWCERTIFICATEREQUEST" => Self::CertificateRequest,
            "AGEENCRYPTEDFILE" => Self::AgeFile,
            _ if label.ends_with("PUBLICKEY") => Self::PublicKey,
            _ if label.starts_with("PGP") => Self::Pgp,
            _ => return None,
        })
    }
}

/// How texts begin that are known by it.
const STARTS: [(&str, Foreign); 23] = [
    ("PuTTY-User-Key-File-", Foreign::Putty),
    ("---- BEGIN SSH2 PUBLIC KEY", Foreign::PublicKey),
    ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY", Foreign::SshCom),
    // A public key of OpenSSH, the type of which may go on with the name of a curve. A certificate has its own ending, see below.
    ("ssh-", Foreign::PublicKey),
    ("ecdsa-sha2-", Foreign::PublicKey),
    ("sk-ssh-", Foreign::PublicKey),
    ("sk-ecdsa-", Foreign::PublicKey),
    ("age-encryption.org/", Foreign::AgeFile),
    ("AGE-SECRET-KEY-", Foreign::AgeIdentity),
    ("AGE-PLUGIN-", Foreign::AgeIdentity),
    ("age1", Foreign::PublicKey),
    ("version https://git-lfs.github.com/spec/", Foreign::LfsPointer),
    ("version https://hawser.github.com/spec/", Foreign::LfsPointer),
    ("file:", Foreign::Reference),
    ("env:", Foreign::Reference),
    ("ssh-agent:", Foreign::Reference),
    ("pkcs11:", Foreign::Reference),
    ("exec:", Foreign::Reference),
    // No key begins so in base64, where `/` is a digit: its first byte is 0x30 or an `o`.
    ("/", Foreign::Reference),
    ("./", Foreign::Reference),
    ("../", Foreign::Reference),
    ("~/", Foreign::Reference),
    ("# created: ", Foreign::AgeIdentity),
];

/// What a text without a PEM in it is, as it begins.
pub(super) fn by_start(text: &str) -> Option<Foreign> {
    let text = text.trim_start();
    let first = text.split_whitespace().next().unwrap_or_default();
    if first.ends_with("-cert-v01@openssh.com") {
        return Some(Foreign::Certificate);
    }
    // The longest start that fits: `ssh-agent:` is more than `ssh-`.
    let fits = STARTS.iter().filter(|(start, _)| text.starts_with(start));
    fits.max_by_key(|(start, _)| start.len()).map(|(_, foreign)| *foreign)
}

/// What a text that is not base64 is, by what does not belong there.
pub(super) fn by_characters(text: &str) -> Option<Foreign> {
    let quoted = |mark| text.starts_with(mark) || text.ends_with(mark);
    if text.contains("\\n") {
        Some(Foreign::EscapedLineBreaks)
    } else if ['"', '\'', '`'].into_iter().any(quoted) {
        Some(Foreign::Quoted)
    } else {
        None
    }
}

/// Whether it is UTF-16: by its mark, or as each character of ASCII has a zero beside it.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let zeros = |odd: usize| {
        let is_as_expected = |(at, byte): (usize, &u8)| (*byte == 0) == (at % 2 == odd);
        bytes.len() >= 16 && bytes.iter().take(16).enumerate().all(is_as_expected)
    };
    marked || zeros(0) || zeros(1)
}
