//! One genome with the files that were read for it, and its verification.

use super::Requirements;
use super::audit::AuditLogs;
use super::policy::{Policy, stream};
use crate::state::HeldState;
use crate::with_bar;
use crate::{Failure, Finding, ReadError, Source, Verdict};
use genome::audit::AuditLog;
use genome::exposure::Exposure;
use genome::manifest::{FileFault, FileProblem};
use genome::refusal::Check;
use genome::{Checklist, Code, DeployedFiles, Digest, Refusal, RollbackState, Surroundings, Verifier, dangerous};
use genome_files::{ExposureFault, Progress, ReadFile, see_file};
use genome_json::text::QuotedPath;
use std::path::Path;
use std::time::SystemTime;

/// A genome, with the files that were read for it.
pub(super) struct Given<'g> {
    /// The requirements.
    pub(super) required: &'g Requirements,
    /// Where the genome comes from.
    pub(super) source: &'g Source,
    pub(super) bytes: &'g [u8],
    /// The file that they were read from; `None` where nothing is known of it.
    pub(super) file: Option<&'g ReadFile>,
}

impl Given<'_> {
    /// Verifies the genome, and remembers it if it is accepted.
    pub(super) fn verify(&self) -> Verdict {
        let &Self { required, source, bytes, .. } = self;
        let ancestors = required.lineage.clone().or_else(|| required.near(source));
        let (policy, unusable) = match required.policy() {
            Ok(policy) => (policy, None),
            Err(failure) => (None, Some(failure)),
        };
        let mut verifier = match policy {
            Some(policy) => Verifier::trusting(policy, SystemTime::now()),
            // Whoever names no policy asks for integrity, and the report says "self-declared". Production refuses it. Where one is named and
            // cannot be had, nothing is verified.
            None => dangerous::accept_self_declared(SystemTime::now()),
        };
        if let Some(ancestors) = &ancestors {
            verifier = verifier.with_ancestors(&**ancestors);
        }
        if required.lineage.is_some() {
            verifier = verifier.following_lineage();
        }
        if let Some(failure) = unusable {
            return Verdict::failed(source.clone(), failure, Some(required.plan(verifier).failing(Check::Trust)));
        }
        if let Some(AuditLogs { broken, .. }) = required.audit.as_ref().filter(|audit| !audit.broken.is_empty()) {
            let checklist = required.plan(verifier).failing(Check::Audit);
            return Verdict::refusing(source.clone(), broken.clone(), Some(checklist));
        }
        let logs = match required.audit.as_ref().map(|audit| audit.about(bytes)).transpose() {
            Ok(logs) => logs,
            Err(failure) => return Verdict::failed(source.clone(), &failure, Some(required.plan(verifier))),
        };
        // What was read is looked at now that nobody else writes the state, and nothing is read by its name after that.
        let looked = required.hold().and_then(|state| {
            let exposure = required.production.then(|| self.exposure(state.as_ref())).transpose()?;
            Ok((state, exposure))
        });
        let (state, exposure) = match looked {
            Ok(held) => held,
            Err(failure) => return Verdict::failed(source.clone(), &failure, Some(required.plan(verifier))),
        };
        // Where there is no state yet, nothing was accepted before.
        let nothing = RollbackState::default();
        if let Some(state) = &state {
            verifier = match state.before() {
                Ok(before) => verifier.with_state(before.unwrap_or(&nothing)),
                Err(damaged) => verifier.with_damaged_state(damaged),
            };
        }
        let progress = Progress::default();
        let watched = required.manifest.as_ref().map(|root| root.watched(&progress));
        let manifest = watched.as_ref().map(|root| root as &dyn DeployedFiles);
        let verifier = required.strictly(verifier, manifest, logs.as_deref(), exposure.as_ref());
        let verdict = if required.shows_progress && required.manifest.is_some() {
            with_bar(&progress, || verifier.verify(bytes))
        } else {
            verifier.verify(bytes)
        };
        match verdict {
            Ok(genome) => Verdict::accepting(genome, state, source),
            Err(refused) => {
                let finding = |refusal: &Refusal| match (refusal, &required.state) {
                    (Refusal::DamagedState(_), Some(state)) => Finding::from(refusal).at(state),
                    (Refusal::Manifest(faults), _) => required.manifest_finding(refusal, faults).at(source),
                    _ => Finding::from(refusal).at(source),
                };
                Verdict::refusing(source.clone(), refused.iter().map(finding).collect(), Some(refused.checklist().clone()))
            }
        }
    }

    /// The evidence about who else can change the files that were read and decide.
    fn exposure(&self, state: Option<&HeldState>) -> Result<Exposure, Failure> {
        let &Self { required, source, file, .. } = self;
        let (Source::File(path), Some(file)) = (source, file) else { return Err(stream(source)) };
        let unclear = |path: &Path, fault| unclear(&Source::File(path.to_owned()), fault);
        let genome = see_file(path, file.file(), Digest::of(file.bytes())).map_err(|fault| unclear(path, fault))?;
        let mut exposure = Exposure::of_genome(genome);
        if let Some(Ok(Policy { file, sha256, .. })) = &required.policy {
            exposure = exposure.with_policy(see_file(file.path(), file, *sha256).map_err(|fault| unclear(file.path(), fault))?);
        }
        if let (Some(path), Some(state)) = (&required.state, state) {
            exposure = exposure.with_state(state.evidence().map_err(|fault| unclear(path, fault))?);
        }
        for (file, log) in required.audit.iter().flat_map(|audit| audit.files.iter().zip(&audit.logs)) {
            let path = file.file().path();
            exposure = exposure.with_audit_log(see_file(path, file.file(), log.sha256()).map_err(|fault| unclear(path, fault))?);
        }
        Ok(exposure)
    }
}

