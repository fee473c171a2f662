use genome::{Code, Genome, Verified, verify};
use genome_cli::{Exit, Finding, Source};

/// What became of one genome.
pub(crate) struct Outcome {
    /// The file, or standard input.
    pub(crate) source: String,
    pub(crate) exit: Exit,
    pub(crate) verdict: Result<Verified<Genome>, Finding>,
}

impl Outcome {
    /// Reads and verifies a genome.
    pub(crate) fn of(source: Result<Source, Finding>) -> Self {
        let source = match source {
            Ok(source) => source,
            Err(finding) => return Self::undecided(finding),
        };
        let bytes = match source.read() {
            Ok(bytes) => bytes,
            Err(error) => return Self::undecided(Finding::from(&error)),
        };
        let verdict = verify(&bytes).map_err(|refusal| Finding::from(&refusal).at(&source));
        let exit = if verdict.is_ok() { Exit::Done } else { Exit::Refused };
        Self { source: source.to_string(), exit, verdict }
    }

    fn undecided(finding: Finding) -> Self {
        Self { source: finding.file.clone().unwrap_or_default(), exit: Exit::Undecided, verdict: Err(finding) }
    }

    /// What the genome's user should know.
    pub(crate) fn warnings(&self) -> Vec<Finding> {
        let warnings = self.verdict.as_ref().map(Verified::warnings).unwrap_or_default();
        warnings.iter().map(|warning| Finding::from(warning).at(&self.source)).collect()
    }
}

/// A check of the one verifier. Each is evaluated only if those before it hold.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// The codes that say that it does not hold.
    codes: &'static [Code],
}

/// How a check went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Holds,
    Fails,
    NotEvaluated,
}

const CHECKS: [Check; 7] = [
    Check { name: "the file can be read", codes: &[Code::Missing, Code::Unreadable] },
    Check { name: "strict JSON (RFC 7493)", codes: &[Code::InvalidJson] },
    Check { name: "no private key in it", codes: &[Code::SecretExposed] },
    Check { name: "the schema genome.v0.1", codes: &[Code::InvalidSchema] },
    Check { name: "signed", codes: &[Code::Unsigned] },
    Check { name: "every signature by a known signer verifies", codes: &[Code::InvalidSignature, Code::LegacySignature] },
    Check { name: "the threshold is met", codes: &[Code::InsufficientSignatures] },
];

impl Outcome {
    /// Every check, and how it went.
    pub(crate) fn checklist(&self) -> impl Iterator<Item = (Check, State)> {
        let failed = self.verdict.as_ref().err().map(|finding| {
            let at = CHECKS.iter().position(|check| finding.code.is_some_and(|code| check.codes.contains(&code)));
            // A refusal that no check explains leaves nothing that is known to hold.
            at.unwrap_or_default()
        });
        CHECKS.into_iter().enumerate().map(move |(index, check)| {
            let state = match failed {
                None => State::Holds,
                Some(failed) if index < failed => State::Holds,
                Some(failed) if index == failed => State::Fails,
                Some(_) => State::NotEvaluated,
            };
            (check, state)
        })
    }
}
