use super::line::{self, Line, NOTHING, Torn};
use super::lines::{Lines, Next};
use super::order::in_order;
use super::{AuditFault, AuditLog, AuditProblem, AuditReadError, AuditRecord, Remembering};
use crate::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io::{self, Read, Seek};

/// So many lines that are not ours are looked at. What has more is no log, or none that could be mended.
const MOST_UNREADABLE: usize = 1000;

/// So many faults of lines that are ours are told apart. What has more is none that could be mended line by line.
const MOST_FAULTS: usize = 1000;

/// Reads a whole log. One whose lines follow each other is read once, and one line of it is in memory at a time. Another is read twice more,
/// to say which lines are out of place, for which the numbers of all of them have to be known: some 20 bytes for each line, of which one
/// has 600 at least.
pub(super) fn read(log: &mut (impl Read + Seek), remembering: &Remembering<'_>) -> Result<AuditLog, AuditReadError> {
    log.rewind()?;
    if let Some(log) = follow(&mut *log, remembering)? {
        return Ok(log);
    }
    log.rewind()?;
    let numbers = numbers(&mut *log)?;
    log.rewind()?;
    match diagnose(log, &numbers, remembering)? {
        Ok(log) => Ok(log),
        Err(faults) => Err(AuditReadError::Broken(faults)),
    }
}

/// The log, if each line of it follows the one before.
fn follow(log: impl Read, remembering: &Remembering<'_>) -> io::Result<Option<AuditLog>> {
    let mut walk = Walk::of(Order::Unknown);
    let mut remembered = Remembered::of(remembering);
    let mut lines = Lines::of(log);
    let mut count = 0;
    loop {
        let piece = match lines.next()? {
            Next::Line(piece) => piece,
            Next::TooLong => return Ok(None),
            Next::End => break,
        };
        count += 1;
        match Line::read(piece) {
            Ok(line) if count > 1 && line.number <= walk.last => return Ok(None),
            Ok(line) => {
                walk.follow(count, piece, &line);
                remembered.add(line.record);
            }
            Err(problem) => walk.skip(count, piece, problem),
        }
        if !walk.faults.is_empty() || walk.unreadable.lines.len() > MOST_UNREADABLE {
            return Ok(None);
        }
    }
    walk.end();
    Ok(walk.faults.is_empty().then(|| remembered.into_log(count, walk.head, lines.sha256(), walk.torn)))
}

/// The number of each line that is ours, so far as the log is looked at.
fn numbers(log: impl Read) -> io::Result<Vec<Option<u32>>> {
    let mut numbers = Vec::new();
    let mut unreadable = 0;
    let mut lines = Lines::of(log);
    while let Next::Line(piece) = lines.next()? {
        let line = Line::read(piece);
        unreadable += usize::from(line.is_err());
        if unreadable > MOST_UNREADABLE {
            break;
        }
        numbers.push(line.ok().map(|line| line.number));
    }
    Ok(numbers)
}

/// Every fault of a log, whose lines have these numbers.
fn diagnose(
    log: impl Read,
    numbers: &[Option<u32>],
    remembering: &Remembering<'_>,
) -> io::Result<Result<AuditLog, Vec<AuditFault>>> {
    let is_in_order = in_order(numbers);
    let (mut ours, mut elsewhere) = (Vec::new(), Vec::new());
    for (&number, &is_in_order) in numbers.iter().zip(&is_in_order) {
        let list = if is_in_order { &mut ours } else { &mut elsewhere };
        list.extend(number);
    }
    elsewhere.sort_unstable();
    let mut walk = Walk::of(Order::Known { in_order: ours, elsewhere });
    let mut remembered = Remembered::of(remembering);
    let mut lines = Lines::of(log);
    let mut count = 0;
    let (mut unreadable, mut last_fault) = (0, None);
    loop {
        let next = lines.next()?;
        let line = count + 1;
        let piece = match next {
            Next::Line(piece) => piece,
            Next::TooLong => {
                last_fault = Some(AuditFault { line, problem: AuditProblem::TooLong });
                break;
            }
            Next::End => break,
        };
        let read = Line::read(piece);
        unreadable += usize::from(read.is_err());
        if unreadable > MOST_UNREADABLE || walk.faults.len() > MOST_FAULTS {
            last_fault = Some(AuditFault { line, problem: AuditProblem::GivenUp });
            break;
        }
        count = line;
        match read {
            Err(problem) => walk.skip(line, piece, problem),
            Ok(read) => {
                if is_in_order.get(line - 1).copied().unwrap_or_default() {
                    walk.follow(line, piece, &read);
                } else {
                    walk.stray(line, read.number);
                }
                remembered.add(read.record);
            }
        }
    }
    walk.end();
    let Walk { head, torn, mut faults, .. } = walk;
    faults.extend(last_fault);
    Ok(if faults.is_empty() { Ok(remembered.into_log(count, head, lines.sha256(), torn)) } else { Err(faults) })
}

