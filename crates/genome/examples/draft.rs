//! Drafts the next version of a genome, which allows one action more. Prints what changes, and then the draft, which nobody has signed.
//!
//! ```sh
//! cargo run --package genome --example draft -- GENOME TRUST CAP_ID ACTION
//! ```

#![allow(clippy::print_stderr, clippy::print_stdout, reason = "an example shows what it does")]

use genome::change::Change;
use genome::draft::{Bump, Draft};
use genome::{TrustPolicy, Verifier};
use std::error::Error;
use std::time::SystemTime;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [parent, policy, cap_id, action] = arguments.as_slice() else {
        return Err("usage: draft GENOME TRUST CAP_ID ACTION".into());
    };

    let policy = TrustPolicy::read(&fs::read(policy)?)?;
    let bytes = fs::read(parent)?;
    let parent = Verifier::trusting(&policy, SystemTime::now()).verify(&bytes)?;

    let mut draft = Draft::of(&parent, &bytes)?;
    draft.bump(Bump::Minor)?;
    draft.allow(cap_id, action)?;
    let drafted = draft.finish().map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;

    for change in Change::between(&parent, drafted.genome()) {
        eprintln!("{}: {change}", change.class().as_str());
    }
    print!("{}", drafted.to_json());
    Ok(())
}
