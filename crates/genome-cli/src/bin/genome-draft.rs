//! `genome-draft`: drafts the next version of a genome.

fn main() -> genome_cli::Exit {
    genome_cli::command::draft::main()
}