/// What is remembered of the lines of a log.
struct Remembered<'r> {
    remembering: &'r Remembering<'r>,
    /// Who is said to have made each signature.
    recorded: HashMap<super::Made, Vec<(crate::key::KeyId, crate::key::Fingerprint)>>,
    is_complete: bool,
    count: usize,
}

impl<'r> Remembered<'r> {
    fn of(remembering: &'r Remembering<'r>) -> Self {
        Self { remembering, recorded: HashMap::new(), is_complete: true, count: 0 }
    }

    fn add(&mut self, record: AuditRecord) {
        let most = match self.remembering {
            Remembering::UpTo(most) => *most,
            Remembering::Signature(wanted) if !record.is_of(wanted) => return,
            Remembering::SignaturesOn(document) if !document.carries(&record) => return,
            Remembering::Signature(_) | Remembering::SignaturesOn(_) => usize::MAX,
        };
        let AuditRecord { genome_id, signature, key_id, fingerprint, .. } = record;
        let names = self.recorded.entry((genome_id, signature)).or_default();
        if names.contains(&(key_id.clone(), fingerprint)) {
            return;
        }
        names.push((key_id, fingerprint));
        self.count += 1;
        if self.count > most {
            // Part of it would pass for all of it.
            self.recorded = HashMap::new();
            self.is_complete = false;
            self.count = 0;
        }
    }

    fn into_log(self, lines: usize, head: Digest, sha256: Digest, torn: Vec<usize>) -> AuditLog {
        let recorded = if self.is_complete { self.recorded } else { HashMap::new() };
        AuditLog { lines, head, sha256, torn, recorded, is_complete: self.is_complete }
    }
}

/// Which lines are in order.
enum Order {
    /// Every line so far.
    Unknown,
    /// The numbers of the lines that are, and those of the others, each sorted.
    Known { in_order: Vec<u32>, elsewhere: Vec<u32> },
}

/// A walk over the lines of a log.
struct Walk {
    order: Order,
    /// The number and the digest of the last line in order.
    last: u32,
    head: Digest,
    /// What came since and records nothing.
    unreadable: Unreadable,
    torn: Vec<usize>,
    faults: Vec<AuditFault>,
}

/// Lines one after the other that record nothing, and the digest of all of them.
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
    fn of(order: Order) -> Self {
        Self {
            order,
            last: 0,
            head: Digest::from_bytes(NOTHING),
            unreadable: Unreadable::none(),
            torn: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// A line that records nothing.
    fn skip(&mut self, line: usize, piece: &[u8], problem: AuditProblem) {
        let Unreadable { lines, bytes, hasher, are_beginnings, is_open } = &mut self.unreadable;
        lines.push((line, problem));
        *bytes += piece.len() as u64;
        hasher.update(piece);
        *are_beginnings &= line::is_beginning(piece);
        *is_open = !piece.ends_with(b"\n");
    }

    /// A line that is out of order.
    fn stray(&mut self, line: usize, number: u32) {
        let is_there = match &self.order {
            Order::Unknown => false,
            Order::Known { in_order, .. } => in_order.binary_search(&number).is_ok(),
        };
        let problem = if is_there { AuditProblem::Repeated(number) } else { AuditProblem::OutOfPlace(number) };
        self.faults.push(AuditFault { line, problem });
    }

    /// A line that is in order.
    fn follow(&mut self, line: usize, piece: &[u8], read: &Line) {
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
    fn end(&mut self) {
        if self.unreadable.is_open && self.unreadable.are_beginnings {
            let unreadable = std::mem::replace(&mut self.unreadable, Unreadable::none());
            self.torn.extend(unreadable.lines.iter().map(|(position, _)| *position));
        } else {
            self.explain(0, None);
        }
    }
}
