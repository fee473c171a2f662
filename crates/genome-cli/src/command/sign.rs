//! `genome-sign`: signs a genome.

mod fault;
mod key;
mod review;
mod signing;

use crate::{AuditArguments, Exit, StandardStreams, Stream, Use, run, withhold_typed_ahead};
use clap::Parser;
pub(crate) use fault::Unsigned;
use genome::KeyId;
use key::KeyArguments;
pub(crate) use review::write_contents;
pub(crate) use signing::sign as execute;
use std::path::PathBuf;

/// Signs a genome
///
/// Reads the genome UNSIGNED, signs its canonical form (RFC 8785) with the private key, checks the signature with the public key of
/// the signer, and writes the signed genome to OUTPUT, atomically: whatever happens, OUTPUT is the old file or the new one. Members
/// keep their order; white space becomes two spaces of indentation.
///
/// Where OUTPUT already holds signatures over the same genome, this one is added: so m of n people sign one after the other. Where
/// it holds another genome, it is refused. Signing twice changes nothing.
///
/// A genome that replaces keys is signed twice over: by the threshold of its own authority, and by that of each of its parents. With
/// --parent, a signer of the parent signs whom the genome itself no longer names.
///
/// What is signed is shown first, on standard error: what the genome changes, compared with its parents, or all that it says where it names none
/// or one is not found. The parents are those given with --parent, or else found by genome id in the directory above that of the genome.
///
/// Where that is a terminal, it is signed only after a yes, or with --yes. Where it is more than the screen shows at once, PAGER shows it, if
/// that is set, and the answer is no `y`, but the number of widenings and weakenings, or of signers and allowed actions where all is
/// new. What is typed or pasted before the question is not an answer: it is shown, and not run.
///
/// The private key can stay where it is. --key REF or GENOME_SIGNING_KEY names it; without either it is in
/// GENOME_SIGNING_PRIVATE_KEY. REF is one of:
///
/// `env:NAME`: in this variable, as genome-keygen printed it, or any PKCS#8 or OpenSSH Ed25519 private key without a passphrase, as
/// base64 or PEM. GENOME_SIGNING_PRIVATE_KEY holds the same.
///
/// `file:PATH`: in this file, in the same forms, encrypted or not. Nobody but its owner may read it. A passphrase is asked for on the
/// terminal.
///
/// `ssh-agent:SHA256:...`, `ssh-agent:COMMENT`, or `ssh-agent:` alone where the agent holds one Ed25519 key that may sign: in the agent
/// at SSH_AUTH_SOCK. Not for genomes over 256 KiB, nor for security keys (sk-).
///
/// `pkcs11:URI` (RFC 7512), as in 'pkcs11:token=release;object=ops-1?pin-source=/etc/genome/pin': on a token. The attributes token,
/// serial, object and id say which key, module-path or PKCS11_PROVIDER_MODULE which module reaches it. Without pin-source the PIN is
/// asked for on the terminal. A wrong one is tried once.
///
/// `exec:COMMAND`: a program that signs, with its arguments, split into words as by a shell, which expands nothing. It gets the
/// canonical form on standard input and GENOME_EXEC, which is `sign`, and prints the base64 of the 64 bytes of the signature. It has
/// no terminal, and as many seconds as --key-timeout says; then it is killed, and its children with it. It does not get
/// GENOME_SIGNING_PRIVATE_KEY, nor any other variable that holds a private key.
#[derive(Parser)]
#[command(name = "genome-sign", version, after_long_help = EXAMPLE)]
pub(crate) struct SignArguments {
    /// The genome to sign; `-` is standard input
    unsigned: PathBuf,
    /// Where the signed genome goes, which may be the same file; `-` is standard output
    output: PathBuf,
    /// Who signs: a `key_id` of `authority.signers`, or of a parent's. May be left out where only one may sign
    key_id: Option<KeyId>,
    /// The signed parent, or the directory that holds its `genome.json`. Its signers may sign too. Can be repeated
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
        let output = (self.output.as_os_str() == "-").then(|| Use::of_only_copy(Stream::Output, "the signed genome"));
        [Some(shown), output, self.key.passphrase.uses_stdin()].into_iter().flatten().collect()
    }
}

const EXAMPLE: &str = "\
Example:
  export GENOME_SIGNING_PRIVATE_KEY=\"$(cat production-key-secret.txt)\"
  cd genomes/TOTK_PROD_v1.0.0
  genome-sign genome-unsigned.json genome.json production-key-001
  genome-sign --parent ../TOTK_PROD_v1.0.0/genome.json \\
    genome-unsigned.json genome.json production-key-001
  genome-sign --key file:production-key.pem genome-unsigned.json genome.json
  genome-sign --key ssh-agent: genome-unsigned.json genome.json

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
