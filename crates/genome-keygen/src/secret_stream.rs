use genome::{KeyId, PrivateKey};
use genome_cli::{Failure, Finding, unbuffered};
use rustix::fd::AsFd;
use rustix::fs::{FileType, Mode, OFlags, Stat, fchmod, fcntl_getfl, fstat};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use zeroize::Zeroizing;

const HINT: &str = "send each to a file of its own: genome-keygen KEY_ID > key.json 2> key-secret.txt";

/// Standard error, found fit for a private key.
pub(crate) struct SecretStream {
    is_file: bool,
}

impl SecretStream {
    /// Finds out whether standard error is fit for a private key, and makes it so where it is a file.
    pub(crate) fn open() -> Result<Self, Failure> {
        let (stdout, stderr) = (stat(io::stdout())?, stat(io::stderr())?);
        let kind = FileType::from_raw_mode(stderr.st_mode);
        for (name, stream) in [("error", writable(io::stderr())), ("output", writable(io::stdout()))] {
            if !stream {
                let message = format!("standard {name} is not open for writing, and half of the key pair would be lost");
                return Err(Failure::refused(Finding::error(message, HINT)));
            }
        }
        let keeps = matches!(kind, FileType::RegularFile | FileType::Fifo | FileType::Socket);
        if keeps && (stderr.st_dev, stderr.st_ino) == (stdout.st_dev, stdout.st_ino) {
            return Err(Failure::refused(Finding::error(
                "standard output and standard error go to the same place, where the private key would stay",
                HINT,
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
        let secret = key.to_base64();
        // With room for all of it: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(1024));
        // Writing to a string does not fail.
        let _ = if io::stderr().is_terminal() {
            write!(
                text,
                "\nThe private key of `{key_id}`, {}. It is shown this once and stored nowhere:\n\n{}\n\n\
                 Put it into a secret manager now. Never into git, a mail, a chat or an argument of a command.\n\
                 genome-sign takes it in GENOME_SIGNING_PRIVATE_KEY. The signer object above goes into `authority.signers`.\n",
                key.public_key().fingerprint(),
                *secret
            )
        } else {
            writeln!(text, "{}", *secret)
        };
        // One write, so that nothing else comes in between, and no buffer that would keep the key. A full disk may be noticed only
        // by the sync.
        let written = unbuffered(&io::stderr()).and_then(|mut stderr| {
            stderr.write_all(text.as_bytes())?;
            if self.is_file { stderr.sync_all() } else { Ok(()) }
        });
        written.map_err(|error| {
            let message = format!("the private key could not be written: {error}");
            Failure::undecided(Finding::error(message, "do not use the public key; make room and make a new pair"))
        })
    }
}

fn stat(stream: impl AsFd) -> Result<Stat, Failure> {
    fstat(stream).map_err(|error| Failure::undecided(Finding::error(format!("cannot tell where the output goes: {error}"), HINT)))
}

/// The standard library takes a stream that is open for reading only for one that is written to.
fn writable(stream: impl AsFd) -> bool {
    fcntl_getfl(stream).is_ok_and(|flags| matches!(flags & OFlags::RWMODE, OFlags::WRONLY | OFlags::RDWR))
}

/// Gives the file mode 0600, and looks whether it has it: some file systems only pretend.
fn make_private() -> Result<(), String> {
    let owner_only = Mode::RUSR | Mode::WUSR;
    fchmod(io::stderr(), owner_only).map_err(|error| error.to_string())?;
    let mode = Mode::from_raw_mode(fstat(io::stderr()).map_err(|error| error.to_string())?.st_mode);
    if mode == owner_only { Ok(()) } else { Err(format!("its mode stays {:04o}", mode.bits())) }
}
