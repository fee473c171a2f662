//! `genome-sign`: signs a genome.

fn main() -> genome_cli::Exit {
    genome_cli::command::sign::main()
}
