//! Points with a part of small order.
//!
//! Whoever holds the secret of a key A can sign for A + T too, where T is one of the 7 points of small order: the equation of RFC 8032
//! section 5.1.7 holds for one nonce in 8 at most. So one secret would be two signers. No key generator makes such a point.

use ed25519_dalek::VerifyingKey;
use std::cell::RefCell;
use std::collections::HashSet;

thread_local! {
    /// Keys that were found to be free of it. The check costs about as much as verifying a short signature, and a lineage names the same
    /// few keys again in each generation.
    static FREE: RefCell<HashSet<[u8; 32]>> = RefCell::default();
}

/// How many keys are remembered: those of four authorities of the largest size.
const MOST: usize = 1024;

/// Whether a point, which is not of small order itself, has no part of small order.
pub(super) fn is_free(key: &VerifyingKey) -> bool {
    FREE.with_borrow_mut(|free| {
        let is_free = free.contains(key.as_bytes()) || key.to_edwards().is_torsion_free();
        if is_free {
            if free.len() == MOST {
                free.clear();
            }
            free.insert(key.to_bytes());
        }
        is_free
    })
}
