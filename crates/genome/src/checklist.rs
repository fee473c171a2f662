//! The checks of a verifier, and the result of each.

use crate::named::named;

named! {
    /// A check of the verifier. The first six are made in turn, each only if the one before holds; the others independently of each
    /// other, where they were asked for.
    #[derive(PartialOrd, Ord)]
    #[non_exhaustive]
    Check {
        /// The bytes are strict JSON.
        Json = "strict JSON (RFC 7493)",
        /// No private key stands in the document.
        NoPrivateKey = "no private key in it",
        /// The document follows the schema.
        Schema = "the schema",
        /// It carries signatures.
        Signed = "signed",
        /// Every signature by a known signer verifies.
        Signatures = "every signature by a known signer verifies",
        /// The genome's own threshold is met.
        Threshold = "the threshold is met",
        /// Every step of the lineage is good.
        Lineage = "every step of the lineage is good",
        /// A trust policy is given and met.
        Trust = "a trust policy is given and met",
        /// No private key of a signer is published.
        TestKeys = "no published test key",
        /// The genome is not dated in the future.
        Date = "not dated in the future",
        /// The genome is not older than the policy allows.
        Age = "not older than the policy allows",
        /// The version is not below one that was accepted, or that the policy asks for.
        Version = "not below a version that was accepted before",
        /// The files of the manifest are there and match.
        Manifest = "the files of the manifest match",
        /// The audit log records every signature.
        Audit = "every signature is in the audit log",
        /// Others than root and the user that runs this can change none of the files that decide.
        Permissions = "nobody else can change what decides",
    }
}

named! {
    /// How a check went.
    CheckResult {
        /// It holds.
        Held = "held",
        /// It does not hold.
        Failed = "failed",
        /// An earlier check failed, so it was not made.
        NotEvaluated = "not evaluated",
    }
}

/// Every check that was asked for, with its result, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklist {
    lines: Vec<(Check, CheckResult)>,
}

impl Checklist {
    /// A checklist of these, none of which is evaluated yet. They are in order.
    pub(crate) fn of(checks: impl IntoIterator<Item = Check>) -> Self {
        Self { lines: checks.into_iter().map(|check| (check, CheckResult::NotEvaluated)).collect() }
    }

    /// This checklist with one more check.
    #[must_use]
    pub fn asking(mut self, check: Check) -> Self {
        if !self.has(check) {
            self.note(check, CheckResult::NotEvaluated);
        }
        self
    }

    /// This checklist, with this check failed.
    #[must_use]
    pub fn failing(mut self, check: Check) -> Self {
        self.note(check, CheckResult::Failed);
        self
    }

    /// Notes that all before this one hold, and that this one does not.
    pub(crate) fn stopped_at(mut self, failed: Check) -> Self {
        self.hold_before(failed);
        self.failing(failed)
    }

    /// Notes that all before this one hold.
    pub(crate) fn hold_before(&mut self, next: Check) {
        self.lines.iter_mut().filter(|(check, _)| *check < next).for_each(|(_, state)| *state = CheckResult::Held);
    }

    pub(crate) fn has(&self, check: Check) -> bool {
        self.lines.iter().any(|&(listed, _)| listed == check)
    }

    pub(crate) fn has_failed(&self, check: Check) -> bool {
        self.lines.contains(&(check, CheckResult::Failed))
    }

    /// Takes back the result of a check, if it was made.
    pub(crate) fn forget(&mut self, check: Check) {
        self.lines.iter_mut().filter(|(listed, _)| *listed == check).for_each(|(_, state)| *state = CheckResult::NotEvaluated);
    }

    /// Notes the result of a check, whether it was asked for or not.
    pub(crate) fn note(&mut self, check: Check, state: CheckResult) {
        match self.lines.binary_search_by_key(&check, |&(check, _)| check) {
            Ok(at) => self.lines.get_mut(at).into_iter().for_each(|line| line.1 = state),
            Err(at) => self.lines.insert(at, (check, state)),
        }
    }

    /// The checks and their results.
    pub fn iter(&self) -> impl Iterator<Item = (Check, CheckResult)> {
        self.lines.iter().copied()
    }
}
