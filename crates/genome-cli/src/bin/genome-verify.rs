//! `genome-verify`: verifies genomes.

fn main() -> genome_cli::Exit {
    genome_cli::command::verify::main()
}
