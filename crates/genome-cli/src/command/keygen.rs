//! `genome-keygen`: makes an Ed25519 key pair.

mod form;
mod pair;
mod public_from;
mod public_half;
mod secret_stream;

use crate::{
    Exit, Failure, NewSecretFile, PassphraseArguments, StandardStreams, Stream, Use, forbid_core_dumps, run, tell, wiping_stack,
};
use clap::Parser;
use form::Form;
pub(crate) use form::Format;
use genome::KeyId;
use genome::model::Signer;
use genome_custody::DEFAULT_TIMEOUT;
use genome_json::text::{BarePath, shell_word};
pub(crate) use pair::{Pair, new_key, new_passphrase_of};
use public_half::{Lost, PublicHalf};
use secret_stream::SecretStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Makes an Ed25519 key pair: the signer object in a file or on standard output, the private key in a file or on standard error
///
/// The signer object, which is the public half, goes into `authority.signers` of a genome. It goes to the file of --public-file, which is replaced only when
/// there is a key, or to standard output. The private key goes to the file of --secret-file, which is new and
/// readable by its owner only, or to standard error, and nowhere else. OpenSSL and WebCrypto, or ssh-keygen, read it too.
///
/// With --encrypt it is encrypted with a passphrase, which is asked for on the terminal without echo, or comes from --passphrase-file
/// or --passphrase-fd.
///
/// Where standard error gets the key and is a file, the file becomes readable by its owner only before the key is written. Where both
/// streams go to the same file or pipe, or one of them to a device that keeps nothing, no key is made. A CI log keeps both streams: use --secret-file there.
#[derive(Parser)]
#[command(name = "genome-keygen", version, after_long_help = EXAMPLE)]
pub(crate) struct KeygenArguments {
    /// The key's name: 1 to 128 of A-Z a-z 0-9 . _ @ : + / -
    #[arg(default_value = "dev-key-001")]
    key_id: KeyId,
    /// Write the private key to PATH, which must not be there yet, instead of standard error
    #[arg(long, value_name = "PATH")]
    secret_file: Option<PathBuf>,
    /// Write the signer object to PATH instead of standard output. A file that is there is replaced as a whole, if it is empty or holds a
    /// public key, and only when there is a key
    #[arg(long, value_name = "PATH")]
    public_file: Option<PathBuf>,
    /// Encrypt the private key with a passphrase: scrypt and AES-256, or with `--format openssh` bcrypt and AES-256
    #[arg(long)]
    encrypt: bool,
    /// The form of the private key. Without it pkcs8, with --encrypt pem
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    passphrase: PassphraseArguments,
    /// Make no key: print the signer object of the key that REF names, which starts with `env:`, `file:`, `ssh-agent:` (with
    /// SSH_AUTH_SOCK), `pkcs11:` (with PKCS11_PROVIDER_MODULE) or `exec:`, as for genome-sign
    #[arg(long, value_name = "REF", conflicts_with_all = ["secret_file", "encrypt", "format"])]
    public_from: Option<String>,
    /// How long an agent or a program of --public-from may take; without it, 60
    #[arg(long, value_name = "SECONDS", requires = "public_from", value_parser = clap::value_parser!(u64).range(1..=86400))]
    key_timeout: Option<u64>,
}

impl StandardStreams for KeygenArguments {
    fn uses(&self) -> Vec<Use> {
        // Where the private key goes to standard error, both streams are looked at more closely.
        let is_in_file = self.public_file.as_ref().is_some_and(|path| path.as_os_str() != "-");
        let is_beside = !is_in_file && (self.secret_file.is_some() || self.public_from.is_some());
        let output = is_beside.then(|| Use::of(Stream::Output, "the public half of the key pair"));
        [output, self.passphrase.uses_stdin()].into_iter().flatten().collect()
    }
}

const EXAMPLE: &str = "\
Example:
  genome-keygen --secret-file key-secret.txt --public-file key.json my-key
  export GENOME_SIGNING_PRIVATE_KEY=\"$(cat key-secret.txt)\"
  genome-keygen --encrypt --secret-file key-secret.pem --public-file key.json my-key
  genome-keygen --public-from file:key-secret.pem --public-file key.json my-key

Exit status:
  0 done; 1 refused;
  2 not possible (no random source, output not writable, wrong usage)";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    run(execute)
}

/// Makes a key pair, or prints the public half of one that is there.
pub(crate) fn execute(arguments: &KeygenArguments) -> Result<Exit, Failure> {
    forbid_core_dumps()?;
    let half = PublicHalf::find(arguments.public_file.as_deref())?;
    if let Some(reference) = &arguments.public_from {
        if let Some(path) = reference.strip_prefix("file:") {
            half.check_apart_from(Path::new(path))?;
        }
        half.check_contents()?;
        let timeout = arguments.key_timeout.map_or(DEFAULT_TIMEOUT, Duration::from_secs);
        let public = wiping_stack(|| public_from::public_key(reference, timeout, &arguments.passphrase))?;
        half.write(&Signer::new(arguments.key_id.clone(), public)).map_err(Lost::into_failure)?;
        return Ok(Exit::Done);
    }
    let form = Form::of(arguments.format, arguments.encrypt, &arguments.passphrase)?;
    match &arguments.secret_file {
        Some(path) => to_file(arguments, form, path, half),
        None => to_stream(arguments, form, half),
    }
}

/// Writes the private half first: a public half that was seen must have a private one that is safe.
fn to_file(arguments: &KeygenArguments, form: Form, path: &Path, half: PublicHalf<'_>) -> Result<Exit, Failure> {
    let key_id = &arguments.key_id;
    half.check_apart_from(path)?;
    half.check_contents()?;
    let file = NewSecretFile::at(path).map_err(no_key)?;
    let public = wiping_stack(|| {
        let Pair { public, secret } = Pair::make(key_id, form, &arguments.passphrase)?;
        file.write(secret.as_bytes()).map_err(no_key).map(|()| public)
    })?;
    let signer = Signer::new(key_id.clone(), public);
    half.write(&signer).map_err(|lost| {
        let file = shell_word(path.as_os_str());
        lost.beside("in its file", &format!("genome-keygen --public-from file:{file} {key_id} prints it"), "remove the file, and")
    })?;
    tell(&format!("made `{key_id}` ({})\n  private key  {}\n", signer.public_key.fingerprint(), BarePath(path)));
    Ok(Exit::Done)
}

/// Writes the private half first: a public half that was seen must have a private one that somebody got, and not the other way round.
fn to_stream(arguments: &KeygenArguments, form: Form, half: PublicHalf<'_>) -> Result<Exit, Failure> {
    let key_id = &arguments.key_id;
    half.check_contents()?;
    let stream = SecretStream::open(&half)?;
    let Pair { public, secret } = Pair::make(key_id, form, &arguments.passphrase)?;
    stream.write(key_id, &public, &secret)?;
    half.write(&Signer::new(key_id.clone(), public)).map_err(|lost| {
        let prints = format!("genome-keygen --public-from file:FILE {key_id} prints it, with the private key alone in FILE");
        lost.beside("on standard error", &prints, "")
    })?;
    Ok(Exit::Done)
}

fn no_key(failure: Failure) -> Failure {
    failure.with_hint(|hint| format!("no key was made; {hint}"))
}
