use super::line::{self, Line, NOTHING, Torn};
use super::order::in_order;
use super::{AuditFault, AuditLog, AuditProblem, AuditRecord};
use crate::Digest;
use std::collections::{BTreeSet, HashMap};

/// So many lines that are not ours are looked at. What has more is no log, or none that could be mended.
const MOST_UNREADABLE: usize = 1000;

/// Reads a whole log.
pub(super) fn read(bytes: &[u8]) -> Result<AuditLog, Vec<AuditFault>> {
    let mut lines: Vec<(&[u8], Result<Line, AuditProblem>)> = Vec::new();
    let (mut unreadable, mut given_up) = (0, None);
    for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
        let line = Line::read(piece);
        unreadable += usize::from(line.is_err());
        if unreadable > MOST_UNREADABLE {
            given_up = Some(AuditFault { line: lines.len() + 1, problem: AuditProblem::GivenUp });
            break;
        }
        lines.push((piece, line));
    }
    let numbers: Vec<Option<u32>> = lines.iter().map(|(_, line)| line.as_ref().ok().map(|line| line.number)).collect();
    let in_order = in_order(&numbers);
    let (ours, others): (Vec<_>, Vec<_>) = numbers.iter().enumerate().partition(|(place, _)| in_order.contains(place));
    let set = |numbers: Vec<(usize, &Option<u32>)>| numbers.into_iter().filter_map(|(_, number)| *number).collect();
    let mut walk = Walk {
        in_order: set(ours),
        elsewhere: set(others),
        last: 0,
        head: Digest::from_bytes(NOTHING),
        unreadable: Vec::new(),
        torn: Vec::new(),
        faults: Vec::new(),
    };
    let mut recorded: HashMap<_, Vec<_>> = HashMap::new();
    let count = lines.len();
    for (place, (piece, line)) in lines.into_iter().enumerate() {
        let position = place + 1;
        match line {
            Err(problem) => walk.unreadable.push(Unreadable { position, piece, problem }),
            Ok(line) => {
                if in_order.contains(&place) {
                    walk.follow(position, piece, &line);
                } else {
                    walk.stray(position, line.number);
                }
                let AuditRecord { genome_id, signature, key_id, fingerprint, .. } = line.record;
                recorded.entry((genome_id, signature)).or_default().push((key_id, fingerprint));
            }
        }
    }
    walk.end();
    let Walk { head, torn, mut faults, .. } = walk;
    faults.extend(given_up);
    if faults.is_empty() { Ok(AuditLog { lines: count, head, sha256: Digest::of(bytes), torn, recorded }) } else { Err(faults) }
}

/// A walk over the lines of a log.
struct Walk<'b> {
    /// The numbers of the lines that are in order.
    in_order: BTreeSet<u32>,
    /// Those of the others.
    elsewhere: BTreeSet<u32>,
    /// The number and the digest of the last line in order.
    last: u32,
    head: Digest,
    /// What came since and records nothing.
    unreadable: Vec<Unreadable<'b>>,
    torn: Vec<usize>,
    faults: Vec<AuditFault>,
}

/// A line that records nothing.
struct Unreadable<'b> {
    position: usize,
    piece: &'b [u8],
    problem: AuditProblem,
}

impl<'b> Walk<'b> {
    /// A line that is out of order.
    fn stray(&mut self, line: usize, number: u32) {
        let is_there = self.in_order.contains(&number);
        let problem = if is_there { AuditProblem::Repeated(number) } else { AuditProblem::OutOfPlace(number) };
        self.faults.push(AuditFault { line, problem });
    }

    /// A line that is in order.
    fn follow(&mut self, line: usize, piece: &'b [u8], read: &Line) {
        let Line { number, previous, torn, .. } = read;
        let between = self.explain(line, torn.as_ref());
        let gap = number.saturating_sub(self.last).saturating_sub(1);
        let missing = self.missing(*number, between);
        self.faults.extend(missing.map(|problem| AuditFault { line, problem }));
        // Of a line before that is missing or unreadable nothing is known.
        let is_next = gap == 0 || (torn.is_some() && gap as usize == between);
        if *number == 0 {
            self.faults.push(AuditFault { line, problem: AuditProblem::OutOfPlace(0) });
        } else if is_next && *previous != self.head {
            self.faults.push(AuditFault { line, problem: AuditProblem::NotFollowing });
        }
        self.last = *number;
        self.head = Digest::of(&[piece.strip_suffix(b"\n").unwrap_or(piece), b"\n"].concat());
    }

    /// Explains the unreadable lines before a line, by what that says of them. Says how many there were.
    fn explain(&mut self, line: usize, torn: Option<&Torn>) -> usize {
        let unreadable = std::mem::take(&mut self.unreadable);
        let count = unreadable.len();
        let text: Vec<u8> = unreadable.iter().flat_map(|unreadable| unreadable.piece).copied().collect();
        if torn.is_some_and(|torn| *torn == Torn::of(&text)) && count > 0 && are_beginnings(&unreadable) {
            self.torn.extend(unreadable.iter().map(|unreadable| unreadable.position));
            return count;
        }
        if torn.is_some() && count == 0 {
            self.faults.push(AuditFault { line, problem: AuditProblem::NotTorn });
        }
        self.faults
            .extend(unreadable.into_iter().map(|unreadable| AuditFault { line: unreadable.position, problem: unreadable.problem }));
        count
    }

    /// The numbers before this one that no line has, but for as many as there are unreadable lines.
    fn missing(&self, number: u32, mut unreadable: usize) -> impl Iterator<Item = AuditProblem> + use<> {
        let first = self.last.saturating_add(1);
        let mut missing = Vec::new();
        let mut next = first;
        let others = if first < number { self.elsewhere.range(first..number).copied().collect() } else { Vec::new() };
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

    /// After the last line. One that was cut off there waits for the next signing. It may have its line feed already, if that was cut off
    /// after nothing else.
    fn end(&mut self) {
        if are_beginnings(&self.unreadable) {
            self.torn.extend(self.unreadable.iter().map(|unreadable| unreadable.position));
        } else {
            self.explain(0, None);
        }
    }
}

fn are_beginnings(unreadable: &[Unreadable<'_>]) -> bool {
    unreadable.iter().all(|unreadable| line::is_beginning(unreadable.piece))
}
