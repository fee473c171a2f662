//! The rule of the chain: each line names the one before, and what a crash has left is named by the line after it.

use super::fault::{AuditFault, AuditProblem};
use super::line::{self, Line, NOTHING, Torn};
use crate::digest::Digest;
use sha2::{Digest as _, Sha256};

/// Which lines are in order.
pub(super) enum Order {
    /// Every line so far.
    Unknown,
    /// The numbers of the lines that are, and those of the others, each sorted.
    Known { in_order: Vec<u32>, elsewhere: Vec<u32> },
}

/// A walk over the lines of a log.
pub(super) struct Walk {
    order: Order,
    /// The number and the digest of the last line in order.
    pub(super) last: u32,
    pub(super) head: Digest,
    /// What came since and records nothing.
    unreadable: Unreadable,
    pub(super) torn: Vec<usize>,
    pub(super) faults: Vec<AuditFault>,
}

/// Consecutive lines that record nothing, and the digest of all of them.
struct Unreadable {
    lines: Vec<(usize, AuditProblem)>,
    bytes: u64,
    hasher: Sha256,
    /// Whether each may be the beginning of a line of ours.
    are_beginnings: bool,
    /// Whether the last lacks its line feed.
    is_open: bool,
}

impl Unreadable {
    fn none() -> Self {
        Self { lines: Vec::new(), bytes: 0, hasher: Sha256::new(), are_beginnings: true, is_open: false }
    }
}

impl Walk {
    pub(super) fn of(order: Order) -> Self {
        Self {
            order,
            last: 0,
            head: Digest::from_bytes(NOTHING),
            unreadable: Unreadable::none(),
            torn: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// How many lines have come since the last in order, and record nothing.
    pub(super) fn unreadable(&self) -> usize {
        self.unreadable.lines.len()
    }

    /// A line that records nothing.
    pub(super) fn skip(&mut self, line: usize, piece: &[u8], problem: AuditProblem) {
        let Unreadable { lines, bytes, hasher, are_beginnings, is_open } = &mut self.unreadable;
        lines.push((line, problem));
        *bytes += piece.len() as u64;
        hasher.update(piece);
        *are_beginnings &= line::is_beginning(piece);
        *is_open = !piece.ends_with(b"\n");
    }

    /// A line that is out of order.
    pub(super) fn stray(&mut self, line: usize, number: u32) {
        let is_there = match &self.order {
            Order::Unknown => false,
            Order::Known { in_order, .. } => in_order.binary_search(&number).is_ok(),
        };
        let problem = if is_there { AuditProblem::Repeated(number) } else { AuditProblem::OutOfPlace(number) };
        self.faults.push(AuditFault { line, problem });
    }

    /// A line that is in order.
    pub(super) fn follow(&mut self, line: usize, piece: &[u8], read: &Line) {
        let Line { number, previous, torn, .. } = read;
        let between = self.explain(line, torn.as_ref());
        let gap = number.saturating_sub(self.last).saturating_sub(1);
        let missing = self.missing(*number, between);
        self.faults.extend(missing.map(|problem| AuditFault { line, problem }));
        // Nothing is known of a missing or unreadable line before. Fewer numbers than torn lines are a line of another log.
        let is_next = gap == 0 || (torn.is_some() && gap as usize <= between);
        if *number == 0 {
            self.faults.push(AuditFault { line, problem: AuditProblem::OutOfPlace(0) });
        } else if is_next && *previous != self.head {
            self.faults.push(AuditFault { line, problem: AuditProblem::NotFollowing });
        }
        self.last = *number;
        self.head = Digest::of(&[piece.strip_suffix(b"\n").unwrap_or(piece), b"\n"].concat());
    }

    /// Explains the unreadable lines before a line, by what that line says of them. Returns how many there were.
    fn explain(&mut self, line: usize, torn: Option<&Torn>) -> usize {
        let Unreadable { lines, bytes, hasher, are_beginnings, .. } = std::mem::replace(&mut self.unreadable, Unreadable::none());
        let count = lines.len();
        if count > 0 && are_beginnings && torn.is_some_and(|torn| *torn == Torn { bytes, sha256: Digest::finish(hasher) }) {
            self.torn.extend(lines.iter().map(|(position, _)| *position));
            return count;
        }
        if torn.is_some() && count == 0 {
            self.faults.push(AuditFault { line, problem: AuditProblem::NotTorn });
        }
        self.faults.extend(lines.into_iter().map(|(line, problem)| AuditFault { line, problem }));
        count
    }

    /// The numbers before this one that no line has, but for as many as there are unreadable lines.
    fn missing(&self, number: u32, mut unreadable: usize) -> impl Iterator<Item = AuditProblem> + use<> {
        let first = self.last.saturating_add(1);
        let mut missing = Vec::new();
        let mut next = first;
        let others = match &self.order {
            Order::Known { elsewhere, .. } if first < number => {
                let start = elsewhere.partition_point(|&other| other < first);
                let end = elsewhere.partition_point(|&other| other < number);
                let mut others = elsewhere.get(start..end).unwrap_or_default().to_vec();
                others.dedup();
                others
            }
            _ => Vec::new(),
        };
        for other in others.into_iter().chain([number]) {
            // Each unreadable line stands for one of them.
            let skipped = unreadable.min(other.saturating_sub(next) as usize);
            unreadable -= skipped;
            next += u32::try_from(skipped).unwrap_or_default();
            if next < other {
                missing.push(AuditProblem::Missing(next, other - 1));
            }
            next = other.saturating_add(1);
        }
        missing.into_iter()
    }

    /// After the last line. One that was cut off there waits for the next signing. With a line feed it may be a whole line of which somebody
    /// changed a byte, so that is a fault.
    pub(super) fn end(&mut self) {
        if self.unreadable.is_open && self.unreadable.are_beginnings {
            let unreadable = std::mem::replace(&mut self.unreadable, Unreadable::none());
            self.torn.extend(unreadable.lines.iter().map(|(position, _)| *position));
        } else {
            self.explain(0, None);
        }
    }
}
