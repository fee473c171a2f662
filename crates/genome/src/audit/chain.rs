//! Reading a whole log, so that one line of it is in memory at a time.

use super::fault::{AuditFault, AuditProblem};
use super::lines::{AuditLines, Hashed, InMemory, NextLine};
use super::log::AuditLog;
use super::order::in_order;
use super::reading as line;
use super::remembering::{Remembered, Remembering};
use super::walk::{Order, Walk};

/// The most foreign lines that are examined. A file with more is not a log, or not one that could be mended.
const MOST_UNREADABLE: usize = 1000;

/// The most faults of lines of ours that are reported one by one. A log with more cannot be mended line by line.
const MOST_FAULTS: usize = 1000;

impl AuditLog {
    /// Reads a log, and checks that every line is as it was written and follows the one before.
    ///
    /// # Errors
    /// Every line that is missing, or is not what it should be.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<AuditFault>> {
        let Ok(read) = Self::read_lines(&mut InMemory::of(bytes), &Remembering::UpTo(usize::MAX));
        read
    }

    /// Reads a log that need not be in memory. A log that holds is read once, line by line, and only what is to be remembered is kept.
    /// A faulty one is read twice more to find the lines out of place, which takes the numbers of all lines: some 20 bytes for each line,
    /// and a line has 600 bytes at least. A log ends at the first line that is longer than
    /// [`MOST_LINE_BYTES`](Self::MOST_LINE_BYTES).
    ///
    /// # Errors
    /// The lines cannot be fetched. Within that: every line that is missing or is not what it should be, up to some thousand of them.
    pub fn read_lines<L: AuditLines>(
        lines: &mut L,
        remembering: &Remembering<'_>,
    ) -> Result<Result<Self, Vec<AuditFault>>, L::Error> {
        if let Some(log) = follow(&mut Hashed::from_the_start_of(lines)?, remembering)? {
            return Ok(Ok(log));
        }
        let numbers = numbers(&mut Hashed::from_the_start_of(lines)?)?;
        diagnose(&mut Hashed::from_the_start_of(lines)?, &numbers, remembering)
    }
}

/// The log, if each line of it follows the one before.
fn follow<L: AuditLines>(lines: &mut Hashed<'_, L>, remembering: &Remembering<'_>) -> Result<Option<AuditLog>, L::Error> {
    let mut walk = Walk::of(Order::Unknown);
    let mut remembered = Remembered::of(remembering);
    let mut count = 0;
    loop {
        let piece = match lines.next()? {
            NextLine::Line(piece) => piece,
            NextLine::TooLong => return Ok(None),
            NextLine::End => break,
        };
        count += 1;
        match line::read(piece) {
            Ok(line) if count > 1 && line.number <= walk.last => return Ok(None),
            Ok(line) => {
                walk.follow(count, piece, &line);
                remembered.add(line.record);
            }
            Err(problem) => walk.skip(count, piece, problem),
        }
        if !walk.faults.is_empty() || walk.unreadable() > MOST_UNREADABLE {
            return Ok(None);
        }
    }
    walk.end();
    Ok(walk.faults.is_empty().then(|| remembered.into_log(count, walk.head, lines.sha256(), walk.torn)))
}

/// The number of each line that is ours, so far as the log is looked at.
fn numbers<L: AuditLines>(lines: &mut Hashed<'_, L>) -> Result<Vec<Option<u32>>, L::Error> {
    let mut numbers = Vec::new();
    let mut unreadable = 0;
    while let NextLine::Line(piece) = lines.next()? {
        let line = line::read(piece);
        unreadable += usize::from(line.is_err());
        if unreadable > MOST_UNREADABLE {
            break;
        }
        numbers.push(line.ok().map(|line| line.number));
    }
    Ok(numbers)
}

/// Every fault of a log, whose lines have these numbers.
fn diagnose<L: AuditLines>(
    lines: &mut Hashed<'_, L>,
    numbers: &[Option<u32>],
    remembering: &Remembering<'_>,
) -> Result<Result<AuditLog, Vec<AuditFault>>, L::Error> {
    let is_in_order = in_order(numbers);
    let (mut ours, mut elsewhere) = (Vec::new(), Vec::new());
    for (&number, &is_in_order) in numbers.iter().zip(&is_in_order) {
        let list = if is_in_order { &mut ours } else { &mut elsewhere };
        list.extend(number);
    }
    elsewhere.sort_unstable();
    let mut walk = Walk::of(Order::Known { in_order: ours, elsewhere });
    let mut remembered = Remembered::of(remembering);
    let mut count = 0;
    let (mut unreadable, mut last_fault) = (0, None);
    loop {
        let next = lines.next()?;
        let line = count + 1;
        let piece = match next {
            NextLine::Line(piece) => piece,
            NextLine::TooLong => {
                last_fault = Some(AuditFault { line, problem: AuditProblem::TooLong });
                break;
            }
            NextLine::End => break,
        };
        let read = line::read(piece);
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
