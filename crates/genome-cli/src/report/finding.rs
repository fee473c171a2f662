//! A finding: one fault, warning or notice, in text.

use crate::hints::with_options;
use crate::{Paint, Place, ShownIds, Source};
use anstyle::AnsiColor;
use genome::document::SigningError;
use genome::draft::DraftError;
use genome::manifest::FileFault;
use genome::refusal::{Check, Fault, Quorum, TestKey};
use genome::{Code, Refusal, Warning};
use genome_json::JsonFault;
use genome_json::text::{Bare, BarePath, Printable};
use std::ffi::OsString;
use std::fmt::{self, Write as _};

/// The level of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// An error: the program does not do what was asked.
    Error,
    /// A warning: it does, and its user should know this.
    Warning,
    /// A notice: it does.
    Notice,
}

/// Something that a user must be told: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The stable code, for a verdict.
    pub code: Option<Code>,
    /// The check that fails, for a verdict on a genome.
    pub check: Option<Check>,
    /// The message, without a full stop.
    pub message: String,
    /// The file, if it is about one.
    pub file: Option<Source>,
    /// Line and column, if it is about the text of the file.
    pub position: Option<(usize, usize)>,
    /// The JSON Pointer, if it is about a value.
    pub pointer: String,
    /// The single faults, if there are several.
    pub details: Vec<Detail>,
    /// The quorums, if it is about signatures.
    pub quorums: Vec<Quorum>,
    /// The next thing to do.
    pub hint: String,
}

/// One of several faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Its JSON Pointer; the path of a file where there is no document yet.
    pub pointer: OsString,
    /// What it is.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Finding {
    /// An error about no file in particular.
    pub fn error(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            level: Level::Error,
            code: None,
            check: None,
            message: message.into(),
            file: None,
            position: None,
            pointer: String::new(),
            details: Vec::new(),
            quorums: Vec::new(),
            hint: hint.into(),
        }
    }

    /// A warning about no file in particular.
    pub fn warning(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(message, hint) }
    }

    /// What was done, about no file in particular.
    pub fn notice(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { level: Level::Notice, ..Self::error(message, hint) }
    }

    /// The error about a refused document that is not a genome; `what` names it, such as `the trust policy`.
    #[must_use]
    pub fn of_unsigned(refusal: &Refusal, what: &str) -> Self {
        let finding = Self::from(refusal);
        match refusal {
            Refusal::Schema(_) => Self { hint: format!("correct each field of {what}"), ..finding },
            _ => finding,
        }
    }

    /// The warning about a published test key, and what to do about it where it was found.
    #[must_use]
    pub fn of_test_key(key: TestKey, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..Self::from(&Warning::TestKey(key)) }
    }

    /// This finding, with a code.
    #[must_use]
    pub fn with_code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }

    /// This finding, about a file, unless it is about another one already.
    #[must_use]
    pub fn at(self, file: &(impl Place + ?Sized)) -> Self {
        Self { file: self.file.or_else(|| Some(file.source())), ..self }
    }

    /// Its rank among others of its level, as [`Code::gravity`] has it; the gravest come first. Findings of equal gravity keep their order.
    #[must_use]
    pub fn gravity(&self) -> u8 {
        Code::gravity(self.code)
    }
}

impl From<&Refusal> for Finding {
    fn from(refusal: &Refusal) -> Self {
        let position = match refusal {
            // Nobody looks for the first byte that is too many.
            Refusal::Json(error) if error.fault == JsonFault::TooLarge => None,
            Refusal::Json(error) => Some((error.line, error.column)),
            Refusal::WrittenKey(fault) => fault.line.map(|line| (line, 1)),
            _ => None,
        };
        // The position has a place of its own.
        let message = match refusal {
            Refusal::Json(error) => error.fault.to_string(),
            _ => refusal.to_string(),
        };
        let mut details: Vec<Detail> = refusal.faults().into_iter().flatten().map(Detail::from).collect();
        if let Some(more) = refusal.faults().map(genome::refusal::Faults::more).filter(|&more| more > 0) {
            let message = format!("{more} more faults are not shown");
            details.push(Detail { pointer: OsString::new(), message, hint: "correct these first".to_owned() });
        }
        if let Refusal::Manifest(faults) = refusal {
            details.extend(faults.iter().map(Detail::from));
        }
        Self {
            check: Some(refusal.check()),
            position,
            pointer: refusal.pointer().to_owned(),
            file: refusal.source().map(Place::source),
            details,
            quorums: refusal.quorums(),
            ..Self::error(message, with_options(refusal.hint())).with_code(refusal.code())
        }
    }
}

impl From<&SigningError> for Finding {
    fn from(error: &SigningError) -> Self {
        match error {
            SigningError::Refused(refusal) => refusal.into(),
            other => Self::error(other.to_string(), with_options(other.hint())),
        }
    }
}

impl From<&DraftError> for Finding {
    fn from(error: &DraftError) -> Self {
        match error {
            DraftError::Refused(refusal) => refusal.into(),
            other => Self { pointer: other.pointer().to_owned(), ..Self::error(other.to_string(), with_options(other.hint())) },
        }
    }
}

impl From<&Warning> for Finding {
    fn from(warning: &Warning) -> Self {
        let finding = Self::warning(warning.to_string(), with_options(warning.hint()));
        Self { code: warning.code(), pointer: warning.pointer().to_owned(), ..finding }
    }
}

impl From<&Fault> for Detail {
    fn from(fault: &Fault) -> Self {
        Self { pointer: fault.pointer.clone().into(), message: fault.problem.to_string(), hint: with_options(fault.problem.hint()) }
    }
}

impl From<&FileFault> for Detail {
    fn from(fault: &FileFault) -> Self {
        Self { pointer: fault.pointer().into(), message: fault.to_string(), hint: fault.hint().to_owned() }
    }
}

impl Finding {
    /// The finding as text for a person, with a line feed at the end.
    #[must_use]
    pub fn to_text(&self, paint: Paint) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut out, paint);
        out
    }

    fn write(&self, out: &mut String, paint: Paint) -> fmt::Result {
        let (word, colour) = match self.level {
            Level::Error => ("error", AnsiColor::Red),
            Level::Warning => ("warning", AnsiColor::Yellow),
            Level::Notice => ("note", AnsiColor::Cyan),
        };
        let style = paint.style(colour.on_default().bold());
        let code = self.code.map(|code| format!("[{code}]")).unwrap_or_default();
        let message = ShownIds::message(paint, &self.message);
        writeln!(out, "{style}{word}{code}{style:#}: {}", Printable(&message))?;
        let position = self.position.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        let pointer = if self.details.is_empty() { self.pointer.as_str() } else { "" };
        if let Some(file) = &self.file {
            let separator = if pointer.is_empty() { "" } else { " at " };
            let pointer = if pointer.is_empty() { String::new() } else { Bare(pointer).to_string() };
            writeln!(out, "  --> {file}{position}{separator}{pointer}")?;
        } else if !pointer.is_empty() {
            writeln!(out, "  --> {}", Bare(pointer))?;
        }
        for Detail { pointer, message, hint } in &self.details {
            let place = if pointer.is_empty() { "the document".to_owned() } else { BarePath(pointer.as_ref()).to_string() };
            writeln!(out, "  - {place}: {}", Printable(&ShownIds::message(paint, message)))?;
            writeln!(out, "      {}", Printable(hint))?;
        }
        writeln!(out, "  help: {}", Printable(&self.hint))
    }
}
