//! A private key on standard error, and nowhere else.

use super::public_half::PublicHalf;
use crate::{Failure, Finding, Paint, Stream, Use, report_stream_fault, unbuffered};
use genome::{KeyId, PublicKey};
use genome_files::make_private;
use rustix::fd::AsFd;
use rustix::fs::{FileType, Stat, fstat};
use std::io::{self, IsTerminal as _, Write as _};
use zeroize::Zeroizing;

const HINT: &str = "send each to a file of its own: genome-keygen --secret-file key-secret.txt --public-file key.json KEY_ID";

/// Standard error, found fit for a private key.
pub(crate) struct SecretStream {
    is_file: bool,
}

impl SecretStream {
    /// Finds out whether standard error is fit for a private key, and makes it so where it is a file.
    pub(crate) fn open(half: &PublicHalf<'_>) -> Result<Self, Failure> {
        // Otherwise half of the pair would be lost.
        Use::of_only_copy(Stream::Error, "the private key").with_hint(HINT).check()?;
        if half.is_printed() {
            Use::of_only_copy(Stream::Output, "the public half of the key pair").with_hint(HINT).check()?;
        }
        let (stdout, stderr) = (stat(io::stdout())?, stat(io::stderr())?);
        half.check_apart_from_file(stderr.st_dev, stderr.st_ino)?;
        let kind = FileType::from_raw_mode(stderr.st_mode);
        let keeps = matches!(kind, FileType::RegularFile | FileType::Fifo | FileType::Socket);
        if keeps && (stderr.st_dev, stderr.st_ino) == (stdout.st_dev, stdout.st_ino) {
            return Err(Failure::refused(Finding::error(
                "standard output and standard error go to the same place, where the private key would stay",
                HINT,
            )));
        }
        let is_file = kind == FileType::RegularFile;
        if is_file {
            make_private(io::stderr()).map_err(|reason| {
                let message = format!("the file on standard error cannot be made readable by its owner only: {reason}");
                Failure::undecided(Finding::error(
                    message,
                    "send it to a file of your own, on a file system with permissions: --secret-file key-secret.txt",
                ))
            })?;
        }
        Ok(Self { is_file })
    }

    /// Writes the private key: with guidance for a person at a terminal, otherwise itself and nothing else.
    pub(crate) fn write(&self, key_id: &KeyId, public: &PublicKey, secret: &str) -> Result<(), Failure> {
        let fingerprint = public.fingerprint();
        let [before, after] = if io::stderr().is_terminal() {
            [
                format!("\nThe private key of `{key_id}`, {fingerprint}. It is shown this once and stored nowhere:\n\n"),
                "\nPut it into a secret manager now. Never into git, a mail, a chat or an argument of a command.\n\
                 genome-sign takes it in GENOME_SIGNING_PRIVATE_KEY, or from a file. The signer object on standard output goes into `authority.signers`.\n"
                    .to_owned(),
            ]
        } else {
            [String::new(), String::new()]
        };
        let paint = Paint::on(&io::stderr());
        // In one piece of memory: a text that grows leaves copies behind.
        let text = Zeroizing::new([&paint.wrap(&before), secret, &paint.wrap(&after)].concat());
        // One write, so that nothing else comes in between, and no buffer that would keep the key. A full disk may be noticed only
        // by the sync.
        let written = unbuffered(&io::stderr()).and_then(|mut stderr| {
            stderr.write_all(text.as_bytes())?;
            if self.is_file { stderr.sync_all() } else { Ok(()) }
        });
        written.map_err(|error| {
            let message = format!("the private key could not be written to standard error: {error}");
            // All of it may have been written before a write or the sync failed.
            let hint =
                "remove what is there, which may be the key or a part of it; then make room, or use --secret-file key-secret.txt";
            report_stream_fault(Stream::Error, &message, hint)
        })
    }
}

fn stat(stream: impl AsFd) -> Result<Stat, Failure> {
    fstat(stream).map_err(|error| Failure::undecided(Finding::error(format!("cannot tell where the output goes: {error}"), HINT)))
}
