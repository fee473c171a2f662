//! Random lineages, judged by the verifier and by the plain method of the tests.

#![no_main]

#[path = "../../crates/genome/tests/rules/lineage/case.rs"]
mod case;
#[path = "../../crates/genome/tests/rules/lineage/drawing.rs"]
mod drawing;
#[path = "../../crates/genome/tests/rules/lineage/judge.rs"]
mod judge;
#[path = "../../crates/genome/tests/rules/lineage/verdict.rs"]
mod verdict;

use case::Case;
use judge::Judge;
use libfuzzer_sys::fuzz_target;
use verdict::{verdict, verify};

fuzz_target!(|bytes: &[u8]| {
    let numbers: Vec<u16> =
        bytes.chunks(2).map(|pair| pair.iter().fold(0, |number, &byte| number << 8 | u16::from(byte))).collect();
    // Files would be most of the time.
    let case = Case { in_directory: false, ..Case::draw(&numbers) };
    assert_eq!(verdict(&verify(&case)), Judge { case: &case }.verdict(), "the verifier, and the second method, on {case:#?}");
});
