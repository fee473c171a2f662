//! `genome-keygen`: makes an Ed25519 key pair.

fn main() -> genome_cli::Exit {
    genome_cli::command::keygen::main()
}
