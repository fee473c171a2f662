//! `genome-diff`: says what a genome changes.

fn main() -> genome_cli::Exit {
    genome_cli::command::diff::main()
}
