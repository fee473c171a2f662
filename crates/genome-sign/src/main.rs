//! `genome-sign`: signs a genome.

mod private_key;
mod sign;

use clap::Parser;
use genome::KeyId;
use genome_cli::{Exit, run};
use std::path::PathBuf;

/// Signs a genome
///
/// Reads the genome UNSIGNED, signs its canonical form (RFC 8785) with the private key in GENOME_SIGNING_PRIVATE_KEY, checks the
/// signature, and writes the signed genome to OUTPUT, atomically: whatever happens, OUTPUT is the old file or the new one. Members
/// keep their order; white space becomes two spaces of indentation.
///
/// Where OUTPUT already holds signatures over the same genome, this one is added: so m of n people sign one after the other. Where
/// it holds another genome, it is refused. Signing twice changes nothing.
///
/// A genome that replaces keys is signed twice over: by the threshold of its own authority, and by that of each of its parents. With
/// --parent, a signer of the parent's signs whom the genome itself no longer names.
///
/// GENOME_SIGNING_PRIVATE_KEY holds what genome-keygen printed, or any PKCS#8 or OpenSSH Ed25519 private key without a passphrase,
/// as base64 or PEM.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLE)]
struct SignArguments {
    /// The genome to sign; `-` is standard input
    unsigned: PathBuf,
    /// Where the signed genome goes, which may be the same file; `-` is standard output
    output: PathBuf,
    /// Who signs: a `key_id` of `authority.signers`, or of a parent's. May be left out where only one may sign
    key_id: Option<KeyId>,
    /// The signed parent, whose signers may sign too. Can be repeated
    #[arg(long, value_name = "FILE")]
    parent: Vec<PathBuf>,
    /// Replace OUTPUT even if it holds another genome, or signatures that do not verify, or is read-only
    #[arg(long)]
    force: bool,
}

const EXAMPLE: &str = "\
Example:
  export GENOME_SIGNING_PRIVATE_KEY=\"$(cat production-key-secret.txt)\"
  cd genomes/TOTK_PROD_v1.0.0
  genome-sign genome-unsigned.json genome.json production-key-001
  genome-sign --parent ../TOTK_PROD_v1.0.0/genome.json \\
    genome-unsigned.json genome.json production-key-001

Exit status:
  0 signed, or signed before; 1 refused;
  2 not possible (no such file, no usable key, wrong usage)";

fn main() -> Exit {
    run(sign::sign)
}
