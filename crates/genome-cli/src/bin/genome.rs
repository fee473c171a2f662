//! `genome`: every program under one name.

fn main() -> genome_cli::Exit {
    genome_cli::command::front::main()
}
