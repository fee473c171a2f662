//! Keeps secrets in memory from leaking.
//!
//! By hand on `rustix`, as `secmem-proc` 0.3.8 fails where one of the two ways to forbid a core dump is denied and the other one holds;
//! and `clear_on_drop` 0.2.5, which overwrites the stack, needs a C compiler (`hide.c`), as none of our programs does otherwise.

use crate::{Failure, Finding};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::hint::black_box;
use zeroize::Zeroize as _;

/// Makes sure that no core dump of this process is written, and that only root can read its memory. Call it before a secret is read.
///
/// # Errors
/// The system grants neither.
pub fn forbid_core_dumps() -> Result<(), Failure> {
    // Where the pattern of core dumps names a program (core(5)), the limit does not count, and the attribute does.
    let limit = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let attribute = forbid_dumps();
    match (limit, attribute) {
        (Err(error), Err(_)) => {
            let message =
                format!("this process cannot be kept from leaving a core dump, in which the private key would be: {error}");
            Err(Failure::undecided(Finding::error(message, "find out what denies setrlimit and prctl, or work on another machine")))
        }
        _ => Ok(()),
    }
}

/// prctl(2), `PR_SET_DUMPABLE`.
#[cfg(target_os = "linux")]
fn forbid_dumps() -> rustix::io::Result<()> {
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
}

#[cfg(not(target_os = "linux"))]
fn forbid_dumps() -> rustix::io::Result<()> {
    Err(rustix::io::Errno::NOSYS)
}

/// Runs a closure that uses secrets, and overwrites the stack that it used: libraries wipe their values, but not every copy that the compiler
/// made of them. The result should hold no secret.
pub fn wiping_stack<T>(work: impl FnOnce() -> T) -> T {
    let done = apart(work);
    overwrite_stack();
    done
}

/// Runs it deeper on the stack than its caller, where its remains can be overwritten.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
#[expect(clippy::large_stack_arrays, reason = "the stack is what it is about")]
fn overwrite_stack() {
    // Several times what encrypting and decrypting takes.
    let mut stack = [0_u8; 128 * 1024];
    stack.zeroize();
    black_box(&stack);
}
