use genome::{KeyId, PrivateKey};
use genome_cli::{Failure, Finding};
use rustix::fd::AsFd;
use rustix::fs::{FileType, Mode, Stat, fchmod, fstat};
use std::io::{self, IsTerminal as _, Write as _};
use zeroize::Zeroizing;

/// Standard error, found fit for a private key.
pub(crate) struct SecretStream {
    is_file: bool,
}

impl SecretStream {
    /// Finds out whether standard error is fit for a private key, and makes it so where it is a file.
    pub(crate) fn open() -> Result<Self, Failure> {
        let (stdout, stderr) = (stat(io::stdout())?, stat(io::stderr())?);
        let kind = FileType::from_raw_mode(stderr.st_mode);
        let keeps = matches!(kind, FileType::RegularFile | FileType::Fifo | FileType::Socket);
        if keeps && (stderr.st_dev, stderr.st_ino) == (stdout.st_dev, stdout.st_ino) {
            return Err(Failure::refused(Finding::error(
                "standard output and standard error go to the same place, where the private key would stay",
                "send them apart: genome-keygen KEY_ID > key.json 2> key-secret.txt",
            )));
        }
        let is_file = kind == FileType::RegularFile;
        if is_file {
            make_private().map_err(|reason| {
                let message = format!("the file on standard error cannot be made readable by its owner only: {reason}");
                Failure::refused(Finding::error(
                    message,
                    "send it to a file of your own, on a file system with permissions: 2> key-secret.txt",
                ))
            })?;
        }
        Ok(Self { is_file })
    }

    /// Writes the private key: with guidance for a person at a terminal, otherwise its line and nothing else.
    pub(crate) fn write(&self, key_id: &KeyId, key: &PrivateKey) -> Result<(), Failure> {
        let mut stderr = io::stderr().lock();
        let secret = key.to_base64();
        let text = if stderr.is_terminal() {
            Zeroizing::new(format!(
                "\nThe private key of `{key_id}`, {}. It is shown this once and stored nowhere:\n\n{}\n\n\
                 Put it into a secret manager now. Never into git, a mail, a chat or an argument of a command.\n\
                 genome-sign takes it in GENOME_SIGNING_PRIVATE_KEY. The signer object above goes into `authority.signers`.\n",
                key.public_key().fingerprint(),
                *secret
            ))
        } else {
            Zeroizing::new(format!("{}\n", *secret))
        };
        // One write, so that nothing else comes in between. Standard error has no buffer that would keep the key.
        stderr.write_all(text.as_bytes()).and_then(|()| if self.is_file { sync() } else { Ok(()) }).map_err(|error| {
            let message = format!("the private key could not be written: {error}");
            Failure::undecided(Finding::error(message, "do not use the public key; make room and make a new pair"))
        })
    }
}

fn stat(stream: impl AsFd) -> Result<Stat, Failure> {
    fstat(stream).map_err(|error| {
        Failure::undecided(Finding::error(
            format!("cannot tell where the output goes: {error}"),
            "send it to files: > key.json 2> key-secret.txt",
        ))
    })
}

/// Gives the file mode 0600, and looks whether it has it: some file systems only pretend.
fn make_private() -> Result<(), String> {
    let owner_only = Mode::RUSR | Mode::WUSR;
    fchmod(io::stderr(), owner_only).map_err(|error| error.to_string())?;
    let mode = Mode::from_raw_mode(fstat(io::stderr()).map_err(|error| error.to_string())?.st_mode);
    if mode == owner_only { Ok(()) } else { Err(format!("its mode stays {:04o}", mode.bits())) }
}

/// A full disk may be noticed only here.
fn sync() -> io::Result<()> {
    Ok(rustix::fs::fsync(io::stderr())?)
}
