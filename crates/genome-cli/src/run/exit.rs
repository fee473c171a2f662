//! The exit status, why a program stops, and its whole run.

use super::{arguments, inherited};
use crate::{Finding, Source, StandardStreams, Use, point_to_page, say};
use clap::Parser;
use std::path::PathBuf;
use std::process::{ExitCode, Termination};

/// The exit status of a program, DESIGN section 7. Of several, the one that matters most is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Accepted, or done: 0.
    Done,
    /// It could not be decided: no such file, unreadable, wrong usage: 2.
    Undecided,
    /// Refused: 1. A refusal outweighs what could not be decided beside it, so that it is not taken for a passing trouble.
    Refused,
}

impl Exit {
    /// The word of the reports.
    #[must_use]
    pub fn verdict(self) -> &'static str {
        match self {
            Self::Done => "accepted",
            Self::Undecided => "undecided",
            Self::Refused => "refused",
        }
    }

    /// The number.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Undecided => 2,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.status().into()
    }
}

/// Why a program stops: its exit status and its finding.
#[derive(Debug, Clone)]
pub struct Failure {
    exit: Exit,
    /// `None` where everything has been said.
    finding: Option<Box<Finding>>,
}

impl Failure {
    /// The program refuses.
    #[must_use]
    pub fn refused(finding: Finding) -> Self {
        Self { exit: Exit::Refused, finding: Some(Box::new(finding)) }
    }

    /// The program could not do or decide it.
    #[must_use]
    pub fn undecided(finding: Finding) -> Self {
        Self { exit: Exit::Undecided, finding: Some(Box::new(finding)) }
    }

    /// The program ends, and everything has been said.
    #[must_use]
    pub fn silent(exit: Exit) -> Self {
        Self { exit, finding: None }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The finding about it.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.finding.as_deref()
    }

    /// The finding in words: the message, the hint, and the file that they are about. They are empty where everything has been said.
    #[must_use]
    pub fn said(&self) -> (String, String, Option<PathBuf>) {
        let said = self.finding().map(|finding| {
            let file = match &finding.file {
                Some(Source::File(path) | Source::Side(path, _) | Source::Version(path, _)) => Some(path.clone()),
                Some(Source::Stdin) | None => None,
            };
            (finding.message.clone(), finding.hint.clone(), file)
        });
        said.unwrap_or_default()
    }

    /// This failure, with a better hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl FnOnce(&str) -> String) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.hint = hint(&finding.hint);
        }
        self
    }
}

/// Runs a program: settles what it inherits, reads its command line, checks the standard streams that it needs, does its work, and reports at the end.
pub fn run<T: Parser + StandardStreams>(program: impl FnOnce(&T) -> Result<Exit, Failure>) -> Exit {
    inherited::settle();
    let checked = arguments::parse::<T>().and_then(|arguments| {
        // Before anything is opened.
        arguments.uses().into_iter().try_for_each(Use::check).map(|()| arguments)
    });
    let exit = checked.and_then(|arguments| program(&arguments)).unwrap_or_else(|Failure { exit, finding }| {
        if let Some(finding) = finding {
            say(&finding);
        }
        exit
    });
    point_to_page();
    exit
}
