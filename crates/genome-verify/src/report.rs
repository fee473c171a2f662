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
        let findings = || outcome.errors().iter().chain(outcome.warnings());
        match self.format {
            Format::Human => {
                if !self.quiet {
                    print(human::report(outcome, Paint::on(&io::stdout())).as_bytes())?;
                }
                findings().for_each(say);
                Ok(())
            }
            _ if self.quiet && findings().next().is_none() => Ok(()),
            Format::Json => {
                self.genomes.push(json::genome(outcome));
                Ok(())
            }
            Format::Github => {
                let mut lines: String = findings().map(annotation).collect();
                if let (Some(genome), false) = (outcome.genome(), self.quiet) {
                    let message = format!(
                        "accepted: {} {}, genome id {}, trust {}",
                        genome.name,
                        genome.version,
                        genome.id(),
                        genome.trust().as_str()
                    );
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
