//! `genome-keygen`: makes an Ed25519 key pair.

mod secret_stream;

use clap::Parser;
use genome::{KeyId, PrivateKey, json::Value};
use genome_cli::{Exit, Failure, Finding, print, run};
use secret_stream::SecretStream;
use zeroize::Zeroizing;

/// Makes an Ed25519 key pair: the signer object on standard output, the private key on standard error
///
/// The signer object goes into `authority.signers` of a genome. The private key, base64 of PKCS#8 (RFC 8410), is what genome-sign
/// takes in GENOME_SIGNING_PRIVATE_KEY; OpenSSL and WebCrypto read it too. It is stored nowhere.
///
/// Where standard error is a file, the file becomes readable by its owner only before the key is written. Where both streams go to
/// the same file or pipe, no key is made. A CI log keeps both streams: send standard error to a file there.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLE)]
struct KeygenArguments {
    /// The key's name: 1 to 128 of A-Z a-z 0-9 . _ @ : + / -
    #[arg(default_value = "dev-key-001")]
    key_id: KeyId,
}

const EXAMPLE: &str = "\
Example:
  genome-keygen my-key > key.json 2> key-secret.txt
  export GENOME_SIGNING_PRIVATE_KEY=\"$(cat key-secret.txt)\"

Exit status:
  0 done; 1 refused;
  2 not possible (no random source, output not writable, wrong usage)";

fn main() -> Exit {
    run(keygen)
}

fn keygen(KeygenArguments { key_id }: &KeygenArguments) -> Result<Exit, Failure> {
    let secrets = SecretStream::open()?;
    let key = generate()?;
    // The public half first: a private key whose public half nobody got is worth nothing.
    print(signer_object(key_id, &key).as_bytes())?;
    secrets.write(key_id, &key)?;
    Ok(Exit::Done)
}

/// Makes a key pair from the system's random source, and proves that it signs.
fn generate() -> Result<PrivateKey, Failure> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(|error| {
        let message = format!("the system's random source fails: {error}");
        Failure::undecided(Finding::error(message, "no key was made; find out why before you make one here"))
    })?;
    let key = PrivateKey::from_seed(&seed);
    let read_back = PrivateKey::from_text(&key.to_base64(), None).map(|read| read.public_key());
    let proof = key.sign(b"genome-keygen proves that this key pair signs and verifies");
    if read_back == Ok(key.public_key()) && proof.is_ok() {
        return Ok(key);
    }
    let hint = "do not trust this machine: have its memory checked";
    Err(Failure::undecided(Finding::error("the key pair that was just made does not work", hint)))
}

fn signer_object(key_id: &KeyId, key: &PrivateKey) -> String {
    Value::object([
        ("key_id", Value::string(key_id.to_string())),
        ("alg", Value::string("ed25519")),
        ("public_key", Value::string(key.public_key().to_string())),
    ])
    .to_pretty()
}
