//! The report of the verdicts, in each format.

mod checklist;
mod human;
mod json;
mod judged;
mod proposal;

use super::proposal::ProposalVerdict;
use super::{Format, VerifyArguments};
use crate::report::{Case, junit, sarif};
use crate::{
    Exit, Failure, Finding, Paint, Requirements, ShownIds, Source, Verdict, annotations, json_text, print, say, show, torn_lines,
};
use genome::audit::AuditLog;
use genome_json::text::Quoted;
use json::{GenomeShape, RunShape};
use proposal::ProposalShape;
use std::io;
use std::path::Path;

/// The report of a run.
pub(crate) struct Report {
    format: Format,
    quiet: bool,
    /// The genomes so far, for the one JSON object at the end.
    genomes: Vec<GenomeShape>,
    /// The proposals so far, likewise.
    proposals: Vec<ProposalShape>,
    /// The findings so far, for annotations, of which there is room for few in a run, and for SARIF.
    findings: Vec<Finding>,
    /// The tests so far, for JUnit.
    cases: Vec<Case>,
    /// How the report for a person is shown, and the genome ids in it so far.
    paint: Paint,
    ids: ShownIds,
}

impl Report {
    pub(crate) fn new(arguments: &VerifyArguments) -> Self {
        // With --print there is nothing but what is printed, and the format is the human one.
        let quiet = arguments.quiet || arguments.print.is_some();
        let paint = Paint::on(&io::stdout());
        let ids = ShownIds::on(paint);
        let (genomes, proposals, findings, cases) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { format: arguments.format, quiet, genomes, proposals, findings, cases, paint, ids }
    }

    /// Reports the verdict on a genome.
    pub(crate) fn add(&mut self, verdict: &Verdict) -> Result<(), Failure> {
        let human = |paint, ids: &mut ShownIds| human::report(verdict, paint, ids);
        let accepted = || {
            let genome = verdict.genome()?;
            let (name, version, id, trust) = (&genome.name, &genome.version, genome.id(), genome.trust());
            let message = format!("accepted: {} {version}, genome id {id}, trust {}", Quoted(name), trust.as_str());
            Some(Finding::notice(message, trust.meaning()).at(&verdict.source))
        };
        let said = self.say((&verdict.source, verdict.exit), [verdict.errors(), &verdict.warnings], human, accepted, || {
            GenomeShape::from(verdict)
        })?;
        self.genomes.extend(said);
        Ok(())
    }

    /// Reports the verdict on a proposal.
    pub(crate) fn add_proposal(&mut self, verdict: &ProposalVerdict) -> Result<(), Failure> {
        let human = |paint, ids: &mut ShownIds| proposal::human(verdict, paint, ids);
        let accepted = || {
            let message = format!("accepted: {}", proposal::line(verdict.accepted()?));
            let file = verdict.directory.join("proposal.json");
            Some(Finding::notice(message, "it says what the change is").at(&file))
        };
        let said = self.say(
            (&Source::File(verdict.directory.clone()), verdict.exit),
            [&verdict.errors, &verdict.warnings],
            human,
            accepted,
            || ProposalShape::from(verdict),
        )?;
        self.proposals.extend(said);
        Ok(())
    }

    /// Reports a verdict, of which there are the errors and the warnings, in the format of the report; returns its part of the one JSON object at the end.
    fn say<S>(
        &mut self,
        (subject, exit): (&Source, Exit),
        findings: [&[Finding]; 2],
        human: impl FnOnce(Paint, &mut ShownIds) -> [String; 2],
        accepted: impl FnOnce() -> Option<Finding>,
        json: impl FnOnce() -> S,
    ) -> Result<Option<S>, Failure> {
        let findings = || findings.into_iter().flatten();
        match self.format {
            Format::Human => {
                let [head, summary] = if self.quiet { Default::default() } else { human(self.paint, &mut self.ids) };
                if !self.quiet {
                    show(&head)?;
                }
                findings().for_each(say);
                if !summary.is_empty() {
                    show(&summary)?;
                }
            }
            _ if self.quiet && findings().next().is_none() => {}
            Format::Json => return Ok(Some(json())),
            Format::Github => {
                let notice = if self.quiet { None } else { accepted() };
                self.findings.extend(findings().cloned().chain(notice));
            }
            Format::Sarif => self.findings.extend(findings().cloned()),
            Format::Junit => self.cases.push(Case::of(subject, exit, findings().cloned().collect())),
        }
        Ok(None)
    }

    /// Reports the run and its audit logs.
    pub(crate) fn finish(self, exit: Exit, requirements: Option<&Requirements>) -> Result<(), Failure> {
        let logs: Vec<_> = requirements.into_iter().flat_map(Requirements::audit_logs).collect();
        let written_keys = requirements.and_then(Requirements::written_keys).filter(|_| !self.quiet);
        let torn = || logs.iter().flat_map(|(path, log)| torn_lines(path, log));
        match self.format {
            Format::Human => {
                if let Some((path, signers)) = written_keys {
                    show(&human::written_keys(path, signers))?;
                }
                if !self.quiet {
                    logs.iter().try_for_each(|(path, log)| show(&human::audit_log(path, log)))?;
                }
                torn().for_each(|finding| say(&finding));
                Ok(())
            }
            Format::Json => print(json_text(&RunShape::new(exit, self.genomes, self.proposals, &logs)).as_bytes()),
            Format::Sarif => {
                let findings: Vec<Finding> = self.findings.into_iter().chain(torn()).collect();
                print(sarif(exit, &findings).as_bytes())
            }
            Format::Junit => {
                let mut cases = self.cases;
                // A log that holds is no test of its own, but for what a person should know of it.
                let log = |&(path, log): &(&Path, &AuditLog)| {
                    Case::of(&Source::File(path.to_path_buf()), Exit::Done, torn_lines(path, log))
                };
                cases.extend(logs.iter().map(log).filter(|case| !case.findings.is_empty()));
                print(junit(&cases).as_bytes())
            }
            Format::Github => {
                let mut findings = self.findings;
                findings.extend(torn());
                if let Some((path, signers)) = written_keys {
                    let message = format!("the trust policy: {}", human::said_of(signers));
                    findings.push(Finding::notice(message, "for several of them, write a trust policy with a threshold").at(path));
                }
                for (path, log) in logs.iter().filter(|_| !self.quiet) {
                    let message = format!("the audit log holds: {} lines, the last is {}", log.lines(), log.head());
                    findings.push(Finding::notice(message, "each line follows the one before").at(path));
                }
                print(annotations(&findings).as_bytes())
            }
        }
    }
}
