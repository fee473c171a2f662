//! What is said of the outcomes, in each format.

mod human;
mod json;

use crate::outcome::Outcome;
use crate::{Format, VerifyArguments};
use genome::json::Value;
use genome_cli::{Exit, Failure, Finding, Paint, annotation, json_text, print, say};
use std::io;

/// The report of a run.
pub(crate) struct Report {
    format: Format,
    quiet: bool,
    /// The genomes so far, for the one JSON object at the end.
    genomes: Vec<Value<'static>>,
}

impl Report {
    pub(crate) fn new(arguments: &VerifyArguments) -> Self {
        Self { format: arguments.format, quiet: arguments.quiet, genomes: Vec::new() }
    }

    /// Reports an outcome.
    pub(crate) fn add(&mut self, outcome: &Outcome) -> Result<(), Failure> {
        let warnings = outcome.warnings();
        match self.format {
            Format::Human => {
                if !self.quiet {
                    print(human::report(outcome, Paint::on(&io::stdout())).as_bytes())?;
                }
                outcome.verdict.as_ref().err().into_iter().chain(&warnings).for_each(say);
                Ok(())
            }
            _ if self.quiet && outcome.verdict.is_ok() && warnings.is_empty() => Ok(()),
            Format::Json => {
                self.genomes.push(json::genome(outcome));
                Ok(())
            }
            Format::Github => {
                let mut lines: String = outcome.verdict.as_ref().err().map(annotation).unwrap_or_default();
                lines.extend(warnings.iter().map(annotation));
                if let (Ok(genome), false) = (&outcome.verdict, self.quiet) {
                    let message = format!("accepted: {} {}, genome id {}", genome.name, genome.version, genome.id());
                    lines += &annotation(&Finding::notice(message, genome.trust().meaning()).at(&outcome.source));
                }
                print(lines.as_bytes())
            }
        }
    }

    /// Reports the run.
    pub(crate) fn finish(self, exit: Exit) -> Result<(), Failure> {
        match self.format {
            Format::Json => print(json_text(&json::run(exit, self.genomes)).as_bytes()),
            _ => Ok(()),
        }
    }
}
