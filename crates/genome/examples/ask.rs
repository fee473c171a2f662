//! Verifies a genome under a trust policy, and asks it whether actions are allowed.
//!
//! ```sh
//! cargo run --package genome --example ask -- GENOME TRUST ACTION...
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use genome::{TrustPolicy, Verifier};
use std::error::Error;
use std::time::SystemTime;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [genome, policy, actions @ ..] = arguments.as_slice() else { return Err("usage: ask GENOME TRUST ACTION...".into()) };

    let policy = TrustPolicy::read(&fs::read(policy)?)?;
    // The bytes that are verified are those that are used: the file is read once.
    let bytes = fs::read(genome)?;
    let genome = Verifier::trusting(&policy, SystemTime::now()).verify(&bytes)?;
    println!("{} {}, trust: {}", genome.name, genome.version, genome.trust().as_str());

    let ceiling = genome.to_ceiling();
    for action in actions {
        println!("{}", ceiling.decide(action));
    }
    Ok(())
}
