//! `genome-merge`: joins the signatures of copies of one genome.

fn main() -> genome_cli::Exit {
    genome_cli::command::merge::main()
}
