//! When to kill a program.

use std::time::Duration;

/// Numbers that look random, from a fixed start: xorshift (Marsaglia 2003).
pub struct Moments(pub u64);

impl Moments {
    /// A moment before this one.
    pub fn before(&mut self, end: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        end.mul_f64(f64::from(u32::try_from(self.0 >> 32).unwrap_or_default()) / f64::from(u32::MAX))
    }
}
