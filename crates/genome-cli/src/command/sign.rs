//! `genome-sign`: signs a genome.

mod fault;
mod key;
mod next;
mod place;
mod report;
mod review;
mod signer;
mod signing;

use crate::{AuditArguments, Exit, StandardStreams, Stream, Use, run, withhold_typed_ahead};
use clap::Parser;
pub(crate) use fault::Unsigned;
use genome::KeyId;
use key::KeyArguments;
pub(crate) use signing::sign as execute;
use std::path::PathBuf;

/// Signs a genome
///
/// `genome-sign DIR --key REF` signs DIR/genome-unsigned.json and writes DIR/genome.json. The key says who signs. A signature is added to those that
/// OUTPUT holds over the same genome, so several people sign one after the other, each with the same command; it says who is next. OUTPUT is
/// replaced atomically, and signing twice changes nothing.
///
/// What is signed is shown first: what the genome changes, compared with its parents, or all that it says where it names none or one is not found.
/// On a terminal you are asked, before a key is unlocked or signs. What is more than the screen shows is shown by PAGER, if that is set, and the
/// answer is a number that you are asked for. What was typed or pasted before the question is no answer.
///
/// A genome that replaces keys needs the signatures of its own signers and of those of its parents. The parents are found by genome id in the
/// directory above that of the genome, or given with --parent.
///
/// REF says where the private key is. Without --key, GENOME_SIGNING_KEY says so; without both, the key is in GENOME_SIGNING_PRIVATE_KEY.
///
/// `file:PATH`: a file that only its owner can read, with what genome-keygen printed, or a PKCS#8 or OpenSSH Ed25519 private key. You are asked for
/// the passphrase, if it has one, three times at most.
///
/// `env:NAME`: a variable that holds the same, without a passphrase.
///
/// `ssh-agent:SHA256:...`, `ssh-agent:COMMENT`, or `ssh-agent:` for the only key there that may sign: the agent at SSH_AUTH_SOCK. It takes genomes up
/// to 256 KiB, and no security keys (sk-).
///
/// `pkcs11:URI` (RFC 7512): a token, as in 'pkcs11:token=release;object=ops-1?pin-source=/etc/genome/pin'. Its module is that of module-path or
/// PKCS11_PROVIDER_MODULE. Without pin-source you are asked for the PIN. A wrong one is tried once.
///
/// `exec:COMMAND`: a program that signs, with its arguments; no shell expands them. It gets `GENOME_EXEC=sign` and the canonical form on standard
/// input, and prints the signature in base64. With `GENOME_EXEC=public-key` it prints its public key, which is asked for where you leave out who signs and
/// several may sign. It has no terminal, --key-timeout seconds, and no variable that holds a private key.
#[derive(Parser)]
#[command(name = "genome-sign", version, after_long_help = EXAMPLE)]
pub(crate) struct SignArguments {
    /// The genome to sign, or the directory of genome-unsigned.json; `-` is standard input
    unsigned: PathBuf,
    /// Where the signed genome goes, which may be the same file; `-` is standard output. Without it, genome.json beside the draft
    output: Option<PathBuf>,
    /// Who signs: a `key_id` of `authority.signers`, or of a parent's. Without it, the one whose key it is
    key_id: Option<KeyId>,
    /// A signed parent that is not found near the genome, or its directory. Its signers may sign too. Can be repeated
    #[arg(long, value_name = "FILE")]
    parent: Vec<PathBuf>,
    /// Replace OUTPUT even if it holds another genome, or signatures that do not verify, or is read-only
    #[arg(long)]
    force: bool,
    /// Do not ask whether to sign what is shown, for scripts
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    key: KeyArguments,
    #[command(flatten)]
    audit: AuditArguments,
}

impl StandardStreams for SignArguments {
    fn uses(&self) -> Vec<Use> {
        let shown = Use::of(Stream::Error, "what is signed");
        let output = self.output.as_ref().is_some_and(|output| output.as_os_str() == "-");
        let output = output.then(|| Use::of_only_copy(Stream::Output, "the signed genome"));
        [Some(shown), output, self.key.passphrase.uses_stdin()].into_iter().flatten().collect()
    }
}

const EXAMPLE: &str = "\
Example:
  genome-sign genomes/TOTK_PROD_v1.0.0 --key file:production-key.pem
  genome-sign genomes/TOTK_PROD_v1.0.0 --key ssh-agent:
  genome-sign draft.json signed.json --key env:OPS_KEY

Exit status:
  0 signed, or signed before; 1 refused;
  2 not possible (no such file, no usable key, wrong usage)";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    let exit = run(execute);
    if exit != Exit::Done {
        withhold_typed_ahead();
    }
    exit
}