impl Requirements {
    /// The checks that will be made. Each requirement has its line, even where its file cannot be read.
    fn plan(&self, verifier: Verifier<'_>) -> Checklist {
        let manifest = self.manifest.as_ref().map(|root| root as &dyn DeployedFiles);
        let checklist = self.strictly(verifier, manifest, self.audit.as_ref().map(|audit| &*audit.logs), None).checklist();
        if self.state.is_some() { checklist.asking(Check::Version) } else { checklist }
    }

    /// With the audit logs and the manifest, and with the checklist of production, where they are asked for.
    fn strictly<'v>(
        &'v self,
        verifier: Verifier<'v>,
        manifest: Option<&'v dyn DeployedFiles>,
        logs: Option<&'v [AuditLog]>,
        exposure: Option<&'v Exposure>,
    ) -> Verifier<'v> {
        let verifier = logs.map_or(verifier, |logs| verifier.with_audit_logs(logs));
        match manifest {
            Some(manifest) if self.production => {
                let unseen = Surroundings::unseen(manifest);
                verifier.in_production(exposure.map_or(unseen, |exposure| Surroundings::new(manifest, exposure)))
            }
            Some(manifest) => verifier.with_manifest(manifest),
            None => verifier,
        }
    }

    /// The finding about files that are not as the manifest says. Where one is missing, the paths may start elsewhere.
    fn manifest_finding(&self, refusal: &Refusal, faults: &[FileFault]) -> Finding {
        let finding = Finding::from(refusal);
        let is_missing = |fault: &FileFault| fault.problem == FileProblem::Missing;
        if !faults.iter().any(is_missing) {
            return finding;
        }
        let root = self.manifest_root.canonicalize().unwrap_or_else(|_| self.manifest_root.clone());
        let others = if faults.iter().all(is_missing) { "restore the files" } else { &finding.hint };
        let hint = format!(
            "the paths start in {}; if that is the wrong directory, name another with --manifest-root or MATHISON_REPO_ROOT; otherwise {others}",
            QuotedPath(&root)
        );
        Finding { hint, ..finding }
    }

    fn hold(&self) -> Result<Option<HeldState>, Failure> {
        self.state.as_deref().map(|state| HeldState::take(state, self.says_waiting)).transpose()
    }
}

/// The finding that it is unknown who can change a file that decides.
fn unclear(source: &Source, fault: ExposureFault) -> Failure {
    match fault {
        ExposureFault::System(error) => ReadError::new(source.clone(), error).into(),
        ExposureFault::Unclear(error) => {
            let hint = "name the file where it is; if somebody replaced it meanwhile, verify again";
            Failure::undecided(Finding::error(error.to_string(), hint).with_code(Code::Unreadable).at(source))
        }
    }
}
